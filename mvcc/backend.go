package mvcc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	bolt "go.etcd.io/bbolt"
)

var errClosed = errors.New("mvcc: the backend is closed")

// fileBytesMax is the largest db file that is read: etcd's advice for --quota-backend-bytes.
const fileBytesMax = 8 << 30

// Backend is a real bbolt file in a private directory, opened only when it is needed, with NoSync.
//
// No write transaction stays open between calls, so the file is whole whenever nobody is inside one.
type Backend struct {
	dir    string
	image  *image // the file as last read or cloned; nil: nothing was ever written
	fresh  int64  // bytes of image that came with this backend
	dirty  bool   // the file was changed since image was taken
	db     *bolt.DB
	read   reading
	path   string
	closed bool
	broken error // bbolt gave up on the file

	bare   bool      // a file that has just been made gets buckets, but no row
	used   int64     // bytes of all rows
	counts rowCounts // of rows
	high   int64     // most pages that were ever needed since the file was made or defragmented
	defrag *defrag   // nil: not running

	device  Device     // nil: one without faults
	platter *fileState // what a power cut leaves when commits were not kept; nil: the file as it is
}

// NewBackend makes a backend with etcd's buckets whose file will live in dir (a private temporary directory).
func NewBackend(dir string) (*Backend, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("backend directory: %w", err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("backend directory: %s is not a directory", dir)
	}
	return &Backend{dir: dir}, nil
}

// OpenFile makes a backend over a copy of an existing etcd db file, refused when it is damaged. The file
// itself is only read. It may be a snapshot with its SHA-256 at the end.
func OpenFile(dir, path string) (*Backend, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	b, err := OpenBytes(dir, data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return b, nil
}

// OpenBytes is OpenFile for the content of a file, as it comes in a snapshot message.
func OpenBytes(dir string, data []byte) (*Backend, error) {
	b, err := openAsIs(dir, data)
	if err != nil {
		return nil, err
	}
	if err := b.update(makeBuckets); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	if err := b.recount(); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// openAsIs makes a backend over the content of a file and adds nothing to it.
func openAsIs(dir string, data []byte) (*Backend, error) {
	b, err := NewBackend(dir)
	if err != nil {
		return nil, err
	}
	if data, err = checkFile(data); err != nil {
		return nil, err
	}
	b.image, b.fresh, err = readImage(bytes.NewReader(data), int64(len(data)), nil)
	return b, err
}

// makeBuckets makes the buckets of etcd's schema that are missing.
func makeBuckets(tx *bolt.Tx) error {
	for _, name := range buckets {
		if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
			return fmt.Errorf("bucket %s: %w", name, err)
		}
	}
	return nil
}

// Clone returns an independent copy that holds an image of the file until it is used. Pages are
// shared with earlier images where they are equal. It lies on the same device until On moves it.
func (b *Backend) Clone() (*Backend, error) {
	fresh, err := b.snap()
	if err != nil {
		return nil, err
	}
	c := &Backend{
		dir: b.dir, image: b.image, fresh: fresh, bare: b.bare, used: b.used, counts: b.counts, high: b.high,
		device: b.device, platter: b.platter, broken: b.broken,
	}
	if c.defrag, err = b.defrag.clone(); err != nil {
		return nil, err
	}
	return c, nil
}

// snap brings the image up to the file and returns the bytes that it shares with no earlier image.
func (b *Backend) snap() (fresh int64, err error) {
	if b.closed {
		return 0, errClosed
	}
	if b.db == nil || !b.dirty {
		return 0, nil
	}
	m, fresh, err := readFileImage(b.path, b.image)
	if err != nil {
		return 0, fmt.Errorf("image of the db file: %w", err)
	}
	b.image, b.dirty = m, false
	return fresh, nil
}

// Close releases the file and removes it. Closing twice is fine.
func (b *Backend) Close() error {
	err := errors.Join(b.abandonDefrag(), b.release())
	b.closed, b.image, b.fresh = true, nil, 0
	return err
}

// release closes and removes the file, and keeps the image.
func (b *Backend) release() error {
	if b.path == "" {
		return nil
	}
	var err error
	if b.db != nil {
		err = b.endReading()
	}
	if b.db != nil {
		err = errors.Join(err, b.guard(b.db.Close))
	}
	err = errors.Join(err, os.Remove(b.path))
	b.db, b.path, b.dirty = nil, "", false
	return err
}

// ImageBytes is about how much memory this backend's image holds that no other image shares.
func (b *Backend) ImageBytes() int64 {
	if b.defrag != nil && b.defrag.target != nil {
		return b.fresh + b.defrag.target.fresh
	}
	return b.fresh
}

// WriteTo writes the file as of the last commit: what a snapshot or an export holds.
func (b *Backend) WriteTo(w io.Writer) (int64, error) {
	if err := b.materialise(); err != nil {
		return 0, err
	}
	if _, err := b.snap(); err != nil {
		return 0, err
	}
	return b.image.WriteTo(w)
}

// FlipBit damages one bit of the file behind bbolt's back, as a bad disk does. The next use finds the
// checksum wrong and returns ErrDamaged. An offset outside the file and its Size is an error.
func (b *Backend) FlipBit(offset int64, bit uint) error {
	if err := b.materialise(); err != nil {
		return err
	}
	if _, err := b.snap(); err != nil {
		return err
	}
	if offset < 0 || offset >= max(b.Size(), b.image.size()) {
		return fmt.Errorf("offset %d is outside the file of %d bytes", offset, b.image.size())
	}
	b.image = b.image.withFlippedBit(offset%b.image.size(), bit) // how long it is may differ from run to run
	return b.release()
}

// materialise makes sure that the file exists and bbolt has opened it.
func (b *Backend) materialise() error {
	switch {
	case b.closed:
		return errClosed
	case b.broken != nil:
		return b.broken
	case b.db != nil:
		return nil
	}
	if b.image != nil {
		if err := b.image.verify(); err != nil {
			return err
		}
	}
	if err := b.writeFile(); err != nil {
		return errors.Join(fmt.Errorf("db file: %w", err), b.release())
	}
	if err := b.guard(b.openFile); err != nil {
		return errors.Join(fmt.Errorf("db file: %w", err), b.release())
	}
	if b.image != nil {
		return nil
	}
	if _, err := b.writeWhole(b.makeFile); err != nil {
		return errors.Join(fmt.Errorf("db file: %w", err), b.release())
	}
	return nil
}

// writeFile puts the image into a file of its own; without an image the file stays empty.
func (b *Backend) writeFile() error {
	f, err := os.CreateTemp(b.dir, "db-*")
	if err != nil {
		return err
	}
	b.path = f.Name()
	if b.image != nil {
		_, err = b.image.WriteTo(f)
	}
	return errors.Join(err, f.Close())
}

func (b *Backend) openFile() error {
	db, err := bolt.Open(b.path, 0o600, &bolt.Options{
		Timeout:        time.Second, // nobody else holds a private file: fail rather than hang
		PageSize:       imagePage,
		FreelistType:   bolt.FreelistMapType,
		NoSync:         true, // durability is the simulated disk's
		NoGrowSync:     true,
		NoFreelistSync: true,
		NoStatistics:   true,
	})
	b.db = db
	return err
}

// makeFile fills a file that has just been made.
func (b *Backend) makeFile(w *rowWriter) error {
	if err := makeBuckets(w.tx); err != nil || b.bare {
		return err
	}
	return w.set(bucketMeta, []byte(metaStorageVersion), []byte(storageVersion))
}

package mvcc

import (
	"errors"

	bolt "go.etcd.io/bbolt"
)

// DeviceFile is the name under which a device knows the db file.
const DeviceFile = "db"

// Device is the disk that a db file lies on; cluster/disk is one. Without one nothing goes wrong.
type Device interface {
	// Faulty says whether anything may go wrong with a commit.
	Faulty(name string) bool
	// Admit finds room for n bytes, or says how many fit.
	Admit(name string, n int64) (fits int64, err error)
	// Lands is where a write for off lands, at most at last.
	Lands(name string, off, last int64) int64
	// Sync is what an fsync does: whether the bytes become durable, and what it says.
	Sync(name string) (durable bool, err error)
}

// On puts the file on a device.
func (b *Backend) On(d Device) {
	b.device = d
	if b.defrag != nil && b.defrag.target != nil {
		b.defrag.target.device = d
	}
}

// fileState is a file at the end of a commit.
type fileState struct {
	image      *image
	used, high int64
	rows       rowCounts
}

func (b *Backend) state() fileState { return fileState{b.image, b.used, b.high, b.counts} }

func (b *Backend) setState(s fileState) {
	b.image, b.used, b.high, b.counts = s.image, s.used, s.high, s.rows
}

// Lost says whether commits were reported as durable that a power cut takes back.
func (b *Backend) Lost() bool { return b.platter != nil }

// Settle makes a copy of the file that of a reader: what the writer's disk had not kept is in it for good.
func (b *Backend) Settle() { b.platter = nil }

// Poweroff takes back the commits that a lying disk did not keep. The store over the file must be gone.
func (b *Backend) Poweroff() error {
	if b.platter == nil {
		return nil
	}
	err := b.release()
	b.setState(*b.platter)
	b.platter = nil
	return err
}

// writeRows writes rows in one transaction. A device may let it fail: then the store over the file must be dropped,
// as etcd's process ends, and the file is what an interrupted commit leaves.
func (b *Backend) writeRows(fn func(*rowWriter) error) error {
	if b.device == nil || !b.device.Faulty(DeviceFile) {
		_, err := b.writeWhole(fn)
		if err == nil {
			b.platter = nil
		}
		return err
	}
	before, written, err := b.tryWrite(fn)
	if err != nil {
		return err
	}
	n := commitBytes(written)
	fits, err := b.device.Admit(DeviceFile, n)
	if err != nil {
		return b.interrupt(before, func(i, of int) bool { return int64(i)*n < fits*int64(of) }, err)
	}
	if at := b.device.Lands(DeviceFile, -1, b.image.size()-imagePage); at >= 0 {
		b.image = misdirected(before.image, b.image, int(at/imagePage))
		err = b.release()
	}
	durable, syncErr := b.device.Sync(DeviceFile)
	switch {
	case syncErr != nil: // bbolt syncs its pages before it writes the meta page: that is still the old one
		return b.interrupt(before, func(int, int) bool { return durable }, errors.Join(syncErr, err))
	case durable:
		b.platter = nil
	case b.platter == nil:
		b.platter = &before
	}
	return err
}

// tryWrite commits and returns the state of before.
func (b *Backend) tryWrite(fn func(*rowWriter) error) (before fileState, written int64, err error) {
	if err := b.materialise(); err != nil {
		return before, 0, err
	}
	if _, err := b.snap(); err != nil {
		return before, 0, err
	}
	before = b.state()
	if written, err = b.writeWhole(fn); err != nil {
		return before, 0, err
	}
	_, err = b.snap()
	return before, written, err
}

// interrupt leaves the file as a commit that ended early does: of its n pages only those that keep names were written,
// and the meta page was not.
func (b *Backend) interrupt(before fileState, keep func(i, n int) bool, cause error) error {
	m := crashImage(before.image, b.image, keep, false)
	err := b.release()
	b.setState(fileState{m, before.used, before.high, before.rows})
	return errors.Join(cause, err)
}

// commitBytes is what a commit of so many bytes of rows writes, about: leaves, root and meta page. It is counted from
// the rows because bbolt's pages are not the same in every run.
func commitBytes(written int64) int64 { return ((written+rowsInPage-1)/rowsInPage + 2) * pageBytes }

// CommitTorn is a Commit in whose middle the power goes: of its n pages those that keep names reached the platter, and
// the meta page did not. The store must be dropped afterwards.
func (s *Store) CommitTorn(keep func(i, n int) bool) error {
	b := s.backend
	if b.defrag != nil || b.Lost() || s.Pending() == 0 && s.applied == s.saved {
		return nil
	}
	before, _, err := b.tryWrite(s.writeAll)
	if err != nil {
		return err
	}
	return b.interrupt(before, keep, nil)
}

// writeWhole writes rows in one transaction, keeps count of what they take and says how much was written.
func (b *Backend) writeWhole(fn func(*rowWriter) error) (written int64, err error) {
	var w rowWriter
	err = b.update(func(tx *bolt.Tx) error {
		w = rowWriter{tx: tx}
		return fn(&w)
	})
	if err == nil {
		b.count(w.bytes, &w.rows)
	}
	return w.written, err
}

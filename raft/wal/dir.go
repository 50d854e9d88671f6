package wal

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
)

// Dir is a Disk over a real directory, with real fsyncs. It keeps the file open that was used last. Files that are
// made get mode 0600, as etcd's do.
type Dir struct {
	path string
	name string   // of file
	file *os.File // or nil
}

// OpenDir returns the Dir of an existing directory.
func OpenDir(path string) (*Dir, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, &os.PathError{Op: "open", Path: path, Err: errors.New("not a directory")}
	}
	return &Dir{path: path}, nil
}

// Close closes the file that is kept open; the Dir may be used on.
func (d *Dir) Close() error {
	if d.file == nil {
		return nil
	}
	err := d.file.Close()
	d.name, d.file = "", nil
	return err
}

// use returns the open file of a name; flag is 0 or os.O_CREATE|os.O_EXCL.
func (d *Dir) use(name string, flag int) (*os.File, error) {
	if d.file != nil && d.name == name && flag == 0 {
		return d.file, nil
	}
	if err := d.Close(); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(d.path, filepath.Base(name)), os.O_RDWR|flag, 0o600)
	if err != nil {
		return nil, err
	}
	d.name, d.file = name, f
	return f, nil
}

// Create makes an empty file.
func (d *Dir) Create(name string) error {
	_, err := d.use(name, os.O_CREATE|os.O_EXCL)
	return err
}

// WriteAt writes p at off.
func (d *Dir) WriteAt(name string, off int64, p []byte) error {
	f, err := d.use(name, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(p, off)
	return err
}

// Truncate grows with zeros or cuts.
func (d *Dir) Truncate(name string, size int64) error {
	f, err := d.use(name, 0)
	if err != nil {
		return err
	}
	return f.Truncate(size)
}

// ReadFile returns the file without the zeros at its end. It holds only what it returns: a segment of 64 MB
// is mostly preallocated.
func (d *Dir) ReadFile(name string) ([]byte, error) {
	f, err := os.Open(filepath.Join(d.path, filepath.Base(name)))
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // nothing was written through it
	end, err := dataEnd(f)
	if err != nil {
		return nil, err
	}
	out := make([]byte, end)
	n, err := io.ReadFull(f, out)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) { // it was cut meanwhile
		err = nil
	}
	return bytes.TrimRight(out[:n], "\x00"), err
}

// dataEnd returns where the last block ends that is not all zero.
func dataEnd(f *os.File) (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	const blockBytes = 64 << 10
	block := make([]byte, blockBytes)
	for end := info.Size(); end > 0; {
		from := (end - 1) / blockBytes * blockBytes
		n, err := f.ReadAt(block[:end-from], from)
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		if !allZero(block[:n]) {
			return end, nil
		}
		end = from
	}
	return 0, nil
}

// Size is the length of the file with the zeros at its end.
func (d *Dir) Size(name string) (int64, error) {
	info, err := os.Stat(filepath.Join(d.path, filepath.Base(name)))
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// Rename gives old the name name.
func (d *Dir) Rename(old, name string) error {
	if err := d.Close(); err != nil {
		return err
	}
	return os.Rename(filepath.Join(d.path, filepath.Base(old)), filepath.Join(d.path, filepath.Base(name)))
}

// Remove deletes a file.
func (d *Dir) Remove(name string) error {
	if err := d.Close(); err != nil {
		return err
	}
	return os.Remove(filepath.Join(d.path, filepath.Base(name)))
}

// Names lists the files, sorted; a directory that cannot be read has none.
func (d *Dir) Names() []string {
	entries, err := os.ReadDir(d.path)
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		if !e.IsDir() {
			out = append(out, e.Name())
		}
	}
	return out
}

// SyncFile makes the file's bytes durable.
func (d *Dir) SyncFile(name string) error {
	f, err := d.use(name, 0)
	if err != nil {
		return err
	}
	return f.Sync()
}

// SyncDir makes creations, renames and removals durable.
func (d *Dir) SyncDir() error {
	f, err := os.Open(d.path)
	if err != nil {
		return err
	}
	err = f.Sync()
	return errors.Join(err, f.Close())
}

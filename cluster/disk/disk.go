// Package disk is a simulated disk with two marks per file: what was written (page cache) and
// what was synced (platter).
//
// It never knows a clock: how long an fsync takes is decided by the cluster, which calls Begin when the
// fsync starts and Complete when it ends. It never touches a real file.
//
// Start reading at Disk, then sync.go (what becomes durable when), poweroff.go (what is lost),
// fault.go (what can go wrong), file.go (how bytes are shared between clones) and directory.go.
package disk

import (
	"fmt"
	"io/fs"
	"slices"
)

// Disk is one member's directory. It satisfies wal.Disk. It must not be used by two goroutines at once,
// but a disk and its clones may be used by different ones.
type Disk struct {
	files   []file  // by slot; a free slot is !used
	names   []entry // the directory as a reader sees it; the slice is never changed in place
	durable []entry // the directory as of the last SyncDir; never changed in place
	owner   *owner  // whose chunks may be changed in place
	seq     uint64  // number of the next mark; what is written now carries it
	floor   uint64  // marks below it are from before a crash
	own     int64   // chunks allocated since the last Clone, in bytes
	faults  []Fault // by kind and file; never changed in place
}

// entry is a directory entry: a name for a slot of Disk.files.
type entry struct {
	name string
	slot int
}

// New returns an empty disk.
func New() *Disk { return &Disk{owner: new(owner), seq: 1, floor: 1} }

// File is what may be drawn of one file.
type File struct {
	Name            string
	Size            int64 // with preallocated zeros
	Written, Synced int64 // bytes of data from the start: page cache, platter
}

// Files describes all files, sorted by name.
func (d *Disk) Files() []File {
	out := make([]File, 0, len(d.names))
	for _, e := range d.names {
		f := &d.files[e.slot]
		out = append(out, File{Name: e.name, Size: f.size, Written: f.extent, Synced: f.synced()})
	}
	return out
}

// Clone returns an independent copy; bytes are shared until one side writes. It costs a few hundred bytes per
// file whatever the files hold, and makes both sides copy a chunk before they first change it.
func (d *Disk) Clone() *Disk {
	c := *d
	d.owner, c.owner = new(owner), new(owner)
	d.own, c.own = 0, 0
	c.files = slices.Clone(d.files)
	for i := range c.files {
		c.files[i].undo = slices.Clone(c.files[i].undo)
	}
	return &c
}

// Bytes is how much memory the disk holds that no clone shares, about: the chunks allocated since the last
// Clone on either side. Just before a Clone it is what the clone will keep alive.
func (d *Disk) Bytes() int64 { return d.own }

// WriteAt writes p into the page cache, and extends the file when it ends before off+len(p). On a full disk it
// writes what fits and says ENOSPC.
func (d *Disk) WriteAt(name string, off int64, p []byte) error {
	f, err := d.find("write", name)
	if err != nil {
		return err
	}
	if off < 0 {
		return &fs.PathError{Op: "write", Path: name, Err: fmt.Errorf("negative offset %d: %w", off, fs.ErrInvalid)}
	}
	if len(d.faults) > 0 {
		var fits int64
		fits, err = d.Admit(name, int64(len(p)))
		p = p[:fits]
	}
	if len(p) == 0 {
		return err
	}
	if len(d.faults) > 0 {
		off = d.Lands(name, off, f.size-int64(len(p)))
	}
	f.remember(d.seq, off, int64(len(p)))
	d.write(f, off, p)
	return err
}

// Truncate grows with zeros, which cost no memory, or cuts. On a full disk it does not grow: ENOSPC.
func (d *Disk) Truncate(name string, size int64) error {
	f, err := d.find("truncate", name)
	if err != nil {
		return err
	}
	if size < 0 {
		return &fs.PathError{Op: "truncate", Path: name, Err: fmt.Errorf("negative size %d: %w", size, fs.ErrInvalid)}
	}
	if size == f.size {
		return nil
	}
	if _, err := d.Admit(name, size-f.size); err != nil {
		return err
	}
	f.remember(d.seq, size, max(0, f.extent-size))
	d.zero(f, size, f.extent)
	f.size, f.extent = size, min(f.extent, size)
	return nil
}

// ReadFile returns the bytes as a reader sees them now, without the zeros between the end of the last
// write and Size: a preallocated file must not cost its size in memory.
func (d *Disk) ReadFile(name string) ([]byte, error) {
	f, err := d.find("read", name)
	if err != nil {
		return nil, err
	}
	return f.read(0, f.extent), nil
}

// Size is the length of a file with its preallocated zeros.
func (d *Disk) Size(name string) (int64, error) {
	f, err := d.find("stat", name)
	if err != nil {
		return 0, err
	}
	return f.size, nil
}

package disk

import "slices"

// Mark is what was written when an fsync began.
type Mark struct{ seq uint64 }

// undo takes back one change of a file's page cache that is not durable.
type undo struct {
	seq          uint64 // of the first mark that covers the change
	off, n       int64  // the bytes that changed
	size, extent int64  // the file's before the change
	old          []byte // what stood at off before; zeros beyond it
}

// remember notes how to take back a change of n bytes at off that is about to be made.
func (f *file) remember(seq uint64, off, n int64) {
	if k := len(f.undo) - 1; k >= 0 && off >= f.extent && n > 0 {
		last := &f.undo[k]
		if last.seq == seq && last.n > 0 && len(last.old) == 0 && last.off+last.n == off {
			last.n += n // an append after an append that no mark separates
			return
		}
	}
	old := f.read(off, min(off+n, f.extent))
	f.undo = append(f.undo, undo{seq: seq, off: off, n: n, size: f.size, extent: f.extent, old: old})
}

// synced is how many bytes from the start are durable as they are now.
func (f *file) synced() int64 {
	n := f.extent
	for i := range f.undo {
		n = min(n, f.undo[i].off)
	}
	return n
}

// Begin remembers what is written now, in all files; an fsync that starts now makes just that durable.
func (d *Disk) Begin() Mark {
	m := Mark{d.seq}
	d.seq++
	return m
}

// Complete makes durable what m remembers, even if the files were written, cut or renamed since. A mark from
// before a crash is ignored. The directory itself is not synced by it: see SyncDir. The error is EIO: the fsync
// failed, and repeating it would say that all is well.
func (d *Disk) Complete(m Mark) error {
	if m.seq < d.floor || m.seq >= d.seq {
		return nil
	}
	var first error
	for i := range d.files {
		f := &d.files[i]
		if len(f.undo) == 0 {
			continue
		}
		if err := d.flush(f, d.nameOf(i), m.seq); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// flush syncs the changes of a file up to a mark.
func (d *Disk) flush(f *file, name string, upTo uint64) error {
	k := 0
	for k < len(f.undo) && f.undo[k].seq <= upTo {
		k++
	}
	if k == 0 {
		return nil
	}
	durable, err := d.Sync(name)
	switch {
	case durable:
		f.settle(k)
	case err != nil:
		f.forget(k)
	}
	return err
}

// settle makes the k oldest changes durable.
func (f *file) settle(k int) {
	n := copy(f.undo, f.undo[k:])
	clear(f.undo[n:])
	f.undo = f.undo[:n]
}

// SyncFile makes one file's bytes and size durable at once.
func (d *Disk) SyncFile(name string) error {
	f, err := d.find("sync", name)
	if err != nil {
		return err
	}
	return d.flush(f, name, d.seq)
}

// SyncDir makes creations, renames and removals durable at once (without it a power cut takes them back,
// etcd's reason to fsync the directory after a segment is cut).
func (d *Disk) SyncDir() error {
	if slices.Equal(d.names, d.durable) {
		return nil
	}
	durable, err := d.Sync("")
	if durable {
		d.durable = d.names
		d.collect()
	}
	return err
}

// Crash is kill -9: the process is gone, written bytes and directory changes stay in the page cache, but
// fsyncs that were under way are forgotten. Only a later fsync makes the bytes durable.
func (d *Disk) Crash() { d.floor = d.seq }

package disk

import (
	"cmp"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strings"
	"syscall"
	"time"
)

// FaultKind is a way in which a disk fails.
type FaultKind uint8

// The faults. Slow, Full and LostSync last until Repair; the others happen once.
const (
	Slow      FaultKind = iota + 1 // an fsync takes N microseconds
	Full                           // N more bytes fit; what goes beyond is cut short with ENOSPC
	SyncError                      // the next fsync of unsynced bytes says EIO, and no later one tries them again
	LostSync                       // an fsync says that it is done and makes nothing durable
	Torn                           // the next power cut spares N sectors of the last write, and what came before
	Misdirect                      // the next write lands at offset N
)

// Fault is something that is wrong with a file, or with all of them.
type Fault struct {
	Kind FaultKind
	File string // a name, "wal" or "snap" for all files of that sort, or empty for every file
	N    int64  // see FaultKind; of Torn -1 is half of the sectors
	Kept bool   // of SyncError: the bytes reached the platter all the same
}

// String says what is wrong with which file.
func (f *Fault) String() string {
	file := cmp.Or(f.File, "every file")
	switch f.Kind {
	case Slow:
		return fmt.Sprintf("an fsync of %s takes %v", file, time.Duration(f.N)*time.Microsecond)
	case Full:
		return fmt.Sprintf("full: room for %d bytes in %s", f.N, file)
	case SyncError:
		return fmt.Sprintf("the next fsync of %s fails with EIO", file)
	case LostSync:
		return fmt.Sprintf("an fsync of %s says that it is done and keeps nothing", file)
	case Torn:
		return fmt.Sprintf("the next power cut tears the last write to %s", file)
	case Misdirect:
		return fmt.Sprintf("the next write to %s lands at offset %d", file, f.N)
	}
	return fmt.Sprintf("fault %d of %s", f.Kind, file)
}

// covers says whether the fault is one of the file with this name.
func (f *Fault) covers(name string) bool {
	switch f.File {
	case "", name:
		return true
	case "wal":
		return strings.HasSuffix(name, ".wal") || strings.HasSuffix(name, ".tmp") // a segment that gets its head
	case "snap":
		return strings.HasSuffix(name, ".snap") || strings.HasSuffix(name, ".snap.db") ||
			strings.HasPrefix(name, "tmp") // a database that is still coming
	}
	return false
}

func byKindAndFile(a, b Fault) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), strings.Compare(a.File, b.File))
}

// Break lets a fault be, in place of an older one of the same kind and file.
func (d *Disk) Break(f Fault) {
	next := slices.DeleteFunc(slices.Clone(d.faults), func(g Fault) bool { return byKindAndFile(f, g) == 0 })
	d.faults = append(next, f)
	slices.SortFunc(d.faults, byKindAndFile)
}

// Repair ends all faults that were named with file; "" ends every one. What they have done stays.
func (d *Disk) Repair(file string) {
	d.faults = slices.DeleteFunc(slices.Clone(d.faults), func(f Fault) bool { return file == "" || f.File == file })
}

// Mend ends the fault of a kind that was named with file.
func (d *Disk) Mend(kind FaultKind, file string) {
	d.faults = slices.DeleteFunc(slices.Clone(d.faults), func(f Fault) bool { return f.Kind == kind && f.File == file })
}

// Faults lists what is wrong, sorted by kind and file.
func (d *Disk) Faults() []Fault { return slices.Clone(d.faults) }

// fault returns the place of the first fault of a kind that a file has, or -1.
func (d *Disk) fault(kind FaultKind, name string) int {
	return slices.IndexFunc(d.faults, func(f Fault) bool { return f.Kind == kind && f.covers(name) })
}

// Take returns the fault of a kind that a file has and, when it is one that happens once, ends it. It is for files
// that do not live here, such as the backend's.
func (d *Disk) Take(kind FaultKind, name string) (Fault, bool) {
	i := d.fault(kind, name)
	if i < 0 {
		return Fault{}, false
	}
	f := d.faults[i]
	switch kind {
	case SyncError, Torn, Misdirect:
		d.faults = slices.Delete(slices.Clone(d.faults), i, i+1)
	}
	return f, true
}

// SyncTime is how long an fsync of a file takes, in microseconds, when it usually takes so long.
func (d *Disk) SyncTime(name string, usual int64) int64 {
	if f, ok := d.Take(Slow, name); ok {
		return f.N
	}
	return usual
}

// Admit finds room for n bytes of a file. With the error, ENOSPC, it returns how many fit.
func (d *Disk) Admit(name string, n int64) (int64, error) {
	i := d.fault(Full, name)
	if i < 0 || n <= 0 {
		return n, nil
	}
	fits := min(n, d.faults[i].N)
	d.faults = slices.Clone(d.faults)
	d.faults[i].N -= fits
	if fits < n {
		return fits, &fs.PathError{Op: "write", Path: name, Err: syscall.ENOSPC}
	}
	return fits, nil
}

// Faulty says whether anything can go wrong with writing or syncing a file.
func (d *Disk) Faulty(name string) bool {
	return slices.ContainsFunc(d.faults, func(f Fault) bool { return f.Kind != Slow && f.Kind != Torn && f.covers(name) })
}

// Lands is where a write for off lands, at most at last: elsewhere if the disk misdirects it.
func (d *Disk) Lands(name string, off, last int64) int64 {
	if f, ok := d.Take(Misdirect, name); ok {
		return max(0, min(f.N, last))
	}
	return off
}

// Sync is what an fsync of a file with unsynced bytes does: whether they become durable, and what it says. After
// an error the page cache takes the bytes for clean: no later fsync writes them.
func (d *Disk) Sync(name string) (durable bool, err error) {
	if len(d.faults) == 0 {
		return true, nil
	}
	if f, ok := d.Take(SyncError, name); ok {
		return f.Kept, &fs.PathError{Op: "sync", Path: name, Err: syscall.EIO}
	}
	return d.fault(LostSync, name) < 0, nil
}

// never is the mark of bytes that no fsync will write: the page cache takes them for clean.
const never = math.MaxUint64

// forget marks the k oldest changes as clean though they are not durable. What is written behind them counts as
// lost with them: a log cannot be read past a hole.
func (f *file) forget(k int) {
	for i := range f.undo[:k] {
		f.undo[i].seq = never
	}
}

// FlipBit damages one bit of a file where it stands: on the platter and for readers if the byte is durable, and in the
// page cache alone if it is not.
func (d *Disk) FlipBit(name string, off int64, bit uint) error {
	f, err := d.find("flip", name)
	if err != nil {
		return err
	}
	if off < 0 || off >= f.extent {
		err := fmt.Errorf("offset %d is outside the %d bytes of data: %w", off, f.extent, fs.ErrInvalid)
		return &fs.PathError{Op: "flip", Path: name, Err: err}
	}
	if !f.durableAt(off) {
		f.remember(d.seq, off, 1)
	}
	d.write(f, off, []byte{f.read(off, off+1)[0] ^ 1<<(bit%8)})
	return nil
}

// durableAt says whether the platter has the byte at off as a reader sees it.
func (f *file) durableAt(off int64) bool {
	return !slices.ContainsFunc(f.undo, func(u undo) bool { return off >= u.off && off < u.off+u.n || off >= u.extent })
}

// Wipe deletes every file, durably. Faults stay: they are the disk's.
func (d *Disk) Wipe() {
	d.names, d.durable, d.floor = nil, nil, d.seq
	d.collect()
}

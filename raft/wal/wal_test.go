package wal

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"testing"

	"etcdscope/cluster/disk"
	"etcdscope/raft"
)

// TestCloneDiverges: a clone and its original go on independently, each on its own disk.
func TestCloneDiverges(t *testing.T) {
	d := disk.New()
	w, err := Create(d, Metadata{NodeID: 1, ClusterID: 2}, Options{SegmentSize: 300})
	check(t, err)
	_, err = w.Save(&raft.HardState{Term: 1}, []raft.Entry{{Term: 1, Index: 1, Data: []byte("both")}})
	check(t, err)
	d2 := d.Clone()
	w2 := w.Clone(d2)
	for i := range raft.Index(20) {
		_, err = w.Save(nil, []raft.Entry{{Term: 1, Index: 2 + i, Data: []byte("left")}})
		check(t, err)
		_, err = w2.Save(nil, []raft.Entry{{Term: 2, Index: 2 + i, Data: []byte("right, longer")}})
		check(t, err)
	}
	for _, side := range []struct {
		w    *WAL
		d    *disk.Disk
		want string
	}{{w, d, "left"}, {w2, d2, "right, longer"}} {
		_, r, err := Open(side.d, Options{})
		check(t, err)
		if len(r.Entries) != 21 || string(r.Entries[0].Data) != "both" || string(r.Entries[20].Data) != side.want {
			t.Errorf("%s: %d entries", side.want, len(r.Entries))
		}
		records := slices.DeleteFunc(side.w.Records(recentRecords), func(r RecordInfo) bool { return r.Type != EntryType })
		if last := records[len(records)-1]; last.Index != 21 || last.Term != r.Entries[20].Term {
			t.Errorf("%s: last record %+v", side.want, last)
		}
	}
}

// TestRecords: the ring holds the last 64 records, also after Open, and fewer when there are fewer.
func TestRecords(t *testing.T) {
	d := disk.New()
	w, err := Create(d, Metadata{NodeID: 1, ClusterID: 2}, Options{})
	check(t, err)
	if got := w.Records(100); len(got) != 3 {
		t.Fatalf("%d records after Create", len(got))
	}
	if got := w.Records(-1); len(got) != 0 {
		t.Fatalf("%d records of -1", len(got))
	}
	for i := range raft.Index(200) {
		_, err := w.Save(&raft.HardState{Term: 1, Vote: 2, Commit: i}, []raft.Entry{{Term: 1, Index: i + 1}})
		check(t, err)
	}
	opened, _, err := Open(d, Options{})
	check(t, err)
	for _, w := range []*WAL{w, opened} {
		got := w.Records(1000)
		if len(got) != recentRecords || !slices.Equal(got[60:], w.Records(4)) {
			t.Fatalf("%d records", len(got))
		}
		entry, state := got[62], got[63]
		if entry.Type != EntryType || entry.Index != 200 || entry.Term != 1 || entry.Offset+entry.Length != state.Offset {
			t.Errorf("%+v", entry)
		}
		name, size := w.Tail()
		if state.Offset+state.Length != size || state.File != name || state.Vote != 2 || state.Index != 199 {
			t.Errorf("%+v in %s of %d", state, name, size)
		}
	}
}

// TestSaveDoesNotAllocate: the simulation saves a hundred thousand times per second.
func TestSaveDoesNotAllocate(t *testing.T) {
	d := disk.New()
	w, err := Create(d, Metadata{NodeID: 1, ClusterID: 2}, Options{})
	check(t, err)
	st := raft.HardState{Term: 1, Vote: 1}
	entries := []raft.Entry{{Term: 1, Data: make([]byte, 40)}}
	save := func() {
		entries[0].Index++
		st.Commit++
		_, err := w.Save(&st, entries)
		check(t, err)
		check(t, d.Complete(d.Begin()))
	}
	save()
	if allocs := testing.AllocsPerRun(1000, save); allocs > 0.1 { // a chunk of the disk now and then
		t.Errorf("%.2f allocations per save", allocs)
	}
	if files := d.Files(); len(files) != 1 || files[0].Size != SegmentSizeBytes || d.Bytes() > 256<<10 {
		t.Errorf("%+v, %d bytes of memory", files, d.Bytes())
	}
}

// TestUnchangedWritesNothing: neither nil nor the hard state that is there already makes a record.
func TestUnchangedWritesNothing(t *testing.T) {
	d := disk.New()
	w, err := Create(d, Metadata{NodeID: 1, ClusterID: 2}, Options{})
	check(t, err)
	st := raft.HardState{Term: 3, Vote: 1, Commit: 0}
	_, err = w.Save(&st, nil)
	check(t, err)
	before := d.Hash()
	for _, same := range []*raft.HardState{nil, &st, {}} {
		if must, err := w.Save(same, nil); must || err != nil || d.Hash() != before {
			t.Errorf("%+v: must sync %v, %v", same, must, err)
		}
	}
}

// failing is a disk whose operations fail after a number of them.
type failing struct {
	*disk.Disk
	left int
}

var errDisk = errors.New("input/output error")

func (f *failing) use() error {
	f.left--
	if f.left < 0 {
		return errDisk
	}
	return nil
}

func (f *failing) Create(name string) error { return errors.Join(f.use(), f.Disk.Create(name)) }
func (f *failing) WriteAt(name string, off int64, p []byte) error {
	return errors.Join(f.use(), f.Disk.WriteAt(name, off, p))
}

func (f *failing) Truncate(name string, n int64) error {
	return errors.Join(f.use(), f.Disk.Truncate(name, n))
}

func (f *failing) Rename(old, name string) error {
	return errors.Join(f.use(), f.Disk.Rename(old, name))
}
func (f *failing) Remove(name string) error   { return errors.Join(f.use(), f.Disk.Remove(name)) }
func (f *failing) SyncFile(name string) error { return errors.Join(f.use(), f.Disk.SyncFile(name)) }
func (f *failing) SyncDir() error             { return errors.Join(f.use(), f.Disk.SyncDir()) }
func (f *failing) Size(name string) (int64, error) {
	n, err := f.Disk.Size(name)
	return n, errors.Join(f.use(), err)
}

func (f *failing) ReadFile(name string) ([]byte, error) {
	p, err := f.Disk.ReadFile(name)
	return p, errors.Join(f.use(), err)
}

// TestDiskErrors: whichever operation of the disk fails, the caller hears of it.
func TestDiskErrors(t *testing.T) {
	life := func(d Disk) error {
		w, err := Create(d, Metadata{NodeID: 1, ClusterID: 2}, Options{SegmentSize: 100})
		if err != nil {
			return err
		}
		for i := range raft.Index(4) {
			if _, err := w.Save(nil, []raft.Entry{{Term: 1, Index: i + 1, Data: make([]byte, 30)}}); err != nil {
				return err
			}
		}
		if err := w.SaveSnapshot(raft.SnapshotMeta{}); err != nil {
			return err
		}
		name, size := w.Tail()
		if err := errors.Join(d.Create(name+".broken"), d.Truncate(name, size-5)); err != nil {
			return err
		}
		_, _, err = Open(d, Options{})
		return err
	}
	n := 0
	for ; n < 200; n++ {
		err := life(&failing{Disk: disk.New(), left: n})
		if err == nil {
			break
		}
		if !errors.Is(err, errDisk) {
			t.Fatalf("after %d operations: %v", n, err)
		}
	}
	if n < 30 || n == 200 {
		t.Errorf("%d operations", n)
	}
}

// TestNotExist: the error for a directory without a WAL can be told from damage.
func TestNotExist(t *testing.T) {
	d := disk.New()
	check(t, d.Create("0000000000000000-0000000000000000.wal.broken"))
	check(t, d.Create("0-0.wal"))
	if _, _, err := Open(d, Options{}); !errors.Is(err, fs.ErrNotExist) || Exist(d) {
		t.Error(err)
	}
}

// TestRecordTypes: the names that a learner reads.
func TestRecordTypes(t *testing.T) {
	for kind, want := range []string{"unknown", "metadata", "entry", "state", "crc", "snapshot", "unknown"} {
		if got := RecordType(kind).String(); got != want {
			t.Errorf("%d: %s, want %s", kind, got, want)
		}
	}
}

func BenchmarkSave(b *testing.B) {
	for _, batch := range []int{1, 10} {
		b.Run(fmt.Sprintf("entries=%d", batch), func(b *testing.B) {
			d := disk.New()
			w, err := Create(d, Metadata{NodeID: 1, ClusterID: 2}, Options{})
			check(b, err)
			st := raft.HardState{Term: 1, Vote: 1}
			entries := make([]raft.Entry, batch)
			next := raft.Index(1)
			b.ReportAllocs()
			for b.Loop() {
				for i := range entries {
					entries[i] = raft.Entry{Term: 1, Index: next, Data: payload[:]}
					next++
				}
				st.Commit = next - 1
				_, err := w.Save(&st, entries)
				check(b, err)
				check(b, d.Complete(d.Begin()))
				if next > 10000 {
					d = disk.New()
					w, err = Create(d, Metadata{NodeID: 1, ClusterID: 2}, Options{})
					check(b, err)
					next, st.Commit = 1, 0
				}
			}
		})
	}
}

var payload [64]byte

func BenchmarkOpen(b *testing.B) {
	d := disk.New()
	w, err := Create(d, Metadata{NodeID: 1, ClusterID: 2}, Options{})
	check(b, err)
	for i := range raft.Index(10000) {
		_, err := w.Save(&raft.HardState{Term: 1, Commit: i}, []raft.Entry{{Term: 1, Index: i + 1, Data: payload[:]}})
		check(b, err)
	}
	for b.Loop() {
		_, _, err := Open(d, Options{})
		check(b, err)
	}
}

func BenchmarkClone(b *testing.B) {
	d := disk.New()
	w, err := Create(d, Metadata{NodeID: 1, ClusterID: 2}, Options{})
	check(b, err)
	b.ReportAllocs()
	for b.Loop() {
		w.Clone(d)
	}
}

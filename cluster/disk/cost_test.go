package disk

import (
	"bytes"
	"fmt"
	"testing"
)

// filled returns a disk with one synced file of n bytes, preallocated to etcd's segment size.
func filled(t testing.TB, n int) *Disk {
	t.Helper()
	d := New()
	for _, err := range []error{
		d.Create("wal"), d.Truncate("wal", 64_000_000), d.SyncDir(),
		d.WriteAt("wal", 0, bytes.Repeat([]byte("etcd"), n/4)), d.SyncFile("wal"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// TestCloneSharesBytes: a clone holds nothing of its own, an append after it copies one chunk on each side.
func TestCloneSharesBytes(t *testing.T) {
	d := filled(t, 100*chunkBytes+100)
	if got := d.Bytes(); got != 101*chunkBytes {
		t.Fatalf("%d bytes before the clone", got)
	}
	c := d.Clone()
	for _, side := range []*Disk{d, c} {
		if side.Bytes() != 0 {
			t.Fatalf("%d bytes after the clone", side.Bytes())
		}
		if err := side.WriteAt("wal", 100*chunkBytes+100, []byte("more")); err != nil {
			t.Fatal(err)
		}
		if side.Bytes() != chunkBytes {
			t.Fatalf("%d bytes after an append", side.Bytes())
		}
	}
	if err := c.Remove("wal"); err != nil {
		t.Fatal(err)
	}
	if c.Bytes() != chunkBytes {
		t.Fatal("a removal that is not synced may be taken back: it must keep the bytes")
	}
	if err := c.SyncDir(); err != nil || c.Bytes() != 0 {
		t.Fatalf("%d bytes after a synced removal, %v", c.Bytes(), err)
	}
}

// TestHash: each thing that can differ between two disks changes the fingerprint, and nothing else does.
func TestHash(t *testing.T) {
	changes := map[string]func(d *Disk) error{
		"nothing":      func(*Disk) error { return nil },
		"name":         func(d *Disk) error { return d.Rename("wal", "wax") },
		"name, synced": func(d *Disk) error { return firstError(d.Rename("wal", "wax"), d.SyncDir()) },
		"byte":         func(d *Disk) error { return d.WriteAt("wal", 3, []byte("x")) },
		"byte, synced": func(d *Disk) error { return firstError(d.WriteAt("wal", 3, []byte("x")), d.SyncFile("wal")) },
		"size":         func(d *Disk) error { return d.Truncate("wal", 1000) },
		"data length":  func(d *Disk) error { return d.WriteAt("wal", 5000, []byte{0}) },
		"file":         func(d *Disk) error { return d.Create("db") },
		"removed":      func(d *Disk) error { return d.Remove("wal") },
		"flipped bit":  func(d *Disk) error { return d.FlipBit("wal", 3, 0) },
		"fault":        func(d *Disk) error { d.Break(Fault{Kind: LostSync}); return nil },
		"other fault":  func(d *Disk) error { d.Break(Fault{Kind: Full, N: 1}); return nil },
		"fault's file": func(d *Disk) error { d.Break(Fault{Kind: Full, N: 1, File: "wal"}); return nil },
	}
	seen := map[uint64]string{}
	for what, change := range changes {
		var h [2]uint64
		for i := range h {
			d := filled(t, 4000).Clone()
			if err := change(d); err != nil {
				t.Fatal(what, err)
			}
			h[i] = d.Hash()
		}
		if h[0] != h[1] {
			t.Errorf("%s: two hashes for one disk", what)
		}
		if other, ok := seen[h[0]]; ok {
			t.Errorf("%q and %q have the same hash", what, other)
		}
		seen[h[0]] = what
	}
	if got, want := filled(t, 4000).Hash(), uint64(goldenHash); got != want {
		t.Errorf("hash %#x, want %#x: it must be the same on every machine", got, want)
	}
}

// goldenHash is the fingerprint of filled(4000). It may change with the code, not with the machine.
const goldenHash = 0x145d42fedd7872e9

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// TestAppendDoesNotAllocate: a write and its fsync cost no memory but the chunks that they fill.
func TestAppendDoesNotAllocate(t *testing.T) {
	d, off := filled(t, 64), int64(64)
	p := []byte("a record of a few bytes ")
	allocs := testing.AllocsPerRun(1000, func() {
		m := d.Begin()
		if err := d.WriteAt("wal", off, p); err != nil {
			t.Fatal(err)
		}
		off += int64(len(p))
		if err := d.Complete(m); err != nil {
			t.Fatal(err)
		}
	})
	if allocs > 0.1 {
		t.Errorf("%.2f allocations per write", allocs)
	}
}

func BenchmarkAppendFsync(b *testing.B) {
	d, off := filled(b, 64), int64(64)
	p := bytes.Repeat([]byte("r"), 120)
	b.ReportAllocs()
	for b.Loop() {
		if off > 1<<20 {
			d, off = filled(b, 64), 64
		}
		if err := d.WriteAt("wal", off, p); err != nil {
			b.Fatal(err)
		}
		off += int64(len(p))
		if err := d.Complete(d.Begin()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCloneAppend(b *testing.B) {
	for _, n := range []int{1 << 16, 1 << 20, 1 << 24} {
		b.Run(fmt.Sprintf("bytes=%d", n), func(b *testing.B) {
			d := filled(b, n)
			b.ReportAllocs()
			for b.Loop() {
				c := d.Clone()
				if err := c.WriteAt("wal", int64(n), []byte("more")); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkHash(b *testing.B) {
	d := filled(b, 1<<24)
	for b.Loop() {
		d.Hash()
	}
}

package wal

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"etcdscope/cluster/disk"
	"etcdscope/raft"
)

// The disks that the package is used with.
var (
	_ Disk = (*disk.Disk)(nil)
	_ Disk = (*Dir)(nil)
)

// goldenOptions is what the golden segments in testdata/b3 were written with.
var goldenOptions = Options{SegmentSize: 300}

// writeGolden makes the calls that real etcd 3.7.3 made for testdata/b3.
func writeGolden(t *testing.T, d Disk) *WAL {
	t.Helper()
	w, err := Create(d, Metadata{NodeID: 1, ClusterID: 2}, goldenOptions)
	check(t, err)
	save := func(st *raft.HardState, entries ...raft.Entry) {
		t.Helper()
		_, err := w.Save(st, entries)
		check(t, err)
	}
	save(&raft.HardState{Term: 1, Vote: 1}, raft.Entry{Term: 1, Index: 1, Data: []byte("hello")})
	save(&raft.HardState{Term: 1, Vote: 1, Commit: 1})
	check(t, w.SaveSnapshot(raft.SnapshotMeta{Index: 1, Term: 1, Conf: raft.ConfState{Voters: []raft.ID{1}}}))
	save(nil, raft.Entry{Term: 1, Index: 2, Data: []byte(strings.Repeat("0123456789", 7))})
	save(nil, raft.Entry{Term: 1, Index: 3})
	save(nil, raft.Entry{Term: 1, Index: 4, Data: []byte("d")})
	save(&raft.HardState{Term: 2, Vote: 1, Commit: 3}, raft.Entry{Term: 2, Index: 5, Data: []byte("e")})
	save(&raft.HardState{Term: 2, Vote: 1, Commit: 5}, raft.Entry{Term: 2, Index: 6, Data: []byte("f")})
	return w
}

// TestGoldenBytes: what we write is byte for byte what etcd wrote, on the simulated disk and in a directory.
func TestGoldenBytes(t *testing.T) {
	dir, err := OpenDir(t.TempDir())
	check(t, err)
	t.Cleanup(func() { check(t, dir.Close()) })
	golden, err := filepath.Glob("testdata/b3/*.wal")
	check(t, err)
	for _, d := range []Disk{disk.New(), dir} {
		writeGolden(t, d)
		if got := d.Names(); len(got) != len(golden) {
			t.Fatalf("%T: files %v, want %v", d, got, golden)
		}
		for _, path := range golden {
			want, err := os.ReadFile(path)
			check(t, err)
			if got := fullFile(t, d, filepath.Base(path)); !bytes.Equal(got, want) {
				t.Errorf("%T %s:\n got %x\nwant %x", d, filepath.Base(path), got, want)
			}
		}
	}
}

// fullFile is a file with its preallocated zeros.
func fullFile(t *testing.T, d Disk, name string) []byte {
	t.Helper()
	data, err := d.ReadFile(name)
	check(t, err)
	size, err := d.Size(name)
	check(t, err)
	return append(data, make([]byte, size-int64(len(data)))...)
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// unpack extracts a data directory and returns the Dir of its WAL.
func unpack(t *testing.T, archive string) *Dir {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", archive))
	check(t, err)
	defer func() { check(t, f.Close()) }()
	zr, err := gzip.NewReader(f)
	check(t, err)
	to := t.TempDir()
	for tr := tar.NewReader(zr); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		check(t, err)
		if strings.HasSuffix(h.Name, ".wal") {
			extract(t, tr, filepath.Join(to, filepath.Base(h.Name)), h.Size)
		}
	}
	dir, err := OpenDir(to)
	check(t, err)
	t.Cleanup(func() { check(t, dir.Close()) })
	return dir
}

// extract writes a file with holes where it is zero.
func extract(t *testing.T, r io.Reader, path string, size int64) {
	t.Helper()
	out, err := os.Create(path)
	check(t, err)
	check(t, out.Truncate(size))
	block := make([]byte, 64<<10)
	for off := int64(0); off < size; {
		n, err := io.ReadFull(r, block[:min(int64(len(block)), size-off)])
		check(t, err)
		if !allZero(block[:n]) {
			_, err = out.WriteAt(block[:n], off)
			check(t, err)
		}
		off += int64(n)
	}
	check(t, out.Close())
}

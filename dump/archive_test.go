package dump

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// archives are data directories that real members wrote, and where they stand.
var archives = map[string]string{
	"datadir":     "../raft/wal/testdata/etcd-3.7.3-datadir.tgz",
	"single":      "../raft/wal/testdata/single-v3.7.3.tar.gz",
	"snapcount50": "../raft/wal/testdata/single-snapcount50-v3.7.3.tar.gz",
	"v3.6":        "../raft/wal/testdata/single-v3.6.16.tar.gz",
}

// unpack puts a data directory on the disk, without the zeros in which its segments end, and returns its path.
func unpack(t testing.TB, name string) string {
	t.Helper()
	f, err := os.Open(archives[name])
	check(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	check(t, err)
	dir, member := t.TempDir(), ""
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return filepath.Join(dir, member)
		}
		check(t, err)
		path := filepath.Join(dir, filepath.Clean("/"+h.Name))
		if h.Typeflag != tar.TypeReg {
			continue
		}
		check(t, os.MkdirAll(filepath.Dir(path), 0o700))
		data, err := io.ReadAll(io.LimitReader(r, 1<<27))
		check(t, err)
		check(t, os.WriteFile(path, bytes.TrimRight(data, "\x00"), 0o600))
		check(t, os.Truncate(path, int64(len(data))))
		if filepath.Base(filepath.Dir(path)) == "wal" {
			rel, err := filepath.Rel(dir, filepath.Dir(filepath.Dir(filepath.Dir(path))))
			check(t, err)
			member = rel
		}
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

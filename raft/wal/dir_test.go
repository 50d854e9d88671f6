package wal

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"etcdscope/raft"
)

// TestDir: a WAL in a real directory is written, cut, torn, repaired and read again.
func TestDir(t *testing.T) {
	path := t.TempDir()
	d, err := OpenDir(path)
	check(t, err)
	t.Cleanup(func() { check(t, d.Close()) })
	w := writeGolden(t, d)
	name, size := w.Tail()
	check(t, os.Truncate(filepath.Join(path, name), size-1))
	if _, err := Verify(d); err == nil {
		t.Error("a cut file verifies")
	}
	w, r, err := Open(d, goldenOptions)
	check(t, err)
	if len(r.Entries) != 5 || r.Snapshot.Index != 1 || r.Repaired == nil || r.HardState.Commit != 3 {
		t.Errorf("%+v", r)
	}
	_, err = w.Save(&raft.HardState{Term: 2, Vote: 1, Commit: 6}, []raft.Entry{{Term: 2, Index: 7, Data: []byte("g")}})
	check(t, err)
	check(t, w.Sync())
	n, err := Verify(d)
	if err != nil || n != 18 {
		t.Errorf("%d records, %v", n, err)
	}
	want := []string{
		"0000000000000000-0000000000000000.wal", "0000000000000001-0000000000000006.wal",
		"0000000000000001-0000000000000006.wal.broken",
	}
	if got := d.Names(); !slices.Equal(got, want) {
		t.Errorf("files %v", got)
	}
	info, err := os.Stat(filepath.Join(path, name))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// TestDirStays: names cannot lead out of the directory, and errors are those of the file system.
func TestDirStays(t *testing.T) {
	parent := t.TempDir()
	inside := filepath.Join(parent, "wal")
	check(t, os.Mkdir(inside, 0o700))
	check(t, os.WriteFile(filepath.Join(parent, "secret"), []byte("x"), 0o600))
	d, err := OpenDir(inside)
	check(t, err)
	t.Cleanup(func() { check(t, d.Close()) })
	_, read := d.ReadFile("../secret")
	_, size := d.Size("../secret")
	for what, err := range map[string]error{
		"read": read, "size": size, "remove": d.Remove("../secret"), "rename": d.Rename("../secret", "s"),
		"write": d.WriteAt("../secret", 0, []byte("y")), "truncate": d.Truncate("../secret", 0), "sync": d.SyncFile("none"),
	} {
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", what, err)
		}
	}
	check(t, d.Create("a"))
	if err := d.Create("a"); !errors.Is(err, fs.ErrExist) {
		t.Error(err)
	}
	check(t, d.Remove("a"))
	check(t, os.Remove(filepath.Join(parent, "secret")))
	if _, err := OpenDir(filepath.Join(parent, "secret")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

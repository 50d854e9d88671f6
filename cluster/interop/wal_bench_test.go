package interop

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	etcdwal "go.etcd.io/etcd/server/v3/storage/wal"
	"go.etcd.io/etcd/server/v3/storage/wal/walpb"

	"etcdscope/raft"
	"etcdscope/raft/wal"
)

// payload256 is the data of an entry.
var payload256 = bytes.Repeat([]byte{'x'}, 256)

// walSaveBound keeps a WAL in its first segment: no cut is measured. A record of 256 bytes takes about 320.
const walSaveBound = 150_000

// newWALBench makes a WAL in a new directory and returns how to save one entry with its hard state, and how to close.
// Both write into a preallocated file with one system call and do not sync.
var newWALBench = map[string]func(b *testing.B, dir string) (save func(raft.Index), closeWAL func()){
	"etcdscope": func(b *testing.B, dir string) (func(raft.Index), func()) {
		check(b, os.MkdirAll(dir, 0o700))
		d, err := wal.OpenDir(dir)
		check(b, err)
		w, err := wal.Create(d, walMember, wal.Options{})
		check(b, err)
		entries := make([]raft.Entry, 1)
		return func(i raft.Index) {
			entries[0] = raft.Entry{Term: 1, Index: i, Data: payload256}
			if _, err := w.Save(&raft.HardState{Term: 1, Vote: 1, Commit: i - 1}, entries); err != nil {
				b.Fatal(err)
			}
		}, func() { check(b, d.Close()) }
	},
	"etcd": func(b *testing.B, dir string) (func(raft.Index), func()) {
		w := createEtcd(b, dir)
		st := toState(&raft.HardState{Term: 1, Vote: 1})
		entries := toEntries([]raft.Entry{{Term: 1, Data: payload256}})
		return func(i raft.Index) {
			*entries[0].Index, *st.Commit = uint64(i), uint64(i-1)
			check(b, w.Save(st, entries))
		}, func() { check(b, w.Close()) }
	},
}

// impls are in the order in which they run.
var impls = []string{"etcdscope", "etcd"}

// BenchmarkWALSave is one entry of 256 bytes and a hard state, as a member saves them for each proposal. Both
// are handed the same values again, changed in place.
func BenchmarkWALSave(b *testing.B) {
	for _, impl := range impls {
		b.Run("impl="+impl, func(b *testing.B) {
			dir := filepath.Join(b.TempDir(), "wal")
			save, closeWAL := newWALBench[impl](b, dir)
			i := raft.Index(0)
			clock := measure(b)
			for b.Loop() {
				if i == walSaveBound {
					clock.pause()
					closeWAL()
					check(b, os.RemoveAll(dir))
					save, closeWAL = newWALBench[impl](b, dir)
					i = 0
					clock.resume()
				}
				i++
				save(i)
			}
			clock.report()
			closeWAL()
		})
	}
}

// BenchmarkWALRead reads 100,000 entries from one segment, the same file for both. Ours also makes the log ready to
// append to; etcd only reads it.
func BenchmarkWALRead(b *testing.B) {
	const entries = 100_000
	dir := filepath.Join(b.TempDir(), "wal")
	save, closeWAL := newWALBench["etcdscope"](b, dir)
	for i := range raft.Index(entries) {
		save(i + 1)
	}
	closeWAL()
	read := map[string]func() int{
		"etcdscope": func() int {
			d, err := wal.OpenDir(dir)
			check(b, err)
			_, out := openOurs(b, d, wal.Options{})
			check(b, d.Close())
			return len(out.entries)
		},
		"etcd": func() int {
			w, err := etcdwal.OpenForRead(silent, dir, &walpb.Snapshot{})
			check(b, err)
			_, _, out, err := w.ReadAll()
			check(b, err)
			_ = w.Close() // ReadAll has closed the files, and of a log that was read Close says that it is invalid
			return len(out)
		},
	}
	for _, impl := range impls {
		b.Run("impl="+impl, func(b *testing.B) {
			clock := measure(b)
			for b.Loop() {
				if n := read[impl](); n != entries {
					b.Fatalf("%d entries", n)
				}
			}
			clock.report()
		})
	}
}

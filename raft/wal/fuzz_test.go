package wal

import (
	"os"
	"path/filepath"
	"testing"

	"etcdscope/cluster/disk"
	"etcdscope/raft"
)

// FuzzDecode: whatever bytes a directory holds, Open returns; what it refuses it leaves alone, what it repairs is sound
// afterwards, and what it opens can be written on. split cuts the bytes into two segments; zeros are
// preallocated behind the last.
func FuzzDecode(f *testing.F) {
	golden, err := filepath.Glob("testdata/b3/*.wal")
	check(f, err)
	var chain []byte
	for _, path := range golden {
		p, err := os.ReadFile(path)
		check(f, err)
		f.Add(p, uint16(0), uint16(0))
		f.Add(p[:len(p)*2/3], uint16(0), uint16(700))
		chain = append(chain, p...)
	}
	f.Add(chain, uint16(384), uint16(0))
	f.Add(chain, uint16(392), uint16(8))
	f.Fuzz(func(t *testing.T, data []byte, split, zeros uint16) {
		d := disk.New()
		put := func(name string, p []byte, size int) {
			check(t, d.Create(name))
			check(t, d.WriteAt(name, 0, p))
			check(t, d.Truncate(name, int64(size)))
			check(t, d.SyncFile(name))
		}
		if n := int(split); n > 0 && n < len(data) {
			put(segmentName(0, 0), data[:n], n)
			put(segmentName(1, 1), data[n:], len(data)-n+int(zeros))
		} else {
			put(segmentName(0, 0), data, len(data)+int(zeros))
		}
		check(t, d.SyncDir())
		r, damage := open(t, d)
		if damage != nil {
			return
		}
		w, _, err := Open(d, Options{})
		check(t, err)
		next := raft.Entry{Term: r.HardState.Term + 1, Index: r.Snapshot.Index + raft.Index(len(r.Entries)) + 1}
		_, err = w.Save(nil, []raft.Entry{next})
		check(t, err)
		_, again, err := Open(d, Options{})
		if err != nil || len(again.Entries) != len(r.Entries)+1 {
			t.Fatalf("%d entries and one more are %d, %v", len(r.Entries), len(again.Entries), err)
		}
	})
}

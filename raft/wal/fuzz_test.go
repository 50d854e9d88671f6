package wal

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"etcdscope/cluster/disk"
	"etcdscope/raft"
)

// seedSegments adds etcd's own segments, whole, cut and joined.
func seedSegments(f *testing.F, add func(data []byte, split, zeros uint16)) {
	golden, err := filepath.Glob("testdata/b3/*.wal")
	check(f, err)
	var chain []byte
	for _, path := range golden {
		p, err := os.ReadFile(path)
		check(f, err)
		add(p, 0, 0)
		add(p[:len(p)*2/3], 0, 700)
		chain = append(chain, p...)
	}
	add(chain, 384, 0)
	add(chain, 392, 8)
}

// fuzzDisk holds the bytes as a WAL. split cuts them into two segments; zeros are preallocated behind the last.
func fuzzDisk(t *testing.T, data []byte, split, zeros uint16) *disk.Disk {
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
	return d
}

// FuzzDecode: whatever bytes a directory holds, Open returns; what it refuses it leaves alone, what it repairs is sound
// afterwards, and what it opens can be written on.
func FuzzDecode(f *testing.F) {
	seedSegments(f, func(data []byte, split, zeros uint16) { f.Add(data, split, zeros) })
	f.Fuzz(func(t *testing.T, data []byte, split, zeros uint16) {
		d := fuzzDisk(t, data, split, zeros)
		check(t, Walk(d, func(*Record) error { return nil }))
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

// FuzzWithoutRules: whichever rules are off, whatever bytes a directory holds, nothing panics. What was opened can be
// written on and cut.
func FuzzWithoutRules(f *testing.F) {
	seedSegments(f, func(data []byte, split, zeros uint16) {
		f.Add(data, split, zeros, ^uint16(0))
		f.Add(data, split, zeros, uint16(1))
	})
	f.Fuzz(func(t *testing.T, data []byte, split, zeros, off uint16) {
		d := fuzzDisk(t, data, split, zeros)
		o := Options{SegmentSize: 64}
		for i, rule := range AllRules() {
			check(t, o.Rules.Switch(rule.Name, off>>i&1 == 0))
		}
		w, r, err := Open(d, o)
		if err != nil {
			return
		}
		for i := range raft.Index(3) {
			e := raft.Entry{Term: r.HardState.Term + 1, Index: r.Snapshot.Index + raft.Index(len(r.Entries)) + i + 1}
			_, err := w.Save(nil, []raft.Entry{e})
			check(t, err)
			check(t, w.Sync())
		}
		w.Release(r.Snapshot.Index)
		_, err = w.Purge(1)
		check(t, err)
		_, _, _ = Open(d, o) // may be refused
	})
}

// FuzzRecord: a record that can be read is written again as it was, but for the room that numbers take.
func FuzzRecord(f *testing.F) {
	data, err := os.ReadFile("testdata/b3/0000000000000000-0000000000000000.wal")
	check(f, err)
	m := image{data: data, size: int64(len(data))}
	var c chain
	_, damage := c.decode(&m, func(at frame) *Damage {
		f.Add(data[at.offset+lengthBytes : at.offset+at.length])
		return nil
	})
	if damage != nil {
		f.Fatal(damage)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := decodeRecord(data)
		if err != nil {
			return
		}
		b := appendFrame(nil, r.kind, r.crc, r.data, nil)
		if prefix, ok := recordPrefix(b[lengthBytes:]); r.kind == EntryType && (!ok || !bytes.Equal(prefix.data, r.data)) {
			t.Fatalf("%+v is not found in its own frame: %+v", r, prefix)
		}
		padding := b[7] & 7
		again, err := decodeRecord(b[lengthBytes : len(b)-int(padding)])
		if err != nil || again.kind != r.kind || again.crc != r.crc || !bytes.Equal(again.data, r.data) && r.kind != CRCType {
			t.Fatalf("%+v is read again as %+v, %v", r, again, err)
		}
	})
}

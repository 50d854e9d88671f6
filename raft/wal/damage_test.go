package wal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"etcdscope/cluster/disk"
	"etcdscope/raft"
)

// sample is a WAL on a simulated disk and where its records stand.
type sample struct {
	d       *disk.Disk
	name    string // of the last segment
	data    []byte // of it, with preallocated zeros
	frames  []RecordInfo
	entries []raft.Entry // all of them; none is overwritten
}

// newSample writes a WAL of one segment whose entries hold size bytes each.
func newSample(t *testing.T, entries, size int) *sample {
	t.Helper()
	d := disk.New()
	w, err := Create(d, Metadata{NodeID: 7, ClusterID: 9}, Options{SegmentSize: 16 << 10})
	check(t, err)
	s := &sample{d: d}
	for i := range entries {
		e := raft.Entry{Term: 1 + raft.Term(i/3), Index: raft.Index(i + 1), Data: bytes.Repeat([]byte{byte(i) | 0x80}, size)}
		s.entries = append(s.entries, e)
		_, err := w.Save(&raft.HardState{Term: e.Term, Vote: 3, Commit: raft.Index(i)}, s.entries[i:])
		check(t, err)
	}
	s.finish(t, w)
	return s
}

func (s *sample) finish(t *testing.T, w *WAL) {
	t.Helper()
	check(t, w.Sync())
	s.name, _ = w.Tail()
	s.data = fullFile(t, s.d, s.name)
	s.frames = w.Records(recentRecords)
}

// with returns the disk with other bytes in the last segment.
func (s *sample) with(t *testing.T, data []byte) *disk.Disk {
	t.Helper()
	d := s.d.Clone()
	check(t, d.Truncate(s.name, 0))
	check(t, d.WriteAt(s.name, 0, data))
	check(t, d.SyncFile(s.name))
	return d
}

// before returns the entries whose frames end at or before off, and where the records end that do.
func (s *sample) before(off int64) (entries []raft.Entry, end int64) {
	for _, f := range s.frames {
		if f.File != s.name || f.Offset+f.Length > off {
			continue
		}
		end = f.Offset + f.Length
		if f.Type == EntryType {
			entries = append(entries, s.entries[f.Index-1])
		}
	}
	return entries, end
}

// open opens d; when it is refused, nothing may have changed, and when it is not, a second Open must find the same.
func open(t *testing.T, d *disk.Disk) (Recovered, *Damage) {
	t.Helper()
	before := d.Hash()
	_, verr := Verify(d)
	if d.Hash() != before {
		t.Fatal("Verify changed the disk")
	}
	w, r, err := Open(d, Options{})
	if err != nil {
		var damage *Damage
		if !errors.As(err, &damage) || damage.Torn || verr == nil {
			t.Fatalf("Open: %v; Verify: %v", err, verr)
		}
		if d.Hash() != before {
			t.Fatalf("refused, but the disk changed: %v", err)
		}
		return r, damage
	}
	if (verr == nil) != (r.Repaired == nil) {
		t.Fatalf("Verify says %v, Open repaired %v", verr, r.Repaired)
	}
	if r.Repaired != nil {
		name, _ := w.Tail()
		fullFile(t, d, name+".broken")
	}
	d.Poweroff(nil)
	_, again, err := Open(d, Options{})
	if err != nil || again.Repaired != nil || again.Records != r.Records || !same(r, again) {
		t.Fatalf("second Open: %+v, %v; first %+v", again, err, r)
	}
	return r, nil
}

func sameEntries(a, b []raft.Entry) bool {
	return same(Recovered{Entries: a}, Recovered{Entries: b})
}

// TestCut: a file that ends anywhere behind its head is repaired to the records that are whole.
func TestCut(t *testing.T) {
	s := newSample(t, 8, 90)
	head := s.frames[2].Offset + s.frames[2].Length // crc, metadata, snapshot
	for n := range int64(len(s.data)) {
		if end := s.frames[len(s.frames)-1]; n > end.Offset+end.Length+64 {
			break // only zeros are cut from here on
		}
		r, damage := open(t, s.with(t, s.data[:n]))
		entries, end := s.before(n)
		switch {
		case n < head:
			if damage == nil {
				t.Fatalf("cut at %d: a WAL without its head was opened", n)
			}
		case damage != nil:
			t.Fatalf("cut at %d: %v", n, damage)
		case !sameEntries(r.Entries, entries):
			t.Fatalf("cut at %d: %d entries, want %d", n, len(r.Entries), len(entries))
		case r.Repaired == nil && end != n && n < s.frames[len(s.frames)-1].Offset:
			t.Fatalf("cut at %d in a record, and nothing was repaired", n)
		case r.Repaired != nil && r.Repaired.Offset != end:
			t.Fatalf("cut at %d: %v, want offset %d", n, r.Repaired, end)
		}
	}
}

// TestBitFlip: no single flipped bit, in records or in the zeros behind them, loses or invents an entry. Flips
// that mean nothing (padding, the zeros) are survived, all others are refused: none of them looks like a torn write.
func TestBitFlip(t *testing.T) {
	samples := map[string]*sample{"one segment": newSample(t, 5, 10)}
	g := &sample{d: disk.New()}
	g.finish(t, writeGolden(t, g.d))
	samples["two segments"] = g
	for name, s := range samples {
		want, damage := open(t, s.d.Clone())
		if damage != nil {
			t.Fatal(name, damage)
		}
		refused := 0
		last := s.frames[len(s.frames)-1]
		for bit := range min(8*int64(len(s.data)), 8*(last.Offset+last.Length+600)) {
			if bit/8 >= last.Offset+last.Length && bit%8 != bit/8%8 {
				continue // one bit of each zero byte will do
			}
			data := bytes.Clone(s.data)
			data[bit/8] ^= 1 << (bit % 8)
			r, damage := open(t, s.with(t, data))
			if damage != nil {
				refused++
				continue
			}
			if !same(r, want) {
				t.Errorf("%s: bit %d of byte %d: recovered %+v", name, bit%8, bit/8, r)
			}
		}
		if bits := int(8 * (last.Offset + last.Length)); refused < bits*3/4 {
			t.Errorf("%s: only %d flips refused, the records have %d bits", name, refused, bits)
		}
	}
}

// TestZeroSector: a sector of the last segment that was never written is a torn write, and everything before its
// record is recovered. In an earlier segment it is corruption.
func TestZeroSector(t *testing.T) {
	s := newSample(t, 10, 700)
	last := s.frames[len(s.frames)-1]
	for from := int64(sectorBytes); from < last.Offset+last.Length; from += sectorBytes {
		data := bytes.Clone(s.data)
		clear(data[from : from+sectorBytes])
		want, end := s.before(from)
		r, damage := open(t, s.with(t, data))
		if damage != nil || r.Repaired == nil && end != from || !sameEntries(r.Entries, want) {
			t.Fatalf("sector at %d: %v, %+v, want %d entries", from, damage, r, len(want))
		}

		d := s.with(t, data)
		w, _, err := Open(s.d.Clone(), Options{SegmentSize: 1})
		check(t, err)
		w = w.Clone(d)
		_, err = w.Save(nil, []raft.Entry{{Term: 9, Index: 11}})
		check(t, err)
		if _, damage := open(t, d); damage == nil || damage.File != s.name {
			t.Fatalf("sector at %d, a segment follows: %v", from, damage)
		}
	}
}

// TestDamagedLength: a length field that points beyond the file looks like a torn write to etcd, which would cut all
// that follows off. The records that follow give it away.
func TestDamagedLength(t *testing.T) {
	s := newSample(t, 6, 50)
	for i, f := range s.frames {
		for _, length := range []uint64{0, 1 << 20, 1 << 40, 1<<56 - 8} {
			data := bytes.Clone(s.data)
			binary.LittleEndian.PutUint64(data[f.Offset:], length)
			if _, damage := open(t, s.with(t, data)); damage == nil || damage.Offset != f.Offset {
				t.Errorf("record %d, length %#x: %v", i, length, damage)
			}
			// The record itself is spoilt as well: those behind it still tell, if there are two.
			data[f.Offset+f.Length-9] ^= 0x10
			if _, damage := open(t, s.with(t, data)); i < len(s.frames)-2 && damage == nil {
				t.Errorf("spoilt record %d, length %#x was cut off", i, length)
			}
		}
	}
}

// TestRepairedTail: what a torn record leaves behind is zeroed, so that a shorter record written over it is
// followed by nothing; the copy keeps it.
func TestRepairedTail(t *testing.T) {
	s := newSample(t, 3, 1200)
	end := s.frames[len(s.frames)-1]
	torn := s.frames[len(s.frames)-2] // the last entry
	data := bytes.Clone(s.data)
	sector := (torn.Offset/sectorBytes + 1) * sectorBytes
	clear(data[sector : sector+sectorBytes])
	d := s.with(t, data)
	w, r, err := Open(d, Options{})
	check(t, err)
	if r.Repaired == nil || r.Repaired.Offset != torn.Offset || len(r.Entries) != 2 {
		t.Fatalf("recovered %d entries, repaired %v", len(r.Entries), r.Repaired)
	}
	if got := fullFile(t, d, s.name+".broken"); !bytes.Equal(got, data) {
		t.Error("the copy is not what the file was")
	}
	if got := fullFile(t, d, s.name); len(got) != len(data) || !allZero(got[torn.Offset:]) {
		t.Errorf("%d bytes, or bytes behind the records", len(got))
	}
	_, err = w.Save(nil, []raft.Entry{{Term: 5, Index: 3, Data: []byte("short")}})
	check(t, err)
	if _, size := w.Tail(); size >= end.Offset {
		t.Fatalf("the record is not shorter: %d", size)
	}
	r, damage := open(t, d)
	if damage != nil || r.Repaired != nil || len(r.Entries) != 3 || string(r.Entries[2].Data) != "short" {
		t.Errorf("%v, %+v", damage, r)
	}
}

// TestDamageText: the error tells a learner the file, the place and what is wrong.
func TestDamageText(t *testing.T) {
	s := newSample(t, 2, 10)
	data := bytes.Clone(s.data)
	data[s.frames[3].Offset+30] ^= 1
	_, damage := open(t, s.with(t, data))
	want := fmt.Sprintf("WAL %s:%d: corrupt: the checksum does not match", s.name, s.frames[3].Offset)
	if damage == nil || damage.Error() != want {
		t.Errorf("%v, want %s", damage, want)
	}
	n, err := Verify(s.with(t, data))
	if n != 3 || err == nil || !strings.Contains(err.Error(), "corrupt") {
		t.Errorf("Verify: %d records, %v", n, err)
	}
	n, err = Verify(s.with(t, s.data[:s.frames[4].Offset+20]))
	if n != 4 || err == nil || !strings.Contains(err.Error(), "torn") {
		t.Errorf("Verify: %d records, %v", n, err)
	}
}

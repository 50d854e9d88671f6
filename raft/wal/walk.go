package wal

import (
	"fmt"

	"etcdscope/raft"
	"etcdscope/raft/raftpb"
)

// Record is one record as it stands in a file, for somebody who reads the files themselves.
type Record struct {
	RecordInfo
	CRC  uint32
	Data []byte // of the file; not to be changed

	// The data, decoded; only the one that Type says is set, if it can be read.
	Metadata *Metadata
	Entry    *raft.Entry
	State    *raft.HardState
	Snapshot *raft.SnapshotMeta

	// Damage says why a reader stops here. Length is 0 when no record can be made out; the next segment follows then.
	Damage *Damage
}

// Segments names the segments of a directory in the order of the chain.
func Segments(d Disk) []string {
	var names []string
	for _, s := range segments(d) {
		names = append(names, s.name)
	}
	return names
}

// Walk hands every record to visit, also those that stand behind damage and can be made out. It changes nothing, and
// the segment that is written to may grow meanwhile. What no single record shows, such as entries that are missing, is
// for Verify to find.
func Walk(d Disk, visit func(*Record) error) error {
	segs := segments(d)
	var c chain
	for i, s := range segs {
		m, err := load(d, s.name, i == len(segs)-1)
		if err != nil {
			return fmt.Errorf("read WAL: %w", err)
		}
		if i > 0 && s.seq != segs[i-1].seq+1 {
			reason := fmt.Sprintf("segment %d of the chain is missing", segs[i-1].seq+1)
			if err := visit(&Record{RecordInfo: RecordInfo{File: s.name}, Damage: m.corrupt(0, reason)}); err != nil {
				return err
			}
			c.started = false
		}
		if err := c.walk(&m, visit); err != nil {
			return err
		}
	}
	return nil
}

// walk visits the records of one segment.
func (c *chain) walk(m *image, visit func(*Record) error) error {
	off := int64(0)
	for position := 0; ; position++ {
		f, damage := c.next(m, off)
		if damage != nil { // again, and whatever the checksum says
			lax := chain{crc: c.crc, rules: Rules{SkipChecksums: true}}
			f, _ = lax.next(m, off)
		}
		r := f.describe(m.name, off)
		switch {
		case damage != nil:
			r.Damage = damage
		case f.length > 0:
			if damage := c.admit(m, f, position); damage != nil {
				r.Damage = damage
			}
		case position < c.headRecords():
			r.Damage = m.corrupt(off, "the segment ends before its metadata record")
		}
		if f.length == 0 && r.Damage == nil {
			c.started = true
			return nil
		}
		if err := visit(r); err != nil {
			return err
		}
		if f.length == 0 {
			c.started = false // where the chain goes on is not known
			return nil
		}
		c.crc = f.crc
		off += f.length
	}
}

// describe decodes what the record holds.
func (f *frame) describe(file string, off int64) *Record {
	r := &Record{RecordInfo: RecordInfo{Type: f.kind, File: file, Offset: off, Length: f.length}, CRC: f.crc, Data: f.data}
	if f.length == 0 {
		return r
	}
	var err error
	switch f.kind {
	case MetadataType:
		var m Metadata
		m, err = decodeMetadata(f.data)
		r.Metadata = &m
	case EntryType:
		var e raft.Entry
		e, err = raftpb.DecodeEntry(f.data)
		r.Entry, r.Term, r.Index = &e, e.Term, e.Index
	case StateType:
		var s raft.HardState
		s, err = raftpb.DecodeHardState(f.data)
		r.State, r.Term, r.Vote, r.Index = &s, s.Term, s.Vote, s.Commit
	case SnapshotType:
		var s raft.SnapshotMeta
		s, err = decodeSnapshot(f.data)
		r.Snapshot, r.Term, r.Index = &s, s.Term, s.Index
	case CRCType:
	default:
		err = errType
	}
	if err != nil { // what was read before the error is not worth showing
		*r = Record{RecordInfo: RecordInfo{Type: f.kind, File: file, Offset: off, Length: f.length}, CRC: f.crc, Data: f.data}
		r.Damage = &Damage{File: file, Offset: off, Reason: err.Error()}
	}
	return r
}

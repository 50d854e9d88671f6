package wal

import (
	"errors"

	"etcdscope/raft"

	"google.golang.org/protobuf/encoding/protowire"
)

// Which zero fields are written follows etcd 3.7: metadata, hard state, snapshot index and term, entry term and index,
// and auto_leave of a configuration always; the entry type only if it is not normal. Older versions write all of them.
// When reading, every field may be missing.

func appendMetadata(b []byte, m Metadata) []byte {
	return appendUint(appendUint(b, 1, m.NodeID), 2, m.ClusterID)
}

// appendEntryHead appends all of a raftpb.Entry but the bytes of Data, which follow it.
func appendEntryHead(b []byte, e *raft.Entry) []byte {
	if e.Type != raft.EntryNormal {
		b = appendUint(b, 1, uint64(e.Type))
	}
	b = appendUint(b, 2, uint64(e.Term))
	b = appendUint(b, 3, uint64(e.Index))
	if len(e.Data) > 0 || e.Type != raft.EntryNormal {
		b = protowire.AppendTag(b, 4, protowire.BytesType)
		b = protowire.AppendVarint(b, uint64(len(e.Data)))
	}
	return b
}

func appendState(b []byte, s raft.HardState) []byte {
	b = appendUint(b, 1, uint64(s.Term))
	b = appendUint(b, 2, uint64(s.Vote))
	return appendUint(b, 3, uint64(s.Commit))
}

// appendSnapshot appends a walpb.Snapshot; the one at index 0 has no configuration.
func appendSnapshot(b []byte, s *raft.SnapshotMeta) []byte {
	b = appendUint(b, 1, uint64(s.Index))
	b = appendUint(b, 2, uint64(s.Term))
	if s.Index == 0 {
		return b
	}
	b = protowire.AppendTag(b, 3, protowire.BytesType)
	return protowire.AppendBytes(b, appendConf(nil, &s.Conf))
}

func appendConf(b []byte, c *raft.ConfState) []byte {
	for i, ids := range [4][]raft.ID{c.Voters, c.Learners, c.VotersOutgoing, c.LearnersNext} {
		for _, id := range ids {
			b = appendUint(b, protowire.Number(i+1), uint64(id))
		}
	}
	return appendUint(b, 5, protowire.EncodeBool(c.AutoLeave))
}

func decodeMetadata(b []byte) (m Metadata, err error) {
	err = eachField(b, func(num protowire.Number, v uint64, p []byte) error {
		switch {
		case num == 1 && p == nil:
			m.NodeID = v
		case num == 2 && p == nil:
			m.ClusterID = v
		default:
			return errField
		}
		return nil
	})
	return m, err
}

var errEntry = errors.New("the entry has no term, no index, an unknown type, or is a configuration change without data")

// decodeEntry reads a raftpb.Entry; Data is a part of b. A record's type is not covered by its checksum, and a hard
// state {term 1, vote, commit} reads as an entry {type 1, term, index}: data that no configuration change lacks
// tells them apart.
func decodeEntry(b []byte) (e raft.Entry, err error) {
	kind, hasData := uint64(0), false
	err = eachField(b, func(num protowire.Number, v uint64, p []byte) error {
		switch {
		case num == 1 && p == nil:
			kind = v
		case num == 2 && p == nil:
			e.Term = raft.Term(v)
		case num == 3 && p == nil:
			e.Index = raft.Index(v)
		case num == 4 && p != nil:
			hasData = true
			if len(p) > 0 {
				e.Data = p
			}
		default:
			return errField
		}
		return nil
	})
	if err != nil {
		return e, err
	}
	if e.Term == 0 || e.Index == 0 || kind > uint64(raft.EntryConfChangeV2) || kind != 0 && !hasData {
		return e, errEntry
	}
	e.Type = raft.EntryType(kind)
	return e, nil
}

func decodeState(b []byte) (s raft.HardState, err error) {
	err = eachField(b, func(num protowire.Number, v uint64, p []byte) error {
		switch {
		case num == 1 && p == nil:
			s.Term = raft.Term(v)
		case num == 2 && p == nil:
			s.Vote = raft.ID(v)
		case num == 3 && p == nil:
			s.Commit = raft.Index(v)
		default:
			return errField
		}
		return nil
	})
	return s, err
}

func decodeSnapshot(b []byte) (s raft.SnapshotMeta, err error) {
	err = eachField(b, func(num protowire.Number, v uint64, p []byte) (err error) {
		switch {
		case num == 1 && p == nil:
			s.Index = raft.Index(v)
		case num == 2 && p == nil:
			s.Term = raft.Term(v)
		case num == 3 && p != nil:
			s.Conf, err = decodeConf(p)
		default:
			err = errField
		}
		return err
	})
	return s, err
}

func decodeConf(b []byte) (c raft.ConfState, err error) {
	lists := [4]*[]raft.ID{&c.Voters, &c.Learners, &c.VotersOutgoing, &c.LearnersNext}
	err = eachField(b, func(num protowire.Number, v uint64, p []byte) error {
		switch {
		case num >= 1 && num <= 4:
			return appendIDs(lists[num-1], v, p)
		case num == 5 && p == nil:
			c.AutoLeave = v != 0
		default:
			return errField
		}
		return nil
	})
	return c, err
}

// appendIDs takes a repeated uint64 in either form, one varint per field (proto2) or packed.
func appendIDs(to *[]raft.ID, v uint64, packed []byte) error {
	if packed == nil {
		*to = append(*to, raft.ID(v))
		return nil
	}
	for len(packed) > 0 {
		v, n := protowire.ConsumeVarint(packed)
		if n < 0 {
			return errRecord
		}
		*to = append(*to, raft.ID(v))
		packed = packed[n:]
	}
	return nil
}

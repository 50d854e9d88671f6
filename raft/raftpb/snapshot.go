package raftpb

import (
	"etcdscope/raft"

	"google.golang.org/protobuf/encoding/protowire"
)

// AppendSnapshot appends a raftpb.Snapshot: data, then metadata.
func AppendSnapshot(b []byte, s *raft.Snapshot) []byte {
	meta := protowire.AppendTag(nil, 1, protowire.BytesType)
	meta = protowire.AppendBytes(meta, AppendConfState(nil, &s.Meta.Conf))
	meta = AppendUint(meta, 2, uint64(s.Meta.Index))
	meta = AppendUint(meta, 3, uint64(s.Meta.Term))
	if s.Data != nil {
		b = protowire.AppendTag(b, 1, protowire.BytesType)
		b = protowire.AppendBytes(b, s.Data)
	}
	b = protowire.AppendTag(b, 2, protowire.BytesType)
	return protowire.AppendBytes(b, meta)
}

// DecodeSnapshot reads a raftpb.Snapshot; Data is a part of b. Protobuf would merge metadata that stands there twice;
// nobody writes that.
func DecodeSnapshot(b []byte) (s raft.Snapshot, err error) {
	once := true
	err = EachField(b, func(num protowire.Number, _ uint64, p []byte) (err error) {
		switch {
		case num == 1 && p != nil:
			s.Data = p
		case num == 2 && p != nil && once:
			once = false
			s.Meta, err = decodeSnapshotMetadata(p)
		default:
			err = ErrField
		}
		return err
	})
	return s, err
}

func decodeSnapshotMetadata(b []byte) (m raft.SnapshotMeta, err error) {
	once := true
	err = EachField(b, func(num protowire.Number, v uint64, p []byte) (err error) {
		switch {
		case num == 1 && p != nil && once:
			once = false
			m.Conf, err = DecodeConfState(p)
		case num == 2 && p == nil:
			m.Index = raft.Index(v)
		case num == 3 && p == nil:
			m.Term = raft.Term(v)
		default:
			err = ErrField
		}
		return err
	})
	return m, err
}

// AppendConfState appends a raftpb.ConfState; lists are not packed.
func AppendConfState(b []byte, c *raft.ConfState) []byte {
	for i, ids := range [4][]raft.ID{c.Voters, c.Learners, c.VotersOutgoing, c.LearnersNext} {
		for _, id := range ids {
			b = AppendUint(b, protowire.Number(i+1), uint64(id))
		}
	}
	return AppendUint(b, 5, protowire.EncodeBool(c.AutoLeave))
}

// DecodeConfState reads a raftpb.ConfState.
func DecodeConfState(b []byte) (c raft.ConfState, err error) {
	lists := [4]*[]raft.ID{&c.Voters, &c.Learners, &c.VotersOutgoing, &c.LearnersNext}
	err = EachField(b, func(num protowire.Number, v uint64, p []byte) error {
		switch {
		case num >= 1 && num <= 4:
			return appendIDs(lists[num-1], v, p)
		case num == 5 && p == nil:
			c.AutoLeave = v != 0
		default:
			return ErrField
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
			return ErrMalformed
		}
		*to = append(*to, raft.ID(v))
		packed = packed[n:]
	}
	return nil
}

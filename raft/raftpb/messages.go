package raftpb

import (
	"errors"

	"etcdscope/raft"

	"google.golang.org/protobuf/encoding/protowire"
)

// AppendEntryHead appends all of a raftpb.Entry but the bytes of Data, which follow it.
func AppendEntryHead(b []byte, e *raft.Entry) []byte {
	if e.Type != raft.EntryNormal {
		b = AppendUint(b, 1, uint64(e.Type))
	}
	b = AppendUint(b, 2, uint64(e.Term))
	b = AppendUint(b, 3, uint64(e.Index))
	if len(e.Data) > 0 || e.Type != raft.EntryNormal {
		b = protowire.AppendTag(b, 4, protowire.BytesType)
		b = protowire.AppendVarint(b, uint64(len(e.Data)))
	}
	return b
}

// ErrEntry is returned for an entry that no writer makes.
var ErrEntry = errors.New("the entry has no term, no index, an unknown type, or is a configuration change without data")

// DecodeEntry reads a raftpb.Entry; Data is a part of b. A record's type is not covered by its checksum, and a hard
// state {term 1, vote, commit} reads as an entry {type 1, term, index}: data that no configuration change lacks
// tells them apart.
func DecodeEntry(b []byte) (e raft.Entry, err error) {
	kind, hasData := uint64(0), false
	err = EachField(b, func(num protowire.Number, v uint64, p []byte) error {
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
			return ErrField
		}
		return nil
	})
	if err != nil {
		return e, err
	}
	if e.Term == 0 || e.Index == 0 || kind > uint64(raft.EntryConfChangeV2) || kind != 0 && !hasData {
		return e, ErrEntry
	}
	e.Type = raft.EntryType(kind)
	return e, nil
}

// AppendHardState appends a raftpb.HardState.
func AppendHardState(b []byte, s raft.HardState) []byte {
	b = AppendUint(b, 1, uint64(s.Term))
	b = AppendUint(b, 2, uint64(s.Vote))
	return AppendUint(b, 3, uint64(s.Commit))
}

// ErrHardState is returned for a hard state that no writer makes.
var ErrHardState = errors.New("the hard state has no term")

// DecodeHardState reads a raftpb.HardState. Writers always write the term, also 0: an entry without data, which has
// none in this field, would read as a hard state else.
func DecodeHardState(b []byte) (s raft.HardState, err error) {
	hasTerm := false
	err = EachField(b, func(num protowire.Number, v uint64, p []byte) error {
		switch {
		case num == 1 && p == nil:
			s.Term, hasTerm = raft.Term(v), true
		case num == 2 && p == nil:
			s.Vote = raft.ID(v)
		case num == 3 && p == nil:
			s.Commit = raft.Index(v)
		default:
			return ErrField
		}
		return nil
	})
	if err == nil && !hasTerm {
		err = ErrHardState
	}
	return s, err
}

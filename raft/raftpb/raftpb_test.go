package raftpb

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"etcdscope/raft"

	etcdpb "go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"
)

// TestEtcd: whatever raft says, the bytes are those of etcd's own messages, and are read back as they were.
func TestEtcd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.Uint64Range(1, 1<<63)
		data := rapid.SliceOfN(rapid.Byte(), 1, 300)
		e := raft.Entry{
			Term: raft.Term(number.Draw(t, "term")), Index: raft.Index(number.Draw(t, "index")),
			Type: raft.EntryType(rapid.IntRange(0, 2).Draw(t, "type")), Data: data.Draw(t, "data"),
		}
		theirs := &etcdpb.Entry{Term: (*uint64)(&e.Term), Index: (*uint64)(&e.Index), Data: e.Data}
		if e.Type != 0 {
			theirs.Type = etcdpb.EntryType(e.Type).Enum()
		}
		same(t, append(AppendEntryHead(nil, &e), e.Data...), theirs)
		got, err := DecodeEntry(append(AppendEntryHead(nil, &e), e.Data...))
		equal(t, got, e, err)

		h := raft.HardState{Term: e.Term, Vote: raft.ID(number.Draw(t, "vote")), Commit: e.Index}
		same(t, AppendHardState(nil, h), &etcdpb.HardState{
			Term: (*uint64)(&h.Term), Vote: (*uint64)(&h.Vote), Commit: (*uint64)(&h.Commit),
		})
		gotState, err := DecodeHardState(AppendHardState(nil, h))
		equal(t, gotState, h, err)

		s := raft.Snapshot{Meta: raft.SnapshotMeta{Index: e.Index, Term: e.Term, Conf: conf(t)}, Data: e.Data}
		same(t, AppendSnapshot(nil, &s), &etcdpb.Snapshot{Data: s.Data, Metadata: &etcdpb.SnapshotMetadata{
			Index: (*uint64)(&s.Meta.Index), Term: (*uint64)(&s.Meta.Term), ConfState: confOf(s.Meta.Conf),
		}})
		gotSnapshot, err := DecodeSnapshot(AppendSnapshot(nil, &s))
		equal(t, gotSnapshot, s, err)
	})
}

func conf(t *rapid.T) raft.ConfState {
	ids := func(name string) (out []raft.ID) {
		for _, id := range rapid.SliceOfN(rapid.Uint64(), 0, 3).Draw(t, name) {
			out = append(out, raft.ID(id))
		}
		return out
	}
	return raft.ConfState{
		Voters: ids("voters"), Learners: ids("learners"), VotersOutgoing: ids("outgoing"), LearnersNext: ids("next"),
		AutoLeave: rapid.Bool().Draw(t, "auto leave"),
	}
}

func confOf(c raft.ConfState) *etcdpb.ConfState {
	ids := func(in []raft.ID) (out []uint64) {
		for _, id := range in {
			out = append(out, uint64(id))
		}
		return out
	}
	return &etcdpb.ConfState{
		Voters: ids(c.Voters), Learners: ids(c.Learners), VotersOutgoing: ids(c.VotersOutgoing),
		LearnersNext: ids(c.LearnersNext), AutoLeave: &c.AutoLeave,
	}
}

func same(t *rapid.T, ours []byte, theirs proto.Message) {
	want, err := proto.MarshalOptions{Deterministic: true}.Marshal(theirs)
	if err != nil || !bytes.Equal(ours, want) {
		t.Fatalf("%v: ours %x, etcd's %x, %v", theirs, ours, want, err)
	}
}

func equal[T any](t *rapid.T, got, want T, err error) {
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("read back %+v, %v, want %+v", got, err, want)
	}
}

// TestRefused: what no writer writes is not taken for something else.
func TestRefused(t *testing.T) {
	for _, c := range []struct {
		data   string
		decode func([]byte) error
		want   error
	}{
		{"", entry, ErrEntry},
		{"\x10\x01\x18\x00", entry, ErrEntry},                 // index 0
		{"\x08\x01\x10\x01\x18\x01", entry, ErrEntry},         // a configuration change without data
		{"\x08\x03\x10\x01\x18\x01\x22\x00", entry, ErrEntry}, // no such type
		{"\x12\x00", entry, ErrField},                         // a term of bytes
		{"\x15\x00\x00\x00\x00", entry, ErrField},             // a fixed number
		{"\x10", entry, ErrMalformed},
		{"\x00", entry, ErrMalformed},
		{"\x20\x01", state, ErrField},
		{"\x08\x80", state, ErrMalformed},
		{"\x1a\x00", snapshot, ErrField},
		{"\x12\x02\x20\x01", snapshot, ErrField},
		{"\x12\x04\x0a\x02\x30\x01", snapshot, ErrField},
	} {
		if err := c.decode([]byte(c.data)); !errors.Is(err, c.want) {
			t.Errorf("%x: error %v, want %v", c.data, err, c.want)
		}
	}
}

func entry(b []byte) error    { _, err := DecodeEntry(b); return err }
func state(b []byte) error    { _, err := DecodeHardState(b); return err }
func snapshot(b []byte) error { _, err := DecodeSnapshot(b); return err }

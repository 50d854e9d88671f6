package raftpb

import (
	"reflect"
	"testing"

	"etcdscope/raft"

	etcdpb "go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"
)

// FuzzMessages: what we can read as an entry, a hard state or a snapshot, etcd reads as the same.
func FuzzMessages(f *testing.F) {
	f.Add(append(AppendEntryHead(nil, &raft.Entry{Term: 1, Index: 300, Type: 1, Data: []byte("ab")}), "ab"...))
	f.Add(AppendHardState(nil, raft.HardState{Term: 1, Vote: 2, Commit: 3}))
	conf := raft.ConfState{Voters: []raft.ID{1, 2}, Learners: []raft.ID{3}, AutoLeave: true}
	f.Add(AppendSnapshot(nil, &raft.Snapshot{Meta: raft.SnapshotMeta{Index: 4, Term: 2, Conf: conf}, Data: []byte("{}")}))
	f.Fuzz(func(t *testing.T, data []byte) {
		if e, err := DecodeEntry(data); err == nil {
			var p etcdpb.Entry
			read(t, data, &p)
			want := raft.Entry{Term: raft.Term(p.GetTerm()), Index: raft.Index(p.GetIndex()), Type: raft.EntryType(p.GetType())}
			if len(p.Data) > 0 {
				want.Data = p.Data
			}
			agree(t, e, want)
		}
		if h, err := DecodeHardState(data); err == nil {
			var p etcdpb.HardState
			read(t, data, &p)
			agree(t, h, raft.HardState{
				Term: raft.Term(p.GetTerm()), Vote: raft.ID(p.GetVote()), Commit: raft.Index(p.GetCommit()),
			})
		}
		if s, err := DecodeSnapshot(data); err == nil {
			var p etcdpb.Snapshot
			read(t, data, &p)
			c := p.GetMetadata().GetConfState()
			agree(t, s.Meta, raft.SnapshotMeta{
				Index: raft.Index(p.GetMetadata().GetIndex()), Term: raft.Term(p.GetMetadata().GetTerm()),
				Conf: raft.ConfState{
					Voters: ids(c.GetVoters()), Learners: ids(c.GetLearners()),
					VotersOutgoing: ids(c.GetVotersOutgoing()), LearnersNext: ids(c.GetLearnersNext()),
					AutoLeave: c.GetAutoLeave(),
				},
			})
			agree(t, string(s.Data), string(p.GetData()))
		}
	})
}

func ids(in []uint64) (out []raft.ID) {
	for _, id := range in {
		out = append(out, raft.ID(id))
	}
	return out
}

func read(t *testing.T, data []byte, m proto.Message) {
	if err := proto.Unmarshal(data, m); err != nil {
		t.Fatalf("etcd does not read %x: %v", data, err)
	}
}

func agree(t *testing.T, ours, etcd any) {
	if !reflect.DeepEqual(ours, etcd) {
		t.Fatalf("ours %+v, etcd's %+v", ours, etcd)
	}
}

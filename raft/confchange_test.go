package raft_test

import (
	"fmt"
	"slices"
	"testing"

	"go.etcd.io/raft/v3/confchange"
	pb "go.etcd.io/raft/v3/raftpb"
	"go.etcd.io/raft/v3/tracker"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"etcdscope/raft"
)

func drawConfChange(t *rapid.T) raft.ConfChange {
	c := raft.ConfChange{Transition: raft.ConfChangeTransition(rapid.IntRange(0, 2).Draw(t, "transition"))}
	for range rapid.IntRange(0, 4).Draw(t, "changes") {
		c.Changes = append(c.Changes, raft.ConfChangeSingle{
			Type: raft.ConfChangeType(rapid.IntRange(0, 3).Draw(t, "type")),
			Node: raft.ID(rapid.IntRange(0, 6).Draw(t, "node")),
		})
	}
	if rapid.Bool().Draw(t, "context") {
		c.Context = rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")
	}
	if len(c.Changes) == 1 && c.Transition == raft.TransitionAuto && rapid.Bool().Draw(t, "v1") {
		c.V1, c.ID = true, rapid.Uint64().Draw(t, "id")
	}
	return c
}

// asEtcdChange reads the bytes of an entry with etcd's own code.
func asEtcdChange(t *rapid.T, kind raft.EntryType, data []byte) pb.ConfChangeI {
	var c proto.Message = &pb.ConfChangeV2{}
	if kind == raft.EntryConfChange {
		c = &pb.ConfChange{}
	}
	if err := proto.Unmarshal(data, c); err != nil {
		t.Fatal(err)
	}
	return c.(pb.ConfChangeI)
}

// TestConfChangeBytes writes a change, and reads it back with our code and with etcd's.
func TestConfChangeBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawConfChange(t)
		kind, data := c.Encode()
		if back, err := raft.DecodeConfChange(kind, data); err != nil || fmt.Sprint(back) != fmt.Sprint(c) ||
			back.ID != c.ID || back.V1 != c.V1 || string(back.Context) != string(c.Context) {
			t.Fatalf("%+v comes back as %+v, %v", c, back, err)
		}
		theirs := asEtcdChange(t, kind, data).AsV2()
		if int(theirs.GetTransition()) != int(c.Transition) || len(theirs.Changes) != len(c.Changes) ||
			string(theirs.Context) != string(c.Context) {
			t.Fatalf("etcd reads %+v as %v", c, theirs)
		}
		for i, one := range c.Changes {
			if uint64(one.Node) != theirs.Changes[i].GetNodeId() || int(one.Type) != int(theirs.Changes[i].GetType()) {
				t.Fatalf("etcd reads %+v as %v", c, theirs)
			}
		}
		again, err := proto.MarshalOptions{Deterministic: true}.Marshal(asEtcdChange(t, kind, data).(proto.Message))
		if err != nil || string(again) != string(data) {
			t.Fatalf("%+v is %x, etcd writes %x", c, data, again)
		}
	})
}

func TestConfChangeDamaged(t *testing.T) {
	for _, data := range []string{"\x08", "\x08\x09", "\x12\x02\x08\x07", "\x12\x05\x08", "\xff"} {
		if c, err := raft.DecodeConfChange(raft.EntryConfChangeV2, []byte(data)); err == nil {
			t.Errorf("%x is read as %+v", data, c)
		}
	}
	if _, err := raft.DecodeConfChange(raft.EntryNormal, nil); err == nil {
		t.Error("a normal entry is read as a configuration change")
	}
	if c, err := raft.DecodeConfChange(raft.EntryConfChangeV2, []byte("\x4d1234\x08\x01")); err != nil ||
		c.Transition != raft.TransitionJointImplicit {
		t.Errorf("an unknown field is not skipped: %+v, %v", c, err)
	}
}

// TestConfStateAgainstEtcd applies random changes to a configuration and to etcd's.
func TestConfStateAgainstEtcd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ours := confOf(rapid.IntRange(1, 4).Draw(t, "voters"), rapid.IntRange(0, 2).Draw(t, "learners"))
		changer := confchange.Changer{Tracker: tracker.MakeProgressTracker(1, 0), LastIndex: 10}
		var err error
		changer.Tracker.Config, changer.Tracker.Progress, err = confchange.Restore(changer, asConfState(ours))
		if err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			c := drawConfChange(t)
			before := fmt.Sprint(ours)
			next, wrong := ours.Change(c)
			kind, data := c.Encode()
			cfg, progress, theirs := etcdChange(changer, asEtcdChange(t, kind, data).AsV2())
			if (wrong == nil) != (theirs == nil) {
				t.Fatalf("%v then %v: ours %v, etcd %v", ours, c, wrong, theirs)
			}
			if fmt.Sprint(ours) != before {
				t.Fatalf("%v has changed %s in place", c, before)
			}
			if wrong != nil {
				continue
			}
			changer.Tracker.Config, changer.Tracker.Progress = cfg, progress
			if got := changer.Tracker.ConfState(); !proto.Equal(sortedConf(got), asConfState(next)) {
				t.Fatalf("%v then %v: ours %v, etcd %v", ours, c, next, got)
			}
			ours = next
			config := raft.Config{ID: 1, ElectionTick: 10, HeartbeatTick: 1}
			if _, err := raft.New(config, raft.Persisted{Snapshot: raft.SnapshotMeta{Conf: ours}}); err != nil {
				t.Fatalf("%v is refused: %v", ours, err)
			}
		}
	})
}

func etcdChange(c confchange.Changer, cc *pb.ConfChangeV2) (tracker.Config, tracker.ProgressMap, error) {
	if cc.LeaveJoint() {
		return c.LeaveJoint()
	}
	if auto, joint := cc.EnterJoint(); joint {
		return c.EnterJoint(auto, cc.Changes...)
	}
	return c.Simple(cc.Changes...)
}

// TestLimitsCountEncodedBytes checks, by what fits into a message, that an entry counts as etcd encodes it.
func TestLimitsCountEncodedBytes(t *testing.T) {
	for _, e := range []raft.Entry{
		{Term: 1, Index: 2},
		{Term: 1, Index: 2, Data: []byte{}},
		{Term: 1, Index: 2, Data: make([]byte, 200)},
		{Term: 1 << 40, Index: 2, Type: raft.EntryConfChangeV2},
	} {
		size := uint64(proto.Size(asEntry(e)))
		for _, limit := range []uint64{2*size - 1, 2 * size} {
			if got, want := sentTogether(t, e, limit), int(limit/size); got != want {
				t.Errorf("%d bytes for entries of %d: %d in one message, want %d", limit, size, got, want)
			}
		}
	}
}

// sentTogether returns how many of two entries like e leave in the first message that carries any.
func sentTogether(t *testing.T, e raft.Entry, limit uint64) int {
	cfg := raft.Config{ID: 1, ElectionTick: 10, HeartbeatTick: 1, MaxSizePerMsg: limit, Rules: raft.Rules{NoNoop: true}}
	disk := raft.Persisted{Snapshot: raft.SnapshotMeta{Conf: confOf(2, 0)}}
	for i := range raft.Index(3) {
		e.Index = i + 1
		disk.Entries = append(disk.Entries, e)
	}
	node, err := raft.New(cfg, disk)
	if err != nil {
		t.Fatal(err)
	}
	node.Campaign()
	rd, _ := node.Ready()
	node.Durable(rd.Seq)
	_ = node.Step(raft.Message{Type: raft.MsgVoteResp, From: 2, To: 1, Term: rd.HardState.Term})
	rd, _ = node.Ready()
	_ = node.Step(raft.Message{
		Type: raft.MsgAppResp, From: 2, To: 1, Term: rd.Msgs[0].Term, Index: 3, Reject: true, RejectHint: 1,
	})
	rd, _ = node.Ready()
	at := slices.IndexFunc(rd.Msgs, func(m raft.Message) bool { return len(m.Entries) > 0 })
	if at < 0 {
		t.Fatalf("nothing is sent: %v", rd.Msgs)
	}
	return len(rd.Msgs[at].Entries)
}

package pane

import (
	"testing"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/membershippb"
	"google.golang.org/protobuf/proto"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/cluster/session"
	"etcdscope/raft"
	"etcdscope/tui/theme"
	"etcdscope/watch"
)

func TestPayload(t *testing.T) {
	type request = etcdserverpb.InternalRaftRequest
	for _, c := range []struct {
		entry raft.Entry
		req   *request
		want  string
	}{
		{raft.Entry{}, nil, "no-op"},
		{raft.Entry{Type: raft.EntryConfChange, Data: []byte{1}}, nil, "conf"},
		{raft.Entry{Data: []byte{0xff, 0xff}}, nil, "2 bytes"},
		{raft.Entry{}, &request{Put: &etcdserverpb.PutRequest{Key: []byte("x"), Value: []byte("9")}}, "x=9"},
		{
			raft.Entry{},
			&request{Put: &etcdserverpb.PutRequest{Key: []byte("a/long/key"), Value: []byte("\x1b[2J")}},
			`a/lon…=\x1b[…`,
		},
		{raft.Entry{}, &request{DeleteRange: &etcdserverpb.DeleteRangeRequest{Key: []byte("x")}}, "del x"},
		{
			raft.Entry{},
			&request{DeleteRange: &etcdserverpb.DeleteRangeRequest{Key: []byte("x"), RangeEnd: []byte("y")}}, "del x..",
		},
		{raft.Entry{}, &request{Txn: &etcdserverpb.TxnRequest{}}, "txn"},
		{raft.Entry{}, &request{Compaction: &etcdserverpb.CompactionRequest{Revision: 7}}, "compact 7"},
		{raft.Entry{}, &request{LeaseGrant: &etcdserverpb.LeaseGrantRequest{}}, "lease grant"},
		{raft.Entry{}, &request{LeaseRevoke: &etcdserverpb.LeaseRevokeRequest{}}, "lease revoke"},
		{raft.Entry{}, &request{LeaseCheckpoint: &etcdserverpb.LeaseCheckpointRequest{}}, "lease checkpoint"},
		{
			raft.Entry{}, &request{Alarm: &etcdserverpb.AlarmRequest{
				Action: etcdserverpb.AlarmRequest_ACTIVATE, Alarm: etcdserverpb.AlarmType_NOSPACE,
			}}, "alarm activate NOSPACE",
		},
		{raft.Entry{}, &request{AuthEnable: &etcdserverpb.AuthEnableRequest{}}, "auth enable"},
		{
			raft.Entry{},
			&request{AuthUserAdd: &etcdserverpb.AuthUserAddRequest{Name: "a\x1b", Password: "secret"}}, `user add a\x1b`,
		},
		{raft.Entry{}, &request{DowngradeInfoSet: &membershippb.DowngradeInfoSetRequest{}}, "request"},
		{
			conf(raft.ConfChange{V1: true, Changes: []raft.ConfChangeSingle{
				{Type: raft.ConfChangeAddLearnerNode, Node: 4},
			}}), nil, "learner n4",
		},
		{
			conf(raft.ConfChange{Changes: []raft.ConfChangeSingle{
				{Type: raft.ConfChangeAddNode, Node: 4}, {Type: raft.ConfChangeRemoveNode, Node: 1},
			}}), nil, "add n4, remove n1",
		},
		{conf(raft.ConfChange{}), nil, "leave joint"},
	} {
		if c.req != nil {
			var err error
			if c.entry.Data, err = proto.Marshal(c.req); err != nil {
				t.Fatal(err)
			}
		}
		if got := payload(&c.entry, 6, "…"); got != c.want {
			t.Errorf("payload is %q, want %q", got, c.want)
		}
	}
}

// TestLabels writes every type of message in its three details.
func TestLabels(t *testing.T) {
	entry := raft.Entry{Term: 2, Index: 7}
	snapshot := &raft.Snapshot{Meta: raft.SnapshotMeta{Index: 30}}
	for _, c := range []struct {
		m    raft.Message
		copy bool
		want [details]string
	}{
		{raft.Message{Type: raft.MsgProp, Entries: []raft.Entry{entry}}, false, [...]string{"n3▸prop no-op", "n3▸p", "▸p"}},
		{
			raft.Message{Type: raft.MsgApp, Entries: []raft.Entry{entry}},
			true,
			[...]string{"n3▸App7 no-op copy", "n3▸A7", "▸A"},
		},
		{
			raft.Message{Type: raft.MsgApp, Entries: []raft.Entry{entry, {Index: 8}}},
			false,
			[...]string{"n3▸App7-8 no-op", "n3▸A7-8", "▸A"},
		},
		{raft.Message{Type: raft.MsgApp, Commit: 6}, false, [...]string{"n3▸App c6", "n3▸Ac6", "▸A"}},
		{raft.Message{Type: raft.MsgAppResp, Index: 6, Reject: true}, false, [...]string{"n3◂ack6-", "n3◂a6-", "◂a-"}},
		{raft.Message{Type: raft.MsgVote, Term: 4}, false, [...]string{"n3▸vote t4", "n3▸Vt4", "▸V"}},
		{raft.Message{Type: raft.MsgVoteResp}, false, [...]string{"n3◂vote+", "n3◂v+", "◂v+"}},
		{raft.Message{Type: raft.MsgPreVote, Term: 4}, false, [...]string{"n3▸prevote t4", "n3▸Pt4", "▸P"}},
		{raft.Message{Type: raft.MsgPreVoteResp}, false, [...]string{"n3◂prevote+", "n3◂q+", "◂q+"}},
		{raft.Message{Type: raft.MsgHeartbeat, Commit: 6}, false, [...]string{"n3▸hb c6", "n3▸hc6", "▸h"}},
		{raft.Message{Type: raft.MsgHeartbeatResp}, false, [...]string{"n3◂hb+", "n3◂h+", "◂h+"}},
		{raft.Message{Type: raft.MsgSnap, Snapshot: snapshot}, false, [...]string{"n3▸snap30", "n3▸S30", "▸S"}},
		{raft.Message{Type: raft.MsgReadIndex}, false, [...]string{"n3▸read", "n3▸R", "▸R"}},
		{raft.Message{Type: raft.MsgReadIndexResp, Index: 9}, false, [...]string{"n3◂read9+", "n3◂r9+", "◂r+"}},
		{raft.Message{Type: raft.MsgTimeoutNow}, false, [...]string{"n3▸timeout-now", "n3▸N", "▸N"}},
	} {
		g := theme.Unicode()
		c.m.From = 3
		for d := full; d < details; d++ {
			got := string(appendLabel(nil, &cluster.Message{Message: c.m, Copy: c.copy}, d, &g))
			if got != c.want[d] {
				t.Errorf("type %d in detail %d is %q, want %q", c.m.Type, d, got, c.want[d])
			}
		}
	}
}

func TestWatcherRanges(t *testing.T) {
	for _, c := range []struct {
		key, end string
		noEnd    bool
		want     string
		in, out  string
	}{
		{"a", "", true, "key a", "a", "ab"},
		{"a", "", false, "from a", "z", "A"},
		{"ab", "ac", false, "prefix ab", "abc", "ac"},
		{"a\xff", "b", false, `prefix a\xff`, "a\xffz", "b"},
		{"a", "c", false, "[a, c)", "bz", "c"},
	} {
		w := &watch.Watcher{Key: []byte(c.key), End: []byte(c.end)}
		if c.noEnd {
			w.End = nil
		}
		if got := string(appendRange(nil, w, "…")); got != c.want {
			t.Errorf("the range %q to %q is written %q, want %q", c.key, c.end, got, c.want)
		}
		if !watches(w, []byte(c.in)) || watches(w, []byte(c.out)) {
			t.Errorf("%s: holds %q %v, want true; holds %q %v, want false", c.want,
				c.in, watches(w, []byte(c.in)), c.out, watches(w, []byte(c.out)))
		}
	}
}

// TestForkOutsideTheCurrentBranch places a fork that is no event of the current branch.
func TestForkOutsideTheCurrentBranch(t *testing.T) {
	s := classroom(t).everything()
	s.Branches = append(s.Branches,
		session.Branch{Name: "D", Parent: "A", ForkAt: 10, End: 30, EndAt: 260_000},
		session.Branch{Name: "E", Parent: "D", ForkAt: 20, End: 30, EndAt: 250_000},
		session.Branch{Name: "F", Parent: "gone", ForkAt: 20, End: 30, EndAt: 250_000},
		session.Branch{Name: "G", Parent: "D", ForkAt: 20, ForkTime: 151_000, End: 30, EndAt: 250_000})
	for i, want := range []clock.Time{0, 118_000, 140_000, 126_315, 193_157, 0, 151_000} {
		if got := forkTime(s, i, 0); got != want {
			t.Errorf("branch %s forks at %v, want %v", s.Branches[i].Name, got, want)
		}
	}
}

// conf is the entry of a configuration change.
func conf(c raft.ConfChange) raft.Entry {
	var e raft.Entry
	e.Type, e.Data = c.Encode()
	return e
}

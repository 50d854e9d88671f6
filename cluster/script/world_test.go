package script

import (
	"testing"

	"google.golang.org/protobuf/proto"

	"go.etcd.io/etcd/api/v3/etcdserverpb"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/cluster/network"
	"etcdscope/mvcc"
	"etcdscope/mvcc/auth"
	"etcdscope/raft"
	"etcdscope/watch"
)

// fakeWorld is a World whose parts are set by hand.
type fakeWorld struct {
	view     *cluster.View
	events   []*cluster.Event
	commands map[string]int
	answers  map[string]string
	broken   []string
}

func (w *fakeWorld) View() *cluster.View { return w.view }

func (w *fakeWorld) Count(name string) int {
	n := 0
	for _, e := range w.events {
		for _, have := range e.Names(nil) {
			if have == name {
				n++
			}
		}
	}
	return n
}

func (w *fakeWorld) EventsNamed(name string) []*cluster.Event {
	var out []*cluster.Event
	for _, e := range w.events {
		for _, have := range e.Names(nil) {
			if have == name { // once for every time, as a session does
				out = append(out, e)
			}
		}
	}
	return out
}

func (w *fakeWorld) Commands(name string) int { return w.commands[name] }
func (w *fakeWorld) Answer(id string) string  { return w.answers[id] }
func (w *fakeWorld) Violations() []string     { return w.broken }

// putEntry is an entry as a member writes it for a put.
func putEntry(t testing.TB, index, term int, key, value string) raft.Entry {
	t.Helper()
	data, err := proto.Marshal(&etcdserverpb.InternalRaftRequest{
		Header: &etcdserverpb.RequestHeader{ID: 7 << 40},
		Put:    &etcdserverpb.PutRequest{Key: []byte(key), Value: []byte(value)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return raft.Entry{Index: raft.Index(index), Term: raft.Term(term), Data: data}
}

func deleteEntry(t testing.TB, index, term int, key, end string) raft.Entry {
	t.Helper()
	data, err := proto.Marshal(&etcdserverpb.InternalRaftRequest{
		DeleteRange: &etcdserverpb.DeleteRangeRequest{Key: []byte(key), RangeEnd: []byte(end)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return raft.Entry{Index: raft.Index(index), Term: raft.Term(term), Data: data}
}

var fiveVoters = raft.ConfState{Voters: []raft.ID{1, 2, 3, 4, 5}}

// raftView is a node's view with this log; the rest is set by the caller.
func raftView(t testing.TB, id raft.ID, entries ...raft.Entry) raft.View {
	t.Helper()
	node, err := raft.New(raft.Config{ID: id, ElectionTick: 15, HeartbeatTick: 5}, raft.Persisted{
		HardState: raft.HardState{Term: 9}, Snapshot: raft.SnapshotMeta{Conf: fiveVoters}, Entries: entries,
	})
	if err != nil {
		t.Fatal(err)
	}
	return node.View()
}

// storeView is a store in which x was put twice and y deleted: revision 5.
func storeView(t testing.TB) *mvcc.View {
	t.Helper()
	backend, err := mvcc.NewBackend(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = backend.Close() })
	store, err := mvcc.Open(backend)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range []string{"x1", "x2", "y1"} {
		txn := store.Write()
		txn.Put([]byte(change[:1]), []byte(change[1:]), 0, false)
		txn.End()
	}
	txn := store.Write()
	txn.DeleteRange([]byte("y"), nil, false)
	txn.End()
	store.SetConsistentIndex(4, 3)
	return store.View()
}

// fiveMembers: n1 leads term 3 and n2 follows with the same log, n3 is behind, n4 is a candidate of term 4
// behind a cut, n5 is down.
func fiveMembers(t testing.TB) *fakeWorld {
	t.Helper()
	config, err := cluster.Config{Nodes: 5, Off: []string{"prevote"}}.Complete()
	if err != nil {
		t.Fatal(err)
	}
	log := []raft.Entry{
		{Index: 1, Term: 1}, putEntry(t, 2, 1, "x", "1"), putEntry(t, 3, 3, "x", "2"), deleteEntry(t, 4, 3, "y", ""),
	}
	conflict := []raft.Entry{log[0], log[1], putEntry(t, 3, 2, "lost", "v")}
	logs := [][]raft.Entry{log, log, log[:2], conflict, log[:2]}
	store := storeView(t)
	v := &cluster.View{At: 500 * clock.Millisecond, Config: &config, Event: 77}
	for i, entries := range logs {
		m := &cluster.MemberView{ID: raft.ID(i + 1), Up: i != 4, Raft: raftView(t, raft.ID(i+1), entries...)}
		m.Auth = &auth.View{Revision: 1}
		m.Raft.Term, m.Raft.Vote, m.Raft.Lead, m.Raft.Conf = 3, 1, 1, fiveVoters
		m.Raft.Commit, m.Raft.Applied, m.Raft.Timeout, m.Raft.Elapsed = 2, 2, 20, 4+i
		m.Disk.Durable = raft.Index(len(entries))
		if i < 4 {
			m.Store = store
		}
		v.Members = append(v.Members, m)
	}
	n1, n4 := v.Members[0], v.Members[3]
	n1.Raft.Role, n1.Raft.Commit, n1.Raft.Applied = raft.Leader, 4, 3
	n1.Raft.Progress = []raft.Progress{
		{ID: 1, Match: 4, Next: 5, State: raft.Replicate},
		{ID: 2, Match: 4, Next: 5, State: raft.Replicate},
		{ID: 3, Match: 2, Next: 3},
		{ID: 4, State: raft.SnapshotSend, Next: 1},
		{ID: 5, Match: 2, Next: 3},
	}
	n1.Watchers = []watch.Watcher{{ID: 6, NextRev: 4, State: watch.Unsynced}}
	n4.Raft.Role, n4.Raft.Term, n4.Raft.Vote, n4.Raft.Lead = raft.Candidate, 4, 4, 0
	v.Links = links(5, [][2]int{{4, 1}, {1, 4}, {4, 2}, {2, 4}, {4, 3}, {3, 4}, {4, 5}, {5, 1}})
	addTraffic(t, v)
	return &fakeWorld{
		view: v, events: fiveEvents(t), broken: []string{"durability"},
		commands: map[string]int{"step": 30, "crash": 2, "drop-branch": 1},
		answers:  map[string]string{"": "3", "who": "n2", "word": "impossible"},
	}
}

// addTraffic adds messages in flight and client operations.
func addTraffic(t testing.TB, v *cluster.View) {
	t.Helper()
	for i, kind := range []raft.MessageType{raft.MsgApp, raft.MsgApp, raft.MsgVote} {
		m := &cluster.Message{ID: uint64(11 + i), Message: raft.Message{Type: kind, From: 1, To: raft.ID(i + 2)}}
		v.Flights = append(v.Flights, cluster.Flight{Message: m, Held: i == 1})
	}
	spec := func(tag string) *cluster.OpSpec { return &cluster.OpSpec{Key: []byte("x"), Tag: tag} }
	v.Ops = []*cluster.Op{
		{ID: 1, Kind: cluster.ClientPut, Spec: spec("failed"), State: cluster.OpFailed, Err: "etcdserver: no leader"},
		{ID: 1, Kind: cluster.ClientPut, Spec: spec("w"), State: cluster.OpUnknown},
		{
			ID: 2, Kind: cluster.ClientPut, Spec: spec("w"), State: cluster.OpDone, Called: 100_000,
			Returned: 250_000, Rev: 3,
		},
		{
			ID: 3, Kind: cluster.ClientGet, Spec: spec("g"), State: cluster.OpDone,
			KVs: []mvcc.KeyValue{{Value: []byte("2")}}, Count: 1,
		},
		{ID: 4, Kind: cluster.ClientPut, Spec: spec("p"), State: cluster.OpPending, Called: 400_000},
		{ID: 5, Kind: cluster.ClientPut, Spec: spec("u"), State: cluster.OpUnknown},
		{
			ID: 6, Kind: cluster.ClientWatch, Spec: spec("wx"), Via: 1, Watch: 6, State: cluster.OpPending,
			Seen: make([]mvcc.Event, 2), Batches: 1,
		},
		{ID: 7, Kind: cluster.ClientWatch, Spec: spec("new"), Via: 2, State: cluster.OpPending},
	}
}

// fiveEvents is a short history.
func fiveEvents(t testing.TB) []*cluster.Event {
	t.Helper()
	rules := raft.AllRules()
	rule := func(id string) *raft.Rule {
		for _, r := range rules {
			if r.ID == id {
				return r
			}
		}
		t.Fatalf("no rule %s", id)
		return nil
	}
	app := func(to raft.ID) *cluster.Message {
		return &cluster.Message{Message: raft.Message{
			Type: raft.MsgApp, From: 1, To: to, Term: 3, Entries: []raft.Entry{putEntry(t, 3, 3, "x", "2")},
		}}
	}
	return []*cluster.Event{
		{ID: 1, At: 100_000, Kind: cluster.UserCommand, Command: &cluster.Command{
			Kind:    cluster.Crash,
			Members: []raft.ID{5}, Text: "crash n5",
		}},
		{
			ID: 2, At: 150_000, Kind: cluster.Handle, Member: 3,
			Msg:   &cluster.Message{Message: raft.Message{Type: raft.MsgVote, From: 4, To: 3}},
			Facts: []raft.Fact{{Kind: raft.FactVoteRefused, Peer: 4, Term: 4, Rule: rule("vote-log-length")}},
		},
		{
			ID: 3, At: 460_000, Kind: cluster.ClientRequest, Member: 1, Facts: []raft.Fact{{
				Kind: raft.FactProposed,
				Term: 3, Index: 3,
			}},
			Sent: []*cluster.Message{app(2), app(3)},
		},
		{
			ID: 4, At: 480_000, Kind: cluster.Handle, Member: 2, Msg: app(2),
			Facts: []raft.Fact{{Kind: raft.FactAppended, Peer: 1, Index: 3, Term: 3}},
		},
		{ID: 5, At: 490_000, Kind: cluster.UserCommand, Command: &cluster.Command{
			Kind: cluster.ClientPut,
			Text: "put x 1", Op: &cluster.OpSpec{Via: 1},
		}},
	}
}

func links(n int, cut [][2]int) *cluster.Links {
	all := make([]cluster.Link, n*n)
	for _, c := range cut {
		all[(c[0]-1)*n+c[1]-1].Cut = true
	}
	return network.NewLinks(n, all)
}

// leaderless is fiveMembers without n1, n4: n2 and n3 are candidates of term 5 and nobody else can vote.
func leaderless(t testing.TB) *fakeWorld {
	w := fiveMembers(t)
	for _, m := range w.view.Members {
		m.Up = m.ID == 2 || m.ID == 3
		if m.Up {
			m.Raft.Role, m.Raft.Term, m.Raft.Vote, m.Raft.Lead = raft.Candidate, 5, m.ID, 0
		}
	}
	w.view.Links = links(5, nil)
	w.answers, w.broken = nil, nil
	return w
}

// dark is fiveMembers with everybody down.
func dark(t testing.TB) *fakeWorld {
	w := fiveMembers(t)
	for _, m := range w.view.Members {
		m.Up, m.Store = false, nil
	}
	return w
}

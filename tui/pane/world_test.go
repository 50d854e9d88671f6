package pane

import (
	"testing"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	"google.golang.org/protobuf/proto"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/cluster/network"
	"etcdscope/raft"
	"etcdscope/tui/theme"
)

// world builds a view by hand, so that what a test draws is known to the last cell.
type world struct {
	t     testing.TB
	view  *cluster.View
	links []cluster.Link
}

func newWorld(t testing.TB, n int) *world {
	conf, err := cluster.Config{Nodes: n, Seed: 42}.Complete()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, view: &cluster.View{Config: &conf, At: 148_300}, links: make([]cluster.Link, n*n)}
	for id := range n {
		w.view.Members = append(w.view.Members, &cluster.MemberView{ID: raft.ID(id + 1), Up: true, Inc: 1})
	}
	w.view.Links = network.NewLinks(n, w.links)
	return w
}

func (w *world) link(from, to int) *cluster.Link { return &w.links[(from-1)*len(w.view.Members)+to-1] }

func (w *world) member(id int) *cluster.MemberView { return w.view.Members[id-1] }

// log gives a member a real raft log behind the index first-1 with these terms; entry 3 puts k3=3, and
// entries that begin a term are empty.
func (w *world) log(id int, first raft.Index, terms ...raft.Term) *raft.View {
	var p raft.Persisted
	for n := range w.view.Members {
		p.Snapshot.Conf.Voters = append(p.Snapshot.Conf.Voters, raft.ID(n+1))
	}
	before := raft.Term(0)
	if first > 1 {
		p.Snapshot.Index, p.Snapshot.Term, before = first-1, terms[0], terms[0]
	}
	for i, term := range terms {
		e := raft.Entry{Term: term, Index: first + raft.Index(i)}
		if term == before {
			e.Data = w.put([]byte{'x'}, []byte{byte('0' + e.Index%10)})
		}
		p.Entries, before = append(p.Entries, e), term
	}
	p.HardState.Term = before
	node, err := raft.New(raft.Config{ID: raft.ID(id), ElectionTick: 15, HeartbeatTick: 5}, p)
	if err != nil {
		w.t.Fatal(err)
	}
	m := w.member(id)
	m.Raft = node.View()
	return &m.Raft
}

// put is the data of an entry that stores value under key.
func (w *world) put(key, value []byte) []byte {
	b, err := proto.Marshal(&etcdserverpb.InternalRaftRequest{
		ID: 1, Put: &etcdserverpb.PutRequest{Key: key, Value: value},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

// send puts a message in flight that has gone the given part (percent) of its way of 20 ms.
func (w *world) send(m raft.Message, percent int) *cluster.Flight {
	way := 20 * clock.Millisecond
	sent := w.view.At - way*clock.Time(percent)/100
	id := uint64(len(w.view.Flights) + 101)
	w.view.Flights = append(w.view.Flights, cluster.Flight{
		Message:   &cluster.Message{Message: m, ID: id, SentAt: sent, SentBy: id - 100, SenderInc: 1},
		DeliverAt: sent + way,
	})
	return &w.view.Flights[len(w.view.Flights)-1]
}

// scene returns a scene of the world in the dark theme.
func (w *world) scene() *Scene {
	dark, err := theme.Named("dark")
	if err != nil {
		w.t.Fatal(err)
	}
	return &Scene{View: w.view, Now: w.view.At, Theme: &dark, Selected: 2, Speed: "½x", Detail: cluster.Protocol}
}

// timers sets what is left of a member's timer, and what there was.
func (w *world) timers(id, left, total int) {
	r := &w.member(id).Raft
	r.Elapsed, r.Timeout = total-left, total
}

// classroom is the cluster of the mocks: n2 leads term 3, n4 is slow and has a conflicting entry, n5 has no
// power.
func classroom(t testing.TB) *world {
	w := newWorld(t, 5)
	set := func(r *raft.View, term raft.Term, vote raft.ID, commit, applied raft.Index) {
		r.Term, r.Vote, r.Lead, r.Commit, r.Applied = term, vote, 2, commit, applied
	}
	set(w.log(1, 1, 1, 1, 1, 2, 2, 3, 3), 3, 2, 6, 6)
	l := w.log(2, 4, 2, 2, 3, 3, 3)
	set(l, 3, 2, 7, 6)
	set(w.log(3, 1, 1, 1, 1, 2, 2, 3, 3), 3, 2, 5, 4)
	set(w.log(4, 1, 1, 1, 1, 2, 2, 2), 3, 2, 3, 3)
	set(w.log(5, 1, 1, 1), 2, 0, 2, 2)
	l.Role, l.HeartbeatElapsed, l.DurableIndex, l.Window = raft.Leader, 2, 7, 512
	l.Progress = []raft.Progress{
		{ID: 1, Match: 7, Next: 9, State: raft.Replicate, Inflight: 1, Active: true},
		{ID: 2, Match: 7, Next: 9, State: raft.Replicate, Active: true},
		{ID: 3, Match: 7, Next: 9, State: raft.Replicate, Inflight: 1, Active: true},
		{ID: 4, Match: 0, Next: 6, State: raft.Probe, Active: true, Paused: true},
		{ID: 5, Match: 2, Next: 4, State: raft.SnapshotSend, Snapshot: 3, Paused: true},
	}
	w.timers(1, 11, 18)
	w.timers(3, 17, 19)
	w.timers(4, 8, 20)
	w.member(5).Up, w.member(5).Down = false, "power off"
	w.traffic()
	return w
}

// traffic sends the messages of the mock and breaks its links.
func (w *world) traffic() {
	entry := raft.Entry{Term: 3, Index: 8, Data: w.put([]byte("x"), []byte("9"))}
	app := func(to raft.ID) raft.Message {
		return raft.Message{
			Type: raft.MsgApp, From: 2, To: to, Term: 3, LogTerm: 3, Index: 7, Entries: []raft.Entry{entry}, Commit: 7,
		}
	}
	ack := func(from raft.ID, i raft.Index) raft.Message {
		return raft.Message{Type: raft.MsgAppResp, From: from, To: 2, Term: 3, Index: i}
	}
	w.send(raft.Message{Type: raft.MsgHeartbeat, From: 2, To: 1, Term: 3, Commit: 6}, 30)
	w.send(ack(4, 6), 20)
	w.send(ack(1, 7), 70)
	w.send(app(3), 95)
	w.send(app(4), 10)
	w.send(app(5), 50)
	w.view.Dropped, w.view.Delivered = 1, 40
	w.link(2, 4).Delay = 3 * clock.Millisecond
	w.link(2, 5).Cut = true
}

package raft_test

import (
	"testing"

	"etcdscope/raft"
)

// loop is three members whose disks and links take no time.
type loop struct {
	nodes   []*raft.Node
	network []raft.Message
	applied int
}

func newLoop(b *testing.B) *loop {
	l := &loop{}
	for _, id := range []raft.ID{1, 2, 3} {
		cfg := raft.Config{ID: id, ElectionTick: 10, HeartbeatTick: 1, PreVote: true, CheckQuorum: true}
		node, err := raft.New(cfg, raft.Persisted{Snapshot: raft.SnapshotMeta{Conf: confOf(3, 0)}})
		if err != nil {
			b.Fatal(err)
		}
		l.nodes = append(l.nodes, node)
	}
	l.nodes[0].Campaign()
	l.run()
	return l
}

func (l *loop) run() {
	for moved := true; moved; {
		moved = false
		for _, node := range l.nodes {
			node.TakeFacts()
			rd, ok := node.Ready()
			if !ok {
				continue
			}
			moved = true
			l.network = append(l.network, rd.Msgs...)
			node.Durable(rd.Seq)
			l.network = append(l.network, rd.AfterSync...)
			if n := len(rd.Committed); n > 0 {
				node.Applied(rd.Committed[n-1].Index)
				l.applied += n
			}
		}
		for i := range l.network {
			_ = l.nodes[l.network[i].To-1].Step(l.network[i])
		}
		l.network = l.network[:0]
	}
}

// BenchmarkPut is one proposal from the leader's call until all three members have applied it.
func BenchmarkPut(b *testing.B) {
	l := newLoop(b)
	data := []byte("sixteen bytes...")
	before := l.applied
	b.ReportAllocs()
	for b.Loop() {
		if err := l.nodes[0].Propose(data); err != nil {
			b.Fatal(err)
		}
		l.run()
	}
	if l.applied-before != 3*b.N {
		b.Fatalf("applied %d entries, want %d", l.applied-before, 3*b.N)
	}
}

// BenchmarkTick is one tick of the leader with the heartbeats and their answers.
func BenchmarkTick(b *testing.B) {
	l := newLoop(b)
	b.ReportAllocs()
	for b.Loop() {
		l.nodes[0].Tick()
		l.run()
	}
}

// BenchmarkView and BenchmarkClone must not depend on the length of the log.
func BenchmarkView(b *testing.B) {
	l := longLoop(b)
	b.ReportAllocs()
	for b.Loop() {
		v := l.nodes[0].View()
		_, _ = v.Entry(v.Last)
	}
}

func BenchmarkClone(b *testing.B) {
	l := longLoop(b)
	b.ReportAllocs()
	for b.Loop() {
		l.nodes[0].Clone()
	}
}

func longLoop(b *testing.B) *loop {
	l := newLoop(b)
	for range 100_000 {
		_ = l.nodes[0].Propose(nil)
	}
	l.run()
	return l
}

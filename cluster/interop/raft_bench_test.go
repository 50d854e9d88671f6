package interop

import (
	"bytes"
	"fmt"
	"testing"

	etcdraft "go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"

	"etcdscope/raft"
)

// raftLoop is a cluster of one implementation whose disks and links take no time. Both do the same: every node with
// a Ready appends its entries and hard state to memory, hands out its messages and applies what is committed; then all
// messages are delivered by reference, and so on until nothing is left to do. Member 1 is nodes[0].
type raftLoop interface {
	propose(node int, data []byte) error
	campaign(node int) error
	tick(node int)
	run() error
	counts() (applied, messages int)
	leader() int // -1 for none
}

// The settings of both are those of an etcd server. An election without a pause needs voters that do not hold on to
// their leader, so there CheckQuorum is off.
const (
	electionTicks   = 10
	heartbeatTicks  = 1
	inflight        = 512
	bytesPerMessage = 512 << 10
)

// oursLoop drives etcdscope's raft. Facts are taken, as a driver must, and dropped.
type oursLoop struct {
	nodes             []*raft.Node
	disks             [][][]raft.Entry // of each node, as handed out
	states            []raft.HardState
	network           []raft.Message
	applied, messages int
}

func newOursLoop(nodes int, checkQuorum bool) (raftLoop, error) {
	l := &oursLoop{disks: make([][][]raft.Entry, nodes), states: make([]raft.HardState, nodes)}
	var conf raft.ConfState
	for id := range nodes {
		conf.Voters = append(conf.Voters, raft.ID(id+1))
	}
	for _, id := range conf.Voters {
		node, err := raft.New(raft.Config{
			ID: id, ElectionTick: electionTicks, HeartbeatTick: heartbeatTicks, MaxInflight: inflight,
			PreVote: true, CheckQuorum: checkQuorum,
		}, raft.Persisted{Snapshot: raft.SnapshotMeta{Conf: conf}})
		if err != nil {
			return nil, err
		}
		l.nodes = append(l.nodes, node)
	}
	return l, nil
}

func (l *oursLoop) propose(node int, data []byte) error { return l.nodes[node].Propose(data) }
func (l *oursLoop) campaign(node int) error             { l.nodes[node].Campaign(); return nil }
func (l *oursLoop) tick(node int)                       { l.nodes[node].Tick() }
func (l *oursLoop) counts() (applied, messages int)     { return l.applied, l.messages }

func (l *oursLoop) leader() int {
	for i, node := range l.nodes {
		if v := node.View(); v.Role == raft.Leader {
			return i
		}
	}
	return -1
}

func (l *oursLoop) run() error {
	for moved := true; moved; {
		moved = false
		for i, node := range l.nodes {
			node.TakeFacts()
			rd, ok := node.Ready()
			if !ok {
				continue
			}
			moved = true
			l.persist(i, &rd)
			l.network = append(l.network, rd.Msgs...)
			node.Durable(rd.Seq)
			l.network = append(l.network, rd.AfterSync...)
			if n := len(rd.Committed); n > 0 {
				node.Applied(rd.Committed[n-1].Index)
				l.applied += n
			}
		}
		l.messages += len(l.network)
		for i := range l.network {
			if err := l.nodes[l.network[i].To-1].Step(l.network[i]); err != nil {
				return err
			}
		}
		l.network = l.network[:0]
	}
	return nil
}

// persist is what etcd's MemoryStorage does: cut first, then append. Neither copies an entry: etcd's keeps a pointer to
// each, this one the slices that were handed out.
func (l *oursLoop) persist(i int, rd *raft.Ready) {
	if rd.HardState != nil {
		l.states[i] = *rd.HardState
	}
	if len(rd.Entries) == 0 {
		return
	}
	disk, first := l.disks[i], rd.Entries[0].Index
	for n := len(disk) - 1; n >= 0 && disk[n][len(disk[n])-1].Index >= first; n-- {
		if before := disk[n][0].Index; before < first {
			disk[n] = disk[n][:first-before]
			break
		}
		disk = disk[:n]
	}
	l.disks[i] = append(disk, rd.Entries)
}

// etcdLoop drives go.etcd.io/raft's RawNode over its MemoryStorage, synchronously, as etcd does. Its log lines are
// dropped before they are formatted.
type etcdLoop struct {
	nodes             []*etcdraft.RawNode
	disks             []*etcdraft.MemoryStorage
	network           []*raftpb.Message
	applied, messages int
}

func newEtcdLoop(nodes int, checkQuorum bool) (raftLoop, error) {
	l := &etcdLoop{}
	conf := &raftpb.ConfState{}
	for id := range nodes {
		conf.Voters = append(conf.Voters, uint64(id+1))
	}
	for _, id := range conf.Voters {
		disk := etcdraft.NewMemoryStorage()
		first := &raftpb.SnapshotMetadata{Index: new(uint64(1)), Term: new(uint64(1)), ConfState: conf}
		if err := disk.ApplySnapshot(&raftpb.Snapshot{Metadata: first}); err != nil {
			return nil, err
		}
		node, err := etcdraft.NewRawNode(&etcdraft.Config{
			ID: id, ElectionTick: electionTicks, HeartbeatTick: heartbeatTicks, MaxInflightMsgs: inflight,
			MaxSizePerMsg: bytesPerMessage, PreVote: true, CheckQuorum: checkQuorum, Storage: disk, Applied: 1,
			Logger: noLog{},
		})
		if err != nil {
			return nil, err
		}
		l.nodes, l.disks = append(l.nodes, node), append(l.disks, disk)
	}
	return l, nil
}

func (l *etcdLoop) propose(node int, data []byte) error { return l.nodes[node].Propose(data) }
func (l *etcdLoop) campaign(node int) error             { return l.nodes[node].Campaign() }
func (l *etcdLoop) tick(node int)                       { l.nodes[node].Tick() }
func (l *etcdLoop) counts() (applied, messages int)     { return l.applied, l.messages }

func (l *etcdLoop) leader() int {
	for i, node := range l.nodes {
		if node.BasicStatus().RaftState == etcdraft.StateLeader {
			return i
		}
	}
	return -1
}

func (l *etcdLoop) run() error {
	for moved := true; moved; {
		moved = false
		for i, node := range l.nodes {
			if !node.HasReady() {
				continue
			}
			moved = true
			rd := node.Ready()
			if !etcdraft.IsEmptyHardState(rd.HardState) {
				if err := l.disks[i].SetHardState(rd.HardState); err != nil {
					return err
				}
			}
			if err := l.disks[i].Append(rd.Entries); err != nil {
				return err
			}
			l.network = append(l.network, rd.Messages...)
			l.applied += len(rd.CommittedEntries)
			node.Advance(rd)
		}
		l.messages += len(l.network)
		for _, m := range l.network {
			if err := l.nodes[m.GetTo()-1].Step(m); err != nil {
				return err
			}
		}
		l.network = l.network[:0]
	}
	return nil
}

// noLog is a logger for etcd's raft that says nothing.
type noLog struct{}

func (noLog) Debug(...any)              {}
func (noLog) Debugf(string, ...any)     {}
func (noLog) Info(...any)               {}
func (noLog) Infof(string, ...any)      {}
func (noLog) Warning(...any)            {}
func (noLog) Warningf(string, ...any)   {}
func (noLog) Error(...any)              {}
func (noLog) Errorf(string, ...any)     {}
func (noLog) Fatal(v ...any)            { panic(fmt.Sprint(v...)) }
func (noLog) Fatalf(f string, v ...any) { panic(fmt.Sprintf(f, v...)) }
func (noLog) Panic(v ...any)            { panic(fmt.Sprint(v...)) }
func (noLog) Panicf(f string, v ...any) { panic(fmt.Sprintf(f, v...)) }

// raftImpls are in the order in which they run.
var raftImpls = []struct {
	name string
	make func(nodes int, checkQuorum bool) (raftLoop, error)
}{
	{"etcdscope", newOursLoop},
	{"etcd", newEtcdLoop},
}

// led returns a loop in which member 1 leads and all is quiet.
func led(tb failer, make func(int, bool) (raftLoop, error), nodes int, checkQuorum bool) raftLoop {
	tb.Helper()
	l, err := make(nodes, checkQuorum)
	check(tb, err)
	check(tb, l.campaign(0))
	check(tb, l.run())
	if l.leader() != 0 {
		tb.Fatalf("member %d leads, want member 1", l.leader()+1)
	}
	return l
}

// reportMessages says how many messages an operation took, so that a reader sees that both do the same work.
func reportMessages(b *testing.B, messages int) {
	b.Helper()
	b.ReportMetric(float64(messages)/float64(b.N), "msgs/op")
}

// logBound is how many entries a log may hold before the loop begins anew outside the measurement: a faster side
// must not be measured on a longer log.
const logBound = 200_000

// BenchmarkRaftPropose is batch proposals at the leader, until every member has applied all of them.
func BenchmarkRaftPropose(b *testing.B) {
	for _, nodes := range []int{1, 3, 5} {
		for _, payload := range []int{16, 256} {
			for _, batch := range []int{1, 64} {
				for _, impl := range raftImpls {
					name := fmt.Sprintf("nodes=%d/payload=%d/batch=%d/impl=%s", nodes, payload, batch, impl.name)
					b.Run(name, func(b *testing.B) {
						data := bytes.Repeat([]byte{'x'}, payload)
						benchPropose(b, func() raftLoop { return led(b, impl.make, nodes, true) }, data, nodes, batch)
					})
				}
			}
		}
	}
}

func benchPropose(b *testing.B, fresh func() raftLoop, data []byte, nodes, batch int) {
	l := fresh()
	start, messages := l.counts()
	applied, sent, held := 0, 0, 0
	clock := measure(b)
	for b.Loop() {
		if held += batch; held > logBound {
			clock.pause()
			a, m := l.counts()
			applied, sent, held = applied+a-start, sent+m-messages, batch
			l = fresh()
			start, messages = l.counts()
			clock.resume()
		}
		for range batch {
			check(b, l.propose(0, data))
		}
		check(b, l.run())
	}
	clock.report()
	a, m := l.counts()
	if applied += a - start; applied != b.N*nodes*batch {
		b.Fatalf("applied %d entries, want %d", applied, b.N*nodes*batch)
	}
	reportMessages(b, sent+m-messages)
}

// TestRaftAllocations holds how often a proposal allocates until it is applied everywhere. Messages and logs grow in
// steps, so that a part of an allocation is left over; etcd's figures are there to compare.
func TestRaftAllocations(t *testing.T) {
	const proposals = 2000
	for _, test := range []struct {
		nodes int
		most  float64
	}{{1, 1}, {3, 4}, {5, 6}} {
		got := make([]float64, len(raftImpls))
		for i, impl := range raftImpls {
			l, data := led(t, impl.make, test.nodes, true), make([]byte, 16)
			got[i] = testing.AllocsPerRun(proposals, func() {
				check(t, l.propose(0, data))
				check(t, l.run())
			})
		}
		t.Logf("%d members: %v allocations, etcd %v", test.nodes, got[0], got[1])
		if got[0] > test.most {
			t.Errorf("%d members: %v allocations for one proposal, want at most %v", test.nodes, got[0], test.most)
		}
	}
}

// BenchmarkRaftElection is one election with a pre-vote, from the timeout of a follower until its empty entry is
// applied by all members and the old leader follows.
func BenchmarkRaftElection(b *testing.B) {
	for _, nodes := range []int{3, 5} {
		for _, impl := range raftImpls {
			b.Run(fmt.Sprintf("nodes=%d/impl=%s", nodes, impl.name), func(b *testing.B) {
				l := led(b, impl.make, nodes, false)
				start, messages := l.counts()
				next := 0
				clock := measure(b)
				for b.Loop() {
					next = (next + 1) % nodes
					check(b, l.campaign(next))
					check(b, l.run())
				}
				clock.report()
				a, m := l.counts()
				if l.leader() != next || a-start != b.N*nodes {
					b.Fatalf("member %d leads, want %d; applied %d, want %d", l.leader()+1, next+1, a-start, b.N*nodes)
				}
				reportMessages(b, m-messages)
			})
		}
	}
}

// BenchmarkRaftHeartbeat is one tick of the leader with the heartbeats to all and their answers.
func BenchmarkRaftHeartbeat(b *testing.B) {
	for _, nodes := range []int{1, 3, 5} {
		for _, impl := range raftImpls {
			b.Run(fmt.Sprintf("nodes=%d/impl=%s", nodes, impl.name), func(b *testing.B) {
				l := led(b, impl.make, nodes, true)
				_, messages := l.counts()
				clock := measure(b)
				for b.Loop() {
					l.tick(0)
					check(b, l.run())
				}
				clock.report()
				_, m := l.counts()
				if want := b.N * 2 * (nodes - 1); m-messages != want || l.leader() != 0 {
					b.Fatalf("%d messages, want %d; member %d leads", m-messages, want, l.leader()+1)
				}
				reportMessages(b, m-messages)
			})
		}
	}
}

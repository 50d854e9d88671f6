package raft_test

import (
	"io"
	"log"
	"math"
	"testing"

	etcd "go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"etcdscope/raft"
)

// pair is a node of ours and one of etcd's that get the same inputs, where both do not do the same.
type pair struct {
	t            *testing.T
	node         *raft.Node
	shadow       *shadow
	queue        []raft.Ready
	pending      []raft.Entry
	ours, theirs effects
}

// effects are what came out since the last look.
type effects struct {
	sent, reads []string
	apply       int // entries to apply
}

// newPair starts both sides as n1 of three voters, unless the disk says otherwise.
func newPair(t *testing.T, disk raft.Persisted, change func(*raft.Config)) *pair {
	cfg := raft.Config{ID: 1, ElectionTick: 10, HeartbeatTick: 1, MaxInflight: 8}
	cfg.Timeout = func(raft.ID, raft.Term) int { return 13 }
	if change != nil {
		change(&cfg)
	}
	if disk.Snapshot.Conf.Voters == nil {
		disk.Snapshot.Conf = confOf(3, 0)
	}
	node, err := raft.New(cfg, disk)
	if err != nil {
		t.Fatal(err)
	}
	p := &pair{t: t, node: node, shadow: newShadow(t, cfg, disk)}
	p.look()
	return p
}

// look takes the Readys of both sides.
func (p *pair) look() {
	p.ours.reads, p.theirs.reads = nil, nil
	p.ours.sent, p.theirs.sent = nil, nil
	for rd, ok := p.node.Ready(); ok; rd, ok = p.node.Ready() {
		p.queue, p.pending = append(p.queue, rd), append(p.pending, rd.Committed...)
		for _, m := range rd.Msgs {
			p.ours.sent = append(p.ours.sent, m.Type.String())
		}
		for range rd.Reads {
			p.ours.reads = append(p.ours.reads, "read")
		}
	}
	p.theirs.sent, p.theirs.reads = p.shadow.drain()
	p.ours.apply, p.theirs.apply = len(p.pending), len(p.shadow.pending)
}

// step gives both sides a message of n2.
func (p *pair) step(m raft.Message) {
	m.To = 1
	if m.From == raft.None {
		m.From = 2
	}
	_ = p.node.Step(m)
	p.check(p.shadow.node.Step(asShadowMessage(m)))
	p.look()
}

func (p *pair) check(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// durable lets both disks write everything, or only the first Ready.
func (p *pair) durable(all bool) {
	for len(p.queue) > 0 {
		p.node.Durable(p.queue[0].Seq)
		p.queue = p.queue[1:]
		if !all {
			break
		}
	}
	upTo := p.shadow.emitted
	if !all {
		upTo -= len(p.shadow.appends) - 1
	}
	p.shadow.durable(upTo)
	p.look()
}

// apply lets both state machines take what is committed, changes of the configuration included.
func (p *pair) apply() {
	for _, e := range p.pending {
		if c, err := raft.DecodeConfChange(e.Type, e.Data); e.Type != raft.EntryNormal && err == nil {
			p.change(c)
		}
		p.node.Applied(e.Index)
	}
	p.pending = nil
	if n := len(p.shadow.pending); n > 0 {
		p.shadow.applied(p.shadow.pending[n-1].GetIndex())
	}
	p.look()
}

// change puts a change of the configuration into force on both sides.
func (p *pair) change(c raft.ConfChange) {
	_, _ = p.node.ApplyConfChange(c)
	p.shadow.node.ApplyConfChange(asConfChange(p.t, c))
}

func asConfChange(t *testing.T, c raft.ConfChange) *pb.ConfChangeV2 {
	_, data := c.Encode()
	change := &pb.ConfChangeV2{}
	if err := proto.Unmarshal(data, change); err != nil {
		t.Fatal(err)
	}
	return change
}

// lead makes both sides leader of the next term, with the vote of n2.
func (p *pair) lead() {
	p.node.Campaign()
	p.check(p.shadow.node.Campaign())
	p.look()
	p.durable(true)
	if v := p.node.View(); v.Role != raft.Leader {
		p.step(raft.Message{Type: raft.MsgVoteResp, Term: v.Term})
	}
	p.durable(true)
	if v := p.node.View(); v.Role != raft.Leader || p.shadow.node.Status().RaftState != etcd.StateLeader {
		p.t.Fatalf("n1 does not lead: %v, %v", v.Role, p.shadow.node.Status().RaftState)
	}
}

// acknowledge says that n2 holds everything.
func (p *pair) acknowledge() {
	v := p.node.View()
	p.step(raft.Message{Type: raft.MsgAppResp, Term: v.Term, Index: v.Last})
}

// propose proposes a change of the configuration.
func (p *pair) propose(c raft.ConfChange) {
	kind, data := c.Encode()
	p.check(p.node.ProposeConfChange(c))
	p.check(p.shadow.node.Step(&pb.Message{
		Type: pb.MsgProp.Enum(), From: &p.shadow.id, Entries: []*pb.Entry{{Type: pb.EntryType(kind).Enum(), Data: data}},
	}))
	p.look()
}

// readIndex asks both sides for a read point.
func (p *pair) readIndex(context uint64) {
	_ = p.node.ReadIndex(context)
	p.shadow.node.ReadIndex(asShadowMessage(raft.Message{Context: context}).Context)
}

// synchronous is etcd's raft as the etcd server drives it: one Ready after the other, with Advance between.
func synchronous(t *testing.T) *etcd.RawNode {
	storage := etcd.NewMemoryStorage()
	meta := raft.SnapshotMeta{Index: 1, Term: 1, Conf: confOf(3, 0)}
	if err := storage.ApplySnapshot(asSnapshot(meta)); err != nil {
		t.Fatal(err)
	}
	node, err := etcd.NewRawNode(&etcd.Config{
		ID: 1, ElectionTick: 10, HeartbeatTick: 1, Storage: storage, MaxInflightMsgs: 8, MaxSizePerMsg: math.MaxUint64,
		Applied: 1, Logger: &etcd.DefaultLogger{Logger: log.New(io.Discard, "", 0)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return node
}

// panics says whether f does.
func panics(f func()) (yes bool) {
	defer func() { yes = recover() != nil }()
	f()
	return false
}

package raft_test

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"github.com/cockroachdb/datadriven"
	pb "go.etcd.io/raft/v3/raftpb"
	"go.etcd.io/raft/v3/rafttest"

	"etcdscope/raft"
)

// mirror plays etcd's own interaction files on our nodes: every command has the effect that
// go.etcd.io/raft/v3/rafttest gives it, without the text.
type mirror struct {
	t      *testing.T
	nodes  []*mirrored
	flight []mirrorMessage
}

// mirrored is one node with the driver of rafttest around it.
type mirrored struct {
	member
	async   bool
	work    []raft.Ready   // handed out, not on disk
	batches [][]raft.Entry // handed out, not applied
}

// mirrorMessage is a message, or what a thread of the member's own reports to it.
type mirrorMessage struct {
	raft.Message
	durable uint64     // number of a Ready
	applied raft.Index // last entry of a batch
}

func (m mirrorMessage) local() bool { return m.durable > 0 || m.applied > 0 }

// id reads the i-th argument as a node.
func (r *mirror) id(d *datadriven.TestData, i int) int {
	n, err := strconv.Atoi(d.CmdArgs[i].Key)
	if err != nil {
		r.t.Fatal(err)
	}
	return n
}

func (r *mirror) node(id int) *mirrored { return r.nodes[id-1] }

// ids are the arguments that name nodes; all nodes if there are none.
func (r *mirror) ids(d *datadriven.TestData) (ids []int) {
	for i, arg := range d.CmdArgs {
		if len(arg.Vals) == 0 {
			ids = append(ids, r.id(d, i))
		}
	}
	if len(ids) == 0 {
		for i := range r.nodes {
			ids = append(ids, i+1)
		}
	}
	return ids
}

func argument(d *datadriven.TestData, name string) string {
	for _, arg := range d.CmdArgs {
		if arg.Key == name && len(arg.Vals) > 0 {
			return arg.Vals[0]
		}
	}
	return ""
}

func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}

// play runs one command.
func (r *mirror) play(d *datadriven.TestData) {
	switch d.Cmd {
	case "add-nodes":
		r.add(d)
	case "deliver-msgs":
		r.deliverMessages(d)
	case "stabilize":
		r.stabilize(r.ids(d))
	case "send-snapshot":
		from := r.node(r.id(d, 0))
		v := from.node.View()
		r.send(raft.Message{
			Type: raft.MsgSnap, Term: v.Term, From: v.ID, To: raft.ID(r.id(d, 1)), Snapshot: &raft.Snapshot{Meta: from.at},
		})
	case "transfer-leadership":
		_ = r.node(number(argument(d, "from"))).node.TransferLeader(raft.ID(number(argument(d, "to"))))
	case "process-ready", "process-append-thread", "process-apply-thread":
		for _, id := range r.ids(d) {
			r.process(d.Cmd, r.node(id))
		}
	case "_breakpoint", "log-level", "raft-log", "raft-state", "status":
	default:
		r.input(d, r.node(r.id(d, 0)))
	}
}

// input gives one node one input.
func (r *mirror) input(d *datadriven.TestData, m *mirrored) {
	v := m.node.View()
	switch d.Cmd {
	case "campaign":
		m.node.Campaign()
	case "compact":
		m.node.Compact(raft.Index(r.id(d, 1)))
	case "forget-leader":
		m.node.ForgetLeader()
	case "propose":
		_ = m.node.Propose([]byte(d.CmdArgs[1].Key))
	case "propose-conf-change":
		_ = m.node.ProposeConfChange(mirrorChange(d))
	case "report-unreachable":
		m.node.ReportUnreachable(raft.ID(r.id(d, 1)))
	case "set-randomized-election-timeout":
		m.node.SetTimer(number(argument(d, "timeout")) - v.Elapsed)
	case "tick-election":
		for range m.cfg.ElectionTick {
			m.node.Tick()
		}
	case "tick-heartbeat":
		m.node.Tick()
	default:
		r.t.Fatalf("%s: unknown command %s", d.Pos, d.Cmd)
	}
}

func mirrorChange(d *datadriven.TestData) raft.ConfChange {
	words := strings.Fields(d.Input)
	if argument(d, "v1") == "true" {
		words = append(words, "v1")
	}
	if transition := argument(d, "transition"); transition != "" && transition != "auto" {
		words = append(words, transition)
	}
	return parseConf(words)
}

// add starts nodes as rafttest does: behind a snapshot if one is described.
func (r *mirror) add(d *datadriven.TestData) {
	cfg := raft.Config{
		ElectionTick: 3, HeartbeatTick: 1, MaxInflight: math.MaxInt32, SingletonReads: true,
		PreVote: argument(d, "prevote") == "true", CheckQuorum: argument(d, "checkquorum") == "true",
		StepDownOnRemoval: argument(d, "step-down-on-removal") == "true",
	}
	if limit := argument(d, "inflight"); limit != "" {
		cfg.MaxInflight = number(limit)
	}
	cfg.MaxCommittedSizePerReady = uint64(number(argument(d, "max-committed-size-per-ready")))
	if argument(d, "read-only") == "lease-based" {
		cfg.ReadOnly = raft.ReadOnlyLease
	}
	async := argument(d, "async-storage-writes") == "true"
	cfg.Rules.ManyPendingChanges = argument(d, "disable-conf-change-validation") == "true"
	// Without asynchronous writes etcd hands out committed entries together with the write that makes them durable.
	cfg.Rules.ApplyBeforeSync = !async
	meta := raft.SnapshotMeta{Index: raft.Index(number(argument(d, "index")))}
	if meta.Index > 0 {
		meta.Term = 1
	}
	for _, arg := range d.CmdArgs[1:] {
		for _, value := range arg.Vals {
			switch arg.Key {
			case "voters":
				meta.Conf.Voters = append(meta.Conf.Voters, raft.ID(number(value)))
			case "learners":
				meta.Conf.Learners = append(meta.Conf.Learners, raft.ID(number(value)))
			}
		}
	}
	for range r.id(d, 0) {
		cfg.ID = raft.ID(len(r.nodes) + 1)
		m := &mirrored{member: member{cfg: cfg, disk: raft.Persisted{Snapshot: meta}}, async: async}
		if err := m.boot(0); err != nil {
			r.t.Fatal(err)
		}
		r.nodes = append(r.nodes, m)
	}
}

func (r *mirror) send(messages ...raft.Message) {
	for _, m := range messages {
		r.flight = append(r.flight, mirrorMessage{Message: m})
	}
}

func (r *mirror) process(what string, m *mirrored) bool {
	switch what {
	case "process-ready":
		return r.processReady(m)
	case "process-append-thread":
		return r.processAppend(m)
	}
	return r.processApply(m)
}

// processReady takes one Ready and, unless the threads are on their own, does all of it.
func (r *mirror) processReady(m *mirrored) bool {
	rd, ok := m.node.Ready()
	switch {
	case !ok:
		return false
	case !m.async:
		m.persist(rd)
		m.pending = append(m.pending, rd.Committed...)
		r.applyPending(m)
		r.send(rd.Msgs...)
		r.send(rd.AfterSync...)
		m.node.Durable(rd.Seq)
		m.node.Applied(m.at.Index)
		return true
	}
	r.send(rd.Msgs...)
	if rd.HardState != nil || len(rd.Entries)+len(rd.AfterSync) > 0 || rd.Snapshot != nil {
		m.work = append(m.work, rd)
	} else if len(m.work) == 0 {
		m.node.Durable(rd.Seq)
	}
	if len(rd.Committed) > 0 {
		m.batches = append(m.batches, rd.Committed)
	}
	return true
}

func (r *mirror) applyPending(m *mirrored) {
	for len(m.pending) > 0 {
		m.apply()
		m.node.OfferSnapshot(m.at)
	}
}

func (r *mirror) processAppend(m *mirrored) bool {
	if len(m.work) == 0 {
		return false
	}
	rd := m.work[0]
	m.work = m.work[1:]
	m.persist(rd)
	r.send(rd.AfterSync...)
	r.flight = append(r.flight, mirrorMessage{Message: raft.Message{To: m.cfg.ID}, durable: rd.Seq})
	return true
}

func (r *mirror) processApply(m *mirrored) bool {
	if len(m.batches) == 0 {
		return false
	}
	m.pending = m.batches[0]
	m.batches = m.batches[1:]
	r.applyPending(m)
	r.flight = append(r.flight, mirrorMessage{Message: raft.Message{To: m.cfg.ID}, applied: m.at.Index})
	return true
}

func (r *mirror) deliverMessages(d *datadriven.TestData) {
	kind := argument(d, "type")
	for _, arg := range d.CmdArgs {
		for _, value := range arg.Vals {
			if arg.Key == "drop" {
				r.deliver(raft.ID(number(value)), kind, true)
			}
		}
		if len(arg.Vals) == 0 {
			r.deliver(raft.ID(number(arg.Key)), kind, false)
		}
	}
}

// deliver hands over or drops everything on its way to one node, and says whether there was anything.
func (r *mirror) deliver(to raft.ID, kind string, drop bool) bool {
	var chosen []mirrorMessage
	r.flight = slices.DeleteFunc(slices.Clone(r.flight), func(m mirrorMessage) bool {
		if m.To != to || m.local() && drop || kind != "" && kind != m.Type.String() {
			return false
		}
		chosen = append(chosen, m)
		return true
	})
	for _, m := range chosen {
		switch {
		case drop:
		case m.durable > 0:
			r.node(int(to)).node.Durable(m.durable)
		case m.applied > 0:
			r.node(int(to)).node.Applied(m.applied)
		default:
			_ = r.node(int(to)).node.Step(m.Message)
		}
	}
	return len(chosen) > 0
}

// stabilize lets the chosen nodes work until nothing is left to do.
func (r *mirror) stabilize(ids []int) {
	for busy := true; busy; {
		busy = false
		for _, id := range ids {
			busy = r.processReady(r.node(id)) || busy
		}
		for _, id := range ids {
			busy = r.deliver(raft.ID(id), "", false) || busy
		}
		for _, id := range ids {
			for r.processAppend(r.node(id)) {
				busy = true
			}
		}
		for _, id := range ids {
			for r.processApply(r.node(id)) {
				busy = true
			}
		}
	}
}

// compare says how our nodes differ from etcd's. The timers are set to etcd's, which draws them from its own generator.
func (r *mirror) compare(env *rafttest.InteractionEnv) (lines []string) {
	for i, m := range r.nodes {
		theirs := &shadow{t: r.t, node: env.Nodes[i].RawNode}
		theirs.readLog(env.Nodes[i].Storage)
		v := m.node.View()
		theirs.set("electionElapsed", v.Elapsed)
		if limit := int(theirs.field("randomizedElectionTimeout").Int()); limit != v.Timeout {
			m.node.SetTimer(limit - v.Elapsed)
		}
		m.node.TakeFacts()
		for _, line := range theirs.differences(&v) {
			lines = append(lines, fmt.Sprintf("n%d %s", i+1, line))
		}
	}
	return lines
}

// readLog joins what etcd has in its storage with what it has not handed out yet.
func (s *shadow) readLog(storage rafttest.Storage) {
	unstable := s.pointer("raftLog").Elem().FieldByName("unstable")
	entries := *(*[]*pb.Entry)(unsafe.Pointer(unstable.FieldByName("entries").UnsafeAddr()))
	snapshot := *(**pb.Snapshot)(unsafe.Pointer(unstable.FieldByName("snapshot").UnsafeAddr()))
	if snapshot != nil {
		s.first, s.log = snapshot.GetMetadata().GetIndex()+1, entries
		return
	}
	first, err := storage.FirstIndex()
	s.check(err)
	s.first, s.log = first, nil
	if end := unstable.FieldByName("offset").Uint(); end > first {
		s.log, err = storage.Entries(first, end, math.MaxUint64)
		s.check(err)
	}
	s.log = append(slices.Clip(s.log), entries...)
}

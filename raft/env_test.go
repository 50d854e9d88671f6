package raft_test

import (
	"fmt"
	"slices"
	"strings"

	"etcdscope/raft"
)

// member is one node with the driver around it: a disk, Readys that are not durable, a state machine.
type member struct {
	node    *raft.Node
	cfg     raft.Config
	disk    raft.Persisted // what is synced
	queue   []raft.Ready   // handed out, not durable
	pending []raft.Entry   // handed out, not applied
	applied []raft.Entry
	down    bool
}

// env is a cluster of members and the messages between them. Nothing moves unless a command says so,
// except that disks and state machines work at once where manual is false.
type env struct {
	members []*member // members[0] is n1
	flight  []raft.Message
	manual  bool // durable and apply are commands
	quiet   bool // print no facts
	out     strings.Builder
	rules   map[*raft.Rule]bool // recorded so far
}

func newEnv() *env { return &env{rules: map[*raft.Rule]bool{}} }

func (e *env) printf(format string, args ...any) { fmt.Fprintf(&e.out, format+"\n", args...) }

func (e *env) member(id int) *member { return e.members[id-1] }

func (e *env) add(cfg raft.Config, p raft.Persisted) error {
	node, err := raft.New(cfg, p)
	if err != nil {
		return err
	}
	e.members = append(e.members, &member{node: node, cfg: cfg, disk: p})
	return nil
}

// settle prints what the last input did to each member and takes its effects, until there are none.
func (e *env) settle() {
	for again := true; again; {
		again = false
		for _, m := range e.members {
			again = e.drain(m) || again
		}
	}
}

func (e *env) drain(m *member) bool {
	if m.down {
		return false
	}
	e.printFacts(m)
	rd, ok := m.node.Ready()
	if ok {
		e.sendAll(rd.Msgs)
		m.queue = append(m.queue, rd)
		m.pending = append(m.pending, rd.Committed...)
		for _, rs := range rd.Reads {
			e.printf("n%d: read %d may be served at index %d", m.cfg.ID, rs.Context, rs.Index)
		}
	}
	if e.manual {
		return ok
	}
	e.durable(m, len(m.queue))
	e.apply(m)
	return ok
}

func (e *env) printFacts(m *member) {
	for _, f := range m.node.TakeFacts() {
		e.rules[f.Rule] = true
		if !e.quiet {
			e.printf("n%d %s [%v %s]", m.cfg.ID, f.Sentence(nil), f.Kind, f.Rule.ID)
		}
	}
}

func (e *env) sendAll(msgs []raft.Message) {
	for _, m := range msgs {
		if !e.quiet {
			e.printf("  %v", m)
		}
		e.flight = append(e.flight, m)
	}
}

// durable syncs the oldest count Readys of m.
func (e *env) durable(m *member, count int) {
	if count == 0 {
		return
	}
	for _, rd := range m.queue[:count] {
		persist(&m.disk, rd)
	}
	m.node.Durable(m.queue[count-1].Seq)
	e.printFacts(m)
	for _, rd := range m.queue[:count] {
		e.sendAll(rd.AfterSync)
	}
	m.queue = slices.Delete(m.queue, 0, count)
}

// persist writes a Ready to disk, as a WAL does: truncate, append, state.
func persist(disk *raft.Persisted, rd raft.Ready) {
	if len(rd.Entries) > 0 {
		keep := rd.Entries[0].Index - 1 - disk.Snapshot.Index
		disk.Entries = append(slices.Clip(disk.Entries[:keep]), rd.Entries...)
	}
	if rd.HardState != nil {
		disk.HardState = *rd.HardState
	}
}

func (e *env) apply(m *member) {
	for _, entry := range m.pending {
		m.applied = append(m.applied, entry)
		e.printf("n%d: apply %s", m.cfg.ID, entryText(entry))
	}
	if n := len(m.pending); n > 0 {
		m.node.Applied(m.pending[n-1].Index)
	}
	m.pending = nil
}

func entryText(entry raft.Entry) string {
	if entry.Data == nil {
		return fmt.Sprintf("%d/t%d", entry.Index, entry.Term)
	}
	return fmt.Sprintf("%d/t%d=%s", entry.Index, entry.Term, entry.Data)
}

// deliver hands the message at position i of the flight to its addressee; a member that is down loses it.
func (e *env) deliver(i int) {
	msg := e.flight[i]
	e.flight = slices.Delete(e.flight, i, i+1)
	if int(msg.To) > len(e.members) || e.member(int(msg.To)).down {
		return
	}
	to := e.member(int(msg.To))
	if !e.quiet {
		e.printf("deliver %v", msg)
	}
	if err := to.node.Step(msg); err != nil {
		e.printf("n%d: %v", to.cfg.ID, err)
	}
	e.settle()
}

// crash loses everything that is not durable. A state machine of this driver lives in memory only.
func (e *env) crash(m *member) {
	m.down, m.queue, m.pending, m.applied = true, nil, nil, nil
}

func (e *env) restart(m *member) error {
	node, err := raft.New(m.cfg, m.disk)
	if err != nil {
		return err
	}
	m.node, m.down = node, false
	e.settle()
	return nil
}

// stabilize delivers among ids (all if none) and lets their disks work until nothing moves.
func (e *env) stabilize(ids []int) {
	within := func(id raft.ID) bool { return len(ids) == 0 || slices.Contains(ids, int(id)) }
	for again := true; again; {
		again = false
		for _, m := range e.members {
			if !m.down && within(m.cfg.ID) && (len(m.queue) > 0 || len(m.pending) > 0) {
				e.durable(m, len(m.queue))
				e.apply(m)
				e.settle()
				again = true
			}
		}
		at := slices.IndexFunc(e.flight, func(m raft.Message) bool { return within(m.From) && within(m.To) })
		if at >= 0 {
			e.deliver(at)
			again = true
		}
	}
}

func (e *env) state(m *member) {
	if m.down {
		e.printf("n%d: down", m.cfg.ID)
		return
	}
	v := m.node.View()
	e.printf("n%d: %v t%d vote %d lead %d commit %d applied %d durable %d log %s timer %d/%d",
		v.ID, v.Role, v.Term, v.Vote, v.Lead, v.Commit, v.Applied, v.DurableIndex, logText(&v), v.Elapsed, v.Timeout)
	for _, p := range v.Progress {
		if p.ID != v.ID {
			e.printf("    n%d match %d next %d %v inflight %d active %v learner %v",
				p.ID, p.Match, p.Next, p.State, p.Inflight, p.Active, p.Learner)
		}
	}
}

func logText(v *raft.View) string {
	var terms []string
	for i := v.First; i <= v.Last; i++ {
		entry, _ := v.Entry(i)
		terms = append(terms, fmt.Sprint(entry.Term))
	}
	return "[" + strings.Join(terms, " ") + "]"
}

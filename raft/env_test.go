package raft_test

import (
	"fmt"
	"slices"
	"strings"

	"etcdscope/raft"
)

// env is a cluster of members and the messages between them. Nothing moves unless a command says so,
// except that disks and state machines work at once where manual is false.
type env struct {
	members []*member // members[0] is n1
	flight  []raft.Message
	manual  bool // durable and apply are commands
	eager   bool // a driver that lets vote requests leave before term and log are on disk
	quiet   bool // print no facts
	mute    bool // print nothing
	out     strings.Builder
	guard   *guard
	counts  map[string]int      // of messages sent
	off     []string            // rules that are switched off, beside those of the script
	rules   map[*raft.Rule]bool // recorded so far
}

func newEnv() *env {
	return &env{rules: map[*raft.Rule]bool{}, guard: newGuard(), counts: map[string]int{}}
}

func (e *env) printf(format string, args ...any) {
	if !e.mute {
		fmt.Fprintf(&e.out, format+"\n", args...)
	}
}

func (e *env) member(id int) *member { return e.members[id-1] }

func (e *env) add(cfg raft.Config, p raft.Persisted) error {
	m := &member{cfg: cfg, disk: p}
	if err := m.boot(0); err != nil {
		return err
	}
	e.members = append(e.members, m)
	e.guard.members = e.members
	e.guard.restarted(m)
	return nil
}

// settle prints what the last input did to each member and takes its effects, until there are none.
func (e *env) settle() {
	for _, m := range e.members {
		e.settleOne(m)
	}
}

// settleOne is settle where only one member had an input.
func (e *env) settleOne(m *member) {
	if !m.down {
		e.printFacts(m)
		e.effects(m)
	}
}

// effects takes what m wants done, until there is nothing.
func (e *env) effects(m *member) {
	for readys := 0; e.drain(m); readys++ {
		if readys == 1000 {
			e.guard.breaks("Livelock", "n%d has effects without end", m.cfg.ID)
			return
		}
	}
}

func (e *env) drain(m *member) bool {
	if m.held {
		return false
	}
	rd, ok := m.node.Ready()
	if ok {
		e.guard.handedOut(m, rd)
		if rd.Snapshot != nil {
			m.images[rd.Snapshot.Meta.Index] = imageIn(rd.Snapshot)
		}
		if !e.eager {
			rd = m.holdBack(rd)
		}
		e.sendAll(m, rd.Msgs)
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
	e.apply(m, len(m.pending))
	e.printFacts(m)
	return ok
}

func (e *env) printFacts(m *member) { e.told(m, m.node.TakeFacts()) }

// told hands facts to the guard and prints them.
func (e *env) told(m *member, facts []raft.Fact) {
	e.guard.observe(m, facts)
	if e.mute {
		return
	}
	for _, f := range facts {
		e.rules[f.Rule] = true
		if f.Sentence(nil) == f.Kind.String() {
			e.guard.breaks("Sentence", "no sentence for %v", f.Kind)
		}
		if !e.quiet {
			e.printf("n%d %s [%v %s]", m.cfg.ID, f.Sentence(nil), f.Kind, f.Rule.ID)
		}
	}
}

func (e *env) sendAll(from *member, msgs []raft.Message) {
	for _, m := range msgs {
		if !e.quiet && !e.mute {
			e.printf("  %v", m)
		}
		if !e.mute {
			e.count(m)
		}
		e.flight = append(e.flight, from.attach(m))
	}
}

// durable syncs the oldest count Readys of m.
func (e *env) durable(m *member, count int) {
	if count == 0 {
		return
	}
	for _, rd := range m.queue[:count] {
		before := m.disk.HardState
		m.persist(rd)
		e.guard.persisted(m, before)
		if rd.Snapshot != nil {
			e.guard.restored(m)
			e.printf("n%d: install snapshot %d", m.cfg.ID, rd.Snapshot.Meta.Index)
		}
		for _, msg := range rd.AfterSync {
			e.guard.promised(m, msg)
		}
	}
	m.node.Durable(m.queue[count-1].Seq)
	e.printFacts(m)
	for _, rd := range m.queue[:count] {
		e.sendAll(m, rd.AfterSync)
	}
	m.queue = slices.Delete(m.queue, 0, count)
}

// apply applies the oldest count entries of m. Each configuration is observed on its own: what was committed before
// it counts by the one before.
func (e *env) apply(m *member, count int) {
	applied := raft.Index(0)
	for len(m.pending) > 0 && count > 0 {
		before := m.at
		entry := m.apply()
		applied = entry.Index
		e.guard.applied(m, entry, before)
		if !e.mute {
			e.printf("n%d: apply %s", m.cfg.ID, entryText(entry))
		}
		if entry.Type != raft.EntryNormal {
			e.printFacts(m)
		}
		count--
	}
	if applied > 0 {
		m.node.Applied(applied)
	}
}

func entryText(entry raft.Entry) string {
	if c, err := raft.DecodeConfChange(entry.Type, entry.Data); err == nil {
		return fmt.Sprintf("%d/t%d=%v", entry.Index, entry.Term, c)
	}
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
	if !e.quiet && !e.mute {
		e.printf("deliver %v", msg)
	}
	var before raft.View
	if msg.Type == raft.MsgVote || msg.Type == raft.MsgPreVote {
		before = to.node.View()
	}
	if err := to.node.Step(msg); err != nil {
		e.printf("n%d: %v", to.cfg.ID, err)
	}
	facts := to.node.TakeFacts()
	e.guard.reasons(to, &before, msg, facts)
	e.told(to, facts)
	e.effects(to)
}

// crash loses everything that is not durable.
func (e *env) crash(m *member) {
	if m.down {
		return
	}
	e.guard.crashed(m)
	m.down, m.queue, m.pending = true, nil, nil
}

// restart boots m from its disk. Its state machine is as old as the snapshot there, or knows everything up to kept
// if it had come so far.
func (e *env) restart(m *member, kept raft.Index) error {
	e.crash(m)
	if err := m.boot(min(kept, m.at.Index)); err != nil {
		return err
	}
	e.guard.restarted(m)
	e.settleOne(m)
	return nil
}

// stabilize delivers among ids (all if none) and lets their disks work until nothing moves.
func (e *env) stabilize(ids []int) {
	within := func(id raft.ID) bool { return len(ids) == 0 || slices.Contains(ids, int(id)) }
	delivered := 0
	for again := true; again; {
		again = false
		for _, m := range e.members {
			if !m.down && within(m.cfg.ID) && (len(m.queue) > 0 || len(m.pending) > 0) {
				e.durable(m, len(m.queue))
				e.apply(m, len(m.pending))
				e.settleOne(m)
				again = true
			}
		}
		at := slices.IndexFunc(e.flight, func(m raft.Message) bool { return within(m.From) && within(m.To) })
		if at >= 0 {
			e.deliver(at)
			delivered++
			again = true
		}
		if delivered > 20000 {
			e.guard.breaks("Livelock", "messages without end")
			return
		}
	}
}

func (e *env) state(m *member) {
	if m.down {
		e.printf("n%d: down", m.cfg.ID)
		return
	}
	v := m.node.View()
	e.printf("n%d: %v t%d vote %d lead %d commit %d applied %d durable %d log %s timer %d/%d%s",
		v.ID, v.Role, v.Term, v.Vote, v.Lead, v.Commit, v.Applied, v.DurableIndex, logText(&v), v.Elapsed, v.Timeout,
		confNote(v.Conf, len(e.members)))
	for _, p := range v.Progress {
		if p.ID != v.ID {
			e.printf("    n%d match %d next %d %v inflight %d active %v learner %v",
				p.ID, p.Match, p.Next, p.State, p.Inflight, p.Active, p.Learner)
			if p.Snapshot > 0 {
				e.printf("        snapshot %d on its way", p.Snapshot)
			}
		}
	}
	if r := v.Reads; r.Asked+r.Waiting > 0 {
		e.printf("    reads: %d asked, %d wait for a commit in the term, round %d, oldest %d at index %d, answered by %v",
			r.Asked, r.Waiting, r.Round, r.Oldest, r.Index, readAcks(&v))
	}
}

// readAcks lists who has answered the oldest round that reads wait for.
func readAcks(v *raft.View) (ids []raft.ID) {
	for _, p := range v.Progress {
		if v.Reads.Asked > 0 && p.ReadAck >= v.Reads.Oldest && p.ID != v.ID {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

func logText(v *raft.View) string {
	var terms []string
	for i := v.First; i <= v.Last; i++ {
		entry, _ := v.Entry(i)
		terms = append(terms, fmt.Sprint(entry.Term))
	}
	text := "[" + strings.Join(terms, " ") + "]"
	if v.First > 1 {
		text = fmt.Sprintf("%d/t%d ", v.First-1, v.FirstTerm) + text
	}
	return text
}

// confNote writes the configuration unless it is that of the beginning: everybody votes.
func confNote(c raft.ConfState, members int) string {
	if len(c.Voters)+len(c.Learners) == members && !c.Joint() {
		return ""
	}
	text := fmt.Sprintf(" voters %v", c.Voters)
	if c.Joint() {
		text += fmt.Sprintf(" outgoing %v", c.VotersOutgoing)
	}
	if len(c.Learners)+len(c.LearnersNext) > 0 {
		text += fmt.Sprintf(" learners %v next %v", c.Learners, c.LearnersNext)
	}
	return text
}

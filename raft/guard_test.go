package raft_test

import (
	"fmt"
	"slices"

	"etcdscope/raft"
)

// guarantees are the names under which a guard says what is broken. The first fifteen are those of Raft itself
// and of the contract with the disk; then come the ends that a cluster must reach, and what only one script says.
var guarantees = []string{
	"ElectionSafety",     // a term has at most one leader, over all time
	"VoteOnce",           // a member votes for at most one candidate in a term, across crashes
	"VoteQuorum",         // who leads has the durable votes of a majority, of both in a joint configuration
	"AppendOnly",         // a leader never changes what it has appended
	"LogMatching",        // two logs with the same entry agree up to it
	"LeaderCompleteness", // what was committed in a term is in the log of every leader of a later term
	"StateMachineSafety", // every member applies the committed entries, in order, each once
	"TermMonotonic",      // no term goes back, on disk or in memory, or below one that was promised
	"CommitMonotonic",    // the commit index never goes back while a member runs, and stays in the log
	"DurableQuorum",      // what a leader commits is on the disks of a majority, of both in a joint configuration
	"PersistBeforeSend",  // a promise leaves only when the disk holds it or something newer
	"CommitOwnTerm",      // a rule: a leader commits by counting only entries of its own term
	"ConfSafety",         // configurations change one voter at a time or jointly, and one after the other
	"SnapshotSafety",     // a snapshot brings something new, removes nothing that agrees, and holds what was committed
	"LinearizableRead",   // a read sees what was committed when it began
	"AppliedOnDisk",      // a member applies only what its own disk holds
	"Recovery",           // once the faults have ended, there is a leader and everybody catches up
	"QuietRecovery",      // once the faults have ended, the leader's log commits without new proposals
	"Livelock",           // an input has an end of effects
	"Fact",               // a member has noticed a violation itself
	"Sentence",           // every fact has a sentence
	"Reasons",            // the reasons for and against a vote are the ones that the node follows
	"Expectation",        // what a script expects
}

// guard watches a cluster from outside and remembers, over all time, what must stay true. It collects what
// is broken: the name of the guarantee, and what happened.
type guard struct {
	members   []*member
	leaders   map[raft.Term]*raft.View          // at the election
	votes     map[raft.Term]map[raft.ID]raft.ID // promised: term, voter, candidate
	promises  map[raft.ID]raft.Term             // highest term of a promise
	chains    map[position]uint64               // hash of the log up to an entry
	committed []commitment                      // by leaders; committed[i] is entry i
	states    []uint64                          // the state machine after each entry, as the first member had it
	confs     map[raft.Index]raft.ConfState     // after an entry, as the first member had it
	reads     map[uint64]readPoint
	answered  int                    // reads
	seen      map[raft.ID]*raft.View // after the last input
	logs      map[raft.ID]*chainedLog
	handed    map[raft.Term]raft.ID // transfers: the term that may follow, and who is to lead it
	often     map[string]int        // what happened, and how often
	broken    []string              // "Name: what happened"
}

type position struct {
	index raft.Index
	term  raft.Term
}

// commitment is a committed entry: its term, and that of the leader that committed it. Term 0 is one that no
// leader was seen to commit.
type commitment struct{ term, by raft.Term }

// readPoint is the beginning of a read: what was committed, and the highest term.
type readPoint struct {
	index raft.Index
	term  raft.Term
}

func newGuard() *guard {
	return &guard{
		leaders: map[raft.Term]*raft.View{}, votes: map[raft.Term]map[raft.ID]raft.ID{},
		promises: map[raft.ID]raft.Term{}, handed: map[raft.Term]raft.ID{}, often: map[string]int{},
		chains: map[position]uint64{}, committed: make([]commitment, 1), reads: map[uint64]readPoint{},
		states: make([]uint64, 1), confs: map[raft.Index]raft.ConfState{}, seen: map[raft.ID]*raft.View{},
		logs: map[raft.ID]*chainedLog{},
	}
}

func (g *guard) breaks(name, format string, args ...any) {
	if !slices.Contains(guarantees, name) {
		panic("no guarantee is called " + name)
	}
	if text := name + ": " + fmt.Sprintf(format, args...); !slices.Contains(g.broken, text) {
		g.broken = append(g.broken, text)
	}
}

// last is the highest committed index.
func (g *guard) last() raft.Index { return raft.Index(len(g.committed) - 1) }

// brokenNames are the guarantees that are broken, each once.
func (g *guard) brokenNames() (names []string) {
	for _, name := range guarantees {
		if slices.ContainsFunc(g.broken, func(b string) bool { return len(b) > len(name) && b[:len(name)+1] == name+":" }) {
			names = append(names, name)
		}
	}
	return names
}

// restarted forgets what a crash may take back.
func (g *guard) restarted(m *member) {
	delete(g.seen, m.cfg.ID)
	log := g.chained(m.disk.Snapshot)
	for _, e := range m.disk.Entries {
		log.append(e)
	}
	g.logs[m.cfg.ID] = log
	if term := m.node.View().Term; term < g.promises[m.cfg.ID] {
		g.breaks("TermMonotonic", "n%d comes back in term %d, but has promised something in term %d",
			m.cfg.ID, term, g.promises[m.cfg.ID])
	}
}

// crashed counts crashes that are interesting.
func (g *guard) crashed(m *member) {
	v := g.seen[m.cfg.ID]
	if v == nil || v.Role != raft.Leader {
		return
	}
	if v.Conf.Joint() {
		g.often["leader crashes in a joint configuration"]++
	}
	if v.DurableIndex < v.Last {
		g.often["leader crashes with entries that are not on its disk"]++
	}
}

// observe compares the view after an input with the one before.
func (g *guard) observe(m *member, facts []raft.Fact) {
	v := m.node.View()
	before := g.seen[v.ID]
	g.seen[v.ID] = &v
	for i := range facts {
		if facts[i].Kind == raft.FactViolation {
			g.breaks("Fact", "n%d %s [%s]", v.ID, facts[i].Sentence(nil), facts[i].Rule.ID)
		}
	}
	if before != nil {
		g.moved(before, &v)
		g.installed(before, &v)
		if !m.cfg.Rules.ConfigOnAppend {
			g.confChanges(before, &v)
		}
	}
	if v.Commit > v.Last || v.DurableIndex > v.Last || v.Applied > v.Commit {
		g.breaks("CommitMonotonic", "n%d: applied %d, commit %d, durable %d, last %d",
			v.ID, v.Applied, v.Commit, v.DurableIndex, v.Last)
	}
	if v.Role != raft.Leader {
		return
	}
	if g.leaders[v.Term] == nil {
		g.elected(&v)
	}
	if other := g.leaders[v.Term].ID; other != v.ID {
		g.breaks("ElectionSafety", "n%d and n%d both lead term %d", other, v.ID, v.Term)
	}
	if v.Transferee != raft.None {
		g.handed[v.Term+1] = v.Transferee
	}
	g.commits(before, &v)
}

// moved checks what never goes back while a member runs, and what a leader never does.
func (g *guard) moved(before, v *raft.View) {
	if v.Term < before.Term {
		g.breaks("TermMonotonic", "n%d goes from term %d to %d", v.ID, before.Term, v.Term)
	}
	if v.Commit < before.Commit || v.Applied < before.Applied {
		g.breaks("CommitMonotonic", "n%d goes from commit %d to %d, from applied %d to %d",
			v.ID, before.Commit, v.Commit, before.Applied, v.Applied)
	}
	if v.Role != raft.Leader || before.Role != raft.Leader || before.Term != v.Term {
		return
	}
	for i := max(v.First, before.First); i <= before.Last; i++ {
		was, _ := before.Entry(i)
		if e, ok := v.Entry(i); !ok || e.Term != was.Term {
			g.breaks("AppendOnly", "leader n%d changed its own log at %d", v.ID, i)
			return
		}
	}
}

// elected checks leader completeness: what was committed in earlier terms is in the log of every later leader.
func (g *guard) elected(v *raft.View) {
	g.leaders[v.Term] = v
	for i := range g.committed {
		g.complete(v, raft.Index(i))
	}
	g.vote(v.Term, v.ID, v.ID)
	voted := func(id raft.ID) bool {
		if id != v.ID {
			return g.votes[v.Term][id] == v.ID
		}
		disk := g.members[v.ID-1].disk.HardState // the own vote counts if it is on disk
		return disk.Term == v.Term && disk.Vote == v.ID
	}
	for _, half := range halves(v.Conf) {
		if count := countIf(half, voted); count <= len(half)/2 {
			g.breaks("VoteQuorum", "n%d leads term %d with %d durable votes of %d", v.ID, v.Term, count, len(half))
		}
	}
	switch {
	case g.handed[v.Term] == v.ID:
		g.often["transfer completed"]++
	case v.Conf.Joint():
		g.often["election in a joint configuration"]++
	}
}

// vote notes a vote that is given, and checks that it is the only one.
func (g *guard) vote(term raft.Term, voter, candidate raft.ID) {
	if g.votes[term] == nil {
		g.votes[term] = map[raft.ID]raft.ID{}
	}
	if other := g.votes[term][voter]; other != raft.None && other != candidate {
		g.breaks("VoteOnce", "n%d votes for n%d and n%d in term %d", voter, other, candidate, term)
	}
	g.votes[term][voter] = candidate
}

// reasons compares the reasons for and against a vote with what the node did.
func (g *guard) reasons(m *member, before *raft.View, msg raft.Message, facts []raft.Fact) {
	if msg.Type != raft.MsgVote && msg.Type != raft.MsgPreVote || m.cfg.Rules != (raft.Rules{}) {
		return
	}
	why := raft.WhyVoteRefused(before, msg)
	want := !slices.ContainsFunc(why, func(c raft.Conjunct) bool { return !c.Holds })
	got := slices.ContainsFunc(facts, func(f raft.Fact) bool { return f.Kind == raft.FactVoteGranted })
	if got != want {
		g.breaks("Reasons", "n%d: %v: granted %v, but %v", m.cfg.ID, msg, got, why)
	}
}

func (g *guard) complete(leader *raft.View, i raft.Index) {
	was := g.committed[i]
	if was.term == 0 || was.by >= leader.Term || i < leader.First {
		return
	}
	if e, _ := leader.Entry(i); e.Term != was.term {
		g.breaks("LeaderCompleteness", "n%d leads term %d without entry %d of term %d, committed in term %d",
			leader.ID, leader.Term, i, was.term, was.by)
	}
}

func halves(c raft.ConfState) [][]raft.ID {
	if c.Joint() {
		return [][]raft.ID{c.Voters, c.VotersOutgoing}
	}
	return [][]raft.ID{c.Voters}
}

func countIf(ids []raft.ID, holds func(raft.ID) bool) (count int) {
	for _, id := range ids {
		if holds(id) {
			count++
		}
	}
	return count
}

func (g *guard) readBegins(context uint64) {
	point := readPoint{index: g.last()}
	for _, v := range g.seen {
		if v.Role == raft.Leader {
			point.term = max(point.term, v.Term)
		}
	}
	g.reads[context] = point
}

// served checks that reads are not stale.
func (g *guard) served(m *member, reads []raft.ReadState) {
	v := g.seen[m.cfg.ID]
	for _, rs := range reads {
		g.answered++
		point := g.reads[rs.Context]
		if rs.Index < point.index {
			g.breaks("LinearizableRead", "n%d: read %d at %d, but %d was committed before",
				m.cfg.ID, rs.Context, rs.Index, point.index)
		}
		if point.term > 0 && v.Term > point.term {
			g.often["read confirmed after a change of leaders"]++
		}
		if v.Role != raft.Leader {
			g.often["read confirmed at a follower"]++
		}
	}
}

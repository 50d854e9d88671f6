package raft_test

import (
	"fmt"
	"hash/fnv"
	"slices"

	"etcdscope/raft"
)

// guard watches a cluster from outside and remembers, over all time, what must stay true. It collects what
// is broken: the name of the guarantee, and what happened.
type guard struct {
	members   []*member
	leaders   map[raft.Term]*raft.View          // at the election
	votes     map[raft.Term]map[raft.ID]raft.ID // promised: term, voter, candidate
	chains    map[position]uint64               // hash of the log up to an entry
	committed map[raft.Index]commitment         // by leaders
	machine   map[raft.Index]uint64             // hash of the entry that the first state machine took
	last      raft.Index                        // highest committed index
	reads     map[uint64]raft.Index             // committed when the read began
	answered  int                               // reads
	seen      map[raft.ID]*raft.View            // after the last input
	logs      map[raft.ID]*chainedLog           // handed out
	broken    []string                          // "Name: what happened"
}

type position struct {
	index raft.Index
	term  raft.Term
}

type commitment struct {
	term, by raft.Term // of the entry, and of the leader that committed it
}

// chainedLog is a log as hashes, each over everything before it.
type chainedLog struct {
	base raft.Index // the entry before the first one
	sum  uint64     // its hash
	sums []uint64
}

func newGuard() *guard {
	return &guard{
		leaders: map[raft.Term]*raft.View{}, votes: map[raft.Term]map[raft.ID]raft.ID{},
		chains: map[position]uint64{}, committed: map[raft.Index]commitment{}, reads: map[uint64]raft.Index{},
		machine: map[raft.Index]uint64{}, seen: map[raft.ID]*raft.View{}, logs: map[raft.ID]*chainedLog{},
	}
}

func (g *guard) breaks(name, format string, args ...any) {
	if text := name + ": " + fmt.Sprintf(format, args...); !slices.Contains(g.broken, text) {
		g.broken = append(g.broken, text)
	}
}

// restarted forgets what a crash may take back.
func (g *guard) restarted(m *member) {
	delete(g.seen, m.cfg.ID)
	log := g.chained(m.disk.Snapshot)
	for _, e := range m.disk.Entries {
		log.append(e)
	}
	g.logs[m.cfg.ID] = log
}

func (g *guard) chained(s raft.SnapshotMeta) *chainedLog {
	return &chainedLog{base: s.Index, sum: g.chains[position{s.Index, s.Term}]}
}

func (l *chainedLog) last() raft.Index { return l.base + raft.Index(len(l.sums)) }

func (l *chainedLog) append(e raft.Entry) uint64 {
	before := l.sum
	if len(l.sums) > 0 {
		before = l.sums[len(l.sums)-1]
	}
	sum := hashOf(before, e)
	l.sums = append(l.sums, sum)
	return sum
}

func hashOf(before uint64, e raft.Entry) uint64 {
	h := fnv.New64a()
	for _, v := range []uint64{before, uint64(e.Term), uint64(e.Index)} {
		for shift := 0; shift < 64; shift += 8 {
			h.Write([]byte{byte(v >> shift)})
		}
	}
	h.Write(e.Data)
	return h.Sum64()
}

// observe compares the view after an input with the one before.
func (g *guard) observe(m *member, facts []raft.Fact) {
	v := m.node.View()
	before := g.seen[v.ID]
	g.seen[v.ID] = &v
	for _, f := range facts {
		if f.Kind == raft.FactViolation {
			g.breaks("Fact", "n%d %s [%s]", v.ID, f.Sentence(nil), f.Rule.ID)
		}
	}
	if before != nil {
		g.moved(before, &v)
	}
	if v.Commit > v.Last || v.DurableIndex > v.Last {
		g.breaks("CommitInLog", "n%d: commit %d, durable %d, last %d", v.ID, v.Commit, v.DurableIndex, v.Last)
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
	g.commits(before, &v)
}

// moved checks what never goes back while a member runs, and what a leader never does.
func (g *guard) moved(before, v *raft.View) {
	if v.Term < before.Term {
		g.breaks("TermMonotonic", "n%d goes from term %d to %d", v.ID, before.Term, v.Term)
	}
	if v.Commit < before.Commit || v.Applied < before.Applied && v.Snapshot == 0 {
		g.breaks("CommitMonotonic", "n%d goes from commit %d to %d", v.ID, before.Commit, v.Commit)
	}
	if v.Role == raft.Candidate && before.Role != raft.Candidate && unappliedConfs(v, 0, v.Commit) > 0 {
		g.breaks("ConfSafety", "n%d campaigns with a committed configuration that it has not applied", v.ID)
	}
	if v.Role != raft.Leader || before.Role != raft.Leader || before.Term != v.Term {
		return
	}
	if e, ok := v.Entry(before.Last); before.Last >= v.First && (!ok || e.Term != before.LastTerm()) {
		g.breaks("AppendOnly", "leader n%d changed its own log at %d", v.ID, before.Last)
	}
	if unappliedConfs(v, v.Term, v.Last) > 1 {
		g.breaks("ConfSafety", "leader n%d has proposed two changes that are not applied", v.ID)
	}
}

// unappliedConfs counts the configuration changes (of one term, 0: any) up to last that are not applied.
func unappliedConfs(v *raft.View, term raft.Term, last raft.Index) (count int) {
	for i := v.Applied + 1; i <= last; i++ {
		if e, ok := v.Entry(i); ok && e.Type != raft.EntryNormal && (term == 0 || e.Term == term) {
			count++
		}
	}
	return count
}

// elected checks leader completeness: what was committed in earlier terms is in the log of every later leader.
func (g *guard) elected(v *raft.View) {
	g.leaders[v.Term] = v
	for i, was := range g.committed {
		g.complete(v, i, was)
	}
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
}

func (g *guard) complete(leader *raft.View, i raft.Index, was commitment) {
	if e, _ := leader.Entry(i); was.by < leader.Term && i >= leader.First && e.Term != was.term {
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

// commits checks what a leader has committed: a majority of disks holds it, and it is never another entry.
func (g *guard) commits(before, v *raft.View) {
	for i := g.last + 1; i <= v.Commit; i++ {
		e, ok := v.Entry(i)
		if !ok {
			continue
		}
		g.committed[i] = commitment{term: e.Term, by: v.Term}
		g.last = i
		for _, leader := range g.leaders {
			g.complete(leader, i, g.committed[i])
		}
	}
	e, ok := v.Entry(v.Commit)
	if !ok {
		return
	}
	if was := g.committed[v.Commit]; e.Term != was.term {
		g.breaks("LeaderCompleteness", "n%d commits %d of term %d, but it was committed with term %d",
			v.ID, v.Commit, e.Term, was.term)
	}
	if before != nil && before.Role == raft.Leader && before.Term == v.Term && before.Commit == v.Commit {
		return // committed earlier, maybe under another configuration
	}
	if e.Term != v.Term {
		if before != nil && before.Term == v.Term && before.Role == raft.Leader {
			g.breaks("CommitOwnTerm", "leader n%d of term %d commits entry %d of term %d by counting",
				v.ID, v.Term, v.Commit, e.Term)
		}
		return // committed before this leader's time
	}
	for _, half := range halves(v.Conf) {
		holds := func(id raft.ID) bool {
			return int(id) <= len(g.members) && g.members[id-1].holds(v.Commit, e.Term)
		}
		if count := countIf(half, holds); count <= len(half)/2 {
			g.breaks("DurableQuorum", "n%d commits entry %d of term %d, which is on %d of %d disks",
				v.ID, v.Commit, e.Term, count, len(half))
		}
	}
}

// handedOut checks log matching on what is to be written, and that reads are not stale.
func (g *guard) handedOut(m *member, rd raft.Ready) {
	if rd.Snapshot != nil {
		g.logs[m.cfg.ID] = g.chained(rd.Snapshot.Meta)
	}
	log := g.logs[m.cfg.ID]
	for _, e := range rd.Entries {
		if e.Index > log.last()+1 || e.Index <= log.base {
			g.breaks("LogMatching", "n%d: entry %d handed out behind %d", m.cfg.ID, e.Index, log.last())
			break
		}
		log.sums = log.sums[:e.Index-log.base-1]
		sum, at := log.append(e), position{e.Index, e.Term}
		if known, ok := g.chains[at]; ok && known != sum {
			g.breaks("LogMatching", "n%d: two logs with entry %d of term %d differ up to it", m.cfg.ID, e.Index, e.Term)
		}
		g.chains[at] = sum
	}
	g.answered += len(rd.Reads)
	for _, rs := range rd.Reads {
		if rs.Index < g.reads[rs.Context] {
			g.breaks("LinearizableRead", "n%d: read %d at %d, but %d was committed before",
				m.cfg.ID, rs.Context, rs.Index, g.reads[rs.Context])
		}
	}
	for _, msg := range rd.Msgs {
		if msg.Type == raft.MsgVoteResp || msg.Type == raft.MsgAppResp {
			g.promised(m, msg)
		}
	}
}

func (g *guard) readBegins(context uint64) { g.reads[context] = g.last }

// promised checks persist-before-send: a vote or an acknowledgement that leaves is on disk, or outdated there.
func (g *guard) promised(m *member, msg raft.Message) {
	disk := m.disk.HardState
	if msg.Type == raft.MsgVoteResp && !msg.Reject {
		if g.votes[msg.Term] == nil {
			g.votes[msg.Term] = map[raft.ID]raft.ID{}
		}
		if other := g.votes[msg.Term][m.cfg.ID]; other != raft.None && other != msg.To {
			g.breaks("VoteOnce", "n%d votes for n%d and n%d in term %d", m.cfg.ID, other, msg.To, msg.Term)
		}
		g.votes[msg.Term][m.cfg.ID] = msg.To
	}
	switch {
	case msg.Reject || disk.Term > msg.Term:
	case msg.Type == raft.MsgVoteResp && (disk.Term != msg.Term || disk.Vote != msg.To):
		g.breaks("PersistBeforeSend", "n%d: %v leaves, but on disk are term %d and vote %d",
			m.cfg.ID, msg, disk.Term, disk.Vote)
	case msg.Type == raft.MsgAppResp && (disk.Term < msg.Term || msg.Index > m.lastOnDisk()):
		g.breaks("PersistBeforeSend", "n%d: %v leaves, but on disk are term %d and entries up to %d",
			m.cfg.ID, msg, disk.Term, m.lastOnDisk())
	}
}

// applied checks that every state machine takes the same entries, in order, each once, and only from disk.
func (g *guard) applied(m *member, e raft.Entry, before raft.Index) {
	if e.Index != before+1 {
		g.breaks("StateMachineSafety", "n%d applies %d after %d", m.cfg.ID, e.Index, before)
	}
	sum := hashOf(0, e)
	if was, ok := g.machine[e.Index]; ok && was != sum {
		g.breaks("StateMachineSafety", "n%d applies another entry %d than somebody else", m.cfg.ID, e.Index)
	}
	g.machine[e.Index] = sum
	if !m.holds(e.Index, e.Term) {
		g.breaks("AppliedOnDisk", "n%d applies %d, which its disk does not hold", m.cfg.ID, e.Index)
	}
}

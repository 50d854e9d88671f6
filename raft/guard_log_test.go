package raft_test

import "etcdscope/raft"

// chainedLog is a log as hashes, each over everything before it.
type chainedLog struct {
	base raft.Index // the entry before the first one
	sum  uint64     // its hash
	sums []uint64
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

// hashOf is FNV-1a over what was before and the entry.
func hashOf(before uint64, e raft.Entry) uint64 {
	const prime = 1099511628211
	sum := uint64(14695981039346656037)
	for _, v := range [...]uint64{before, uint64(e.Term), uint64(e.Index), uint64(e.Type)} {
		for ; v > 0; v >>= 8 {
			sum = (sum ^ v&0xff) * prime
		}
		sum *= prime
	}
	for _, b := range e.Data {
		sum = (sum ^ uint64(b)) * prime
	}
	return sum
}

// handedOut checks log matching on what is to be written, and what leaves at once.
func (g *guard) handedOut(m *member, rd raft.Ready) {
	if rd.Snapshot != nil {
		g.logs[m.cfg.ID] = g.chained(rd.Snapshot.Meta)
		g.snapshotHandedOut(m, rd.Snapshot)
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
	g.served(m, rd.Reads)
	for _, msg := range rd.Msgs {
		if msg.Type == raft.MsgVoteResp || msg.Type == raft.MsgAppResp {
			g.promised(m, msg)
		}
	}
}

// promised checks persist-before-send: a vote or an acknowledgement that leaves is on disk, or outdated there.
func (g *guard) promised(m *member, msg raft.Message) {
	if msg.Reject || msg.Type != raft.MsgVoteResp && msg.Type != raft.MsgAppResp {
		return
	}
	disk := m.disk.HardState
	g.promises[m.cfg.ID] = max(g.promises[m.cfg.ID], msg.Term)
	if msg.Type == raft.MsgVoteResp {
		g.vote(msg.Term, m.cfg.ID, msg.To)
	}
	switch {
	case disk.Term > msg.Term: // nobody may rely on it any more
		g.often["promise of a term that the disk has left"]++
	case msg.Type == raft.MsgVoteResp && (disk.Term != msg.Term || disk.Vote != msg.To):
		g.breaks("PersistBeforeSend", "n%d: %v leaves, but on disk are term %d and vote %d",
			m.cfg.ID, msg, disk.Term, disk.Vote)
	case msg.Type == raft.MsgAppResp && (disk.Term < msg.Term || msg.Index > m.lastOnDisk()):
		g.breaks("PersistBeforeSend", "n%d: %v leaves, but on disk are term %d and entries up to %d",
			m.cfg.ID, msg, disk.Term, m.lastOnDisk())
	}
}

// persisted checks that the term on disk never goes back.
func (g *guard) persisted(m *member, before raft.HardState) {
	if m.disk.HardState.Term < before.Term {
		g.breaks("TermMonotonic", "the disk of n%d goes from term %d to %d", m.cfg.ID, before.Term, m.disk.HardState.Term)
	}
}

// commits checks what a leader has committed: a majority of disks holds it, and it is never another entry.
func (g *guard) commits(before, v *raft.View) {
	for i := g.last() + 1; i <= v.Commit; i++ {
		was := commitment{}
		if e, ok := v.Entry(i); ok {
			was = commitment{term: e.Term, by: v.Term}
		}
		g.committed = append(g.committed, was)
		for _, leader := range g.leaders {
			g.complete(leader, i)
		}
	}
	e, ok := v.Entry(v.Commit)
	if !ok {
		return
	}
	if was := g.committed[v.Commit]; was.term != 0 && e.Term != was.term {
		g.breaks("LeaderCompleteness", "n%d commits %d of term %d, but it was committed with term %d",
			v.ID, v.Commit, e.Term, was.term)
	}
	led := before != nil && before.Role == raft.Leader && before.Term == v.Term
	switch {
	case led && before.Commit == v.Commit: // committed earlier, maybe under another configuration
	case e.Term == v.Term:
		g.onMajority(v, e)
		g.countCommit(before, v)
	case led:
		g.breaks("CommitOwnTerm", "leader n%d of term %d commits entry %d of term %d by counting",
			v.ID, v.Term, v.Commit, e.Term)
	}
}

// onMajority checks that a majority of disks holds what a leader commits.
func (g *guard) onMajority(v *raft.View, e raft.Entry) {
	for _, half := range halves(v.Conf) {
		holds := func(id raft.ID) bool {
			return int(id) <= len(g.members) && g.members[id-1].holds(e.Index, e.Term)
		}
		if count := countIf(half, holds); count <= len(half)/2 {
			g.breaks("DurableQuorum", "n%d commits entry %d of term %d, which is on %d of %d disks",
				v.ID, e.Index, e.Term, count, len(half))
		}
	}
}

// countCommit counts the ways of committing that are interesting.
func (g *guard) countCommit(before, v *raft.View) {
	if before == nil {
		return
	}
	if e, ok := v.Entry(before.Commit + 1); ok && e.Term < v.Term {
		g.often["entries of older terms commit with one of the own term"]++
	}
	if v.DurableIndex < v.Commit {
		g.often["leader commits what its own disk lacks"]++
	}
	if v.Conf.Joint() {
		g.often["commit in a joint configuration"]++
	}
}

// applied checks that every state machine takes the committed entries, in order, each once, and only from disk.
func (g *guard) applied(m *member, e raft.Entry, before raft.SnapshotMeta) {
	if e.Index != before.Index+1 {
		g.breaks("StateMachineSafety", "n%d applies %d after %d", m.cfg.ID, e.Index, before.Index)
	}
	switch {
	case e.Index > g.last():
		g.breaks("StateMachineSafety", "n%d applies %d, which no leader has committed", m.cfg.ID, e.Index)
	case g.committed[e.Index].term != 0 && g.committed[e.Index].term != e.Term:
		g.breaks("StateMachineSafety", "n%d applies %d of term %d, but it was committed with term %d",
			m.cfg.ID, e.Index, e.Term, g.committed[e.Index].term)
	}
	g.sameState(m, "applies")
	g.sameConf(m, before.Conf)
	if !m.holds(e.Index, e.Term) {
		g.breaks("AppliedOnDisk", "n%d applies %d, which its disk does not hold", m.cfg.ID, e.Index)
	}
}

// sameState compares a state machine with that of the first member that came so far.
func (g *guard) sameState(m *member, how string) {
	for raft.Index(len(g.states)) <= m.at.Index {
		g.states = append(g.states, 0)
	}
	if was := g.states[m.at.Index]; was != 0 && was != m.state {
		g.breaks("StateMachineSafety", "n%d %s %d and differs from somebody else", m.cfg.ID, how, m.at.Index)
	}
	g.states[m.at.Index] = m.state
}

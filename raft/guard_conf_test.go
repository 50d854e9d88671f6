package raft_test

import (
	"slices"

	"etcdscope/raft"
)

// confChanges checks when configurations may change: nobody campaigns with one that is committed and not applied,
// and a leader proposes one after the other.
func (g *guard) confChanges(before, v *raft.View) {
	if v.Role == raft.Candidate && before.Role != raft.Candidate && unappliedConfs(v, 0, v.Commit) > 0 {
		g.breaks("ConfSafety", "n%d campaigns with a committed configuration that it has not applied", v.ID)
	}
	if v.Role == raft.Leader && before.Role == raft.Leader && before.Term == v.Term &&
		unappliedConfs(v, v.Term, v.Last) > 1 {
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

// sameConf checks that everybody has the same configuration behind the same entry, and that each one and the one
// before share a majority.
func (g *guard) sameConf(m *member, before raft.ConfState) {
	if m.cfg.Rules.ConfigOnAppend {
		return // in force is that of the log's end
	}
	if was, ok := g.confs[m.at.Index]; ok && !was.Equal(m.conf) {
		g.breaks("ConfSafety", "behind entry %d the configuration of n%d is %v, that of another member %v",
			m.at.Index, m.cfg.ID, m.conf, was)
	}
	g.confs[m.at.Index] = m.conf
	switch {
	case before.Equal(m.conf):
	case !before.Joint() && m.conf.Joint():
		if !slices.Equal(before.Voters, m.conf.VotersOutgoing) {
			g.breaks("ConfSafety", "n%d goes from %v to %v, which keeps other voters", m.cfg.ID, before, m.conf)
		}
		g.often["joint configuration entered"]++
	case before.Joint() && !m.conf.Joint():
		if !slices.Equal(before.Voters, m.conf.Voters) {
			g.breaks("ConfSafety", "n%d leaves %v for %v, which has other voters", m.cfg.ID, before, m.conf)
		}
		g.often["joint configuration left"]++
	case changedVoters(before.Voters, m.conf.Voters) > 1:
		g.breaks("ConfSafety", "n%d goes from %v to %v in one step", m.cfg.ID, before, m.conf)
	}
}

// changedVoters counts who is in one of two lists only.
func changedVoters(a, b []raft.ID) int {
	missing := func(from, of []raft.ID) int {
		return countIf(from, func(id raft.ID) bool { return !slices.Contains(of, id) })
	}
	return missing(a, b) + missing(b, a)
}

// installed checks a snapshot that replaces the log in this step.
func (g *guard) installed(before, v *raft.View) {
	if v.Snapshot == 0 || v.Snapshot == before.Snapshot {
		return
	}
	if v.Snapshot <= before.Commit {
		g.breaks("SnapshotSafety", "n%d has committed %d and installs a snapshot of %d", v.ID, before.Commit, v.Snapshot)
	}
	if e, ok := before.Entry(v.Snapshot); ok && v.First == v.Snapshot+1 && e.Term == v.FirstTerm {
		g.breaks("SnapshotSafety", "n%d replaces a log that agrees with the snapshot of %d", v.ID, v.Snapshot)
	}
	g.often["snapshot installed"]++
	if before.Last > v.Snapshot {
		g.often["snapshot replaces a longer log"]++
	}
	if before.Role == raft.Candidate || before.Role == raft.PreCandidate {
		g.often["snapshot installed while candidate"]++
	}
}

// snapshotHandedOut checks that a snapshot knows the member that it is for.
func (g *guard) snapshotHandedOut(m *member, s *raft.Snapshot) {
	if c := s.Meta.Conf; !inConf(c, m.cfg.ID) && !m.cfg.Rules.ConfigOnAppend {
		g.breaks("ConfSafety", "n%d installs a snapshot whose configuration %v lacks it", m.cfg.ID, c)
	}
}

// restored checks that the state machine inside a snapshot is the committed one.
func (g *guard) restored(m *member) {
	if raft.Index(len(g.states)) <= m.at.Index || g.states[m.at.Index] == 0 || m.image == 0 {
		return // made up by a script, or before anything was applied
	}
	if g.states[m.at.Index] != m.state {
		g.breaks("SnapshotSafety", "the snapshot of %d that n%d installs holds another state", m.at.Index, m.cfg.ID)
	}
}

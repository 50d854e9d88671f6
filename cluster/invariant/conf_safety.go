package invariant

import (
	"slices"

	"etcdscope/raft"
)

// configured is another configuration coming into force on a member. One that came with a snapshot may be many changes
// away from the one before.
func (c *Checker) configured(m *member) {
	old, next := m.conf, c.raft(c.e.Member).Conf
	m.conf = &next
	snapshot := func(f raft.Fact) bool { return f.Kind == raft.FactSnapshotInstalled }
	if old == nil || slices.ContainsFunc(c.e.Facts, snapshot) {
		return
	}
	switch {
	case next.Joint() && !old.Joint() && !slices.Equal(next.VotersOutgoing, old.Voters):
		c.violate(confSafety, "n%d goes from voters %v to a joint configuration with %v", c.e.Member, old.Voters,
			next.VotersOutgoing)
	case old.Joint() && !next.Joint() && !slices.Equal(next.Voters, old.Voters):
		c.violate(confSafety, "n%d leaves a joint configuration for voters %v, not %v", c.e.Member, next.Voters, old.Voters)
	case !next.Joint() && !old.Joint() && difference(old.Voters, next.Voters) > 1:
		c.violate(confSafety, "n%d goes from voters %v to %v at once: two majorities may have no member in common",
			c.e.Member, old.Voters, next.Voters)
	}
}

// knows notes the configuration that a member begins with.
func (m *member) knows(log *raft.View) {
	conf := log.Conf
	m.conf = &conf
}

// difference counts the members that are in one of the lists only.
func difference(a, b []raft.ID) int {
	in := func(list []raft.ID) func(raft.ID) bool {
		return func(id raft.ID) bool { return slices.Contains(list, id) }
	}
	return len(a) + len(b) - count(a, in(b)) - count(b, in(a))
}

// campaigns checks that a candidate has applied every configuration that it knows to be committed.
func (c *Checker) campaigns() {
	log := c.raft(c.e.Member)
	if i := unapplied(log, 0, log.Commit); i != 0 && c.onApply() {
		c.violate(confSafety, "n%d campaigns before it has applied the configuration of entry %d", c.e.Member, i)
	}
}

// proposesConf checks that a leader has applied its last change of the configuration before it proposes the next.
func (c *Checker) proposesConf(log *raft.View, f *raft.Fact) {
	e, ok := log.Entry(f.Index)
	if !ok || e.Type == raft.EntryNormal || !c.onApply() {
		return
	}
	if i := unapplied(log, f.Term, f.Index-1); i != 0 {
		c.violate(confSafety, "n%d proposes a configuration at %d before it has applied the one of entry %d",
			c.e.Member, f.Index, i)
	}
}

// onApply says whether a configuration comes into force when it is applied, not when it is appended.
func (c *Checker) onApply() bool { return c.view().Config.On("config-on-apply") }

// unapplied returns the first entry of a configuration, of one term or (0) of any, that is not applied; 0 is none.
func unapplied(log *raft.View, term raft.Term, last raft.Index) raft.Index {
	for i := log.Applied + 1; i <= last; i++ {
		if e, ok := log.Entry(i); ok && e.Type != raft.EntryNormal && (term == 0 || e.Term == term) {
			return i
		}
	}
	return 0
}

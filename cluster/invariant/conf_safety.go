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
	case !next.Joint() && !old.Joint() && difference(old.Voters, next.Voters) > 1:
		c.violate(confSafety, "n%d goes from voters %v to %v at once: two majorities may have no member in common",
			c.e.Member, old.Voters, next.Voters)
	}
}

// difference counts the members that are in one of the lists only.
func difference(a, b []raft.ID) int {
	in := func(list []raft.ID) func(raft.ID) bool {
		return func(id raft.ID) bool { return slices.Contains(list, id) }
	}
	return len(a) + len(b) - count(a, in(b)) - count(b, in(a))
}

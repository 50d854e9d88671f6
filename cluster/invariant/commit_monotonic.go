package invariant

import "etcdscope/raft"

// forward checks that a commit index goes forward and stays inside the log. Across a restart it may go back:
// the hard state's commit index is not synced by itself.
func (c *Checker) forward(m *member, f *raft.Fact) {
	if f.Index <= m.commit {
		c.violate(commitMonotonic, "n%d moves its commit index from %d back to %d", c.e.Member, m.commit, f.Index)
	}
	if f.Index > m.last {
		c.violate(commitMonotonic, "n%d commits up to %d, but its log ends at %d", c.e.Member, f.Index, m.last)
	}
	m.commit = f.Index
}

package invariant

import "etcdscope/raft"

// truncated is a member cutting its log behind f.Index.
func (c *Checker) truncated(m *member, f *raft.Fact) {
	if m.leading != 0 {
		c.violate(leaderAppendOnly, "n%d leads term %d and cuts its log behind %d", c.e.Member, m.leading, f.Index)
	}
	if f.Index < m.commit {
		c.violate(commitMonotonic, "n%d cuts its log behind %d, but it knows that everything up to %d is committed",
			c.e.Member, f.Index, m.commit)
	}
	m.last = f.Index
	m.disk.cut(f.Index)
}

// proposed is a leader appending an entry of its own.
func (c *Checker) proposed(m *member, f *raft.Fact) {
	if m.leading != 0 && f.Index != m.last+1 {
		c.violate(leaderAppendOnly, "n%d leads term %d and puts an entry at %d, its log ends at %d",
			c.e.Member, m.leading, f.Index, m.last)
	}
	m.last = f.Index
	log := c.raft(c.e.Member)
	c.chain(log, f.Index, f.Index)
	c.proposesConf(log, f)
}

package invariant

import "etcdscope/raft"

// installed is a member giving up its log for a snapshot.
func (c *Checker) installed(m *member, f *raft.Fact) {
	if f.Index <= m.commit {
		c.violate(snapshotSafety, "n%d takes a snapshot at index %d, but it knows that everything up to %d is committed",
			c.e.Member, f.Index, m.commit)
	}
	if m.leading != 0 {
		c.violate(leaderAppendOnly, "n%d leads term %d and takes a snapshot", c.e.Member, m.leading)
	}
	m.last, m.commit = f.Index, f.Index
}

// replaces is a member's database giving way to the one of a snapshot.
func (c *Checker) replaces() {
	e := c.e
	k := c.commits.get(uint64(e.Index))
	switch {
	case k.term != e.Term:
		c.violate(snapshotSafety, "n%d has a snapshot of entry %d of term %d; committed is the one of term %d",
			e.Member, e.Index, e.Term, k.term)
	case k.rev != 0 && k.rev != e.Rev:
		c.violate(snapshotSafety, "n%d has a snapshot of entry %d at revision %d, others were at %d",
			e.Member, e.Index, e.Rev, k.rev)
	}
	c.member(e.Member).applied = e.Index
	v := c.view().Members[e.Member-1]
	c.recoveredState(v)
	c.attached(v)
}

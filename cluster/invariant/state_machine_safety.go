package invariant

// applies is a member applying one committed entry. After a restart it begins behind what its database holds.
func (c *Checker) applies() {
	e, m := c.e, c.member(c.e.Member)
	if e.Failed {
		return
	}
	if e.Index != m.applied+1 {
		c.violate(stateMachineSafety, "n%d applies entry %d after entry %d", e.Member, e.Index, m.applied)
	}
	m.applied = e.Index
	if e.Index > m.commit {
		c.violate(commitMonotonic, "n%d applies entry %d, but it knows only up to %d as committed",
			e.Member, e.Index, m.commit)
	}
	c.applied(e.Index)
	switch k := c.commits.get(uint64(e.Index)); {
	case k.term == 0:
		c.violate(stateMachineSafety, "n%d applies entry %d, which no leader has committed", e.Member, e.Index)
	case k.term != e.Term:
		c.violate(stateMachineSafety, "n%d applies entry %d of term %d; committed is the one of term %d",
			e.Member, e.Index, e.Term, k.term)
	default:
		c.revision()
		c.sameState(e.Member, e.Index, e.Hash, e.Auth)
	}
	c.leased()
}

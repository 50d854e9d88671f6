package invariant

// revision checks the revision after an apply: one more than before exactly when something changed, and the
// same on every member that has applied this index.
func (c *Checker) revision() {
	e := c.e
	k := c.commits.at(uint64(e.Index))
	if k.rev != 0 {
		if k.rev != e.Rev {
			c.violate(revisionDense, "entry %d leaves n%d at revision %d, another member at %d",
				e.Index, e.Member, e.Rev, k.rev)
		}
		return
	}
	want := int64(1) // an empty store
	if e.Index > 1 {
		want = c.commits.get(uint64(e.Index) - 1).rev
	}
	if e.N > 0 {
		want++
	}
	if e.Rev != want {
		c.violate(revisionDense, "entry %d (%d changes) leaves n%d at revision %d, want %d",
			e.Index, e.N, e.Member, e.Rev, want)
	}
	k.rev = e.Rev
	if e.N > 0 && e.Rev > 0 {
		*c.revs.at(uint64(e.Rev)) = uint64(e.Index)
	}
}

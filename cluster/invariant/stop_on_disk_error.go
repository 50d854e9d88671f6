package invariant

// diskFails is a disk that refused to write or to sync. The bytes of a failed fsync count as lost for ever, and the
// member must be down: whatever it did next, it could not know what its disk holds.
func (c *Checker) diskFails() {
	p := &c.member(c.e.Member).disk
	p.marked, p.markedBy = p.durable, 0
	if v := c.view().Members[c.e.Member-1]; v.Up && v.Inc == c.e.Inc {
		c.violate(stopOnDiskError, "n%d goes on after its disk said: %s", v.ID, c.e.Note)
	}
}

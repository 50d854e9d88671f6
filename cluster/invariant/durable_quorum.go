package invariant

import "etcdscope/raft"

// onDisks counts the members that hold entry i of the committing leader's log on their platters. A member that
// is down counts: its disk is there.
func (c *Checker) onDisks(i raft.Index, leader *raft.View) {
	want, ok := leader.Entry(i)
	if !ok {
		return
	}
	copies := 0
	for id := range c.members {
		log := c.raft(raft.ID(id + 1))
		e, ok := log.Entry(i)
		if ok && e.Term == want.Term && c.members[id].disk.durable >= i {
			copies++
		}
	}
	if n := len(c.members); copies <= n/2 {
		c.violate(durableQuorum, "n%d commits entry %d of term %d, which is on %d of %d disks",
			leader.ID, i, want.Term, copies, n)
	}
}

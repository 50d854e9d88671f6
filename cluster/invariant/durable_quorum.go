package invariant

import "etcdscope/raft"

// onDisks counts the members that hold entry i of the committing leader's log on their platters. A member that
// is down counts: its disk is there.
func (c *Checker) onDisks(i raft.Index, leader *raft.View) {
	want, ok := leader.Entry(i)
	if !ok {
		return
	}
	holds := func(id raft.ID) bool {
		if int(id) > len(c.view().Members) {
			return false
		}
		log := c.raft(id)
		if i < log.First {
			return true // in a snapshot
		}
		e, ok := log.Entry(i)
		return ok && e.Term == want.Term && c.member(id).disk.durable >= i
	}
	for _, voters := range halves(&leader.Conf) {
		if copies := count(voters, holds); copies <= len(voters)/2 {
			c.violate(durableQuorum, "n%d commits entry %d of term %d, which is on %d of %d disks",
				leader.ID, i, want.Term, copies, len(voters))
		}
	}
}

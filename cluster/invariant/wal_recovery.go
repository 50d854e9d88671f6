package invariant

import "etcdscope/cluster"

// recovered compares what a restart found with what the observer saw being written and synced.
func (c *Checker) recovered(m *member, v *cluster.MemberView) {
	d := &m.disk
	if v.Raft.Last < d.durable {
		c.violate(walRecovery, "n%d starts with a log that ends at %d; up to %d was synced", v.ID, v.Raft.Last, d.durable)
	}
	if v.Raft.Last > max(d.written, d.durable, m.last) {
		c.violate(walRecovery, "n%d starts with a log that ends at %d; only %d entries were ever written",
			v.ID, v.Raft.Last, d.written)
	}
	if v.Raft.Term < d.term {
		c.violate(walRecovery, "n%d starts in term %d; term %d was synced", v.ID, v.Raft.Term, d.term)
	}
	if v.Raft.Term == d.term && d.vote != 0 && v.Raft.Vote != d.vote {
		c.violate(walRecovery, "n%d forgets that it voted for n%d in term %d", v.ID, d.vote, d.term)
	}
}

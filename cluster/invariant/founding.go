package invariant

import (
	"etcdscope/cluster"
	"etcdscope/raft"
)

// founded takes in what the members' logs hold before anything happens: in profile etcd one committed entry for each
// founder.
func (c *Checker) founded() {
	c.met = true
	for _, v := range c.view().Members {
		log := &v.Raft
		m := c.member(v.ID)
		m.knows(log)
		if log.Last == 0 {
			continue
		}
		m.last, m.commit, m.applied = log.Last, log.Commit, log.Applied
		if log.First > 1 {
			c.restoredFrom(v)
		}
		m.disk = platter{written: log.Last, durable: log.Last, term: log.Term}
		c.chain(log, log.First, log.Last)
		for i := c.last + 1; i <= log.Commit; i++ {
			term, hash, ok := c.chainOf(log, i)
			if !ok {
				break
			}
			*c.commits.at(uint64(i)) = commit{term: term, byTerm: raft.Term(1), hash: hash}
			c.last = i
		}
	}
}

// restoredFrom takes a snapshot with which the cluster began as what is committed and applied.
func (c *Checker) restoredFrom(v *cluster.MemberView) {
	base := v.Raft.First - 1
	if c.last >= base {
		return
	}
	const beginning = 1 // stands for all that the snapshot holds
	c.link(base, link{v.Raft.FirstTerm, beginning})
	*c.commits.at(uint64(base)) = commit{
		term: v.Raft.FirstTerm, byTerm: 1, hash: beginning, rev: v.Store.Revision,
	}
	*c.revs.at(uint64(v.Store.Revision)) = uint64(base)
	c.last = base
}

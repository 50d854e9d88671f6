package invariant

import "etcdscope/raft"

// founded takes in what the members' logs hold before anything happens: in profile etcd one committed entry for each
// founder.
func (c *Checker) founded() {
	c.met = true
	for _, v := range c.view().Members {
		log := &v.Raft
		if log.Last == 0 {
			continue
		}
		m := c.member(v.ID)
		m.last, m.commit = log.Last, log.Commit
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

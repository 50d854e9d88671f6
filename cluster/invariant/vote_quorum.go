package invariant

import "etcdscope/raft"

// hasMajority counts the votes that really left for the winner: stale or repeated answers make no majority.
func (c *Checker) hasMajority(term raft.Term) {
	votes := 0
	for i := range c.members {
		if c.members[i].votedFor(term) == c.e.Member {
			votes++
		}
	}
	if n := len(c.members); votes <= n/2 {
		c.violate(voteQuorum, "n%d leads term %d with the votes of %d of %d members", c.e.Member, term, votes, n)
	}
}

package invariant

import "etcdscope/raft"

// hasMajority counts the votes that really left for the winner: stale or repeated answers make no majority. In a
// joint configuration both sets of voters decide.
func (c *Checker) hasMajority(term raft.Term, conf *raft.ConfState) {
	voted := func(id raft.ID) bool { return c.member(id).votedFor(term) == c.e.Member }
	for _, voters := range halves(conf) {
		if votes := count(voters, voted); votes <= len(voters)/2 {
			c.violate(voteQuorum, "n%d leads term %d with the votes of %d of %d members",
				c.e.Member, term, votes, len(voters))
		}
	}
}

// halves are the sets of voters that each must have a majority.
func halves(conf *raft.ConfState) [][]raft.ID {
	if conf.Joint() {
		return [][]raft.ID{conf.Voters, conf.VotersOutgoing}
	}
	return [][]raft.ID{conf.Voters}
}

func count(ids []raft.ID, is func(raft.ID) bool) (n int) {
	for _, id := range ids {
		if is(id) {
			n++
		}
	}
	return n
}

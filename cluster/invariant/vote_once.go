package invariant

import (
	"slices"

	"etcdscope/cluster"
	"etcdscope/raft"
)

// vote is a vote that left a member: from then on it is a promise, also across restarts. Pre-votes promise
// nothing.
type vote struct {
	term raft.Term
	to   raft.ID
}

// grants is a granted vote that leaves.
func (c *Checker) grants(msg *cluster.Message) {
	m := c.member(msg.From)
	c.promisedVote(m, msg)
	switch to := m.votedFor(msg.Term); to {
	case raft.None:
		m.votes = append(m.votes, vote{msg.Term, msg.To})
	case msg.To:
	default:
		c.violate(voteOnce, "n%d votes for n%d in term %d, in which it voted for n%d", msg.From, msg.To, msg.Term, to)
	}
}

// voteForSelf checks the winner's own vote. It counts from the victory on: a candidate that loses its memory
// before its vote for itself is on disk has promised it to nobody.
func (c *Checker) voteForSelf(m *member, term raft.Term) {
	if to := m.votedFor(term); to != raft.None && to != c.e.Member {
		c.violate(voteOnce, "n%d leads term %d with its own vote, but it voted for n%d", c.e.Member, term, to)
		return
	}
	m.votes = append(m.votes, vote{term, c.e.Member})
}

func (m *member) votedFor(term raft.Term) raft.ID {
	for _, v := range slices.Backward(m.votes) {
		if v.term == term {
			return v.to
		}
	}
	return raft.None
}

package invariant

import (
	"slices"

	"etcdscope/raft"
)

// leadership says who was elected in a term.
type leadership struct {
	term raft.Term
	id   raft.ID
}

// elect is a member's victory. Two leaders of different terms at one time are normal; two of the same term,
// however far apart in time, are not.
func (c *Checker) elect(m *member, f *raft.Fact) {
	m.leading = f.Term
	switch other := c.leaderOf(f.Term); other {
	case raft.None:
		c.noteLeader(leadership{f.Term, c.e.Member})
	case c.e.Member:
	default:
		c.violate(electionSafety, "n%d becomes leader of term %d, which n%d has led already", c.e.Member, f.Term, other)
	}
	c.voteForSelf(m, f.Term)
	log := *c.raft(c.e.Member)
	c.hasMajority(f.Term, &log.Conf)
	c.complete(f.Term, &log)
	c.keepsAcknowledged(f.Term, &log)
	c.noteLog(elected{f.Term, c.e.Member, log})
}

func (c *Checker) leaderOf(term raft.Term) raft.ID {
	for _, l := range slices.Backward(c.leaders) {
		if l.term == term {
			return l.id
		}
		if l.term < term {
			break
		}
	}
	return raft.None
}

// noteLeader keeps the list ascending by term; a leader of an older term than the newest is rare.
func (c *Checker) noteLeader(l leadership) {
	i := len(c.leaders)
	for i > 0 && c.leaders[i-1].term > l.term {
		i--
	}
	if i < len(c.leaders) {
		c.leaders = slices.Insert(slices.Clone(c.leaders), i, l)
		return
	}
	c.leaders = append(c.leaders, l)
}

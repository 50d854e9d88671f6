package invariant

import (
	"cmp"
	"slices"

	"etcdscope/cluster"
	"etcdscope/raft"
)

// beginning stands for everything before the first entry that any log has.
const beginning = 1

// founded takes in what the members' disks hold before anything happens: in profile etcd one committed entry for each
// founder, behind a snapshot its state, and all that an earlier session left.
func (c *Checker) founded() {
	c.met = true
	var found []*cluster.MemberView
	for _, v := range c.view().Members {
		m := c.member(v.ID)
		if m.inc = v.Inc; v.Up {
			found = append(found, v)
		} else {
			m.stranger = true
		}
	}
	// The longest log comes first: it tells how those that begin behind a snapshot go on from it.
	slices.SortStableFunc(found, func(a, b *cluster.MemberView) int {
		return cmp.Or(cmp.Compare(a.Raft.First, b.Raft.First), cmp.Compare(b.Raft.Last, a.Raft.Last))
	})
	for _, v := range found {
		c.meets(v)
	}
	c.earlier = c.last
}

// begins takes in the disk of a member that starts for the first time in this history.
func (c *Checker) begins(m *member, v *cluster.MemberView) {
	m.inc, m.stranger = v.Inc, false
	c.meets(v)
	c.earlier = max(c.earlier, v.Raft.First-1)
}

// appears takes in a member that runs since its data directory was restored.
func (c *Checker) appears() {
	if v := c.view().Members[c.e.Member-1]; v.Up {
		c.begins(c.member(v.ID), v)
	}
}

// meets takes in the disk of one member that runs.
func (c *Checker) meets(v *cluster.MemberView) {
	log := &v.Raft
	m := c.member(v.ID)
	m.knows(log)
	m.last, m.commit, m.applied = log.Last, log.Commit, log.Applied
	m.disk = platter{written: log.Last, durable: log.Last, term: log.Term, vote: log.Vote}
	if log.Vote != raft.None {
		m.votes = append(m.votes, vote{log.Term, log.Vote})
	}
	if log.First > 1 {
		c.startsBehind(log)
	}
	c.chain(log, log.First, log.Last)
	for i := max(c.last+1, log.First); i <= max(log.Commit, log.Applied); i++ {
		term, hash, ok := c.chainOf(log, i)
		if !ok {
			break
		}
		*c.commits.at(uint64(i)) = commit{term: term, byTerm: raft.Term(1), hash: hash}
		c.last = i
	}
	c.startsAt(v)
}

// startsBehind takes the place where a log begins behind a snapshot for committed.
func (c *Checker) startsBehind(log *raft.View) {
	base := log.First - 1
	hash, known := c.chains.get(uint64(base)).hash(log.FirstTerm)
	if !known {
		hash = beginning
		c.link(base, link{log.FirstTerm, hash})
	}
	if c.last < base {
		*c.commits.at(uint64(base)) = commit{term: log.FirstTerm, byTerm: 1, hash: hash}
		c.last = base
	}
}

// startsAt takes in the keys that a member has, and as of which entry. A store that nothing was ever applied to makes
// its revisions itself.
func (c *Checker) startsAt(v *cluster.MemberView) {
	index := uint64(v.Raft.Applied)
	if v.Store == nil || index == 0 || v.Store.ConsistentIndex != index {
		return
	}
	k := c.commits.at(index)
	if k.rev == 0 {
		k.rev = v.Store.Revision
	}
	c.sameState(v.ID, v.Raft.Applied, v.Store.Digest, v.AuthDigest())
	if r := c.revs.at(uint64(v.Store.Revision)); *r == 0 {
		*r = index
	}
}

// applied learns what an entry was that was committed before the history began, and that no log told then: those who
// were ahead had it in a snapshot.
func (c *Checker) applied(i raft.Index) {
	k := c.commits.at(uint64(i))
	if i > c.earlier || k.term != 0 {
		return
	}
	if term, hash, ok := c.chainOf(c.raft(c.e.Member), i); ok {
		k.term, k.byTerm, k.hash = term, 1, hash
	}
}

package invariant

import "etcdscope/raft"

// elected is a leadership with the log as it was on election day.
type elected struct {
	term raft.Term
	id   raft.ID
	log  raft.View
}

// keptLogs is how many logs of leaders are remembered: commits of a leader older than that many later ones are
// not compared with them.
const keptLogs = 8

func (c *Checker) noteLog(l elected) {
	if len(c.newest) == keptLogs {
		copy(c.newest, c.newest[1:])
		c.newest = c.newest[:keptLogs-1]
	}
	c.newest = append(c.newest, l)
}

// commit is what the observer knows about a committed index. byTerm is the term of the leader that committed
// it, which may be far above the entry's own: leaders of lower terms that were elected late may rightly lack
// it.
type commit struct {
	term   raft.Term // of the entry; 0: not committed
	byTerm raft.Term
	hash   uint64 // of the log up to it
	rev    int64  // after applying it; 0: not applied anywhere yet
	state  uint64 // digest of the keys then
	auth   uint64 // digest of users and roles then
}

// complete checks a new leader's log against everything that leaders of lower terms have committed. Equal
// chains at the last such index mean that all before it are equal.
func (c *Checker) complete(term raft.Term, log *raft.View) {
	i := c.lastBefore(term, c.last)
	if i == 0 || c.holds(log, i) {
		return
	}
	for i > 1 && !c.holds(log, i-1) {
		i--
	}
	k := c.commits.get(uint64(i))
	c.violate(leaderCompleteness, "n%d leads term %d without entry %d of term %d, which was committed in term %d",
		log.ID, term, i, k.term, k.byTerm)
}

// lastBefore is the highest index up to limit that was committed by a leader of a term lower than term.
func (c *Checker) lastBefore(term raft.Term, limit raft.Index) raft.Index {
	for limit > 0 && c.commits.get(uint64(limit)).byTerm >= term {
		limit--
	}
	return limit
}

// holds says whether a log is the committed one up to i. What lies before the log's start is in a snapshot.
func (c *Checker) holds(log *raft.View, i raft.Index) bool {
	if i < log.First {
		return true
	}
	k := c.commits.get(uint64(i))
	term, hash, ok := c.chainOf(log, i)
	return ok && term == k.term && hash == k.hash
}

// committed is a commit index moving on member m.
func (c *Checker) committed(m *member, f *raft.Fact) {
	c.forward(m, f)
	if f.Of == 0 {
		return
	}
	log := c.raft(c.e.Member)
	c.onDisks(f.Index, log)
	old := c.last
	for i := c.last + 1; i <= f.Index; i++ {
		term, hash, ok := c.chainOf(log, i)
		if !ok {
			return
		}
		*c.commits.at(uint64(i)) = commit{term: term, byTerm: f.Term, hash: hash}
		c.last = i
	}
	if c.last > old {
		c.laterLeaders(f.Term)
	} else if !c.holds(log, f.Index) {
		k := c.commits.get(uint64(f.Index))
		c.violate(stateMachineSafety, "n%d commits another entry %d than the one of term %d that is committed",
			c.e.Member, f.Index, k.term)
	}
}

// laterLeaders checks a commit of an old leader against the logs of those elected since.
func (c *Checker) laterLeaders(byTerm raft.Term) {
	for i := range c.newest {
		l := &c.newest[i]
		if l.term > byTerm && !c.holds(&l.log, c.last) {
			c.violate(leaderCompleteness, "n%d commits entry %d in term %d, but n%d was elected in term %d without it",
				c.e.Member, c.last, byTerm, l.id, l.term)
		}
	}
}

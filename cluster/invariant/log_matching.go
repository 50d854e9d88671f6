package invariant

import (
	"slices"

	"etcdscope/raft"
)

// column is what was ever stored at one index: for each term a fingerprint of the whole log up to there.
// Nearly always there is one.
type column struct {
	first link
	more  []link
}

// link stands for an entry and all before it.
type link struct {
	term raft.Term
	hash uint64
}

func (c column) hash(term raft.Term) (uint64, bool) {
	if c.first.term == term {
		return c.first.hash, true
	}
	for _, l := range c.more {
		if l.term == term {
			return l.hash, true
		}
	}
	return 0, false
}

// appended is a follower storing entries up to f.Index; those before the message's were there.
func (c *Checker) appended(m *member, f *raft.Fact) {
	m.last = max(m.last, f.Index)
	if c.e.Msg == nil || len(c.e.Msg.Entries) == 0 {
		return
	}
	if m.leading != 0 {
		c.violate(leaderAppendOnly, "n%d leads term %d and stores entries of n%d", c.e.Member, m.leading, f.Peer)
	}
	c.chain(c.raft(c.e.Member), max(c.e.Msg.Index+1, 1), f.Index)
}

// chain takes entries lo to hi of a log into the ghost chains, and compares those that are known: by index and
// term, over all members and all time, so that an entry that comes back from the dead is found too.
func (c *Checker) chain(log *raft.View, lo, hi raft.Index) {
	for i := max(lo, log.First); i <= hi; i++ {
		e, ok := log.Entry(i)
		if !ok {
			c.violate(logMatching, "n%d says that it stores entry %d, but its log ends at %d", log.ID, i, log.Last)
			return
		}
		before, ok := c.before(log, i)
		if !ok {
			return // a log that starts behind a snapshot: nothing to compare with
		}
		hash := mixEntry(before, &e)
		known, ok := c.chains.get(uint64(i)).hash(e.Term)
		switch {
		case !ok:
			c.link(i, link{e.Term, hash})
		case known != hash:
			c.violate(logMatching, "the log of n%d up to entry %d of term %d differs from another log with that entry",
				log.ID, i, e.Term)
			return
		}
	}
}

// before is the chain of the entry in front of i in this log.
func (c *Checker) before(log *raft.View, i raft.Index) (uint64, bool) {
	if i == 1 {
		return 0, true
	}
	if i == log.First { // what stands before it is in a snapshot
		return c.chains.get(uint64(i - 1)).hash(log.FirstTerm)
	}
	e, ok := log.Entry(i - 1)
	if !ok {
		return 0, false
	}
	return c.chains.get(uint64(i - 1)).hash(e.Term)
}

// chainOf is the fingerprint of a log up to i.
func (c *Checker) chainOf(log *raft.View, i raft.Index) (raft.Term, uint64, bool) {
	e, ok := log.Entry(i)
	if !ok {
		return 0, 0, false
	}
	hash, ok := c.chains.get(uint64(i)).hash(e.Term)
	return e.Term, hash, ok
}

func (c *Checker) link(i raft.Index, l link) {
	col := c.chains.at(uint64(i))
	if col.first.term == 0 {
		col.first = l
		return
	}
	col.more = append(slices.Clip(col.more), l) // clones share the list
}

// mixEntry folds an entry into the fingerprint of what stands before it.
func mixEntry(h uint64, e *raft.Entry) uint64 {
	h = mix(h, uint64(e.Term)<<8|uint64(e.Type))
	data := e.Data
	h = mix(h, uint64(len(data)))
	for ; len(data) >= 8; data = data[8:] {
		h = mix(h, uint64(data[0])|uint64(data[1])<<8|uint64(data[2])<<16|uint64(data[3])<<24|
			uint64(data[4])<<32|uint64(data[5])<<40|uint64(data[6])<<48|uint64(data[7])<<56)
	}
	for _, b := range data {
		h = mix(h, uint64(b))
	}
	return h
}

func mix(h, x uint64) uint64 {
	h = (h ^ x) * 0x9e3779b97f4a7c15
	return h ^ h>>32
}

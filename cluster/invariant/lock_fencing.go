package invariant

import (
	"slices"
	"strings"

	"etcdscope/cluster"
)

// guardedWrite is a write that a client made because it believed that it held a lock.
type guardedWrite struct {
	op    cluster.OpID
	lock  string
	token int64
}

// lockGhost is the newest write under a lock that took effect.
type lockGhost struct {
	lock       string
	token, rev int64
}

// writesUnderLock remembers with which token a client writes.
func (c *Checker) writesUnderLock() {
	if c.e.Command == nil || c.e.Command.Op == nil || c.e.Command.Op.Lock == "" {
		return
	}
	if op := c.operation(c.e.Op); op != nil && op.Under != nil {
		lock := op.Under.Key[:strings.LastIndexByte(op.Under.Key, '/')]
		c.guarded = append(c.guarded, guardedWrite{op.ID, lock, op.Under.Token})
	}
}

// guards checks a write under a lock that takes effect: all members apply the same, so revisions say which one was
// first, and each is judged once.
func (c *Checker) guards() {
	if c.e.Op == 0 || c.e.N == 0 {
		return
	}
	i := slices.IndexFunc(c.guarded, func(w guardedWrite) bool { return w.op == c.e.Op })
	if i < 0 {
		return
	}
	w := &c.guarded[i]
	at := slices.IndexFunc(c.locks, func(g lockGhost) bool { return g.lock == w.lock })
	if at < 0 {
		at = len(c.locks)
		c.locks = append(c.locks, lockGhost{lock: w.lock})
	}
	g := &c.locks[at]
	switch {
	case c.e.Rev <= g.rev:
	case w.token < g.token:
		c.violate(lockFencing, "op %d writes under lock %s with token %d at revision %d, after a write with token %d",
			w.op, w.lock, w.token, c.e.Rev, g.token)
		g.rev = c.e.Rev
	default:
		g.token, g.rev = w.token, c.e.Rev
	}
}

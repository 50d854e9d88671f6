package invariant

import (
	"bytes"

	"etcdscope/cluster"
	"etcdscope/mvcc"
)

// watchGhost is how far a watch has delivered.
type watchGhost struct {
	op    cluster.OpID
	rev   int64
	begun bool // it is known from where on it is to deliver everything
}

// delivers is a batch reaching a watching client: everything in it is newer than what came before, ordered, and
// no change comes twice. A batch ends with a whole revision, so the next one begins with a later revision.
func (c *Checker) delivers() {
	op := c.operation(c.e.Op)
	if op == nil || len(op.Seen) < c.e.N || c.e.N == 0 && c.e.Note != "" {
		return
	}
	w := c.watch(op.ID)
	upTo := c.e.Rev // without events this is progress: all up to here has come
	if c.e.N > 0 {
		fresh := op.Seen[len(op.Seen)-c.e.N:]
		if first := fresh[0].KV.ModRevision; first <= w.rev {
			c.violate(watchOrdered, "the watch of op %d gets revision %d after revision %d", op.ID, first, w.rev)
		}
		for i := 1; i < len(fresh); i++ {
			c.follows(op, &fresh[i-1], &fresh[i])
		}
		upTo = fresh[len(fresh)-1].KV.ModRevision
	}
	c.misses(op, w, upTo)
	w.rev = max(w.rev, upTo)
}

func (c *Checker) follows(op *cluster.Op, a, b *mvcc.Event) {
	switch {
	case a.KV.ModRevision > b.KV.ModRevision:
		c.violate(watchOrdered, "the watch of op %d gets revision %d after revision %d",
			op.ID, b.KV.ModRevision, a.KV.ModRevision)
	case a.KV.ModRevision == b.KV.ModRevision && bytes.Equal(a.KV.Key, b.KV.Key):
		c.violate(watchOrdered, "the watch of op %d gets revision %d of %q twice", op.ID, b.KV.ModRevision, b.KV.Key)
	}
}

func (c *Checker) watch(id cluster.OpID) *watchGhost {
	for i := range c.watches {
		if c.watches[i].op == id {
			return &c.watches[i]
		}
	}
	c.watches = append(c.watches, watchGhost{op: id})
	return &c.watches[len(c.watches)-1]
}

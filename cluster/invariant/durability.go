package invariant

import (
	"slices"
	"sort"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/raft"
)

// ack says that up to revision rev had been told to somebody at a time. Both never decrease along the list.
type ack struct {
	at  clock.Time
	rev int64
}

// answers is an answer reaching a client.
func (c *Checker) answers() {
	if c.e.Note != "" {
		return
	}
	op := c.operation(c.e.Op)
	if op == nil || op.State != cluster.OpDone || op.Spec.Serializable {
		return
	}
	switch op.Kind {
	case cluster.ClientPut, cluster.ClientDelete:
		c.acknowledged(op)
	case cluster.ClientGet:
	default:
		return
	}
	c.fresh(op)
	if n := len(c.acks); n == 0 || c.acks[n-1].rev < op.Rev {
		c.acks = append(c.acks, ack{op.Returned, op.Rev})
	}
}

// acknowledged checks that an acknowledged write was made by a committed entry, and remembers it.
func (c *Checker) acknowledged(op *cluster.Op) {
	index := raft.Index(c.revs.get(uint64(op.Rev)))
	if index == 0 && op.Rev > 1 {
		c.violate(durability, "op %d is acknowledged at revision %d, which no applied entry has made", op.ID, op.Rev)
		return
	}
	c.safe = max(c.safe, index)
}

// keepsAcknowledged checks that a new leader holds every acknowledged write: its log becomes everybody's.
func (c *Checker) keepsAcknowledged(term raft.Term, log *raft.View) {
	if i := c.lastBefore(term, c.safe); i > 0 && !c.holds(log, i) {
		c.violate(durability, "n%d leads term %d without entry %d: an acknowledged write is lost", log.ID, term, i)
	}
}

// operation finds a client operation in the view.
func (c *Checker) operation(id cluster.OpID) *cluster.Op {
	ops := c.view().Ops
	i, ok := slices.BinarySearchFunc(ops, id, func(o *cluster.Op, id cluster.OpID) int { return int(o.ID) - int(id) })
	if !ok {
		return nil
	}
	return ops[i]
}

// toldBefore is the highest revision that somebody knew before time t.
func (c *Checker) toldBefore(t clock.Time) int64 {
	i := sort.Search(len(c.acks), func(i int) bool { return c.acks[i].at >= t })
	if i == 0 {
		return 0
	}
	return c.acks[i-1].rev
}

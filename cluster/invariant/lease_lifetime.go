package invariant

import (
	"slices"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
)

// leaseGhost is what clients and members were promised about one lease.
type leaseGhost struct {
	id    int64
	until clock.Time // a client was told that it lives so long; 0: nobody was told anything
	left  int64      // seconds left at the last checkpoint that was applied; 0: none
}

// leaseSlack is for the way of an answer from the member that counts to the client.
const leaseSlack = clock.Second / 2

// lease returns the ghost of a lease.
func (c *Checker) lease(id int64) *leaseGhost {
	for i := range c.leases {
		if c.leases[i].id == id {
			return &c.leases[i]
		}
	}
	c.leases = append(c.leases, leaseGhost{id: id})
	return &c.leases[len(c.leases)-1]
}

// promised is an answer that tells a client how long its lease lives.
func (c *Checker) promised() {
	op := c.operation(c.e.Op)
	if op == nil || op.Lease == nil || op.Lease.TTL <= 0 {
		return
	}
	if op.Kind == cluster.LeaseGrant || op.Kind == cluster.LeaseKeepAlive {
		g := c.lease(int64(op.Lease.ID))
		g.until = max(g.until, c.e.At-leaseSlack+clock.Time(op.Lease.TTL)*clock.Second)
	}
}

// leased looks at an entry about leases.
func (c *Checker) leased() {
	e := c.e
	if !e.Promoted && len(e.Leases) == 0 {
		return
	}
	v := c.view().Members[e.Member-1]
	switch {
	case e.Promoted:
		c.counted(v)
	case e.Expires:
		for _, id := range e.Leases {
			c.ends(int64(id))
		}
		c.attached(v)
	default:
		for _, l := range v.LeaseList(e.At) {
			if slices.Contains(e.Leases, l.ID) {
				c.lease(int64(l.ID)).left = l.Checkpoint
			}
		}
	}
}

// ends checks that a lease which nobody revoked lived as long as a client was told. Clocks that were made to run fast
// may break the promise.
func (c *Checker) ends(id int64) {
	g := c.lease(id)
	early := c.e.At < g.until && !c.clocksDiffer && !c.revokedByClient()
	*g = leaseGhost{id: id}
	if early {
		c.violate(leaseLifetime, "lease %016x ends although a client was told that it lives longer", uint64(id))
	}
}

// revokedByClient says whether the entry is, or may be, the request of a client.
func (c *Checker) revokedByClient() bool {
	return slices.ContainsFunc(c.view().Ops, func(o *cluster.Op) bool {
		return o.Kind == cluster.LeaseRevoke && (o.ID == c.e.Op || o.State != cluster.OpDone)
	})
}

// counted checks that a leader which begins to count gives no lease more than the last checkpoint has left of it, and
// the time of an election.
func (c *Checker) counted(v *cluster.MemberView) {
	t := &c.view().Config.Timing
	grace := int64(clock.Time(t.ElectionMin)*t.Tick/clock.Second) + 2
	for _, l := range v.LeaseList(c.e.At) {
		if g := c.lease(int64(l.ID)); g.left > 0 && l.Remaining > g.left+grace {
			c.violate(leaseRemaining, "n%d gives lease %016x %d s; a checkpoint had left %d",
				v.ID, uint64(l.ID), l.Remaining, g.left)
		}
	}
}

// attached checks that no key has a lease that is gone: it would never die.
func (c *Checker) attached(v *cluster.MemberView) {
	if v.Store == nil {
		return
	}
	for _, h := range v.Store.Keys(v.Store.Len()) {
		if kv, ok := v.Store.Get(h.Key, 0); ok && kv.Lease != 0 && !v.HasLease(kv.Lease) {
			c.violate(leaseKeys, "key %q of n%d has lease %016x, which is gone", h.Key, v.ID, uint64(kv.Lease))
		}
	}
}

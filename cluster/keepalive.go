package cluster

import (
	"slices"

	"etcdscope/cluster/clock"
)

// renewRetry is how long a client waits for the answer to a keep-alive before it asks again (etcd's client).
const renewRetry = 500 * clock.Millisecond

// errLeaseGone ends a keep-alive, in etcdctl's words.
const errLeaseGone = "lease expired or revoked."

// streams says whether an operation asks again and again until it is cancelled.
func (o *Op) streams() bool { return o.Kind == LeaseKeepAlive && !o.Spec.Once }

// renewAgain plans the next request of a keep-alive.
func (c *Cluster) renewAgain(id OpID, after clock.Time, by uint64) {
	o, i := c.op(id)
	if o == nil {
		return
	}
	c.update(i, func(o *Op) {
		o.due = c.now + after
		if o.deadline == 0 {
			o.deadline = c.now + c.config.Timing.Request
		}
	})
	c.after(after, item{kind: KeepAliveDue, op: id, cause: by})
}

// keepAliveDue lets a client ask again: a third of the lease's time is over, or no answer has come. When the lease
// must be over by the client's own reckoning, it gives up.
func (c *Cluster) keepAliveDue(it *item, e *Event) bool {
	o, i := c.op(it.op)
	if o == nil || o.State != OpPending || c.now < o.due {
		return false
	}
	cl := c.client(max(o.Spec.Client, 1))
	if c.now > o.deadline {
		cl.pending--
		e.Note = "the lease's time is over: the client gives up"
		c.stepped(c.update(i, func(o *Op) { o.Returned, o.State, o.Err = c.now, OpFailed, errLeaseGone }), e)
		return true
	}
	via := c.choose(cl, o.Spec.Via)
	cl.endpoint = via
	c.update(i, func(o *Op) { o.Via = via })
	c.post(o.ID, via, c.config.Timing.Client, e.ID)
	c.renewAgain(o.ID, renewRetry, e.ID)
	return true
}

// renewed is the answer to one request of a keep-alive. A broken connection or a refusal is no end: the client asks
// again.
func (c *Cluster) renewed(it *item, i int, e *Event) bool {
	r, o := it.reply, c.ops[i]
	if r.err != "" {
		return true
	}
	e.Leases = slices.Clip(append(e.Leases, o.lease))
	if r.Lease.TTL <= 0 {
		e.Note = errLeaseGone
		c.client(max(o.Spec.Client, 1)).pending--
		c.stepped(c.update(i, func(o *Op) {
			o.Returned, o.State, o.Err, o.Answer, o.Rev = c.now, OpFailed, errLeaseGone, r.Answer, r.rev
		}), e)
		return true
	}
	ttl := clock.Time(r.Lease.TTL) * clock.Second
	done := c.update(i, func(o *Op) {
		o.Answer, o.Rev, o.deadline, o.Batches = r.Answer, r.rev, c.now+ttl, o.Batches+1
	})
	e.Answer = done.Text()
	c.renewAgain(o.ID, ttl/3, e.ID)
	return true
}

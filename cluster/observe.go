package cluster

import "etcdscope/mvcc"

// askWhoLeads is the first step of an observation, and the step after a leader is gone.
func (c *Cluster) askWhoLeads(id OpID, e *Event) {
	o, i := c.op(id)
	c.reclaim(i, func(l *Claim) { l.State, l.Behind = ClaimObserving, "" })
	first := c.firstOf(o)
	c.part(id, asksLeader, ClientGet, OpSpec{
		Key: first.Key, End: first.End, SortBy: first.Options.Target, Order: first.Options.Order, Limit: 1,
	}, e)
}

// toldLeader follows the leader's key, or the whole queue until there is one.
func (c *Cluster) toldLeader(i int, step *Op, e *Event) {
	switch {
	case step.State != OpDone:
		c.failClaim(i, step.Err, e)
	case len(step.KVs) == 0:
		key, end := queueOf(c.ops[i].Name())
		c.follow(i, OpSpec{Key: key, End: end, Rev: max(step.Rev, 1)}, e)
	default:
		c.told(i, &step.KVs[0], e)
		c.follow(i, OpSpec{Key: step.KVs[0].Key, Rev: step.Rev + 1}, e)
	}
}

func (c *Cluster) follow(i int, spec OpSpec, e *Event) {
	id := c.ops[i].ID
	watch := c.part(id, followsLeader, ClientWatch, spec, e)
	_, i = c.op(id)
	c.reclaim(i, func(l *Claim) { l.awaited = watch })
}

// told: the client hears who leads, and with which value.
func (c *Cluster) told(i int, kv *mvcc.KeyValue, e *Event) {
	c.reclaim(i, func(l *Claim) { l.Behind, l.Token, l.Value = string(kv.Key), kv.CreateRevision, string(kv.Value) })
	o := c.update(i, func(o *Op) {
		o.Rev, o.KVs = kv.ModRevision, []mvcc.KeyValue{*kv}
		o.Seen, o.Batches = append(o.Seen[:len(o.Seen):len(o.Seen)], mvcc.Event{KV: *kv}), o.Batches+1
	})
	c.turn(i, e, "", "hears that %q leads %s", kv.Value, o.thing())
}

// followed: another value of the leader, the first key of a queue that was empty, or the end of the leader.
func (c *Cluster) followed(i int, step *Op, e *Event) {
	if step.State != OpPending {
		c.failClaim(i, step.Err, e)
		return
	}
	id := c.ops[i].ID
	for k := len(step.Seen) - e.N; k < len(step.Seen); k++ {
		x := &step.Seen[k]
		switch {
		case x.Delete && step.Spec.End == nil:
			c.cancel(step.ID)
			c.turn(i, e, "", "hears that the leader of %s is gone", c.ops[i].thing())
			c.askWhoLeads(id, e)
			return
		case x.Delete:
		case step.Spec.End != nil:
			c.cancel(step.ID)
			c.told(i, &x.KV, e)
			c.follow(i, OpSpec{Key: x.KV.Key, Rev: x.KV.ModRevision + 1}, e)
			return
		default:
			c.told(i, &x.KV, e)
		}
	}
}

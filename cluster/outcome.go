package cluster

import (
	"slices"

	"etcdscope/cluster/clock"
	"etcdscope/raft"
	"etcdscope/watch"
)

// clientResponse is the arrival of an answer at a client. One that comes after the client gave up is lost.
func (c *Cluster) clientResponse(it *item, e *Event) bool {
	o, i := c.op(it.op)
	if o == nil || o.State != OpPending {
		return false
	}
	r := it.reply
	e.Rev, e.Note = r.rev, r.err
	switch {
	case o.login:
		return c.loggedIn(it, i, e)
	case c.loginAgain(i, r, e):
		return true
	case o.Kind == ClientWatch:
		return c.watchCreated(it, i, e)
	case o.streams():
		return c.renewed(it, i, e)
	case c.disarmNext(i, r, e):
		return true
	case r.unknown && !c.config.On(ruleNoBlindRetry):
		c.repeat(i, raft.None, 0, e)
		return true
	case o.Part != 0 && !o.changes() && (r.err == errRefused || r.err == errReset):
		c.repeat(i, o.Spec.Via, reconnectDelay, e) // etcd's client repeats what only reads
		return true
	}
	r = o.fenceAnswer(r)
	e.Note = r.err
	c.client(max(o.Spec.Client, 1)).pending--
	done := c.update(i, func(o *Op) {
		o.Returned, o.Rev, o.KVs, o.Count, o.Prev, o.Err = c.now, r.rev, r.kvs, r.count, r.prev, r.err
		o.Members = r.members
		before := o.Alarms
		o.Answer = r.Answer
		o.Alarms = append(slices.Clip(before), r.Alarms...)
		switch {
		case r.err == "":
			o.State = OpDone
		case r.unknown:
			o.State = OpUnknown
		default:
			o.State = OpFailed
		}
	})
	e.Answer = done.Text()
	c.stepped(done, e)
	return true
}

// repeat asks a member the same again after a while, as if nothing could have come of the request before.
func (c *Cluster) repeat(i int, via raft.ID, delay clock.Time, e *Event) {
	o := c.ops[i]
	cl := c.client(max(o.Spec.Client, 1))
	cl.endpoint = c.choose(cl, via)
	c.update(i, func(o *Op) { o.Via = cl.endpoint })
	e.Note += ": asks again"
	c.post(o.ID, cl.endpoint, delay+c.config.Timing.Client, e.ID)
}

// watchCreated tells a client that its watch stands, and from which revision it follows.
func (c *Cluster) watchCreated(it *item, i int, e *Event) bool {
	if c.ops[i].Via != it.member || !c.member(it.member).up {
		return false
	}
	if it.reply.err != "" {
		c.watchRefused(i, it.reply.err, e)
		return true
	}
	e.Note = "watch created"
	c.update(i, func(o *Op) {
		o.Watch, o.Rev = it.reply.created, it.reply.rev
		if o.next == 0 {
			o.next = it.reply.rev + 1
		}
	})
	return true
}

// fails ends an operation of which nothing came.
func (c *Cluster) fails(i int, why string, e *Event) {
	c.client(c.ops[i].client()).pending--
	done := c.update(i, func(o *Op) { o.State, o.Returned, o.Err, o.password = OpFailed, c.now, why, "" })
	c.stepped(done, e)
}

// clientTimeout is the moment at which a client stops waiting. A write may still take effect.
func (c *Cluster) clientTimeout(it *item, e *Event) bool {
	o, i := c.op(it.op)
	if o == nil || o.State != OpPending {
		return false
	}
	c.client(max(o.Spec.Client, 1)).pending--
	for _, m := range c.members { // a promotion may wait at the leader, wherever it was asked for
		m.forget(o.ID)
	}
	done := c.update(i, func(o *Op) {
		o.Returned, o.Err, o.State = c.now, errTimeout, OpUnknown
		if !o.changes() || o.login {
			o.State = OpFailed
		}
	})
	e.Note = errTimeout
	c.stepped(done, e)
	return true
}

// forget drops what a member holds for a request that has timed out; etcd's server gives up after the same time.
func (m *member) forget(op OpID) {
	before := len(m.waiting) + len(m.unled) + len(m.reads) + len(m.earlier)
	m.waiting = slices.DeleteFunc(m.waiting, func(w waiter) bool { return w.op == op })
	m.unled = slices.DeleteFunc(m.unled, func(w waiter) bool { return w.op == op })
	m.reads = slices.DeleteFunc(m.reads, func(r read) bool { return r.op == op })
	m.earlier = slices.DeleteFunc(slices.Clone(m.earlier), func(id OpID) bool { return id == op })
	m.dirty = m.dirty || len(m.waiting)+len(m.unled)+len(m.reads)+len(m.earlier) != before
}

// watchEvent is the arrival of batches at a watching client.
func (c *Cluster) watchEvent(it *item, e *Event) bool {
	o, i := c.op(it.op)
	if o == nil || o.State != OpPending {
		return false
	}
	for _, b := range it.reply.batches {
		e.N += len(b.Events)
		e.Rev = b.Revision
		c.update(i, func(o *Op) { o.receive(&b, c) })
		if b.CompactRevision != 0 {
			e.Note = "watch cancelled: the start revision has been compacted"
		}
	}
	c.stepped(c.ops[i], e)
	return true
}

// seenMax is how many of the newest events of a watch are kept for the picture.
const seenMax = 4096

// receive adds one batch to what the client has seen. The list may be shared with views and clones, so only
// its owner appends in place.
func (o *Op) receive(b *watch.Response, c *Cluster) {
	if o.owner != c.owner {
		o.Seen, o.owner = append(o.Seen[:len(o.Seen):len(o.Seen)], b.Events...), c.owner
	} else {
		o.Seen = append(o.Seen, b.Events...)
	}
	if len(o.Seen) > seenMax {
		o.Seen = o.Seen[len(o.Seen)-seenMax/2:]
	}
	o.Batches++
	o.Rev = b.Revision
	switch n := len(b.Events); {
	case n > 0:
		o.next = b.Events[n-1].KV.ModRevision + 1
	case b.CompactRevision == 0:
		o.next = max(o.next, b.Revision+1) // progress
	}
	if b.CompactRevision != 0 {
		o.State, o.Err, o.Returned = OpFailed, "mvcc: required revision has been compacted", c.now
	}
}

// cancelWatch ends the watch, the keep-alive or the observation with a tag, wherever it is.
func (c *Cluster) cancelWatch(tag string) {
	for _, o := range c.ops {
		if o.cancellable() && o.Spec.Tag == tag {
			c.cancel(o.ID)
			return
		}
	}
}

// cancellable says whether an operation goes on until its client ends it.
func (o *Op) cancellable() bool {
	return o.State == OpPending && (o.Kind == ClientWatch || o.Kind == ClientObserve || o.streams())
}

// cancel ends a watch, a keep-alive or an observation, unless it has ended.
func (c *Cluster) cancel(id OpID) {
	o, i := c.op(id)
	if o == nil || !o.cancellable() {
		return
	}
	if o.Claim != nil {
		c.cancel(o.Claim.awaited)
		c.reclaim(i, func(l *Claim) { l.State = ClaimReleased })
	}
	if m := c.member(o.Via); m.up {
		for k, s := range m.streams {
			if s.op == o.ID {
				m.hub.Cancel(s.id)
				m.streams = append(m.streams[:k:k], m.streams[k+1:]...)
				m.dirty = true
				break
			}
		}
	}
	c.client(max(o.Spec.Client, 1)).pending--
	c.update(i, func(o *Op) { o.State, o.Returned = OpDone, c.now })
}

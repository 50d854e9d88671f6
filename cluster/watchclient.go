package cluster

import "etcdscope/watch"

// doWatch carries out what a client wants of its watch: to take nothing for a while, everything again, or to know how
// far it is.
func (c *Cluster) doWatch(cmd *Command, e *Event) {
	for i, o := range c.ops {
		if o.Kind != ClientWatch || o.State != OpPending || o.Spec.Tag != cmd.Op.Tag {
			continue
		}
		e.Op = o.ID
		m := c.member(o.Via)
		if cmd.Kind == WatchProgress {
			c.after(c.config.Timing.Client, item{kind: ProgressRequest, member: m.id, inc: m.inc, op: o.ID, cause: e.ID})
			return
		}
		c.update(i, func(o *Op) { o.Slow = cmd.Kind == SlowWatch })
		if m.up && !m.paused {
			m.pushWatches(c, e)
			m.dirty = true
		}
		return
	}
}

// slow says whether the client of a watch takes nothing, or is paused: what comes for it fills the buffer of its
// watcher.
func (c *Cluster) slow(op OpID) bool {
	o, _ := c.op(op)
	return o != nil && (o.Slow || c.pausedClient(o) != nil)
}

// noteBehind is why a question for progress stays without an answer; the client asks again some time.
const noteBehind = "the watch is behind: no answer"

// progress answers how far a watch is, or not at all: an answer ahead of events would make the client go on behind
// them.
func (m *member) progress(c *Cluster, it *item, e *Event) bool {
	for _, s := range m.streams {
		if s.op != it.op {
			continue
		}
		rev, ok := m.hub.RequestProgressAll([]watch.ID{s.id})
		if !ok {
			e.Note = noteBehind
			return true
		}
		e.Rev = rev
		batch := watch.Response{Watcher: s.id, Revision: rev}
		c.after(c.config.Timing.Client, item{
			kind: WatchEvent, member: m.id, inc: m.inc, op: s.op, cause: e.ID,
			reply: &reply{batches: []watch.Response{batch}},
		})
		return true
	}
	return false
}

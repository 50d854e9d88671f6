package cluster

import (
	"etcdscope/cluster/clock"
	"etcdscope/cluster/network"
	"etcdscope/mvcc/auth"
	"etcdscope/raft"
)

// peerRetry is how long a member waits before it asks the leader about a lease again (etcd).
const peerRetry = 50 * clock.Millisecond

// peer sends a question or an answer from one member to another, outside of Raft. On a link that is cut or holds
// messages back it is lost; who asked for a client asks again.
func (c *Cluster) peer(from, to raft.ID, it item) {
	at, fate := c.net.Route(from, to, raft.MsgReadIndex, c.now)
	m := c.member(to)
	it.member, it.inc, it.from = to, m.inc, from
	if fate != network.Arrives || !m.up {
		if it.kind == PeerRequest {
			c.askAgain(it.op, from, it.cause)
		}
		return
	}
	c.queue.Push(at, it)
}

// askAgain lets a member take up a client's request once more a little later.
func (c *Cluster) askAgain(op OpID, at raft.ID, by uint64) {
	if o, _ := c.op(op); o != nil && o.State == OpPending {
		c.after(peerRetry, item{kind: ClientRequest, member: at, op: op, cause: by})
	}
}

// retryRenewal lets the member that asked for a lease ask again: the leader cannot answer for the moment.
func (c *Cluster) retryRenewal(o *Op, from raft.ID, e *Event) {
	e.Note = "cannot say yet: not sure to lead"
	c.askAgain(o.ID, from, e.ID)
}

// peerRequest is a question of another member.
func (m *member) peerRequest(c *Cluster, it *item, e *Event) bool {
	if c.net.At(it.from, m.id).Cut {
		c.askAgain(it.op, it.from, it.cause)
		return false
	}
	m.dirty = true
	if it.op == 0 {
		m.hashRequest(c, it, e)
		return true
	}
	o, _ := c.op(it.op)
	if o == nil || o.State != OpPending {
		return false
	}
	if m.node.View().Role != raft.Leader {
		c.retryRenewal(o, it.from, e)
		return true
	}
	if r := m.leaseAnswer(c, o, it.from, e); r != nil {
		c.peer(m.id, it.from, item{kind: PeerResponse, op: o.ID, cause: e.ID, reply: r})
	}
	return true
}

// peerResponse is the answer of another member.
func (m *member) peerResponse(c *Cluster, it *item, e *Event) bool {
	if c.net.At(it.from, m.id).Cut {
		return false
	}
	m.dirty = true
	if it.op == 0 {
		return m.hashResponse(c, it, e)
	}
	e.Rev = it.reply.rev
	if o, _ := c.op(it.op); o != nil && o.checked != 0 && o.checked != m.auth.Revision() && m.auth.Enabled() {
		e.Note = auth.ErrAuthOldRevision.Error() // whoever asks may not see these keys any more
		c.respond(it.op, m.id, &reply{rev: it.reply.rev, err: e.Note}, e.ID)
		return true
	}
	c.respond(it.op, m.id, it.reply, e.ID)
	return true
}

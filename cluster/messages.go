package cluster

import (
	"etcdscope/cluster/clock"
	"etcdscope/cluster/network"
	"etcdscope/raft"
)

// deliver brings a message to its receiver, or loses it.
func (c *Cluster) deliver(it *item, e *Event) bool {
	msg := it.msg
	m := c.member(msg.To)
	e.Member, e.Inc, e.Op, e.Causes[0] = m.id, m.inc, msg.Op, msg.SentBy
	switch {
	case it.fate == network.LostCut || c.net.At(msg.From, msg.To).Cut:
		e.Note = "link cut"
	case it.fate == network.LostLuck:
		e.Note = "lossy link"
	case it.fate == network.LostAddress:
		e.Note = "wrong address"
	case !m.up:
		e.Note = "member down"
	case m.shuts(c, msg, e):
	case msg.Type == raft.MsgSnap:
		c.delivered++
		m.receive(c, msg, e)
		return true
	default:
		c.delivered++
		m.inbox = append(m.inbox, arrival{msg, e.ID})
		m.dirty = true
		c.after(c.config.Timing.Handle, item{kind: Handle, member: m.id, inc: m.inc, cause: e.ID})
		return true
	}
	e.Kind = Lost
	c.dropped++
	c.lost(msg, !m.up, e.ID)
	return true
}

// send puts messages on their links.
func (c *Cluster) send(m *member, msgs []raft.Message, e *Event) {
	for i := range msgs {
		c.lastMsg++
		op := c.opOf(&msgs[i], e)
		msg := &Message{Message: msgs[i], ID: c.lastMsg, SenderInc: m.inc, SentAt: c.now, SentBy: e.ID, Op: op}
		if msg.Type == raft.MsgSnap {
			if err := m.attach(c, msg); err != nil {
				m.node.ReportSnapshot(msg.To, false)
				continue
			}
		}
		msg.Fold = m.folds(msg, e)
		c.keepSent(e, msg)
		c.launch(msg)
	}
}

// route decides when a message arrives, and what becomes of it.
func (c *Cluster) route(msg *Message) (at clock.Time, fate network.Fate) {
	if msg.Type == raft.MsgSnap {
		at, fate = c.net.Stream(msg.From, msg.To, msg.Type, c.now, c.streamTime(msg.Size))
	} else {
		at, fate = c.net.Route(msg.From, msg.To, msg.Type, c.now)
	}
	if c.misaddressed(msg) {
		fate = network.LostAddress
	}
	return at, fate
}

// launch routes one message.
func (c *Cluster) launch(msg *Message) {
	at, fate := c.route(msg)
	if fate == network.Waits {
		c.held = append(c.held, Flight{Message: msg, DeliverAt: at, Held: true})
		return
	}
	c.queue.Push(at, item{kind: Deliver, member: msg.To, fate: fate, msg: msg})
}

func (c *Cluster) keepSent(e *Event, msg *Message) {
	if len(c.sent)+len(e.Sent)+1 > cap(c.sent) {
		c.sent = make([]*Message, 0, 512+len(e.Sent))
	}
	start := len(c.sent)
	if len(e.Sent) > 0 && start >= len(e.Sent) && &c.sent[start-len(e.Sent)] == &e.Sent[0] {
		start -= len(e.Sent) // the list is the arena's tail: it grows in place
	} else {
		c.sent = append(c.sent, e.Sent...)
	}
	c.sent = append(c.sent, msg)
	e.Sent = c.sent[start:len(c.sent):len(c.sent)]
}

// opOf is the client operation that a message serves: that of its newest entry, or of what it answers.
func (c *Cluster) opOf(msg *raft.Message, e *Event) OpID {
	switch {
	case len(msg.Entries) > 0 && msg.Type == raft.MsgApp:
		last := msg.Entries[len(msg.Entries)-1]
		op, _ := c.proposals.get(last.Term, last.Index)
		return op
	case msg.Type == raft.MsgHeartbeat, msg.Type == raft.MsgHeartbeatResp:
		return 0
	}
	return e.Op
}

// folds says whether a heartbeat or its answer is one too many to be shown: the first two of a leadership are.
func (m *member) folds(msg *Message, e *Event) bool {
	switch msg.Type {
	case raft.MsgHeartbeat:
		if len(e.Sent) == 0 {
			m.beats++
		}
		return m.beats > 2 && msg.Context == 0
	case raft.MsgHeartbeatResp:
		return e.Msg != nil && e.Msg.Fold
	}
	return false
}

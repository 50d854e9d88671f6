package raft

// outbox is a queue of messages. What is handed out stays where it is, and the driver may keep it for ever: a slot is
// written once and never again. When the array is full, what is still queued moves to another one.
type outbox struct {
	array []Message
	out   int // array[:out] was handed out
	last  int // how many messages were handed out at once the last time
}

// outboxRoom is for how many messages an array is made at least: so many cost one allocation.
const outboxRoom = 32

func (o *outbox) empty() bool { return o.out == len(o.array) }

func (o *outbox) add(m *Message) {
	if len(o.array) == cap(o.array) {
		queued := o.array[o.out:]
		room := max(outboxRoom, 2*len(queued), o.last)
		o.array, o.out = append(make([]Message, 0, room), queued...), 0
	}
	o.array = append(o.array, *m)
}

// take hands out what is queued.
func (o *outbox) take() []Message {
	if o.empty() {
		return nil
	}
	taken := o.array[o.out:len(o.array):len(o.array)]
	o.out, o.last = len(o.array), len(taken)
	return taken
}

// clone copies what is queued, and neither what is out nor the room for more.
func (o *outbox) clone() (c outbox) {
	c.array = append(c.array, o.array[o.out:]...)
	return c
}

// send queues a message that may leave at once.
func (n *Node) send(m *Message) {
	n.stamp(m)
	n.msgs.add(m)
}

// promise queues a message that may leave only when everything the node knows is durable.
func (n *Node) promise(m *Message) {
	if m.Type == MsgAppResp && n.cfg.Rules.AckBeforeSync || m.Type == MsgVoteResp && n.cfg.Rules.VoteBeforeSync {
		n.send(m)
		return
	}
	n.stamp(m)
	n.afterSync.add(m)
}

// stamp fills in who sends a message, and in which term.
func (n *Node) stamp(m *Message) {
	if m.From == None {
		m.From = n.cfg.ID
	}
	if m.Term == 0 && m.Type != MsgProp && m.Type != MsgReadIndex {
		m.Term = n.term
	}
}

package cluster

import (
	"slices"

	"etcdscope/cluster/clock"
	"etcdscope/cluster/network"
	"etcdscope/raft"
)

// doLinks changes links; what they hold back leaves when they are healed.
func (c *Cluster) doLinks(cmd *Command) {
	switch cmd.Kind {
	case Cut:
		c.eachLink(cmd, func(l *Link) { l.Cut = true })
	case Delay:
		c.eachLink(cmd, func(l *Link) { l.Delay = cmd.For })
	case Loss:
		c.eachLink(cmd, func(l *Link) { l.Loss = cmd.Percent })
	case Heal:
		c.eachLink(cmd, func(l *Link) { *l = Link{} })
		c.releaseWhere(func(f *Flight) bool { return cmd.From == raft.None || cmd.covers(f.From, f.To) })
	case Isolate:
		c.everyLink(func(from, to raft.ID, l *Link) {
			if slices.Contains(cmd.Members, from) || slices.Contains(cmd.Members, to) {
				l.Cut = true
			}
		})
	case Partition:
		c.everyLink(func(from, to raft.ID, l *Link) { l.Cut = group(cmd.Groups, from) != group(cmd.Groups, to) })
	}
}

// group is the number of the group that id is in; those that no group names are together in one of their own.
func group(groups [][]raft.ID, id raft.ID) int {
	return slices.IndexFunc(groups, func(g []raft.ID) bool { return slices.Contains(g, id) })
}

// covers says whether a command about From and To (None: any member) is about this link.
func (cmd *Command) covers(from, to raft.ID) bool {
	match := func(a, b raft.ID) bool {
		return (cmd.From == raft.None || cmd.From == a) && (cmd.To == raft.None || cmd.To == b)
	}
	return match(from, to) || !cmd.OneWay && match(to, from)
}

func (c *Cluster) eachLink(cmd *Command, change func(*Link)) {
	c.everyLink(func(from, to raft.ID, l *Link) {
		if cmd.covers(from, to) {
			change(l)
		}
	})
}

func (c *Cluster) everyLink(change func(from, to raft.ID, l *Link)) {
	for _, a := range c.members {
		for _, b := range c.members {
			if a == b {
				continue
			}
			l := c.net.At(a.id, b.id)
			change(a.id, b.id, &l)
			c.net.Set(a.id, b.id, l)
		}
	}
}

// doMessages acts on messages on their way: one, or all of a link (and of some types).
func (c *Cluster) doMessages(cmd *Command) {
	about := func(m *Message) bool {
		if cmd.Msg != 0 {
			return m.ID == cmd.Msg
		}
		return cmd.covers(m.From, m.To) && (len(cmd.Types) == 0 || slices.Contains(cmd.Types, m.Type))
	}
	switch cmd.Kind {
	case Drop:
		gone := c.takeFlying(about)
		for _, it := range gone {
			c.lost(it.What.msg, false, c.events+1)
		}
		before := len(c.held)
		c.held = slices.DeleteFunc(slices.Clone(c.held), func(f Flight) bool { return about(f.Message) })
		c.dropped += uint64(len(gone) + before - len(c.held))
	case Duplicate:
		c.duplicate(about)
	case Hold:
		if cmd.Msg == 0 {
			c.eachLink(cmd, func(l *Link) { l.Hold, l.Types = true, cmd.Types })
		}
		for _, it := range c.takeFlying(about) {
			c.held = append(c.held, Flight{Message: it.What.msg, DeliverAt: it.At, Held: true})
		}
		slices.SortFunc(c.held, byMessage)
	case Release:
		if cmd.Msg == 0 {
			c.eachLink(cmd, func(l *Link) { l.Hold, l.Types = false, nil })
		}
		c.releaseWhere(func(f *Flight) bool { return about(f.Message) })
	}
}

func byMessage(a, b Flight) int {
	if a.ID < b.ID {
		return -1
	}
	return 1
}

// takeFlying removes messages from the queue of what will be delivered.
func (c *Cluster) takeFlying(about func(*Message) bool) []clock.Item[item] {
	return c.queue.RemoveIf(func(it *clock.Item[item]) bool { return it.What.kind == Deliver && about(it.What.msg) })
}

// releaseWhere lets held messages go, in the order in which they were sent.
func (c *Cluster) releaseWhere(match func(*Flight) bool) {
	var keep []Flight
	for i := range c.held {
		f := &c.held[i]
		if !match(f) {
			keep = append(keep, *f)
			continue
		}
		at, fate := c.route(f.Message)
		if fate == network.Waits {
			fate = network.Arrives
		}
		c.queue.Push(at, item{kind: Deliver, member: f.To, fate: fate, msg: f.Message})
	}
	c.held = keep
}

// duplicate sends copies of messages on their way.
func (c *Cluster) duplicate(about func(*Message) bool) {
	for _, f := range c.flights() {
		if !about(f.Message) {
			continue
		}
		c.lastMsg++
		c.duplicated++
		twin := *f.Message
		twin.ID, twin.Copy, twin.SentAt = c.lastMsg, true, c.now
		c.launch(&twin)
	}
}

// flights lists what is in flight or held, in order of message ID.
func (c *Cluster) flights() []Flight {
	out := slices.Clone(c.held)
	c.queue.Each(func(it *clock.Item[item]) {
		if it.What.kind == Deliver {
			out = append(out, Flight{Message: it.What.msg, DeliverAt: it.At})
		}
	})
	slices.SortFunc(out, byMessage)
	return out
}

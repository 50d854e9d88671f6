package cluster

import (
	"fmt"
	"slices"

	"etcdscope/cluster/clock"
)

// checkPause refuses to pause a client twice, or to let one go on that runs.
func (c *Cluster) checkPause(cmd *Command) error {
	if cmd.Op == nil {
		return fmt.Errorf("which client? Name one, such as c1")
	}
	id := max(cmd.Op.Client, 1)
	i := slices.IndexFunc(c.clients, func(cl *client) bool { return cl.id == id })
	switch {
	case i < 0:
		return fmt.Errorf("c%d has not asked for anything yet", id)
	case cmd.Kind == PauseClient && c.clients[i].paused:
		return fmt.Errorf("c%d is paused already: client resume c%d", id, id)
	case cmd.Kind == ResumeClient && !c.clients[i].paused:
		return fmt.Errorf("c%d is not paused", id)
	}
	return nil
}

// asker is the client that sends something for a command; 0 is none.
func (cmd *Command) asker() int {
	switch cmd.Kind {
	case ClientCancel, SlowWatch, FastWatch, WatchProgress, ClientUnlock, ClientProclaim, ClientResign:
		return 0 // of whoever has the tag
	case Defrag, EndpointStatus, EndpointHashKV:
	default:
		if !cmd.Kind.asks() {
			return 0
		}
	}
	switch {
	case cmd.Op == nil:
		return 1
	case cmd.Op.Lock != "":
		return 0 // whoever holds it
	}
	return max(cmd.Op.Client, 1)
}

// checkAwake refuses requests of a client that is paused.
func (c *Cluster) checkAwake(id int) error {
	if slices.ContainsFunc(c.clients, func(cl *client) bool { return cl.id == id && cl.paused }) {
		return fmt.Errorf("c%d is paused: client resume c%d first", id, id)
	}
	return nil
}

// doPause stops a client as SIGSTOP does, or lets it go on: it renews nothing and takes nothing, and what comes for
// it waits. What fell due meanwhile happens then at once.
func (c *Cluster) doPause(cmd *Command, e *Event) {
	cl := c.client(max(cmd.Op.Client, 1))
	cl.paused = cmd.Kind == PauseClient
	if cl.paused {
		return
	}
	for _, it := range cl.stash {
		c.queue.Push(max(c.now, it.At), it.What)
	}
	cl.stash = nil
	for _, m := range c.members {
		if m.up && !m.paused {
			m.pushWatches(c, e)
			m.dirty = true
		}
	}
}

// sleeper is the client that an item waits for because it is paused, or nil.
func (c *Cluster) sleeper(it *item) *client {
	switch it.kind {
	case ClientResponse, ClientTimeout, KeepAliveDue, WatchEvent:
		if o, _ := c.op(it.op); o != nil {
			return c.pausedClient(o)
		}
	}
	return nil
}

// pausedClient is the client of an operation if it is paused.
func (c *Cluster) pausedClient(o *Op) *client {
	for _, cl := range c.clients {
		if cl.id == o.client() && cl.paused {
			return cl
		}
	}
	return nil
}

// keep puts aside what falls due for a paused client.
func (cl *client) keep(at clock.Time, it *item) {
	cl.stash = append(cl.stash, clock.Item[item]{At: at, What: *it})
}

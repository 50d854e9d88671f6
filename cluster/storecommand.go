package cluster

import "fmt"

// checkRequest refuses requests of clients that cannot even be sent.
func (c *Cluster) checkRequest(cmd *Command) error {
	o := cmd.Op
	switch {
	case o == nil:
		return fmt.Errorf("the request is missing")
	case int(o.Via) > len(c.members):
		return fmt.Errorf("there is no member n%d: this cluster has n1 to n%d", o.Via, len(c.members))
	case cmd.Kind == ClientTxn && o.Txn == nil:
		return fmt.Errorf("the transaction is missing")
	case cmd.Kind == ClientAuth && o.Auth == nil:
		return fmt.Errorf("what is asked of users and roles is missing")
	}
	needs := cmd.Kind == LeaseRevoke || cmd.Kind == LeaseKeepAlive || cmd.Kind == LeaseTimeToLive
	if (needs || o.Lease != "") && c.leaseNamed(o.Lease) == 0 {
		return fmt.Errorf("lease %q: name the tag of a lease grant that was answered, or an ID in hex", o.Lease)
	}
	return c.checkFence(cmd)
}

// doStore carries out the commands about the store.
func (c *Cluster) doStore(cmd *Command, e *Event) {
	switch cmd.Kind {
	case ClientTxn, ClientCompact, LeaseGrant, LeaseRevoke, LeaseKeepAlive, LeaseTimeToLive, LeaseList, AlarmList,
		AlarmDisarm, ClientSnapshot, ClientAuth:
		c.call(cmd.Kind, cmd.Op, e)
	case Defrag, EndpointStatus, EndpointHashKV:
		c.callEach(cmd, e)
	case SetClock:
		for _, id := range cmd.Members {
			c.setClock(c.member(id), cmd.Rate, e)
		}
	case SetFlag:
		c.setFlag(cmd, e)
	}
}

// callEach asks several members the same; each answers for itself. The client stays connected where it was.
func (c *Cluster) callEach(cmd *Command, e *Event) {
	spec := OpSpec{}
	if cmd.Op != nil {
		spec = *cmd.Op
	}
	cl := c.client(max(spec.Client, 1))
	before := cl.endpoint
	for _, id := range cmd.Members {
		one := spec
		one.Via = id
		c.call(cmd.Kind, &one, e)
	}
	cl.endpoint = before
}

// setClock lets a member's clock run at another rate.
func (c *Cluster) setClock(m *member, rate int64, e *Event) {
	m.clock.set(c.now, rate)
	m.dirty = true
	if !m.up {
		return
	}
	m.leaseAt = 0
	m.wantLeaseCheck(c, e.ID)
	if !m.ticking && !m.paused && !m.checking {
		m.scheduleTick(c)
	}
}

// setFlag gives all members another flag, those that run and those that start later.
func (c *Cluster) setFlag(cmd *Command, e *Event) {
	flags, err := c.config.Flags.with(cmd.Flag, cmd.Value)
	if err != nil {
		return // check has refused it
	}
	next := *c.config // views hold the old one
	next.Flags = flags
	c.config = &next
	for _, m := range c.members {
		m.dirty = true
		if m.up && !m.checking {
			m.planChecks(c, e.ID)
			m.planCompactor(c, true, e.ID)
		}
	}
}

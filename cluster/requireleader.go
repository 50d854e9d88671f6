package cluster

import "etcdscope/raft"

// noLeaderMost is for how many election timeouts a member may know no leader before it cancels the watches that ask
// for one (etcd maxNoLeaderCnt).
const noLeaderMost = 3

// errNoLeader is etcd's answer of a member that knows no leader to a watch that asks for one.
const errNoLeader = "etcdserver: no leader"

// wantsLeader says whether a watch is not to be served by a member that knows no leader.
func (c *Cluster) wantsLeader(o *Op) bool {
	return o != nil && o.Spec.RequireLeader && c.config.On(ruleWatchRequiresLeader)
}

// monitorLeader counts the ticks without a leader, and cancels the watches that ask for one when there are too many: a
// member that is cut off would never have anything to say.
func (m *member) monitorLeader(c *Cluster, e *Event) {
	if m.node.View().Lead != raft.None {
		m.leaderless = 0
		return
	}
	if m.leaderless++; m.leaderless < noLeaderMost*c.config.Timing.ElectionMin {
		return
	}
	keep := m.streams[:0:0]
	for _, s := range m.streams {
		if o, _ := c.op(s.op); !c.wantsLeader(o) {
			keep = append(keep, s)
			continue
		}
		m.hub.Cancel(s.id)
		c.respond(s.op, m.id, &reply{err: errNoLeader}, e.ID)
	}
	m.streams = keep
}

// watchRefused ends a watch that a member does not serve (any more). Where another member would, the client's next
// request goes elsewhere.
func (c *Cluster) watchRefused(i int, why string, e *Event) {
	o := c.ops[i]
	if o.Spec.Via == raft.None && (why == errNoLeader || why == errLearner) {
		c.client(o.client()).endpoint = c.next(o.Via)
	}
	c.fails(i, why, e)
}

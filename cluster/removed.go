package cluster

import (
	"slices"

	"etcdscope/raft"
)

// DownRemoved is why a member is down that does not belong to the cluster any more.
const DownRemoved = "removed from the cluster"

// stop is the end of a member that was removed.
func (m *member) stop(c *Cluster, e *Event) bool {
	e.Note = errRemovedMember.Error()
	m.kill(c, DownRemoved, e.ID)
	return true
}

// shuts says whether the member refuses a message because it knows that the sender was removed. The sender is told, and
// stops (etcd answers 410 Gone).
func (m *member) shuts(c *Cluster, msg *Message, e *Event) bool {
	if !m.membership.gone(msg.From) || !c.config.On(ruleRemovedStaysOut) {
		return false
	}
	e.Note = errRemovedMember.Error()
	sender := c.member(msg.From)
	if sender.up && sender.inc == msg.SenderInc && !sender.leaving {
		sender.leaving = true
		c.after(c.config.Timing.LinkMin, item{kind: MemberStop, member: msg.From, inc: msg.SenderInc, cause: e.ID})
	}
	return true
}

// misaddressed says whether the sender believes that the receiver listens elsewhere: what it sends arrives nowhere.
func (c *Cluster) misaddressed(msg *Message) bool {
	m := c.member(msg.From)
	if !m.up {
		return false
	}
	to := m.membership.member(uint64(msg.To))
	return to != nil && len(to.PeerURLs) > 0 && !slices.Contains(to.PeerURLs, peerURL(uint64(msg.To)))
}

// refuses says what a learner does not do for clients (etcd: no proposals, no linearizable reads).
func (m *member) refuses(o *Op) bool {
	reads := o.Kind == ClientGet && o.Spec.Serializable || o.Kind == EndpointStatus
	return m.membership.learner(m.id) && (o.login || !reads)
}

// errLearner is etcd's answer of a learner.
const errLearner = "etcdserver: rpc not supported for learner"

// serves says whether clients choose the member by themselves.
func (c *Cluster) serves(id raft.ID) bool {
	m := c.member(id)
	return m.up && !m.checking && !m.membership.learner(id) && m.membership.member(uint64(id)) != nil
}

package cluster

import (
	"fmt"
	"slices"

	"etcdscope/raft"
)

// initialCheck lets a member that starts again compare its keys with those of the others before it takes part (etcd
// InitialCheck). Until that is over it hears answers, and nothing else; who does not answer in time is left out.
func (m *member) initialCheck(c *Cluster) {
	own, err := m.store.HashByRev(0)
	if err != nil {
		m.refuse("initial corruption check: " + err.Error())
		return
	}
	m.checking, m.check = true, &hashCheck{own: own}
	for i := range m.membership.members {
		to := raft.ID(m.membership.members[i].ID)
		if to == m.id || int(to) > len(c.members) || !c.member(to).up {
			continue
		}
		m.check.asked++
		c.peer(m.id, to, item{kind: PeerRequest, cause: c.events, reply: &reply{rev: own.Revision}})
	}
	wait := c.config.Timing.Request
	if m.check.asked == 0 {
		wait = 0
	}
	c.after(wait, item{kind: InitialCheck, member: m.id, inc: m.inc, cause: c.events})
}

// defers says whether the member puts aside what happens to it.
func (m *member) defers(kind Kind) bool {
	return m.paused && kind != Tick || m.checking && kind != PeerResponse && kind != InitialCheck
}

// initialAnswer takes in the hash of another member, or that it has none to compare: it is behind or has compacted.
func (m *member) initialAnswer(c *Cluster, from raft.ID, r *reply, e *Event) {
	check := *m.check
	check.asked--
	if r.err == "" && r.hash.CompactRevision == check.own.CompactRevision {
		check.answers = append(slices.Clip(check.answers), peerHash{from, r.hash})
	}
	if m.check = &check; check.asked == 0 {
		c.after(0, item{kind: InitialCheck, member: m.id, inc: m.inc, cause: e.ID})
	}
}

// initialCheckDone lets the member take part, or stop when a member with the same history has other keys.
func (m *member) initialCheckDone(c *Cluster, e *Event) bool {
	if !m.checking {
		return false // all had answered before the time was over
	}
	check := m.check
	e.N, e.Rev, e.Hash, m.dirty = len(check.answers), check.own.Revision, uint64(check.own.Hash), true
	differs := func(p peerHash) bool { return p.hash.Hash != check.own.Hash }
	if slices.ContainsFunc(check.answers, differs) {
		e.Note = inconsistent(m.id)
		m.kill(c, e.Note, e.ID)
		return true
	}
	m.checking, m.check = false, nil
	m.takePart(c, e.ID)
	m.wake(c)
	return true
}

// inconsistent is etcd's answer to a member whose keys are not those of the others.
func inconsistent(id raft.ID) string {
	return fmt.Sprintf("%x found data inconsistency with peers", uint64(id))
}

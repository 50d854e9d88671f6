package cluster

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"

	"etcdscope/mvcc"
	"etcdscope/raft"
)

// MemberSpec is a change of the membership as asked for.
type MemberSpec struct {
	ID      raft.ID
	Learner bool      // of an addition
	Addr    string    // peer URL; empty is the member's own
	Voters  []raft.ID // of ClientMemberSet: who votes afterwards; none: leave the joint configuration
	// Transition says when ClientMemberSet goes through a joint configuration and who ends it.
	Transition raft.ConfChangeTransition
}

// changesMembers says whether an operation asks for another configuration.
func (k CommandKind) changesMembers() bool {
	switch k {
	case ClientMemberAdd, ClientMemberRemove, ClientMemberPromote, ClientMemberUpdate, ClientMemberSet:
		return true
	}
	return false
}

// url is the address that the change asks for.
func (s *MemberSpec) url() string {
	if s.Addr != "" {
		return s.Addr
	}
	return peerURL(uint64(s.ID))
}

// askMember guards a change as etcd's server does and proposes it. A promotion is the leader's business: everybody
// else hands the request on.
func (m *member) askMember(c *Cluster, o *Op, w waiter, e *Event) {
	if o.Kind == ClientMemberPromote && m.node.View().Role != raft.Leader {
		c.after(c.config.Timing.Client, item{
			kind: ClientRequest, member: m.node.View().Lead, op: o.ID, cause: e.ID,
		})
		e.Note = "handed on to the leader"
		return
	}
	err := m.mayChange(c, o)
	if err == nil {
		err = m.node.ProposeConfChange(m.confChange(o, w.id))
	}
	if err != nil {
		e.Note = err.Error()
		c.respond(o.ID, m.id, &reply{err: err.Error()}, e.ID)
		return
	}
	m.waiting = append(m.waiting, w)
}

// mayChange is etcd's strict reconfiguration check (--strict-reconfig-check).
func (m *member) mayChange(c *Cluster, o *Op) error {
	s := o.Spec.Member
	strict := c.config.On(ruleStrictReconfig)
	switch o.Kind {
	case ClientMemberAdd:
		return m.mayAdd(c, s, strict)
	case ClientMemberRemove:
		return m.mayRemove(c, s, strict)
	case ClientMemberPromote:
		if err := m.learnerReady(c, s.ID); err != nil || !strict {
			return err
		}
		if !m.membership.mayPromote() {
			return errNotEnough
		}
	}
	return nil
}

func (m *member) mayAdd(c *Cluster, s *MemberSpec, strict bool) error {
	switch voters := m.membership.voters(); {
	case !strict:
	case !s.Learner && !m.membership.mayAdd():
		return errNotEnough
	case len(voters) == 1: // a cluster of one may grow
	case m.connected(c, voters) < (len(voters)+1)/2+1: // the new one does not run yet
		return errUnhealthy
	}
	return nil
}

func (m *member) mayRemove(c *Cluster, s *MemberSpec, strict bool) error {
	voters := m.membership.voters()
	switch {
	case !strict || m.membership.learner(s.ID):
	case !m.membership.mayRemove(uint64(s.ID)):
		return errNotEnough
	case s.ID != m.id && !c.reaches(m.id, s.ID): // who is down is no part of the active quorum
	case m.connected(c, voters)-1 < 1+(len(voters)-1)/2:
		return errUnhealthy
	}
	return nil
}

// learnerShare is how much of the leader's log a learner must hold to be promoted (etcd readyPercentThreshold).
const learnerShare = 0.9

func (m *member) learnerReady(c *Cluster, id raft.ID) error {
	if !c.config.On(ruleLearnerReady) {
		return nil
	}
	v := m.node.View()
	var own, learner raft.Index
	known := false
	for _, p := range v.Progress {
		switch p.ID {
		case m.id:
			own = p.Match
		case id:
			learner, known = p.Match, true
		}
	}
	switch {
	case !known:
		return errIDNotFound
	case float64(learner) < learnerShare*float64(own):
		return errLearnerNotReady
	}
	return nil
}

// connected counts the voters that the member talks to, itself included.
func (m *member) connected(c *Cluster, voters []mvcc.Member) (n int) {
	for _, v := range voters {
		if raft.ID(v.ID) == m.id || c.reaches(m.id, raft.ID(v.ID)) {
			n++
		}
	}
	return n
}

// reaches says whether two members have a working connection.
func (c *Cluster) reaches(a, b raft.ID) bool {
	return int(b) <= len(c.members) && c.member(b).up && !c.net.At(a, b).Cut && !c.net.At(b, a).Cut
}

// confChange is the change as etcd proposes it: one member, with everything about it as JSON. Several at once go
// through a joint configuration, which etcd's own server never asks for.
func (m *member) confChange(o *Op, id uint64) raft.ConfChange {
	s := o.Spec.Member
	if o.Kind == ClientMemberSet {
		return m.confSet(s, id)
	}
	with := confContext{Member: mvcc.Member{ID: uint64(s.ID)}}
	change := raft.ConfChangeSingle{Type: raft.ConfChangeRemoveNode, Node: s.ID}
	switch o.Kind {
	case ClientMemberAdd:
		with.PeerURLs, with.IsLearner = []string{s.url()}, s.Learner
		change.Type = raft.ConfChangeAddNode
		if s.Learner {
			change.Type = raft.ConfChangeAddLearnerNode
		}
	case ClientMemberPromote:
		with.IsPromote = true
		change.Type = raft.ConfChangeAddNode
	case ClientMemberUpdate:
		with.PeerURLs = []string{s.url()}
		change.Type = raft.ConfChangeUpdateNode
	}
	return raft.ConfChange{V1: true, ID: id, Changes: []raft.ConfChangeSingle{change}, Context: with.json()}
}

// confSet is the change from the voters of now to others, or the end of a joint configuration.
func (m *member) confSet(s *MemberSpec, id uint64) raft.ConfChange {
	change := raft.ConfChange{Context: fmt.Appendf(nil, "%d", id)}
	if len(s.Voters) == 0 {
		return change
	}
	voters := s.Voters
	change.Transition = s.Transition
	wanted := func(id uint64) bool {
		for _, v := range voters {
			if uint64(v) == id {
				return true
			}
		}
		return false
	}
	for _, v := range m.membership.members {
		if !wanted(v.ID) {
			x := raft.ConfChangeSingle{Type: raft.ConfChangeRemoveNode, Node: raft.ID(v.ID)}
			change.Changes = append(change.Changes, x)
		}
	}
	for _, v := range voters {
		if have := m.membership.member(uint64(v)); have == nil || have.IsLearner {
			change.Changes = append(change.Changes, raft.ConfChangeSingle{Type: raft.ConfChangeAddNode, Node: v})
		}
	}
	return change
}

func (x *confContext) json() []byte {
	text, err := json.Marshal(x)
	if err != nil {
		panic(fmt.Sprintf("a member is plain data: %v", err))
	}
	return text
}

// configure applies a committed configuration change. All members refuse the same changes: a refused one names nobody,
// so that Raft's configuration stays in step. Only what Raft has taken, and as a whole, reaches membership and file.
func (m *member) configure(c *Cluster, entry *raft.Entry, e *Event) (uint64, *reply) {
	change, err := raft.DecodeConfChange(entry.Type, entry.Data)
	if err != nil {
		e.Note = fmt.Sprintf("entry %d holds no configuration change: %v", entry.Index, err)
		return 0, nil
	}
	next, id, err := m.membership.after(&change)
	if err != nil {
		for i := range change.Changes {
			change.Changes[i].Node = raft.None
		}
	}
	conf, impossible := m.node.ApplyConfChange(change)
	if err = cmp.Or(err, impossible); err == nil {
		if !change.V1 {
			next.settle(conf)
		}
		err = errors.Join(next.keep(&m.membership, m.store), saveConf(conf, m.store))
		m.membership = next
	}
	m.afterConf(c, e)
	out := &reply{rev: m.store.Revision(), members: m.membership.members}
	if err != nil {
		e.Note, out.err = err.Error(), err.Error()
	}
	return id, out
}

// after returns the membership after the changes of an entry, if all of them are valid, and the ID of the request.
func (s membership) after(change *raft.ConfChange) (next membership, id uint64, err error) {
	id, with := change.ID, confContext{}
	if change.V1 {
		if err := json.Unmarshal(change.Context, &with); err != nil {
			return s, id, fmt.Errorf("member: %w", err)
		}
	} else if len(change.Context) > 0 {
		if _, err := fmt.Sscanf(string(change.Context), "%d", &id); err != nil {
			return s, id, fmt.Errorf("request: %w", err)
		}
	}
	next = s
	for _, x := range change.Changes {
		own := with
		if !change.V1 {
			own = next.promoted(x)
		}
		if err := next.validate(x, &own); err != nil {
			return s, id, err
		}
		if !change.V1 && x.Type == raft.ConfChangeRemoveNode {
			continue // it votes until the joint configuration ends: see settle
		}
		next.change(x, &own)
	}
	return next, id, nil
}

// promoted is what a change of several members says of one: it is new, or a learner that votes from now on.
func (s *membership) promoted(x raft.ConfChangeSingle) confContext {
	id := uint64(x.Node)
	return confContext{
		Member:    mvcc.Member{ID: id, PeerURLs: []string{peerURL(id)}},
		IsPromote: x.Type == raft.ConfChangeAddNode && s.learner(x.Node),
	}
}

// afterConf stops a member that finds itself removed. etcd lets it live for a second, so that others hear what it has
// to say.
func (m *member) afterConf(c *Cluster, e *Event) {
	if m.membership.gone(m.id) && !m.leaving {
		m.leaving = true
		t := c.config.Timing
		c.after(10*t.ticks(t.Heartbeat), item{kind: MemberStop, member: m.id, inc: m.inc, cause: e.ID})
	}
}

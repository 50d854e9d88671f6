package cluster

import (
	"errors"
	"slices"

	"etcdscope/mvcc"
	"etcdscope/raft"
)

// The answers of a membership change that is refused, in etcd's words.
var (
	errIDExists        = errors.New("membership: ID exists")
	errIDNotFound      = errors.New("membership: ID not found")
	errIDRemoved       = errors.New("membership: ID removed")
	errPeerURLExists   = errors.New("membership: peerURL exists")
	errNotLearner      = errors.New("membership: can only promote a learner member")
	errTooManyLearners = errors.New("membership: too many learner members in cluster")
	errNotEnough       = errors.New("etcdserver: re-configuration failed due to not enough started members")
	errUnhealthy       = errors.New("etcdserver: unhealthy cluster")
	errLearnerNotReady = errors.New("etcdserver: can only promote a learner member which is in sync with leader")
	errRemovedMember   = errors.New("the member has been permanently removed from the cluster")
)

// maxLearners is etcd's --max-learners.
const maxLearners = 1

// membership is who belongs to the cluster, as one member has applied it (etcd membership.RaftCluster). Its
// lists are replaced, never changed: views and clones share them.
type membership struct {
	members []mvcc.Member // in order of ID
	removed []uint64      // sorted; they never come back
}

// confContext is what etcd puts into a configuration change beside the numbers.
type confContext struct {
	mvcc.Member
	IsPromote bool `json:"isPromote"`
}

func (s *membership) find(id uint64) (int, bool) {
	return slices.BinarySearchFunc(s.members, id, func(m mvcc.Member, id uint64) int { return int(m.ID) - int(id) })
}

// member returns a member, or nil.
func (s *membership) member(id uint64) *mvcc.Member {
	if i, ok := s.find(id); ok {
		return &s.members[i]
	}
	return nil
}

// learner says whether id is a learner.
func (s *membership) learner(id raft.ID) bool {
	m := s.member(uint64(id))
	return m != nil && m.IsLearner
}

// gone says whether id was removed.
func (s *membership) gone(id raft.ID) bool { return slices.Contains(s.removed, uint64(id)) }

// voters lists the members that vote.
func (s *membership) voters() (out []mvcc.Member) {
	for _, m := range s.members {
		if !m.IsLearner {
			out = append(out, m)
		}
	}
	return out
}

// put adds or replaces a member.
func (s *membership) put(m mvcc.Member) {
	i, ok := s.find(m.ID)
	next := slices.Clone(s.members)
	if ok {
		next[i] = m
	} else {
		next = slices.Insert(next, i, m)
	}
	s.members = next
}

// remove takes a member out for ever.
func (s *membership) remove(id uint64) {
	s.members = slices.DeleteFunc(slices.Clone(s.members), func(m mvcc.Member) bool { return m.ID == id })
	s.removed = append(slices.Clip(s.removed), id)
	slices.Sort(s.removed)
}

// started counts the voters without one that have told their name: those that have once run.
func (s *membership) started(without uint64) (members, started int) {
	for _, m := range s.voters() {
		if m.ID == without {
			continue
		}
		members++
		if m.Name != "" {
			started++
		}
	}
	return members, started
}

// mayAdd is etcd's IsReadyToAddVotingMember: with one voter more, those that run must still be a majority.
func (s *membership) mayAdd() bool {
	members, started := s.started(0)
	members++
	if started == 1 && members == 2 {
		return true // a cluster of one may grow: how else would it
	}
	return started >= members/2+1
}

// mayRemove is etcd's IsReadyToRemoveVotingMember.
func (s *membership) mayRemove(id uint64) bool {
	members, started := s.started(id)
	return started >= members/2+1
}

// mayPromote is etcd's IsReadyToPromoteMember: the learner counts, and as started.
func (s *membership) mayPromote() bool {
	members, started := s.started(0)
	return started+1 >= (members+1)/2+1
}

// validate is etcd's ValidateConfigurationChange: every member decides the same when it applies the change.
func (s *membership) validate(x raft.ConfChangeSingle, with *confContext) error {
	id := uint64(x.Node)
	have := s.member(id)
	if s.gone(x.Node) {
		return errIDRemoved
	}
	switch x.Type {
	case raft.ConfChangeAddNode, raft.ConfChangeAddLearnerNode:
		return s.validateAdd(x, have, with)
	case raft.ConfChangeRemoveNode:
		if have == nil {
			return errIDNotFound
		}
	case raft.ConfChangeUpdateNode:
		if have == nil {
			return errIDNotFound
		}
		return s.freeURLs(id, with.PeerURLs)
	}
	return nil
}

func (s *membership) validateAdd(x raft.ConfChangeSingle, have *mvcc.Member, with *confContext) error {
	switch {
	case with.IsPromote && have == nil:
		return errIDNotFound
	case with.IsPromote && !have.IsLearner:
		return errNotLearner
	case with.IsPromote:
		return nil
	case have != nil:
		return errIDExists
	case x.Type == raft.ConfChangeAddLearnerNode && len(s.members)-len(s.voters()) >= maxLearners:
		return errTooManyLearners
	}
	return s.freeURLs(0, with.PeerURLs)
}

// freeURLs refuses addresses that another member has.
func (s *membership) freeURLs(id uint64, urls []string) error {
	for _, m := range s.members {
		if m.ID == id {
			continue
		}
		for _, u := range m.PeerURLs {
			if slices.Contains(urls, u) {
				return errPeerURLExists
			}
		}
	}
	return nil
}

// settle lets go of the members that have no part in a configuration any more, which it does not while that is joint.
func (s *membership) settle(conf raft.ConfState) {
	if conf.Joint() {
		return
	}
	for _, m := range s.members {
		id := raft.ID(m.ID)
		if !slices.Contains(conf.Voters, id) && !slices.Contains(conf.Learners, id) {
			s.remove(m.ID)
		}
	}
}

// change does one valid change.
func (s *membership) change(x raft.ConfChangeSingle, with *confContext) {
	id := uint64(x.Node)
	switch {
	case x.Type == raft.ConfChangeRemoveNode:
		s.remove(id)
	case x.Type == raft.ConfChangeUpdateNode:
		m := *s.member(id)
		m.PeerURLs = with.PeerURLs
		s.put(m)
	case with.IsPromote:
		m := *s.member(id)
		m.IsLearner = false
		s.put(m)
	default:
		m := with.Member
		m.ID, m.IsLearner = id, x.Type == raft.ConfChangeAddLearnerNode
		s.put(m)
	}
}

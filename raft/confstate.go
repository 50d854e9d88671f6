package raft

import (
	"errors"
	"slices"
)

// Why a configuration change cannot be applied; etcd panics with the same reasons.
var (
	errAlreadyJoint  = errors.New("the configuration is joint already")
	errNotJoint      = errors.New("the configuration is not joint, there is nothing to leave")
	errSimpleInJoint = errors.New("a joint configuration must be left before anything else changes")
	errNoVoters      = errors.New("no voter would be left")
	errManyVoters    = errors.New("several voters change at once without a joint configuration")
)

func (c ConfState) clone() ConfState {
	c.Voters, c.VotersOutgoing = slices.Clone(c.Voters), slices.Clone(c.VotersOutgoing)
	c.Learners, c.LearnersNext = slices.Clone(c.Learners), slices.Clone(c.LearnersNext)
	return c
}

// Joint says whether two sets of voters must agree.
func (c ConfState) Joint() bool { return len(c.VotersOutgoing) > 0 }

// Equal says whether both are the same configuration.
func (c ConfState) Equal(o ConfState) bool {
	return slices.Equal(c.Voters, o.Voters) && slices.Equal(c.VotersOutgoing, o.VotersOutgoing) &&
		slices.Equal(c.Learners, o.Learners) && slices.Equal(c.LearnersNext, o.LearnersNext) &&
		c.AutoLeave == o.AutoLeave
}

// contains says whether id is a member in any way. Who is in LearnersNext also is in VotersOutgoing.
func (c ConfState) contains(id ID) bool {
	return slices.Contains(c.Voters, id) || slices.Contains(c.VotersOutgoing, id) || slices.Contains(c.Learners, id)
}

// Change returns the configuration after the change; c itself stays as it is. The errors are those of
// etcd's confchange package: a change that a configuration does not allow (thesis §4.3).
func (c ConfState) Change(change ConfChange) (ConfState, error) { return c.change(&change, false) }

// change also makes the jump that thesis §4.1 forbids, if anyStep is set.
func (c ConfState) change(change *ConfChange, anyStep bool) (ConfState, error) {
	auto, joint := change.entersJoint()
	switch {
	case change.leavesJoint():
		return c.leaveJoint()
	case joint && !anyStep:
		return c.enterJoint(change.Changes, auto)
	}
	return c.simple(change.Changes, anyStep)
}

// restarted returns the members that change removes altogether before it adds them again: nothing that a leader
// knows about them holds any more.
func (c ConfState) restarted(change *ConfChange) (ids []ID) {
	next := c.clone()
	if _, joint := change.entersJoint(); joint {
		next.VotersOutgoing = c.Voters
	}
	for _, one := range change.Changes {
		next.apply(one)
		if one.Type == ConfChangeRemoveNode && !next.contains(one.Node) {
			ids = append(ids, one.Node)
		}
	}
	return ids
}

// enterJoint keeps the voters as outgoing and changes the incoming half.
func (c ConfState) enterJoint(changes []ConfChangeSingle, autoLeave bool) (ConfState, error) {
	switch {
	case c.Joint():
		return ConfState{}, errAlreadyJoint
	case len(c.Voters) == 0:
		return ConfState{}, errNoVoters
	}
	next := c.clone()
	next.VotersOutgoing = slices.Clone(c.Voters)
	next.AutoLeave = autoLeave
	err := next.applyAll(changes)
	return next, err
}

// leaveJoint drops the outgoing half. Voters that were to become learners do so here.
func (c ConfState) leaveJoint() (ConfState, error) {
	if !c.Joint() {
		return ConfState{}, errNotJoint
	}
	next := c.clone()
	for _, id := range c.LearnersNext {
		next.Learners = with(next.Learners, id)
	}
	next.LearnersNext, next.VotersOutgoing, next.AutoLeave = nil, nil, false
	return next, nil
}

// simple changes at most one voter: any majority before shares a voter with any majority after.
func (c ConfState) simple(changes []ConfChangeSingle, anyStep bool) (ConfState, error) {
	if c.Joint() {
		return ConfState{}, errSimpleInJoint
	}
	next := c.clone()
	if err := next.applyAll(changes); err != nil {
		return ConfState{}, err
	}
	if missing(c.Voters, next.Voters)+missing(next.Voters, c.Voters) > 1 && !anyStep {
		return ConfState{}, errManyVoters
	}
	return next, nil
}

func (c *ConfState) applyAll(changes []ConfChangeSingle) error {
	for _, one := range changes {
		c.apply(one)
	}
	if len(c.Voters) == 0 {
		return errNoVoters
	}
	return nil
}

func (c *ConfState) apply(one ConfChangeSingle) {
	switch {
	case one.Node == None:
	case one.Type == ConfChangeAddNode:
		c.makeVoter(one.Node)
	case one.Type == ConfChangeAddLearnerNode:
		c.makeLearner(one.Node)
	case one.Type == ConfChangeRemoveNode:
		c.remove(one.Node)
	}
}

func (c *ConfState) makeVoter(id ID) {
	c.Learners, c.LearnersNext = without(c.Learners, id), without(c.LearnersNext, id)
	c.Voters = with(c.Voters, id)
}

// makeLearner waits with a voter of the outgoing half until that half is gone: nobody is learner and voter.
func (c *ConfState) makeLearner(id ID) {
	if slices.Contains(c.Learners, id) {
		return
	}
	c.remove(id)
	if slices.Contains(c.VotersOutgoing, id) {
		c.LearnersNext = with(c.LearnersNext, id)
	} else {
		c.Learners = with(c.Learners, id)
	}
}

func (c *ConfState) remove(id ID) {
	c.Voters, c.Learners = without(c.Voters, id), without(c.Learners, id)
	c.LearnersNext = without(c.LearnersNext, id)
}

// with and without keep a list sorted. They may change it in place: the lists are clones.
func with(list []ID, id ID) []ID {
	at, found := slices.BinarySearch(list, id)
	if found {
		return list
	}
	return slices.Insert(list, at, id)
}

func without(list []ID, id ID) []ID {
	at, found := slices.BinarySearch(list, id)
	switch {
	case !found:
		return list
	case len(list) == 1:
		return nil
	}
	return slices.Delete(list, at, at+1)
}

// missing counts the elements of a that b lacks.
func missing(a, b []ID) (count int) {
	for _, id := range a {
		if !slices.Contains(b, id) {
			count++
		}
	}
	return count
}

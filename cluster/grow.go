package cluster

import (
	"fmt"

	"etcdscope/raft"
)

// grow makes room for members up to id. They have no data and do not run until somebody starts them.
func (c *Cluster) grow(id raft.ID) {
	for int(id) > len(c.members) {
		c.members = append(c.members, newMember(c, raft.ID(len(c.members)+1)))
	}
	c.net.Grow(len(c.members))
}

// nextMember is the lowest number that no member has had: numbers are never used twice.
func (c *Cluster) nextMember() raft.ID {
	for i, m := range c.members {
		if m.backend == nil && !c.listed(m.id) {
			return raft.ID(i + 1)
		}
	}
	return raft.ID(len(c.members) + 1)
}

// listed says whether some running member knows id as a member or as removed.
func (c *Cluster) listed(id raft.ID) bool {
	for _, m := range c.members {
		if m.up && (m.membership.member(uint64(id)) != nil || m.membership.gone(id)) {
			return true
		}
	}
	return false
}

// checkChange refuses a membership change that makes no sense, and numbers a member that has no name yet.
func (c *Cluster) checkChange(cmd *Command) error {
	s := cmd.Op.Member
	if s == nil {
		return fmt.Errorf("which member? Name one, such as n1")
	}
	for _, id := range append([]raft.ID{s.ID}, s.Voters...) {
		if id > MaxNodes {
			return fmt.Errorf("there is no room for n%d: numbers go up to n%d and are never used twice", id, MaxNodes)
		}
	}
	switch cmd.Kind {
	case ClientMemberAdd, ClientMemberSet:
		if s.ID == raft.None && cmd.Kind == ClientMemberAdd && c.nextMember() > MaxNodes {
			return fmt.Errorf("there is no room for another member: numbers go up to n%d and are never used twice", MaxNodes)
		}
		return nil
	}
	if int(s.ID) > len(c.members) || s.ID == raft.None {
		return fmt.Errorf("there is no member n%d: this cluster has n1 to n%d", s.ID, len(c.members))
	}
	return nil
}

// callChange starts the operation that changes the membership; a new member gets its place now.
func (c *Cluster) callChange(cmd *Command, e *Event) {
	spec := *cmd.Op
	change := *spec.Member
	spec.Member = &change
	if cmd.Kind == ClientMemberAdd && change.ID == raft.None {
		change.ID = c.nextMember()
	}
	c.grow(change.ID)
	for _, id := range change.Voters {
		c.grow(id)
	}
	c.call(cmd.Kind, &spec, e)
}

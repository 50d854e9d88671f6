package pane

import (
	"slices"

	"etcdscope/cluster"
	"etcdscope/raft"
)

// say returns a sentence in the scene's language.
func (s *Scene) say(en, zh string) string {
	if s.Lang == "zh" {
		return zh
	}
	return en
}

// member returns the member with the ID, or nil.
func (s *Scene) member(id raft.ID) *cluster.MemberView {
	if s.View == nil || id == raft.None || int(id) > len(s.View.Members) {
		return nil
	}
	return s.View.Members[id-1]
}

// selected returns the selected member, or the first one.
func (s *Scene) selected() *cluster.MemberView {
	if m := s.member(s.Selected); m != nil {
		return m
	}
	return s.member(1)
}

// leader returns the leader of the highest term that is up, or nil.
func (s *Scene) leader() *cluster.MemberView {
	var best *cluster.MemberView
	if s.View == nil {
		return nil
	}
	for _, m := range s.View.Members {
		if m.Up && m.Raft.Role == raft.Leader && (best == nil || m.Raft.Term > best.Raft.Term) {
			best = m
		}
	}
	return best
}

// link returns the link between two members; a view without links has only whole ones.
func (s *Scene) link(from, to raft.ID) cluster.Link {
	l := s.View.Links
	if l == nil || from == raft.None || to == raft.None || int(max(from, to)) > l.Nodes() {
		return cluster.Link{}
	}
	return l.At(from, to)
}

// heartbeat is how many ticks lie between two heartbeats of a leader.
func (s *Scene) heartbeat() int {
	if s.View.Config == nil {
		return 1
	}
	return max(1, s.View.Config.Timing.Heartbeat)
}

// step returns the neighbour of the selected member, dir members on, without wrapping round.
func (s *Scene) step(dir int) raft.ID {
	n := 0
	if s.View != nil {
		n = len(s.View.Members)
	}
	return raft.ID(max(1, min(n, int(s.Selected)+dir)))
}

// event returns a recorded event, or nil.
func (s *Scene) event(id uint64) *cluster.Event {
	if s.Event == nil || id == 0 {
		return nil
	}
	return s.Event(id)
}

// role is what a learner sees a member as: raft's roles, learners, and not being there.
type role uint8

const (
	follower role = iota
	preCandidate
	candidate
	leader
	learner
	paused
	down
	notStarted // it never ran
	removed    // it does not belong to the cluster any more
)

func roleOf(m *cluster.MemberView) role {
	switch {
	case !m.Up && m.Down == cluster.DownNotStarted:
		return notStarted
	case !m.Up && m.Down == cluster.DownRemoved:
		return removed
	case !m.Up:
		return down
	case m.Paused:
		return paused
	}
	switch m.Raft.Role {
	case raft.Leader:
		return leader
	case raft.Candidate:
		return candidate
	case raft.PreCandidate:
		return preCandidate
	}
	if slices.Contains(m.Raft.Conf.Learners, m.Raft.ID) {
		return learner
	}
	return follower
}

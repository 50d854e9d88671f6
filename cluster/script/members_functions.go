package script

import (
	"etcdscope/cluster"
	"etcdscope/raft"
)

// roleWords are what role answers; a learner is a member that does not vote.
var roleWords = []string{"candidate", "down", "follower", "leader", "learner", "precandidate"}

var timeFunctions = []function{
	{
		name: "tick", result: 0, help: "Ticks of virtual time since the start.", example: "tick() >= 3",
		call: func(s *scene, _ []any) (any, error) { return s.ticks(0, int64(s.view.At)) },
	},
	{
		name: "now", result: 0, help: "Milliseconds of virtual time since the start.", example: "now() >= 250",
		call: func(s *scene, _ []any) (any, error) { return int(s.view.At / 1000), nil },
	},
}

var roleFunctions = []function{
	{
		name: "leaders", result: []int(nil), help: "The members that are up and believe that they lead.",
		example: "leaders() == [n1]",
		call:    func(s *scene, _ []any) (any, error) { return s.list((*cluster.MemberView).Leads), nil },
	},
	{
		name: "role", params: []param{aNode}, result: "", words: roleWords, example: "role(any) == candidate",
		help: "What the member is doing; a member that is not running is down.",
		call: func(s *scene, a []any) (any, error) {
			m, err := s.member(a[0])
			if err != nil {
				return nil, err
			}
			return s.role(m), nil
		},
	},
	{
		name: "up", params: []param{aNode}, result: false,
		help:    "Whether the member runs; all and any range over members that are down, too.",
		example: "up(all)", call: func(s *scene, a []any) (any, error) {
			m, err := s.member(a[0])
			return err == nil && m.Up, err
		},
	},
	{
		name: "term", params: []param{aNode}, result: 0, help: "The member's term.", example: "term(leader) >= 2",
		call: ofRaft(func(v *raft.View) int { return int(v.Term) }),
	},
	{
		name: "max_term", result: 0, help: "The highest term of a member that is up.", example: "max_term() == 1",
		call: func(s *scene, _ []any) (any, error) { return s.maxTerm(), nil },
	},
	{
		name: "vote", params: []param{aNode}, result: 0, help: "Whom the member voted for in its term; 0 is nobody.",
		example: "vote(n2) == n1",
		call:    ofRaft(func(v *raft.View) int { return int(v.Vote) }),
	},
	{
		name: "known_leader", params: []param{aNode}, result: 0,
		help:    "Whom the member believes to lead; 0 is nobody.",
		example: "known_leader(all) == leader", call: ofRaft(func(v *raft.View) int { return int(v.Lead) }),
	},
	{
		name: "timer", params: []param{aNode}, result: 0,
		help:    "Ticks until the member's election timer runs out; a leader has none.",
		example: "timer(n2) <= 3", call: func(s *scene, a []any) (any, error) {
			m, err := s.running(a[0])
			if err != nil || m.Leads() {
				return nil, errMissing
			}
			return m.Raft.Timeout - m.Raft.Elapsed, nil
		},
	},
	{
		name: "argmin_timer", result: 0,
		help:    "The member whose election timer runs out first; of equal ones the lowest.",
		example: "argmin_timer() == n2", call: func(s *scene, _ []any) (any, error) { return s.firstTimer() },
	},
	{
		name: "split_vote", result: false,
		help:    "Whether nobody can win the highest term any more: its candidates and the votes left are too few.",
		example: "split_vote()", call: func(s *scene, _ []any) (any, error) { return s.splitVote(), nil },
	},
}

// ofRaft asks the Raft of a member that is up.
func ofRaft(get func(*raft.View) int) func(*scene, []any) (any, error) {
	return func(s *scene, a []any) (any, error) {
		m, err := s.running(a[0])
		if err != nil {
			return nil, err
		}
		return get(&m.Raft), nil
	}
}

func (s *scene) role(m *cluster.MemberView) string {
	switch {
	case !m.Up:
		return "down"
	case m.Raft.Role == raft.Leader:
		return "leader"
	case m.Raft.Role == raft.Candidate:
		return "candidate"
	case m.Raft.Role == raft.PreCandidate:
		return "precandidate"
	}
	for _, id := range m.Raft.Conf.Learners {
		if id == m.ID {
			return "learner"
		}
	}
	return "follower"
}

func (s *scene) maxTerm() int {
	highest := 0
	for _, m := range s.view.Members {
		if m.Up {
			highest = max(highest, int(m.Raft.Term))
		}
	}
	return highest
}

func (s *scene) firstTimer() (any, error) {
	var best *cluster.MemberView
	left := func(m *cluster.MemberView) int { return m.Raft.Timeout - m.Raft.Elapsed }
	for _, m := range s.view.Members {
		if m.Up && !m.Leads() && (best == nil || left(m) < left(best)) {
			best = m
		}
	}
	if best == nil {
		return nil, errMissing
	}
	return int(best.ID), nil
}

// splitVote looks from outside, which no member can: every voter that is up has used its vote of the highest
// term or can no longer make a majority with it.
func (s *scene) splitVote() bool {
	term, open, candidates := raft.Term(s.maxTerm()), 0, 0
	var got [cluster.MaxNodes + 1]int
	for _, m := range s.view.Members {
		v := &m.Raft
		switch {
		case v.Term == term && m.Up && v.Role == raft.Leader:
			return false
		case v.Term == term && v.Vote != raft.None:
			got[v.Vote]++
		case m.Up && s.votes(m.ID):
			open++
		}
	}
	need := len(s.voters())/2 + 1
	for _, m := range s.view.Members {
		if m.Up && m.Raft.Term == term && m.Raft.Role == raft.Candidate {
			candidates++
			if got[m.ID]+open >= need {
				return false
			}
		}
	}
	return candidates > 1
}

var quorumFunctions = []function{
	{
		name: "members", result: []int(nil), help: "All members, up or down.", example: "size(members()) == 3",
		call: func(s *scene, _ []any) (any, error) {
			return s.list(func(*cluster.MemberView) bool { return true }), nil
		},
	},
	{
		name: "voters", result: []int(nil), help: "The members that vote.", example: "size(voters()) == 3",
		call: func(s *scene, _ []any) (any, error) {
			return s.list(func(m *cluster.MemberView) bool { return s.votes(m.ID) }), nil
		},
	},
	{
		name: "quorum", params: []param{aList}, result: false,
		help:    "Whether these members are a majority of the voters.",
		example: "quorum([n1, n2])", call: func(s *scene, a []any) (any, error) {
			list, ok := a[0].([]int)
			if items, isAny := a[0].([]any); isAny {
				for _, item := range items {
					n, isInt := item.(int)
					list, ok = append(list, n), isInt
				}
			}
			if !ok && len(list) > 0 {
				return nil, errMissing
			}
			return s.isQuorum(func(id raft.ID) bool { return containsID(list, id) }), nil
		},
	},
	{
		name: "has_quorum", result: false,
		help: "Whether some group of members that are up and can talk is a majority.", example: "not has_quorum()",
		call: func(s *scene, _ []any) (any, error) {
			group, n := s.groups(func(m *cluster.MemberView) bool { return m.Up })
			for g := 1; g <= n; g++ {
				if s.isQuorum(func(id raft.ID) bool { return id <= cluster.MaxNodes && group[id] == g }) {
					return true, nil
				}
			}
			return false, nil
		},
	},
	{
		name: "partitions", result: 0,
		help:    "The number of groups of members that can talk both ways; a whole network is one.",
		example: "partitions() == 2", call: func(s *scene, _ []any) (any, error) {
			_, n := s.groups(func(*cluster.MemberView) bool { return true })
			return n, nil
		},
	},
	{
		name: "inflight", result: 0, help: "The number of messages in flight, held ones included.",
		example: "inflight() == 0",
		call:    func(s *scene, _ []any) (any, error) { return len(s.view.Flights), nil },
	},
	{
		name: "inflight_kind", params: []param{aKindName}, result: 0,
		help:    "The number of messages of this kind in flight.",
		example: "inflight_kind(append) >= 2", call: func(s *scene, a []any) (any, error) {
			n := 0
			for i := range s.view.Flights {
				if int(s.view.Flights[i].Type) == a[0].(int) {
					n++
				}
			}
			return n, nil
		},
	},
}

func containsID(list []int, id raft.ID) bool {
	for _, n := range list {
		if raft.ID(n) == id {
			return true
		}
	}
	return false
}

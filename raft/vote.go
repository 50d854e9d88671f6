package raft

// leaderAlive says whether the node heard from a leader within the election timeout, so that it
// listens to no candidate (lease on votes; part of CheckQuorum).
func (n *Node) leaderAlive() bool {
	return n.cfg.checkQuorum() && !n.cfg.Rules.NoVoteLease && n.lead != None && n.elapsed < n.cfg.ElectionTick
}

// handleVote answers a request for a vote or a pre-vote. Learners vote too: the candidate may
// know of a promotion that this node has not seen yet (etcd).
func (n *Node) handleVote(m *Message) {
	response := MsgVoteResp
	if m.Type == MsgPreVote {
		response = MsgPreVoteResp
	}
	if why, num, old := n.voteObstacle(m); why != nil {
		n.refuseVote(m, why, num, old)
		n.promise(&Message{Type: response, To: m.From, Reject: true})
		return
	}
	granted := Fact{Kind: FactVoteGranted, Rule: ruleVoteGranted, Peer: m.From, Term: m.Term, Index: m.Index}
	if m.Type == MsgPreVote {
		granted.Rule, granted.PreVote = rulePreVoteGranted, true
	} else {
		n.vote = m.From
		n.resetTimer(ruleTimerVote, m.From)
	}
	n.record(granted)
	n.promise(&Message{Type: response, To: m.From, Term: m.Term})
}

// voteObstacle returns the rule that forbids the vote, with the numbers N and Old of its fact, or nil.
func (n *Node) voteObstacle(m *Message) (why *Rule, num int, old uint64) {
	rules := &n.cfg.Rules
	future := m.Type == MsgPreVote && m.Term > n.term
	if n.vote != m.From && !future {
		if n.vote != None && !rules.VoteTwice {
			return ruleVoteOnce, 0, uint64(n.vote)
		}
		if n.lead != None && !rules.VoteDespiteLeader {
			return ruleVoteLeaderKnown, 0, uint64(n.lead)
		}
	}
	switch term, last := n.log.lastTerm(), n.log.lastIndex(); {
	case rules.LearnersRefuse && !n.isVoter(n.cfg.ID):
		return ruleSwitchedOff, 0, 0
	case rules.VoteForAnyLog:
	case m.LogTerm < term && !rules.VoteForLongestLog:
		return ruleVoteLogTerm, int(m.LogTerm), uint64(term)
	case (m.LogTerm == term || rules.VoteForLongestLog) && m.Index < last:
		return ruleVoteLogLength, int(m.Index), uint64(last)
	}
	return nil, 0, 0
}

func (n *Node) refuseVote(m *Message, why *Rule, num int, old uint64) {
	n.record(Fact{
		Kind: FactVoteRefused, Rule: why, Peer: m.From, Term: m.Term, Index: m.Index,
		PreVote: m.Type == MsgPreVote, N: num, Old: old, Of: n.cfg.ElectionTick,
	})
}

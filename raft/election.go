package raft

import (
	"cmp"
	"slices"

	"etcdscope/raft/quorum"
)

// ownVote is a vote for the node itself, which counts once it is durable. A pre-vote changes
// nothing on disk, but takes the same way, as in etcd.
type ownVote struct {
	kind MessageType // MsgVote, MsgPreVote, or 0: none
	term Term        // that the campaign is for
}

// startElection begins a campaign, with a pre-vote first where the configuration asks for it.
func (n *Node) startElection() {
	if n.cfg.PreVote {
		n.resetTimer(ruleTimerCampaign, None)
		n.becomePreCandidate()
		n.requestVotes(MsgPreVote, n.term+1)
		return
	}
	n.becomeCandidate()
	n.requestVotes(MsgVote, n.term)
}

// becomePreCandidate changes neither term nor vote: a pre-vote promises nothing.
func (n *Node) becomePreCandidate() {
	n.role, n.lead, n.votes = PreCandidate, None, nil
	n.record(Fact{Kind: FactPreCandidate, Rule: rulePreVoteFirst, Term: n.term + 1})
}

func (n *Node) becomeCandidate() {
	n.reset(n.term + 1)
	n.role, n.vote = Candidate, n.cfg.ID
	n.record(Fact{Kind: FactCandidate, Rule: ruleCandidateTerm, Term: n.term})
	n.resetTimer(ruleTimerCampaign, None)
}

// requestVotes asks every other voter. The own vote is counted by Durable.
func (n *Node) requestVotes(kind MessageType, term Term) {
	for _, id := range n.peers {
		switch {
		case !n.voters.Contains(id):
		case id == n.cfg.ID:
			n.ownVote = ownVote{kind: kind, term: term}
		default:
			n.send(Message{Type: kind, To: id, Term: term, Index: n.log.lastIndex(), LogTerm: n.log.lastTerm()})
		}
	}
}

// becomeFollower leaves any campaign or leadership. peer is whoever made the node do it, or None.
// The caller says why the election timer starts again.
func (n *Node) becomeFollower(term Term, why *Rule, peer ID) {
	if n.role != Follower {
		n.record(Fact{Kind: FactStepDown, Rule: why, Peer: peer, Term: n.term, Old: uint64(n.role)})
	}
	n.loseReads()
	if term > n.term {
		n.record(Fact{Kind: FactTerm, Rule: ruleHigherTerm, Peer: peer, Term: term, Old: uint64(n.term)})
	}
	n.reset(term)
	n.role = Follower
}

// reset forgets everything that belongs to the old role, and the vote and the timeout if the term is another.
func (n *Node) reset(term Term) {
	if term != n.term {
		n.term, n.vote = term, None
		n.termTimeout = n.cfg.timeout(term)
	}
	n.lead, n.votes, n.progress = None, nil, nil
	n.held, n.reads = 0, readRounds{}
	n.elapsed, n.timeout, n.heartbeatElapsed = 0, n.termTimeout, 0
}

// learnLeader notes who leads the node's term.
func (n *Node) learnLeader(id ID) {
	if n.lead == id {
		return
	}
	if n.lead != None {
		n.violate(Fact{Rule: ruleTwoLeaders, Peer: id, Term: n.term, Old: uint64(n.lead)})
	}
	n.lead = id
	n.record(Fact{Kind: FactLeaderKnown, Rule: ruleLeaderKnown, Peer: id, Term: n.term})
}

// stepHigherTerm takes over the term of m where the rules ask for it. False means that m is done with.
func (n *Node) stepHigherTerm(m *Message) bool {
	switch {
	case (m.Type == MsgVote || m.Type == MsgPreVote) && n.leaderAlive() && !m.Transfer:
		n.refuseVote(m, ruleVoteLease, n.elapsed, uint64(n.lead))
		return false
	case m.Type == MsgPreVote:
		return true
	case m.Type == MsgPreVoteResp && !m.Reject:
		return true // it carries the term that the node would enter, not one that anybody is in
	}
	n.becomeFollower(m.Term, ruleHigherTerm, m.From)
	if !m.Type.fromLeader() { // a leader's message restarts the timer anyway
		n.resetTimer(ruleTimerTerm, m.From)
	}
	return true
}

// stepLowerTerm handles a message of a term that is over.
func (n *Node) stepLowerTerm(m *Message) {
	switch {
	case m.Type == MsgPreVote:
		n.refuseVote(m, ruleVoteLowerTerm, 0, uint64(n.term))
		n.promise(Message{Type: MsgPreVoteResp, To: m.From, Reject: true})
	case m.Type == MsgVote:
		n.refuseVote(m, ruleVoteLowerTerm, 0, uint64(n.term))
	case (n.cfg.CheckQuorum || n.cfg.PreVote) && (m.Type == MsgApp || m.Type == MsgHeartbeat):
		n.ignore(m, ruleLowerTermAnswer)
		n.promise(Message{Type: MsgAppResp, To: m.From})
	default:
		n.ignore(m, ruleLowerTerm)
	}
}

// leaderAlive says whether the node heard from a leader within the election timeout, so that it
// listens to no candidate (lease on votes; part of CheckQuorum).
func (n *Node) leaderAlive() bool {
	return n.cfg.CheckQuorum && n.lead != None && n.elapsed < n.cfg.ElectionTick
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
		n.promise(Message{Type: response, To: m.From, Reject: true})
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
	n.promise(Message{Type: response, To: m.From, Term: m.Term})
}

// voteObstacle returns the rule that forbids the vote, with the numbers N and Old of its fact, or nil.
func (n *Node) voteObstacle(m *Message) (why *Rule, num int, old uint64) {
	future := m.Type == MsgPreVote && m.Term > n.term
	if n.vote != m.From && !future {
		if n.vote != None {
			return ruleVoteOnce, 0, uint64(n.vote)
		}
		if n.lead != None {
			return ruleVoteLeaderKnown, 0, uint64(n.lead)
		}
	}
	switch term, last := n.log.lastTerm(), n.log.lastIndex(); {
	case m.LogTerm < term:
		return ruleVoteLogTerm, int(m.LogTerm), uint64(term)
	case m.LogTerm == term && m.Index < last:
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

// handleVoteResponse counts the answer if the node still runs the campaign that asked for it.
func (n *Node) handleVoteResponse(m *Message) {
	asked := n.role == Candidate && m.Type == MsgVoteResp || n.role == PreCandidate && m.Type == MsgPreVoteResp
	if !asked || !n.voters.Contains(m.From) {
		n.ignore(m, ruleWrongRole)
		return
	}
	n.countVote(m.From, !m.Reject, ruleVoteCounted)
}

// countOwnVote counts the vote for itself, which is durable at this point, unless its campaign is over.
func (n *Node) countOwnVote(v ownVote) {
	switch {
	case v.kind == MsgVote && n.role == Candidate && v.term == n.term,
		v.kind == MsgPreVote && n.role == PreCandidate && v.term == n.term+1:
		n.countVote(n.cfg.ID, true, ruleVoteOwn)
	}
}

// countVote adds one answer and acts when the vote is decided. The first answer of a voter stays.
func (n *Node) countVote(from ID, granted bool, why *Rule) {
	at, known := slices.BinarySearchFunc(n.votes, from, func(v Vote, id ID) int { return cmp.Compare(v.ID, id) })
	if !known {
		n.votes = slices.Insert(n.votes, at, Vote{ID: from, Granted: granted})
	}
	fact := Fact{
		Kind: FactVoteCounted, Rule: why, Peer: from, Term: n.campaignTerm(), N: n.grants(), Of: n.electorate,
		PreVote: n.role == PreCandidate,
	}
	if !granted {
		fact.Old = 1
	}
	n.record(fact)
	switch n.voters.Vote(n.answer) {
	case quorum.Won:
		n.winCampaign()
	case quorum.Lost:
		n.becomeFollower(n.term, ruleLostElection, None)
		n.resetTimer(ruleTimerTerm, None)
	}
}

// winCampaign goes on from pre-candidate to candidate, and from candidate to leader.
func (n *Node) winCampaign() {
	if n.role == Candidate {
		n.becomeLeader()
		return
	}
	n.becomeCandidate()
	n.requestVotes(MsgVote, n.term)
}

// campaignTerm is the term that the candidate wants to lead.
func (n *Node) campaignTerm() Term {
	if n.role == PreCandidate {
		return n.term + 1
	}
	return n.term
}

func (n *Node) answer(id ID) quorum.Answer {
	for _, v := range n.votes {
		switch {
		case v.ID == id && v.Granted:
			return quorum.Yes
		case v.ID == id:
			return quorum.No
		}
	}
	return quorum.Silent
}

func (n *Node) grants() (count int) {
	for _, v := range n.votes {
		if v.Granted {
			count++
		}
	}
	return count
}

// becomeLeader starts replication to everybody, with an empty entry of the own term first.
func (n *Node) becomeLeader() {
	votes, voters := n.grants(), n.electorate
	n.reset(n.term)
	n.role, n.lead = Leader, n.cfg.ID
	n.record(Fact{Kind: FactElected, Rule: ruleMajorityElects, Term: n.term, N: votes, Of: voters})
	n.progress = make([]progress, 0, len(n.peers))
	for _, id := range n.peers {
		p := progress{id: id, learner: !n.voters.Contains(id), next: n.log.lastIndex() + 1}
		p.inflight.limit = n.cfg.maxInflight()
		if id == n.cfg.ID {
			p.state, p.active, p.match = Replicate, true, n.log.durable
		}
		n.progress = append(n.progress, p)
	}
	if !n.cfg.Rules.NoNoop {
		n.appendOwn(EntryNormal, nil, ruleNoop)
	}
	n.broadcastAppend()
}

// checkQuorum steps down if a majority has been silent since the last check.
// It says whether the node still leads.
func (n *Node) checkQuorum() bool {
	active := func(id ID) quorum.Answer {
		if p := n.peer(id); id == n.cfg.ID || p != nil && p.active {
			return quorum.Yes
		}
		return quorum.No
	}
	heard := 0
	for _, id := range n.voters.IDs() {
		if active(id) == quorum.Yes {
			heard++
		}
	}
	if n.voters.Vote(active) != quorum.Won {
		n.record(Fact{Kind: FactQuorumLost, Rule: ruleCheckQuorum, Term: n.term, N: heard, Of: n.electorate})
		n.becomeFollower(n.term, ruleCheckQuorum, None)
		n.resetTimer(ruleTimerTerm, None)
		return false
	}
	for i := range n.progress {
		n.progress[i].active = n.progress[i].id == n.cfg.ID
	}
	return true
}

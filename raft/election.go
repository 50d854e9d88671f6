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
	if n.cfg.preVote() {
		n.resetTimer(ruleTimerCampaign, None)
		n.becomePreCandidate()
		n.requestVotes(MsgPreVote, n.term+1, false)
		return
	}
	n.becomeCandidate()
	n.requestVotes(MsgVote, n.term, false)
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

// requestVotes asks every other voter. The own vote is counted by Durable. transfer says that the leader
// itself wants the campaign.
func (n *Node) requestVotes(kind MessageType, term Term, transfer bool) {
	for _, id := range n.peers {
		switch {
		case !n.voters.Contains(id):
		case id == n.cfg.ID:
			n.ownVote = ownVote{kind: kind, term: term}
		default:
			n.send(&Message{
				Type: kind, To: id, Term: term, Index: n.log.lastIndex(), LogTerm: n.log.lastTerm(), Transfer: transfer,
			})
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
	n.transferee, n.pendingConf, n.uncommitted = None, 0, 0
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
	case n.role == Leader && n.cfg.Rules.IgnoreHigherTerm:
		n.ignore(m, ruleSwitchedOff)
		return false
	}
	n.becomeFollower(m.Term, ruleHigherTerm, m.From)
	if !m.Type.fromLeader() { // a leader's message restarts the timer anyway
		n.resetTimer(ruleTimerTerm, m.From)
	}
	return true
}

// stepLowerTerm handles a message of a term that is over.
func (n *Node) stepLowerTerm(m *Message) {
	rules := &n.cfg.Rules
	switch {
	case m.Type == MsgPreVote:
		n.refuseVote(m, ruleVoteLowerTerm, 0, uint64(n.term))
		n.promise(&Message{Type: MsgPreVoteResp, To: m.From, Reject: true})
	case m.Type == MsgVote:
		n.refuseVote(m, ruleVoteLowerTerm, 0, uint64(n.term))
	case rules.ObeyLowerTerm && m.Type.fromLeader(), rules.CountOldAcks && m.Type == MsgAppResp && !m.Reject,
		rules.CountOldVotes && (m.Type == MsgVoteResp || m.Type == MsgPreVoteResp):
		n.stepTerm(m)
	case (n.cfg.checkQuorum() || n.cfg.preVote()) && (m.Type == MsgApp || m.Type == MsgHeartbeat):
		n.ignore(m, ruleLowerTermAnswer)
		n.promise(&Message{Type: MsgAppResp, To: m.From})
	default:
		n.ignore(m, ruleLowerTerm)
	}
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

// countOwnVote counts the vote for itself, which is durable at this point, unless its campaign is over. As in
// etcd a pre-vote from an earlier campaign counts as well, like those of the others: it binds nobody.
func (n *Node) countOwnVote(v ownVote) {
	switch {
	case v.kind == MsgVote && n.role == Candidate && v.term == n.term,
		v.kind == MsgPreVote && n.role == PreCandidate && v.term >= n.term:
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
	n.requestVotes(MsgVote, n.term, false)
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
// Configuration changes wait until everything that the log holds is applied: one of them may be a change.
func (n *Node) becomeLeader() {
	votes, voters := n.grants(), n.electorate
	n.reset(n.term)
	n.role, n.lead = Leader, n.cfg.ID
	n.record(Fact{Kind: FactElected, Rule: ruleMajorityElects, Term: n.term, N: votes, Of: voters})
	if n.cfg.Rules.DropTail && n.log.committed < n.log.lastIndex() {
		n.violate(Fact{Rule: ruleLeaderAppendOnly, Term: n.term, Index: n.log.committed, Old: uint64(n.log.lastIndex())})
		n.truncate(n.log.committed)
	}
	if !n.cfg.Rules.ChangeBeforeOwnCommit {
		n.pendingConf = n.log.lastIndex()
	}
	n.progress = make([]progress, 0, len(n.peers))
	for _, id := range n.peers {
		p := n.newProgress(id, n.log.lastIndex()+1)
		if id == n.cfg.ID {
			p.state, p.active, p.match = Replicate, true, n.log.durable
		}
		n.progress = append(n.progress, p)
	}
	if !n.cfg.Rules.NoNoop {
		n.appendOwn(EntryNormal, nil, ruleNoop)
	}
	n.broadcastAppend()
	n.countBeforeSync()
}

func (n *Node) newProgress(id ID, next Index) progress {
	p := progress{id: id, learner: !n.isVoter(id), next: next}
	n.limitInflight(&p)
	return p
}

func (n *Node) limitInflight(p *progress) {
	p.inflight.limit, p.inflight.maxBytes = n.cfg.maxInflight(), n.cfg.MaxInflightBytes
	if n.cfg.Rules.NoInflightLimit {
		p.inflight.maxBytes = 0
	}
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

package raft

// TransferLeader asks for the leadership to be handed to the voter to (Raft thesis §3.10); a follower passes
// that on. ErrProposalDropped says that no leader is known. Nobody is told whether it worked: the
// leader gives up after an election timeout.
func (n *Node) TransferLeader(to ID) error {
	m := &Message{Type: MsgTransfer, From: to, To: n.cfg.ID}
	if n.role != Leader {
		return n.forward(m)
	}
	n.handleTransfer(m)
	return nil
}

// handleTransfer begins to hand over to the sender. It is asked in the name of the member that shall lead.
func (n *Node) handleTransfer(m *Message) {
	if n.role != Leader {
		_ = n.forward(m)
		return
	}
	p := n.peer(m.From)
	switch {
	case p == nil || p.learner:
		n.ignore(m, ruleTransferVoter)
		return
	case n.transferee == m.From:
		n.ignore(m, ruleTransferRuns)
		return
	}
	if n.transferee != None {
		n.abortTransfer(ruleTransferOther)
	}
	if m.From == n.cfg.ID {
		n.ignore(m, ruleTransferVoter)
		return
	}
	n.elapsed, n.transferee = 0, m.From // it must be done within one election timeout
	n.record(Fact{
		Kind: FactTransfer, Rule: ruleTransfer, Peer: m.From, Term: n.term, Index: p.match, Old: uint64(n.log.lastIndex()),
	})
	if !n.maybeTimeoutNow(p) {
		n.maybeSendAppend(p, true)
	}
}

// maybeTimeoutNow tells the transferee to campaign as soon as it holds the whole log: nobody can have a longer one.
func (n *Node) maybeTimeoutNow(p *progress) bool {
	if p.id != n.transferee || p.match != n.log.lastIndex() && !n.cfg.Rules.TransferToLagging {
		return false
	}
	n.record(Fact{Kind: FactTransfer, Rule: ruleTimeoutNow, Peer: p.id, Term: n.term, Index: p.match})
	n.send(&Message{Type: MsgTimeoutNow, To: p.id})
	return true
}

func (n *Node) abortTransfer(why *Rule) {
	n.record(Fact{Kind: FactTransfer, Rule: why, Peer: n.transferee, Term: n.term})
	n.transferee = None
}

// handleTimeoutNow campaigns at once and without a pre-vote: the leader itself asks for it.
func (n *Node) handleTimeoutNow(m *Message) {
	switch {
	case n.role != Follower:
		n.ignore(m, ruleWrongRole)
	case n.mayCampaign():
		n.record(Fact{
			Kind: FactTimeout, Rule: ruleTimeoutNow, Peer: m.From, Term: n.term, N: n.elapsed, Of: n.timeout,
		})
		n.becomeCandidate()
		n.requestVotes(MsgVote, n.term, true)
	}
}

// ForgetLeader makes a follower forget who leads, so that it may vote for another member before its lease
// has run out. It has no effect on a leader, nor where reads rely on the lease.
func (n *Node) ForgetLeader() {
	if n.role == Leader || n.lead == None || n.cfg.ReadOnly == ReadOnlyLease {
		n.record(Fact{Kind: FactIgnored, Rule: ruleForgetNothing, Term: n.term})
		return
	}
	n.record(Fact{Kind: FactLeaderKnown, Rule: ruleForgetLeader, Peer: n.lead, Term: n.term})
	n.lead = None
}

package raft

// Tick advances the node's clock by one tick.
func (n *Node) Tick() {
	n.elapsed++
	if n.role == Leader {
		n.tickLeader()
		return
	}
	if n.elapsed < n.timeout || !n.electable() {
		return
	}
	if n.waitsForConf() {
		n.elapsed = 0
		return
	}
	n.record(Fact{Kind: FactTimeout, Rule: ruleElectionTimeout, Term: n.term, N: n.elapsed, Of: n.timeout})
	n.startElection()
}

func (n *Node) tickLeader() {
	n.heartbeatElapsed++
	if n.elapsed >= n.cfg.ElectionTick {
		n.elapsed = 0
		if n.cfg.checkQuorum() && !n.checkQuorum() {
			return
		}
		if n.transferee != None {
			n.abortTransfer(ruleTransferSlow)
		}
	}
	if n.heartbeatElapsed >= n.cfg.HeartbeatTick {
		n.heartbeatElapsed = 0
		n.broadcastHeartbeat()
	}
}

// Campaign makes the node time out now, whatever its timer says. Who may not campaign records a FactIgnored instead:
// a leader, a learner, a member outside the configuration, and one that has not applied all of it.
func (n *Node) Campaign() {
	if n.mayCampaign() {
		n.record(Fact{Kind: FactTimeout, Rule: ruleCampaignAsked, Term: n.term, N: n.elapsed, Of: n.timeout})
		n.startElection()
	}
}

func (n *Node) mayCampaign() bool {
	if n.role == Leader || !n.electable() {
		n.record(Fact{Kind: FactIgnored, Rule: ruleNotElectable, Term: n.term})
		return false
	}
	return !n.waitsForConf()
}

// waitsForConf says whether the node must apply a committed configuration change before it campaigns: it
// would count the votes of the wrong members.
func (n *Node) waitsForConf() bool {
	if n.cfg.Rules.CampaignBeforeConfig || !n.hasUnappliedConf() {
		return false
	}
	n.record(Fact{
		Kind: FactIgnored, Rule: ruleConfUnapplied, Term: n.term, Index: n.log.committed, Old: uint64(n.log.applied),
	})
	return true
}

// SetTimer leaves the election timer with exactly left ticks to run until the next reset.
// It has no effect on a leader, which has no election timer.
func (n *Node) SetTimer(left int) { n.timeout = n.elapsed + max(1, left) }

// electable says whether the node may stand for election: it must be a voter, and have its whole log on disk.
func (n *Node) electable() bool { return n.log.snapshot == nil && n.isVoter(n.cfg.ID) }

// resetTimer winds the election timer up again. because of peer, if somebody else is the reason.
func (n *Node) resetTimer(why *Rule, peer ID) {
	n.elapsed, n.timeout = 0, n.termTimeout
	n.record(Fact{Kind: FactTimerReset, Rule: why, Peer: peer, Term: n.term, N: n.timeout})
}

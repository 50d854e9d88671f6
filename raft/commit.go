package raft

// commitAndTell commits what the rules allow, and tells everybody at once if that is anything.
func (n *Node) commitAndTell() bool {
	if !n.maybeCommit() {
		return false
	}
	n.startWaitingReads()
	n.broadcastAppend()
	return true
}

// maybeCommit moves the commit index to the highest index that a majority stores, if that entry is
// of the leader's own term (Raft §5.4.2): a later leader could still remove an older one.
func (n *Node) maybeCommit() bool {
	index := n.majorityMatch()
	if index <= n.log.committed || index > n.log.lastIndex() {
		return false
	}
	stored := Fact{
		Kind: FactCommit, Rule: ruleCommitMajority, Term: n.term, Index: index,
		Old: uint64(n.log.committed), N: n.copies(index), Of: n.electorate,
	}
	if t, _ := n.log.term(index); t != n.term && !n.cfg.Rules.CommitOldTerms {
		if index > n.held {
			n.held = index
			stored.Kind, stored.Rule, stored.Old = FactCommitHeld, ruleCommitOldTerm, uint64(t)
			n.record(stored)
		}
		return false
	}
	n.log.committed = index
	n.record(stored)
	return true
}

// majorityMatch returns the highest index that a majority stores durably.
func (n *Node) majorityMatch() Index {
	return Index(n.voters.Committed(func(id ID) uint64 {
		if p := n.peer(id); p != nil {
			return uint64(p.match)
		}
		return 0
	}))
}

// copies counts the voters that store the entry at index.
func (n *Node) copies(index Index) (count int) {
	for i := range n.progress {
		if p := &n.progress[i]; p.match >= index && (!p.learner || n.cfg.Rules.LearnersCount) {
			count++
		}
	}
	return count
}

// committedInTerm says whether the leader has committed an entry of its own term, so that it knows
// everything that earlier leaders committed.
func (n *Node) committedInTerm() bool {
	t, _ := n.log.term(n.log.committed)
	return t == n.term
}

// followCommit moves a follower's commit index to what its leader has committed. commit never
// passes what is known to agree; a leader that says otherwise broke a rule.
func (n *Node) followCommit(commit Index, leader ID) {
	if commit <= n.log.committed {
		return
	}
	if last := n.log.lastIndex(); commit > last {
		n.violate(Fact{Rule: ruleCommitRange, Peer: leader, Term: n.term, Index: commit, Old: uint64(last)})
		return
	}
	n.record(Fact{
		Kind: FactCommit, Rule: ruleCommitFollows, Peer: leader, Term: n.term,
		Index: commit, Old: uint64(n.log.committed),
	})
	n.log.committed = commit
}

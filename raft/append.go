package raft

// handleAppend is the follower's half of replication: check, truncate on conflict, append, commit, promise.
func (n *Node) handleAppend(m *Message) {
	if m.Index < n.log.committed {
		n.answerBelowCommit(m)
		return
	}
	if !consecutive(m) {
		n.ignore(m, ruleMalformed)
		return
	}
	unchecked := n.cfg.Rules.NoPrevCheck && m.Index <= n.log.lastIndex()
	if !n.log.matches(m.Index, m.LogTerm) && !unchecked {
		n.refuseAppend(m)
		return
	}
	last := m.Index + Index(len(m.Entries))
	fresh := 0
	if first := n.firstToAppend(m.Entries); first != 0 {
		n.appendFrom(first, m)
		fresh = int(last - first + 1)
	} else if n.cfg.Rules.TruncateAlways && last < n.log.lastIndex() {
		n.removeBehind(last, m.From)
	}
	n.record(Fact{
		Kind: FactAppended, Rule: ruleLogMatching, Peer: m.From, Term: n.term, Index: last, N: fresh,
	})
	commit := min(m.Commit, last)
	if n.cfg.Rules.CommitBeyondAppend {
		commit = min(m.Commit, n.log.lastIndex())
	}
	n.followCommit(commit, m.From)
	n.promise(&Message{Type: MsgAppResp, To: m.From, Index: last})
}

// firstToAppend returns the index of the first entry that the log lacks or that conflicts with it, or 0.
func (n *Node) firstToAppend(entries []Entry) Index {
	if !n.cfg.Rules.KeepConflicts {
		return n.log.conflict(entries)
	}
	for i := range entries {
		if entries[i].Index > n.log.lastIndex() {
			return entries[i].Index
		}
	}
	return 0
}

// answerBelowCommit answers an append that begins below the commit index. Everything up to there agrees
// with every later leader; entries that differ mean that a rule was broken, and they are not taken. Nothing is
// known about discarded ones.
func (n *Node) answerBelowCommit(m *Message) {
	known := m.Entries
	for len(known) > 0 && known[0].Index <= n.log.prevIndex {
		known = known[1:]
	}
	if first := n.log.conflict(known); first != 0 && first <= n.log.committed {
		n.violate(Fact{
			Rule: ruleCommittedStays, Peer: m.From, Term: n.term, Index: first, Old: uint64(n.log.committed),
		})
	}
	n.record(Fact{
		Kind: FactAppended, Rule: ruleAppendBelowCommit, Peer: m.From, Term: n.term, Index: n.log.committed,
	})
	n.promise(&Message{Type: MsgAppResp, To: m.From, Index: n.log.committed})
}

// consecutive says whether the entries continue m.Index without a gap and without a step back in term.
func consecutive(m *Message) bool {
	term := m.LogTerm
	for i := range m.Entries {
		if e := &m.Entries[i]; e.Index != m.Index+Index(i)+1 || e.Term < term {
			return false
		}
		term = m.Entries[i].Term
	}
	return true
}

// appendFrom appends the entries of m from index first on, after it has removed what conflicts with them.
// first is above the commit index, because m begins at or above it.
func (n *Node) appendFrom(first Index, m *Message) {
	if first <= n.log.lastIndex() {
		n.removeBehind(first-1, m.From)
	}
	fresh := m.Entries[first-m.Index-1:]
	n.log.append(fresh...)
	n.confAppended(fresh)
}

// removeBehind removes what conflicts with the leader's log.
func (n *Node) removeBehind(keep Index, leader ID) {
	last := n.log.lastIndex()
	n.truncate(keep)
	n.record(Fact{
		Kind: FactTruncated, Rule: ruleTruncate, Peer: leader, Term: n.term, Index: keep, Old: uint64(last),
	})
}

// truncate also lowers what outstanding Readys can make durable, and the configuration if it was removed.
func (n *Node) truncate(keep Index) {
	n.log.truncate(keep)
	n.limitOutstanding(keep)
	n.confTruncated(keep)
}

// refuseAppend tells the leader where to look next: at the newest entry that its log may share.
func (n *Node) refuseAppend(m *Message) {
	why, have := ruleAppendMissing, Term(0)
	if t, ok := n.log.term(m.Index); ok {
		why, have = ruleAppendTermDiffers, t
	}
	n.record(Fact{
		Kind: FactAppendRefused, Rule: why, Peer: m.From, Term: n.term, Index: m.Index,
		Old: uint64(have), N: int(m.LogTerm), Of: int(n.log.lastIndex()),
	})
	hint, hintTerm := n.log.backtrack(m.Index, m.LogTerm)
	n.promise(&Message{
		Type: MsgAppResp, To: m.From, Index: m.Index, Reject: true, RejectHint: hint, LogTerm: hintTerm,
	})
}

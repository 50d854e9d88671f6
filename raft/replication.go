package raft

// Propose asks for data to be appended; a follower forwards it. ErrProposalDropped says that nobody took it.
// The node keeps data: the caller must not change it afterwards.
func (n *Node) Propose(data []byte) error {
	if n.role != Leader {
		return n.forward(Message{Type: MsgProp, Entries: []Entry{{Data: data}}})
	}
	if why := n.proposalObstacle(uint64(len(data))); why != nil {
		return n.drop(why)
	}
	n.appendOwn(EntryNormal, data, ruleLeaderAppends)
	n.broadcastAppend()
	n.countBeforeSync()
	return nil
}

// handleProposal takes a proposal that a follower has passed on, or passes it on itself.
func (n *Node) handleProposal(m *Message) error {
	if n.role != Leader {
		return n.forward(*m)
	}
	return n.propose(m.Entries, ruleLeaderAppends)
}

// propose appends all of entries or none.
func (n *Node) propose(entries []Entry, why *Rule) error {
	if not := n.proposalObstacle(0); not != nil {
		return n.drop(not)
	}
	entries = n.checkConfChanges(entries)
	if not := n.proposalObstacle(payload(entries)); not != nil {
		return n.drop(not)
	}
	for _, e := range entries {
		n.appendOwn(e.Type, e.Data, why)
	}
	n.broadcastAppend()
	n.countBeforeSync()
	return nil
}

// proposalObstacle returns the rule that keeps the leader from appending so many bytes of data, or nil. The first
// proposal always fits, and so does an empty one, such as the change that leaves a joint configuration.
func (n *Node) proposalObstacle(bytes uint64) *Rule {
	switch limit := n.cfg.MaxUncommittedSize; {
	case n.peer(n.cfg.ID) == nil:
		return ruleRemovedLeader
	case n.transferee != None && !n.cfg.Rules.ProposeInTransfer:
		return ruleTransferRefuses
	case limit > 0 && bytes > 0 && n.uncommitted > 0 && n.uncommitted+bytes > limit:
		return ruleUncommittedLimit
	}
	return nil
}

// drop refuses a proposal or a read.
func (n *Node) drop(why *Rule) error {
	n.record(Fact{Kind: FactDropped, Rule: why, Term: n.term})
	return ErrProposalDropped
}

// forward passes a proposal or a read on to the leader, in the name of whoever sent it first.
func (n *Node) forward(m Message) error {
	switch {
	case n.lead == None:
		n.record(Fact{Kind: FactDropped, Rule: ruleNoLeader, Peer: m.From, Term: n.term})
		return ErrProposalDropped
	case m.Type == MsgProp && n.cfg.Rules.NoForwarding:
		return n.drop(ruleSwitchedOff)
	}
	m.To = n.lead
	n.send(m)
	n.record(Fact{Kind: FactForwarded, Rule: ruleForward, Peer: n.lead, Term: n.term})
	return nil
}

// appendOwn appends one entry of the leader's own term. It counts as stored here only once it is durable.
func (n *Node) appendOwn(t EntryType, data []byte, why *Rule) {
	index := n.log.lastIndex() + 1
	n.log.append(Entry{Term: n.term, Index: index, Type: t, Data: data})
	n.record(Fact{Kind: FactProposed, Rule: why, Term: n.term, Index: index})
	if n.cfg.MaxUncommittedSize > 0 {
		n.uncommitted += uint64(len(data))
	}
	if t != EntryNormal {
		n.confAppended(n.log.slice(index, index))
	}
}

// peer returns the progress of id, or nil when the node does not lead or id is no peer.
func (n *Node) peer(id ID) *progress {
	for i := range n.progress {
		if n.progress[i].id == id {
			return &n.progress[i]
		}
	}
	return nil
}

func (n *Node) broadcastAppend() {
	for i := range n.progress {
		if p := &n.progress[i]; p.id != n.cfg.ID {
			n.maybeSendAppend(p, true)
		}
	}
}

// maybeSendAppend sends what the peer lacks, as far as its pace allows, and says whether it sent anything.
// An append without entries still checks the log and carries the commit index; empty asks for one.
func (n *Node) maybeSendAppend(p *progress, empty bool) bool {
	if p.waits() {
		return false
	}
	prev := p.next - 1
	prevTerm, ok := n.log.term(prev)
	if !ok {
		return n.sendSnapshot(p)
	}
	var entries []Entry
	if p.state == Probe || !p.inflight.full() {
		entries = n.log.slice(p.next, n.lastToSend(p.next))
	}
	if len(entries) == 0 && !empty {
		return false
	}
	n.send(Message{
		Type: MsgApp, To: p.id, Index: prev, LogTerm: prevTerm, Entries: entries, Commit: n.log.committed,
	})
	p.sent(entries, n.log.committed)
	return true
}

// lastToSend returns the last entry of a message that begins with first. One entry always fits.
func (n *Node) lastToSend(first Index) Index {
	last := n.log.lastIndex()
	switch {
	case n.cfg.OneEntry:
		return min(first, last)
	case n.cfg.MaxSizePerMsg == 0 || first > last:
		return last
	}
	entries, size := n.log.slice(first, last), uint64(0)
	for i := range entries {
		if size += entries[i].size(); size > n.cfg.MaxSizePerMsg && i > 0 {
			return entries[i-1].Index
		}
	}
	return last
}

// broadcastHeartbeat also repeats the number of the newest read round, whose answers may have been lost.
func (n *Node) broadcastHeartbeat() {
	for i := range n.progress {
		p := &n.progress[i]
		if p.id == n.cfg.ID {
			continue
		}
		// The peer may hold other entries behind match, so it must not commit beyond it.
		commit := min(p.match, n.log.committed)
		if n.cfg.Rules.CommitBeyondMatch {
			commit = n.log.committed
		}
		n.send(Message{Type: MsgHeartbeat, To: p.id, Commit: commit, Context: n.reads.pendingRound()})
		p.sentCommit = commit
	}
}

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
	n.promise(Message{Type: MsgAppResp, To: m.From, Index: last})
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
	n.promise(Message{Type: MsgAppResp, To: m.From, Index: n.log.committed})
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
	n.promise(Message{
		Type: MsgAppResp, To: m.From, Index: m.Index, Reject: true, RejectHint: hint, LogTerm: hintTerm,
	})
}

func (n *Node) handleHeartbeat(m *Message) {
	n.followCommit(m.Commit, m.From)
	n.send(Message{Type: MsgHeartbeatResp, To: m.From, Context: m.Context})
}

// handleAppendResponse is the leader's half of replication.
func (n *Node) handleAppendResponse(m *Message) {
	p := n.peer(m.From)
	switch {
	case p == nil:
		n.ignore(m, ruleWrongRole)
		return
	case m.Index > n.log.lastIndex():
		n.ignore(m, ruleMalformed)
		return
	}
	p.active = true
	if m.Reject {
		n.backtrack(p, m)
		return
	}
	n.acknowledged(p, m.Index)
}

// backtrack moves next of p to where its log may agree, and probes there.
func (n *Node) backtrack(p *progress, m *Message) {
	rules := &n.cfg.Rules
	hint := m.RejectHint
	switch {
	case rules.SlowBacktrack:
		hint = max(m.Index, 1) - 1
	case m.LogTerm > 0:
		hint, _ = n.log.backtrack(m.RejectHint, m.LogTerm)
	}
	old, state := p.next, p.state
	if rules.NoBacktrack || !p.maybeBacktrack(m.Index, hint) {
		n.ignore(m, ruleStaleAnswer)
		return
	}
	if rules.StayOptimistic && state == Replicate {
		p.becomeReplicate()
	}
	n.record(Fact{
		Kind: FactBacktrack, Rule: ruleBacktrack, Peer: p.id, Term: n.term, Index: p.next, Old: uint64(old),
	})
	n.maybeSendAppend(p, true)
}

// acknowledged notes that p stores the log up to index, and sends what that allows.
func (n *Node) acknowledged(p *progress, index Index) {
	old := p.match
	updated := p.maybeUpdate(index)
	if !updated && (p.match != index || p.state != Probe) {
		return
	}
	if updated {
		n.record(Fact{Kind: FactMatch, Rule: ruleMatch, Peer: p.id, Term: n.term, Index: index, Old: uint64(old)})
	}
	switch {
	case p.state == Probe:
		p.becomeReplicate()
	case p.state == Replicate:
		p.inflight.freeTo(index)
	case p.match >= n.log.prevIndex: // whichever snapshot it has installed, the log goes on from there
		p.becomeProbe()
		p.becomeReplicate()
		n.recordState(p, SnapshotSend, ruleSnapshotCaughtUp)
	}
	if !n.commitAndTell() && p.commitUnsent(n.log.committed) {
		n.maybeSendAppend(p, true)
	}
	for n.maybeSendAppend(p, false) {
	}
	n.maybeTimeoutNow(p)
}

// countBeforeSync is what goes wrong when the leader trusts its page cache.
func (n *Node) countBeforeSync() {
	if n.cfg.Rules.CountBeforeSync {
		n.countOwn(n.log.lastIndex())
	}
}

// countOwnCopy counts the leader's own log as far as its disk holds it.
func (n *Node) countOwnCopy() { n.countOwn(n.log.durable) }

func (n *Node) countOwn(index Index) {
	p := n.peer(n.cfg.ID)
	if p == nil {
		return
	}
	old := p.match
	if !p.maybeUpdate(index) {
		return
	}
	n.record(Fact{
		Kind: FactMatch, Rule: ruleMatchOwn, Peer: p.id, Term: n.term, Index: p.match, Old: uint64(old),
	})
	n.commitAndTell()
}

// handleHeartbeatResponse resumes a paused peer: whatever it was waiting for may have been lost.
func (n *Node) handleHeartbeatResponse(m *Message) {
	p := n.peer(m.From)
	if p == nil {
		n.ignore(m, ruleWrongRole)
		return
	}
	p.active, p.paused = true, false
	if p.match < n.log.lastIndex() || p.state == Probe {
		n.maybeSendAppend(p, true)
	}
	if m.Context > p.readAck {
		p.readAck = min(m.Context, n.reads.round)
		n.confirmReads()
	}
}

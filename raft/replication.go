package raft

// Propose asks for data to be appended; a follower forwards it. ErrProposalDropped says that nobody took it.
// The node keeps data: the caller must not change it afterwards.
func (n *Node) Propose(data []byte) error {
	if n.role == Leader {
		n.appendOwn(EntryNormal, data, ruleLeaderAppends)
		n.broadcastAppend()
		return nil
	}
	return n.forward(Message{Type: MsgProp, Entries: []Entry{{Data: data}}})
}

// handleProposal takes a proposal that a follower has passed on, or passes it on itself.
func (n *Node) handleProposal(m *Message) error {
	if n.role != Leader {
		return n.forward(*m)
	}
	for _, e := range m.Entries {
		n.appendOwn(e.Type, e.Data, ruleLeaderAppends)
	}
	n.broadcastAppend()
	return nil
}

// forward passes a proposal or a read on to the leader, in the name of whoever sent it first.
func (n *Node) forward(m Message) error {
	if n.lead == None {
		n.record(Fact{Kind: FactDropped, Rule: ruleNoLeader, Peer: m.From, Term: n.term})
		return ErrProposalDropped
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
	if p.paused || p.state == SnapshotSend {
		return false
	}
	prev := p.next - 1
	prevTerm, ok := n.log.term(prev)
	if !ok {
		n.record(Fact{Kind: FactIgnored, Rule: ruleNeedsSnapshot, Peer: p.id, Term: n.term, Index: prev})
		p.paused = true
		return false
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
	p.sent(len(entries), n.log.committed)
	return true
}

func (n *Node) lastToSend(first Index) Index {
	if n.cfg.OneEntry {
		return min(first, n.log.lastIndex())
	}
	return n.log.lastIndex()
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
	if !n.log.matches(m.Index, m.LogTerm) {
		n.refuseAppend(m)
		return
	}
	last := m.Index + Index(len(m.Entries))
	fresh := 0
	if first := n.log.conflict(m.Entries); first != 0 {
		n.appendFrom(first, m)
		fresh = int(last - first + 1)
	}
	n.record(Fact{
		Kind: FactAppended, Rule: ruleLogMatching, Peer: m.From, Term: n.term, Index: last, N: fresh,
	})
	n.followCommit(min(m.Commit, last), m.From)
	n.promise(Message{Type: MsgAppResp, To: m.From, Index: last})
}

// answerBelowCommit answers an append that begins below the commit index. Everything up to there agrees
// with every later leader; entries that differ mean that a rule was broken, and they are not taken.
func (n *Node) answerBelowCommit(m *Message) {
	if first := n.log.conflict(m.Entries); first != 0 && first <= n.log.committed {
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
	if last := n.log.lastIndex(); first <= last {
		n.truncate(first - 1)
		n.record(Fact{
			Kind: FactTruncated, Rule: ruleTruncate, Peer: m.From, Term: n.term, Index: first - 1, Old: uint64(last),
		})
	}
	n.log.append(m.Entries[first-m.Index-1:]...)
}

// truncate also lowers what outstanding Readys can make durable: their later entries are no longer
// those of this log, even if equal ones come back before the disk answers.
func (n *Node) truncate(keep Index) {
	n.log.truncate(keep)
	for i := range n.outstanding {
		n.outstanding[i].last = min(n.outstanding[i].last, keep)
	}
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
	hint := m.RejectHint
	if m.LogTerm > 0 {
		hint, _ = n.log.backtrack(m.RejectHint, m.LogTerm)
	}
	old := p.next
	if !p.maybeBacktrack(m.Index, hint) {
		n.ignore(m, ruleStaleAnswer)
		return
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
	switch p.state {
	case Probe:
		p.becomeReplicate()
	case Replicate:
		p.inflight.freeTo(index)
	}
	if !n.commitAndTell() && p.commitUnsent(n.log.committed) {
		n.maybeSendAppend(p, true)
	}
	for n.maybeSendAppend(p, false) {
	}
}

// countOwnCopy counts the leader's own log as far as its disk holds it.
func (n *Node) countOwnCopy() {
	p := n.peer(n.cfg.ID)
	if p == nil {
		return
	}
	old := p.match
	if !p.maybeUpdate(n.log.durable) {
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

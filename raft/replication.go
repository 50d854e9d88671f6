package raft

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
	n.send(&Message{
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
	return fitting(n.log.slice(first, last), n.cfg.MaxSizePerMsg)
}

// fitting returns the index of the last of entries that fits into limit bytes together with those before it. The
// first one always fits.
func fitting(entries []Entry, limit uint64) Index {
	var total uint64
	for i := range entries {
		if total += entries[i].size(); total > limit && i > 0 {
			return entries[i-1].Index
		}
	}
	return entries[len(entries)-1].Index
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
		n.send(&Message{Type: MsgHeartbeat, To: p.id, Commit: commit, Context: n.reads.pendingRound()})
		p.sentCommit = commit
	}
}

func (n *Node) handleHeartbeat(m *Message) {
	n.followCommit(m.Commit, m.From)
	n.send(&Message{Type: MsgHeartbeatResp, To: m.From, Context: m.Context})
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

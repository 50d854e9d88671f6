package raft

// index of a snapshot that may be absent.
func (s *Snapshot) index() Index {
	if s == nil {
		return 0
	}
	return s.Meta.Index
}

// OfferSnapshot says which snapshot the driver can send from here on. A MsgSnap carries its Meta only:
// whoever sends the message puts the data in. Older snapshots are forgotten.
func (n *Node) OfferSnapshot(meta SnapshotMeta) {
	switch term, ok := n.log.term(meta.Index); {
	case meta.Index < n.offered.Index:
	case meta.Index > n.log.applying || ok && term != meta.Term:
		n.violate(Fact{
			Rule: ruleSnapshotOfApplied, Term: n.term, Index: meta.Index, Old: uint64(n.log.applying), N: int(meta.Term),
		})
	default:
		n.offered = meta
	}
}

// Compact discards the entries up to index, which a snapshot replaces (Raft §7). The term of the
// last one stays known. Entries that are discarded already may be named again.
func (n *Node) Compact(index Index) {
	if index <= n.log.prevIndex {
		return
	}
	if limit := min(n.log.applied, n.log.durable, n.offered.Index); index > limit {
		n.violate(Fact{Rule: ruleCompactRange, Term: n.term, Index: index, Old: uint64(limit)})
		return
	}
	n.record(Fact{
		Kind: FactCompacted, Rule: ruleCompact, Term: n.term, Index: index, Old: uint64(n.log.prevIndex + 1),
	})
	n.log.compact(index)
	n.forgetConfsBefore(index)
}

// sendSnapshot sends the peer what the log does not hold any more, and then waits for its answer.
func (n *Node) sendSnapshot(p *progress) bool {
	switch {
	case !p.active && !n.cfg.Rules.SnapshotToSilent:
		n.record(Fact{Kind: FactIgnored, Rule: ruleSnapshotActive, Peer: p.id, Term: n.term, Index: p.next - 1})
		return false
	case n.offered.Index == 0:
		n.record(Fact{Kind: FactIgnored, Rule: ruleNeedsSnapshot, Peer: p.id, Term: n.term, Index: p.next - 1})
		return false
	}
	p.becomeSnapshot(n.offered.Index)
	n.record(Fact{
		Kind: FactSnapshotSent, Rule: ruleNeedsSnapshot, Peer: p.id, Term: n.term,
		Index: n.offered.Index, Old: uint64(p.match), N: int(n.log.prevIndex + 1),
	})
	n.send(&Message{Type: MsgSnap, To: p.id, Snapshot: &Snapshot{Meta: n.offered}})
	return true
}

// handleSnapshot answers with what the follower holds afterwards, whether it took the snapshot or not.
func (n *Node) handleSnapshot(m *Message) {
	if m.Snapshot == nil || m.Snapshot.Meta.Index == 0 {
		n.ignore(m, ruleMalformed)
		return
	}
	if n.restore(m) {
		n.promise(&Message{Type: MsgAppResp, To: m.From, Index: n.log.lastIndex()})
		return
	}
	n.promise(&Message{Type: MsgAppResp, To: m.From, Index: n.log.committed})
}

// restore installs the snapshot of m if it brings anything.
func (n *Node) restore(m *Message) bool {
	meta := &m.Snapshot.Meta
	took := Fact{
		Kind: FactSnapshotRefused, Peer: m.From, Term: n.term, Index: meta.Index, Old: uint64(n.log.committed),
	}
	switch {
	case meta.Index <= n.log.committed && !n.cfg.Rules.InstallOldSnapshot:
		took.Rule = ruleSnapshotOld
	case !meta.Conf.contains(n.cfg.ID) && !n.cfg.Rules.ConfigOnAppend: // there the entry behind it may add the receiver
		took.Rule = ruleSnapshotStranger
	case meta.Index > n.log.committed && n.log.matches(meta.Index, meta.Term) && !n.cfg.Rules.SnapshotDropsSuffix:
		took.Rule = ruleSnapshotMatches
		n.record(took)
		n.followCommit(meta.Index, m.From)
		return false
	default:
		took.Kind, took.Rule, took.N = FactSnapshotInstalled, ruleSnapshotInstalled, int(n.log.lastIndex())
		n.record(took)
		n.install(m.Snapshot)
		return true
	}
	n.record(took)
	return false
}

// install replaces log and configuration. The driver replaces the state machine before it calls Durable.
func (n *Node) install(s *Snapshot) {
	if s.Meta.Index < n.log.committed {
		n.violate(Fact{Rule: ruleCommitBack, Term: n.term, Index: s.Meta.Index, Old: uint64(n.log.committed)})
	}
	n.limitOutstanding(min(n.log.committed, s.Meta.Index))
	n.log.restore(s)
	n.offered, n.restored = s.Meta, s.Meta.Index
	n.appended = nil
	if !n.cfg.Rules.SnapshotNoConfig {
		n.switchConf(s.Meta.Conf.clone(), ruleSnapshotConf, s.Meta.Index)
	}
	n.startConfs(s.Meta.Index)
}

// snapshotInstalled says that the snapshot at index is on disk and in the state machine.
func (n *Node) snapshotInstalled(index Index) {
	if n.log.snapshot.index() == index {
		n.log.snapshot = nil
		n.log.applied = index
	}
	n.log.applied = max(n.log.applied, min(index, n.log.committed))
	n.log.applying = max(n.log.applying, n.log.applied)
	n.handedSize, n.applyPaused = 0, false // the snapshot has overtaken whatever was being applied
}

// ReportSnapshot says whether the snapshot that was sent to id has arrived. The peer's own answer says more, but
// a driver must report a snapshot that it has lost: the leader sends nothing else to the peer until then.
func (n *Node) ReportSnapshot(id ID, arrived bool) {
	p := n.peer(id)
	if p == nil || p.state != SnapshotSend {
		return
	}
	why := ruleSnapshotArrived
	if !arrived {
		p.pending, why = 0, ruleSnapshotFailed
	}
	p.becomeProbe()
	p.paused = true // until it answers, or until a heartbeat has gone around
	n.recordState(p, SnapshotSend, why)
}

// ReportUnreachable says that the last message to id was lost, and likely others with it.
func (n *Node) ReportUnreachable(id ID) {
	if p := n.peer(id); p != nil && p.state == Replicate {
		p.becomeProbe()
		n.recordState(p, Replicate, ruleUnreachable)
	}
}

func (n *Node) recordState(p *progress, old ProgressState, why *Rule) {
	n.record(Fact{
		Kind: FactProgress, Rule: why, Peer: p.id, Term: n.term, Index: p.next, Old: uint64(old), N: int(p.state),
	})
}

// limitOutstanding keeps outstanding Readys from proving more than the entries up to keep: their later
// entries are no longer those of this log, even if equal ones come back before the disk answers.
func (n *Node) limitOutstanding(keep Index) {
	for i := range n.outstanding {
		n.outstanding[i].last = min(n.outstanding[i].last, keep)
	}
}

package raft

// appliable returns how far entries may be handed out to be applied.
func (n *Node) appliable() Index {
	if n.cfg.Rules.ApplyBeforeSync && n.log.snapshot == nil {
		return n.log.committed
	}
	return n.log.appliable()
}

func (n *Node) hasCommitted() bool { return n.log.applying < n.appliable() && !n.applyPaused }

// takeCommitted returns what may be applied next. With a limit it stops before the driver has too much in its
// hands, and goes on when some of that is applied (etcd: MaxCommittedSizePerReady).
func (n *Node) takeCommitted() []Entry {
	if !n.hasCommitted() {
		return nil
	}
	entries := n.log.slice(n.log.applying+1, n.appliable())
	if limit := n.cfg.MaxCommittedSizePerReady; limit > 0 {
		entries = n.log.slice(n.log.applying+1, fitting(entries, limit-n.handedSize))
		n.handedSize += size(entries)
	}
	n.log.applying += Index(len(entries))
	n.applyPaused = n.handsFull() || n.log.applying < n.appliable()
	return entries
}

// handsFull says whether the driver has as much to apply as the limit allows.
func (n *Node) handsFull() bool {
	return n.cfg.MaxCommittedSizePerReady > 0 && n.handedSize >= n.cfg.MaxCommittedSizePerReady
}

// Applied says that the state machine has applied everything up to index; ApplyConfChange was called
// for every configuration change among it. What a snapshot has overtaken may still be reported.
func (n *Node) Applied(index Index) {
	if index < n.log.applied && index <= n.restored {
		return
	}
	if index < n.log.applied || index > n.log.applying {
		n.violate(Fact{
			Rule: ruleAppliedRange, Term: n.term, Index: index, Old: uint64(n.log.applied), N: int(n.log.applying),
		})
		return
	}
	if n.uncommitted > 0 || n.handedSize > 0 {
		done := n.log.slice(max(n.log.applied, n.log.prevIndex)+1, index)
		n.uncommitted -= min(n.uncommitted, payload(done))
		n.handedSize -= min(n.handedSize, size(done))
	}
	n.log.applied = index
	n.applyPaused = n.handsFull()
	n.maybeAutoLeave()
}

package raft

// Propose asks for data to be appended; a follower forwards it. ErrProposalDropped says that nobody took it.
// The node keeps data: the caller must not change it afterwards.
func (n *Node) Propose(data []byte) error {
	if n.role != Leader {
		return n.forward(&Message{Type: MsgProp, Entries: []Entry{{Data: data}}})
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
		return n.forward(m)
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
func (n *Node) forward(m *Message) error {
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

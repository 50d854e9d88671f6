package raft

import "slices"

// readRequest is a read that waits for the leader.
type readRequest struct {
	from    ID // who gets the answer
	context uint64
	index   Index  // commit index when the round began: the read may be served there
	round   uint64 // whose heartbeats must be answered by a majority
}

// readRounds are the reads of a leader. All reads that arrive before the heartbeats of a round have
// left share that round: their answers will prove leadership after each of them arrived.
type readRounds struct {
	round   uint64 // number of the newest round of this term
	open    bool   // its heartbeats have not been handed out
	asked   []readRequest
	waiting []readRequest // for the first commit of the leader's own term
}

func (r *readRounds) clone() readRounds {
	c := *r
	c.asked, c.waiting = slices.Clone(r.asked), slices.Clone(r.waiting)
	return c
}

func (r *readRounds) view() ReadRounds {
	v := ReadRounds{Round: r.round, Asked: len(r.asked), Waiting: len(r.waiting)}
	if len(r.asked) > 0 {
		v.Oldest, v.Index = r.asked[0].round, r.asked[0].index
	}
	return v
}

// pendingRound returns the number that heartbeats carry: 0 when no read waits for an answer.
func (r *readRounds) pendingRound() uint64 {
	if len(r.asked) == 0 {
		return 0
	}
	return r.round
}

// ReadIndex asks for a linearizable read point; the answer comes as a ReadState with the same context.
// The answer may never come (the leader can be lost); ErrProposalDropped says that nobody was asked.
// Contexts are the caller's: it must not use one twice while the first may still be answered.
func (n *Node) ReadIndex(context uint64) error {
	if n.role != Leader {
		return n.forward(&Message{Type: MsgReadIndex, Context: context})
	}
	n.startRead(readRequest{from: n.cfg.ID, context: context})
	return nil
}

// handleReadIndex takes a read that a follower has passed on, or passes it on itself.
func (n *Node) handleReadIndex(m *Message) error {
	if n.role != Leader {
		return n.forward(m)
	}
	n.startRead(readRequest{from: m.From, context: m.Context})
	return nil
}

// startRead joins the read to a round. Until the leader has committed in its own term it does not
// know its commit index well enough, so the read waits.
func (n *Node) startRead(r readRequest) {
	r.index = n.log.committed
	fact := Fact{Kind: FactReadIndex, Rule: ruleReadWaits, Peer: r.from, Term: n.term, Index: r.index}
	if n.cfg.SingletonReads && len(n.conf.Voters) == 1 && !n.conf.Joint() {
		n.answerRead(r, ruleReadSingle)
		return
	}
	if !n.committedInTerm() && !n.cfg.Rules.ReadBeforeOwnCommit {
		n.reads.waiting = append(n.reads.waiting, r)
		n.record(fact)
		return
	}
	switch {
	case n.cfg.Rules.ReadWithoutAsking:
		n.answerRead(r, ruleSwitchedOff)
		return
	case n.cfg.ReadOnly == ReadOnlyLease:
		n.answerRead(r, ruleReadLease)
		return
	}
	joins := n.reads.open || n.cfg.Rules.JoinRunningRound && len(n.reads.asked) > 0
	if !joins {
		n.reads.round++
		n.reads.open = true
	}
	r.round = n.reads.round
	n.reads.asked = append(n.reads.asked, r)
	fact.Rule, fact.N = ruleReadRound, int(r.round)
	n.record(fact)
	if !joins {
		n.broadcastHeartbeat()
	}
	n.confirmReads() // a single voter is its own majority
}

// startWaitingReads begins the reads that waited for the first commit of the term.
func (n *Node) startWaitingReads() {
	waiting := n.reads.waiting
	n.reads.waiting = nil
	for _, r := range waiting {
		n.startRead(r)
	}
}

// confirmReads answers the reads of every round that a majority has acknowledged.
func (n *Node) confirmReads() {
	if len(n.reads.asked) == 0 {
		return
	}
	confirmed := n.voters.Committed(func(id ID) uint64 {
		p := n.peer(id)
		switch {
		case id == n.cfg.ID:
			return n.reads.round
		case p == nil:
			return 0
		}
		return p.readAck
	})
	done := 0
	for done < len(n.reads.asked) && n.reads.asked[done].round <= confirmed {
		n.answerRead(n.reads.asked[done], ruleReadConfirmed)
		done++
	}
	n.reads.asked = slices.Delete(n.reads.asked, 0, done)
}

func (n *Node) answerRead(r readRequest, why *Rule) {
	n.record(Fact{
		Kind: FactReadIndex, Rule: why, Peer: r.from, Term: n.term, Index: r.index, N: int(r.round),
	})
	if r.from == n.cfg.ID {
		n.readStates = append(n.readStates, ReadState{Index: r.index, Context: r.context})
		return
	}
	n.send(&Message{Type: MsgReadIndexResp, To: r.from, Index: r.index, Context: r.context})
}

// handleReadIndexResponse leaves out members that campaign: they follow nobody who could answer them (etcd).
func (n *Node) handleReadIndexResponse(m *Message) {
	if n.role != Follower {
		n.ignore(m, ruleWrongRole)
		return
	}
	n.record(Fact{Kind: FactReadIndex, Rule: ruleReadAnswered, Peer: m.From, Term: n.term, Index: m.Index})
	n.readStates = append(n.readStates, ReadState{Index: m.Index, Context: m.Context})
}

// loseReads notes that the reads of a leader that steps down are never answered.
func (n *Node) loseReads() {
	if lost := len(n.reads.asked) + len(n.reads.waiting); lost > 0 {
		n.record(Fact{Kind: FactDropped, Rule: ruleReadLost, Term: n.term, N: lost})
	}
}

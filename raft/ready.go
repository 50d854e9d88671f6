package raft

import "slices"

// Ready is one batch of effects. The driver owns the order in which they happen and may
// die between any two. Several Readys may be outstanding; Seq counts from 1 without gaps.
type Ready struct {
	Seq       uint64
	HardState *HardState // nil: unchanged
	Snapshot  *Snapshot  // to save before Entries: it replaces the log and the state machine
	Entries   []Entry    // to append to the WAL; Entries[0].Index <= last means truncate first
	MustSync  bool       // term, vote, entries or snapshot changed: AfterSync must wait for fsync
	Msgs      []Message  // a leader's may leave at once; anybody else's only after Durable(Seq) if MustSync is set
	AfterSync []Message  // promises (votes, acks): leave only after Durable(Seq)
	Committed []Entry    // apply in order, then call Applied
	Reads     []ReadState
}

// ReadState answers a ReadIndex: the read may be served once Index is applied.
type ReadState struct {
	Index   Index
	Context uint64
}

// outstanding is a Ready that is not durable yet, and what it will prove.
type outstanding struct {
	seq      uint64
	last     Index // own entries up to here will be durable; a truncation lowers it
	snapshot Index // will be installed; 0 is none
	vote     ownVote
	mustSync bool
}

// Ready hands out the effects since the last call, or false. What was handed out once is not handed
// out again: entries are persisted once and applied once, however many Readys are outstanding.
//
// Committed stops at what the own disk holds, as in etcd with asynchronous storage writes, so no
// crash can take back what was applied. A Ready without anything to persist still waits its turn:
// Durable counts in the order of Seq.
func (n *Node) Ready() (Ready, bool) {
	if !n.hasReady() {
		return Ready{}, false
	}
	n.seq++
	r := Ready{
		Seq: n.seq, Entries: n.log.slice(n.log.handed+1, n.log.lastIndex()),
		Msgs: n.msgs.take(), AfterSync: n.afterSync.take(), Reads: n.readStates,
		Committed: n.takeCommitted(),
	}
	if n.log.unhanded {
		r.Snapshot, n.log.unhanded = n.log.snapshot, false
	}
	r.MustSync = len(r.Entries) > 0 || r.Snapshot != nil
	if hs := n.hardState(); hs != n.saved {
		r.MustSync = r.MustSync || hs.Term != n.saved.Term || hs.Vote != n.saved.Vote
		n.saved = hs
		r.HardState = &HardState{Term: hs.Term, Vote: hs.Vote, Commit: hs.Commit} // hs itself stays off the heap
	}
	n.log.handed = n.log.lastIndex()
	n.outstanding = append(n.outstanding, outstanding{
		seq: n.seq, last: n.log.handed, snapshot: r.Snapshot.index(), vote: n.ownVote, mustSync: r.MustSync,
	})
	n.readStates = nil
	n.ownVote, n.reads.open = ownVote{}, false
	return r, true
}

func (n *Node) hasReady() bool {
	return !n.msgs.empty() || !n.afterSync.empty() || len(n.readStates) > 0 ||
		n.log.handed < n.log.lastIndex() || n.hasCommitted() || n.log.unhanded ||
		n.ownVote != ownVote{} || n.hardState() != n.saved
}

func (n *Node) hardState() HardState {
	hs := HardState{Term: n.term, Vote: n.vote, Commit: n.log.committed}
	if n.cfg.Rules.ForgetTerm {
		hs.Term, hs.Vote = n.saved.Term, n.saved.Vote
	}
	if n.cfg.Rules.ForgetVote {
		hs.Vote = None
	}
	return hs
}

// Durable says that everything in Ready seq (and before it) is on disk: the driver may send the
// AfterSync messages of those Readys now, and the node counts its own copy. A snapshot among it
// also has replaced the state machine. Repeating an old seq has no effect.
func (n *Node) Durable(seq uint64) {
	if seq > n.seq {
		n.violate(Fact{Rule: ruleDurableRange, Term: n.term, N: int(seq), Of: int(n.seq)})
		return
	}
	done, synced := 0, false
	for done < len(n.outstanding) && n.outstanding[done].seq <= seq {
		n.log.durable = max(n.log.durable, n.outstanding[done].last)
		synced = synced || n.outstanding[done].mustSync
		if at := n.outstanding[done].snapshot; at > 0 {
			n.snapshotInstalled(at)
		}
		done++
	}
	if synced {
		n.record(Fact{Kind: FactDurable, Rule: ruleDurable, Term: n.term, Index: n.log.durable})
	}
	for i := range done {
		n.countOwnVote(n.outstanding[i].vote)
	}
	n.outstanding = slices.Delete(n.outstanding, 0, done)
	n.countOwnCopy()
}

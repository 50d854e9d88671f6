package raft

import "slices"

// Progress is what a leader believes about one peer.
type Progress struct {
	ID          ID
	Match, Next Index
	State       ProgressState
	Inflight    int    // append messages on the way
	Bytes       uint64 // of their data; counted only where View.WindowBytes limits it
	Active      bool   // heard from since the last quorum check
	Learner     bool
	Paused      bool   // no append before the peer has answered
	Snapshot    Index  // in SnapshotSend: where the snapshot on its way ends
	ReadAck     uint64 // newest read round that the peer has answered
}

// ReadRounds are the linearizable reads that a leader has not answered.
type ReadRounds struct {
	Round   uint64 // the newest round of the term, 0 before the first; Progress.ReadAck says who has answered it
	Oldest  uint64 // the round of the oldest read without an answer
	Index   Index  // where that read will be served
	Asked   int    // reads that wait for a majority to answer their round
	Waiting int    // reads that wait for the first commit of the leader's own term
}

// ProgressState is how a leader sends to a peer (etcd tracker.StateType).
type ProgressState uint8

// The three ways to send.
const (
	Probe ProgressState = iota
	Replicate
	SnapshotSend
)

// String returns the state's name.
func (s ProgressState) String() string { return [...]string{"probe", "replicate", "snapshot"}[s] }

// View is everything about a node that may be drawn or checked. It shares memory with the
// node but never changes afterwards; taking it costs O(voters), not O(log).
type View struct {
	ID               ID
	Role             Role
	Term             Term
	Vote, Lead       ID
	Commit, Applied  Index
	First, Last      Index // of the log in memory; First is 1 until the log is compacted
	FirstTerm        Term  // of entry First-1, which is discarded
	Snapshot         Index // a snapshot from the leader that is not installed yet ends here; 0 is none
	DurableIndex     Index // own entries up to here are on disk
	Elapsed, Timeout int   // election timer in ticks: fires when Elapsed reaches Timeout
	HeartbeatElapsed int
	Lease            int // ticks after a leader's message in which candidates are ignored; 0 without CheckQuorum
	Conf             ConfState
	Votes            []Vote     // a candidate's tally, sorted by ID
	Progress         []Progress // a leader's, sorted by ID, itself included
	Window           int        // append messages that a leader has on the way to one peer at most
	WindowBytes      uint64     // bytes of their data at most; 0 is no limit
	Reads            ReadRounds // a leader's
	Transferee       ID         // whom a leader hands over to
	PendingConf      Index      // a leader takes no configuration change before this is applied
	entries          []Entry
}

// Vote is one answer that a candidate has counted.
type Vote struct {
	ID      ID
	Granted bool
}

// View returns what may be drawn, checked or asked about.
func (n *Node) View() View {
	v := View{
		ID: n.cfg.ID, Role: n.role, Term: n.term, Vote: n.vote, Lead: n.lead,
		Commit: n.log.committed, Applied: n.log.applied,
		First: n.log.prevIndex + 1, FirstTerm: n.log.prevTerm, Last: n.log.lastIndex(),
		Snapshot: n.log.snapshot.index(), DurableIndex: n.log.durable,
		Elapsed: n.elapsed, Timeout: n.timeout, HeartbeatElapsed: n.heartbeatElapsed,
		Conf: n.conf, Votes: slices.Clone(n.votes), entries: slices.Clip(n.log.entries),
		Transferee: n.transferee, PendingConf: n.pendingConf,
	}
	if n.cfg.checkQuorum() && !n.cfg.Rules.NoVoteLease {
		v.Lease = n.cfg.ElectionTick
	}
	if n.role != Leader {
		return v
	}
	v.Window, v.WindowBytes = n.cfg.maxInflight(), n.cfg.MaxInflightBytes
	v.Reads = n.reads.view()
	v.Progress = make([]Progress, len(n.progress))
	for i := range n.progress {
		p := &n.progress[i]
		v.Progress[i] = Progress{
			ID: p.id, Match: p.match, Next: p.next, State: p.state,
			Inflight: p.inflight.count, Bytes: p.inflight.bytes, Active: p.active, Learner: p.learner,
			Paused: p.waits(), Snapshot: p.pending, ReadAck: p.readAck,
		}
	}
	return v
}

// Entry returns the entry at i, or false when the view does not hold it.
func (v *View) Entry(i Index) (Entry, bool) {
	if i < v.First || i-v.First >= Index(len(v.entries)) {
		return Entry{}, false
	}
	return v.entries[i-v.First], true
}

// LastTerm returns the term of the last entry, also if that is discarded; 0 is an empty log.
func (v *View) LastTerm() Term {
	if e, ok := v.Entry(v.Last); ok {
		return e.Term
	}
	return v.FirstTerm
}

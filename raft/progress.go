package raft

// progress is what a leader believes about one peer, and how it paces what it sends.
//
// Probe sends one append and waits; Replicate sends ahead of the acknowledgements, up to a
// window of messages; SnapshotSend sends nothing.
type progress struct {
	id         ID
	learner    bool
	active     bool // heard from since the last quorum check
	paused     bool // wait for an answer before the next append
	state      ProgressState
	pending    Index // while in SnapshotSend: index of the snapshot on its way
	match      Index // highest index known to be stored by the peer; match < next
	next       Index // first index of the next append
	sentCommit Index // highest commit index that was sent and could take effect
	readAck    uint64
	inflight   inflights
}

// becomeProbe goes on behind a snapshot that has arrived as far as anybody knows, and behind match otherwise.
func (p *progress) becomeProbe() {
	behind := max(p.match, p.pending)
	p.enter(Probe)
	p.next = behind + 1
	p.sentCommit = min(p.sentCommit, p.next-1)
}

func (p *progress) becomeReplicate() { p.enter(Replicate) }

// becomeSnapshot waits until the peer has installed the snapshot at index.
func (p *progress) becomeSnapshot(index Index) {
	p.enter(SnapshotSend)
	p.pending, p.next, p.sentCommit = index, index+1, index
}

func (p *progress) enter(s ProgressState) {
	p.state, p.paused, p.pending, p.next = s, false, 0, p.match+1
	p.inflight.reset()
}

// waits says whether the peer gets no append before it has answered.
func (p *progress) waits() bool { return p.paused || p.state == SnapshotSend }

// sent notes an append with entries that are on their way; Replicate moves next as if they had arrived.
func (p *progress) sent(entries []Entry, commit Index) {
	p.sentCommit = commit
	if p.state == Probe {
		p.paused = p.paused || len(entries) > 0
		return
	}
	if len(entries) > 0 {
		p.next += Index(len(entries))
		p.inflight.add(p.next-1, p.inflight.payload(entries))
	}
	p.paused = p.inflight.full()
}

// maybeUpdate raises match to i; false means that the answer brought nothing.
func (p *progress) maybeUpdate(i Index) bool {
	if i <= p.match {
		return false
	}
	p.match, p.next, p.paused = i, max(p.next, i+1), false
	return true
}

// maybeBacktrack lowers next after the peer refused the append behind rejected; hint is the highest
// index that may still match. False means that the refusal is stale: newer answers overtook it.
func (p *progress) maybeBacktrack(rejected, hint Index) bool {
	if p.state == Replicate {
		if rejected <= p.match {
			return false
		}
		p.becomeProbe()
		return true
	}
	if p.next-1 != rejected {
		return false
	}
	p.next = max(min(rejected, hint+1), p.match+1)
	p.sentCommit = min(p.sentCommit, p.next-1)
	p.paused = false
	return true
}

// commitUnsent says whether telling the peer about commit could still move its commit index.
func (p *progress) commitUnsent(commit Index) bool {
	return commit > p.sentCommit && p.sentCommit < p.next-1
}

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
	match      Index // highest index known to be stored by the peer; match < next
	next       Index // first index of the next append
	sentCommit Index // highest commit index that was sent and could take effect
	readAck    uint64
	inflight   inflights
}

func (p *progress) becomeProbe() {
	p.enter(Probe)
	p.sentCommit = min(p.sentCommit, p.next-1)
}

func (p *progress) becomeReplicate() { p.enter(Replicate) }

func (p *progress) enter(s ProgressState) {
	p.state, p.paused, p.next = s, false, p.match+1
	p.inflight.reset()
}

// sent notes an append with entries that are on their way; Replicate moves next as if they had arrived.
func (p *progress) sent(entries int, commit Index) {
	p.sentCommit = commit
	if p.state == Probe {
		p.paused = p.paused || entries > 0
		return
	}
	if entries > 0 {
		p.next += Index(entries)
		p.inflight.add(p.next - 1)
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

// inflights is the window of append messages that were sent and not yet acknowledged: a ring of
// their last indexes, oldest first.
type inflights struct {
	ring         []Index
	start, count int
	limit        int
}

func (f *inflights) full() bool { return f.count >= f.limit }

func (f *inflights) reset() { f.start, f.count = 0, 0 }

func (f *inflights) add(last Index) {
	if f.count == len(f.ring) {
		f.grow()
	}
	f.ring[(f.start+f.count)%len(f.ring)] = last
	f.count++
}

func (f *inflights) grow() {
	wider := make([]Index, max(4, 2*len(f.ring)))
	for i := range f.count {
		wider[i] = f.ring[(f.start+i)%len(f.ring)]
	}
	f.ring, f.start = wider, 0
}

// freeTo forgets the messages that the acknowledgement of index i covers.
func (f *inflights) freeTo(i Index) {
	for f.count > 0 && f.ring[f.start] <= i {
		f.start = (f.start + 1) % len(f.ring)
		f.count--
	}
}

// clone copies what is in flight, not the room for more.
func (f *inflights) clone() inflights {
	c := inflights{limit: f.limit, count: f.count}
	if f.count > 0 {
		c.ring = make([]Index, f.count)
		for i := range c.ring {
			c.ring[i] = f.ring[(f.start+i)%len(f.ring)]
		}
	}
	return c
}

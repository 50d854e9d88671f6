package raft

// inflights is the window of append messages that were sent and not yet acknowledged: a ring of
// their last indexes and sizes, oldest first.
type inflights struct {
	ring         []inflight
	start, count int
	bytes        uint64 // of data on the way; counted only if maxBytes is set
	limit        int    // messages
	maxBytes     uint64 // the message that passes it still leaves; 0 is no limit
}

type inflight struct {
	last  Index
	bytes uint64
}

func (f *inflights) full() bool {
	return f.count >= f.limit || f.maxBytes != 0 && f.bytes >= f.maxBytes
}

func (f *inflights) reset() { f.start, f.count, f.bytes = 0, 0, 0 }

// payload is what entries count against the limit of bytes.
func (f *inflights) payload(entries []Entry) uint64 {
	if f.maxBytes == 0 {
		return 0
	}
	return payload(entries)
}

func (f *inflights) add(last Index, bytes uint64) {
	if f.count == len(f.ring) {
		f.grow()
	}
	f.ring[(f.start+f.count)%len(f.ring)] = inflight{last, bytes}
	f.count++
	f.bytes += bytes
}

func (f *inflights) grow() {
	wider := make([]inflight, max(4, 2*len(f.ring)))
	for i := range f.count {
		wider[i] = f.ring[(f.start+i)%len(f.ring)]
	}
	f.ring, f.start = wider, 0
}

// freeTo forgets the messages that the acknowledgement of index i covers.
func (f *inflights) freeTo(i Index) {
	for f.count > 0 && f.ring[f.start].last <= i {
		f.bytes -= f.ring[f.start].bytes
		f.start = (f.start + 1) % len(f.ring)
		f.count--
	}
}

// clone copies what is in flight, not the room for more.
func (f *inflights) clone() inflights {
	c := inflights{limit: f.limit, maxBytes: f.maxBytes, bytes: f.bytes, count: f.count}
	if f.count > 0 {
		c.ring = make([]inflight, f.count)
		for i := range c.ring {
			c.ring[i] = f.ring[(f.start+i)%len(f.ring)]
		}
	}
	return c
}

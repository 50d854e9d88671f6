package session

import "etcdscope/cluster"

// chunkEvents is how many events are allocated at once. Events are stored as values: a pointer to one stays
// good for ever, because a chunk is never moved.
const chunkEvents = 256

type chunk [chunkEvents]cluster.Event

// history is a list of events that only grows.
type history struct {
	chunks []*chunk
	n      int
	shared bool // the last chunk may belong to another history too, which may write behind our end
}

func (h *history) len() int { return h.n }

func (h *history) at(i int) *cluster.Event { return &h.chunks[i/chunkEvents][i%chunkEvents] }

// next is the slot that commit makes part of the history; until then it may be written again.
func (h *history) next() *cluster.Event {
	if h.n == len(h.chunks)*chunkEvents {
		h.chunks = append(h.chunks, new(chunk))
		h.shared = false
	} else if h.shared {
		last := len(h.chunks) - 1
		own := new(chunk)
		copy(own[:h.n%chunkEvents], h.chunks[last][:h.n%chunkEvents])
		h.chunks[last], h.shared = own, false
	}
	return h.at(h.n)
}

func (h *history) commit() { h.n++ }

// prefix returns a history of the first n events that may grow by itself.
func (h *history) prefix(n int) history {
	used := (n + chunkEvents - 1) / chunkEvents
	return history{chunks: append([]*chunk(nil), h.chunks[:used]...), n: n, shared: true}
}

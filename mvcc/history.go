package mvcc

import (
	"bytes"
	"slices"
	"sort"
)

// blockEvents is how many events a block of history holds before the next is begun.
const blockEvents = 64

// history holds every change since the last compaction, with values, for pictures. Blocks are append-only
// and shared by views and clones; one main revision never spans two blocks.
type history struct {
	sealed [][]Event
	tail   []Event
}

// share returns a copy whose owner may append without disturbing this one.
func (h *history) share() history {
	return history{sealed: slices.Clip(h.sealed), tail: slices.Clip(h.tail)}
}

func (h *history) append(e Event) {
	if h.tail == nil {
		h.tail = make([]Event, 0, blockEvents)
	}
	h.tail = append(h.tail, e)
}

// seal begins another block when the tail is full; call it between transactions.
func (h *history) seal() {
	if len(h.tail) >= blockEvents {
		h.sealed = append(h.sealed, slices.Clip(h.tail))
		h.tail = nil
	}
}

// find returns the last change of key in a main revision.
func (h *history) find(key []byte, main int64) (Event, bool) {
	block := h.tail
	if len(block) == 0 || block[0].KV.ModRevision > main {
		i := sort.Search(len(h.sealed), func(i int) bool { return h.sealed[i][0].KV.ModRevision > main })
		if i == 0 {
			return Event{}, false
		}
		block = h.sealed[i-1]
	}
	i := sort.Search(len(block), func(i int) bool { return block[i].KV.ModRevision > main })
	for i--; i >= 0 && block[i].KV.ModRevision == main; i-- {
		if bytes.Equal(block[i].KV.Key, key) {
			return block[i], true
		}
	}
	return Event{}, false
}

// newest returns up to n of the newest changes, oldest first.
func (h *history) newest(n int) []Event {
	var blocks [][]Event
	have := 0
	for i := len(h.sealed); i >= 0 && have < n; i-- {
		block := h.tail
		if i < len(h.sealed) {
			block = h.sealed[i]
		}
		block = block[max(0, len(block)-(n-have)):]
		blocks = append(blocks, block)
		have += len(block)
	}
	slices.Reverse(blocks)
	return slices.Concat(blocks...)
}

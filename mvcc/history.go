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
	sealed []block
	tail   block
}

// block is a run of changes: their events, and beside them the rest of their revisions.
type block struct {
	events []Event
	subs   []int64
}

func (b block) len() int { return len(b.events) }

func (b block) clip() block { return block{slices.Clip(b.events), slices.Clip(b.subs)} }

// share returns a copy whose owner may append without disturbing this one.
func (h *history) share() history {
	return history{sealed: slices.Clip(h.sealed), tail: h.tail.clip()}
}

func (h *history) append(c *change) {
	if h.tail.events == nil {
		h.tail = block{make([]Event, 0, blockEvents), make([]int64, 0, blockEvents)}
	}
	h.tail.events = append(h.tail.events, c.Event)
	h.tail.subs = append(h.tail.subs, c.rev.Sub)
}

// seal begins another block when the tail is full; call it between transactions.
func (h *history) seal() {
	if h.tail.len() >= blockEvents {
		h.sealed = append(h.sealed, h.tail.clip())
		h.tail = block{}
	}
}

// find returns the last change of key in a main revision.
func (h *history) find(key []byte, main int64) (Event, bool) {
	events := h.tail.events
	if len(events) == 0 || events[0].KV.ModRevision > main {
		i := sort.Search(len(h.sealed), func(i int) bool { return h.sealed[i].events[0].KV.ModRevision > main })
		if i == 0 {
			return Event{}, false
		}
		events = h.sealed[i-1].events
	}
	i := sort.Search(len(events), func(i int) bool { return events[i].KV.ModRevision > main })
	for i--; i >= 0 && events[i].KV.ModRevision == main; i-- {
		if bytes.Equal(events[i].KV.Key, key) {
			return events[i], true
		}
	}
	return Event{}, false
}

// newest returns up to n of the newest changes, oldest first.
func (h *history) newest(n int) []Event {
	var blocks [][]Event
	have := 0
	for i := len(h.sealed); i >= 0 && have < n; i-- {
		events := h.tail.events
		if i < len(h.sealed) {
			events = h.sealed[i].events
		}
		events = events[max(0, len(events)-(n-have)):]
		blocks = append(blocks, events)
		have += len(events)
	}
	slices.Reverse(blocks)
	return slices.Concat(blocks...)
}

// between returns the changes of the main revisions first to last, oldest first.
func (h *history) between(first, last int64) (out []Event) {
	i := sort.Search(len(h.sealed), func(i int) bool {
		events := h.sealed[i].events
		return events[len(events)-1].KV.ModRevision >= first
	})
	for _, b := range append(slices.Clip(h.sealed[i:]), h.tail) {
		for _, e := range b.events {
			switch rev := e.KV.ModRevision; {
			case rev > last:
				return out
			case rev >= first:
				out = append(out, e)
			}
		}
	}
	return out
}

// compact returns the history without the changes up to rev that are not kept, and calls dropped for each of
// those. Blocks behind rev stay shared.
func (h *history) compact(rev int64, kept map[Revision]struct{}, dropped func(*change)) history {
	var n history
	for i, b := range append(slices.Clip(h.sealed), h.tail) {
		if b.len() == 0 {
			continue
		}
		if b.events[0].KV.ModRevision > rev {
			if n.tail.len() > 0 {
				n.sealed = append(n.sealed, n.tail)
			}
			n.sealed = append(n.sealed, h.sealed[min(i, len(h.sealed)):]...)
			n.tail = h.tail
			return n
		}
		for j, e := range b.events {
			c := change{Revision{e.KV.ModRevision, b.subs[j]}, e}
			if _, ok := kept[c.rev]; !ok && c.rev.Main <= rev {
				dropped(&c)
				continue
			}
			if c.rev.Sub == 0 || j == 0 || b.events[j-1].KV.ModRevision != c.rev.Main {
				n.seal()
			}
			n.append(&c)
		}
	}
	return n
}

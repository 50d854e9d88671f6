package watch

import (
	"errors"
	"fmt"
	"slices"

	"etcdscope/mvcc"
)

// Notify queues the changes of one transaction for synced watchers; call it before the revision becomes
// readable. rev is that of the last event, and of all others unless the store lets a transaction have several.
//
// A watcher without room becomes a victim with its batch. Either way its cursor moves behind rev: what it
// was not given waits for it, and nothing comes twice.
func (h *Hub) Notify(rev int64, events []mvcc.Event) {
	h.notifyLate()
	switch {
	case h.count[Synced] == 0:
		return
	case h.config.Rules.NotifyLate:
		h.late = slices.Clip(events)
		return
	}
	h.notify(rev, events)
}

// notifyLate gives watchers what they should have been given when it happened.
func (h *Hub) notifyLate() {
	if n := len(h.late); n > 0 {
		events := h.late
		h.late = nil
		h.notify(events[n-1].KV.ModRevision, events)
	}
}

// notify is Notify for one revision after the other.
func (h *Hub) notify(rev int64, events []mvcc.Event) {
	for len(events) > 0 {
		first := events[0].KV.ModRevision
		n := 1
		for n < len(events) && events[n].KV.ModRevision == first {
			n++
		}
		if first > rev || (n < len(events) && events[n].KV.ModRevision < first) || (n == len(events) && first != rev) {
			panic(fmt.Sprintf("watch: an event of revision %d in the transaction of revision %d", first, rev))
		}
		h.notifyRevision(first, events[:n])
		events = events[n:]
	}
}

// notifyRevision is Notify for one revision.
func (h *Hub) notifyRevision(rev int64, events []mvcc.Event) {
	h.touched = h.touched[:0]
	for i := range events {
		h.keys.visit(events[i].KV.Key, func(id ID) { h.collect(id, rev, events[i:i+1:i+1]) })
	}
	slices.Sort(h.touched)
	for _, id := range h.touched {
		i, _ := h.find(id)
		h.deliver(h.watchers[i], rev)
	}
}

// collect adds an event to the batch of a synced watcher.
func (h *Hub) collect(id ID, rev int64, event []mvcc.Event) {
	i, _ := h.find(id)
	if w := h.watchers[i]; w.state != Synced || w.minRev > rev || !w.admits(&event[0]) {
		return
	}
	w := h.edit(i)
	if len(w.batch) > 0 {
		w.batch = append(w.batch, event...)
		return
	}
	w.batch = event
	h.touched = append(h.touched, id)
}

// deliver sends the batch that Notify collected.
func (h *Hub) deliver(w *watcher, rev int64) {
	r := Response{Watcher: w.id, Events: h.withPrev(w, w.batch), Revision: rev}
	w.batch, w.minRev = nil, rev+1
	h.give(w, r)
}

// withPrev adds the versions before, if the watcher asked for them. Other watchers share the events, so
// they are copied first. A version that was compacted is left out, as etcd does.
func (h *Hub) withPrev(w *watcher, events []mvcc.Event) []mvcc.Event {
	if !w.prevKV {
		return events
	}
	events = slices.Clone(events)
	for i := range events {
		e := &events[i]
		if rev := e.KV.ModRevision; rev > 1 && (e.Delete || e.KV.CreateRevision != rev) {
			e.Prev = h.versionAt(e.KV.Key, rev-1)
		}
	}
	return events
}

func (h *Hub) versionAt(key []byte, rev int64) *mvcc.KeyValue {
	res, err := h.store.Range(key, nil, mvcc.RangeOptions{Rev: rev})
	if err != nil && !errors.Is(err, mvcc.ErrCompacted) {
		h.fail(err)
	}
	if len(res.KVs) == 0 {
		return nil
	}
	return &res.KVs[0]
}

func (h *Hub) fail(err error) {
	if h.err == nil {
		h.err = fmt.Errorf("watch: %w", err)
	}
}

package watch

import "etcdscope/mvcc"

// NeedsSync says whether some watcher is unsynced or a victim, or was not notified in time.
func (h *Hub) NeedsSync() bool { return h.count[Unsynced]+h.count[Victim]+len(h.late) > 0 }

// Sync is one sync round: victims first, then up to MaxPerSync unsynced watchers. It says whether it changed
// anything.
func (h *Hub) Sync() bool {
	changed := len(h.late) > 0
	h.notifyLate()
	changed = h.retryVictims() || changed
	return h.syncUnsynced() || changed
}

// retryVictims sends what victims retained, where there is room. One that missed changes meanwhile has to
// catch up.
func (h *Hub) retryVictims() (changed bool) {
	if h.count[Victim] == 0 {
		return false
	}
	for i, w := range h.watchers {
		if w.state != Victim || len(w.queue) >= h.config.Buffer {
			continue
		}
		w = h.edit(i)
		h.send(w, w.retained)
		w.retained = Response{}
		h.setState(w, h.groupOf(w))
		changed = true
	}
	return changed
}

// groupOf is the group of a watcher that has been given all below its minRev.
func (h *Hub) groupOf(w *watcher) State {
	if w.minRev <= h.store.Revision() {
		return Unsynced
	}
	return Synced
}

// syncUnsynced reads history once for all chosen watchers and gives each its part.
func (h *Hub) syncUnsynced() (changed bool) {
	chosen := h.choose()
	var behind []int // watchers that history can still help
	var from int64
	for _, i := range chosen {
		w := h.watchers[i]
		if compacted := h.store.CompactRevision(); compacted > 0 && w.minRev < compacted {
			changed = h.cancelCompacted(i, compacted) || changed
			continue
		}
		if len(behind) == 0 || w.minRev < from {
			from = w.minRev
		}
		behind = append(behind, i)
	}
	if len(behind) == 0 {
		return changed
	}
	events, err := h.history(behind, from)
	if err != nil {
		h.fail(err)
		return changed
	}
	for _, i := range behind {
		h.catchUp(h.edit(i), events)
	}
	return true
}

// choose returns up to MaxPerSync unsynced watchers, beginning where the last round ended.
func (h *Hub) choose() []int {
	if h.count[Unsynced] == 0 {
		return nil
	}
	first, _ := h.find(h.nextSync)
	var chosen []int
	for n := range h.watchers {
		i := (first + n) % len(h.watchers)
		if h.watchers[i].state != Unsynced {
			continue
		}
		if len(chosen) == h.config.MaxPerSync {
			h.nextSync = h.watchers[i].id
			break
		}
		chosen = append(chosen, i)
	}
	return chosen
}

// cancelCompacted tells a watcher that its history is gone; without room it is told in a later round.
func (h *Hub) cancelCompacted(i int, compacted int64) bool {
	if h.config.Rules.SkipCompacted {
		h.edit(i).minRev = compacted
		return true
	}
	if len(h.watchers[i].queue) >= h.config.Buffer {
		return false
	}
	w := h.edit(i)
	h.send(w, Response{Watcher: w.id, Revision: h.store.Revision(), CompactRevision: compacted})
	h.setState(w, Cancelled)
	return true
}

// history reads the changes from a revision on: of one watcher's range, or of all keys for several.
func (h *Hub) history(behind []int, from int64) ([]mvcc.Event, error) {
	key, end := []byte{}, []byte{}
	if len(behind) == 1 {
		w := h.watchers[behind[0]]
		key, end = w.key, w.end
	}
	return h.store.History(key, end, from, h.store.Revision())
}

// catchUp gives w its part of the history. A batch ends between two revisions, never inside one.
func (h *Hub) catchUp(w *watcher, history []mvcc.Event) {
	current := h.store.Revision()
	events, moreRev := h.batchFor(w, history)
	w.minRev = max(w.minRev, current+1)
	if moreRev != 0 {
		w.minRev = moreRev
	}
	if len(events) > 0 {
		r := Response{Watcher: w.id, Events: h.withPrev(w, events), Revision: current}
		if !h.give(w, r) {
			return
		}
	}
	h.setState(w, h.groupOf(w))
}

// batchFor selects the events of w from history, at most MaxBatchRevs revisions of them; moreRev is the
// first revision left over, or 0.
func (h *Hub) batchFor(w *watcher, history []mvcc.Event) (events []mvcc.Event, moreRev int64) {
	var revs int
	var last int64
	for _, e := range history {
		rev := e.KV.ModRevision
		if rev < w.minRev || !w.wants(e.KV.Key) || !w.admits(&e) {
			continue
		}
		if rev != last {
			if revs == h.config.MaxBatchRevs {
				return events, rev
			}
			revs, last = revs+1, rev
		}
		events = append(events, e)
	}
	return events, 0
}

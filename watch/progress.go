package watch

// RequestProgress queues a response without events that says how far a watcher is, behind all that it was given.
// It does nothing and returns false when the watcher is behind, or has no room: etcd does not answer then either.
func (h *Hub) RequestProgress(id ID) bool {
	i, ok := h.find(id)
	if !ok || !h.mayReport(h.watchers[i]) || len(h.watchers[i].queue) >= h.config.Buffer {
		return false
	}
	return h.send(h.edit(i), Response{Watcher: id, Revision: h.store.Revision()})
}

// RequestProgressAll returns the revision up to which all of some watchers have been given everything: those of one
// client stream, which gets it as an answer without a watcher. It must be passed on at once, so ok is false while
// something waits to be taken, or one of the watchers is behind.
func (h *Hub) RequestProgressAll(ids []ID) (rev int64, ok bool) {
	for _, id := range ids {
		i, found := h.find(id)
		if !found {
			continue
		}
		if w := h.watchers[i]; w.state != Cancelled && !h.mayReport(w) || len(w.queue) > 0 {
			return 0, false
		}
	}
	return h.store.Revision(), true
}

// mayReport is whether a watcher has been given all that there is: progress ahead of events would make its client
// resume behind them.
func (h *Hub) mayReport(w *watcher) bool {
	if h.config.Rules.ProgressAnyway {
		return true
	}
	return w.state == Synced && h.store.Revision() >= w.startRev
}

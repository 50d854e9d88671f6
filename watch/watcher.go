package watch

import (
	"bytes"

	"etcdscope/mvcc"
)

// State is which group a watcher is in (etcd watchable_store).
type State uint8

// The groups of etcd's watchable store.
const (
	Synced State = iota
	Unsynced
	Victim    // its buffer was full; the batch waits
	Cancelled // asked for a compacted revision
	states
)

// String is the name of the group.
func (s State) String() string {
	return [...]string{"synced", "unsynced", "victim", "cancelled"}[s]
}

// ID names a watcher inside its hub; IDs count up and are never reused.
type ID uint64

// Response is one batch for one watcher; it never splits a revision. Without events and compact revision it tells
// of progress: all changes up to Revision have come.
type Response struct {
	Watcher         ID
	Events          []mvcc.Event // shared with other watchers: read only
	Revision        int64        // of the store when the batch was made
	CompactRevision int64        // not 0: cancelled, the start revision was compacted
}

// Watcher is what may be drawn of one watcher.
type Watcher struct {
	ID       ID
	Key, End []byte
	StartRev int64 // 0 was asked: the revision after the store's
	NextRev  int64 // the next revision it has not been given
	State    State
	Queued   int // responses in its buffer
	Buffer   int // how many fit
}

// watcher is a cursor over the history of [key, end).
type watcher struct {
	id       ID
	key, end []byte
	startRev int64
	prevKV   bool
	noPut    bool
	noDelete bool
	owner    *owner // the hub that may change it in place

	state  State
	minRev int64        // everything of interest below it was queued, or is in retained
	queue  []Response   // at most Config.Buffer
	batch  []mvcc.Event // while Notify collects; empty otherwise

	retained Response // of a victim: what did not fit
}

// owner tells hubs apart. The field keeps addresses distinct.
type owner struct{ _ byte }

// wants is whether key lies in the watcher's range; end as in mvcc.Store.Range.
func (w *watcher) wants(key []byte) bool {
	if w.end == nil {
		return bytes.Equal(key, w.key)
	}
	return bytes.Compare(key, w.key) >= 0 && (len(w.end) == 0 || bytes.Compare(key, w.end) < 0)
}

// admits is whether the filters let an event pass.
func (w *watcher) admits(e *mvcc.Event) bool {
	if e.Delete {
		return !w.noDelete
	}
	return !w.noPut
}

func (w *watcher) describe(room int) Watcher {
	return Watcher{
		ID: w.id, Key: w.key, End: w.end, StartRev: w.startRev, NextRev: w.minRev,
		State: w.state, Queued: len(w.queue), Buffer: room,
	}
}

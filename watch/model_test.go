package watch_test

import (
	"bytes"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"etcdscope/mvcc"
	"etcdscope/watch"
)

// follower is what a watcher should be given, and what it got.
type follower struct {
	id       watch.ID
	key, end []byte
	start    int64
	prevKV   bool
	got      []mvcc.Event
	lastRev  int64 // of the last response
}

func (f *follower) wants(e mvcc.Event) bool {
	if e.KV.ModRevision < f.start {
		return false
	}
	if f.end == nil {
		return bytes.Equal(e.KV.Key, f.key)
	}
	return bytes.Compare(e.KV.Key, f.key) >= 0 && (len(f.end) == 0 || bytes.Compare(e.KV.Key, f.end) < 0)
}

// world is a hub, and everything that ever happened as a list.
type world struct {
	config    watch.Config
	store     *mvcc.Store
	hub       *watch.Hub
	log       []mvcc.Event
	followers []follower
}

func (w *world) clone(t *rapid.T) *world {
	b, err := w.store.Backend().Clone()
	if err != nil {
		t.Fatal(err)
	}
	c := *w
	c.store = w.store.Clone(b)
	c.hub = w.hub.Clone(c.store)
	w.log = slices.Clip(w.log)
	c.log = w.log
	c.followers = slices.Clone(w.followers)
	for i := range c.followers {
		w.followers[i].got = slices.Clip(w.followers[i].got)
		c.followers[i].got = w.followers[i].got
	}
	if c.hub.Hash() != w.hub.Hash() || !reflect.DeepEqual(c.hub.View(), w.hub.View()) {
		t.Fatalf("a clone differs: %+v, want %+v", c.hub.View(), w.hub.View())
	}
	return &c
}

var drawKey = rapid.Custom(func(t *rapid.T) []byte {
	return []byte(rapid.StringMatching(`[a-c]{1,2}`).Draw(t, "key"))
})

func (w *world) write(t *rapid.T) {
	txn := w.store.Write()
	for range rapid.IntRange(1, 3).Draw(t, "operations") {
		if rapid.IntRange(0, 3).Draw(t, "operation") == 0 {
			txn.DeleteRange(drawKey.Draw(t, "key"), nil, false)
			continue
		}
		txn.Put(drawKey.Draw(t, "key"), rapid.SliceOfN(rapid.Byte(), 1, 3).Draw(t, "value"), 0, false)
	}
	if events := txn.End(); len(events) > 0 {
		w.log = append(w.log, events...)
		w.hub.Notify(w.store.Revision(), events)
	}
}

func (w *world) watch(t *rapid.T) {
	f := follower{key: drawKey.Draw(t, "key"), prevKV: rapid.Bool().Draw(t, "prevKV")}
	f.end = rapid.OneOf(rapid.Just([]byte(nil)), rapid.Just([]byte{}), drawKey).Draw(t, "end")
	f.start = rapid.Int64Range(0, w.store.Revision()+3).Draw(t, "start")
	f.id = w.hub.Watch(f.key, f.end, f.start, f.prevKV)
	if f.start == 0 {
		f.start = w.store.Revision() + 1
	}
	w.followers = append(w.followers, f)
}

// take gives a follower what waits for it and checks what must hold for every response.
func (w *world) take(t *rapid.T, f *follower) {
	responses := w.hub.Take(f.id)
	if len(responses) > w.config.Buffer {
		t.Fatalf("watcher %d: %d responses in a buffer of %d", f.id, len(responses), w.config.Buffer)
	}
	for _, r := range responses {
		revs := make(map[int64]bool)
		for _, e := range r.Events {
			revs[e.KV.ModRevision] = true
		}
		first, last := r.Events[0].KV.ModRevision, r.Events[len(r.Events)-1].KV.ModRevision
		switch {
		case r.Watcher != f.id || r.CompactRevision != 0:
			t.Fatalf("watcher %d got %+v", f.id, r)
		case len(revs) > w.config.MaxBatchRevs:
			t.Fatalf("watcher %d: %d revisions in a batch, limit %d", f.id, len(revs), w.config.MaxBatchRevs)
		case first <= f.lastRev:
			t.Fatalf("watcher %d: revision %d is split or comes back after %d", f.id, first, f.lastRev)
		case r.Revision < last || r.Revision > w.store.Revision():
			t.Fatalf("watcher %d: events up to %d in a response of revision %d", f.id, last, r.Revision)
		}
		f.lastRev = last
		f.got = append(f.got, r.Events...)
	}
	w.checkPrefix(t, f)
}

// checkPrefix checks that a follower got the first of the changes that it wants, each once and in order.
func (w *world) checkPrefix(t *rapid.T, f *follower) {
	n := 0
	for _, e := range w.log {
		if n == len(f.got) {
			return
		}
		if !f.wants(e) {
			continue
		}
		// As in etcd, what creates a key has nothing before it, not even what its transaction deleted.
		if creates := !e.Delete && e.KV.CreateRevision == e.KV.ModRevision; f.prevKV && !creates {
			e.Prev = w.before(e.KV.Key, e.KV.ModRevision)
		}
		if !reflect.DeepEqual(f.got[n], e) {
			t.Fatalf("watcher %d: event %d is %+v, want %+v", f.id, n, f.got[n], e)
		}
		n++
	}
	if n < len(f.got) {
		t.Fatalf("watcher %d got %+v too much", f.id, f.got[n:])
	}
}

// before is the version that stood before a revision.
func (w *world) before(key []byte, rev int64) (prev *mvcc.KeyValue) {
	for _, e := range w.log {
		if e.KV.ModRevision < rev && bytes.Equal(e.KV.Key, key) {
			prev = &e.KV
			if e.Delete {
				prev = nil
			}
		}
	}
	return prev
}

// drain lets everybody catch up and checks that nothing is missing.
func (w *world) drain(t *rapid.T) {
	for rounds := 0; w.hub.NeedsSync() || len(w.hub.Waiting()) > 0; rounds++ {
		if rounds > 10000 {
			t.Fatalf("nobody catches up: %+v", w.hub.View())
		}
		for i := range w.followers {
			w.take(t, &w.followers[i])
		}
		if needed := w.hub.NeedsSync(); w.hub.Sync() != needed {
			t.Fatalf("a round with empty buffers: changed %v, needed %v", !needed, needed)
		}
	}
	for i := range w.followers {
		f := &w.followers[i]
		want := 0
		for _, e := range w.log {
			if f.wants(e) {
				want++
			}
		}
		if len(f.got) != want {
			t.Fatalf("watcher %d got %d events, want %d", f.id, len(f.got), want)
		}
	}
	if err := w.hub.Err(); err != nil {
		t.Fatal(err)
	}
}

func (w *world) step(t *rapid.T) {
	steps := []string{"write", "write", "watch", "take", "sync", "commit", "cancel"}
	switch rapid.SampledFrom(steps).Draw(t, "step") {
	case "write":
		w.write(t)
	case "watch":
		w.watch(t)
	case "take":
		if len(w.followers) > 0 {
			w.take(t, &w.followers[rapid.IntRange(0, len(w.followers)-1).Draw(t, "follower")])
		}
	case "sync":
		before := w.hub.Hash()
		if changed := w.hub.Sync(); changed != (w.hub.Hash() != before) {
			t.Fatalf("a round says changed %v, the hash says %v", changed, !changed)
		}
	case "commit":
		if err := w.store.Commit(); err != nil {
			t.Fatal(err)
		}
	case "cancel":
		if len(w.followers) > 3 {
			w.hub.Cancel(w.followers[1].id)
			if w.hub.Take(w.followers[1].id) != nil {
				t.Fatal("a cancelled watcher has responses")
			}
			w.followers = slices.Delete(slices.Clone(w.followers), 1, 2)
		}
	}
}

// Whatever the order of writes, rounds and takes, and however small the buffers: every watcher gets every
// change that it wants, once, in order, and never half a revision.
func TestHubAgainstModel(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		b, err := mvcc.NewBackend(dir)
		if err != nil {
			t.Fatal(err)
		}
		s, err := mvcc.Open(b)
		if err != nil {
			t.Fatal(err)
		}
		c := watch.Config{
			Buffer:       rapid.IntRange(1, 6).Draw(t, "buffer"),
			MaxPerSync:   rapid.IntRange(1, 3).Draw(t, "per sync"),
			MaxBatchRevs: rapid.IntRange(1, 3).Draw(t, "batch"),
		}
		worlds := []*world{{config: c, store: s, hub: watch.New(s, c)}}
		defer func() {
			for _, w := range worlds {
				if err := w.store.Backend().Close(); err != nil {
					t.Error(err)
				}
			}
		}()
		for range rapid.IntRange(1, 80).Draw(t, "steps") {
			w := worlds[rapid.IntRange(0, len(worlds)-1).Draw(t, "world")]
			if len(worlds) < 3 && rapid.IntRange(0, 19).Draw(t, "clone") == 0 {
				worlds = append(worlds, w.clone(t))
			}
			w.step(t)
		}
		for _, w := range worlds {
			w.drain(t)
		}
	})
}

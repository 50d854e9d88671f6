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
	noPut    bool
	noDelete bool
	got      []mvcc.Event
	lastRev  int64 // of the last response with events
	progress int64 // the last that was reported
	gone     bool  // told that its history is compacted
}

func (f *follower) wants(e mvcc.Event) bool {
	if e.KV.ModRevision < f.start || e.Delete && f.noDelete || !e.Delete && f.noPut {
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
	compacted int64
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
	if rapid.IntRange(0, 3).Draw(t, "filter") == 0 {
		f.noPut, f.noDelete = rapid.Bool().Draw(t, "no puts"), rapid.Bool().Draw(t, "no deletes")
	}
	f.id = w.hub.Open(watch.Options{
		Key: f.key, End: f.end, StartRev: f.start, PrevKV: f.prevKV, NoPut: f.noPut, NoDelete: f.noDelete,
	})
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
		if len(r.Events) == 0 {
			w.told(t, f, r)
			continue
		}
		revs := make(map[int64]bool)
		for _, e := range r.Events {
			revs[e.KV.ModRevision] = true
		}
		first, last := r.Events[0].KV.ModRevision, r.Events[len(r.Events)-1].KV.ModRevision
		switch {
		case r.Watcher != f.id || r.CompactRevision != 0 || f.gone:
			t.Fatalf("watcher %d got %+v", f.id, r)
		case len(revs) > w.config.MaxBatchRevs:
			t.Fatalf("watcher %d: %d revisions in a batch, limit %d", f.id, len(revs), w.config.MaxBatchRevs)
		case first <= f.lastRev || first <= f.progress:
			t.Fatalf("watcher %d: revision %d is split or comes back after %d", f.id, first, f.lastRev)
		case r.Revision < last || r.Revision > w.store.Revision():
			t.Fatalf("watcher %d: events up to %d in a response of revision %d", f.id, last, r.Revision)
		}
		f.lastRev = last
		f.got = append(f.got, r.Events...)
	}
	w.checkPrefix(t, f)
}

// told checks a response without events: a cancellation, or progress with nothing left behind it.
func (w *world) told(t *rapid.T, f *follower, r watch.Response) {
	if r.CompactRevision != 0 {
		if f.gone || r.CompactRevision > w.compacted || f.start > w.compacted && f.lastRev >= w.compacted {
			t.Fatalf("watcher %d from %d is cancelled at %d, compacted at %d", f.id, f.start, r.CompactRevision, w.compacted)
		}
		f.gone = true
		return
	}
	if missing := w.wanted(f, r.Revision) - len(f.got); missing != 0 || r.Revision < f.progress {
		t.Fatalf("watcher %d: progress %d after %d, with %d events missing", f.id, r.Revision, f.progress, missing)
	}
	f.progress = r.Revision
}

// wanted counts the changes up to a revision that a follower wants.
func (w *world) wanted(f *follower, rev int64) (n int) {
	for _, e := range w.log {
		if e.KV.ModRevision <= rev && f.wants(e) {
			n++
		}
	}
	return n
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
		if w.compacted > 0 && f.got[n].Prev == nil {
			e.Prev = nil // it was compacted before the event was sent
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
		needed := w.hub.NeedsSync()
		if w.hub.Sync() != needed {
			t.Fatalf("a round with empty buffers: changed %v, needed %v", !needed, needed)
		}
	}
	for i := range w.followers {
		f := &w.followers[i]
		want := w.wanted(f, w.store.Revision())
		if w.hub.RequestProgress(f.id) != (!f.gone && f.start <= w.store.Revision()) {
			t.Fatalf("watcher %d has everything; cancelled %v, start %d, and progress says otherwise", f.id, f.gone, f.start)
		}
		if !f.gone && len(f.got) != want {
			t.Fatalf("watcher %d got %d events, want %d", f.id, len(f.got), want)
		}
	}
	if err := w.hub.Err(); err != nil {
		t.Fatal(err)
	}
}

// progress asks for the progress of one follower, and of all.
func (w *world) progress(t *rapid.T) {
	ids := []watch.ID{}
	all := true
	for i := range w.followers {
		f := &w.followers[i]
		ids = append(ids, f.id)
		all = all && (f.gone || len(f.got) == w.wanted(f, w.store.Revision()))
	}
	if rev, ok := w.hub.RequestProgressAll(ids); ok && (!all || rev != w.store.Revision()) {
		t.Fatalf("progress %d of all, who have everything: %v", rev, all)
	}
	if len(ids) > 0 {
		w.hub.RequestProgress(rapid.SampledFrom(ids).Draw(t, "follower"))
	}
}

// compact gives up the history before a revision in which no key was changed twice: of those, one change stays.
func (w *world) compact(t *rapid.T) {
	rev := rapid.Int64Range(w.compacted+1, w.store.Revision()+1).Draw(t, "compact")
	twice := map[string]int{}
	for _, e := range w.log {
		if e.KV.ModRevision == rev {
			twice[string(e.KV.Key)]++
		}
	}
	for _, n := range twice {
		if n > 1 {
			return
		}
	}
	if rev > w.store.Revision() {
		return
	}
	if err := w.store.Compact(rev); err != nil {
		t.Fatal(err)
	}
	if rapid.Bool().Draw(t, "delete rows") {
		if _, err := w.store.CompactStep(0); err != nil {
			t.Fatal(err)
		}
	}
	w.compacted = rev
}

func (w *world) step(t *rapid.T) {
	steps := []string{"write", "write", "watch", "take", "sync", "commit", "cancel", "progress", "compact"}
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
	case "progress":
		w.progress(t)
	case "compact":
		w.compact(t)
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

package interop

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/etcd/api/v3/mvccpb"
	"go.etcd.io/etcd/pkg/v3/traceutil"
	"go.etcd.io/etcd/server/v3/lease"
	"go.etcd.io/etcd/server/v3/storage/backend"
	etcdmvcc "go.etcd.io/etcd/server/v3/storage/mvcc"
	"pgregory.net/rapid"

	"etcdscope/mvcc"
	"etcdscope/watch"
)

// seen is what one watcher was given, in order.
type seen struct {
	events    []mvcc.Event
	compacted int64 // not 0: cancelled, with the oldest revision that is left
}

// take adds one response; no revision may be in two of them.
func (s *seen) take(t failer, events []mvcc.Event, compacted int64) {
	t.Helper()
	if n := len(s.events); n > 0 && len(events) > 0 && events[0].KV.ModRevision <= s.events[n-1].KV.ModRevision {
		t.Fatalf("revision %d comes after %d", events[0].KV.ModRevision, s.events[n-1].KV.ModRevision)
	}
	s.events = append(s.events, events...)
	s.compacted = max(s.compacted, compacted)
}

// pairedWatch is one watcher on both sides; with etcd it has a stream of its own, as a client has.
type pairedWatch struct {
	what       string
	id         watch.ID
	stream     etcdmvcc.WatchStream
	ours, etcd seen
}

// watchPair is a store with watchers on both sides.
type watchPair struct {
	store    *mvcc.Store
	hub      *watch.Hub
	backend  backend.Backend
	kv       etcdmvcc.WatchableKV
	watchers []*pairedWatch
}

// newWatchPair begins with some history, of which a part may be compacted. Ours goes on with a copy of etcd's file.
func newWatchPair(t *rapid.T, dir string) *watchPair {
	dir = runDir(t, dir)
	first := openEtcdStore(filepath.Join(dir, "db"))
	for i := range rapid.IntRange(0, 30).Draw(t, "history") {
		txn := first.write()
		txn.Put([]byte{'a' + byte(i%4)}, fmt.Append(nil, i), lease.NoLease)
		txn.End()
	}
	if last := first.kv.Rev(); last > 1 && rapid.Bool().Draw(t, "compacted") {
		check(t, first.compact(rapid.Int64Range(1, last).Draw(t, "compact")))
	}
	first.close(t)
	p := &watchPair{store: openOurStore(t, dir, first.path), backend: openEtcdBackend(first.path)}
	p.hub = watch.New(p.store, watch.Config{Buffer: rapid.SampledFrom([]int{1, 3, 0}).Draw(t, "buffer")})
	p.kv = etcdmvcc.New(silent, p.backend, noLeases, etcdmvcc.StoreConfig{})
	return p
}

func (p *watchPair) close(t failer) {
	t.Helper()
	for _, w := range p.watchers {
		w.stream.Close()
	}
	check(t, p.kv.Close())
	check(t, p.backend.Close())
	check(t, p.store.Backend().Close())
}

// watch begins a watcher in the past, now or in the future.
func (p *watchPair) watch(t *rapid.T) {
	key, end := drawKey.Draw(t, "key"), drawEnd.Draw(t, "end")
	if len(end) > 0 && string(key) >= string(end) {
		return // etcd refuses an empty range before it comes to its store
	}
	from := rapid.Int64Range(0, p.store.Revision()+3).Draw(t, "from")
	w := &pairedWatch{what: fmt.Sprintf("%q %q from %d at %d", key, end, from, p.store.Revision())}
	w.id = p.hub.Watch(key, end, from, false)
	w.stream = p.kv.NewWatchStream()
	_, err := w.stream.Watch(context.Background(), 0, key, end, from)
	check(t, err)
	p.watchers = append(p.watchers, w)
}

// write changes both stores and tells both sides' watchers.
func (p *watchPair) write(t *rapid.T) {
	ours, etcd := p.store.Write(), p.kv.Write(traceutil.TODO())
	for range rapid.IntRange(1, 3).Draw(t, "operations") {
		key := drawKey.Draw(t, "key")
		if rapid.IntRange(0, 2).Draw(t, "put") > 0 {
			value := rapid.SliceOfN(rapid.Byte(), 0, 9).Draw(t, "value")
			ours.Put(key, value, 0, false)
			etcd.Put(key, value, lease.NoLease)
			continue
		}
		end := drawEnd.Draw(t, "end")
		ours.DeleteRange(key, end, false)
		etcd.DeleteRange(key, end)
	}
	etcd.End()
	if events := ours.End(); len(events) > 0 {
		p.hub.Notify(p.store.Revision(), events)
	}
}

// takeOurs empties one watcher's buffer.
func (p *watchPair) takeOurs(t failer, w *pairedWatch) {
	t.Helper()
	for _, r := range p.hub.Take(w.id) {
		w.ours.take(t, r.Events, r.CompactRevision)
	}
}

// finish lets both sides catch up and compares what every watcher was given. etcd's loops run on their own; a watcher
// of it is done when it has as much as ours, and then it must have no more.
func (p *watchPair) finish(ctx context.Context, t failer) {
	t.Helper()
	for round := true; round; round = p.hub.NeedsSync() {
		p.hub.Sync()
		for _, w := range p.watchers {
			p.takeOurs(t, w)
		}
	}
	check(t, p.hub.Err())
	for _, w := range p.watchers {
		for len(w.etcd.events) < len(w.ours.events) || w.etcd.compacted != w.ours.compacted {
			select {
			case r := <-w.stream.Chan():
				w.etcd.take(t, fromEvents(r.Events), r.CompactRevision)
			case <-ctx.Done():
				t.Fatalf("%s: waiting for etcd: it has %+v, ours %+v", w.what, w.etcd, w.ours)
			}
		}
	}
	for _, w := range p.watchers {
		w.compare(t)
	}
}

func (w *pairedWatch) compare(t failer) {
	t.Helper()
	select {
	case r := <-w.stream.Chan():
		t.Fatalf("%s: etcd sends more: %+v", w.what, r)
	default:
	}
	if len(w.ours.events) != len(w.etcd.events) {
		t.Fatalf("%s: ours %+v\netcd %+v", w.what, w.ours, w.etcd)
	}
	for i, e := range w.ours.events {
		if f := w.etcd.events[i]; e.Delete != f.Delete || !sameKV(e.KV, f.KV) {
			t.Fatalf("%s: event %d: ours %+v, etcd %+v", w.what, i, e, f)
		}
	}
}

func fromEvents(events []*mvccpb.Event) []mvcc.Event {
	var out []mvcc.Event
	for _, e := range events {
		out = append(out, mvcc.Event{Delete: e.Type == mvccpb.Event_DELETE, KV: fromKeyValue(e.Kv)})
	}
	return out
}

// TestWatch: whatever watchers begin and whenever they are served, each is given the same events by both sides, in
// the same order, once. How events are put into responses depends on when etcd's loops run, and is not compared.
func TestWatch(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(effort)*time.Minute)
	defer cancel()
	dir := t.TempDir()
	steps := []string{"watch", "write", "write", "write", "take", "sync"}
	events, cancelled := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		p := newWatchPair(t, dir)
		for range rapid.IntRange(20, 200).Draw(t, "steps") {
			switch rapid.SampledFrom(steps).Draw(t, "step") {
			case "watch":
				p.watch(t)
			case "write":
				p.write(t)
			case "take":
				for _, w := range p.watchers {
					p.takeOurs(t, w)
				}
			case "sync":
				p.hub.Sync()
			}
		}
		p.finish(ctx, t)
		for _, w := range p.watchers {
			events += len(w.ours.events)
			if w.ours.compacted > 0 {
				cancelled++
			}
		}
		p.close(t)
	})
	t.Logf("%d events compared, %d watchers cancelled by a compaction", events, cancelled)
	if events == 0 || cancelled == 0 {
		t.Error("the runs show nothing")
	}
}

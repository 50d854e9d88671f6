package watch_test

import (
	"reflect"
	"testing"

	"etcdscope/mvcc"
	"etcdscope/watch"
)

// compactedStore is the snapshot of a real etcd 3.7.3: foo was put in revisions 2 and 3 and deleted in 4, a
// and b were put in 5, and revision 4 is the compacted one.
func compactedStore(t *testing.T) *mvcc.Store {
	t.Helper()
	b, err := mvcc.OpenFile(t.TempDir(), "../mvcc/testdata/etcd-3.7.3-snapshot.db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	s, err := mvcc.Open(b)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func texts(responses []watch.Response) (all [][]string) {
	for _, r := range responses {
		var events []string
		for _, e := range r.Events {
			events = append(events, formatEvent(e))
		}
		all = append(all, events)
	}
	return all
}

func TestWatchFromCompactedRevision(t *testing.T) {
	h := watch.New(compactedStore(t), watch.Config{})
	all := []byte{}
	late, just := h.Watch(all, all, 3, false), h.Watch(all, all, 4, true)
	if !h.Sync() || h.NeedsSync() {
		t.Error("one round was not enough")
	}
	if got := h.Take(late); len(got) != 1 || got[0].CompactRevision != 4 || len(got[0].Events) != 0 {
		t.Errorf("from revision 3: %+v, want a cancellation with compact revision 4", got)
	}
	// The tombstone in the compacted revision is there, or this watcher would keep foo for ever.
	want := [][]string{{"4:-foo", "5:a=1", "5:b=2"}}
	if got := texts(h.Take(just)); !reflect.DeepEqual(got, want) {
		t.Errorf("from revision 4: %v, want %v", got, want)
	}
	if got := h.View()[0].State; got != watch.Cancelled {
		t.Errorf("from revision 3: %v, want cancelled", got)
	}
	if h.Sync() {
		t.Error("a cancelled watcher was told again")
	}
	last := h.Watch(all, all, 5, false)
	h.Sync()
	h.Cancel(last)
	if got := h.Waiting(); got != nil {
		t.Errorf("waiting %v after the only watcher with a response was cancelled", got)
	}
	h.Cancel(late)
	if got := h.View(); len(got) != 1 || got[0].ID != just {
		t.Errorf("watchers %+v, want only %d", got, just)
	}
}

// A member that fell behind gets another member's store: its watchers go on where they were.
func TestRestoreResumesWatchers(t *testing.T) {
	old := openStore(t, t.TempDir())
	h := watch.New(old, watch.Config{Buffer: 1})
	write := func(key string) {
		txn := old.Write()
		txn.Put([]byte(key), []byte("x"), 0, false)
		h.Notify(old.Revision()+1, txn.End())
	}
	full := h.Watch([]byte("foo"), nil, 0, false)
	resumed := h.Watch([]byte("b"), []byte{}, 4, false)
	future := h.Watch([]byte("a"), nil, 9, false)
	write("foo")

	h.Restore(compactedStore(t))
	if !h.Sync() || !h.NeedsSync() {
		t.Error("watcher 1 should still wait for room")
	}
	if got, want := texts(h.Take(resumed)), [][]string{{"4:-foo", "5:b=2"}}; !reflect.DeepEqual(got, want) {
		t.Errorf("resumed from 4: %v, want %v", got, want)
	}
	if got := h.Take(future); got != nil {
		t.Errorf("from revision 9: %v", got)
	}
	if h.Sync() {
		t.Error("a round without room changed something")
	}
	if got, want := texts(h.Take(full)), [][]string{{"2:foo=x"}}; !reflect.DeepEqual(got, want) {
		t.Errorf("before the restore: %v, want %v", got, want)
	}
	if !h.Sync() || h.NeedsSync() {
		t.Error("watcher 1 should have been told")
	}
	if got := h.Take(full); len(got) != 1 || got[0].CompactRevision != 4 {
		t.Errorf("revision 3 is compacted: got %+v", got)
	}
	for _, w := range h.View()[1:] {
		if w.State != watch.Synced {
			t.Errorf("%+v, want synced", w)
		}
	}
}

func TestFailingStoreIsReported(t *testing.T) {
	s := compactedStore(t)
	h := watch.New(s, watch.Config{})
	id := h.Watch([]byte("a"), nil, 4, false)
	if err := s.Backend().Close(); err != nil {
		t.Fatal(err)
	}
	if h.Sync() || h.Err() == nil || h.Take(id) != nil {
		t.Errorf("a closed store was read: error %v", h.Err())
	}
}

func TestNotifyRefusesAnotherRevision(t *testing.T) {
	h := watch.New(openStore(t, t.TempDir()), watch.Config{})
	h.Watch([]byte("a"), nil, 0, false)
	defer func() {
		if recover() == nil {
			t.Error("an event of another revision was taken")
		}
	}()
	h.Notify(2, []mvcc.Event{{KV: mvcc.KeyValue{Key: []byte("a"), ModRevision: 3}}})
}

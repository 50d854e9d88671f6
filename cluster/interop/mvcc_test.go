package interop

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"go.etcd.io/etcd/pkg/v3/traceutil"
	"go.etcd.io/etcd/server/v3/lease"
	etcdmvcc "go.etcd.io/etcd/server/v3/storage/mvcc"
	"pgregory.net/rapid"

	"etcdscope/mvcc"
)

// stores are the two key spaces that are told the same, with their files in a directory of their own.
type stores struct {
	dir   string
	ours  *mvcc.Store
	etcd  *etcdStore
	files int
}

func newStores(tb failer, dir string) *stores {
	tb.Helper()
	dir = runDir(tb, dir)
	s := &stores{dir: dir, ours: newOurStore(tb, dir)}
	s.etcd = openEtcdStore(s.fresh())
	return s
}

// fresh is a path that no file has had.
func (s *stores) fresh() string {
	s.files++
	return filepath.Join(s.dir, fmt.Sprint("db", s.files))
}

func (s *stores) close(tb failer) {
	tb.Helper()
	check(tb, s.ours.Backend().Close())
	s.etcd.close(tb)
	check(tb, os.RemoveAll(s.dir))
}

var (
	drawKey = rapid.Custom(func(t *rapid.T) []byte {
		if rapid.IntRange(0, 9).Draw(t, "binary") == 0 {
			return rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 'a', 0xff}), 1, 3).Draw(t, "key")
		}
		return []byte(rapid.StringMatching(`[a-e]{1,2}`).Draw(t, "key"))
	})
	drawEnd = rapid.Custom(func(t *rapid.T) []byte {
		return rapid.OneOf(rapid.Just([]byte(nil)), rapid.Just([]byte{}), drawKey).Draw(t, "end")
	})
)

func sameKV(a, b mvcc.KeyValue) bool {
	return bytes.Equal(a.Key, b.Key) && bytes.Equal(a.Value, b.Value) && a.CreateRevision == b.CreateRevision &&
		a.ModRevision == b.ModRevision && a.Version == b.Version && a.Lease == b.Lease
}

// sameAnswer compares two answers, or two errors.
func sameAnswer(a mvcc.RangeResult, aErr error, b mvcc.RangeResult, bErr error) bool {
	if aErr != nil || bErr != nil {
		return aErr != nil && errors.Is(bErr, aErr)
	}
	return slices.EqualFunc(a.KVs, b.KVs, sameKV) && a.Count == b.Count && a.More == b.More && a.Rev == b.Rev
}

// readBoth asks both for a range, at any revision up to one too many.
func (s *stores) read(t *rapid.T) {
	key, end := drawKey.Draw(t, "key"), drawEnd.Draw(t, "end")
	o := mvcc.RangeOptions{
		Rev:       rapid.Int64Range(-1, s.ours.Revision()+1).Draw(t, "rev"),
		Limit:     rapid.Int64Range(0, 4).Draw(t, "limit"),
		CountOnly: rapid.IntRange(0, 4).Draw(t, "count") == 0,
		KeysOnly:  rapid.IntRange(0, 4).Draw(t, "keys") == 0,
	}
	got, gotErr := s.ours.Range(key, end, o)
	want, wantErr := rangeEtcd(s.etcd.kv, key, end, o)
	if !sameAnswer(got, gotErr, want, wantErr) {
		t.Fatalf("range %q %q %+v:\nours %+v, %v\netcd %+v, %v", key, end, o, got, gotErr, want, wantErr)
	}
}

// hash asks both for the hash up to a revision.
func (s *stores) hash(t *rapid.T) {
	rev := rapid.Int64Range(0, s.ours.Revision()+1).Draw(t, "rev")
	compareHash(t, s.ours, s.etcd, rev)
}

func compareHash(t failer, ours *mvcc.Store, etcd *etcdStore, rev int64) {
	t.Helper()
	got, err := ours.HashByRev(rev)
	want, _, wantErr := etcd.kv.HashStorage().HashByRev(rev)
	if !sameRefusal(err, wantErr) || err == nil && got != mvcc.RevisionHash(want) {
		t.Fatalf("hash at %d: ours %+v, %v, etcd %+v, %v", rev, got, err, want, wantErr)
	}
}

// write makes one transaction of puts, deletes and reads. What it deletes it does not put again: no request can ask for
// that, and a compaction at its revision ends otherwise (docs/DIVERGENCE.md; TestHashOfKeyBack).
func (s *stores) write(t *rapid.T) {
	ours, etcd := s.ours.Write(), s.etcd.write()
	deleted := map[string]bool{}
	for range rapid.IntRange(1, 4).Draw(t, "operations") {
		key := drawKey.Draw(t, "key")
		switch rapid.SampledFrom([]string{"put", "put", "put", "delete", "read"}).Draw(t, "operation") {
		case "put":
			if !deleted[string(key)] {
				putBoth(t, ours, etcd, key)
			}
		case "delete":
			for _, kv := range deleteBoth(t, ours, etcd, key, drawEnd.Draw(t, "end")) {
				deleted[string(kv.Key)] = true
			}
		case "read":
			end, o := drawEnd.Draw(t, "end"), mvcc.RangeOptions{Limit: rapid.Int64Range(0, 2).Draw(t, "limit")}
			o.Rev = rapid.Int64Range(0, s.ours.Revision()+2).Draw(t, "rev")
			got, gotErr := ours.Range(key, end, o)
			want, wantErr := rangeEtcd(etcd, key, end, o)
			if !sameAnswer(got, gotErr, want, wantErr) {
				t.Fatalf("in a transaction, %q %q %+v:\nours %+v, %v\netcd %+v, %v", key, end, o, got, gotErr, want, wantErr)
			}
		}
	}
	changes := etcd.Changes()
	etcd.End()
	events := ours.End()
	if len(events) != len(changes) {
		t.Fatalf("ours changed %+v, etcd %v", events, changes)
	}
	for i, kv := range changes {
		want := mvcc.Event{KV: fromKeyValue(kv)}
		if kv.CreateRevision == 0 { // etcd's way to say deleted; watchers are given the revision
			want.Delete, want.KV.ModRevision = true, s.ours.Revision()
		}
		if events[i].Delete != want.Delete || !sameKV(events[i].KV, want.KV) {
			t.Fatalf("change %d: ours %+v, etcd %+v", i, events[i], want)
		}
	}
}

// before is what a write replaces; etcd's store does not say, its transaction layer reads it first.
func before(t failer, etcd etcdmvcc.TxnWrite, key, end []byte) []mvcc.KeyValue {
	t.Helper()
	res, err := rangeEtcd(etcd, key, end, mvcc.RangeOptions{})
	check(t, err)
	return res.KVs
}

func putBoth(t *rapid.T, ours *mvcc.Txn, etcd etcdmvcc.TxnWrite, key []byte) {
	value := rapid.SliceOfN(rapid.Byte(), 0, 30).Draw(t, "value")
	id := rapid.SampledFrom([]int64{0, 0, 1, 1 << 60}).Draw(t, "lease")
	want := before(t, etcd, key, nil)
	prev := ours.Put(key, value, id, true)
	etcd.Put(key, value, lease.LeaseID(id))
	var got []mvcc.KeyValue
	if prev != nil {
		got = append(got, *prev)
	}
	if !slices.EqualFunc(got, want, sameKV) {
		t.Fatalf("put %q replaced %+v, etcd has %+v", key, got, want)
	}
}

func deleteBoth(t *rapid.T, ours *mvcc.Txn, etcd etcdmvcc.TxnWrite, key, end []byte) []mvcc.KeyValue {
	want := before(t, etcd, key, end)
	n, prev := ours.DeleteRange(key, end, true)
	m, _ := etcd.DeleteRange(key, end)
	if n != m || !slices.EqualFunc(prev, want, sameKV) {
		t.Fatalf("delete %q %q: ours %d %+v, etcd %d %+v", key, end, n, prev, m, want)
	}
	return prev
}

func (s *stores) commit(t failer) {
	t.Helper()
	check(t, s.ours.Commit())
	s.etcd.kv.Commit()
}

// crash loses what is pending on both sides.
func (s *stores) crash(t failer) {
	t.Helper()
	again, err := mvcc.Open(s.ours.Backend())
	check(t, err)
	s.ours = again
	s.etcd = s.etcd.crash(t, s.fresh())
	s.finish(t)
}

func (s *stores) restart(t failer) {
	t.Helper()
	s.commit(t)
	s.etcd = s.etcd.restart(t)
	again, err := mvcc.Open(s.ours.Backend())
	check(t, err)
	s.ours = again
}

// swap lets each side go on with the file of the other.
func (s *stores) swap(t failer) {
	t.Helper()
	s.commit(t)
	path := s.fresh()
	saveOurs(t, s.ours, path)
	s.adopt(t)
	s.etcd = openEtcdStore(path)
}

// adopt closes etcd's store, and ours goes on with its file.
func (s *stores) adopt(t failer) {
	t.Helper()
	s.etcd.close(t)
	check(t, s.ours.Backend().Close())
	s.ours = openOurStore(t, s.dir, s.etcd.path)
}

// interrupt begins a compaction on both sides, does some of it on ours, and crashes before it is finished: the restart
// has to resume it.
func (s *stores) interrupt(t *rapid.T) {
	rev := rapid.Int64Range(1, s.ours.Revision()).Draw(t, "rev")
	_, wantErr := s.etcd.kv.Compact(traceutil.TODO(), rev)
	err := s.ours.Compact(rev)
	if !sameRefusal(err, wantErr) {
		t.Fatalf("compact %d: ours %v, etcd %v", rev, err, wantErr)
	}
	for range rapid.IntRange(0, 3).Draw(t, "batches") {
		_, err := s.ours.CompactStep(2)
		check(t, err)
	}
	s.crash(t)
	if s.ours.CompactRevision() < rev {
		t.Fatalf("compacted at %d, after a crash at %d", rev, s.ours.CompactRevision())
	}
}

// finish ends what a restart has to resume of a compaction. etcd's runs beside, and says in its buffer that it is over.
func (s *stores) finish(t failer) {
	t.Helper()
	for s.ours.Compacting() {
		_, err := s.ours.CompactStep(3)
		check(t, err)
	}
	done, err := s.etcd.kv.Compact(traceutil.TODO(), -1) // refused, but behind all that runs
	if done == nil {
		t.Fatal(err)
	}
	<-done
	s.commit(t)
}

// step does one thing to both.
func (s *stores) step(t *rapid.T, what string) {
	switch what {
	case "write":
		s.write(t)
	case "read":
		s.read(t)
	case "hash":
		s.hash(t)
	case "commit":
		s.commit(t)
	case "crash":
		s.crash(t)
	case "restart":
		s.restart(t)
	case "swap":
		s.swap(t)
	case "compact":
		s.compactBoth(t)
		s.commit(t) // ours has
	case "interrupt":
		s.interrupt(t)
	}
	if got, want := s.ours.Revision(), s.etcd.kv.Rev(); got != want {
		t.Fatalf("after %s ours is at revision %d, etcd at %d", what, got, want)
	}
}

// TestMVCC: the same random operations on both stores give the same answers, errors, revisions and hashes, whenever
// they are committed, crash, are restarted, compacted or go on with each other's file. There is a run of 200 operations
// for each point and each thing that may come between them.
func TestMVCC(t *testing.T) {
	const operations = 200
	dir := t.TempDir()
	between := []string{"crash", "restart", "swap", "compact", "interrupt"}
	steps := slices.Concat(between, []string{"commit", "hash", "hash"})
	for range 40 {
		steps = append(steps, "write", "read")
	}
	for _, thing := range between {
		t.Run(thing, func(t *testing.T) {
			checks(t, 1)
			for point := range operations {
				rapid.Check(t, func(t *rapid.T) {
					s := newStores(t, dir) // not closed by a failing run: it may be inside a transaction, which close would wait for
					for i := range operations {
						if i == point {
							s.step(t, thing)
						} else {
							s.step(t, rapid.SampledFrom(steps).Draw(t, "step"))
						}
					}
					compareHash(t, s.ours, s.etcd, 0)
					s.close(t)
				})
			}
		})
	}
}

// TestHashOfKeyBack: a bug of ours. Keys deleted and put again in one main revision count for a compaction but not
// for etcd's hash, which then has nothing to keep and leaves no row out.
func TestHashOfKeyBack(t *testing.T) {
	s := newStores(t, t.TempDir())
	defer s.close(t)
	write := func(deleteFirst bool, keys ...string) {
		ours, etcd := s.ours.Write(), s.etcd.write()
		if deleteFirst {
			ours.DeleteRange([]byte("a"), []byte{}, false)
			etcd.DeleteRange([]byte("a"), []byte{})
		}
		for _, key := range keys {
			ours.Put([]byte(key), nil, 0, false)
			etcd.Put([]byte(key), nil, lease.NoLease)
		}
		etcd.End()
		ours.End()
	}
	write(false, "a", "b", "c")
	write(false, "b")
	write(true, "b", "c")
	s.commit(t)
	check(t, s.etcd.compact(3))
	check(t, s.ours.Compact(3))
	s.finish(t)
	compareHash(t, s.ours, s.etcd, 0)
}

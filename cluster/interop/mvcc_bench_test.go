package interop

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"go.etcd.io/etcd/pkg/v3/traceutil"
	"go.etcd.io/etcd/server/v3/storage/backend"
	etcdmvcc "go.etcd.io/etcd/server/v3/storage/mvcc"

	"etcdscope/mvcc"
	"etcdscope/watch"
)

const (
	benchKeys   = 10_000
	commitEvery = 1000    // puts between two commits of the backend; nothing is synced
	storeBound  = 200_000 // puts into one store; then it begins anew outside the measurement
)

// benchStore is one key space as a benchmark uses it.
type benchStore interface {
	put(key, value []byte)
	txn(keys [][]byte, value []byte) // one transaction
	commit() error
	compact(rev int64) error            // until all is gone
	count(key, end []byte) (int, error) // reads the range and says how many keys it got
	close(tb failer)
}

// oursBench is our store. Beside index and file it keeps the history that pictures are drawn from.
type oursBench struct{ s *mvcc.Store }

func (o oursBench) put(key, value []byte) { o.txn([][]byte{key}, value) }

func (o oursBench) txn(keys [][]byte, value []byte) {
	txn := o.s.Write()
	for _, key := range keys {
		txn.Put(key, value, 0, false)
	}
	txn.End()
}

func (o oursBench) commit() error { return o.s.Commit() }

func (o oursBench) count(key, end []byte) (int, error) {
	res, err := o.s.Range(key, end, mvcc.RangeOptions{})
	return len(res.KVs), err
}

func (o oursBench) compact(rev int64) error {
	err := o.s.Compact(rev)
	for done := false; !done && err == nil; {
		done, err = o.s.CompactStep(0)
	}
	return err
}

func (o oursBench) close(tb failer) { tb.Helper(); check(tb, o.s.Backend().Close()) }

// etcdBench is etcd's store; it reads as a server does, in a concurrent read transaction.
type etcdBench struct{ *etcdStore }

func (e etcdBench) put(key, value []byte) { e.txn([][]byte{key}, value) }

func (e etcdBench) txn(keys [][]byte, value []byte) {
	txn := e.write()
	for _, key := range keys {
		txn.Put(key, value, 0)
	}
	txn.End()
}

func (e etcdBench) commit() error { e.kv.Commit(); return nil }

func (e etcdBench) count(key, end []byte) (int, error) {
	txn := e.kv.Read(etcdmvcc.ConcurrentReadTxMode, traceutil.TODO())
	defer txn.End()
	res, err := txn.Range(context.Background(), key, end, etcdmvcc.RangeOptions{WithTotalCount: true})
	if err != nil {
		return 0, err
	}
	return len(res.KVs), nil
}

// newBenchStore makes an empty store in a new directory under dir.
func newBenchStore(tb failer, impl, dir string) benchStore {
	tb.Helper()
	dir = runDir(tb, dir)
	switch impl {
	case "etcd":
		return etcdBench{openEtcdStoreWith(filepath.Join(dir, "db"), etcdmvcc.StoreConfig{})}
	case "etcd-awake":
		return etcdBench{openEtcdStore(filepath.Join(dir, "db"))}
	}
	return oursBench{newOurStore(tb, dir)}
}

func benchKey(i int) []byte { return fmt.Appendf(nil, "key/%012d", i) }

// fill puts n keys and commits.
func fill(tb failer, s benchStore, n int) {
	tb.Helper()
	for i := range n {
		s.put(benchKey(i), payload256[:64])
		if i%commitEvery == commitEvery-1 {
			check(tb, s.commit())
		}
	}
	check(tb, s.commit())
}

// BenchmarkMVCCPut is one put of 64 bytes in a transaction of its own, and a thousandth of a commit.
func BenchmarkMVCCPut(b *testing.B) {
	keys := make([][]byte, benchKeys)
	for i := range keys {
		keys[i] = benchKey(i)
	}
	for _, impl := range impls {
		b.Run("impl="+impl, func(b *testing.B) {
			dir := b.TempDir()
			s := newBenchStore(b, impl, dir)
			puts := 0
			clock := measure(b)
			for b.Loop() {
				if puts == storeBound {
					clock.pause()
					s.close(b)
					s, puts = newBenchStore(b, impl, dir), 0
					clock.resume()
				}
				s.put(keys[puts%benchKeys], payload256[:64])
				if puts++; puts%commitEvery == 0 {
					check(b, s.commit())
				}
			}
			clock.report()
			s.close(b)
		})
	}
}

// BenchmarkMVCCTxn is a transaction of 100 puts, and a tenth of a commit.
func BenchmarkMVCCTxn(b *testing.B) {
	const size = 100
	keys := make([][]byte, benchKeys)
	for i := range keys {
		keys[i] = benchKey(i)
	}
	for _, impl := range impls {
		b.Run("impl="+impl, func(b *testing.B) {
			dir := b.TempDir()
			s, puts := newBenchStore(b, impl, dir), 0
			clock := measure(b)
			for b.Loop() {
				if puts == storeBound {
					clock.pause()
					s.close(b)
					s, puts = newBenchStore(b, impl, dir), 0
					clock.resume()
				}
				first := puts % benchKeys
				s.txn(keys[first:first+size], payload256[:64])
				if puts += size; puts%commitEvery == 0 {
					check(b, s.commit())
				}
			}
			clock.report()
			s.close(b)
		})
	}
}

// BenchmarkMVCCRange reads keys that are all in the file, out of 10,000. They were put in their own order, so that
// their rows stand side by side, or in a mixed one.
func BenchmarkMVCCRange(b *testing.B) {
	for _, test := range []struct {
		n      int
		order  string
		stride int
	}{{1, "own", 1}, {1000, "own", 1}, {1000, "mixed", 7919}} {
		for _, impl := range impls {
			b.Run(fmt.Sprintf("n=%d/order=%s/impl=%s", test.n, test.order, impl), func(b *testing.B) {
				s := newBenchStore(b, impl, b.TempDir())
				for i := range benchKeys {
					s.put(benchKey(i*test.stride%benchKeys), payload256[:64])
				}
				check(b, s.commit())
				key, end := benchKey(4000), benchKey(4000+test.n)
				if test.n == 1 {
					end = nil
				}
				clock := measure(b)
				for b.Loop() {
					if got, err := s.count(key, end); got != test.n || err != nil {
						b.Fatalf("%d keys, %v", got, err)
					}
				}
				clock.report()
				s.close(b)
			})
		}
	}
}

// BenchmarkMVCCCompact drops all but the newest of 100 versions of 1,000 keys, in batches of 1,000 rows and with a
// commit for each. etcd sleeps 10 ms after each batch; "etcd-awake" is etcd without that.
func BenchmarkMVCCCompact(b *testing.B) {
	const keys, versions = 1000, 100
	for _, impl := range append(impls, "etcd-awake") {
		b.Run("impl="+impl, func(b *testing.B) {
			dir := b.TempDir()
			clock := measure(b)
			for b.Loop() {
				clock.pause()
				s := newBenchStore(b, impl, dir)
				for range versions {
					fill(b, s, keys)
				}
				clock.resume()
				check(b, s.compact(keys*versions))
				clock.pause()
				s.close(b)
				clock.resume()
			}
			clock.report()
		})
	}
}

// BenchmarkMVCCRestore builds the index of 100,000 keys out of a file that is open already, as a member does when it
// starts.
func BenchmarkMVCCRestore(b *testing.B) {
	const keys = 100_000
	dir := b.TempDir()
	written := etcdBench{openEtcdStore(filepath.Join(dir, "db"))}
	fill(b, written, keys)
	written.close(b)
	ours, err := mvcc.OpenFile(dir, written.path)
	check(b, err)
	theirs := openEtcdBackend(written.path)
	restore := map[string]func() int64{
		"etcdscope": func() int64 {
			s, err := mvcc.Open(ours)
			check(b, err)
			return s.Revision()
		},
		"etcd": func() int64 { return restoreEtcd(b, theirs) },
	}
	for _, impl := range impls {
		b.Run("impl="+impl, func(b *testing.B) {
			clock := measure(b)
			for b.Loop() {
				if rev := restore[impl](); rev != keys+1 {
					b.Fatalf("restored up to revision %d", rev)
				}
			}
			clock.report()
		})
	}
	check(b, ours.Close())
	check(b, theirs.Close())
}

func restoreEtcd(tb failer, b backend.Backend) int64 {
	tb.Helper()
	s := etcdmvcc.NewStore(silent, b, noLeases, etcdmvcc.StoreConfig{})
	defer func() { check(tb, s.Close()) }()
	return s.Rev()
}

// BenchmarkWatchNotify is a put that all watchers wait for, until each has taken its event. With etcd every watcher
// has a stream, as clients have; the put itself is in both figures, as etcd notifies inside the transaction's end.
func BenchmarkWatchNotify(b *testing.B) {
	for _, watchers := range []int{1, 100, 1000} {
		for _, impl := range impls {
			b.Run(fmt.Sprintf("watchers=%d/impl=%s", watchers, impl), func(b *testing.B) {
				dir := b.TempDir()
				bench := newWatchBench[impl](b, dir, watchers)
				puts := 0
				clock := measure(b)
				for b.Loop() {
					if puts == storeBound {
						clock.pause()
						bench.stop()
						bench, puts = newWatchBench[impl](b, dir, watchers), 0
						clock.resume()
					}
					if got := bench.putAndTake(); got != watchers {
						b.Fatalf("%d events", got)
					}
					if puts++; puts%commitEvery == 0 {
						check(b, bench.commit())
					}
				}
				clock.report()
				bench.stop()
			})
		}
	}
}

// watchBench is a store with watchers on one key.
type watchBench struct {
	putAndTake func() (events int)
	commit     func() error
	stop       func()
}

var newWatchBench = map[string]func(tb failer, dir string, watchers int) watchBench{
	"etcdscope": func(tb failer, dir string, watchers int) watchBench {
		s := newOurStore(tb, dir)
		hub := watch.New(s, watch.Config{})
		var ids []watch.ID
		for range watchers {
			ids = append(ids, hub.Watch(benchKey(0), nil, 0, false))
		}
		put := func() (events int) {
			txn := s.Write()
			txn.Put(benchKey(0), payload256[:64], 0, false)
			changes := txn.End()
			hub.Notify(s.Revision(), changes)
			for _, id := range ids {
				for _, r := range hub.Take(id) {
					events += len(r.Events)
				}
			}
			return events
		}
		return watchBench{put, s.Commit, func() { check(tb, s.Backend().Close()) }}
	},
	"etcd": func(tb failer, dir string, watchers int) watchBench {
		b := openEtcdBackend(filepath.Join(runDir(tb, dir), "db"))
		kv := etcdmvcc.New(silent, b, noLeases, etcdmvcc.StoreConfig{})
		var streams []etcdmvcc.WatchStream
		for range watchers {
			stream := kv.NewWatchStream()
			_, err := stream.Watch(context.Background(), 0, benchKey(0), nil, 0)
			check(tb, err)
			streams = append(streams, stream)
		}
		put := func() (events int) {
			txn := kv.Write(traceutil.TODO())
			txn.Put(benchKey(0), payload256[:64], 0)
			txn.End()
			for _, stream := range streams {
				events += len((<-stream.Chan()).Events)
			}
			return events
		}
		commit := func() error { kv.Commit(); return nil }
		return watchBench{put, commit, func() {
			for _, stream := range streams {
				stream.Close()
			}
			check(tb, kv.Close())
			check(tb, b.Close())
		}}
	},
}

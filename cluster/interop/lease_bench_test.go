package interop

import (
	"fmt"
	"path/filepath"
	"reflect"
	"testing"
	"time"
	"unsafe"

	"github.com/coreos/go-semver/semver"
	etcdlease "go.etcd.io/etcd/server/v3/lease"
	"go.etcd.io/etcd/server/v3/storage/backend"
	etcdmvcc "go.etcd.io/etcd/server/v3/storage/mvcc"

	"etcdscope/mvcc"
	"etcdscope/mvcc/lease"
)

const (
	benchLeases = 10_000
	leaseTTL    = 60 // seconds: too short for checkpoints on either side
)

// benchLessor is a member's leases over its store, as a leader has them: it counts time, and grants and revokes reach
// the file with the next commit. put attaches a key.
type benchLessor interface {
	grant(id, ttl int64) error
	renew(id int64) error
	put(key []byte, id int64)
	revoke(id int64) error
	expired(limit int) (found, sum int64) // how many leases were found at once, and the sum of their IDs
	commit() error
	close(tb failer)
}

func newBenchLessor(tb failer, impl, dir string) benchLessor {
	tb.Helper()
	dir = runDir(tb, dir)
	if impl == "etcd" {
		return newEtcdLessor(filepath.Join(dir, "db"))
	}
	r := lease.New(lease.Config{})
	r.Promote(0, 0)
	return &oursLessor{r: r, s: newOurStore(tb, dir)}
}

// oursLessor does what a member does beside the lessor: rows go into the store's buffer, keys follow their puts. Its
// time is virtual and goes on by a second with every round that looks for expired leases.
type oursLessor struct {
	r   *lease.Lessor
	s   *mvcc.Store
	now lease.Time
}

func (o *oursLessor) row(row lease.Row) { o.s.SetRow(mvcc.BucketLease, string(row.Key), row.Value) }

func (o *oursLessor) grant(id, ttl int64) error {
	_, row, err := o.r.Grant(lease.ID(id), ttl, o.now)
	if err == nil {
		o.row(row)
	}
	return err
}

func (o *oursLessor) renew(id int64) error {
	_, _, err := o.r.Renew(lease.ID(id), o.now)
	return err
}

func (o *oursLessor) put(key []byte, id int64) {
	txn := o.s.Write()
	txn.Put(key, key, id, false)
	txn.End()
	o.r.Assign(string(key), lease.ID(id))
}

func (o *oursLessor) revoke(id int64) error {
	keys, row, err := o.r.Revoke(lease.ID(id))
	if err != nil {
		return err
	}
	txn := o.s.Write()
	for _, key := range keys {
		txn.DeleteRange([]byte(key), nil, false)
	}
	txn.End()
	o.s.DeleteRow(mvcc.BucketLease, string(row.Key))
	return nil
}

func (o *oursLessor) expired(limit int) (found, sum int64) {
	o.now++
	for _, id := range o.r.Expired(o.now, limit) {
		found, sum = found+1, sum+int64(id)
	}
	return found, sum
}

func (o *oursLessor) commit() error   { return o.s.Commit() }
func (o *oursLessor) close(tb failer) { tb.Helper(); check(tb, o.s.Backend().Close()) }

// etcdLessor is etcd's lessor over its store. Its loop is stopped, as the benchmark does what the loop would: a lease
// that was found expired may be found again at once.
type etcdLessor struct {
	lessor etcdlease.Lessor
	b      backend.Backend
	kv     etcdmvcc.KV
}

func newEtcdLessor(path string) *etcdLessor {
	b := openEtcdBackend(path)
	l := etcdlease.NewLessor(silent, b, cluster37{}, etcdlease.LessorConfig{ExpiredLeasesRetryInterval: time.Nanosecond})
	e := &etcdLessor{l, b, etcdmvcc.NewStore(silent, b, l, etcdmvcc.StoreConfig{})}
	l.Stop()
	l.Promote(0)
	return e
}

// cluster37 is a cluster that has been updated whole.
type cluster37 struct{}

func (cluster37) Version() *semver.Version { return semver.New("3.7.0") }

func (e *etcdLessor) grant(id, ttl int64) error {
	_, err := e.lessor.Grant(etcdlease.LeaseID(id), ttl)
	return err
}

func (e *etcdLessor) renew(id int64) error {
	_, err := e.lessor.Renew(etcdlease.LeaseID(id))
	return err
}

func (e *etcdLessor) put(key []byte, id int64) { e.kv.Put(key, key, etcdlease.LeaseID(id)) }
func (e *etcdLessor) revoke(id int64) error    { return e.lessor.Revoke(etcdlease.LeaseID(id)) }
func (e *etcdLessor) commit() error            { e.kv.Commit(); return nil }

func (e *etcdLessor) expired(limit int) (found, sum int64) {
	for _, l := range findExpiredLeases(reflect.ValueOf(e.lessor).UnsafePointer(), limit) {
		found, sum = found+1, sum+int64(l.ID)
	}
	return found, sum
}

func (e *etcdLessor) close(tb failer) {
	tb.Helper()
	check(tb, e.kv.Close())
	check(tb, e.b.Close())
}

// findExpiredLeases is what etcd's loop calls every 500 ms; nothing that is exported comes near it.
//
//go:linkname findExpiredLeases go.etcd.io/etcd/server/v3/lease.(*lessor).findExpiredLeases
func findExpiredLeases(lessor unsafe.Pointer, limit int) []*etcdlease.Lease

// BenchmarkLeaseGrant is a lease granted by the leader, its row in the buffer, and a thousandth of a commit.
func BenchmarkLeaseGrant(b *testing.B) {
	for _, impl := range impls {
		b.Run("impl="+impl, func(b *testing.B) {
			dir := b.TempDir()
			l, id := newBenchLessor(b, impl, dir), int64(0)
			clock := measure(b)
			for b.Loop() {
				if id == 10*benchLeases {
					clock.pause()
					l.close(b)
					l, id = newBenchLessor(b, impl, dir), 0
					clock.resume()
				}
				id++
				check(b, l.grant(id, leaseTTL))
				if id%commitEvery == 0 {
					check(b, l.commit())
				}
			}
			clock.report()
			l.close(b)
		})
	}
}

// BenchmarkLeaseRenew is a keep-alive at the leader, of one lease after the other.
func BenchmarkLeaseRenew(b *testing.B) {
	for _, impl := range impls {
		b.Run("impl="+impl, func(b *testing.B) {
			l := newBenchLessor(b, impl, b.TempDir())
			for id := range int64(benchLeases) {
				check(b, l.grant(id+1, leaseTTL))
			}
			id := int64(0)
			clock := measure(b)
			for b.Loop() {
				check(b, l.renew(id+1))
				id = (id + 1) % benchLeases
			}
			clock.report()
			l.close(b)
		})
	}
}

// BenchmarkLeaseExpiry finds 10,000 leases that have run out, 500 at once as etcd does; each is to be looked at again
// later. etcd sleeps 500 ms between two rounds, which is not measured.
func BenchmarkLeaseExpiry(b *testing.B) {
	const round = lease.RevokeBatch
	for _, impl := range impls {
		b.Run("impl="+impl, func(b *testing.B) {
			l := newBenchLessor(b, impl, b.TempDir())
			for id := range int64(benchLeases) {
				check(b, l.grant(id+1, -1))
			}
			clock := measure(b)
			for b.Loop() {
				if o, ours := l.(*oursLessor); ours {
					o.now += 4_000_000 // past the three seconds until a lease is found again
				}
				found, sum := int64(0), int64(0)
				for range benchLeases / round {
					f, s := l.expired(round)
					found, sum = found+f, sum+s
				}
				if found != benchLeases || sum != benchLeases*(benchLeases+1)/2 {
					b.Fatalf("found %d leases whose IDs sum to %d, want each of %d once", found, sum, benchLeases)
				}
			}
			clock.report()
			l.close(b)
		})
	}
}

// BenchmarkLeaseRevoke revokes a lease with one key. The store of etcd commits the file with each, since its buffer can
// hold no deletes of rows. Ours can; commit=each does as etcd does, and commit=1000 commits a thousand at once.
func BenchmarkLeaseRevoke(b *testing.B) {
	for _, every := range []int64{1, commitEvery} {
		for _, impl := range impls {
			b.Run(fmt.Sprintf("commit=%d/impl=%s", every, impl), func(b *testing.B) {
				l, next, last := newBenchLessor(b, impl, b.TempDir()), int64(0), int64(0)
				clock := measure(b)
				for b.Loop() {
					if next == last {
						clock.pause()
						last += commitEvery
						for id := next + 1; id <= last; id++ {
							check(b, l.grant(id, leaseTTL))
							l.put(benchKey(int(id)), id)
						}
						check(b, l.commit())
						clock.resume()
					}
					next++
					check(b, l.revoke(next))
					if next%every == 0 {
						check(b, l.commit())
					}
				}
				clock.report()
				l.close(b)
			})
		}
	}
}

package interop

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/etcd/api/v3/mvccpb"
	"go.etcd.io/etcd/pkg/v3/traceutil"
	"go.etcd.io/etcd/server/v3/lease"
	"go.etcd.io/etcd/server/v3/storage/backend"
	etcdmvcc "go.etcd.io/etcd/server/v3/storage/mvcc"

	"etcdscope/mvcc"
)

// etcdStore is etcd's key space over a real backend that commits only when it is told to.
type etcdStore struct {
	path    string
	backend backend.Backend
	kv      etcdmvcc.KV
}

// noLeases lets keys name leases that nobody has granted, as our store does: leases are not its business.
var noLeases = &lease.FakeLessor{LeaseSet: map[lease.LeaseID]struct{}{}}

// openEtcdStore opens or makes the file at path. Nothing is synced: the tests do not cut the power. Compactions do not
// sleep.
func openEtcdStore(path string) *etcdStore {
	return openEtcdStoreWith(path, etcdmvcc.StoreConfig{CompactionSleepInterval: time.Nanosecond})
}

func openEtcdStoreWith(path string, c etcdmvcc.StoreConfig) *etcdStore {
	b := openEtcdBackend(path)
	return &etcdStore{path: path, backend: b, kv: etcdmvcc.NewStore(silent, b, noLeases, c)}
}

func openEtcdBackend(path string) backend.Backend {
	c := backend.DefaultBackendConfig(silent)
	c.Path, c.UnsafeNoFsync, c.BatchInterval, c.MmapSize = path, true, time.Hour, 1<<26
	return backend.New(c)
}

// close commits what is pending, as a server that is stopped does.
func (s *etcdStore) close(tb failer) {
	tb.Helper()
	check(tb, s.kv.Close())
	check(tb, s.backend.Close())
}

// crash opens the file as it stands, without what is pending.
func (s *etcdStore) crash(tb failer, path string) *etcdStore {
	tb.Helper()
	data, err := os.ReadFile(s.path)
	check(tb, err)
	s.close(tb)
	check(tb, os.WriteFile(path, data, 0o600))
	return openEtcdStore(path)
}

// restart closes and opens.
func (s *etcdStore) restart(tb failer) *etcdStore {
	tb.Helper()
	s.close(tb)
	return openEtcdStore(s.path)
}

// write begins a transaction.
func (s *etcdStore) write() etcdmvcc.TxnWrite { return s.kv.Write(traceutil.TODO()) }

// compact drops what is superseded at rev, and waits until it is gone.
func (s *etcdStore) compact(rev int64) error {
	done, err := s.kv.Compact(traceutil.TODO(), rev)
	if err == nil {
		<-done
	}
	return err
}

// ranger is a store or a transaction of etcd's.
type ranger interface {
	Range(ctx context.Context, key, end []byte, ro etcdmvcc.RangeOptions) (*etcdmvcc.RangeResult, error)
}

// rangeEtcd answers as our Range does. etcd computes More above its store (server/etcdserver/txn), out of the same
// numbers.
func rangeEtcd(r ranger, key, end []byte, o mvcc.RangeOptions) (mvcc.RangeResult, error) {
	res, err := r.Range(context.Background(), key, end, etcdmvcc.RangeOptions{
		Rev: o.Rev, Limit: o.Limit, CountOnly: o.CountOnly, FastKeysOnly: o.KeysOnly, WithTotalCount: true,
	})
	if err != nil {
		return mvcc.RangeResult{}, errors.Join(err, sameError[err])
	}
	out := mvcc.RangeResult{Count: int64(res.Count), Rev: res.Rev}
	for _, kv := range res.KVs {
		out.KVs = append(out.KVs, fromKeyValue(kv))
	}
	out.More = !o.CountOnly && len(out.KVs) < res.Count
	return out, nil
}

// sameError is our name of etcd's errors.
var sameError = map[error]error{
	etcdmvcc.ErrCompacted: mvcc.ErrCompacted,
	etcdmvcc.ErrFutureRev: mvcc.ErrFutureRev,
}

func fromKeyValue(kv *mvccpb.KeyValue) mvcc.KeyValue {
	return mvcc.KeyValue{
		Key: kv.Key, Value: kv.Value, CreateRevision: kv.CreateRevision, ModRevision: kv.ModRevision,
		Version: kv.Version, Lease: kv.Lease,
	}
}

// saveOurs writes the file of a store of ours, as of its last commit.
func saveOurs(tb failer, s *mvcc.Store, path string) {
	tb.Helper()
	f, err := os.Create(filepath.Clean(path))
	check(tb, err)
	_, err = s.Backend().WriteTo(f)
	check(tb, errors.Join(err, f.Close()))
}

// openOurStore opens a copy of a file; the copy lives in dir.
func openOurStore(tb failer, dir, path string) *mvcc.Store {
	tb.Helper()
	b, err := mvcc.OpenFile(dir, path)
	check(tb, err)
	s, err := mvcc.Open(b)
	check(tb, err)
	return s
}

// newOurStore makes an empty store whose file lives in dir.
func newOurStore(tb failer, dir string) *mvcc.Store {
	tb.Helper()
	b, err := mvcc.NewBackend(dir)
	check(tb, err)
	s, err := mvcc.Open(b)
	check(tb, err)
	return s
}

package interop

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/coreos/go-semver/semver"
	bolt "go.etcd.io/bbolt"
	"go.etcd.io/etcd/etcdutl/v3/snapshot"
	"go.etcd.io/etcd/server/v3/lease"
	"go.etcd.io/etcd/server/v3/storage/backend"
	"go.etcd.io/etcd/server/v3/storage/schema"

	"etcdscope/mvcc"
	"etcdscope/raft/wal"
)

// compareAll reads every key at every revision from both stores, and hashes each revision.
func compareAll(t failer, ours *mvcc.Store, etcd *etcdStore) (read int) {
	t.Helper()
	if ours.Revision() != etcd.kv.Rev() {
		t.Fatalf("ours is at revision %d, etcd at %d", ours.Revision(), etcd.kv.Rev())
	}
	for rev := max(ours.CompactRevision(), 1); rev <= ours.Revision(); rev++ {
		o := mvcc.RangeOptions{Rev: rev}
		got, gotErr := ours.Range([]byte{}, []byte{}, o)
		want, wantErr := rangeEtcd(etcd.kv, []byte{}, []byte{}, o)
		if !sameAnswer(got, gotErr, want, wantErr) {
			t.Fatalf("revision %d:\nours %+v, %v\netcd %+v, %v", rev, got, gotErr, want, wantErr)
		}
		read += len(got.KVs)
	}
	for rev := ours.CompactRevision() - 1; rev <= ours.Revision()+1; rev++ {
		compareHash(t, ours, etcd, max(rev, 0))
	}
	return read
}

// checkFile lets bbolt look for pages that are lost, used twice or out of order.
func checkFile(t failer, path string) {
	t.Helper()
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true})
	check(t, err)
	check(t, db.View(func(tx *bolt.Tx) error {
		var all error
		for err := range tx.Check() {
			all = errors.Join(all, err)
		}
		return all
	}))
	check(t, db.Close())
}

// status is what etcdutl snapshot status says; the size depends on how pages were allocated.
func status(t failer, path string) snapshot.Status {
	t.Helper()
	s, err := snapshot.NewV3(silent).Status(path)
	check(t, err)
	s.TotalSize = 0
	return s
}

// makeSchema makes etcd's buckets and the rows that a server keeps in its meta bucket.
func makeSchema(b backend.Backend, index, term uint64) {
	tx := b.BatchTx()
	tx.LockOutsideApply()
	defer tx.Unlock()
	for _, bucket := range schema.AllBuckets {
		tx.UnsafeCreateBucket(bucket)
	}
	schema.UnsafeSetStorageVersion(tx, semver.New("3.7.0"))
	schema.UnsafeUpdateConsistentIndexForce(tx, index, term)
}

// TestBackendFile: a file of ours passes bbolt's check, etcd's schema code finds its rows, and etcdutl's and etcd's
// hashes of the whole file are those of a file that etcd wrote with the same contents.
func TestBackendFile(t *testing.T) {
	dir := t.TempDir()
	ours, etcd := newOurStore(t, dir), openEtcdStore(filepath.Join(dir, "etcd"))
	for i := range 2000 {
		key, value := fmt.Append(nil, "key", i*7%300), bytes.Repeat([]byte{byte(i)}, i%50)
		a, b := ours.Write(), etcd.write()
		if i%11 == 3 {
			a.DeleteRange(key, nil, false)
			b.DeleteRange(key, nil)
		} else {
			a.Put(key, value, int64(i%2), false)
			b.Put(key, value, lease.LeaseID(i%2))
		}
		a.End()
		b.End()
		ours.SetConsistentIndex(uint64(i+4), 3)
		if i%100 == 0 {
			check(t, ours.Commit())
		}
	}
	check(t, ours.Commit())
	makeSchema(etcd.backend, 2003, 3)
	path := filepath.Join(dir, "ours")
	saveOurs(t, ours, path)
	checkFile(t, path)
	if compareAll(t, ours, etcd) == 0 {
		t.Error("nothing was read")
	}
	etcd.close(t)
	if a, b := status(t, path), status(t, etcd.path); a != b || a.TotalKey == 0 || a.Version != "3.7.0" {
		t.Errorf("etcdutl snapshot status: ours %+v, etcd %+v", a, b)
	}
	a, b := openEtcdBackend(path), openEtcdBackend(etcd.path)
	if index, term := schema.ReadConsistentIndex(a.ReadTx()); index != 2003 || term != 3 {
		t.Errorf("etcd reads consistent index %d, term %d", index, term)
	}
	check(t, schema.Validate(silent, a.ReadTx()))
	hashA, err := a.Hash(schema.DefaultIgnores)
	check(t, err)
	hashB, err := b.Hash(schema.DefaultIgnores)
	check(t, err)
	if hashA != hashB {
		t.Errorf("etcd's hash of the whole file: %d of ours, %d of etcd's", hashA, hashB)
	}
	check(t, errors.Join(a.Close(), b.Close(), ours.Backend().Close()))
}

// TestRealDataDirectories: data directories of real members, opened by both.
func TestRealDataDirectories(t *testing.T) {
	for _, a := range archives {
		t.Run(a.file, func(t *testing.T) {
			dir := archived(t, a.file, a.root)
			d, err := wal.OpenDir(walOf(dir))
			check(t, err)
			_, ours := openOurs(t, d, wal.Options{})
			check(t, d.Close())
			w, etcd := openEtcd(walOf(dir))
			if w == nil || ours.class != whole || !ours.sameContent(etcd) {
				t.Fatalf("WAL: ours %v\netcd %v", ours, etcd)
			}
			check(t, w.Close())
			store := openOurStore(t, t.TempDir(), dbOf(dir))
			real := openEtcdStore(dbOf(dir))
			read := compareAll(t, store, real)
			t.Logf("%d entries, %d revisions, %d keys read", len(ours.entries), store.Revision(), read)
			real.close(t)
			check(t, store.Backend().Close())
		})
	}
}

// unpack extracts an archive, with holes where a file is zero.
func unpack(t *testing.T, archive, dir string) {
	t.Helper()
	f, err := os.Open(filepath.Clean(archive))
	check(t, err)
	defer f.Close()
	zr, err := gzip.NewReader(f)
	check(t, err)
	for tr := tar.NewReader(zr); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		check(t, err)
		if h.Typeflag != tar.TypeReg {
			continue
		}
		path := filepath.Join(dir, filepath.Clean("/"+h.Name))
		check(t, os.MkdirAll(filepath.Dir(path), 0o700))
		extract(t, tr, path, h.Size)
	}
}

func extract(t *testing.T, r io.Reader, path string, size int64) {
	t.Helper()
	out, err := os.Create(filepath.Clean(path))
	check(t, err)
	check(t, out.Truncate(size))
	block := make([]byte, 64<<10)
	for off := int64(0); off < size; {
		n, err := io.ReadFull(r, block[:min(int64(len(block)), size-off)])
		check(t, err)
		if len(bytes.TrimRight(block[:n], "\x00")) > 0 {
			_, err = out.WriteAt(block[:n], off)
			check(t, err)
		}
		off += int64(n)
	}
	check(t, out.Close())
}

package interop

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/etcdutl/v3/snapshot"
	"google.golang.org/protobuf/proto"

	"etcdscope/mvcc"
	"etcdscope/raft"
	"etcdscope/raft/wal"
)

// follower applies a log to a store of ours, as a member of etcd's cluster would.
type follower struct {
	t      *testing.T
	store  *mvcc.Store
	leases map[int64]bool
}

// apply carries out one entry. What is refused was refused there too, and what is about users changes no key: of all
// writes in the log that name a user, none was denied.
func (f *follower) apply(e *raft.Entry) {
	f.t.Helper()
	var r pb.InternalRaftRequest
	if e.Type != raft.EntryNormal || len(e.Data) == 0 {
		return
	}
	check(f.t, proto.Unmarshal(e.Data, &r))
	switch {
	case r.Put != nil:
		f.one(&pb.RequestOp{Request: &pb.RequestOp_RequestPut{RequestPut: r.Put}})
	case r.DeleteRange != nil:
		f.one(&pb.RequestOp{Request: &pb.RequestOp_RequestDeleteRange{RequestDeleteRange: r.DeleteRange}})
	case r.Txn != nil:
		f.txn(r.Txn)
	case r.LeaseGrant != nil:
		f.leases[r.LeaseGrant.ID] = true
	case r.LeaseRevoke != nil:
		f.revoke(r.LeaseRevoke.ID)
	case r.Compaction != nil:
		_ = f.store.Compact(r.Compaction.Revision) // the log asks for one revision twice, and for one of the future
		for f.store.Compacting() {
			_, err := f.store.CompactStep(0)
			check(f.t, err)
		}
	}
}

// one does a single operation as a transaction of its own.
func (f *follower) one(op *pb.RequestOp) { f.txn(&pb.TxnRequest{Success: []*pb.RequestOp{op}}) }

func (f *follower) txn(r *pb.TxnRequest) {
	_, _, _ = f.store.Apply(fromTxn(r), func(id int64) bool { return f.leases[id] })
}

// revoke deletes the keys of a lease in one revision.
func (f *follower) revoke(id int64) {
	f.t.Helper()
	all, err := f.store.Range([]byte{}, []byte{}, mvcc.RangeOptions{})
	check(f.t, err)
	delete(f.leases, id)
	w := f.store.Write()
	for _, kv := range all.KVs {
		if kv.Lease == id {
			w.DeleteRange(kv.Key, nil, false)
		}
	}
	w.End()
}

// TestGoldenHashes applies the log of a real member to an empty store of ours, entry by entry. At the moments at which
// etcd's tools printed a hash, ours has the same.
func TestGoldenHashes(t *testing.T) {
	d, err := wal.OpenDir(walOf(archived(t, "single-v3.7.3.tar.gz", "single")))
	check(t, err)
	l := readLog(t, d, 0)
	check(t, d.Close())
	f := follower{t, newOurStore(t, t.TempDir()), map[int64]bool{}}
	index := 0
	upTo := func(n int) {
		for ; index < n; index++ {
			f.apply(&l.entries[index])
		}
	}
	upTo(9) // nobody has written
	f.sameHash("s-endpoint-hashkv-fresh-json.txt")
	upTo(68) // before the first compaction
	f.sameHash("s-endpoint-hashkv-json.txt", "s-endpoint-hashkv-rev.txt")
	upTo(72) // behind the second
	f.sameHash("s-utl-hashkv-json.txt")
	upTo(len(l.entries))
	got, err := f.store.HashByRev(0)
	check(t, err)
	if want := (mvcc.RevisionHash{Hash: 2838967082, Revision: 54, CompactRevision: 15}); got != want { // d-utl-hashkv.txt
		t.Errorf("at the end of the log: %+v, etcd has %+v", got, want)
	}
	check(t, f.store.Backend().Close())
}

// printedHash is a hash as etcdctl and etcdutl print it.
type printedHash struct {
	Hash     uint32 `json:"hash"`
	Revision int64  `json:"hash_revision"`
	Compact  int64  `json:"compact_revision"`
}

// sameHash compares with outputs that were kept.
func (f *follower) sameHash(files ...string) {
	f.t.Helper()
	for _, file := range files {
		want := readHash(f.t, file)
		hash, compacted, err := f.store.HashKV(want.Revision)
		check(f.t, err)
		if got := (printedHash{hash, want.Revision, compacted}); got != want {
			f.t.Errorf("%s: ours %+v, etcd %+v", file, got, want)
		}
	}
}

func readHash(t *testing.T, file string) (h printedHash) {
	t.Helper()
	text := kept(t, file)
	if strings.HasPrefix(text, "[") { // of endpoints
		var all []struct{ HashKV printedHash }
		check(t, json.Unmarshal([]byte(text), &all))
		return all[0].HashKV
	}
	var utl struct {
		Hash            uint32
		HashRevision    int64
		CompactRevision int64
	}
	check(t, json.Unmarshal([]byte(text), &utl))
	return printedHash{utl.Hash, utl.HashRevision, utl.CompactRevision}
}

// TestGoldenSnapshots: of snapshot files that real members saved, ours says what etcdutl said.
func TestGoldenSnapshots(t *testing.T) {
	readCopies(t, filepath.Join("..", "..", "mvcc", "testdata", "etcd-3.7.3-snapshot.db"))
	single := filepath.Join(filepath.Dir(archived(t, "single-v3.7.3.tar.gz", "single")), "single.snap")
	bare := withoutSum(t, single)
	sameText(t, "single.snap", statusText(t, bare), kept(t, "s-utl-snapshot-status-json.txt"))
	want := readHash(t, "s-utl-hashkv-json.txt")
	store := openOurStore(t, t.TempDir(), bare)
	got, err := store.HashByRev(0)
	check(t, err)
	if got != (mvcc.RevisionHash{Hash: want.Hash, Revision: want.Revision, CompactRevision: want.Compact}) {
		t.Errorf("single.snap: ours %+v, etcd %+v", got, want)
	}
	check(t, store.Backend().Close())
	readCopies(t, bare)
}

// withoutSum is a snapshot file without the checksum behind it: etcdutl hashkv has written to this one, so that the
// checksum is wrong, and both sides refuse to restore it.
func withoutSum(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Clean(path))
	check(t, err)
	if _, err := mvcc.OpenBytes(t.TempDir(), data); !errors.Is(err, mvcc.ErrDamaged) {
		t.Errorf("ours restores it: %v", err)
	}
	err = snapshot.NewV3(silent).Restore(snapshot.RestoreConfig{
		SnapshotPath: path, Name: "n1", OutputDataDir: filepath.Join(t.TempDir(), "restored"),
		PeerURLs: []string{"http://127.0.0.1:2380"}, InitialCluster: "n1=http://127.0.0.1:2380",
	})
	if err == nil || !strings.Contains(err.Error(), "expected sha256") {
		t.Errorf("etcdutl restores it: %v", err)
	}
	bare := filepath.Join(t.TempDir(), "bare.db")
	check(t, os.WriteFile(bare, data[:len(data)-sha256.Size], 0o600))
	return bare
}

// readCopies lets every tool read a db or snapshot file. Some write to what they read, and its checksum is wrong then.
func readCopies(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Clean(path))
	check(t, err)
	for _, read := range []func(*testing.T, string){checkDB, checkDumpDB} {
		again := filepath.Join(t.TempDir(), "db")
		check(t, os.WriteFile(again, data, 0o600))
		read(t, again)
	}
}

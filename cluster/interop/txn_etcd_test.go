package interop

import (
	"context"
	"errors"
	"testing"

	etcderrors "go.etcd.io/etcd/server/v3/etcdserver/errors"
	etcdtxn "go.etcd.io/etcd/server/v3/etcdserver/txn"
	"go.etcd.io/etcd/server/v3/lease"
	"pgregory.net/rapid"

	"etcdscope/mvcc"
)

// twoLeases are all leases that a put may name. Neither store is told of one: they only ask whether it exists.
var twoLeases = &lease.FakeLessor{LeaseSet: map[lease.LeaseID]struct{}{1: {}, 2: {}}}

func leaseExists(id int64) bool { return twoLeases.Lookup(lease.LeaseID(id)) != nil }

// sameRefusal says whether ours is our name of etcd's error, or both are nil.
func sameRefusal(ours, etcd error) bool {
	switch {
	case ours == nil || etcd == nil:
		return ours == nil && etcd == nil
	case errors.Is(etcd, etcderrors.ErrKeyNotFound):
		return errors.Is(ours, mvcc.ErrKeyNotFound)
	case errors.Is(etcd, lease.ErrLeaseNotFound):
		return errors.Is(ours, mvcc.ErrLeaseNotFound)
	}
	same, known := sameError[etcd]
	return known && errors.Is(ours, same)
}

// apply does one random transaction on both sides and says how it ended. What etcd's server refuses to propose never
// reaches its store, and is not done.
func (s *stores) apply(t *rapid.T) string {
	r := txnDrawer{t, s.ours.Revision()}.txn(2)
	if r.Validate(0) != nil {
		return "transaction not proposed"
	}
	want, _, wantErr := etcdtxn.Txn(context.Background(), silent, toTxn(r), true, s.etcd.kv, twoLeases, false)
	got, _, err := s.ours.Apply(r, leaseExists)
	if !sameRefusal(err, wantErr) {
		t.Fatalf("%v: ours %v, etcd %v", toTxn(r), err, wantErr)
	}
	if err != nil {
		return "transaction refused: " + err.Error()
	}
	var ours, etcd answer
	ours.ours(&got)
	etcd.etcd(want)
	if ours.String() != etcd.String() || got.Rev != want.Header.Revision {
		t.Fatalf("%v:\nours at %d\n%setcd at %d\n%s", toTxn(r), got.Rev, &ours, want.Header.Revision, &etcd)
	}
	return "transaction done"
}

// compactBoth compacts both stores, ours in small steps, and compares the hashes that this and earlier ones left.
func (s *stores) compactBoth(t *rapid.T) string {
	rev := rapid.Int64Range(0, s.ours.Revision()+1).Draw(t, "rev")
	wantErr := s.etcd.compact(rev)
	err := s.ours.Compact(rev)
	if !sameRefusal(err, wantErr) {
		t.Fatalf("compact %d: ours %v, etcd %v", rev, err, wantErr)
	}
	for s.ours.Compacting() {
		_, err := s.ours.CompactStep(3)
		check(t, err)
	}
	ours, etcd := s.ours.Hashes(), s.etcd.kv.HashStorage().Hashes()
	if len(ours) != len(etcd) {
		t.Fatalf("after compact %d: ours %+v, etcd %+v", rev, ours, etcd)
	}
	for i, h := range etcd {
		if ours[i] != mvcc.RevisionHash(h) {
			t.Fatalf("after compact %d, hash %d: ours %+v, etcd %+v", rev, i, ours[i], h)
		}
	}
	if err != nil {
		return "compaction refused: " + err.Error()
	}
	return "compaction done"
}

// hashByRev asks both what they answer to a member that looks for corruption: a hash that a compaction left differs
// from one that is computed afterwards, and so does the revision it began at.
func (s *stores) hashByRev(t *rapid.T) string {
	rev := rapid.Int64Range(max(0, s.ours.Revision()-10), s.ours.Revision()+1).Draw(t, "rev")
	compareHash(t, s.ours, s.etcd, rev)
	if _, err := s.ours.HashByRev(rev); err != nil {
		return "hash refused: " + err.Error()
	}
	return "hash equal"
}

// TestTxn: the same random transactions, nested and with all options of Range, end alike in etcd's txn package over
// its store and in our Apply: answers, refusals, revisions, and the hashes that compactions leave, whenever the stores
// are committed, restarted, compacted or go on with each other's file.
func TestTxn(t *testing.T) {
	const transactions = 200
	checks(t, 1000)
	dir := t.TempDir()
	between := []string{"commit", "restart", "swap", "compact", "compact", "hash", "hash", "hash", "hash"}
	for len(between) < 24 {
		between = append(between, "nothing")
	}
	seen := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		s := newStores(t, dir) // not closed by a failing run, as in TestMVCC
		for range transactions {
			seen[s.apply(t)]++
			switch step := rapid.SampledFrom(between).Draw(t, "between"); step {
			case "commit":
				s.commit(t)
			case "restart":
				s.restart(t)
			case "swap":
				s.swap(t)
			case "compact":
				seen[s.compactBoth(t)]++
			case "hash":
				seen[s.hashByRev(t)]++
			}
			if got, want := s.ours.Revision(), s.etcd.kv.Rev(); got != want {
				t.Fatalf("ours is at revision %d, etcd at %d", got, want)
			}
		}
		s.close(t)
	})
	report(t, seen)
}

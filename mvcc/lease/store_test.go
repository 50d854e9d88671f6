package lease_test

import (
	"fmt"
	"slices"
	"testing"

	"etcdscope/mvcc"
	"etcdscope/mvcc/lease"
)

// replica is a member's store and leases, joined as an apply loop joins them.
type replica struct {
	store  *mvcc.Store
	leases *lease.Lessor
	config lease.Config
	rules  mvcc.Rules
}

func newReplica(t *testing.T, c lease.Config, r mvcc.Rules) *replica {
	t.Helper()
	b, err := mvcc.NewBackend(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	m := &replica{config: c, rules: r}
	m.open(t, b)
	return m
}

// open starts a member on a file: leases from their rows, keys from the store.
func (m *replica) open(t *testing.T, b *mvcc.Backend) {
	t.Helper()
	var err error
	if m.store, err = mvcc.OpenWith(b, m.rules); err != nil {
		t.Fatal(err)
	}
	m.leases = lease.New(m.config)
	err = m.store.Rows(mvcc.BucketLease, func(k, v []byte) error {
		return m.leases.Restore(lease.Row{Key: k, Value: v})
	})
	if err != nil {
		t.Fatal(err)
	}
	err = m.store.Leased(func(key []byte, id int64) error {
		m.leases.Assign(string(key), lease.ID(id))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (m *replica) grant(t *testing.T, id lease.ID) {
	t.Helper()
	_, row, err := m.leases.Grant(id, 60, 0)
	if err != nil {
		t.Fatal(err)
	}
	m.store.SetRow(mvcc.BucketLease, string(row.Key), row.Value)
}

func (m *replica) follow(events []mvcc.Event) {
	for _, e := range events {
		m.leases.Assign(string(e.KV.Key), lease.ID(e.KV.Lease))
	}
}

func (m *replica) put(t *testing.T, key string, id lease.ID) {
	t.Helper()
	r := &mvcc.TxnRequest{Success: []mvcc.Op{{Put: &mvcc.PutOp{Key: []byte(key), Lease: int64(id)}}}}
	_, events, err := m.store.Apply(r, func(id int64) bool { return m.leases.Exists(lease.ID(id)) })
	if err != nil {
		t.Fatal(err)
	}
	m.follow(events)
}

// revoke deletes a lease and its keys as one revision.
func (m *replica) revoke(t *testing.T, id lease.ID) {
	t.Helper()
	keys, row, err := m.leases.Revoke(id)
	if err != nil {
		t.Fatal(err)
	}
	txn := m.store.Write()
	for _, key := range keys {
		txn.DeleteRange([]byte(key), nil, false)
	}
	m.store.DeleteRow(mvcc.BucketLease, string(row.Key))
	m.follow(txn.End())
}

// Mutation 50, L2: whatever a crash leaves of a revoke, no key has a lease that is not there.
func TestMutation50CrashInRevoke(t *testing.T) {
	for _, off := range []bool{false, true} {
		m := newReplica(t, lease.Config{}, mvcc.Rules{RowsApart: off})
		m.grant(t, 1)
		m.put(t, "a", 1)
		m.put(t, "b", 1)
		if err := m.store.Commit(); err != nil {
			t.Fatal(err)
		}
		m.revoke(t, 1)
		if _, err := m.store.CommitStep(); err != nil {
			t.Fatal(err)
		}
		m.open(t, m.store.Backend())
		var orphans []string
		err := m.store.Leased(func(key []byte, id int64) error {
			if !m.leases.Exists(lease.ID(id)) {
				orphans = append(orphans, string(key))
			}
			return nil
		})
		if err != nil || (len(orphans) > 0) != off {
			t.Errorf("rule off %v: keys without their lease %q, %v", off, orphans, err)
		}
	}
}

// Mutation 52, M3: members that revoke one lease hash alike.
func TestMutation52RevokeHashesAlike(t *testing.T) {
	for _, off := range []bool{false, true} {
		var hashes []uint32
		for member := range uint64(4) {
			c := lease.Config{Member: member, Rules: lease.Rules{UnsortedRevoke: off}}
			m := newReplica(t, c, mvcc.Rules{})
			m.grant(t, 1)
			for i := range 6 {
				m.put(t, fmt.Sprint("key", (i*5)%6), 1)
			}
			m.revoke(t, 1)
			if m.store.Revision() != 8 {
				t.Errorf("the revoke ends at revision %d, want 8", m.store.Revision())
			}
			hash, _, err := m.store.HashKV(0)
			if err != nil {
				t.Fatal(err)
			}
			hashes = append(hashes, hash)
		}
		if differ := len(slices.Compact(hashes)) > 1; differ != off {
			t.Errorf("rule off %v: hashes %v", off, hashes)
		}
	}
}

// A restart gives every lease its keys back: the ones of the last put, and none that were deleted.
func TestRestartAttachesKeys(t *testing.T) {
	m := newReplica(t, lease.Config{}, mvcc.Rules{})
	m.grant(t, 1)
	m.grant(t, 2)
	m.put(t, "a", 1)
	m.put(t, "b", 1)
	m.put(t, "b", 2)
	m.put(t, "c", 1)
	m.put(t, "c", 0)
	m.put(t, "d", 1)
	txn := m.store.Write()
	txn.DeleteRange([]byte("d"), nil, false)
	m.follow(txn.End())
	if err := m.store.Commit(); err != nil {
		t.Fatal(err)
	}
	before := m.leases.Hash()
	m.open(t, m.store.Backend())
	if got := fmt.Sprint(m.leases.Keys(1), m.leases.Keys(2)); got != "[a] [b]" || m.leases.Hash() != before {
		t.Errorf("the leases have keys %s, want [a] [b]", got)
	}
}

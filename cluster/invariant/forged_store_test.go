package invariant_test

import (
	"testing"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/mvcc"
	"etcdscope/mvcc/lease"
	"etcdscope/raft"
)

// leases gives a member leases with so many seconds, from 1 on; it counts them from time 0.
func (f *forger) leases(id raft.ID, ttls ...int64) *lease.Lessor {
	r := lease.New(lease.Config{})
	for i, ttl := range ttls {
		if _, _, err := r.Grant(lease.ID(i+1), ttl, 0); err != nil {
			f.t.Fatal(err)
		}
	}
	r.Promote(0, 0)
	f.holds(id, r)
	return r
}

func (f *forger) holds(id raft.ID, r *lease.Lessor) {
	v := *f.view.Members[id-1]
	v.Leases = r.View()
	v.Clock.Rate = cluster.TrueRate
	f.view.Members[id-1] = &v
}

// leasedKey gives a member's store a key with a lease.
func (f *forger) leasedKey(t *testing.T, id raft.ID, key string, of int64) {
	b, err := mvcc.NewBackend(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	s, err := mvcc.Open(b)
	if err != nil {
		t.Fatal(err)
	}
	txn := s.Write()
	txn.Put([]byte(key), []byte("v"), of, false)
	txn.End()
	v := *f.view.Members[id-1]
	v.Store = s.View()
	f.view.Members[id-1] = &v
}

// told lets a client be told at a time that lease 1 lives so many seconds.
func (f *forger) told(at clock.Time, seconds int64) {
	op := &cluster.Op{
		ID: cluster.OpID(len(f.view.Ops) + 1), Kind: cluster.LeaseKeepAlive, Spec: &cluster.OpSpec{},
		State: cluster.OpDone, Answer: cluster.Answer{Lease: &cluster.LeaseAnswer{ID: 1, TTL: seconds}},
	}
	f.view.Ops = append(f.view.Ops, op)
	f.happen(cluster.Event{Kind: cluster.ClientResponse, At: at, Op: op.ID, Note: "told"})
}

// second applies entry 2 on n1.
func (f *forger) second(e cluster.Event) {
	f.secondEntry()
	e.Kind, e.Member, e.Term, e.Index, e.Rev = cluster.Apply, 1, 1, 2, 2
	f.happen(e)
}

// ends is the end of lease 1.
func ends(at clock.Time) cluster.Event {
	return cluster.Event{At: at, Expires: true, Leases: []lease.ID{1}}
}

// storeForgeries break what must be true of the store and of leases; those that want nothing are honest.
var storeForgeries = []struct {
	name, want string
	forge      func(t *testing.T, f *forger)
}{
	{"equal keys", "", func(_ *testing.T, f *forger) {
		f.second(cluster.Event{Hash: 7})
		f.commit(2, 1, 2, 0)
		f.happen(cluster.Event{Kind: cluster.Apply, Member: 2, Term: 1, Index: 2, Rev: 2, Hash: 7})
	}},
	{"other keys at the same entry", "same_state", func(_ *testing.T, f *forger) {
		f.second(cluster.Event{Hash: 7})
		f.commit(2, 1, 2, 0)
		f.happen(cluster.Event{Kind: cluster.Apply, Member: 2, Term: 1, Index: 2, Rev: 2, Hash: 8})
	}},
	{"equal users", "", func(_ *testing.T, f *forger) {
		f.second(cluster.Event{Hash: 7, Auth: 1})
		f.commit(2, 1, 2, 0)
		f.happen(cluster.Event{Kind: cluster.Apply, Member: 2, Term: 1, Index: 2, Rev: 2, Hash: 7, Auth: 1})
	}},
	{"other users at the same entry", "same_state", func(_ *testing.T, f *forger) {
		f.second(cluster.Event{Hash: 7, Auth: 1})
		f.commit(2, 1, 2, 0)
		f.happen(cluster.Event{Kind: cluster.Apply, Member: 2, Term: 1, Index: 2, Rev: 2, Hash: 7, Auth: 2})
	}},
	{"a lease that lived its time", "", func(_ *testing.T, f *forger) {
		f.told(clock.Second, 2)
		f.second(ends(3 * clock.Second))
	}},
	{"a lease that ends early", "lease_lifetime", func(_ *testing.T, f *forger) {
		f.told(clock.Second, 2)
		f.second(ends(2 * clock.Second))
	}},
	{"a lease that a client ends early", "", func(_ *testing.T, f *forger) {
		f.told(clock.Second, 2)
		f.view.Ops = append(f.view.Ops, &cluster.Op{ID: 9, Kind: cluster.LeaseRevoke, Spec: &cluster.OpSpec{}})
		f.second(ends(2 * clock.Second))
	}},
	{"a lease that ends early by a fast clock", "", func(_ *testing.T, f *forger) {
		f.told(clock.Second, 2)
		f.happen(cluster.Event{Kind: cluster.UserCommand, Command: &cluster.Command{Kind: cluster.SetClock}})
		f.second(ends(2 * clock.Second))
	}},
	{"keys of a lease that lives", "", func(t *testing.T, f *forger) {
		f.leases(1, 60, 60)
		f.leasedKey(t, 1, "k", 2)
		f.second(ends(0))
	}},
	{"a key of a lease that is gone", "lease_keys", func(t *testing.T, f *forger) {
		f.leases(1, 60)
		f.leasedKey(t, 1, "k", 3)
		f.second(ends(0))
	}},
	{"what a checkpoint left", "", func(_ *testing.T, f *forger) { f.checkpointed(100, 100) }},
	{"a write under a lock whose token is newer", "", func(_ *testing.T, f *forger) { f.guarded(4, 5) }},
	{"a write under a lock whose token is older", "lock_fencing", func(_ *testing.T, f *forger) { f.guarded(5, 4) }},
	{"more than a checkpoint left", "lease_remaining", func(_ *testing.T, f *forger) { f.checkpointed(100, 400) }},
}

func TestForgedStore(t *testing.T) {
	for _, x := range storeForgeries {
		t.Run(x.name, func(t *testing.T) {
			f := newForger(t)
			f.view.Config = &cluster.Config{Timing: cluster.Timing{ElectionMin: 10, Tick: 100 * clock.Millisecond}}
			f.committedWrite()
			x.forge(t, f)
			switch {
			case x.want == "" && f.found != nil, x.want != "" && (len(f.found) != 1 || f.found[0] != x.want):
				t.Errorf("broken: %v, want %q", f.found, x.want)
			}
		})
	}
}

// checkpointed applies a checkpoint of lease 1 and then lets n1 count anew, with seconds left.
func (f *forger) checkpointed(left, seconds int64) {
	r := f.leases(1, 400)
	if _, err := r.Checkpoint(lease.Checkpoint{ID: 1, Remaining: left}, 0); err != nil {
		f.t.Fatal(err)
	}
	f.holds(1, r)
	f.second(cluster.Event{Leases: []lease.ID{1}})
	again := f.leases(1, seconds)
	again.Promote(0, 0)
	f.log(1, 1, 1, 1)
	f.propose(1, 1, 3)
	f.log(2, 1, 1, 1)
	f.store(2, 1, 1, 3, 3)
	f.commit(1, 1, 3, 3)
	f.holds(1, again)
	f.happen(cluster.Event{Kind: cluster.Apply, Member: 1, Term: 1, Index: 3, Rev: 2, Promoted: true})
}

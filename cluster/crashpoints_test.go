package cluster

import (
	"errors"
	"flag"
	"fmt"
	"testing"

	"etcdscope/cluster/clock"
	"etcdscope/mvcc"
	"etcdscope/raft"
)

var (
	stopRuns   = flag.Int("stop-runs", 200, "seeded runs that are stopped at every event")
	stopEvents = flag.Int("stop-events", 40, "events of each run at which everything is stopped; 0: every one")
)

// stopWhole is how many events a run has that is stopped at every one.
const stopWhole = 480

// TestStopAtEveryEvent: many short runs of puts, transactions, deletions, leases, users, compactions, defragmentations,
// snapshots, saved databases and changes of the membership, each stopped as a whole at each of its events, once by
// kill -9 and once by cutting the power. Afterwards every member starts, all of them hold the same, and everything that
// a client had been told is there. At every fourth stop porcupine judges what the clients saw, and now and then a
// database that was saved begins another cluster.
func TestStopAtEveryEvent(t *testing.T) {
	const shards = 4
	var met [shards]map[string]int
	for shard := range shards {
		met[shard] = map[string]int{}
		t.Run(fmt.Sprint(shard), func(t *testing.T) {
			t.Parallel()
			for seed := shard; seed < *stopRuns; seed += shards {
				r := newStopRun(t, uint64(seed), nil)
				events := stopWhole
				if *stopEvents > 0 {
					events = *stopEvents
					for range r.draw(300) { // so that the stops find everything in the middle of something
						r.step()
					}
				}
				for range events {
					r.step()
					r.tally(met[shard])
					for _, kind := range []CommandKind{Crash, Poweroff} {
						if err := r.stop(kind); err != nil {
							t.Fatalf("seed %d, event %d, %v: %v", seed, r.c.events, kind, err)
						}
					}
				}
			}
		})
	}
	t.Cleanup(func() {
		for _, what := range []string{
			"batch commit", "compaction", "defragmentation", "snapshot", "fsync", "lease", "stream of a database",
			"member to be started", "learner", "judged history", "restored database",
		} {
			n := 0
			for _, m := range met {
				n += m[what]
			}
			if n == 0 {
				t.Errorf("nothing was ever stopped in a %s: the runs show less than they say", what)
			}
		}
	})
}

// tally counts what the members are in the middle of.
func (r *stopRun) tally(met map[string]int) {
	met["judged history"], met["restored database"] = met["judged history"]+r.judged, met["restored database"]+r.restored
	r.judged, r.restored = 0, 0
	for _, m := range r.c.members {
		if !m.up {
			if r.c.waits(m) {
				met["member to be started"]++
			}
			continue
		}
		for what, is := range map[string]bool{
			"batch commit": m.batch, "compaction": m.store.Compacting(), "defragmentation": m.defrag != nil,
			"snapshot": m.saving.Index > 0, "fsync": m.syncing, "lease": m.lessor.Len() > 0,
			"stream of a database": len(m.backups) > 0, "learner": m.membership.learner(m.id),
			"removal": m.leaving || len(m.membership.removed) > 0,
		} {
			if is {
				met[what]++
			}
		}
	}
}

// TestStopFindsLostWrites: without the rules to wait for the disk, the same stops find acknowledged writes gone.
func TestStopFindsLostWrites(t *testing.T) {
	r := newStopRun(t, 4, []string{"apply-after-fsync", "fsync", "own-ack-after-fsync"})
	for range 2000 {
		r.step()
		if err := r.stop(Poweroff); err != nil {
			t.Log(err)
			return
		}
	}
	t.Error("acknowledged before it was written, and yet nothing was lost")
}

// TestStopJudges: a read of what nobody wrote, and a database with other keys than were saved, are found.
func TestStopJudges(t *testing.T) {
	r := newStopRun(t, 5, nil)
	for r.saved == nil || r.c.leader() == raft.None {
		r.step()
	}
	if err := errors.Join(r.judge(r.c), r.restore()); err != nil {
		t.Fatal(err)
	}
	r.seen.add(&Op{
		Kind: ClientGet, State: OpDone, Spec: &OpSpec{Key: []byte("k1")},
		KVs: []mvcc.KeyValue{{Value: []byte("of nobody")}},
	})
	if err := r.judge(r.c); err == nil {
		t.Error("a value that nobody wrote was read, and that is linearizable")
	}
	r.saved.keys += "one more"
	if err := r.restore(); err == nil {
		t.Error("a key is missing, and nobody noticed")
	}
}

// stopRun is one seeded run.
type stopRun struct {
	t     *testing.T
	c     *Cluster
	seed  uint64
	draws uint64
	busy  int // requests without an answer
	n     int // requests so far
	acks  []told
	seen  histories
	saved *savedDB // the newest database that a client has

	turn             int // stops so far
	judged, restored int
}

// told is a write that was acknowledged.
type told struct {
	rev        int64
	key, value string
}

func newStopRun(t *testing.T, seed uint64, off []string) *stopRun {
	flags := frequent
	flags.CompactionBatchLimit, flags.InitialCorruptCheck = 3, seed%5 == 0
	r := &stopRun{t: t, seed: seed}
	r.c = start(t, Config{
		Seed: seed, Nodes: []int{1, 3, 3, 2}[seed%4], Profile: ProfileNames()[seed/4%2], Flags: flags, Off: off,
	})
	var e Event
	for r.c.leader() == raft.None {
		r.c.Step(&e)
	}
	return r
}

func (r *stopRun) draw(n int) int {
	r.draws++
	return int(clock.Draw(r.seed, 77, 0, 0, r.draws) % uint64(n))
}

// step makes one event happen: a request while few are on their way, else the next one.
func (r *stopRun) step() {
	r.t.Helper()
	var e Event
	if r.draw(8) == 0 {
		r.startNew(r.c)
	}
	if r.busy < 2 && r.draw(6) == 0 && r.c.leader() != raft.None {
		if err := r.c.Do(r.request(), &e); err == nil {
			r.busy++
			return
		}
	}
	if !r.c.Step(&e) {
		r.t.Fatalf("seed %d: nothing happens any more", r.seed)
	}
	if e.Kind != ClientResponse && e.Kind != ClientTimeout {
		return
	}
	r.busy--
	if o, _ := r.c.op(e.Op); o != nil {
		r.seen.add(o)
		if o.State == OpDone {
			r.note(o)
		}
	}
}

func (r *stopRun) note(o *Op) {
	switch o.Kind {
	case ClientPut:
		r.acks = append(r.acks, told{o.Rev, string(o.Spec.Key), string(o.Spec.Value)})
	case ClientTxn:
		for _, op := range o.Spec.Txn.Success {
			r.acks = append(r.acks, told{o.Rev, string(op.Put.Key), string(op.Put.Value)})
		}
	case ClientSnapshot:
		r.keep(o)
	}
}

func (r *stopRun) request() Command {
	r.n++
	key := fmt.Appendf(nil, "k%d", r.draw(5))
	value := fmt.Appendf(nil, "%d", r.n)
	switch r.draw(15) {
	case 0:
		return Command{Kind: ClientDelete, Op: &OpSpec{Key: key}}
	case 1:
		return Command{Kind: ClientTxn, Op: &OpSpec{Txn: &mvcc.TxnRequest{Success: []mvcc.Op{
			{Put: &mvcc.PutOp{Key: key, Value: value}},
			{Put: &mvcc.PutOp{Key: []byte("twin"), Value: value}},
		}}}}
	case 2:
		return Command{Kind: LeaseGrant, Op: &OpSpec{TTL: 60, Tag: "lease"}}
	case 3:
		leased := append([]byte("leased "), key...) // the end of the lease is a change that no client asks for by key
		return Command{Kind: ClientPut, Op: &OpSpec{Key: leased, Value: value, Lease: "lease"}}
	case 4:
		return Command{Kind: LeaseRevoke, Op: &OpSpec{Lease: "lease"}}
	case 5:
		return Command{Kind: ClientCompact, Op: &OpSpec{Rev: max(1, r.c.member(r.c.leader()).store.Revision()-2)}}
	case 6:
		return Command{Kind: Defrag, Members: []raft.ID{raft.ID(r.draw(len(r.c.members)) + 1)}}
	case 7:
		return Command{Kind: ClientSnapshot, Op: &OpSpec{}}
	case 8:
		return r.change()
	case 9:
		return r.user()
	case 10:
		return Command{Kind: ClientGet, Op: &OpSpec{Key: key}}
	}
	return Command{Kind: ClientPut, Op: &OpSpec{Key: key, Value: value}}
}

// user is a change of the users.
func (r *stopRun) user() Command {
	a := AuthSpec{Verb: UserAdd, User: "alice", NoPassword: true}
	switch r.n % 3 {
	case 1:
		a.Verb = UserDelete
	case 2:
		a.User, a.Password, a.NoPassword = "bob", "secret", false
	}
	return Command{Kind: ClientAuth, Op: &OpSpec{Auth: &a}}
}

// stop stops a copy of the world, starts it again and looks.
func (r *stopRun) stop(kind CommandKind) error {
	r.t.Helper()
	d, err := r.c.Clone()
	if err != nil {
		r.t.Fatal(err)
	}
	defer closeCluster(r.t, d)
	if err := r.startAgain(d, kind); err != nil {
		return err
	}
	for end := d.now + 30*clock.Second; d.now < end && !settled(d); r.startNew(d) {
		var e Event
		d.Step(&e)
	}
	if !settled(d) {
		return fmt.Errorf("not settled at %v", d.now)
	}
	if err := r.look(d); err != nil {
		return err
	}
	if r.turn++; r.turn%4 == 0 {
		if err := r.judge(d); err != nil {
			return err
		}
	}
	if r.turn%40 == 0 && r.saved != nil {
		return r.restore()
	}
	return nil
}

// look compares the members' stores with each other and with what clients were told.
func (r *stopRun) look(d *Cluster) error {
	members := belonging(d)
	first, compacted, err := members[0].store.HashKV(0)
	if err != nil {
		return err
	}
	for _, m := range members {
		if hash, rev, err := m.store.HashKV(0); err != nil || hash != first || rev != compacted {
			return fmt.Errorf("n%d has hash %08x, compacted %d, %v; n%d has %08x, %d",
				m.id, hash, rev, err, members[0].id, first, compacted)
		}
		if a, b := m.lessor.Len(), members[0].lessor.Len(); a != b {
			return fmt.Errorf("n%d has %d leases, n%d has %d", m.id, a, members[0].id, b)
		}
		if m.auth.Digest() != members[0].auth.Digest() {
			return fmt.Errorf("n%d and n%d have different users: %v and %v",
				m.id, members[0].id, m.auth.UserList(), members[0].auth.UserList())
		}
		for _, x := range r.acks {
			res, err := m.store.Range([]byte(x.key), nil, mvcc.RangeOptions{Rev: x.rev})
			if errors.Is(err, mvcc.ErrCompacted) {
				continue
			}
			if err != nil || len(res.KVs) != 1 || string(res.KVs[0].Value) != x.value || res.KVs[0].ModRevision != x.rev {
				return fmt.Errorf("n%d at revision %d: %s is %v, %v; a client was told %q",
					m.id, x.rev, x.key, res.KVs, err, x.value)
			}
		}
	}
	return nil
}

package invariant_test

import (
	"fmt"
	"testing"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/cluster/invariant"
	"etcdscope/mvcc"
	"etcdscope/raft"
)

// driver runs a cluster with writes, reads, a watch and faults that are drawn from the seed, and checks every
// event.
type driver struct {
	t       testing.TB
	c       *cluster.Cluster
	checker *invariant.Checker
	seed    uint64
	nodes   int
	steps   uint64
	writes  int
	answers int
}

// clone is a driver of a world in the same state, which draws the same from here.
func (d *driver) clone() *driver {
	d.t.Helper()
	world, err := d.c.Clone()
	if err != nil {
		d.t.Fatal(err)
	}
	return &driver{t: d.t, c: world, checker: d.checker.Clone(), seed: d.seed, nodes: d.nodes, steps: d.steps}
}

// endsLike wants a clone that went the same way to be where d is, and closes it.
func (d *driver) endsLike(clone *driver) {
	d.t.Helper()
	if d.c.EventHash() != clone.c.EventHash() || d.c.StateHash() != clone.c.StateHash() {
		d.t.Fatalf("at event %d the clone is another one", d.c.Events())
	}
	if err := clone.c.Close(); err != nil {
		d.t.Fatal(err)
	}
}

func newDriver(t testing.TB, cfg cluster.Config, checked bool) *driver {
	t.Helper()
	cfg, err := cfg.Complete()
	if err != nil {
		t.Fatal(err)
	}
	c, err := cluster.New(cfg, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	d := &driver{t: t, c: c, seed: cfg.Seed, nodes: cfg.Nodes}
	if checked {
		d.checker = invariant.New(cfg.Nodes)
	}
	return d
}

// step makes one event happen: mostly the next one, sometimes a request, and with chaos sometimes a fault.
func (d *driver) step(chaos bool) {
	var e cluster.Event
	d.steps++
	var err error
	switch {
	case chaos && d.steps%150 == 0:
		err = d.c.Do(d.fault(), &e)
	case d.steps%60 == 0:
		err = d.c.Do(d.request(), &e)
	}
	if e.ID == 0 && !d.c.Step(&e) {
		d.t.Fatalf("nothing happens any more after %d events (%v)", d.c.Events(), err)
	}
	if e.Kind == cluster.ClientResponse && e.Note == "" {
		d.answers++
	}
	if d.checker == nil {
		return
	}
	for _, v := range d.checker.Check(&e, d.c.View) {
		d.t.Fatalf("seed %d, event %d, %s: %s\n%s", d.seed, e.ID, v.Name, v.Detail, e.Sentence())
	}
}

func (d *driver) request() cluster.Command {
	d.writes++
	op := &cluster.OpSpec{Key: fmt.Appendf(nil, "k%d", d.writes%7), Value: []byte("v"), Client: d.writes%3 + 1}
	kind := cluster.ClientPut
	if d.writes%5 == 0 {
		return d.storeRequest(op)
	}
	switch d.writes % 11 {
	case 1:
		kind, op.Tag, op.End = cluster.ClientWatch, fmt.Sprintf("w%d", d.writes), []byte{}
		if d.writes > 50 {
			kind, op.Tag, op.End = cluster.ClientPut, "", nil
		}
	case 2, 5:
		kind = cluster.ClientGet
	case 3:
		kind = cluster.ClientDelete
	case 7:
		kind, op.Serializable = cluster.ClientGet, true
	}
	return cluster.Command{Kind: kind, Op: op}
}

// storeRequest is a transaction, a compaction, or something about leases.
func (d *driver) storeRequest(op *cluster.OpSpec) cluster.Command {
	put := mvcc.Op{Put: &mvcc.PutOp{Key: op.Key, Value: op.Value}}
	read := mvcc.Op{Range: &mvcc.RangeOp{Key: op.Key}}
	lease := cluster.LeaseGrant
	switch d.writes % 35 {
	case 0:
		op.TTL, op.Tag = 2, "l"
	case 5:
		if !d.granted() {
			break
		}
		op.Lease = "l"
		return cluster.Command{Kind: cluster.ClientPut, Op: op}
	case 10:
		if !d.granted() {
			break
		}
		op.Lease, op.Once, lease = "l", true, cluster.LeaseKeepAlive
	case 15:
		return cluster.Command{Kind: cluster.ClientCompact, Op: &cluster.OpSpec{Now: true, Physical: d.writes%2 == 0}}
	case 20:
		return cluster.Command{Kind: cluster.Defrag, Members: []raft.ID{raft.ID(d.writes%d.nodes + 1)}}
	case 25:
		if !d.granted() || d.writes%70 != 25 {
			break
		}
		op.Lease, lease = "l", cluster.LeaseRevoke
	default:
		when := mvcc.Compare{Key: op.Key, Target: mvcc.CompareMod, Result: mvcc.Greater, Number: int64(d.writes)}
		op.Txn = &mvcc.TxnRequest{Compare: []mvcc.Compare{when}, Success: []mvcc.Op{read}, Failure: []mvcc.Op{put, read}}
		return cluster.Command{Kind: cluster.ClientTxn, Op: op}
	}
	if lease == cluster.LeaseGrant {
		op.TTL = 2
	}
	return cluster.Command{Kind: lease, Op: op}
}

// granted says whether the lease with the tag l is known.
func (d *driver) granted() bool {
	o := d.c.View().OpTagged("l")
	return o != nil && o.Lease != nil
}

func (d *driver) fault() cluster.Command {
	draw := clock.Draw(d.seed, 99, 0, 0, d.steps)
	n := uint64(d.nodes)
	a, b := raft.ID(draw>>8%n+1), raft.ID(draw>>16%n+1)
	var all []raft.ID
	for i := range d.nodes {
		all = append(all, raft.ID(i+1))
	}
	switch draw % 11 {
	case 0:
		return cluster.Command{Kind: cluster.Crash, Members: []raft.ID{a}}
	case 1:
		return cluster.Command{Kind: cluster.Poweroff, Members: []raft.ID{a}}
	case 2:
		return cluster.Command{Kind: cluster.Restart, Members: all}
	case 3:
		return cluster.Command{Kind: cluster.Restart, Members: []raft.ID{a}}
	case 4:
		return cluster.Command{Kind: cluster.Partition, Groups: [][]raft.ID{{a, b}}}
	case 5, 6:
		return cluster.Command{Kind: cluster.Heal}
	case 7:
		return cluster.Command{Kind: cluster.Hold, From: a, To: b}
	case 8:
		return cluster.Command{Kind: cluster.Release}
	case 9:
		return cluster.Command{Kind: cluster.Campaign, Members: []raft.ID{a}}
	}
	return cluster.Command{Kind: cluster.Duplicate, From: a}
}

// TestCorrectRunsAreSilent runs many seeds with faults: no invariant may cry wolf.
func TestCorrectRunsAreSilent(t *testing.T) {
	for seed := range uint64(24) {
		cfg := cluster.Config{Seed: seed, Nodes: int(seed%5) + 1, Profile: cluster.ProfileNames()[seed%2]}
		if seed%3 == 0 { // liveness rules: without them a cluster is slower, never wrong
			cfg.Off = []string{"checkquorum", "noop", "prevote"}
		}
		d := newDriver(t, cfg, true)
		for range 5000 {
			d.step(true)
		}
		if d.answers < 3 {
			t.Errorf("seed %d: only %d answers came: the run shows nothing", seed, d.answers)
		}
	}
}

// TestCloneIsIndependent lets a checker and its clone live through different futures.
func TestCloneIsIndependent(t *testing.T) {
	d := newDriver(t, cluster.Config{Seed: 4}, true)
	for range 20 {
		for range 200 {
			d.step(true)
		}
		world, err := d.c.Clone()
		if err != nil {
			t.Fatal(err)
		}
		other := *d
		other.c, other.checker, other.steps = world, d.checker.Clone(), d.steps+75
		for range 200 {
			other.step(true)
		}
		if err := world.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func BenchmarkStep(b *testing.B) {
	for _, checked := range []bool{false, true} {
		b.Run(fmt.Sprintf("checked=%v", checked), func(b *testing.B) {
			d := newDriver(b, cluster.Config{Seed: 1}, checked)
			for range 3000 {
				d.step(false)
			}
			for b.Loop() {
				d.step(false)
			}
		})
	}
}

package invariant_test

import (
	"testing"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/cluster/script"
	"etcdscope/raft"
)

// work is what a cluster does while it is watched, one line after the other.
var work = []string{
	"lease grant 60 --tag l", "put a 1 --lease l", "put b 1 --lease l", "put c 1",
	"txn if mod(c) > 0 then put c 2; put d 1",
	"compact now --physical", "del d", "lease revoke l", "put c 3", "defrag all", "put c 4",
	"txn then put c 5; (if version(e) = 0 then put e 1)",
}

// TestCrashAtEveryEvent lets a cluster work, and at every single event lets a twin of it lose all members, by a crash
// or with the power. The twins come back, agree on every key, and break nothing.
func TestCrashAtEveryEvent(t *testing.T) {
	d := newDriver(t, cluster.Config{Seed: 3, Nodes: 3}, true)
	for d.c.View().Leader() == nil || d.c.Now() < clock.Second/2 {
		d.next()
	}
	for _, line := range work {
		call, err := script.Parse(line, 3, uint64(d.c.View().Leader().ID))
		if err != nil {
			t.Fatal(err)
		}
		d.do(*call.World)
		for end := d.c.Now() + 70*clock.Millisecond; d.c.Now() < end; {
			d.next()
			d.crashTwin()
		}
	}
	if ops := d.c.View().Ops; len(ops) < len(work) || ops[len(ops)-1].State != cluster.OpDone {
		t.Errorf("the work was not done: %d operations", len(ops))
	}
}

// next makes the next event happen and checks it.
func (d *driver) next() {
	d.t.Helper()
	var e cluster.Event
	if !d.c.Step(&e) {
		d.t.Fatal("nothing happens any more")
	}
	d.look(&e)
}

// crashTwin kills all members of a copy of the world and lets it come back.
func (d *driver) crashTwin() {
	d.t.Helper()
	twin, err := d.c.Clone()
	if err != nil {
		d.t.Fatal(err)
	}
	x := *d
	x.c, x.checker = twin, d.checker.Clone()
	kind := cluster.Crash
	if d.c.Events()%2 == 0 {
		kind = cluster.Poweroff
	}
	everybody := []raft.ID{1, 2, 3}
	x.do(cluster.Command{Kind: kind, Members: everybody})
	x.do(cluster.Command{Kind: cluster.Restart, Members: everybody})
	x.settle()
	if err := twin.Close(); err != nil {
		d.t.Fatal(err)
	}
}

// do gives a command and checks it.
func (d *driver) do(cmd cluster.Command) {
	d.t.Helper()
	var e cluster.Event
	if err := d.c.Do(cmd, &e); err != nil {
		d.t.Fatalf("event %d: %v", d.c.Events(), err)
	}
	d.look(&e)
}

func (d *driver) look(e *cluster.Event) {
	d.t.Helper()
	for _, v := range d.checker.Check(e, d.c.View) {
		d.t.Fatalf("event %d, %s: %s\n%s", e.ID, v.Name, v.Detail, e.Sentence())
	}
}

// settle runs until all members have applied the same, and compares their keys.
func (d *driver) settle() {
	d.t.Helper()
	for end := d.c.Now() + 3*clock.Second; d.c.Now() < end; {
		d.next()
		if v := d.c.View(); v.Leader() != nil && same(v) {
			return
		}
	}
	d.t.Fatalf("the members do not agree three seconds after the restart at event %d", d.c.Events())
}

// same says whether all members have applied what the leader has committed in its own term, and have the same keys.
func same(v *cluster.View) bool {
	lead := v.Leader()
	for _, m := range v.Members {
		last, _ := lead.Raft.Entry(lead.Raft.Last)
		if !m.Up || m.Raft.Applied != lead.Raft.Last || last.Term != lead.Raft.Term ||
			m.Store.Digest != lead.Store.Digest {
			return false
		}
	}
	return true
}

package invariant_test

import (
	"testing"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/raft"
)

// queue lets c1 hold a lock for a while, which c2 gets then.
func (x *contest) queue(at uint64) (cluster.Command, bool) {
	lock := func(client int, tag string) (cluster.Command, bool) {
		spec := &cluster.OpSpec{Key: []byte("l"), Client: client, Tag: tag, TTL: 2}
		return cluster.Command{Kind: cluster.ClientLock, Op: spec}, true
	}
	switch at {
	case 150:
		return lock(1, "c1")
	case 300:
		return lock(2, "c2")
	case 500:
		return writeUnder("c1"), true
	case 600:
		return cluster.Command{Kind: cluster.ClientUnlock, Op: &cluster.OpSpec{Tag: "c1"}}, true
	case 800:
		return writeUnder("c2"), true
	}
	return cluster.Command{}, false
}

// one makes one event happen and lets the checker see it.
func (x *contest) one(e *cluster.Event, cmd *cluster.Command) {
	switch {
	case cmd != nil:
		if err := x.c.Do(*cmd, e); err != nil {
			x.t.Fatal(err)
		}
	case !x.c.Step(e):
		x.t.Fatal("nothing happens any more")
	}
	for _, v := range x.checker.Check(e, x.c.View) {
		x.t.Fatalf("event %d, %s: %s", e.ID, v.Name, v.Detail)
	}
}

// TestLockCrashPoints lets a member die at every few events of two locks that are taken and given up. Nothing is broken
// by it, and when the leases of those who left are over, somebody else gets the lock.
func TestLockCrashPoints(t *testing.T) {
	x := contest{driver: newDriver(t, cluster.Config{Seed: 1, Nodes: 3}, true)}
	var e cluster.Event
	points := map[string]int{}
	for at := uint64(1); at < 900; at++ {
		if cmd, ok := x.queue(at); ok {
			x.one(&e, &cmd)
			continue
		}
		x.one(&e, nil)
		if at < 150 || at%4 != 0 {
			continue
		}
		for _, tag := range []string{"c1", "c2"} {
			if o := x.c.View().OpTagged(tag); o != nil {
				points[tag+" "+o.Claim.State.String()]++
			}
		}
		x.survives(raft.ID(at/4%3 + 1))
	}
	for _, state := range []string{
		"c1 session", "c1 queueing", "c1 held", "c1 releasing", "c1 released", "c2 session", "c2 queueing", "c2 looking",
		"c2 waiting", "c2 checking", "c2 held",
	} {
		if points[state] == 0 {
			t.Errorf("nobody died while %s: %v", state, points)
		}
	}
}

// survives kills a member of a clone, and restarts it; a third client gets the lock once the others are gone.
func (x *contest) survives(victim raft.ID) {
	world, err := x.c.Clone()
	if err != nil {
		x.t.Fatal(err)
	}
	defer func() {
		if err := world.Close(); err != nil {
			x.t.Error(err)
		}
	}()
	y := contest{driver: &driver{t: x.t, c: world, checker: x.checker.Clone(), nodes: x.nodes}}
	var e cluster.Event
	y.one(&e, &cluster.Command{Kind: cluster.Crash, Members: []raft.ID{victim}})
	y.run(clock.Second)
	for _, client := range []int{1, 2} { // whoever still wants something leaves
		if o := world.View().OpTagged([]string{"", "c1", "c2"}[client]); o != nil && o.Claim.Live() {
			y.one(&e, &cluster.Command{Kind: cluster.PauseClient, Op: &cluster.OpSpec{Client: client}})
		}
	}
	y.one(&e, &cluster.Command{Kind: cluster.Restart, Members: []raft.ID{victim}})
	spec := &cluster.OpSpec{Key: []byte("l"), Client: 3, Tag: "c3", TTL: 2}
	y.one(&e, &cluster.Command{Kind: cluster.ClientLock, Op: spec})
	for end := y.c.Now() + 20*clock.Second; !y.c.View().OpTagged("c3").Held(); {
		if y.c.Now() > end {
			x.t.Fatalf("n%d died behind event %d, and c3 is %s", victim, x.c.Events(), y.c.View().OpTagged("c3").Text())
		}
		y.one(&e, nil)
	}
}

func (x *contest) run(d clock.Time) {
	var e cluster.Event
	for end := x.c.Now() + d; x.c.Now() < end; {
		x.one(&e, nil)
	}
}

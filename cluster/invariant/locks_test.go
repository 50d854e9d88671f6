package invariant_test

import (
	"fmt"
	"testing"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/raft"
)

// guarded lets two writes under lock l with these tokens take effect.
func (f *forger) guarded(tokens ...int64) {
	for i, token := range tokens {
		id := cluster.OpID(100 + i)
		f.view.Ops = append(f.view.Ops, &cluster.Op{
			ID: id, Kind: cluster.ClientPut, Spec: &cluster.OpSpec{Lock: "a"}, Under: &cluster.Claim{Key: "l/7", Token: token},
		})
		f.happen(cluster.Event{
			Kind: cluster.UserCommand, Op: id,
			Command: &cluster.Command{Kind: cluster.ClientPut, Op: &cluster.OpSpec{Lock: "a"}},
		})
	}
	f.secondEntry()
	f.happen(cluster.Event{Kind: cluster.Apply, Member: 1, Term: 1, Index: 2, Rev: 3, N: 1, Op: 100})
	f.log(1, 1, 1, 1)
	f.propose(1, 1, 3)
	f.log(2, 1, 1, 1)
	f.store(2, 1, 1, 3, 3)
	f.commit(1, 1, 3, 3)
	f.happen(cluster.Event{Kind: cluster.Apply, Member: 1, Term: 1, Index: 3, Rev: 4, N: 1, Op: 101})
	f.commit(2, 1, 3, 0)
	f.happen(cluster.Event{Kind: cluster.Apply, Member: 2, Term: 1, Index: 2, Rev: 3, N: 1, Op: 100})
	f.happen(cluster.Event{Kind: cluster.Apply, Member: 2, Term: 1, Index: 3, Rev: 4, N: 1, Op: 101})
}

// contest is a cluster under faults whose clients want one lock and write under it, and are paused now and then.
type contest struct {
	*driver
	resumed string // the lock of a client that was just let go on
	lenient bool   // a rule is off that other promises rest on, too

	held, waited, lost, written, violated int
}

// turn lets one client do what its state suggests, or what is drawn.
func (x *contest) turn() cluster.Command {
	draw := clock.Draw(x.seed, 98, 0, 0, x.steps)
	cl := int(draw>>8%4) + 1
	tag := fmt.Sprintf("c%d", cl)
	o := x.c.View().OpTagged(tag)
	spec := &cluster.OpSpec{Key: []byte("l"), Client: cl, Tag: tag, TTL: 1}
	switch draw % 40 {
	case 0, 1, 2:
		return cluster.Command{Kind: cluster.PauseClient, Op: spec}
	case 3:
		x.resumed = tag
		return cluster.Command{Kind: cluster.ResumeClient, Op: spec}
	}
	switch {
	case o == nil || !o.Claim.Live():
		return cluster.Command{Kind: cluster.ClientLock, Op: spec}
	case draw>>16%5 == 0:
		return cluster.Command{Kind: cluster.ClientUnlock, Op: spec}
	}
	return writeUnder(tag)
}

func writeUnder(tag string) cluster.Command {
	return cluster.Command{Kind: cluster.ClientPut, Op: &cluster.OpSpec{Key: []byte("x"), Value: []byte(tag), Lock: tag}}
}

// step makes one event happen and counts what it means.
func (x *contest) step() {
	var e cluster.Event
	x.steps++
	switch {
	case x.resumed != "": // it writes before it hears of anything
		_ = x.c.Do(writeUnder(x.resumed), &e) // may make no sense, as a fault and a turn may
		x.resumed = ""
	case x.steps%700 == 0:
		_ = x.c.Do(x.fault(), &e)
	case x.steps%15 == 0:
		_ = x.c.Do(x.turn(), &e)
	}
	if e.ID == 0 && !x.c.Step(&e) { // everybody is down
		if err := x.c.Do(cluster.Command{Kind: cluster.Restart, Members: []raft.ID{1, 2, 3}}, &e); err != nil {
			x.t.Fatal(err)
		}
	}
	for _, name := range e.Names(nil) {
		switch name {
		case "lock_held":
			x.held++
		case "lock_waits":
			x.waited++
		case "lock_lost":
			x.lost++
		}
	}
	for _, v := range x.checker.Check(&e, x.c.View) {
		if v.Name != "lock_fencing" && !x.lenient {
			x.t.Fatalf("seed %d, event %d, %s: %s", x.seed, e.ID, v.Name, v.Detail)
		}
		x.violated++
	}
	if o := x.c.View().Ops; e.Kind == cluster.ClientResponse && len(o) > 0 {
		for _, op := range o {
			if op.ID == e.Op && op.Under != nil && op.State == cluster.OpDone {
				x.written++
			}
		}
	}
}

// TestContestCloned: a clone in the middle of a contest, with clients that are paused, has the same future.
func TestContestCloned(t *testing.T) {
	x := contest{driver: newDriver(t, cluster.Config{Seed: 5, Nodes: 3}, true)}
	for range 30 {
		for range 300 {
			x.step()
		}
		other := x
		other.driver = x.clone()
		for range 300 {
			x.step()
			other.step()
		}
		x.endsLike(other.driver)
	}
	if x.held < 3 || x.lost == 0 {
		t.Errorf("held %d, lost %d: the run shows nothing", x.held, x.lost)
	}
}

// TestContestWithoutRules: without one of the rules clients believe and write what they should not, but they go on, and
// get the lock as long as its keys die at all.
func TestContestWithoutRules(t *testing.T) {
	for _, rule := range []string{
		"lock-fencing", "lock-order-by-create-revision", "lock-reads-own-key-again", "lock-waits-for-predecessor",
		"no-blind-retry", "session-ends-with-lease", "session-key-has-lease", "watch-resume",
	} {
		x := contest{driver: newDriver(t, cluster.Config{Seed: 2, Nodes: 3, Off: []string{rule}}, true)}
		x.lenient = rule == "no-blind-retry" || rule == "watch-resume"
		for range 12000 {
			x.step()
		}
		if x.held == 0 {
			t.Errorf("without %s nobody ever got the lock", rule)
		}
	}
}

// TestContest: whatever happens to members and clients, no write under a lock takes effect after one with a newer
// token; where the resource looks at no tokens, one does.
func TestContest(t *testing.T) {
	for _, off := range [][]string{nil, {"lock-fencing"}} {
		var all contest
		for seed := range uint64(6) {
			x := contest{driver: newDriver(t, cluster.Config{Seed: seed, Nodes: 3, Off: off}, true)}
			for range 12000 {
				x.step()
			}
			all.held, all.waited, all.lost = all.held+x.held, all.waited+x.waited, all.lost+x.lost
			all.written, all.violated = all.written+x.written, all.violated+x.violated
		}
		if all.held < 20 || all.waited < 20 || all.lost < 5 || all.written < 20 {
			t.Errorf("without %v: held %d, waited %d, lost %d, written %d: the runs show nothing",
				off, all.held, all.waited, all.lost, all.written)
		}
		if (all.violated > 0) != (off != nil) {
			t.Errorf("without %v: %d violations", off, all.violated)
		}
		t.Logf("without %v: held %d, waited %d, lost %d, written %d, violated %d",
			off, all.held, all.waited, all.lost, all.written, all.violated)
	}
}

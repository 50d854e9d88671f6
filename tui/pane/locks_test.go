package pane

import (
	"testing"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/tui/frame"
)

// claim adds an operation that wants a name.
func (w *world) claim(kind cluster.CommandKind, name, tag string, client int, c cluster.Claim) *cluster.Op {
	o := &cluster.Op{
		ID: cluster.OpID(len(w.view.Ops) + 1), Kind: kind, Claim: &c,
		Spec: &cluster.OpSpec{Key: []byte(name), Tag: tag, Client: client},
	}
	w.view.Ops = append(w.view.Ops, o)
	w.view.Clients = append(w.view.Clients, &cluster.ClientView{ID: client})
	return o
}

// claims lets clients want the locks a and b, whose keys are those of the store, and one observe an election. Of lock a
// two clients believe that they hold it.
func (w *world) claims() {
	held, waits := cluster.ClaimHeld, cluster.ClaimWaiting
	w.claim(cluster.ClientLock, "a", "old", 1, cluster.Claim{State: held, Key: "c", Token: 3, Over: true})
	w.view.Clients[len(w.view.Clients)-1].Paused = true
	w.claim(cluster.ClientLock, "a", "new", 2, cluster.Claim{State: held, Key: "b", Token: 4})
	w.claim(cluster.ClientLock, "a", "next", 3, cluster.Claim{State: waits, Key: "d", Token: 9, Behind: "b"})
	w.claim(cluster.ClientLock, "a", "", 4, cluster.Claim{State: waits, Key: "x", Token: 10, Behind: "\x1b[2J"})
	w.claim(cluster.ClientLock, "a", "late", 5, cluster.Claim{State: cluster.ClaimSession})
	w.claim(cluster.ClientLock, "a", "gone", 6, cluster.Claim{State: cluster.ClaimReleased, Key: "g", Token: 2})
	lost := w.claim(cluster.ClientElect, "b", "e", 2, cluster.Claim{State: cluster.ClaimLost, Key: "y", Token: 5})
	lost.Err = "session expired"
	w.claim(cluster.ClientObserve, "b", "o", 7, cluster.Claim{State: cluster.ClaimObserving, Behind: "y", Value: "one"})
}

// TestLocks draws claims where their keys are known, where they are not, in little room, and none.
func TestLocks(t *testing.T) {
	w := classroom(t)
	w.store(2)
	s := w.scene()
	golden(t, "locks-none", draw(NewLocks(), s, 80, 6))
	w.claims()
	s = w.scene()
	golden(t, "locks-believed", draw(NewLocks(), s, 110, 14))
	golden(t, "locks-narrow", draw(NewLocks(), s, 62, 12))
	s.Selected = 1
	p := NewLocks()
	p.Key("end", s)
	golden(t, "locks-elsewhere", draw(p, s, 90, 7))
}

// TestLocksWarn holds that a lock which two clients believe they hold is told in the style of warnings, and no other.
func TestLocksWarn(t *testing.T) {
	w := classroom(t)
	w.store(2)
	w.claims()
	s := w.scene()
	f := frame.New(110, 12)
	NewLocks().Draw(f, f.Bounds(), s, true)
	if got := styleOf(t, f, 8, "2 clients", 0); got != s.Theme.Warn {
		t.Errorf("the warning is drawn as %+v", got)
	}
	w.view.Ops[0].Claim.State = cluster.ClaimLost
	next := *w.view
	s.View = &next
	f = frame.New(110, 12)
	NewLocks().Draw(f, f.Bounds(), s, true)
	if got := styleOf(t, f, 8, "What a client", 0); got != s.Theme.Faint {
		t.Errorf("the remark is drawn as %+v", got)
	}
}

// TestWhyLocks explains in a real run why c2 waits, and why c1, which is paused, does not
// hold what it believes to hold.
func TestWhyLocks(t *testing.T) {
	c, err := cluster.New(cluster.Config{Nodes: 3, Seed: 1}, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
	var e cluster.Event
	run := func(d clock.Time) {
		for end := c.Now() + d; c.Now() < end && c.Step(&e); {
		}
	}
	do := func(kind cluster.CommandKind, spec cluster.OpSpec) {
		if err := c.Do(cluster.Command{Kind: kind, Op: &spec}, &e); err != nil {
			t.Fatal(err)
		}
	}
	why := func(name string) {
		s := classroom(t).scene()
		s.View, s.Now, s.Selected = c.View(), c.Now(), c.View().Leader().ID
		golden(t, name, draw(NewWhy(), s, 90, 14))
	}
	run(600 * clock.Millisecond)
	do(cluster.ClientLock, cluster.OpSpec{Key: []byte("l"), Client: 1, TTL: 3, Tag: "a"})
	run(200 * clock.Millisecond)
	do(cluster.ClientLock, cluster.OpSpec{Key: []byte("l"), Client: 2, TTL: 60, Tag: "b"})
	run(200 * clock.Millisecond)
	do(cluster.PauseClient, cluster.OpSpec{Client: 1})
	why("why-lock-waits")
	run(4 * clock.Second)
	why("why-lock-believed")
}

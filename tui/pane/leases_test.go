package pane

import (
	"fmt"
	"testing"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/mvcc/lease"
	"etcdscope/raft"
	"etcdscope/tui/frame"
)

// leases gives members 1 and 2 real leases with keys: n2 leads and has counted for six seconds, n1 has the checkpoint
// of one of them.
func (w *world) leases() *lease.Lessor {
	const second = lease.Time(clock.Second)
	now := lease.Time(w.view.At)
	must := func(err error) {
		if err != nil {
			w.t.Fatal(err)
		}
	}
	var lessors [2]*lease.Lessor
	for i := range lessors {
		r := lease.New(lease.Config{})
		for _, g := range []struct {
			id  lease.ID
			ttl int64
		}{{0x1a2b, 10}, {0x694d9f8e1c0a2b3c, 3600}, {7, 6}} {
			_, _, err := r.Grant(g.id, g.ttl, now-6*second)
			must(err)
		}
		for _, key := range []string{"a", "lock/leader", "z\x1b[2J"} {
			must(r.Attach(0x1a2b, key))
		}
		must(r.Attach(7, "b"))
		lessors[i] = r
		m := w.member(i + 1)
		m.Leases, m.Clock, m.Quota = r.View(), cluster.LocalClock{Rate: cluster.TrueRate}, 2<<30
	}
	_, err := lessors[0].Checkpoint(lease.Checkpoint{ID: 0x694d9f8e1c0a2b3c, Remaining: 3300}, now)
	must(err)
	lessors[1].Promote(second/2, now-6*second)
	w.member(1).Leases, w.member(2).Leases = lessors[0].View(), lessors[1].View()
	w.member(2).Expiring = []lease.ID{7}
	return lessors[1]
}

// TestLeases draws leases where they are counted, where they are not, on a clock that is too fast, and none.
func TestLeases(t *testing.T) {
	w := classroom(t)
	r := w.leases()
	if err := r.Attach(7, "租约键"); err != nil {
		t.Fatal(err)
	}
	w.member(2).Leases = r.View()
	s := w.scene()
	golden(t, "leases-counted", draw(NewLeases(), s, 100, 12))
	s.Selected = 1
	golden(t, "leases-not-counted", draw(NewLeases(), s, 100, 12))
	w.member(1).Clock.Rate = 1500
	golden(t, "leases-fast", draw(NewLeases(), s, 60, 7))
	w.member(1).Leases = lease.New(lease.Config{}).View()
	golden(t, "leases-none", draw(NewLeases(), s, 80, 8))
}

// TestLeasesShrink holds that the time to live moves although no event happens.
func TestLeasesShrink(t *testing.T) {
	w := classroom(t)
	w.leases()
	p, s := NewLeases(), w.scene()
	before := draw(p, s, 100, 10)
	s.Now += clock.Second
	if after := draw(p, s, 100, 10); after == before {
		t.Errorf("a second later nothing has changed:\n%s", after)
	}
}

// TestManyLeases moves the cursor to the end of a list that is longer than the pane and back.
func TestManyLeases(t *testing.T) {
	w := classroom(t)
	r := lease.New(lease.Config{})
	for id := range lease.ID(300) {
		if _, _, err := r.Grant(id+1, 60, 0); err != nil {
			t.Fatal(err)
		}
		if err := r.Attach(id+1, fmt.Sprintf("key%d", id+1)); err != nil {
			t.Fatal(err)
		}
	}
	m := w.member(2)
	m.Leases, m.Clock = r.View(), cluster.LocalClock{Rate: cluster.TrueRate}
	p, s := NewLeases(), w.scene()
	p.Key("end", s)
	golden(t, "leases-end", draw(p, s, 80, 9))
	for range 400 {
		p.Key("k", s)
	}
	if p.at != 0 {
		t.Errorf("the cursor stands at %d, want the first lease", p.at)
	}
}

// TestLeasesOfOthers holds that another member's leases are drawn when it is selected.
func TestLeasesOfOthers(t *testing.T) {
	w := classroom(t)
	w.leases()
	p, s := NewLeases(), w.scene()
	f := frame.New(80, 10)
	p.Draw(f, f.Bounds(), s, true)
	s.Selected = raft.ID(3)
	if got := draw(p, s, 80, 10); got != draw(NewLeases(), s, 80, 10) {
		t.Errorf("n3 has no leases, and is drawn with\n%s", got)
	}
}

package network

import (
	"testing"

	"etcdscope/cluster/clock"
	"etcdscope/raft"
)

const (
	shortest = 10 * clock.Millisecond
	longest  = 20 * clock.Millisecond
)

// TestRouteKeepsOrder sends many messages at once: each takes a latency of its own, none overtakes another.
func TestRouteKeepsOrder(t *testing.T) {
	x := New(1, 3, shortest, longest)
	var before clock.Time
	for i := range 500 {
		now := clock.Time(i) * clock.Millisecond
		at, fate := x.Route(1, 2, raft.MsgApp, now)
		if fate != Arrives || at <= before || at < now+shortest || at > max(now+longest, before+clock.Microsecond) {
			t.Fatalf("message %d sent at %v arrives at %v (%v) after %v", i, now, at, fate, before)
		}
		before = at
	}
}

// TestLinksShareNoLuck uses one link and compares another with a network in which the first was never used.
func TestLinksShareNoLuck(t *testing.T) {
	x, y := New(1, 3, shortest, longest), New(1, 3, shortest, longest)
	for range 10 {
		x.Route(2, 3, raft.MsgApp, 0)
	}
	x.Set(2, 1, Link{Loss: 50})
	a, _ := x.Route(1, 2, raft.MsgApp, 0)
	b, _ := y.Route(1, 2, raft.MsgApp, 0)
	if a != b {
		t.Fatalf("n1 to n2 took %v beside a busy link and %v beside an idle one", a, b)
	}
}

func TestFates(t *testing.T) {
	x := New(1, 2, shortest, longest)
	for _, c := range []struct {
		link Link
		t    raft.MessageType
		want Fate
	}{
		{Link{}, raft.MsgApp, Arrives},
		{Link{Cut: true}, raft.MsgApp, LostCut},
		{Link{Loss: 100}, raft.MsgApp, LostLuck},
		{Link{Hold: true}, raft.MsgApp, Waits},
		{Link{Hold: true, Types: []raft.MessageType{raft.MsgVote}}, raft.MsgApp, Arrives},
		{Link{Hold: true, Types: []raft.MessageType{raft.MsgVote}}, raft.MsgVote, Waits},
	} {
		x.Set(1, 2, c.link)
		if _, got := x.Route(1, 2, c.t, 0); got != c.want {
			t.Errorf("link %+v and %v: fate %v, want %v", c.link, c.t, got, c.want)
		}
	}
}

// TestLossIsAboutRight counts what a lossy link loses.
func TestLossIsAboutRight(t *testing.T) {
	x := New(9, 2, shortest, longest)
	x.Set(1, 2, Link{Loss: 30})
	lost := 0
	for range 10_000 {
		if _, fate := x.Route(1, 2, raft.MsgApp, 0); fate == LostLuck {
			lost++
		}
	}
	if lost < 2800 || lost > 3200 {
		t.Fatalf("lost %d of 10000 at 30%%", lost)
	}
}

// TestViewStays changes a link after a view of it was taken.
func TestViewStays(t *testing.T) {
	x := New(1, 2, shortest, longest)
	v := x.View()
	clone := x.Clone()
	x.Set(1, 2, Link{Cut: true})
	if v.At(1, 2).Cut || clone.At(1, 2).Cut {
		t.Fatal("a view or a clone felt a later cut")
	}
	if !x.View().At(1, 2).Cut || x.View().At(2, 1).Cut {
		t.Fatal("the cut is not where it was made")
	}
}

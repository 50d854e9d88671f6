package cluster

import (
	"fmt"
	"testing"

	"etcdscope/cluster/clock"
	"etcdscope/raft"
)

// TestNothingAcknowledgedIsLost stops the whole cluster at every single event of a run, once by kill -9 and once
// by cutting the power, starts it again, and looks for every write that a client had been told is safe.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	for _, kind := range []CommandKind{Crash, Poweroff} {
		for _, nodes := range []int{1, 3, 5} {
			t.Run(fmt.Sprintf("%v/nodes=%d", kind, nodes), func(t *testing.T) {
				t.Parallel()
				stopEverywhere(t, Config{Seed: 11, Nodes: nodes, Flags: frequent}, kind)
			})
		}
	}
}

func stopEverywhere(t *testing.T, cfg Config, kind CommandKind) {
	c := start(t, cfg)
	w := writer{c: c}
	var e Event
	acked := map[string]string{}
	for c.leader() == raft.None {
		w.step(t, &e)
	}
	for range 220 * cfg.Nodes {
		w.step(t, &e)
		note(acked, c, &e)
		stopAndLook(t, c, kind, acked)
	}
	if len(acked) < 5 {
		t.Fatalf("only %d writes were acknowledged: the run shows nothing", len(acked))
	}
}

// note remembers an acknowledged write.
func note(acked map[string]string, c *Cluster, e *Event) {
	if o, _ := c.op(e.Op); e.Kind == ClientResponse && o != nil && o.State == OpDone && o.Kind == ClientPut {
		acked[string(o.Spec.Key)] = string(o.Spec.Value)
	}
}

// stopAndLook stops a clone of c, starts it again and checks every acknowledged write on every member.
func stopAndLook(t *testing.T, c *Cluster, kind CommandKind, acked map[string]string) {
	t.Helper()
	d, err := c.Clone()
	if err != nil {
		t.Fatal(err)
	}
	defer closeCluster(t, d)
	var e Event
	for _, k := range []CommandKind{kind, Restart} {
		if err := d.Do(Command{Kind: k, Members: everybody(d)}, &e); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range d.members {
		if !m.up {
			t.Fatalf("event %d: n%d refuses to start: %s", c.events, m.id, m.down)
		}
	}
	runUntil(t, d, 10*clock.Second, func() bool { return agreed(d) })
	for _, m := range d.View().Members {
		for k, v := range acked {
			if kv, ok := m.Store.Get(k, 0); !ok || len(kv.Value) < len(v) || len(kv.Value) == len(v) && string(kv.Value) < v {
				t.Fatalf("event %d, %v: n%d has %s=%q, the client was told %q is safe", c.events, kind, m.ID, k, kv.Value, v)
			}
		}
	}
}

// agreed says whether a leader's whole log is applied everywhere.
func agreed(c *Cluster) bool {
	lead := c.leader()
	if lead == raft.None {
		return false
	}
	last := c.member(lead).node.View().Last
	for _, m := range c.members {
		if m.applied != last {
			return false
		}
	}
	return last > 0
}

func everybody(c *Cluster) []raft.ID {
	var ids []raft.ID
	for _, m := range c.members {
		ids = append(ids, m.id)
	}
	return ids
}

func start(t *testing.T, cfg Config) *Cluster {
	t.Helper()
	c, err := New(cfg, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeCluster(t, c) })
	return c
}

func closeCluster(t *testing.T, c *Cluster) {
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

// runUntil steps until ok, at most limit of virtual time.
func runUntil(t *testing.T, c *Cluster, limit clock.Time, ok func() bool) {
	t.Helper()
	var e Event
	for end := c.now + limit; !ok(); {
		if !c.Step(&e) || c.now > end {
			t.Fatalf("not reached by %v: %s", c.now, e.Sentence())
		}
	}
}

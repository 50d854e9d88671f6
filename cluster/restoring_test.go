package cluster

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"etcdscope/cluster/clock"
	"etcdscope/raft"
)

// savedFile is what snapshot save leaves of a cluster with a few keys, some of them written twice.
func savedFile(t *testing.T) (file []byte, keys string) {
	t.Helper()
	c := start(t, Config{Seed: 3, Nodes: 3})
	runUntil(t, c, 10*clock.Second, func() bool { return c.leader() != raft.None })
	for _, key := range []string{"a", "b", "a", "c", "b"} {
		var e Event
		if err := c.Do(Command{Kind: ClientPut, Op: &OpSpec{Key: []byte(key), Value: []byte("of " + key)}}, &e); err != nil {
			t.Fatal(err)
		}
		runUntil(t, c, 10*clock.Second, func() bool { return c.client(1).pending == 0 })
	}
	lead := c.member(c.leader())
	b, err := lead.backup()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := b.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	if keys, err = keysAt(lead.store, 0); err != nil || keys == "" {
		t.Fatal(keys, err)
	}
	return out.Bytes(), keys
}

// TestRestoreStopped: a restore is stopped at each of its events, for all members at once, by kill -9 and by cutting
// the power. Each of them then either starts, or says what its files are and runs after it was wiped and started
// again. In the end all have the keys of the snapshot, and nobody anything else.
func TestRestoreStopped(t *testing.T) {
	file, keys := savedFile(t)
	refused := map[string]int{}
	for _, cfg := range []Config{
		{Seed: 1, Nodes: 1, Restore: &Restore{Snapshot: file}},
		{Seed: 2, Nodes: 3, Restore: &Restore{Snapshot: file, BumpRevision: 1000, MarkCompacted: true}},
		{Seed: 3, Nodes: 3, Profile: profileEtcd, Restore: &Restore{Snapshot: file}},
	} {
		c := start(t, cfg)
		steps := 0
		for ; !settled(c); steps++ {
			for _, kind := range []CommandKind{Crash, Poweroff} {
				reasons, err := restoreAgain(t, c, kind, keys)
				if err != nil {
					t.Fatal(err)
				}
				for why, n := range reasons {
					refused[why] += n
				}
			}
			var e Event
			c.Step(&e)
		}
		if steps < 8*cfg.Nodes {
			t.Errorf("%d members were restored and settled in %d events: too few to be true", cfg.Nodes, steps)
		}
	}
	for _, why := range []string{"there is no WAL", "raft: "} {
		known := func(s string) bool { return strings.HasPrefix(s, "the restore did not end ("+why) }
		if !slices.ContainsFunc(slices.Collect(maps.Keys(refused)), known) {
			t.Errorf("no member was ever down with %q, only %v", why, refused)
		}
	}
}

// restoreAgain stops a copy of the world, mends it as an operator would, and looks at the keys. It returns how many
// members refused to start on what they found, by reason.
func restoreAgain(t *testing.T, c *Cluster, kind CommandKind, keys string) (refused map[string]int, err error) {
	t.Helper()
	d, err := c.Clone()
	if err != nil {
		t.Fatal(err)
	}
	defer closeCluster(t, d)
	order(t, d, kind, everybody(d))
	order(t, d, Restart, everybody(d))
	refused = map[string]int{}
	for _, m := range d.members {
		if m.up {
			continue
		}
		if refused[m.down]++; m.restoring == nil {
			order(t, d, Wipe, []raft.ID{m.id})
			order(t, d, Restart, []raft.ID{m.id})
		}
	}
	runUntil(t, d, 30*clock.Second, func() bool { return settled(d) })
	for _, m := range d.members {
		got, err := keysAt(m.store, 0)
		if err != nil || got != keys {
			return refused, fmt.Errorf("%v at event %d: n%d has %s, %v; want %s", kind, c.events, m.id, got, err, keys)
		}
	}
	return refused, nil
}

// TestRestoreOnAFullDisk: the tool stops when the disk is full, and says so; with room again another try succeeds.
func TestRestoreOnAFullDisk(t *testing.T) {
	file, _ := savedFile(t)
	c := start(t, Config{Seed: 1, Nodes: 1, Restore: &Restore{Snapshot: file}})
	var e Event
	full := Command{Kind: Disk, Members: []raft.ID{1}, Disk: DiskSpec{Verb: DiskFill, N: 300}}
	if err := c.Do(full, &e); err != nil {
		t.Fatal(err)
	}
	for c.member(1).restoring != nil {
		c.Step(&e)
	}
	if m := c.member(1); m.up || !strings.Contains(m.down, "no space left on device") || !e.DiskFailed() {
		t.Fatalf("n1 is up: %v, down: %q", m.up, m.down)
	}
	repair := Command{Kind: Disk, Members: []raft.ID{1}, Disk: DiskSpec{Verb: DiskRepair}}
	if err := c.Do(repair, &e); err != nil {
		t.Fatal(err)
	}
	order(t, c, Wipe, []raft.ID{1})
	order(t, c, Restart, []raft.ID{1})
	runUntil(t, c, 30*clock.Second, func() bool { return settled(c) })
}

// TestRestoringIsNoMember: what only a process can do is refused until there is one.
func TestRestoringIsNoMember(t *testing.T) {
	file, _ := savedFile(t)
	c := start(t, Config{Seed: 1, Nodes: 1, Restore: &Restore{Snapshot: file}})
	for _, kind := range []CommandKind{Pause, Campaign, Wipe} {
		var e Event
		if err := c.Do(Command{Kind: kind, Members: []raft.ID{1}}, &e); err == nil {
			t.Errorf("%v of a member that is being restored is carried out", kind)
		}
	}
	if why := c.View().Member(1).Down; why != DownRestoring {
		t.Errorf("it is down because it is %q", why)
	}
}

// order gives members a command that must be carried out.
func order(t *testing.T, c *Cluster, kind CommandKind, members []raft.ID) {
	t.Helper()
	var e Event
	if err := c.Do(Command{Kind: kind, Members: members}, &e); err != nil {
		t.Fatal(err)
	}
}

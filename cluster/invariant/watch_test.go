package invariant_test

import (
	"fmt"
	"testing"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/cluster/invariant"
	"etcdscope/raft"
)

// watching is a run with watches from the past, of now and of the future, slow clients and questions for progress;
// members die, are cut off and fall behind to a snapshot, and history is compacted.
type watching struct {
	seed, step uint64
}

func (w *watching) draw(n uint64) uint64 {
	w.step++
	return clock.Draw(w.seed, 77, 0, 0, w.step) % n
}

func (w *watching) command() cluster.Command {
	one := []raft.ID{raft.ID(w.draw(3) + 1)}
	key := fmt.Appendf(nil, "k%d", w.draw(4))
	tag := fmt.Sprintf("w%d", w.draw(6))
	watch := cluster.Command{Kind: cluster.ClientWatch, Op: &cluster.OpSpec{Key: key, Tag: tag, Via: one[0]}}
	switch kind := w.draw(24); kind {
	case 0:
		watch.Op = &cluster.OpSpec{Key: []byte("k"), End: []byte("l"), Rev: int64(w.draw(60)), Tag: tag}
		return watch
	case 1:
		return watch
	case 2, 3, 4:
		return cluster.Command{Kind: cluster.SlowWatch + cluster.CommandKind(kind-2), Op: &cluster.OpSpec{Tag: tag}}
	case 5:
		return cluster.Command{Kind: cluster.ClientCompact, Op: &cluster.OpSpec{Now: true}}
	case 6:
		return cluster.Command{Kind: cluster.ClientDelete, Op: &cluster.OpSpec{Key: key}}
	case 7:
		return cluster.Command{Kind: cluster.Crash, Members: one}
	case 8, 9:
		return cluster.Command{Kind: cluster.Restart, Members: one}
	case 10:
		return cluster.Command{Kind: cluster.Isolate, Members: one}
	case 11, 12:
		return cluster.Command{Kind: cluster.Heal}
	case 13:
		return cluster.Command{Kind: cluster.Pause, Members: one}
	case 14, 15:
		return cluster.Command{Kind: cluster.Resume, Members: one}
	}
	return cluster.Command{Kind: cluster.ClientPut, Op: &cluster.OpSpec{Key: key, Value: []byte("v")}}
}

// TestWatchesUnderFaults: with all rules in force no watch misses anything or gets anything twice.
func TestWatchesUnderFaults(t *testing.T) {
	delivered := 0
	flags := cluster.Flags{SnapshotCount: 5, SnapshotCatchUpEntries: 3}
	for seed := range uint64(10) {
		c, err := cluster.New(cluster.Config{Nodes: 3, Seed: seed, Flags: flags}, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		w, checker := watching{seed: seed}, invariant.New(3)
		for n := range 6000 {
			var e cluster.Event
			if n%15 == 0 && c.Do(w.command(), &e) != nil || n%15 != 0 && !c.Step(&e) {
				continue // it made no sense
			}
			if e.Kind == cluster.WatchEvent {
				delivered += e.N
			}
			for _, v := range checker.Check(&e, c.View) {
				t.Errorf("seed %d, event %d: %s: %s", seed, e.ID, v.Name, v.Detail)
			}
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	if delivered < 1000 {
		t.Errorf("only %d events were delivered", delivered)
	}
}

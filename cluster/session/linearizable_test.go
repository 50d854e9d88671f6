package session

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
)

// register is one key as clients see it: what a put stores, the next gets find.
var register = porcupine.Model{
	Init: func() any { return "" },
	Step: func(state, input, output any) (bool, any) {
		in, out := input.(*cluster.OpSpec), output.(answer)
		if out.put {
			return true, string(in.Value)
		}
		return out.value == state, state
	},
	DescribeOperation: func(input, output any) string {
		in, out := input.(*cluster.OpSpec), output.(answer)
		if out.put {
			return fmt.Sprintf("put %s %s", in.Key, in.Value)
		}
		return fmt.Sprintf("get %s: %q", in.Key, out.value)
	},
}

type answer struct {
	put   bool
	value string
}

// TestLinearizable is a second opinion on what the clients saw, from a checker that knows nothing of revisions:
// three clients write and read two keys while members crash, lose power, pause and are cut off.
func TestLinearizable(t *testing.T) {
	met, judged := map[string]int{}, 0
	for seed := range seeds(40) {
		s := begin(t, cluster.Config{Seed: seed, Flags: flagsFor(seed)}, Options{})
		for key, history := range trouble(t, s, seed) {
			judged += len(history)
			switch porcupine.CheckOperationsTimeout(register, history, 20*time.Second) {
			case porcupine.Illegal:
				t.Errorf("seed %d: the history of %s is not linearizable", seed, key)
			case porcupine.Unknown:
				t.Errorf("seed %d: the history of %s has too many unknown outcomes to be judged", seed, key)
			}
		}
		for _, v := range s.Violations() {
			t.Errorf("seed %d: %s at event %d: %s", seed, v.Name, v.Event, v.Sentence)
		}
		sometimes(s, met)
	}
	if judged < 1000 && !testing.Short() {
		t.Errorf("only %d operations were judged: the runs show less than they say", judged)
	}
	for _, name := range []string{
		"snapshot_install", "snapshot_done", "conf_changed", "member_stop", "elected", "truncate", "peer_report",
	} {
		if met[name] == 0 && !testing.Short() {
			t.Errorf("no run has met %s: the runs show less than they say", name)
		}
	}
}

// seeds is how many runs a test makes: a quarter of them in a short run.
func seeds(n uint64) uint64 {
	if testing.Short() {
		return (n + 3) / 4
	}
	return n
}

// sometimes counts what happened in a run, by the names of its events.
func sometimes(s *Session, met map[string]int) {
	for id := range s.End() {
		for _, name := range s.Event(id + 1).Names(nil) {
			met[name]++
		}
	}
}

// flagsFor lets every other run take snapshots all the time, so that who was down is brought forward by one.
func flagsFor(seed uint64) (f cluster.Flags) {
	if seed%2 == 1 {
		f = cluster.Flags{SnapshotCount: 4, SnapshotCatchUpEntries: 2, WALSegmentBytes: 2000}
	}
	return f
}

// TestLinearizableCanFail switches off the rules that keep reads fresh: the checker finds the read of a leader that
// was deposed behind its back, and with the rules on there is no such answer.
func TestLinearizableCanFail(t *testing.T) {
	for _, c := range []struct {
		off  []string
		want porcupine.CheckResult
	}{{nil, porcupine.Ok}, {[]string{"checkquorum", "read-index"}, porcupine.Illegal}} {
		s := begin(t, cluster.Config{Nodes: 3, Seed: 1, Off: c.off}, Options{NoCheck: true})
		histories := map[string][]porcupine.Operation{}
		do := func(line string) {
			if _, err := s.Exec(line); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
		}
		do("run until size(leaders()) == 1 max 5s")
		old := s.View().Leader().ID
		do("put x 1")
		do("run 200ms")
		do(fmt.Sprintf("isolate n%d", old))
		do("run 800ms")
		do(fmt.Sprintf("put x 2 --via n%d", old%3+1))
		do("run 300ms")
		do(fmt.Sprintf("get x --via n%d", old))
		do("run 3s")
		collect(s, map[cluster.OpID]bool{}, histories)
		if got := porcupine.CheckOperationsTimeout(register, histories["x"], 20*time.Second); got != c.want {
			t.Errorf("without %v the history is %s, want %s", c.off, got, c.want)
		}
	}
}

// trouble lets clients and faults loose and returns what the clients saw, by key.
func trouble(t *testing.T, s *Session, seed uint64) map[string][]porcupine.Operation {
	t.Helper()
	histories := map[string][]porcupine.Operation{}
	seen := map[cluster.OpID]bool{}
	for round := range uint64(60) {
		draw := clock.Draw(seed, 500, 0, 0, round)
		for _, line := range oneRound(draw, round) {
			_, err := s.Exec(line)
			_ = err // a fault that makes no sense now is no fault
		}
		if _, err := s.Exec(fmt.Sprintf("run %dms", 20+draw>>40%120)); err != nil {
			t.Fatal(err)
		}
		collect(s, seen, histories)
	}
	for _, line := range []string{"heal", "restart all", "run 5s"} {
		if _, err := s.Exec(line); err != nil {
			t.Fatal(err)
		}
	}
	collect(s, seen, histories)
	resolve(s, histories)
	return histories
}

// resolve gives the puts without an answer the time at which they took effect, which the observer knows: that at which
// the first member applied them. What nobody has applied, now that all is quiet, never took effect.
func resolve(s *Session, histories map[string][]porcupine.Operation) {
	applied := appliedAt(s)
	for key, history := range histories {
		kept := history[:0]
		for _, op := range history {
			if op.Return == math.MaxInt64 {
				at, ok := applied[op.ClientId]
				if !ok {
					continue
				}
				op.Return = at
			}
			kept = append(kept, op)
		}
		histories[key] = kept
	}
}

// appliedAt tells of each operation when the first member applied it.
func appliedAt(s *Session) map[int]int64 {
	applied := map[int]int64{}
	for id := range s.End() {
		e := s.Event(id + 1)
		if _, known := applied[int(e.Op)]; e.Kind == cluster.Apply && e.Op != 0 && !known {
			applied[int(e.Op)] = int64(e.At)
		}
	}
	return applied
}

// oneRound is what happens in one round: two requests, and often a fault.
func oneRound(draw, round uint64) []string {
	key := string('x' + rune(draw%2))
	lines := []string{
		fmt.Sprintf("put %s %d --by c%d --via n%d", key, round, draw>>2%3+1, draw>>4%5+1),
		fmt.Sprintf("get %s --by c%d --via n%d", key, draw>>8%3+1, draw>>10%5+1),
	}
	a, b := draw>>14%5+1, draw>>18%5+1
	faults := []string{
		"crash n%d", "poweroff n%d", "pause n%d", "isolate n%d", "resume n%d", "restart n%d", "restart n%d", "restart n%d",
	}
	switch fault := draw >> 22 % 12; {
	case fault < uint64(len(faults)):
		lines = append(lines, fmt.Sprintf(faults[fault], a))
	case fault == 8 && a != b:
		lines = append(lines, fmt.Sprintf("cut n%d->n%d", a, b))
	case fault < 11:
		lines = append(lines, "heal")
	}
	return append(lines, oneChange(draw>>27, a)...)
}

// oneChange now and then changes the membership.
func oneChange(draw, a uint64) []string {
	changes := []string{
		"member add", "member add --learner", "start n%d", "member promote n%d", "member remove n%d",
		"move-leader n%d", "member set n1,n2,n%d", "start n6", "member promote n6", "start n7", "start n8",
	}
	line := changes[draw>>4%uint64(len(changes))]
	switch {
	case draw%4 != 0:
		return nil
	case strings.Contains(line, "%d"):
		line = fmt.Sprintf(line, a+draw>>8%3)
	}
	return []string{line}
}

// collect takes the operations that have ended since the last time. A put without an answer may take effect at any
// time after its call; a refused one and an unanswered get say nothing.
func collect(s *Session, seen map[cluster.OpID]bool, histories map[string][]porcupine.Operation) {
	for _, o := range s.View().Ops {
		if seen[o.ID] || o.State == cluster.OpPending || o.Kind == cluster.ClientGet && o.State != cluster.OpDone {
			continue
		}
		seen[o.ID] = true
		if o.State == cluster.OpFailed || o.Kind != cluster.ClientPut && o.Kind != cluster.ClientGet {
			continue
		}
		op := porcupine.Operation{ClientId: int(o.ID), Input: o.Spec, Call: int64(o.Called), Return: int64(o.Returned)}
		out := answer{put: o.Kind == cluster.ClientPut}
		if len(o.KVs) > 0 {
			out.value = string(o.KVs[0].Value)
		}
		if o.State == cluster.OpUnknown {
			op.Return = math.MaxInt64
		}
		op.Output = out
		key := string(o.Spec.Key)
		histories[key] = append(histories[key], op)
	}
}

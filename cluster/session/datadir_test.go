package session

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
)

// keeping starts a session over a data directory, which Close writes.
func keeping(t *testing.T, dir string, cfg cluster.Config) *Session {
	t.Helper()
	d, err := OpenDataDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Dir: t.TempDir()}
	if err := d.Begin(&cfg, 0, o); err != nil {
		t.Fatal(err)
	}
	s := begin(t, cfg, o)
	s.Keep(d)
	return s
}

func exec(t *testing.T, s *Session, lines ...string) (out string) {
	t.Helper()
	for _, line := range lines {
		var err error
		if out, err = s.Exec(line); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	return out
}

func shut(t *testing.T, s *Session) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// keptDir is a directory that a quiet session of three members has left: x is 1 and y is 2.
func keptDir(t *testing.T, cfg cluster.Config) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "kept")
	cfg.Nodes = 3
	s := keeping(t, dir, cfg)
	exec(t, s, "run until size(leaders()) == 1 max 5s", "put x 1", "put y 2", "run 2s")
	shut(t, s)
	return dir
}

// TestDataDirLosesNothing: clients write and read while members fail and come and go; in the middle of that the
// session ends, and the next goes on with its files, with other luck. What the clients saw over all sessions is
// linearizable, and no invariant is broken.
func TestDataDirLosesNothing(t *testing.T) {
	for seed := range seeds(8) {
		dir := filepath.Join(t.TempDir(), "kept")
		histories := map[string][]porcupine.Operation{}
		var before clock.Time
		for session := range uint64(4) {
			profile := cluster.ProfileNames()[seed/2%2]
			s := keeping(t, dir, cluster.Config{Seed: seed + 100*session, Profile: profile, Flags: flagsFor(seed)})
			here := map[string][]porcupine.Operation{}
			seen := map[cluster.OpID]bool{}
			exec(t, s, "run 3s")
			for round := range uint64(15) {
				draw := clock.Draw(seed, 501, session, 0, round)
				for _, line := range oneRound(draw, session*100+round) {
					_, err := s.Exec(line)
					_ = err // a fault that makes no sense now is no fault
				}
				exec(t, s, fmt.Sprintf("run %dms", 20+draw>>40%120))
				collect(s, seen, here)
			}
			if session == 3 {
				exec(t, s, "heal", "restart all", "run 10s", "get x", "get y", "run 1s")
				collect(s, seen, here)
			}
			unanswered(s, seen, here)
			applied := appliedAt(s)
			for key, history := range here {
				for _, op := range history {
					if at, ok := applied[op.ClientId]; ok && op.Return == math.MaxInt64 {
						op.Return = at
					}
					op.Call += int64(before)
					if op.Return < math.MaxInt64 {
						op.Return += int64(before)
					}
					histories[key] = append(histories[key], op)
				}
			}
			if session == 3 {
				happened(s, histories)
			}
			before += s.Now() + 1
			for _, v := range s.Violations() {
				t.Errorf("seed %d, session %d: %s at event %d: %s", seed, session, v.Name, v.Event, v.Sentence)
			}
			shut(t, s)
		}
		for key, history := range histories {
			if got := porcupine.CheckOperationsTimeout(register, history, 20*time.Second); got != porcupine.Ok {
				t.Errorf("seed %d: the history of %s is %s", seed, key, got)
			}
		}
	}
}

// unanswered collects the puts that are still on their way when the session ends.
func unanswered(s *Session, seen map[cluster.OpID]bool, histories map[string][]porcupine.Operation) {
	for _, o := range s.View().Ops {
		if seen[o.ID] || o.State != cluster.OpPending || o.Kind != cluster.ClientPut {
			continue
		}
		key := string(o.Spec.Key)
		histories[key] = append(histories[key], porcupine.Operation{
			ClientId: int(o.ID), Input: o.Spec, Call: int64(o.Called), Return: math.MaxInt64, Output: answer{put: true},
		})
	}
}

// happened leaves out the puts that never took effect: every version of a key is still there.
func happened(s *Session, histories map[string][]porcupine.Operation) {
	store := s.View().Leader().Store
	for key, history := range histories {
		values := map[string]bool{}
		for rev := int64(1); rev <= store.Revision; rev++ {
			if kv, ok := store.Get(key, rev); ok {
				values[string(kv.Value)] = true
			}
		}
		histories[key] = slices.DeleteFunc(history, func(op porcupine.Operation) bool {
			return op.Return == math.MaxInt64 && !values[string(op.Input.(*cluster.OpSpec).Value)]
		})
	}
}

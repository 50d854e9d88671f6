package session

import (
	"fmt"
	"strings"
	"testing"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
)

// begin starts a session that the test closes.
func begin(t testing.TB, cfg cluster.Config, o Options) *Session {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	s, err := New(cfg, o)
	if err != nil {
		t.Fatal(err)
	}
	closing(t, s)
	return s
}

func closing(t testing.TB, s *Session) {
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// faults is a script that keeps a cluster busy: every step goes some events forward and gives a line, all
// drawn from the seed.
type faults struct {
	s    *Session
	seed uint64
	n    uint64
}

func (f *faults) step(t testing.TB, events int) {
	t.Helper()
	f.s.SetDetail(cluster.Bytes)
	if err := f.s.Forward(events); err != nil {
		t.Fatal(err)
	}
	f.n++
	draw := clock.Draw(f.seed, 77, 0, 0, f.n)
	a, b, c := draw>>8%5+1, draw>>16%5+1, draw>>24%5+1
	line := fmt.Sprintf("put k%d v%d", draw>>32%9, f.n)
	switch draw % 30 {
	case 0:
		line = fmt.Sprintf("crash n%d", a)
	case 1:
		line = fmt.Sprintf("poweroff n%d", a)
	case 2, 3, 4:
		line = fmt.Sprintf("restart n%d", a)
	case 5:
		line = fmt.Sprintf("partition n%d / n%d,n%d", a, b, c)
	case 6, 7:
		line = "heal"
	case 8:
		line = fmt.Sprintf("get k%d", draw>>32%9)
	case 9:
		line = fmt.Sprintf("del k%d --via n%d", draw>>32%9, a)
	case 10:
		line = fmt.Sprintf("hold n%d->n%d", a, b)
	case 11, 12:
		line = "release"
	case 13:
		line = fmt.Sprintf("delay n%d n%d 30ms", a, b)
	case 14:
		line = fmt.Sprintf("watch k%d --tag w%d", draw>>32%9, f.n)
	case 15:
		line = fmt.Sprintf("campaign n%d", a)
	}
	_, _ = f.s.Exec(line) // a line that makes no sense now changes nothing
}

// hashes are the fingerprints of one moment.
type hashes struct{ events, state uint64 }

func now(s *Session) hashes { return hashes{s.EventHash(), s.StateHash()} }

func seek(t testing.TB, s *Session, id uint64) {
	t.Helper()
	if err := s.Seek(id); err != nil {
		t.Fatal(err)
	}
}

// busy runs a script of 10,000 events with crashes, power cuts, partitions and writes.
func busy(t testing.TB, seed uint64, o Options) *Session {
	t.Helper()
	s := begin(t, cluster.Config{Seed: seed}, o)
	f := faults{s: s, seed: seed}
	for s.Pos() < 10_000 {
		f.step(t, 40)
	}
	return s
}

// TestSameScriptSameHash is determinism: two runs in one process, whose maps Go orders differently.
func TestSameScriptSameHash(t *testing.T) {
	for _, seed := range []uint64{1, 2, 3} {
		a, b := busy(t, seed, Options{}), busy(t, seed, Options{NoCheck: true})
		if now(a) != now(b) {
			t.Errorf("seed %d: two runs of one script differ: %x and %x", seed, now(a), now(b))
		}
		if v := a.Violations(); len(v) > 0 {
			t.Errorf("seed %d: %v", seed, v[0])
		}
	}
}

// TestForwardBackForward goes N events forward, N back, and N forward again.
func TestForwardBackForward(t *testing.T) {
	s := busy(t, 4, Options{})
	end, n := now(s), int(s.Pos())
	for range n {
		if err := s.Back(1); err != nil {
			t.Fatal(err)
		}
	}
	if s.Pos() != 0 {
		t.Fatalf("%d events back lead to event %d, want the start", n, s.Pos())
	}
	if err := s.Forward(n); err != nil {
		t.Fatal(err)
	}
	if now(s) != end || len(s.Branches()) != 1 {
		t.Errorf("after %d back and forward: %x, want %x", n, now(s), end)
	}
}

// TestSeekComesBackToTheSameMoment compares random seeks with what was seen when the moment was recorded, with
// many checkpoints and with hardly any, on several branches.
func TestSeekComesBackToTheSameMoment(t *testing.T) {
	for _, budget := range []int64{0, 1} {
		s := begin(t, cluster.Config{Seed: 6}, Options{Budget: budget})
		seen := map[string]map[uint64]hashes{}
		f := faults{s: s, seed: 6}
		for i := range uint64(240) {
			f.step(t, 30)
			name := s.cur.name
			if seen[name] == nil {
				seen[name] = map[uint64]hashes{}
			}
			seen[name][s.Pos()] = now(s)
			if i%80 == 79 {
				seek(t, s, s.Pos()*2/3) // the next command forks
			}
		}
		if len(s.branches) < 3 {
			t.Fatalf("only %d branches: the run shows nothing", len(s.branches))
		}
		for _, b := range s.Branches() {
			if err := s.Switch(b.Name); err != nil {
				t.Fatal(err)
			}
			compareMoments(t, s, seen[b.Name])
		}
		if n := checkpoints(s); budget == 1 && n > 2 {
			t.Errorf("%d checkpoints with a budget of 1: want the start and the newest", n)
		}
	}
}

func checkpoints(s *Session) (n int) {
	for _, b := range s.branches {
		n += len(b.checkpoints)
	}
	return n
}

func compareMoments(t *testing.T, s *Session, seen map[uint64]hashes) {
	t.Helper()
	n := 0
	for id, want := range seen { // the order does not matter: that is the point
		seek(t, s, id)
		if now(s) != want {
			t.Fatalf("branch %s, event %d: %x, want %x", s.cur.name, id, now(s), want)
		}
		if n++; n == 60 {
			break
		}
	}
}

// TestNothingHappens asks a world that stands still to go on, and checks that the question leaves no trace: a
// command that follows must come out the same in a replay, which does not ask.
func TestNothingHappens(t *testing.T) {
	s := begin(t, cluster.Config{Seed: 8, Nodes: 3}, Options{})
	run := func(lines ...string) {
		t.Helper()
		for _, line := range lines {
			if _, err := s.Exec(line); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
		}
	}
	run("run 300ms", "put x 1", "put x 2", "run 1ms", "crash n1 n2 n3", "run 60s")
	quiet := s.Pos()
	if err := s.Forward(5); err != nil || s.Pos() != quiet {
		t.Errorf("from event %d forward to %d, %v: want to stay", quiet, s.Pos(), err)
	}
	run("put x 3", "run 5s", "restart n1 n2 n3", "run 1s")
	end := now(s)
	seek(t, s, 0)
	seek(t, s, s.End())
	if now(s) != end {
		t.Errorf("replayed %x, recorded %x", now(s), end)
	}
}

// TestPatience stops a line that would keep its reader waiting, and lets the same line go on.
func TestPatience(t *testing.T) {
	s := begin(t, cluster.Config{Seed: 1, Nodes: 3}, Options{})
	s.SetPatience(500)
	before := uint64(0)
	for range 3 {
		out, err := s.Exec("goto 1h")
		if err != nil || !strings.HasPrefix(out, "stopped after 500 events, the same line goes on: event ") {
			t.Fatalf("goto 1h: %q, %v", out, err)
		}
		if s.Pos() < before+490 || s.Pos() > before+500 {
			t.Fatalf("from event %d it went to event %d", before, s.Pos())
		}
		before = s.Pos()
	}
	if out, err := s.Exec("run 50ms"); err != nil || strings.Contains(out, "stopped") {
		t.Fatalf("run 50ms: %q, %v", out, err)
	}
}

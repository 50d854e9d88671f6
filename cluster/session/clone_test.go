package session

import (
	"fmt"
	"os"
	"sync"
	"testing"

	"etcdscope/cluster"
)

// TestCloneRunsAhead lets clones and their original record different futures at the same time: neither feels
// the other.
func TestCloneRunsAhead(t *testing.T) {
	s := forked(t)
	seek(t, s, s.End()-100)
	here, marks := now(s), len(s.Marks())
	var clones []*Session
	for range 3 {
		c, err := s.Clone()
		if err != nil {
			t.Fatal(err)
		}
		closing(t, c)
		clones = append(clones, c)
		if now(c) != here || c.End() != s.Pos() || len(c.Marks()) > marks {
			t.Fatalf("the clone is at event %d of %d, %x, want event %d, %x", c.Pos(), c.End(), now(c), s.Pos(), here)
		}
	}
	futures := make([]hashes, len(clones))
	var together sync.WaitGroup
	for i, c := range clones {
		together.Go(func() { futures[i] = future(c, fmt.Sprintf("put x %d", i/2)) })
	}
	seek(t, s, s.End())
	own := future(s, "crash n3")
	together.Wait()
	if futures[0] != futures[1] || futures[0] == futures[2] || futures[0] == own || futures[0] == (hashes{}) {
		t.Errorf("clones end at %x, the original at %x", futures, own)
	}
	for _, c := range clones {
		seek(t, c, c.End()-1000)
		seek(t, c, 10)
		seek(t, s, 10)
		if now(c) != now(s) {
			t.Errorf("event 10 is %x in the clone and %x in the original", now(c), now(s))
		}
	}
}

// future gives a command and records 1000 events; zero hashes stand for an error.
func future(s *Session, line string) hashes {
	s.SetDetail(cluster.Bytes)
	if _, err := s.Exec(line); err != nil {
		return hashes{}
	}
	if err := s.Forward(1000); err != nil {
		return hashes{}
	}
	return now(s)
}

// TestTemporaryDirectory is there as long as anybody needs it.
func TestTemporaryDirectory(t *testing.T) {
	dir := t.TempDir()
	s, err := New(cluster.Config{Nodes: 1}, Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Clone()
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range []*Session{s, c} {
		if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
			t.Errorf("before closing session %d: %d entries, %v", i, len(left), err)
		}
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("after closing both: %d entries, %v", len(left), err)
	}
	if _, err := New(cluster.Config{Nodes: 10}, Options{Dir: dir}); err == nil {
		t.Error("10 nodes are more than there can be")
	}
}

// TestStepCounters counts commands and keeps answers for one step of a lesson.
func TestStepCounters(t *testing.T) {
	s := begin(t, cluster.Config{Nodes: 3}, Options{})
	w := s.World()
	for _, line := range []string{"put x 1", "del x", "delete x", "undo", "kill n1", "step 2"} {
		if _, err := s.Exec(line); err != nil {
			t.Fatal(err)
		}
	}
	s.SetAnswer("q1", "b")
	s.SetAnswer("q2", "c")
	counts := fmt.Sprint(w.Commands("put"), w.Commands("del"), w.Commands("crash"), w.Commands("kill"), w.Commands("step"))
	got := counts + " " + w.Answer("q1") + " " + w.Answer("")
	if want := "1 1 1 1 1 b c"; got != want {
		t.Errorf("counted %s, want %s", got, want)
	}
	if n := len(w.EventsNamed("crash")); n != 1 || w.Count("crash") != 1 {
		t.Errorf("%d events named crash", n)
	}
	if err := s.Seek(0); err != nil {
		t.Fatal(err)
	}
	if n := w.Count("crash") + w.Count("put"); n != 0 {
		t.Errorf("at the start %d commands have happened", n)
	}
	s.BeginStep()
	if w.Commands("put") != 0 || w.Answer("") != "" {
		t.Error("a step begins with what the step before left")
	}
}

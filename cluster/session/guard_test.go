package session

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"etcdscope/cluster"
)

// TestPanic breaks the program on purpose and expects a violation, a report that loads, and a session that
// goes on.
func TestPanic(t *testing.T) {
	s := forked(t)
	seek(t, s, s.End())
	good := now(s)
	err := s.stopped(&crash{cause: "index out of range\nmore", stack: "goroutine 1\nmain.go"}, "a test was run")
	s.cur.broken = err
	if err == nil || now(s) != good {
		t.Fatalf("after a panic: %v, %x, want %x", err, now(s), good)
	}
	v := s.Violations()
	where := fmt.Sprintf("seed 9, event %d", s.Pos()+1)
	if len(v) != 1 || v[0].Name != "panic" || !strings.Contains(v[0].Sentence, where) {
		t.Errorf("violations %v", v)
	}
	if err := s.Forward(1); err == nil {
		t.Error("the event that panics was recorded")
	}
	if err := s.Back(3); err != nil {
		t.Error(err)
	}
	if err := s.Do(cluster.Command{Kind: cluster.Heal, Text: "heal"}); err != nil {
		t.Error(err)
	}
	if err := s.Forward(10); err != nil {
		t.Errorf("another future: %v", err)
	}
	l, err := Load("report", strings.NewReader(s.CrashReport()), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	closing(t, l)
	if now(l) != good {
		t.Errorf("the report loads at %x, want %x", now(l), good)
	}
}

// TestGuards wants every panic below the session back as a crash with its cause.
func TestGuards(t *testing.T) {
	var e cluster.Event
	_, stepped := step(nil, &e)
	for _, err := range []error{stepped, do(nil, cluster.Command{}, &e)} {
		var c *crash
		if !errors.As(err, &c) || !strings.Contains(c.cause, "nil pointer") || !strings.Contains(c.stack, "session.") {
			t.Errorf("%v", err)
		}
	}
}

// TestPanicOfTheJudge lets the invariants fail: the run goes on without them.
func TestPanicOfTheJudge(t *testing.T) {
	s := begin(t, cluster.Config{Seed: 2, Nodes: 1}, Options{})
	healthy := s.view
	s.view = func() *cluster.View { panic("no view") }
	ok, err := s.RunTo(5_000_000, 0)
	if err == nil || ok || len(s.Violations()) != 1 {
		t.Fatalf("%v %v, violations %v", ok, err, s.Violations())
	}
	s.view = healthy
	at := s.Pos()
	if ok, err := s.RunTo(5_000_000, 0); err != nil || !ok || s.Pos() <= at {
		t.Errorf("going on: %v %v, event %d", ok, err, s.Pos())
	}
	if err := s.Back(1); err != nil {
		t.Error(err)
	}
}

package session

import "testing"

// TestForkTimeIsTheSameFromEveryBranch holds that a timeline may draw where branches begin, whichever is the current
// one: the fork of B is no event of D.
func TestForkTimeIsTheSameFromEveryBranch(t *testing.T) {
	s := forked(t)
	want := map[string]Branch{}
	for _, b := range s.Branches() {
		if b.Parent == "" {
			continue
		}
		if err := s.Switch(b.Name); err != nil {
			t.Fatal(err)
		}
		if at := s.Event(b.ForkAt).At; at != b.ForkTime || at == 0 {
			t.Errorf("branch %s was forked at %v, its events say %v", b.Name, b.ForkTime, at)
		}
		want[b.Name] = b
	}
	if len(want) < 2 {
		t.Fatalf("only %d forks: the run shows nothing", len(want))
	}
	for _, current := range s.Branches() {
		if err := s.Switch(current.Name); err != nil {
			t.Fatal(err)
		}
		for _, b := range s.Branches() {
			if b.ForkTime != want[b.Name].ForkTime {
				t.Errorf("seen from %s, branch %s was forked at %v, not at %v",
					current.Name, b.Name, b.ForkTime, want[b.Name].ForkTime)
			}
		}
	}
}

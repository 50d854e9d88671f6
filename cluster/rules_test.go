package cluster

import (
	"slices"
	"testing"

	"etcdscope/raft"
)

// TestRuleLists: the lists by name follow raft when it renames a rule, and every rule of raft is offered or idle.
func TestRuleLists(t *testing.T) {
	var names []string
	for _, s := range raft.SwitchableRules() {
		names = append(names, s.Name)
		offered := knownRule(s.Name) == nil
		if offered == slices.Contains(idle, s.Name) {
			t.Errorf("%s: offered is %v, and so is idle", s.Name, offered)
		}
	}
	for _, name := range slices.Concat(idle, onlyProgress) {
		if !slices.Contains(names, name) {
			t.Errorf("raft has no rule %q", name)
		}
	}
}

// TestWithoutAnyRule: whichever rule is off, faults and writes may break promises but never the program. A run ends
// early when no member comes up again, as without persist-term: then every log is refused.
func TestWithoutAnyRule(t *testing.T) {
	up := func(m *member) bool { return m.up }
	for _, r := range Rules() {
		for seed := uint64(1); seed <= 3; seed++ {
			c := start(t, Config{Seed: seed, Off: []string{r.Name}, Flags: frequent})
			x := chaos{writer: writer{c: c}, seed: seed}
			var e Event
			for range 5000 {
				if !slices.ContainsFunc(c.members, up) {
					if err := c.Do(Command{Kind: Restart, Members: everybody(c)}, &e); err != nil {
						t.Fatalf("without %s, seed %d: %v", r.Name, seed, err)
					}
					if !slices.ContainsFunc(c.members, up) {
						break
					}
				}
				x.step(t, &e)
			}
		}
	}
}

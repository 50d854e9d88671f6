package raft_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"etcdscope/raft"
)

// schedules is how many random schedules a run of the tests plays, half of them with each generator.
const schedules = 10000

// sometimes is what must happen in some of the schedules, or they are too tame to test anything.
var sometimes = []string{
	"commit in a joint configuration",
	"election in a joint configuration",
	"entries of older terms commit with one of the own term",
	"joint configuration entered",
	"joint configuration left",
	"leader commits what its own disk lacks",
	"leader crashes in a joint configuration",
	"leader crashes with entries that are not on its disk",
	"promise of a term that the disk has left",
	"read confirmed after a change of leaders",
	"read confirmed at a follower",
	"snapshot installed",
	"snapshot installed while candidate",
	"snapshot replaces a longer log",
	"transfer completed",
}

// playSeed plays the schedule of a seed, lets the cluster recover and returns what was done.
func playSeed(g generator, seed int, off ...string) *sim {
	s := newSim(seed, off...)
	g.play(s)
	if len(s.guard.broken) == 0 {
		s.do("recover")
	}
	return s
}

// report says what a schedule broke, with the shortest script that breaks the same.
func (s *sim) report(g generator, seed int) string {
	name := s.guard.brokenNames()[0]
	return fmt.Sprintf("%s seed %d: %s\n%s", g.name, seed, s.guard.broken[0], script(shrink(s.lines, name, s.off...)))
}

// TestRandomSchedules looks for a schedule that breaks a guarantee of Raft. RAFT_SEEDS says how many.
func TestRandomSchedules(t *testing.T) {
	count := schedules
	if testing.Short() || raceDetector {
		count /= 20
	}
	first, seeds := seedsFor(count)
	often := map[string]int{}
	for _, g := range generators {
		elections, commits, reads, lines := 0, 0, 0, 0
		for seed := first; seed < first+seeds/len(generators); seed++ {
			s := playSeed(g, seed)
			if len(s.guard.broken) > 0 {
				t.Fatal(s.report(g, seed))
			}
			elections += len(s.guard.leaders)
			commits += int(s.guard.last())
			reads += s.guard.answered
			lines += len(s.lines)
			for what, n := range s.guard.often {
				often[what] += n
			}
		}
		t.Logf("%s: %d commands, %d elections, %d committed entries, %d reads answered",
			g.name, lines, elections, commits, reads)
		if elections < seeds || commits < 4*seeds || reads < seeds/2 {
			t.Error("the schedules do too little to test anything")
		}
	}
	for _, what := range slices.Sorted(maps.Keys(often)) {
		t.Logf("%6d %s", often[what], what)
	}
	for _, what := range sometimes {
		if often[what] == 0 && seeds >= schedules {
			t.Errorf("it never happens: %s", what)
		}
	}
}

// TestNothingCrashesWithoutRules plays random schedules with rules switched off, some of them in the middle of
// everything: whatever breaks, the node goes on.
func TestNothingCrashesWithoutRules(t *testing.T) {
	switches := raft.SwitchableRules()
	first, seeds := seedsFor(4 * len(switches))
	broken := 0
	for seed := first; seed < first+seeds; seed++ {
		luck := chance(seed)
		off := []string{switches[seed%len(switches)].Name}
		for range luck.below(3) {
			off = append(off, switches[luck.below(len(switches))].Name)
		}
		s := newSim(seed, off...)
		s.wild = true
		fuzz(s)
		broken += min(1, len(s.guard.broken))
	}
	if t.Logf("%d of %d schedules broke something", broken, seeds); broken < seeds/3 {
		t.Error("hardly anything was broken: the switches do nothing")
	}
}

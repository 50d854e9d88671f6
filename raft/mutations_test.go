package raft_test

import (
	"slices"
	"strings"
	"testing"

	"etcdscope/raft"
)

// mutation is a way to break Raft that the tests must notice.
type mutation struct {
	what    string
	script  string // in testdata/switches, or in testdata/schedules where more than one rule is off
	reports string // the guarantees that the script breaks
	found   string // the generators that find it by chance, within a hundred seeds
}

// mutations are thirty ways to break Raft. What the random schedules do not find by chance has a script; so has
// everything else.
var mutations = []mutation{
	{"commit older terms by counting", "commit-current-term-only", "LeaderCompleteness CommitOwnTerm", "fuzz swarm"},
	{"vote twice in a term", "vote-once", "VoteOnce ElectionSafety", "fuzz swarm"},
	{"vote without looking at the log", "log-check-on-vote", "LeaderCompleteness", "fuzz swarm"},
	{"vote for the longest log", "last-term-first", "LeaderCompleteness", ""},
	{"forget the vote in a crash", "persist-vote", "PersistBeforeSend VoteOnce", "fuzz swarm"},
	{"forget the term in a crash", "persist-term", "PersistBeforeSend TermMonotonic", "fuzz swarm"},
	{"send a vote before the fsync", "vote-after-fsync", "PersistBeforeSend", "fuzz swarm"},
	{"acknowledge before the fsync", "fsync", "PersistBeforeSend DurableQuorum", "fuzz swarm"},
	{"count the own copy before its fsync", "own-ack-after-fsync", "DurableQuorum", "fuzz swarm"},
	{"obey a leader of a lower term", "ignore-lower-term", "LeaderCompleteness", "fuzz swarm"},
	{"append without looking at what is before", "prev-check", "LogMatching", "fuzz"},
	{"keep entries that conflict", "truncate-conflicts", "StateMachineSafety", "fuzz swarm"},
	{"cut the log behind every append", "truncate-only-on-conflict", "LeaderCompleteness", "fuzz swarm"},
	{"commit beyond the last new entry", "commit-within-append", "StateMachineSafety", ""},
	{"commit beyond what is known to agree", "heartbeat-commit-within-match", "StateMachineSafety", "fuzz swarm"},
	{"half of the voters decides", "majority", "VoteQuorum DurableQuorum", "fuzz swarm"},
	{"count acknowledgements of older terms", "acks-of-own-term", "DurableQuorum", ""},
	{"count votes of older terms", "votes-of-own-term", "VoteQuorum", "fuzz"},
	{"a leader ignores higher terms", "step-down", "Recovery", "fuzz swarm"},
	{"a new leader drops its tail", "leader-append-only", "LeaderCompleteness StateMachineSafety", "fuzz swarm"},
	{"install an old snapshot", "ignore-old-snapshot", "CommitMonotonic SnapshotSafety", ""},
	{"a snapshot removes what agrees with it", "snapshot-keeps-suffix", "SnapshotSafety LeaderCompleteness", ""},
	{"answer reads without asking", "read-index", "LinearizableRead", "swarm"},
	{"change the configuration before the first commit", "conf-needs-own-term-commit", "LeaderCompleteness", ""},
	{"several configuration changes at once", "one-pending-change", "ConfSafety LeaderCompleteness", "fuzz swarm"},
	{"campaign in yesterday's configuration", "campaign-needs-applied-config", "ConfSafety", "fuzz"},
	{"count learners", "learners-do-not-count", "DurableQuorum", "fuzz swarm"},
	{"no empty entry of a new leader", "noop", "QuietRecovery", "fuzz swarm"},
	{"a refusal does not move the next index back", "backtrack", "Recovery", "fuzz swarm"},
	{"apply and answer before the fsync, alone", "answer-before-fsync", "AppliedOnDisk DurableQuorum", "fuzz swarm"},
}

func (m mutation) ending(t *testing.T) ending {
	if slices.ContainsFunc(raft.SwitchableRules(), func(s raft.Switch) bool { return s.Name == m.script }) {
		return readEnding(t, "switches", m.script)
	}
	return readEnding(t, "schedules", m.script)
}

// TestMutations plays the script of each mutation with the rule off, and expects that the guard reports what the table
// says, and with the rule on, when it must be silent.
func TestMutations(t *testing.T) {
	reported := map[string]bool{}
	for _, m := range mutations {
		t.Run(m.script, func(t *testing.T) {
			script := m.ending(t)
			script.test(t, strings.Fields(m.reports))
			for _, name := range script.play(true).guard.brokenNames() {
				reported[name] = true
			}
		})
	}
	for _, name := range guarantees[:slices.Index(guarantees, "Livelock")] {
		if !reported[name] && name != "AppendOnly" { // the switches leave no way to it: see TestGuardForged
			t.Errorf("no mutation breaks %s", name)
		}
	}
}

// TestGeneratorsFindMutations checks that the random schedules notice by chance what the table says.
func TestGeneratorsFindMutations(t *testing.T) {
	for _, m := range mutations {
		off := m.ending(t).off
		for _, g := range generators {
			if !strings.Contains(m.found, g.name) {
				continue
			}
			seed := 0
			for seed < 100 && len(playSeed(g, seed, off...).guard.broken) == 0 {
				seed++
			}
			if seed == 100 {
				t.Errorf("the %s does not find: %s", g.name, m.what)
			}
		}
	}
}

// TestGuardForged shows the guard what no node does, whichever rules are off: a leader with another log in one term.
func TestGuardForged(t *testing.T) {
	g := newGuard()
	leads := func(terms ...string) *raft.View {
		m := &member{cfg: raft.Config{ID: 1, ElectionTick: 10, HeartbeatTick: 1}, disk: diskOfTerms(confOf(1, 0), terms)}
		m.disk.HardState.Term = 5
		if err := m.boot(0); err != nil {
			t.Fatal(err)
		}
		m.node.Campaign()
		rd, _ := m.node.Ready()
		m.node.Durable(rd.Seq)
		v := m.node.View()
		return &v
	}
	g.moved(leads("1", "2", "3"), leads("1", "1", "3"))
	if !slices.Equal(g.brokenNames(), []string{"AppendOnly"}) {
		t.Errorf("a leader that changes its log breaks %q", g.broken)
	}
}

// TestShrink cuts a long schedule that breaks something down to what matters.
func TestShrink(t *testing.T) {
	s := playSeed(generators[0], 0, "majority")
	for seed := 1; !slices.Contains(s.guard.brokenNames(), "VoteQuorum"); seed++ {
		s = playSeed(generators[0], seed, "majority")
	}
	short := shrink(s.lines, "VoteQuorum", "majority")
	if len(short) >= len(s.lines) || len(shrink(short, "VoteQuorum", "majority")) != len(short) {
		t.Errorf("%d commands become\n%s", len(s.lines), script(short))
	}
}

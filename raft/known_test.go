package raft_test

import (
	"slices"
	"testing"
)

// known are schedules that everybody who builds Raft should have seen, where they are, and how they end with the rule
// off. testdata has more.
var known = []struct{ schedule, folder, script, ends string }{
	{"figure 8 of the paper", "switches", "commit-current-term-only", "StateMachineSafety"},
	{"a vote forgotten in a crash", "switches", "vote-after-fsync", "StateMachineSafety"},
	{"two votes in one term", "switches", "vote-once", "ElectionSafety"},
	{"a stale vote counts", "switches", "votes-of-own-term", "VoteQuorum"},
	{"half is a majority", "switches", "majority", "VoteQuorum"},
	{"the vote of a member that knows more", "switches", "log-check-on-vote", "StateMachineSafety"},
	{"an acknowledgement from memory", "switches", "fsync", "StateMachineSafety"},
	{"a leader that trusts its own memory", "switches", "own-ack-after-fsync", "DurableQuorum"},
	{"an answer from memory, in a cluster of one", "schedules", "answer-before-fsync", "AppliedOnDisk"},
	{"a late append cuts the log", "switches", "truncate-only-on-conflict", "StateMachineSafety"},
	{"an old leader is obeyed", "switches", "ignore-lower-term", "LeaderCompleteness"},
	{"a stale acknowledgement counts", "switches", "acks-of-own-term", "DurableQuorum"},
	{"a heartbeat commits too much", "switches", "heartbeat-commit-within-match", "StateMachineSafety"},
	{"a leader without an entry of its own", "switches", "noop", "QuietRecovery"},
	{"everybody campaigns at once", "switches", "random-timeout", "Recovery"},
	{"a member comes back with a high term", "switches", "prevote", "Expectation"},
	{"a leader that nobody hears", "switches", "checkquorum", "Expectation"},
	{"a read at a leader of yesterday", "switches", "read-index", "LinearizableRead"},
	{"a read at a leader of this moment", "switches", "read-after-own-commit", "LinearizableRead"},
	{"a read by lease, and a clock that stands still", "schedules", "lease-and-clocks", "LinearizableRead"},
	{"three voters become five", "switches", "one-at-a-time", "StateMachineSafety"},
	{"two changes at once", "switches", "one-pending-change", "StateMachineSafety"},
	{"Ongaro's bug of 2015", "switches", "conf-needs-own-term-commit", "LeaderCompleteness"},
	{"an empty voter takes the majority away", "schedules", "learner-first", "Expectation"},
	{"a vote request that leaves too early", "schedules", "vote-request-after-fsync", "StateMachineSafety"},
}

// TestKnownSchedules plays them.
func TestKnownSchedules(t *testing.T) {
	for _, k := range known {
		t.Run(k.schedule, func(t *testing.T) {
			script := readEnding(t, k.folder, k.script)
			if script.test(t, []string{k.ends}); !slices.Contains(script.breaks, k.ends) {
				t.Errorf("the head of %s does not say that %s is broken", k.script, k.ends)
			}
		})
	}
}

package raft_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"etcdscope/raft"
)

// TestNewNamesEveryProblem gives New several wrong arguments at once.
func TestNewNamesEveryProblem(t *testing.T) {
	entries := []raft.Entry{{Index: 1, Term: 1}, {Index: 3, Term: 1}}
	_, err := raft.New(raft.Config{ElectionTick: 1, HeartbeatTick: 1, MaxInflight: -1}, raft.Persisted{
		HardState: raft.HardState{Commit: 9}, Entries: entries, Applied: 7,
		Snapshot: raft.SnapshotMeta{Conf: raft.ConfState{Voters: []raft.ID{2, 1, 1}, Learners: []raft.ID{0, 2}}},
	})
	if err == nil {
		t.Fatal("New took it all")
	}
	for _, want := range []string{
		"ID is 0", "ElectionTick is 1", "MaxInflight is -1", "Voters [2 1 1] must be sorted",
		"Learners [0 2] holds the number 0", "member 2 is in Learners and votes",
		"entry 3 of term 1 follows entry 1", "commit index 9", "applied index 7",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q:\n%v", want, err)
		}
	}
}

func TestNewTakesWhatAWALRecovers(t *testing.T) {
	cfg := raft.Config{ID: 1, ElectionTick: 10, HeartbeatTick: 1}
	node, err := raft.New(cfg, raft.Persisted{
		HardState: raft.HardState{Term: 4, Vote: 2, Commit: 6}, Applied: 7,
		Snapshot: raft.SnapshotMeta{Index: 5, Term: 3, Conf: raft.ConfState{Voters: []raft.ID{1, 2, 3}}},
		Entries:  []raft.Entry{{Index: 6, Term: 3}, {Index: 7, Term: 5}, {Index: 8, Term: 5}},
	})
	if err != nil {
		t.Fatal(err)
	}
	v := node.View()
	if v.First != 6 || v.Last != 8 || v.Term != 4 || v.Vote != 2 || v.DurableIndex != 8 {
		t.Errorf("first %d, last %d, term %d, vote %d, durable %d", v.First, v.Last, v.Term, v.Vote, v.DurableIndex)
	}
	if v.Commit != 7 || v.Applied != 7 {
		t.Errorf("commit %d, applied %d: what was applied is committed", v.Commit, v.Applied)
	}
	if e, ok := v.Entry(7); !ok || e.Term != 5 {
		t.Errorf("entry 7 is %+v, %v", e, ok)
	}
	if _, ok := v.Entry(5); ok {
		t.Error("entry 5 is in the snapshot, not in the log")
	}
}

// TestRulesAreReadable checks what lessons and the why pane rely on.
func TestRulesAreReadable(t *testing.T) {
	id := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	rules := raft.AllRules()
	if !slices.IsSortedFunc(rules, func(a, b *raft.Rule) int { return strings.Compare(a.ID, b.ID) }) {
		t.Error("AllRules is not sorted by ID")
	}
	for i, r := range rules {
		if i > 0 && rules[i-1].ID == r.ID {
			t.Errorf("two rules are called %s", r.ID)
		}
		if !id.MatchString(r.ID) || r.Source == "" {
			t.Errorf("rule %q with source %q", r.ID, r.Source)
		}
		if !strings.HasSuffix(r.Sentence, ".") || strings.Count(r.Sentence, ". ") > 0 || len(r.Sentence) > 140 {
			t.Errorf("rule %s must be one sentence of at most 140 characters: %q", r.ID, r.Sentence)
		}
	}
}

// TestWhyInJointConfiguration checks that both halves are listed.
func TestWhyInJointConfiguration(t *testing.T) {
	conf := raft.ConfState{Voters: []raft.ID{1, 2, 3}, VotersOutgoing: []raft.ID{1, 4, 5}}
	leader := raft.View{
		ID: 1, Role: raft.Leader, Term: 3, First: 1, Last: 1, Conf: conf,
		Progress: []raft.Progress{{ID: 1, Match: 1}, {ID: 2, Match: 1}, {ID: 3}, {ID: 4}, {ID: 5}},
	}
	candidate := raft.View{
		ID: 1, Role: raft.Candidate, Term: 3, Conf: conf,
		Votes: []raft.Vote{{ID: 1, Granted: true}, {ID: 2, Granted: true}, {ID: 4, Granted: false}},
	}
	if got := raft.WhyNotLeader(&candidate); !has(got, "has 2 of 3 votes, needs 2", true) ||
		!has(got, "has 1 of 3 outgoing votes, needs 2", false) {
		t.Errorf("WhyNotLeader = %v", got)
	}
	if got := raft.WhyNotCommitted(&leader, 1); !has(got, "known to be stored on 2 of 3 voters, need 2", true) ||
		!has(got, "known to be stored on 1 of 3 outgoing voters, need 2", false) {
		t.Errorf("WhyNotCommitted = %v", got)
	}
}

func has(list []raft.Conjunct, text string, holds bool) bool {
	return slices.Contains(list, raft.Conjunct{Text: text, Holds: holds})
}

// TestSameInputsSameFacts runs one script of inputs twice.
func TestSameInputsSameFacts(t *testing.T) {
	play := func() string {
		e := newEnv()
		for _, line := range []string{
			"nodes 5 prevote checkquorum", "campaign 2", "stabilize", "propose 3 a", "read 4 7", "stabilize",
			"crash 2", "tick 1 30", "stabilize", "state",
		} {
			e.run(strings.Fields(line))
		}
		return e.out.String()
	}
	if first := play(); first != play() || !strings.Contains(first, "leader") {
		t.Error("the same inputs gave different facts, or no leader at all")
	}
}

// TestBootstrap starts a member as etcd does: its log begins with one committed change for every member, and
// it campaigns only when they are applied.
func TestBootstrap(t *testing.T) {
	disk := raft.Persisted{HardState: raft.HardState{Term: 1, Commit: 3}}
	for id := range raft.ID(3) {
		change := raft.ConfChange{V1: true, Changes: []raft.ConfChangeSingle{{Type: raft.ConfChangeAddNode, Node: id + 1}}}
		kind, data := change.Encode()
		disk.Entries = append(disk.Entries, raft.Entry{Term: 1, Index: raft.Index(id + 1), Type: kind, Data: data})
	}
	m := &member{cfg: raft.Config{ID: 2, ElectionTick: 10, HeartbeatTick: 1}, disk: disk}
	if err := m.boot(0); err != nil {
		t.Fatal(err)
	}
	m.node.Campaign()
	if v := m.node.View(); v.Role != raft.Follower || len(v.Conf.Voters) != 0 {
		t.Errorf("%v with %v before anything is applied", v.Role, v.Conf)
	}
	rd, _ := m.node.Ready()
	m.pending = rd.Committed
	for len(m.pending) > 0 {
		m.apply()
	}
	m.node.Applied(m.at.Index)
	m.node.Campaign()
	if v := m.node.View(); v.Role != raft.Candidate || v.Term != 2 || !slices.Equal(v.Conf.Voters, []raft.ID{1, 2, 3}) {
		t.Errorf("%v of term %d with %v", v.Role, v.Term, v.Conf)
	}
}

// TestRestartFindsConfiguration restarts behind a snapshot with a state machine that knows more: the changes between
// the two count, or what the driver says.
func TestRestartFindsConfiguration(t *testing.T) {
	kind, data := raft.ConfChange{Changes: []raft.ConfChangeSingle{{Node: 4}}}.Encode()
	disk := raft.Persisted{
		Snapshot: raft.SnapshotMeta{Index: 5, Term: 1, Conf: confOf(3, 0)}, Applied: 6,
		Entries: []raft.Entry{{Index: 6, Term: 1, Type: kind, Data: data}, {Index: 7, Term: 1, Type: kind, Data: data}},
	}
	refused := confOf(3, 0)
	for _, test := range []struct {
		conf *raft.ConfState
		want int
	}{{nil, 4}, {&refused, 3}} {
		disk.Conf = test.conf
		node, err := raft.New(raft.Config{ID: 1, ElectionTick: 10, HeartbeatTick: 1}, disk)
		if err != nil {
			t.Fatal(err)
		}
		if v := node.View(); len(v.Conf.Voters) != test.want {
			t.Errorf("voters %v, want %d", v.Conf.Voters, test.want)
		}
	}
}

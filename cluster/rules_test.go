package cluster

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"etcdscope/cluster/clock"
	"etcdscope/mvcc"
	"etcdscope/mvcc/auth"
	"etcdscope/mvcc/lease"
	"etcdscope/raft"
	"etcdscope/watch"
)

// everyRule lists the names of all rules of all parts.
func everyRule() (names []string) {
	for _, s := range raft.SwitchableRules() {
		names = append(names, s.Name)
	}
	for _, s := range mvcc.AllRules() {
		names = append(names, s.Name)
	}
	for _, s := range lease.AllRules() {
		names = append(names, s.Name)
	}
	for _, s := range auth.AllRules() {
		names = append(names, s.Name)
	}
	for _, s := range watch.AllRules() {
		names = append(names, s.Name)
	}
	for _, s := range slices.Concat(serverRules, diskRules, snapshotRules, storeRules, clientRules, authRules) {
		names = append(names, s.Name)
	}
	slices.Sort(names)
	return names
}

// TestRuleLists: the lists by name follow a part that renames a rule, every rule is offered, and no two
// parts have a rule of one name.
func TestRuleLists(t *testing.T) {
	names := everyRule()
	if len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("a name is taken twice: %v", names)
	}
	for _, name := range names {
		if err := knownRule(name); err != nil {
			t.Error(err)
		}
	}
	for _, name := range onlyProgress {
		if !slices.Contains(names, name) {
			t.Errorf("nobody has a rule %q", name)
		}
	}
}

// TestReasons: what an event notes about a refusal names a rule that can be switched off.
func TestReasons(t *testing.T) {
	for note, want := range noteRules {
		e := Event{Kind: ClientRequest, Note: note}
		if got, sentence, source := e.Reason(); got != want || sentence == "" || source == "" {
			t.Errorf("%q is because of %s (%s, %s): want %s", note, got, sentence, source, want)
		}
	}
	denied := Event{Kind: Apply, Note: auth.ErrPermissionDenied.Error()}
	if got, _, _ := denied.Reason(); got != ruleAuthAtApply {
		t.Errorf("an entry is denied because of %s", got)
	}
	denied.Kind = ClientRequest // a read is denied by whoever is asked
	if got, _, _ := denied.Reason(); got == ruleAuthAtApply {
		t.Error("a request is denied as if it were an entry")
	}
	e := Event{Kind: UserCommand, Note: bootstrapped(3)}
	if got, _, _ := e.Reason(); got != ruleWipedStaysOut {
		t.Errorf("%q is because of %s", e.Note, got)
	}
}

// TestRulesReachTheParts: without a rule, the part that follows it is told so, and nothing else.
func TestRulesReachTheParts(t *testing.T) {
	seen := map[string]string{}
	for _, r := range Rules() {
		c := Config{Off: []string{r.Name}}
		set := fmt.Sprintf("%+v", c.ruleSet())
		if own := r.off == nil; own != (set == fmt.Sprintf("%+v", ruleSet{})) || !own && seen[set] != "" {
			t.Errorf("%s tells the parts what %q does, or nothing", r.Name, seen[set])
		}
		seen[set] = r.Name
	}
}

// TestWithoutAnyRule: whichever rule is off, faults and writes may break promises but never the program. A run ends
// early when no member comes up again.
func TestWithoutAnyRule(t *testing.T) {
	up := func(m *member) bool { return m.up }
	for _, r := range Rules() {
		seeds := uint64(1)
		if slices.ContainsFunc(raft.SwitchableRules(), func(s raft.Switch) bool { return s.Name == r.Name }) {
			seeds = 3
		}
		for seed := uint64(1); seed <= seeds; seed++ {
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

// TestStoriesOfRules: every rule of the server, the store and clients has a story in invariant/testdata/rules that
// ends differently without it; backpressure has TestBackpressure.
func TestStoriesOfRules(t *testing.T) {
	var told strings.Builder
	files, err := filepath.Glob("invariant/testdata/rules/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		told.Write(text)
	}
	var names []string
	for _, s := range mvcc.AllRules() {
		names = append(names, s.Name)
	}
	for _, s := range lease.AllRules() {
		names = append(names, s.Name)
	}
	for _, s := range auth.AllRules() {
		names = append(names, s.Name)
	}
	for _, s := range watch.AllRules() {
		names = append(names, s.Name)
	}
	for _, s := range slices.Concat(serverRules, snapshotRules, storeRules, clientRules, authRules) {
		names = append(names, s.Name)
	}
	for _, name := range names {
		if name == ruleBackpressure {
			continue
		}
		if s := told.String(); !strings.Contains(s, "\nrule "+name+"\n") && !strings.Contains(s, "\nrule "+name+" ") {
			t.Errorf("%s has no story", name)
		}
	}
}

// TestBackpressure: a member that has too much left to apply refuses, and without the rule takes everything.
func TestBackpressure(t *testing.T) {
	for _, off := range [][]string{nil, {ruleBackpressure}} {
		c := start(t, Config{Seed: 1, Nodes: 1, Off: off})
		var e Event
		for c.leader() == 0 {
			c.Step(&e)
		}
		for i := range maxGap + 200 {
			spec := &OpSpec{Key: fmt.Appendf(nil, "%d", i)}
			if err := c.Do(Command{Kind: ClientPut, Op: spec}, &e); err != nil {
				t.Fatal(err)
			}
		}
		for at := c.Now() + 100*clock.Millisecond; c.Now() < at; { // all are committed, hardly any is applied
			c.Step(&e)
		}
		if err := c.Do(Command{Kind: ClientPut, Op: &OpSpec{Key: []byte("late"), Tag: "late"}}, &e); err != nil {
			t.Fatal(err)
		}
		late := e.Op
		for o, _ := c.op(late); o.State == OpPending; o, _ = c.op(late) {
			c.Step(&e)
		}
		o, _ := c.op(late)
		if refused := o.Err == errTooManyRequests.Error(); refused != (off == nil) {
			t.Errorf("without %v the late put ends with %q", off, o.Err)
		}
	}
}

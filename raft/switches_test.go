package raft_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"etcdscope/raft"
)

// playSwitch plays the script of one rule and returns what was broken.
func playSwitch(t *testing.T, name string, off ...string) (e *env, broken []string) {
	text, err := os.ReadFile(filepath.Join("testdata", "switches", name))
	if err != nil {
		t.Fatal(err)
	}
	e = newEnv()
	e.off = off
	for _, line := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(line, "#") || strings.HasPrefix(line, "breaks ") {
			continue
		}
		for _, command := range strings.Split(line, ";") {
			if args := strings.Fields(command); len(args) > 0 {
				e.run(args)
			}
		}
	}
	return e, e.guard.broken
}

// breaks returns the guarantees that the script says are broken with the rule off.
func breaks(t *testing.T, name string) (guarantees []string) {
	text, err := os.ReadFile(filepath.Join("testdata", "switches", name))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(text), "\n") {
		if list, found := strings.CutPrefix(line, "breaks "); found {
			guarantees = strings.Fields(list)
		}
	}
	return guarantees
}

// TestSwitches plays, for every rule that can be switched off, the schedule in testdata/switches that goes
// wrong without it: each guarantee that the script names is broken then, and none with the rule on.
func TestSwitches(t *testing.T) {
	for _, s := range raft.SwitchableRules() {
		t.Run(s.Name, func(t *testing.T) {
			want := breaks(t, s.Name)
			if len(want) == 0 {
				t.Fatal("the script names nothing that breaks")
			}
			if e, broken := playSwitch(t, s.Name); len(broken) > 0 {
				t.Errorf("with the rule on: %s\n%s", strings.Join(broken, "\n"), e.tail())
			}
			e, broken := playSwitch(t, s.Name, s.Name)
			for _, guarantee := range want {
				if !slices.ContainsFunc(broken, func(b string) bool { return strings.HasPrefix(b, guarantee+":") }) {
					t.Errorf("with the rule off %s is not broken, but %q\n%s", guarantee, broken, e.tail())
				}
			}
		})
	}
}

// TestSwitchTable checks that the table and the fields of Rules belong together.
func TestSwitchTable(t *testing.T) {
	var all raft.Rules
	names := map[string]bool{}
	for _, s := range raft.SwitchableRules() {
		field := s.Off(&all)
		if *field || names[s.Name] || s.Source == "" || !strings.HasSuffix(s.Sentence, ".") {
			t.Errorf("%s: a field or a name is used twice, or there is no source or sentence", s.Name)
		}
		*field, names[s.Name] = true, true
	}
	if text := fmt.Sprintf("%v", all); strings.Contains(text, "false") {
		t.Errorf("a field of Rules has no switch: %+v", all)
	}
	files, err := os.ReadDir("testdata/switches")
	if err != nil || len(files) != len(names) {
		t.Errorf("%d scripts for %d switches, %v", len(files), len(names), err)
	}
}

// tail is the end of what was printed.
func (e *env) tail() string {
	lines := strings.Split(e.out.String(), "\n")
	return strings.Join(lines[max(0, len(lines)-12):], "\n")
}

// expect is the command "expect ID|all FIELD =|<|> VALUE": what a script says must be true where no
// guarantee is at stake, but progress or cost.
func (e *env) expect(args []string) {
	got := ""
	if args[0] == "all" {
		got = strconv.Itoa(e.counts[args[1]])
		if args[1] == "flight" {
			got = strconv.Itoa(len(e.flight))
		}
	} else {
		v := e.member(numbers(args[:1])[0]).node.View()
		got = map[string]string{
			"role": v.Role.String(), "term": fmt.Sprint(v.Term), "vote": fmt.Sprint(v.Vote), "lead": fmt.Sprint(v.Lead),
			"commit": fmt.Sprint(v.Commit), "applied": fmt.Sprint(v.Applied), "last": fmt.Sprint(v.Last),
			"voters": fmt.Sprint(len(v.Conf.Voters)),
		}[args[1]]
	}
	have, _ := strconv.Atoi(got)
	limit, _ := strconv.Atoi(args[3])
	holds := args[2] == "=" && got == args[3] || args[2] == "<" && have < limit || args[2] == ">" && have > limit
	if !holds {
		e.guard.breaks("Expectation", "%s, but it is %s", strings.Join(args, " "), got)
	}
}

// count counts what is sent, for scripts about cost.
func (e *env) count(m raft.Message) {
	e.counts["messages"]++
	e.counts["entries"] += len(m.Entries)
	e.counts[m.Type.String()]++
}

// ticks gives everybody time: one tick each, then everything is delivered.
func (e *env) ticks(count int) {
	for range count {
		for _, m := range e.members {
			if !m.down {
				m.node.Tick()
			}
		}
		e.settle()
		e.stabilize(nil)
	}
}

// keep loses everything but the messages of one link.
func (e *env) keep(link string) {
	from, to, _ := parseLink(link)
	e.flight = slices.DeleteFunc(e.flight, func(m raft.Message) bool { return m.From != from || m.To != to })
}

// TestAnswerBeforeFsync is what etcd did in clusters of one (issue 14370): the only member counts its own copy,
// applies and answers before its disk holds the entry, and a power failure takes it back.
func TestAnswerBeforeFsync(t *testing.T) {
	play := func(off string) *env {
		e := newEnv()
		for _, line := range []string{
			"nodes 1 manual " + off, "campaign 1", "durable 1", "durable 1", "propose 1 x", "apply 1", "crash 1", "restart 1",
		} {
			e.run(strings.Fields(line))
		}
		return e
	}
	if e := play(""); len(e.guard.broken) > 0 {
		t.Errorf("with the rules on: %q", e.guard.broken)
	}
	e := play("off=own-ack-after-fsync off=apply-after-fsync")
	for _, guarantee := range []string{"AppliedOnDisk", "DurableQuorum"} {
		if !slices.ContainsFunc(e.guard.broken, func(b string) bool { return strings.HasPrefix(b, guarantee+":") }) {
			t.Errorf("%s is not broken: %q", guarantee, e.guard.broken)
		}
	}
	if v := e.member(1).node.View(); v.Last != 1 || len(e.guard.states) != 3 {
		t.Errorf("the entry that was applied is still there: log up to %d, %d applied", v.Last, len(e.guard.states)-1)
	}
}

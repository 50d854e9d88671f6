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

// ending is a script of testdata that ends badly with something off and well with it on. Its head says what is off (the
// rule that the file is called after, if it says nothing) and what then is broken; lines that begin with "on:" or
// "off:" are played only so.
type ending struct {
	name   string
	off    []string
	breaks []string
	lines  []string
}

func readEnding(t *testing.T, folder, name string) ending {
	text, err := os.ReadFile(filepath.Join("testdata", folder, name))
	if err != nil {
		t.Fatal(err)
	}
	s := ending{name: name}
	if folder == "switches" {
		s.off = []string{name}
	}
	for _, line := range strings.Split(string(text), "\n") {
		word, rest, _ := strings.Cut(line, " ")
		switch word {
		case "#", "":
		case "off":
			s.off = strings.Fields(rest)
		case "breaks":
			s.breaks = strings.Fields(rest)
		default:
			s.lines = append(s.lines, line)
		}
	}
	return s
}

// play plays the script with what it is about on or off.
func (s *ending) play(off bool) *env {
	e, only, never := newEnv(), "on:", "off:"
	if off {
		e.off, only, never = s.off, never, only
	}
	for _, line := range s.lines {
		if strings.HasPrefix(line, never) {
			continue
		}
		for _, command := range strings.Split(strings.TrimPrefix(line, only), ";") {
			if args := strings.Fields(command); len(args) > 0 {
				e.run(args)
			}
		}
	}
	return e
}

// test expects that what the script names is broken with something off, and nothing with it on.
func (s *ending) test(t *testing.T, want []string) {
	if len(want) == 0 {
		t.Fatal("the script names nothing that breaks")
	}
	if e := s.play(false); len(e.guard.broken) > 0 {
		t.Errorf("with everything on: %s\n%s", strings.Join(e.guard.broken, "\n"), e.tail())
	}
	e := s.play(true)
	for _, guarantee := range want {
		if !slices.Contains(e.guard.brokenNames(), guarantee) {
			t.Errorf("with %v off %s is not broken, but %q\n%s", s.off, guarantee, e.guard.broken, e.tail())
		}
	}
}

// TestSwitches plays, for every rule that can be switched off, the schedule in testdata/switches that goes
// wrong without it: each guarantee that the script names is broken then, and none with the rule on.
func TestSwitches(t *testing.T) {
	for _, s := range raft.SwitchableRules() {
		t.Run(s.Name, func(t *testing.T) {
			script := readEnding(t, "switches", s.Name)
			script.test(t, script.breaks)
		})
	}
}

// TestSchedules plays the schedules of testdata/schedules, which are about more than one rule, about the
// configuration or about the driver.
func TestSchedules(t *testing.T) {
	files, err := os.ReadDir("testdata/schedules")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		t.Run(file.Name(), func(t *testing.T) {
			script := readEnding(t, "schedules", file.Name())
			script.test(t, script.breaks)
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

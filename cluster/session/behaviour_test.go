package session

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"etcdscope/cluster"
)

// TestBehaviour runs the scripts in testdata. Commands:
//
//	new seed=N nodes=N     a fresh session
//	exec                   lines of the language, with what they show
//	marks | branches | violations | why event=N
func TestBehaviour(t *testing.T) {
	datadriven.Walk(t, "testdata/behaviour", func(t *testing.T, path string) {
		var s *Session
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			if d.Cmd == "new" {
				cfg := cluster.Config{Nodes: 3}
				d.MaybeScanArgs(t, "seed", &cfg.Seed)
				d.MaybeScanArgs(t, "nodes", &cfg.Nodes)
				s = begin(t, cfg, Options{})
				return where(s)
			}
			return act(t, s, d)
		})
	})
}

func act(t *testing.T, s *Session, d *datadriven.TestData) string {
	var b strings.Builder
	switch d.Cmd {
	case "exec":
		for line := range strings.Lines(d.Input) {
			out, err := s.Exec(strings.TrimSpace(line))
			if err != nil {
				out = "error: " + err.Error()
			}
			fmt.Fprintf(&b, "%s%s\n", strings.TrimSuffix(out+"\n", "\n"), separate(out))
		}
		return strings.TrimLeft(b.String(), "\n") + where(s)
	case "marks":
		for _, m := range s.Marks() {
			fmt.Fprintf(&b, "%s %s: event %d at %v\n", m.Name, m.Kind, m.Event, m.At)
		}
	case "branches":
		return s.branchTable() + "\n"
	case "violations":
		for _, v := range s.Violations() {
			fmt.Fprintf(&b, "%s at event %d: %s\n", v.Name, v.Event, v.Sentence)
		}
	case "why":
		id := s.Pos()
		d.MaybeScanArgs(t, "event", &id)
		fmt.Fprintf(&b, "%d: %s of n%d\n", id, s.Event(id).Kind, s.Event(id).Member)
		for _, e := range s.Chain(id, 40) {
			fmt.Fprintf(&b, "  because of %d: %s of n%d\n", e.ID, e.Kind, e.Member)
		}
	default:
		t.Fatalf("unknown directive %q", d.Cmd)
	}
	return b.String()
}

// TestExec looks at what depends on the language's own words only loosely.
func TestExec(t *testing.T) {
	s := begin(t, cluster.Config{Nodes: 3}, Options{})
	for _, x := range [][2]string{
		{"", ""},
		{"# a comment", ""},
		{"nonsense", "nonsense"},
		{"crash n9", "n9"},
		{"crash leader", "leader"},
		{"help", "partition"},
		{"help put", "example: put"},
		{"help kill", "also: kill"},
		{"share", "es1-"},
		{"get x", "op 1: get x → n"},
		{"goto @1", "event 1 at "},
		{"goto @50", "event 50 has not happened"},
		{"branch Q", `no branch "Q": there is A`},
		{"drop-branch A", "the current one"},
		{"seed 12", "seed 12"},
	} {
		line, want := x[0], x[1]
		out, err := s.Exec(line)
		if err != nil {
			out += err.Error()
		}
		if !strings.Contains(out, want) || want == "" && out != "" {
			t.Errorf("%q: %q, want something with %q", line, out, want)
		}
		if line == "seed 12" && s.Config().Seed != 12 {
			t.Error("the seed did not change")
		}
	}
}

func separate(out string) string {
	if out == "" {
		return "-"
	}
	return ""
}

func where(s *Session) string {
	return fmt.Sprintf("branch %s, event %d of %d at %v\n", s.cur.name, s.Pos(), s.End(), s.Now())
}

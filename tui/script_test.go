package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"etcdscope/cluster"
	"etcdscope/cluster/session"
)

// TestScripts plays the files of testdata/play. Each begins with a sentence about what it holds.
//
//	open [nodes=5] [seed=7] [profile=paper] [w=120] [h=40]    a fresh sandbox, paused
//	do                         lines `key K...`, `type LINE`, `pass DURATION`, `size W H`; each is answered with the
//	                           time on screen, the line under the panes and whether something asks for an answer
//	rows from=N to=N           rows of the screen, without colours
func TestScripts(t *testing.T) {
	datadriven.Walk(t, "testdata/play", func(t *testing.T, path string) {
		var s *screen
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "open":
				s = openScript(t, d)
				return ""
			case "do":
				var b strings.Builder
				for _, line := range strings.Split(d.Input, "\n") {
					s.do(line)
					fmt.Fprintln(&b, s.says())
				}
				return b.String()
			case "rows":
				var from, to int
				d.ScanArgs(t, "from", &from)
				d.ScanArgs(t, "to", &to)
				return strings.Join(splitLines(s.text())[from-1:to], "\n") + "\n"
			}
			t.Fatalf("%s: unknown command %q", d.Pos, d.Cmd)
			return ""
		})
	})
}

func openScript(t *testing.T, d *datadriven.TestData) *screen {
	cfg, w, h := cluster.Config{Seed: 7}, 120, 40
	d.MaybeScanArgs(t, "nodes", &cfg.Nodes)
	d.MaybeScanArgs(t, "seed", &cfg.Seed)
	d.MaybeScanArgs(t, "profile", &cfg.Profile)
	d.MaybeScanArgs(t, "w", &w)
	d.MaybeScanArgs(t, "h", &h)
	return paused(t, cfg, w, h)
}

// paused opens a sandbox of a configuration in which time stands still.
func paused(t testing.TB, cfg cluster.Config, w, h int) *screen {
	o := Options{Config: cfg, Scene: "sandbox", Sessions: session.Options{Dir: t.TempDir()}}
	var err error
	if o.Session, err = session.New(cfg, o.Sessions); err != nil {
		t.Fatal(err)
	}
	return open(t, o, w, h)
}

// do carries out one line of a script.
func (s *screen) do(line string) {
	s.t.Helper()
	verb, rest, _ := strings.Cut(line, " ")
	switch verb {
	case "key":
		s.press(strings.Fields(rest)...)
	case "type":
		s.write(rest)
	case "pass":
		d, err := time.ParseDuration(rest)
		if err != nil {
			s.t.Fatal(err)
		}
		s.pass(d)
	case "size":
		var w, h int
		if _, err := fmt.Sscan(rest, &w, &h); err != nil {
			s.t.Fatal(err)
		}
		s.size(w, h)
	default:
		s.t.Fatalf("unknown line %q", line)
	}
}

// says is what somebody at the screen is told: the time, the line under the panes, and what asks for an answer.
func (s *screen) says() string {
	s.text()
	m := s.m
	out := fmt.Sprintf("%v", max(m.play.shown, s.view().At))
	if m.play.running {
		out += " running"
	}
	switch d := m.top().(type) {
	case *text:
		out += fmt.Sprintf(" | text %q of %d lines", d.title, len(d.lines))
	case *list:
		out += fmt.Sprintf(" | list %q", d.title)
	case *confirm:
		out += " | asks: " + d.text
	case *partition:
		out += " | " + d.command()
	case *whyDialog:
		if d.pane.Event == 0 {
			out += fmt.Sprintf(" | why entry %d", d.pane.Entry)
			break
		}
		out += fmt.Sprintf(" | why event %d: %s", d.pane.Event, m.s.Event(d.pane.Event).Sentence())
	}
	if m.prompt.open {
		help, _ := m.promptHelp()
		return out + " | prompt " + string(m.prompt.line) + " | " + help
	}
	return out + " | " + m.notice.text
}

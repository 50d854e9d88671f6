package lessons

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"etcdscope/cluster/clock"
	"etcdscope/cluster/script"
	"etcdscope/cluster/session"
)

// TestPlayer plays small lessons and shows what the learner would see.
func TestPlayer(t *testing.T) {
	datadriven.Walk(t, "testdata/player", func(t *testing.T, path string) {
		var p *Player
		last, dir := "", t.TempDir()
		t.Cleanup(func() { closePlayer(t, p) })
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			if d.Cmd == "lesson" {
				closePlayer(t, p)
				p = openPlayer(t, d, dir)
				last = show(p.View())
				return last
			}
			word := press(t, p, d)
			before := last
			last = show(p.View())
			return word + difference(before, last)
		})
	})
}

func closePlayer(t *testing.T, p *Player) {
	t.Helper()
	if p != nil {
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func openPlayer(t *testing.T, d *datadriven.TestData, dir string) *Player {
	t.Helper()
	l, err := Parse("x.md", []byte(d.Input+"\n"))
	if err != nil {
		d.Fatalf(t, "%v", err)
	}
	p, err := New(l, session.Options{Dir: dir})
	if err != nil {
		d.Fatalf(t, "%v", err)
	}
	return p
}

// difference shows the lines that came (+) and went (-).
func difference(before, after string) string {
	var b strings.Builder
	old, present := strings.Split(before, "\n"), strings.Split(after, "\n")
	for _, l := range old {
		if !slices.Contains(present, l) {
			b.WriteString("- " + l + "\n")
		}
	}
	for _, l := range present {
		if !slices.Contains(old, l) {
			b.WriteString("+ " + l + "\n")
		}
	}
	if b.Len() == 0 {
		return "no change\n"
	}
	return b.String()
}

// press does what a key would do and returns what it answers.
func press(t *testing.T, p *Player, d *datadriven.TestData) string {
	t.Helper()
	var err error
	word := ""
	switch d.Cmd {
	case "answer":
		err = p.Answer(d.Input)
	case "exec":
		for _, line := range strings.Split(d.Input, "\n") {
			if _, err = p.Exec(line); err != nil {
				break
			}
		}
	case "runto":
		var ticks int
		d.ScanArgs(t, "tick", &ticks)
		var reached bool
		reached, err = p.RunTo(clock.Time(ticks)*10*clock.Millisecond, 0)
		word = fmt.Sprintf("reached %t at %v, event %d\n", reached, p.Session().View().At, p.Session().Pos())
	case "rununtil":
		var ticks int
		d.ScanArgs(t, "tick", &ticks)
		c, bad := script.CompilePredicate(d.Input)
		if bad != nil {
			d.Fatalf(t, "%v", bad)
		}
		var holds bool
		holds, err = p.RunUntil(c, clock.Time(ticks)*10*clock.Millisecond)
		word = fmt.Sprintf("holds %t at %v, event %d\n", holds, p.Session().View().At, p.Session().Pos())
	case "showme":
		err = p.ShowMe()
	case "replay":
		err = p.Replay()
	case "hint":
		word = fmt.Sprintf("%t\n", p.Hint())
	case "next":
		var moved bool
		moved, err = p.Next()
		word = fmt.Sprintf("moved %t\n", moved)
	case "prev":
		var moved bool
		moved, err = p.Prev()
		word = fmt.Sprintf("moved %t\n", moved)
	case "branches":
		for _, b := range p.Session().Branches() {
			word += fmt.Sprintf("%s of %q: %d commands, current %t\n", b.Name, b.Parent, b.Commands, b.Current)
		}
	default:
		d.Fatalf(t, "unknown command %s", d.Cmd)
	}
	if err != nil {
		word += "error: " + err.Error() + "\n"
	}
	return word
}

// show renders the English half of what is drawn.
func show(v PlayerView) string {
	var b strings.Builder
	if v.Quiz > 0 {
		fmt.Fprintf(&b, "quiz %d/%d finished %t\n", v.Quiz, v.Quizzes, v.Finished)
	} else {
		fmt.Fprintf(&b, "step %d/%d %s: %s\n", v.Step, v.Steps, v.StepID, v.Text.EN)
	}
	line := func(name string, ok bool, format string, args ...any) {
		if ok {
			fmt.Fprintf(&b, "  "+name+" "+format+"\n", args...)
		}
	}
	for _, r := range v.Off {
		line("off", true, "%s", r.Name)
	}
	line("panes", len(v.Focus) > 0, "%v zoom %q", v.Focus, v.Zoom)
	line("covered", len(v.Covered) > 0, "%v", v.Covered)
	showQuestion(v.Question, line)
	line("waiting", v.Waiting, "for an answer")
	line("do", !v.Do.Empty(), "%s", v.Do.EN)
	for _, c := range v.Goal {
		line("goal", true, "%t %s", c.Met, c.Source)
	}
	line("failed", v.Failure.Failed(), "line %d: %s / %s", v.Failure.Line, v.Failure.Text.EN, v.Failure.Text.ZH)
	for _, h := range v.Hints {
		line("hint", true, "%s", h.EN)
	}
	line("hints", v.MoreHints > 0, "%d more", v.MoreHints)
	line("met", v.Met, "%s", v.Explain.EN)
	line("pause", v.Pause, "here")
	line("note", v.Note != "", "%q", v.Note)
	return b.String()
}

func showQuestion(q *QuestionView, line func(string, bool, string, ...any)) {
	if q == nil {
		return
	}
	line("asks", true, "%s", q.Text.EN)
	for _, o := range q.Options {
		line("  "+o.Letter, true, "%s", o.Text.EN)
	}
	line("said", q.Answer != "", "%q told %t", q.Answer, q.Told)
	if f := q.Feedback; f != nil {
		line("you said", true, "%q, it was %q, right %t, proved %t; %s; %s",
			f.Said.EN, f.Was.EN, f.Right, f.Proved, f.Reason.EN, f.Rule.EN)
	}
}

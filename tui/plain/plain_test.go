package plain

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"pgregory.net/rapid"

	"etcdscope/cluster"
	"etcdscope/cluster/script"
	"etcdscope/cluster/session"
	"etcdscope/lessons"
)

// converse gives lines to a talk and returns what it says.
func converse(t testing.TB, o Options, lines ...string) string {
	t.Helper()
	o.Sessions.Dir = t.TempDir()
	if o.Lang == "" {
		o.Lang = "en"
	}
	var out strings.Builder
	if err := Run(o, strings.NewReader(strings.Join(lines, "\n")+"\n"), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestTalks holds whole conversations: "talk" with the lines that are typed, and what is said to them.
func TestTalks(t *testing.T) {
	datadriven.Walk(t, "testdata/talks", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			o := Options{Config: cluster.Config{Seed: 7, Nodes: 3}}
			if d.HasArg("zh") {
				o.Lang = "zh"
			}
			o.Prompt = d.HasArg("prompt")
			return converse(t, o, d.Input)
		})
	})
}

// TestEveryLessonCanBeTyped plays each lesson of the course with its own solution, through lines alone.
func TestEveryLessonCanBeTyped(t *testing.T) {
	for _, chapter := range lessons.Course() {
		for _, l := range chapter.Lessons {
			t.Run(l.ID, func(t *testing.T) {
				saved := 0
				o := Options{Lesson: l, Progress: &lessons.Progress{}}
				o.SaveProgress = func(*lessons.Progress) error { saved++; return nil }
				text := converse(t, o, typed(l)...)
				if !strings.Contains(text, "The lesson is done.") || !o.Progress.Lessons[l.ID].Done || saved == 0 {
					t.Errorf("the lesson does not end:\n%s", text)
				}
				if strings.Contains(text, "error:") || strings.Contains(text, "Not done yet") || strings.Contains(text, "`") {
					t.Errorf("something went wrong on the way:\n%s", text)
				}
			})
		}
	}
}

// typed is a lesson as somebody would type it who knows every answer.
func typed(l *lessons.Lesson) []string {
	var lines []string
	for _, step := range l.Steps {
		question := step.Question != nil
		if question && len(step.Question.Options) > 0 {
			lines = append(lines, answerTo(step.Question))
		}
		for _, c := range step.Solution {
			lines = append(lines, c.Text)
		}
		if question && len(step.Question.Options) == 0 {
			lines = append(lines, answerTo(step.Question))
		}
		lines = append(lines, "continue")
	}
	for i := range l.Quiz {
		lines = append(lines, answerTo(&l.Quiz[i]), "continue")
	}
	return lines
}

func answerTo(q *lessons.Question) string {
	for i, o := range q.Options {
		if o.Right {
			return string(rune('a' + i))
		}
	}
	return "answer " + q.Answer.EN
}

// TestOpeningLessonByKeys types O1 as its text says: keys are lines too.
func TestOpeningLessonByKeys(t *testing.T) {
	l, _ := lessons.Find("O1")
	text := converse(t, Options{Lesson: l}, "b", ">", ">", ">", "", "b", "n", "", ",", "n", "",
		"2", "x", "r", ":cut n1 n3", "0", "enter", "a", "", "c", "")
	for _, want := range []string{"Not so: ", "It was: ", "The lesson is done."} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// TestHelpNamesEverything holds the promise that what can be typed is listed.
func TestHelpNamesEverything(t *testing.T) {
	l, _ := lessons.Find("O1")
	text := converse(t, Options{Lesson: l}, "help")
	for _, w := range words() {
		if !strings.Contains(text, "  "+w.usage) {
			t.Errorf("help lacks %s", w.usage)
		}
	}
	for _, spec := range script.Specs() {
		if !strings.Contains(text, "  "+spec.Usage) {
			t.Errorf("help lacks %s", spec.Usage)
		}
	}
	for key, command := range keyCommands {
		line := strings.ReplaceAll(command, "{member}", "n1")
		if _, err := script.Parse(line, 3, 0); err != nil {
			t.Errorf("key %s: %v", key, err)
		}
	}
}

// TestSessionOfTheCallerStaysOpen gives a session away and wants it back.
func TestSessionOfTheCallerStaysOpen(t *testing.T) {
	s, err := session.New(cluster.Config{Seed: 7, Nodes: 3}, session.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	converse(t, Options{Session: s}, "put x 1", "menu", "play")
	if s.Pos() != 1 || len(s.View().Ops) != 1 {
		t.Fatalf("the session is at event %d", s.Pos())
	}
}

// TestAnyLinesDoNoHarm types random words and bytes: nothing panics, no escape code comes out.
func TestAnyLinesDoNoHarm(t *testing.T) {
	pieces := []string{
		"play", "lesson O1", "lesson", "menu", "run 200ms", "step", "back", "undo", "put x \x1b[2J",
		"put x \"\\x1b[2J\"", "get x", "crash leader", "0", "x", "r", "c", "3", "9", "w", "why @2", "why @99999",
		"detail bytes", "detail", "status", "log", "store n2", "files", "leases n2", "locks",
		"lock l --tag a\x1b[2J", "messages",
		"marks",
		"help", "help put", "help nothing",
		"a", "b", "continue", "hint", "show", "replay", "earlier", "answer 3", "reset", "seed 9", "fork", "branch A",
		"goto 100ms", "run until size(leaders()) == 1 max 1s", "\x9b31m", "\x00", strings.Repeat("y", 99999),
	}
	rapid.Check(t, func(r *rapid.T) {
		lines := rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 25).Draw(r, "lines")
		lang := rapid.SampledFrom([]string{"en", "zh"}).Draw(r, "lang")
		o := Options{Config: cluster.Config{Seed: 7, Nodes: 3}, Lang: lang, Sessions: session.Options{Dir: t.TempDir()}}
		var out strings.Builder
		if err := Run(o, strings.NewReader(strings.Join(lines, "\n")), &out); err != nil {
			r.Fatal(err)
		}
		for i, c := range out.String() {
			if c < ' ' && c != '\n' || c >= 0x7f && c < 0xa0 {
				r.Fatalf("control character %q at byte %d", c, i)
			}
		}
	})
}

// TestBrokenPipesAreErrors reads and writes where that fails.
func TestBrokenPipesAreErrors(t *testing.T) {
	if err := Run(Options{}, failing{}, io.Discard); err == nil {
		t.Error("a reader that fails is no error")
	}
	if err := Run(Options{}, strings.NewReader("help\n"), failing{}); err == nil {
		t.Error("a writer that fails is no error")
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error)  { return 0, fmt.Errorf("broken") }
func (failing) Write([]byte) (int, error) { return 0, fmt.Errorf("broken") }

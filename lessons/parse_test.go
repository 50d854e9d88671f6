package lessons

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

// TestParse breaks one good lesson in many ways and shows what its author reads.
func TestParse(t *testing.T) {
	datadriven.Walk(t, "testdata/format", func(t *testing.T, path string) {
		base := ""
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			source := d.Input + "\n"
			switch d.Cmd {
			case "base":
				base = source
			case "change":
				source = change(t, d, base)
			case "parse":
			default:
				d.Fatalf(t, "unknown command %s", d.Cmd)
			}
			l, err := Parse("x.md", []byte(source))
			if err != nil {
				return err.Error() + "\n"
			}
			if d.HasArg("lint") {
				if err := Lint(l).Err(); err != nil {
					return err.Error() + "\n"
				}
			}
			return describe(l)
		})
	})
}

// change replaces the lines that begin with "- " by those that begin with "+ ".
func change(t *testing.T, d *datadriven.TestData, base string) string {
	t.Helper()
	var before, after strings.Builder
	for _, line := range strings.Split(d.Input, "\n") {
		switch {
		case strings.HasPrefix(line, "+"):
			after.WriteString(strings.TrimPrefix(strings.TrimPrefix(line, "+"), " ") + "\n")
		case before.Len() > 0 && after.Len() > 0:
			d.Fatalf(t, "%q behind a + line", line)
		default:
			before.WriteString(strings.TrimPrefix(strings.TrimPrefix(line, "-"), " ") + "\n")
		}
	}
	if strings.Count(base, before.String()) != 1 {
		d.Fatalf(t, "%d places in the base read\n%s", strings.Count(base, before.String()), before.String())
	}
	return strings.Replace(base, before.String(), after.String(), 1)
}

// describe shows what was read, one line per thing.
func describe(l *Lesson) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s / %s, %s %s %s, %d min, needs %v covers %v\n",
		l.ID, l.Title.EN, l.Title.ZH, l.Track, l.Kind, l.Scaffold, l.Minutes, joinLines(l.Needs), joinLines(l.Covers))
	describeScene(&b, "scene", &l.Scene)
	fmt.Fprintf(&b, "view %v zoom %q\ngoal %s / %s\n", l.View.Focus, l.View.Zoom, l.Goal.EN, l.Goal.ZH)
	for i := range l.Steps {
		describeStep(&b, &l.Steps[i])
	}
	for i := range l.Quiz {
		describeQuestion(&b, &l.Quiz[i])
	}
	return b.String()
}

func describeScene(b *strings.Builder, name string, s *Scene) {
	fmt.Fprintf(b, "%s at %d: %d nodes, %s, seed %d, off %v, leader %d, client %d, commands %s\n",
		name, s.At, s.Nodes, s.Profile, s.Seed, s.Off, s.Leader, s.Client, joinLines(s.Commands))
}

func describeStep(b *strings.Builder, s *Step) {
	fmt.Fprintf(b, "step %s at %d: %s / %s\n", s.ID, s.At, s.Text.EN, s.Text.ZH)
	if s.Scene != nil {
		describeScene(b, "  scene", s.Scene)
	}
	if s.View != nil {
		fmt.Fprintf(b, "  view %v zoom %q\n", s.View.Focus, s.View.Zoom)
	}
	if s.Question != nil {
		describeQuestion(b, s.Question)
	}
	show := func(name, text string) {
		if text != "" {
			fmt.Fprintf(b, "  %s %s\n", name, text)
		}
	}
	show("curtain", strings.Join(s.Curtain, " "))
	show("do", strings.TrimSuffix(s.Do.EN+" / "+s.Do.ZH, " / "))
	show("solution", joinLines(s.Solution))
	fmt.Fprintf(b, "  goal %s; keep %s; never %s; within %d; budget %d\n", joinLines(s.Goal.Conditions),
		joinLines(s.Goal.Keep), joinLines(s.Goal.Never), s.Goal.Within, s.Goal.Budget)
	for _, h := range s.Hints {
		fmt.Fprintf(b, "  hint %d %q %d: %s / %s\n", h.Kind, h.When.Text, h.After, h.Text.EN, h.Text.ZH)
	}
	for _, m := range s.Mistakes {
		fmt.Fprintf(b, "  mistake %s brings up hint %d\n", joinLines(m.Commands), m.Hint)
	}
	show("observe", joinLines(s.Observe))
	show("explain", strings.TrimSuffix(s.Explain.EN+" / "+s.Explain.ZH, " / "))
	show("note", fmt.Sprintf("%q", s.Note))
	show("allow", joinLines(s.Allow))
	show("deny", joinLines(s.Deny))
	for _, l := range s.Links {
		fmt.Fprintf(b, "  link %s %s\n", l.Title, l.URL)
	}
	if s.Pause {
		b.WriteString("  pause\n")
	}
}

func describeQuestion(b *strings.Builder, q *Question) {
	fmt.Fprintf(b, "  question %s at %d: %s / %s = %s / %s; verify %s\n",
		q.ID, q.At, q.Text.EN, q.Text.ZH, q.Answer.EN, q.Answer.ZH, q.Verify.Text)
	for _, o := range q.Options {
		fmt.Fprintf(b, "    %t %s / %s: %s / %s\n", o.Right, o.Text.EN, o.Text.ZH, o.Reason.EN, o.Reason.ZH)
	}
}

// FuzzParse holds that no file, however broken, makes the parser panic, and that what it accepts can be linted.
func FuzzParse(f *testing.F) {
	for _, name := range courseFiles() {
		src, err := courseFS.ReadFile("course/" + name + ".md")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Add([]byte("---\nid: [\n---\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		l, err := Parse("x.md", src)
		if err != nil {
			if ps := Problems(nil); !errors.As(err, &ps) || len(ps) == 0 {
				t.Fatalf("an error without problems: %v", err)
			}
			return
		}
		_ = Lint(l)
	})
}

// TestParseBytes holds what a datadriven file cannot show: how bytes that are no good text are met.
func TestParseBytes(t *testing.T) {
	good, err := courseFS.ReadFile("course/04-one-write.md")
	if err != nil {
		t.Fatal(err)
	}
	windows := "\ufeff" + strings.ReplaceAll(string(good), "\n", "\r\n")
	if l, err := Parse("x.md", []byte(windows)); err != nil || strings.Contains(describe(l), "\r") {
		t.Errorf("with Windows line ends: %v", err)
	}
	many := strings.Repeat("## step a\n", MaxSections+1)
	for _, c := range []struct{ src, want string }{
		{"---\n\xff", "x.md:2: this is not UTF-8: save the file as UTF-8"},
		{"---\nid: \x1b[2J", "x.md:2: control character U+001B: remove it"},
		{"---\n\n\u009b", "x.md:3: control character U+009B: remove it"},
		{strings.Repeat("x", MaxBytes+1), "x.md: the file has 262145 bytes: split the lesson, at most 262144 fit"},
		{
			"---\n" + strings.Repeat("[", 200) + "\n---\n",
			"x.md:1: the front matter is too long: at most 16384 bytes and 100 brackets",
		},
		{"---\n---\n" + many, "x.md:67: too many sections: at most 64 fit, split the lesson"},
		{
			"---\n---\n## step a\n```solution\n" + strings.Repeat("next\n", MaxCommands+1) + "```\n",
			"x.md:5: too many commands: at most 10000 fit into a lesson",
		},
		{
			"---\n---\n## step a\n```solution\nput x " + strings.Repeat("1", MaxValue) + "\n```\n",
			"x.md:5: the command has 4102 bytes: at most 4096 fit",
		},
	} {
		_, err := Parse("x.md", []byte(c.src))
		if err == nil || !slices.Contains(strings.Split(err.Error(), "\n"), c.want) {
			t.Errorf("Parse(%.30q) = %v, want %s", c.src, err, c.want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  string
	}{
		{"one two three", 7, "one two|three"},
		{"  one   two  ", 80, "one two"},
		{"一二三四，五", 8, "一二三|四，五"},
		{"按 `n` 前进。", 6, "按 `n`|前进。"},
		{"（一二）三", 4, "（一|二）|三"},
		{"unbreakable", 4, "unbreakable"},
		{"", 4, ""},
	} {
		if got := strings.Join(wrap(c.text, c.width), "|"); got != c.want {
			t.Errorf("wrap(%q, %d) = %s, want %s", c.text, c.width, got, c.want)
		}
	}
}

package tui

import (
	"fmt"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/cluster/session"
	"etcdscope/lessons"
	"etcdscope/tui/theme"
)

// screen drives a model without a terminal and without a clock: time passes when the test says so.
type screen struct {
	t testing.TB
	m *Model
	// at is the wall time that the frames of the test claim.
	at time.Time
}

func open(t testing.TB, o Options, w, h int) *screen {
	t.Helper()
	dark, err := theme.Named("dark")
	if err != nil {
		t.Fatal(err)
	}
	o.Theme = &dark
	if o.Sessions.Dir == "" {
		o.Sessions.Dir = t.TempDir()
	}
	if o.Lang == "" {
		o.Lang = "en"
	}
	m, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &screen{t: t, m: m, at: time.Unix(0, 0)}
	s.size(w, h)
	return s
}

// sandbox opens free play with a seed.
func sandbox(t testing.TB, w, h int) *screen {
	t.Helper()
	o := Options{Config: cluster.Config{Seed: 7}, Sessions: session.Options{Dir: t.TempDir()}}
	s, err := session.New(o.Config, o.Sessions)
	if err != nil {
		t.Fatal(err)
	}
	o.Session, o.Scene = s, "sandbox"
	return open(t, o, w, h)
}

func (s *screen) size(w, h int) { s.m.Update(tea.WindowSizeMsg{Width: w, Height: h}) }

// press gives keys one after the other, in Bubble Tea's spelling.
func (s *screen) press(keys ...string) *screen {
	for _, k := range keys {
		s.m.Key(k)
		s.m.wake()
	}
	return s
}

// write types a line at the prompt and sends it.
func (s *screen) write(line string) *screen {
	s.press(":")
	for _, r := range line {
		if r == ' ' {
			s.press("space")
		} else {
			s.press(string(r))
		}
	}
	return s.press("enter")
}

// pass lets wall time go by, frame by frame.
func (s *screen) pass(d time.Duration) *screen {
	for end := s.at.Add(d); s.at.Before(end); {
		s.at = s.at.Add(time.Second / 30)
		s.m.Update(frameMsg{generation: s.m.play.ticking, at: s.at})
	}
	return s
}

// text is what is on the screen, without colours.
func (s *screen) text() string {
	s.m.dirty = true
	s.m.View()
	return s.m.f.Trimmed()
}

func (s *screen) view() *cluster.View { return s.m.s.View() }

func TestHomeElectsALeaderWithinASecond(t *testing.T) {
	s := open(t, Options{}, 120, 40)
	s.pass(time.Second)
	if s.view().Leader() == nil {
		t.Fatalf("no leader after a second:\n%s", s.text())
	}
}

func TestSpeedIsVirtualTimePerSecond(t *testing.T) {
	s := sandbox(t, 80, 24).press("space")
	s.pass(2 * time.Second)
	if got := s.m.play.shown; got < 28*clock.Millisecond || got > 31*clock.Millisecond {
		t.Fatalf("two seconds at 1x showed %v, want about 30 ms", got)
	}
	s.press("+", "+").pass(time.Second)
	if got := s.m.play.shown; got < 86*clock.Millisecond || got > 92*clock.Millisecond {
		t.Fatalf("one more second at 4x leads to %v, want about 90 ms", got)
	}
}

// TestPausedNeedsNoTicks holds the promise that a paused program uses no CPU: no frame asks for another.
func TestPausedNeedsNoTicks(t *testing.T) {
	s := sandbox(t, 80, 24).press("space")
	s.pass(200 * time.Millisecond)
	s.press("space")
	if cmd := s.m.onFrame(frameMsg{generation: s.m.play.ticking, at: s.at}); cmd != nil {
		t.Fatal("a paused picture asked for another frame")
	}
	if cmd := s.m.wake(); cmd != nil {
		t.Fatal("a paused program woke up")
	}
}

func TestTooSmallStopsTime(t *testing.T) {
	s := sandbox(t, 40, 10).press("space")
	s.pass(time.Second)
	if s.view().Event != 0 {
		t.Fatal("time went on in a window that shows nothing")
	}
	for w := range 70 {
		for h := range 25 {
			s.size(w, h)
			s.text()
		}
	}
}

func TestDigitIsCountOrMember(t *testing.T) {
	s := sandbox(t, 80, 24).press("2")
	if s.m.selected != 2 {
		t.Fatalf("2 selected n%d", s.m.selected)
	}
	s.press("5", "c")
	if s.m.selected != 2 || len(s.view().Ops) != 5 {
		t.Fatalf("5c left n%d selected and gave %d puts", s.m.selected, len(s.view().Ops))
	}
}

func TestStepBackIsTheSamePlace(t *testing.T) {
	s := sandbox(t, 120, 40)
	s.press("n", "n", "n")
	before := s.text()
	s.press(".", ".", ".", ",", ",", ",")
	if after := s.text(); clockless(before) != clockless(after) {
		t.Fatalf("three steps there and back changed the screen:\n%s\n%s", before, after)
	}
}

// clockless drops the lines that rightly tell the two apart: the future is known the second time.
func clockless(s string) string {
	lines := splitLines(s)
	return fmt.Sprint(lines[1:8])
}

func splitLines(s string) []string {
	var out []string
	for len(s) > 0 {
		i := 0
		for i < len(s) && s[i] != '\n' {
			i++
		}
		out = append(out, s[:i])
		s = s[min(i+1, len(s)):]
	}
	return out
}

func TestLessonsOfTheCourseOpen(t *testing.T) {
	for _, chapter := range lessons.Course() {
		for _, l := range chapter.Lessons {
			for _, lang := range []string{"en", "zh"} {
				s := open(t, Options{Lesson: l, Lang: lang}, 80, 24)
				if text := s.text(); text == "" {
					t.Fatalf("%s shows nothing", l.ID)
				}
			}
		}
	}
}

package tui

import (
	"testing"
	"time"

	"etcdscope/cluster/clock"
	"etcdscope/lessons"
)

// stormKeys are what a cat on the keyboard would press, and then some.
var stormKeys = []string{
	"space", ".", ",", "n", "N", ">", "<", "+", "-", "=", "1", "2", "3", "4",
	"5", "6", "7", "8", "9", "l", "tab", "shift+tab", "v", "j", "k", "up", "down", "left",
	"right", "enter", "esc", "c", ":", "x", "X", "r", "P", "0", "t", "A", "T", "p",
	"m", "d", "D", "h", "H", "w", "b", "i", "u", "[", "]", "{", "}", "F",
	"M", "y", "z", "L", "?", "pgup", "pgdown", "home", "end", "a", "s", "R", "o", "backspace",
	"delete", "ctrl+u", "ctrl+w", "ctrl+k", "ctrl+a", "f1", "é", "中", "\x1b", "alt+x", "g", "G", "y",
}

// stormSteps is how many random keys and resizes the test lives through.
const stormSteps = 20_000

// TestStorm presses random keys, resizes at random and lets time pass, in free play and in a lesson. Nothing panics,
// and every row of every screen is as wide as the window.
func TestStorm(t *testing.T) {
	lesson := lessons.Course()[0].Lessons[0]
	for name, open := range map[string]func(testing.TB) *screen{
		"sandbox": func(t testing.TB) *screen { return sandbox(t, 100, 30) },
		"lesson":  func(t testing.TB) *screen { return open(t, Options{Lesson: lesson}, 100, 30) },
		"home":    func(t testing.TB) *screen { return open(t, Options{}, 100, 30) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storm(t, open(t), uint64(len(name)))
		})
	}
}

func storm(t *testing.T, s *screen, seed uint64) {
	for i := range uint64(stormSteps / 3) {
		draw := clock.Draw(seed, 1000, 0, 0, i)
		switch draw % 16 {
		case 0:
			s.size(int(draw>>8%230), int(draw>>16%70))
		case 1:
			s.pass(time.Duration(draw>>8%200) * time.Millisecond)
		case 2:
			s.size(100, 30)
		default:
			s.press(stormKeys[draw>>8%uint64(len(stormKeys))])
		}
		if draw>>40%8 == 0 {
			s.text()
		}
		if w, h := s.m.f.Size(); draw>>40%8 == 0 && (w != s.m.w || h != s.m.h) {
			t.Fatalf("step %d: the frame is %dx%d, the window %dx%d", i, w, h, s.m.w, s.m.h)
		}
	}
}

package pane

import (
	"strings"
	"testing"

	"etcdscope/tui/frame"
)

// styleOf returns the style of the first cell of the n-th place (from 0) where a text stands in a row.
func styleOf(t *testing.T, f *frame.Frame, row int, text string, n int) frame.Style {
	t.Helper()
	var runes []rune
	for _, c := range f.Row(row) {
		runes = append(runes, c.R)
	}
	for x := range runes {
		if strings.HasPrefix(string(runes[x:]), text) {
			if n--; n < 0 {
				c := f.Row(row)[x]
				return frame.Style{FG: c.FG, BG: c.BG, A: c.A}
			}
		}
	}
	t.Fatalf("row %d has no %q: %s", row, text, string(runes))
	return frame.Style{}
}

// TestMeaningOfStyles holds the grammar: hue is the term, bold is the selection, what is lost is faint, the message
// that is selected is reversed.
func TestMeaningOfStyles(t *testing.T) {
	s := classroom(t).everything()
	s.Message = 103
	th := s.Theme
	lanes, logs := frame.New(120, 12), frame.New(120, 12)
	NewLanes().Draw(lanes, lanes.Bounds(), s, true)
	NewLogs().Draw(logs, logs.Bounds(), s, true)
	for _, c := range []struct {
		name string
		f    *frame.Frame
		row  int
		text string
		n    int
		want frame.Style
	}{
		{"selected member", lanes, 2, "n2", 0, th.Text.With(frame.Bold)},
		{"other member", lanes, 1, "n1", 0, th.Text},
		{"leader", lanes, 2, "LEADER", 0, th.Leader.With(frame.Bold)},
		{"follower", lanes, 1, "follower", 0, th.Follower},
		{"message", lanes, 1, "n2▸hb", 0, th.Term(3)},
		{"selected message", lanes, 2, "n1◂ack7", 0, th.Term(3).With(frame.Bold | frame.Reverse)},
		{"lost message", lanes, 5, "n2▸App8", 0, th.Term(3).With(frame.Faint)},
		{"entry of term 1", logs, 2, "▓1▓", 0, th.Term(1)},
		{"entry of term 3", logs, 3, "▒3▒", 0, th.Term(3)},
		{"conflict", logs, 5, "┆2┆", 0, th.Term(2).With(th.Conflict.A)},
		{"commit line", logs, 2, "║", 0, th.Fence},
	} {
		if got := styleOf(t, c.f, c.row, c.text, c.n); got != c.want {
			t.Errorf("%s: %q has the style %+v, want %+v", c.name, c.text, got, c.want)
		}
	}
}

// TestRegions points at what is drawn.
func TestRegions(t *testing.T) {
	s := classroom(t).everything()
	f := frame.New(120, 12)
	Framed(f, f.Bounds(), NewLanes(), s, true)
	for _, c := range []struct {
		x, y int
		want string
		n    int
	}{
		{0, 0, "lanes", 0}, {10, 3, RegionMember, 2}, {118, 6, RegionMember, 5},
	} {
		hit, _ := f.HitAt(c.x, c.y)
		if hit.ID != c.want || hit.N != c.n {
			t.Errorf("at %d,%d is %s %d, want %s %d", c.x, c.y, hit.ID, hit.N, c.want, c.n)
		}
	}
	for x := range 120 {
		if hit, _ := f.HitAt(x, 3); hit.ID == RegionMessage && hit.N == 103 {
			return
		}
	}
	t.Error("message 103 cannot be pointed at")
}

package theme

import (
	"fmt"
	"reflect"
	"testing"

	"etcdscope/tui/frame"
)

// families returns the glyphs that stand side by side and must be told apart without colour.
func families(g *Glyphs) map[string][]rune {
	return map[string][]rune{
		"role":       {g.Leader, g.Follower, g.Candidate, g.PreCandidate, g.Learner, g.Down},
		"entry":      {g.Applied, g.Committed, g.Stored, g.Conflict, g.Tombstone, g.CommitFence},
		"disk":       {g.Synced, g.Cached, g.Torn},
		"link":       {g.LinkOk, g.LinkSlow, g.LinkCut},
		"direction":  {g.Request, g.Reply},
		"answer":     {g.Accepted, g.Rejected},
		"watcher":    {g.WatchSynced, g.WatchUnsynced, g.WatchVictim, g.WatchCancelled},
		"vote":       {g.VoteGranted, g.VoteRefused, g.VoteAsked, g.VoteComing},
		"verdict":    {g.Yes, g.No, g.Warn},
		"lane":       {g.LaneDot, g.LaneEnd, g.LaneDown, g.Request, g.Reply},
		"arrow":      {g.ArrowLeft, g.ArrowRight, g.ArrowUp, g.ArrowDown},
		"head":       {g.HeadLeft, g.HeadRight},
		"peer mark":  {g.Match, g.Next},
		"fence":      {g.CommitFence, g.CompactFence},
		"space-time": {g.Event, g.Life, g.LifeDown, g.Partition, g.Folded, g.LinkCut},
		"timeline":   {g.Rail, g.Here, g.Breakpoint, g.Head},
		"tree":       {g.TreeTee, g.TreeEnd, g.TreeBar},
		"progress":   {g.Done, g.Todo},
		"slot":       {g.SlotUsed, g.SlotFree},
		"scroll":     {g.Thumb, g.Track},
		"bar":        append([]rune(g.Bar), g.Empty),
		"spark":      []rune(g.Spark),
		"numbers":    g.numbers,
		"corners":    {g.Border.TopLeft, g.BorderFocus.TopLeft, g.BorderDialog.TopLeft},
	}
}

func sets() map[string]Glyphs { return map[string]Glyphs{"unicode": Unicode(), "ascii": ASCII()} }

func TestNoTwoGlyphsOfAFamilyCoincide(t *testing.T) {
	for set, g := range sets() {
		for family, glyphs := range families(&g) {
			seen := map[rune]int{}
			for i, r := range glyphs {
				if j, ok := seen[r]; ok {
					t.Errorf("%s %s: glyphs %d and %d are both %q", set, family, j, i, r)
				}
				seen[r] = i
			}
		}
	}
}

// runes returns every rune of a glyph set with the name of its field.
func runes(v reflect.Value, name string, out map[string]rune) {
	switch v.Kind() {
	case reflect.Int32:
		out[name] = rune(v.Int())
	case reflect.String:
		for i, r := range []rune(v.String()) {
			out[fmt.Sprintf("%s[%d]", name, i)] = r
		}
	case reflect.Slice:
		for i := range v.Len() {
			runes(v.Index(i), fmt.Sprintf("%s[%d]", name, i), out)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			runes(v.Field(i), name+"."+v.Type().Field(i).Name, out)
		}
	}
}

func TestEveryGlyphIsOneVisibleCell(t *testing.T) {
	for set, g := range sets() {
		glyphs := map[string]rune{}
		runes(reflect.ValueOf(g), set, glyphs)
		for name, r := range glyphs {
			if frame.Safe(string(r)) != string(r) || frame.Width(string(r)) != 1 {
				t.Errorf("%s: %q (%U) is not one visible cell", name, r, r)
			}
			if r > '~' && set == "ascii" {
				t.Errorf("%s: %q is not ASCII", name, r)
			}
		}
	}
}

func TestNumberedBeginsAgain(t *testing.T) {
	for set, g := range sets() {
		n := len(g.numbers)
		if g.Numbered(1) != g.numbers[0] || g.Numbered(n) != g.numbers[n-1] || g.Numbered(n+1) != g.numbers[0] {
			t.Errorf("%s: 1, %d, %d are %q %q %q", set, n, n+1, g.Numbered(1), g.Numbered(n), g.Numbered(n+1))
		}
		if g.Numbered(-3) != g.numbers[0] {
			t.Errorf("%s: sign of -3 is %q", set, g.Numbered(-3))
		}
	}
}

func TestLevel(t *testing.T) {
	g := Unicode()
	for _, c := range []struct {
		value, total int64
		want         rune
	}{{-1, 10, '▁'}, {0, 10, '▁'}, {5, 10, '▅'}, {10, 10, '█'}, {11, 10, '█'}, {1, 0, '▁'}} {
		if got := g.Level(c.value, c.total); got != c.want {
			t.Errorf("Level(%d, %d) = %q, want %q", c.value, c.total, got, c.want)
		}
	}
}

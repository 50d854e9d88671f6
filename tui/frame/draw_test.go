package frame

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

// TestDraw runs testdata/draw: drawing commands, one per line, then the picture. In the picture a dot is an
// empty cell, so that the width can be seen; after "ansi" it is the encoder's output instead, after "diff" what
// was drawn since the line "shown".
func TestDraw(t *testing.T) {
	datadriven.RunTest(t, "testdata/draw", func(t *testing.T, d *datadriven.TestData) string {
		var w, h int
		d.ScanArgs(t, "size", &w, &h)
		f, shown := New(w, h), New(w, h)
		for line := range strings.SplitSeq(d.Input, "\n") {
			if line == "shown" {
				shown.CopyFrom(f)
				continue
			}
			if err := f.obey(strings.Fields(line)); err != nil {
				d.Fatalf(t, "%s: %v", line, err)
			}
		}
		checkRows(t, f)
		switch d.Cmd {
		case "ansi":
			return fmt.Sprintf("%q\n", f.AppendANSI(nil))
		case "diff":
			return fmt.Sprintf("%q\n", f.AppendDiff(nil, shown))
		}
		return strings.ReplaceAll(f.Plain(), " ", ".")
	})
}

// obey draws what the words of one line of testdata/draw say. In a text, an underscore stands for a space and
// an escape is written as in Go.
func (f *Frame) obey(words []string) error {
	var n []int
	var text []string
	for _, word := range words[1:] {
		if v, err := strconv.Atoi(word); err == nil && text == nil {
			n = append(n, v)
			continue
		}
		s, err := strconv.Unquote(`"` + strings.ReplaceAll(word, "_", " ") + `"`)
		if err != nil {
			return err
		}
		text = append(text, s)
	}
	n, text = append(n, 0, 0, 0, 0, 0), append(text, "", "")
	r := Rect{n[0], n[1], n[2], n[3]}
	red := Style{FG: Index(1)}
	switch words[0] {
	case "text":
		f.Text(n[0], n[1], Style{}, text[0])
	case "red":
		f.Text(n[0], n[1], red, text[0])
	case "in":
		f.TextIn(r, map[string]Align{"left": Left, "center": Center, "right": Right}[text[0]], Style{}, text[1])
	case "wrap":
		f.TextWrap(r, Style{}, text[0])
	case "box":
		inside := f.Box(r, Style{}, Rounded, text[0], red)
		f.BoxFoot(r, red, text[1])
		f.Fill(inside, Style{}, ':')
	case "fill":
		f.Fill(r, Style{BG: Index(4)}, []rune(text[0])[0])
	case "bar":
		f.Bar(n[0], n[1], n[2], Style{}, int64(n[3]), int64(n[4]), text[0])
	case "tint":
		f.Tint(r, Style{A: Bold, BG: RGB(0x010203)})
	case "clip":
		f.PushClip(r)
	case "unclip":
		f.PopClip()
	default:
		return fmt.Errorf("no such command")
	}
	return nil
}

func TestRect(t *testing.T) {
	r := Rect{2, 3, 10, 6}
	top, below := r.SplitTop(2)
	above, bottom := r.SplitBottom(2)
	left, rest := r.SplitLeft(4)
	begin, right := r.SplitRight(4)
	columns := r.Columns(3, 1)
	for _, c := range []struct {
		name      string
		got, want Rect
	}{
		{"top", top, Rect{2, 3, 10, 2}},
		{"below", below, Rect{2, 5, 10, 4}},
		{"above", above, Rect{2, 3, 10, 4}},
		{"bottom", bottom, Rect{2, 7, 10, 2}},
		{"left", left, Rect{2, 3, 4, 6}},
		{"rest", rest, Rect{6, 3, 6, 6}},
		{"begin", begin, Rect{2, 3, 6, 6}},
		{"right", right, Rect{8, 3, 4, 6}},
		{"inset", r.Inset(1, 2), Rect{3, 5, 8, 2}},
		{"inset to nothing", Rect{0, 0, 3, 1}.Inset(2, 2), Rect{1, 0, 1, 1}},
		{"row", r.Row(5), Rect{2, 8, 10, 1}},
		{"no such row", r.Row(6), Rect{2, 9, 10, 0}},
		{"center", r.Center(4, 2), Rect{5, 5, 4, 2}},
		{"center of less", r.Center(99, 99), r},
		{"apart", r.Intersect(Rect{50, 50, 2, 2}), Rect{50, 50, 0, 0}},
		{"column 1", columns[0], Rect{2, 3, 3, 6}},
		{"column 3", columns[2], Rect{10, 3, 2, 6}},
	} {
		if c.got != c.want {
			t.Errorf("%s is %+v, want %+v", c.name, c.got, c.want)
		}
	}
	if all, none := r.SplitLeft(99); all != r || !none.Empty() {
		t.Errorf("a split wider than the rectangle gives %+v and %+v", all, none)
	}
	if len(r.Columns(0, 1)) != 0 || !r.Columns(99, 1)[98].Empty() {
		t.Error("no columns, or more than there are cells, must give none and empty ones")
	}
}

func TestTheLastRegionWins(t *testing.T) {
	f := New(20, 5)
	f.Region("pane", Rect{0, 0, 20, 5})
	f.PushClip(Rect{2, 1, 5, 1})
	f.RegionN("member", 3, Rect{0, 1, 20, 1})
	f.Region("hidden", Rect{9, 3, 2, 2})
	f.PopClip()
	for _, c := range []struct {
		x, y int
		want Hit
		ok   bool
	}{
		{2, 1, Hit{"member", 3, Rect{2, 1, 5, 1}}, true},
		{1, 1, Hit{"pane", 0, Rect{0, 0, 20, 5}}, true},
		{9, 3, Hit{"pane", 0, Rect{0, 0, 20, 5}}, true},
		{20, 0, Hit{}, false},
	} {
		if got, ok := f.HitAt(c.x, c.y); got != c.want || ok != c.ok {
			t.Errorf("HitAt(%d, %d) = %+v, %v, want %+v", c.x, c.y, got, ok, c.want)
		}
	}
	copied := New(0, 0)
	copied.CopyFrom(f)
	if got, _ := copied.HitAt(2, 1); got.ID != "member" {
		t.Errorf("the copy has %+v at 2,1", got)
	}
	f.Reset(20, 5)
	if _, ok := f.HitAt(2, 1); ok {
		t.Error("a region outlives Reset")
	}
}

func TestAnySizeIsSafe(t *testing.T) {
	for _, size := range [][2]int{{0, 0}, {0, 4}, {4, 0}, {-3, 2}, {1, 1}, {2, 2}} {
		f := New(size[0], size[1])
		f.PopClip()
		f.PushClip(Rect{-5, -5, 100, 100})
		f.Box(f.Bounds(), Style{}, Heavy, "title", Style{})
		f.Text(-1, 0, Style{}, "中文 text")
		f.Tint(Rect{-1, -1, 9, 9}, Style{A: Reverse})
		checkRows(t, f)
		if w, h := f.Size(); len(f.Row(0)) != w && h > 0 || f.Row(h) != nil || f.Cell(w, h) != blank {
			t.Errorf("%dx%d: Row or Cell outside the frame is not blank", w, h)
		}
		f.AppendDiff(f.AppendANSI(nil), nil)
	}
}

func TestColorTellsItsKind(t *testing.T) {
	if n, ok := Index(0).Index(); n != 0 || !ok || Index(0).IsDefault() {
		t.Error("indexed colour 0 is black, not the default")
	}
	if hex, ok := RGB(0x56B4E9).RGB(); hex != 0x56B4E9 || !ok {
		t.Errorf("RGB colour gives %x, %v", hex, ok)
	}
	if _, ok := RGB(7).Index(); ok {
		t.Error("an RGB colour has no index")
	}
	if c := Color(0); !c.IsDefault() {
		t.Error("the zero colour is the default")
	}
}

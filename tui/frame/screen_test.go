package frame

import (
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// screen is a terminal that knows only what the encoders may send: SGR, CUP, CUF, \n and visible runes.
type screen struct {
	t    interface{ Fatalf(string, ...any) }
	f    *Frame
	x, y int
	pen  Style
}

// screenOf returns what a blank terminal shows after in.
func screenOf(t interface{ Fatalf(string, ...any) }, w, h int, in []byte) *Frame {
	s := &screen{t: t, f: New(w, h)}
	s.write(in)
	return s.f
}

func (s *screen) write(in []byte) {
	text := string(in)
	for text != "" {
		if rest, ok := strings.CutPrefix(text, "\x1b["); ok {
			end := strings.IndexFunc(rest, func(r rune) bool { return r != ';' && (r < '0' || r > '9') })
			if end < 0 {
				s.t.Fatalf("unfinished sequence in %q", text)
			}
			s.control(rest[end], numbers(rest[:end]))
			text = rest[end+1:]
			continue
		}
		r, size := utf8.DecodeRuneInString(text)
		text = text[size:]
		s.print(r)
	}
	if s.pen != (Style{}) {
		s.t.Fatalf("the terminal is left in style %+v", s.pen)
	}
}

func numbers(s string) []int {
	var out []int
	for part := range strings.SplitSeq(s, ";") {
		n, _ := strconv.Atoi(part)
		out = append(out, n)
	}
	return out
}

func (s *screen) print(r rune) {
	if r == '\n' {
		s.x, s.y = 0, s.y+1
		return
	}
	if bad := hostile(string(r)); bad != "" {
		s.t.Fatalf("the encoder sends %s", bad)
	}
	width := runeWidth(r)
	if s.x+width > s.f.w || s.y >= s.f.h {
		s.t.Fatalf("%q at %d,%d is outside the screen", r, s.x, s.y)
	}
	s.f.put(s.x, s.y, newCell(r, s.pen, width))
	s.x += width
}

func (s *screen) control(final byte, args []int) {
	switch final {
	case 'H':
		s.y, s.x = args[0]-1, args[1]-1
	case 'C':
		s.x += args[0]
	case 'm':
		for len(args) > 0 {
			args = args[s.sgr(args):]
		}
	default:
		s.t.Fatalf("the encoder sends CSI %q", final)
	}
}

// sgr obeys the first parameter, with those that belong to it, and returns how many it took.
func (s *screen) sgr(args []int) int {
	on := map[int]Attr{1: Bold, 2: Faint, 3: Italic, 4: Underline, 7: Reverse, 9: Strike}
	off := map[int]Attr{22: Bold | Faint, 23: Italic, 24: Underline, 27: Reverse, 29: Strike}
	n := args[0]
	switch {
	case n == 0:
		s.pen = Style{}
	case on[n] != 0:
		s.pen.A |= on[n]
	case off[n] != 0:
		s.pen.A &^= off[n]
	case n >= 40 && n <= 49:
		color, took := s.color(n-10, args)
		s.pen.BG = color
		return took
	case n >= 100 && n <= 107:
		s.pen.BG = Index(uint8(n - 100 + 8))
	case n >= 90 && n <= 97:
		s.pen.FG = Index(uint8(n - 90 + 8))
	default:
		color, took := s.color(n, args)
		s.pen.FG = color
		return took
	}
	return 1
}

func (s *screen) color(n int, args []int) (Color, int) {
	switch {
	case n >= 30 && n <= 37:
		return Index(uint8(n - 30)), 1
	case n == 39:
		return 0, 1
	case n == 38 && args[1] == 5:
		return Index(uint8(args[2])), 3
	case n == 38 && args[1] == 2:
		return RGB(uint32(args[2]<<16 | args[3]<<8 | args[4])), 5
	}
	s.t.Fatalf("the encoder sends SGR %v", args)
	return 0, len(args)
}

var styleGen = rapid.Custom(func(t *rapid.T) Style {
	colors := []Color{0, Index(1), Index(9), Index(16), Index(200), RGB(0x56B4E9), RGB(0)}
	return Style{
		FG: rapid.SampledFrom(colors).Draw(t, "fg"),
		BG: rapid.SampledFrom(colors).Draw(t, "bg"),
		A:  Attr(rapid.IntRange(0, 63).Draw(t, "attr")),
	}
})

var textGen = rapid.OneOf(
	rapid.StringN(0, 12, 40),
	rapid.StringOfN(rapid.SampledFrom([]rune("ab 中文★─▏，(\x1b\u202e\n")), 0, 16, -1),
)

func rectGen(w, h int) *rapid.Generator[Rect] {
	return rapid.Custom(func(t *rapid.T) Rect {
		side := func(name string, n int) int { return rapid.IntRange(-2, n+2).Draw(t, name) }
		return Rect{side("x", w), side("y", h), side("w", w), side("h", h)}
	})
}

// scribble draws one random thing.
func scribble(t *rapid.T, f *Frame) {
	w, h := f.Size()
	r, st, s := rectGen(w, h).Draw(t, "rect"), styleGen.Draw(t, "style"), textGen.Draw(t, "text")
	switch rapid.IntRange(0, 9).Draw(t, "what") {
	case 0:
		f.Box(r, st, Rounded, s, st)
		f.BoxFoot(r, st, s)
	case 1:
		f.Fill(r, st, rapid.SampledFrom([]rune(" x中░")).Draw(t, "rune"))
	case 2:
		f.Tint(r, st)
	case 3:
		f.TextIn(r, Align(rapid.IntRange(0, 2).Draw(t, "align")), st, s)
	case 4:
		f.TextWrap(r, st, s)
	case 5:
		f.Bar(r.X, r.Y, r.W, st, rapid.Int64().Draw(t, "value"), rapid.Int64().Draw(t, "total"), "▏▎▍▌▋▊▉█")
	default:
		f.Text(r.X, r.Y, st, s)
	}
}

func frameGen(w, h int) *rapid.Generator[*Frame] {
	return rapid.Custom(func(t *rapid.T) *Frame {
		f := New(w, h)
		for range rapid.IntRange(0, 8).Draw(t, "things") {
			scribble(t, f)
		}
		return f
	})
}

func TestEncodersRebuildTheFrame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(0, 24).Draw(t, "w"), rapid.IntRange(0, 6).Draw(t, "h")
		f, prev := frameGen(w, h).Draw(t, "f"), frameGen(w, h).Draw(t, "prev")
		checkRows(t, f)
		if got := screenOf(t, w, h, f.AppendANSI(nil)); !got.Equal(f) {
			t.Fatalf("AppendANSI shows\n%q, want\n%q", got.Plain(), f.Plain())
		}
		if got := screenOf(t, w, h, f.AppendDiff(nil, nil)); !got.Equal(f) {
			t.Fatalf("the first AppendDiff shows\n%q, want\n%q", got.Plain(), f.Plain())
		}
		s := &screen{t: t, f: New(w, h)}
		s.f.CopyFrom(prev)
		s.write(f.AppendDiff(nil, prev))
		if !s.f.Equal(f) {
			t.Fatalf("AppendDiff shows\n%q, want\n%q", s.f.Plain(), f.Plain())
		}
		if same := f.AppendDiff(nil, f); len(same) != 0 {
			t.Fatalf("the diff of a frame with itself is %q", same)
		}
	})
}

func TestNothingIsDrawnOutsideTheClip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(0, 24).Draw(t, "w"), rapid.IntRange(0, 6).Draw(t, "h")
		before := frameGen(w, h).Draw(t, "before")
		outer, inner := rectGen(w, h).Draw(t, "outer"), rectGen(w, h).Draw(t, "inner")
		f := New(0, 0)
		f.CopyFrom(before)
		f.PushClip(outer)
		f.PushClip(inner)
		for range 5 {
			scribble(t, f)
		}
		f.PopClip()
		f.PopClip()
		checkRows(t, f)
		clip := f.Bounds().Intersect(outer).Intersect(inner)
		for y := range h {
			for x := range w {
				was, is := before.Cell(x, y), f.Cell(x, y)
				if clip.Contains(x, y) || was == is {
					continue
				}
				if was.W == 1 || is != newCell(' ', was.style(), 1) {
					t.Fatalf("cell %d,%d outside the clip %+v became %+v, was %+v", x, y, clip, is, was)
				}
			}
		}
		if f.Clip() != f.Bounds() {
			t.Fatalf("the clip is %+v after all were popped", f.Clip())
		}
	})
}

func TestDiffOfAnotherSizeWritesEveryCell(t *testing.T) {
	f := New(6, 2)
	f.Text(1, 0, Style{FG: Index(2)}, "中文")
	full := f.AppendDiff(nil, nil)
	if got := f.AppendDiff(nil, New(5, 2)); string(got) != string(full) {
		t.Errorf("diff against another size = %q, want the full frame %q", got, full)
	}
	s := &screen{t: t, f: New(6, 2)}
	s.f.Fill(s.f.Bounds(), Style{BG: Index(4)}, '#')
	s.write(full)
	if !s.f.Equal(f) {
		t.Errorf("a dirty terminal shows %q after the full diff", s.f.Plain())
	}
}

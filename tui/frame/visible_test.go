package frame

import (
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
)

// payloads are texts that would make a terminal do something, or show something that is not there.
var payloads = []struct{ name, text, want string }{
	{"OSC 52 clipboard", "\x1b]52;c;cm0gLXJm\x07", `\x1b]52;c;cm0gLXJm\x07`},
	{"OSC 0 title", "\x1b]0;owned\x07", `\x1b]0;owned\x07`},
	{"OSC 8 link", "\x1b]8;;http://x\x1b\\y", `\x1b]8;;http://x\x1b\y`},
	{"CSI erase", "\x1b[2J", `\x1b[2J`},
	{"CSI cursor up", "\x1b[10A", `\x1b[10A`},
	{"CSI report", "\x1b[6n", `\x1b[6n`},
	{"CSI colour", "\x1b[31mred\x1b[m", `\x1b[31mred\x1b[m`},
	{"DCS", "\x1bP$qm\x1b\\", `\x1bP$qm\x1b\`},
	{"RIS", "\x1bc", `\x1bc`},
	{"C1 CSI as UTF-8", "\u009b2J", `\u{9b}2J`},
	{"C1 CSI as a byte", "\x9b2J", `\x9b2J`},
	{"BEL", "a\ab", `a\x07b`},
	{"BS", "a\bb", `a\x08b`},
	{"CR", "good\rbad", `good\x0dbad`},
	{"LF and TAB", "a\n\tb", `a\x0a\x09b`},
	{"NUL and DEL", "\x00\x7f", `\x00\x7f`},
	{"unterminated OSC", "\x1b]0;rest of the frame", `\x1b]0;rest of the frame`},
	{"bidi RLO", "a\u202egnp.exe", `a\u{202e}gnp.exe`},
	{"bidi isolate", "\u2066x\u2069", `\u{2066}x\u{2069}`},
	{"ZWSP", "a\u200bb", `a\u{200b}b`},
	{"ZWJ and variation selector", "a\u200d\ufe0f", `a\u{200d}\u{fe0f}`},
	{"tag characters", "x\U000E0041\U000E007F", `x\u{e0041}\u{e007f}`},
	{"combining mark", "e\u0301", `e\u{301}`},
	{"soft hyphen, BOM", "\u00ad\ufeff", `\u{ad}\u{feff}`},
	{"odd spaces", "\u00a0\u2028\u3000", `\u{a0}\u{2028}\u{3000}`},
	{"private use", "\ue000", `\u{e000}`},
	{"flag and skin tone", "\U0001F1E9\U0001F3FD", `\u{1f1e9}\u{1f3fd}`},
	{"Hangul filler", "\u3164", `\u{3164}`},
	{"broken UTF-8", "\xe4\xb8x\xff", `\xe4\xb8x\xff`},
	{"plain", "key ключ 键 ★ C:\\x 1€ 😀", "key ключ 键 ★ C:\\x 1€ 😀"},
}

// hostile returns what in s must never reach a terminal, "" if nothing. Newlines are allowed.
func hostile(s string) string {
	if !utf8.ValidString(s) {
		return "invalid UTF-8"
	}
	for _, r := range s {
		if r != '\n' && !unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) && r != ' ' {
			return fmt.Sprintf("%U", r)
		}
		if r == '\u202e' || r == '\u200b' || displaywidth.Rune(r) == 0 && r != '\n' {
			return fmt.Sprintf("%U without width", r)
		}
	}
	return ""
}

func TestPayloadsAreShownNotObeyed(t *testing.T) {
	for _, p := range payloads {
		t.Run(p.name, func(t *testing.T) {
			if got := Safe(p.text); got != p.want {
				t.Errorf("Safe = %q, want %q", got, p.want)
			}
			if got := Safe(p.want); got != p.want {
				t.Errorf("Safe of safe text = %q, want it unchanged", got)
			}
			if got, want := Width(p.text), displaywidth.String(p.want); got != want {
				t.Errorf("Width = %d, want %d", got, want)
			}
			f := New(60, 1)
			end := f.Text(0, 0, Style{}, p.text)
			if got := f.Trimmed(); got != p.want+"\n" || end != Width(p.text) {
				t.Errorf("Text drew %q to column %d, want %q", got, end, p.want)
			}
			drawEverywhere(t, p.text)
		})
	}
}

// drawEverywhere draws s by every function that takes text and checks all encoders' output.
func drawEverywhere(t *testing.T, s string) {
	t.Helper()
	f := New(40, 12)
	red := Style{FG: Index(1), A: Bold}
	inner := f.Box(Rect{0, 0, 40, 6}, Style{}, Rounded, s, red)
	f.BoxFoot(Rect{0, 0, 40, 6}, red, s)
	f.TextWrap(inner, red, s)
	f.TextIn(Rect{3, 7, 11, 1}, Right, red, s)
	f.Text(-2, 8, red, s)
	for i, r := range s {
		f.Rune(i%40, 9, red, r)
		f.Fill(Rect{0, 10, 5, 1}, red, r)
		f.Bar(6, 10, 9, red, int64(i), 20, s)
		f.Ellipsis = r
		f.Box(Rect{20, 7, 4, 4}, red, Border{r, r, r, r, r, r}, "", red)
		f.TextIn(Rect{0, 11, 4, 1}, Left, red, s)
	}
	texts := append(Wrap(s, 7), Safe(s), SafeLines(s), Truncate(s, 5, "…"), f.Plain(), f.Trimmed())
	for _, text := range texts {
		if bad := hostile(text); bad != "" {
			t.Fatalf("%q leaks %s in %q", s, bad, text)
		}
	}
	checkRows(t, f)
	screenOf(t, 40, 12, f.AppendANSI(nil))
	screenOf(t, 40, 12, f.AppendDiff(nil, nil))
	screenOf(t, 40, 12, f.AppendDiff(nil, New(40, 12)))
}

// checkRows checks that every row is exactly as wide as the frame, by the judgement of displaywidth, and that
// the two halves of a wide rune belong together.
func checkRows(t interface{ Fatalf(string, ...any) }, f *Frame) {
	w, h := f.Size()
	rows := strings.Split(f.Plain(), "\n")
	if len(rows) != h+1 || rows[h] != "" {
		t.Fatalf("%d rows, want %d and a final newline", len(rows)-1, h)
	}
	for y, row := range rows[:h] {
		if got := displaywidth.String(row); got != w {
			t.Fatalf("row %d is %d cells wide, want %d: %q", y, got, w, row)
		}
		for x, c := range f.Row(y) {
			if c.W == 0 && (f.Cell(x-1, y).W != 2 || f.Cell(x-1, y).style() != c.style()) {
				t.Fatalf("cell %d,%d is not the right half of %+v", x, y, f.Cell(x-1, y))
			}
		}
	}
}

// TestEveryVisibleRuneIsItsOwnCell holds the gate against displaywidth's tables: whatever is let through must
// keep its own width beside any neighbour. It fails when an update of either table brings a joining rune.
func TestEveryVisibleRuneIsItsOwnCell(t *testing.T) {
	neighbours := []string{"a", "1", "가", "각", "中", "😀", "©", "ไ"}
	for r := range rune(unicode.MaxRune + 1) {
		width := runeWidth(r)
		if width == 0 {
			continue
		}
		s := string(r)
		if bad := hostile(s); bad != "" || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) {
			t.Errorf("%U passes the gate: %s", r, bad)
		}
		if got := displaywidth.String(s); got != width {
			t.Errorf("%U: width %d, displaywidth says %d", r, width, got)
		}
		for _, n := range append(neighbours, s) {
			if graphemes(n+s) != 2 || graphemes(s+n) != 2 {
				t.Errorf("%U joins %q", r, n)
			}
		}
	}
}

func graphemes(s string) int {
	n := 0
	for g := displaywidth.StringGraphemes(s); g.Next(); {
		n++
	}
	return n
}

func TestGateLetsThroughWhatIsVisible(t *testing.T) {
	for _, r := range "aZ09~ äßЖλक中文（），。가ñ★○◐◔◇✖▓▒░┆▸◂■✂─◌╳†●◍╭▏█⣿→…✓₂½€😀" {
		if runeWidth(r) == 0 {
			t.Errorf("%q is escaped", r)
		}
	}
}

func TestSafeDoesNotCopyCleanText(t *testing.T) {
	s := "put /registry/pods/默认 3"
	if n := testing.AllocsPerRun(10, func() { s = Safe(s) }); n != 0 {
		t.Errorf("%v allocations for clean text", n)
	}
}

func TestSafeLinesKeepsNewlinesOnly(t *testing.T) {
	if got := SafeLines("a\x1b\r\nb\u0085"); got != "a\\x1b\\x0d\nb\\u{85}" {
		t.Errorf("SafeLines = %q", got)
	}
}

func TestTruncate(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  string
	}{
		{"leader", 6, "leader"},
		{"leader", 5, "lead…"},
		{"leader", 1, "…"},
		{"leader", 0, ""},
		{"leader", -1, ""},
		{"领导者", 5, "领导…"},
		{"领导者", 4, "领…"},
		{"\x1b[2J", 5, `\x1b…`},
		{"\x1b[2J", 4, `…`},
	} {
		if got := Truncate(c.text, c.width, "…"); got != c.want {
			t.Errorf("Truncate(%q, %d) = %q, want %q", c.text, c.width, got, c.want)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, p := range payloads {
		f.Add(p.text)
	}
	f.Fuzz(func(t *testing.T, s string) {
		drawEverywhere(t, s)
		if got := Safe(Safe(s)); got != Safe(s) {
			t.Fatalf("Safe is not idempotent: %q", got)
		}
		if got, want := Width(s), displaywidth.String(Safe(s)); got != want {
			t.Fatalf("Width = %d, want %d", got, want)
		}
	})
}

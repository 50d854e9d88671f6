package frame

import (
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
)

// joining are letters and symbols that a terminal merges with a neighbour or does not paint at all: conjoining
// Hangul, letters that attach to the next or the previous one, halfwidth sound marks, Hangul fillers, flag
// halves and skin tones. One rune could then no longer be one cell, so they are escaped like the marks.
var joining = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x0D4E, Hi: 0x0D4E, Stride: 1},
		{Lo: 0x0E33, Hi: 0x0E33, Stride: 1},
		{Lo: 0x0EB3, Hi: 0x0EB3, Stride: 1},
		{Lo: 0x1100, Hi: 0x11FF, Stride: 1},
		{Lo: 0x3164, Hi: 0x3164, Stride: 1},
		{Lo: 0xA960, Hi: 0xA97C, Stride: 1},
		{Lo: 0xD7B0, Hi: 0xD7FB, Stride: 1},
		{Lo: 0xFF9E, Hi: 0xFFA0, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x111C2, Hi: 0x111C3, Stride: 1},
		{Lo: 0x1193F, Hi: 0x11941, Stride: 2},
		{Lo: 0x11A84, Hi: 0x11A89, Stride: 1},
		{Lo: 0x11D46, Hi: 0x11D46, Stride: 1},
		{Lo: 0x11F02, Hi: 0x11F02, Stride: 1},
		{Lo: 0x1F1E6, Hi: 0x1F1FF, Stride: 1},
		{Lo: 0x1F3FB, Hi: 0x1F3FF, Stride: 1},
	},
}

// runeWidth is the gate: it returns how many cells r covers, 1 or 2, or 0 if r must not reach a terminal as
// itself. Visible are the space and the Unicode classes L, N, P and S, without the joining ones; not visible
// are controls, bidirectional and other format characters, zero-width and odd spaces, marks, and what Unicode
// has not assigned.
func runeWidth(r rune) int {
	switch {
	case r >= ' ' && r <= '~':
		return 1
	case r >= 0x2500 && r <= 0x25FC: // box drawing, blocks and shapes fill most of a screen
		return 1
	case r >= 0x4E00 && r <= 0x9FFF: // unified ideographs
		return 2
	case !strconv.IsPrint(r) || unicode.In(r, unicode.M, joining):
		return 0
	}
	return displaywidth.Rune(r)
}

// next decodes the rune that s begins with, its bytes and its width; width 0 means that it is shown as an
// escape.
func next(s string) (r rune, size, width int) {
	if c := s[0]; c < utf8.RuneSelf {
		if c >= ' ' && c <= '~' {
			return rune(c), 1, 1
		}
		return rune(c), 1, 0
	}
	r, size = utf8.DecodeRuneInString(s)
	if r == utf8.RuneError && size == 1 {
		return r, 1, 0
	}
	return r, size, runeWidth(r)
}

// appendEscape appends the visible form of the rune that s begins with, which is size bytes long: \x9b for a
// control byte or a byte that is not UTF-8, \u{202e} for any other rune.
func appendEscape(dst []byte, s string, r rune, size int) []byte {
	const hex = "0123456789abcdef"
	if size == 1 {
		return append(dst, '\\', 'x', hex[s[0]>>4], hex[s[0]&15])
	}
	dst = append(dst, '\\', 'u', '{')
	dst = strconv.AppendUint(dst, uint64(r), 16)
	return append(dst, '}')
}

// Safe returns s as one line that is harmless in any terminal: what [Frame.Text] would draw, as a string. It is
// for text that does not pass through a frame, such as the --plain mode and error messages. Safe(Safe(s)) is
// Safe(s).
func Safe(s string) string { return safe(s, false) }

// SafeLines is [Safe] for text of several lines: it leaves the newlines.
func SafeLines(s string) string { return safe(s, true) }

func safe(s string, lines bool) string {
	clean := hiddenAt(s, 0, lines)
	if clean == len(s) {
		return s
	}
	out := make([]byte, 0, len(s)+16)
	for from := 0; from < len(s); {
		out = append(out, s[from:clean]...)
		if clean == len(s) {
			break
		}
		r, size, _ := next(s[clean:])
		out = appendEscape(out, s[clean:], r, size)
		from = clean + size
		clean = hiddenAt(s, from, lines)
	}
	return string(out)
}

// hiddenAt returns where the first rune at or after i stands that must be escaped, len(s) if there is none.
func hiddenAt(s string, i int, lines bool) int {
	for i < len(s) {
		_, size, width := next(s[i:])
		if width == 0 && !(lines && s[i] == '\n') {
			return i
		}
		i += size
	}
	return i
}

// Width returns how many cells [Frame.Text] takes for s, escapes included.
func Width(s string) int {
	total := 0
	for i := 0; i < len(s); {
		r, size, width := next(s[i:])
		total += shownWidth(r, size, width)
		i += size
	}
	return total
}

// shownWidth returns the width of a rune as it is shown: its own, or that of its escape.
func shownWidth(r rune, size, width int) int {
	if width > 0 {
		return width
	}
	if size == 1 {
		return len(`\x00`)
	}
	digits := 2 // no hidden rune of several bytes is below U+0080
	for v := r >> 8; v > 0; v >>= 4 {
		digits++
	}
	return len(`\u{}`) + digits
}

package pane

import (
	"strconv"
	"unicode/utf8"

	"etcdscope/cluster/clock"
	"etcdscope/raft"
	"etcdscope/tui/frame"
	"etcdscope/tui/theme"
)

// line is text that is put together piece by piece, in memory that is used again.
type line []byte

func (l line) text(s string) line { return append(l, s...) }

func (l line) glyph(r rune) line { return utf8.AppendRune(l, r) }

func (l line) num(n uint64) line { return strconv.AppendUint(l, n, 10) }

func (l line) int(n int64) line { return strconv.AppendInt(l, n, 10) }

// sep separates two parts of a title.
func (l line) sep(g *theme.Glyphs) line { return append(append(l, ' ').glyph(g.Separator), ' ') }

func (l line) member(id raft.ID) line { return append(l, 'n').num(uint64(id)) }

// ms writes a virtual time in milliseconds with one digit behind the point, such as 148.3.
func (l line) ms(t clock.Time) line {
	tenths := int64(t) / 100
	return append(l.int(tenths/10), '.', byte('0'+max(0, tenths%10)))
}

// num draws n from column x and returns the column after it. The short string stays on the stack.
func num(f *frame.Frame, x, y int, st frame.Style, n uint64) int {
	var b [20]byte
	return f.Text(x, y, st, string(strconv.AppendUint(b[:0], n, 10)))
}

// numRight draws n so that it ends before column right.
func numRight(f *frame.Frame, right, y int, st frame.Style, n uint64) {
	num(f, right-digits(n), y, st, n)
}

// ms draws a virtual time in milliseconds so that it ends before column right.
func msRight(f *frame.Frame, right, y int, st frame.Style, t clock.Time) {
	var b [24]byte
	text := line(b[:0]).ms(t)
	f.Text(right-len(text), y, st, string(text))
}

// name draws a member's name and returns the column after it.
func name(f *frame.Frame, x, y int, st frame.Style, id raft.ID) int {
	return num(f, f.Text(x, y, st, "n"), y, st, uint64(id))
}

// nameOrDash is name for a member that may be nobody.
func nameOrDash(f *frame.Frame, x, y int, st frame.Style, id raft.ID) int {
	if id == raft.None {
		return f.Text(x, y, st, "-")
	}
	return name(f, x, y, st, id)
}

// digits is how many cells the number takes.
func digits(n uint64) int {
	d := 1
	for ; n >= 10; n /= 10 {
		d++
	}
	return d
}

// count writes 2/3.
func (l line) count(n, of int) line { return append(l.int(int64(n)), '/').int(int64(of)) }

// members writes n1 n2 n3.
func (l line) members(ids []raft.ID) line {
	for i, id := range ids {
		if i > 0 {
			l = append(l, ' ')
		}
		l = l.member(id)
	}
	return l
}

// gauge writes a bar of cells of which the first ones are full.
func (l line) gauge(g *theme.Glyphs, full, cells int64) line {
	for i := range cells {
		if i < full {
			l = l.glyph(g.SlotUsed)
		} else {
			l = l.glyph(g.SlotFree)
		}
	}
	return l
}

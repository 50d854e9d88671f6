package frame

// Text draws s on one line from (x, y) and returns the column after it. It is the one way in for words, the
// program's own and a stranger's alike: what is not plainly visible is drawn as an escape (see [Safe]).
func (f *Frame) Text(x, y int, st Style, s string) int {
	for i := 0; i < len(s); {
		if n := f.ascii(x, y, st, s[i:]); n > 0 {
			x, i = x+n, i+n
			continue
		}
		r, size, width := next(s[i:])
		if width > 0 {
			f.put(x, y, newCell(r, st, width))
			x += width
		} else {
			var esc [12]byte
			for _, b := range appendEscape(esc[:0], s[i:], r, size) {
				f.put(x, y, newCell(rune(b), st, 1))
				x++
			}
		}
		i += size
	}
	return x
}

// ascii draws the visible ASCII that s begins with and returns how many bytes, which are cells, it took.
func (f *Frame) ascii(x, y int, st Style, s string) int {
	n := 0
	for n < len(s) && s[n] >= ' ' && s[n] <= '~' {
		n++
	}
	if y < f.clip.Y || y >= f.clip.Bottom() {
		return n
	}
	row := f.cells[y*f.w : (y+1)*f.w]
	c, space := newCell('x', st, 1), newCell(' ', st, 1)
	for i := max(0, f.clip.X-x); i < min(n, f.clip.Right()-x); i++ {
		cell := &row[x+i]
		if cell.W != 1 {
			breakWide(row, x+i)
		}
		if s[i] == ' ' {
			*cell = space
			continue
		}
		c.R = rune(s[i])
		*cell = c
	}
	return n
}

// Align says where text stands in a rectangle that is wider than the text.
type Align uint8

// The alignments.
const (
	Left Align = iota
	Center
	Right
)

// TextIn draws s in the first row of r and nowhere else, and returns the column after it. Text that is too long
// is cut and ends in the frame's ellipsis.
func (f *Frame) TextIn(r Rect, align Align, st Style, s string) int {
	if r.Empty() {
		return r.X
	}
	total := Width(s)
	if total > r.W {
		keep, width := fit(s, r.W-1)
		f.Text(r.X, r.Y, st, s[:keep])
		return f.Rune(r.X+width, r.Y, st, f.ellipsis())
	}
	x := r.X
	switch align {
	case Center:
		x += (r.W - total) / 2
	case Right:
		x += r.W - total
	}
	return f.Text(x, r.Y, st, s)
}

// TextWrap draws s wrapped into r (see [Wrap]) and returns how many lines s has, drawn or not. If not all lines
// fit, the last row ends in the ellipsis.
func (f *Frame) TextWrap(r Rect, st Style, s string) int {
	if r.Empty() {
		return 0
	}
	lines := Wrap(s, r.W)
	f.PushClip(r)
	defer f.PopClip()
	for i, line := range lines[:min(len(lines), r.H)] {
		end := f.Text(r.X, r.Y+i, st, line)
		if i == r.H-1 && len(lines) > r.H {
			f.Rune(min(end, r.Right()-1), r.Y+i, st, f.ellipsis())
		}
	}
	return len(lines)
}

// Rune draws one rune and returns the column after it. A rune that is not visible is drawn as its escape.
func (f *Frame) Rune(x, y int, st Style, r rune) int {
	if width := runeWidth(r); width > 0 {
		f.put(x, y, newCell(r, st, width))
		return x + width
	}
	return f.Text(x, y, st, string(r))
}

// Truncate returns s as [Safe] shows it, cut to width cells; tail, which must be visible and short, ends a cut
// text.
func Truncate(s string, width int, tail string) string {
	if Width(s) <= width {
		return Safe(s)
	}
	room := width - Width(tail)
	if room < 0 {
		keep, _ := fit(s, width)
		return Safe(s[:keep])
	}
	keep, _ := fit(s, room)
	return Safe(s[:keep] + tail)
}

// fit returns how many bytes of s can be shown in width cells, whole runes and whole escapes, and the cells
// they take.
func fit(s string, width int) (keep, used int) {
	for keep < len(s) {
		r, size, w := next(s[keep:])
		w = shownWidth(r, size, w)
		if used+w > width {
			break
		}
		keep, used = keep+size, used+w
	}
	return keep, used
}

// ellipsis returns the rune for text that was cut off; it must be one cell wide.
func (f *Frame) ellipsis() rune {
	if f.Ellipsis == 0 || runeWidth(f.Ellipsis) != 1 {
		return '…'
	}
	return f.Ellipsis
}

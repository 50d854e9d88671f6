package frame

import "math/bits"

// Border is the six runes of a box, each one cell wide.
type Border struct {
	Horizontal, Vertical                       rune
	TopLeft, TopRight, BottomLeft, BottomRight rune
}

// Light, Heavy, Double and Rounded are the borders of Unicode's box drawing, ASCII the one for terminals
// without it.
var (
	Light   = Border{'─', '│', '┌', '┐', '└', '┘'}
	Heavy   = Border{'━', '┃', '┏', '┓', '┗', '┛'}
	Double  = Border{'═', '║', '╔', '╗', '╚', '╝'}
	Rounded = Border{'─', '│', '╭', '╮', '╰', '╯'}
	ASCII   = Border{'-', '|', '+', '+', '+', '+'}
)

// Fill sets every cell of r to the rune ch, which should be one cell wide; a wide or hidden one becomes a
// space.
func (f *Frame) Fill(r Rect, st Style, ch rune) {
	if runeWidth(ch) != 1 {
		ch = ' '
	}
	r, c := r.Intersect(f.clip), newCell(ch, st, 1)
	if r.Empty() {
		return
	}
	for y := r.Y; y < r.Bottom(); y++ {
		row := f.cells[y*f.w : (y+1)*f.w]
		breakWide(row, r.X)
		breakWide(row, r.Right()-1)
		fillCells(row[r.X:r.Right()], c)
	}
}

// Clear makes r blank in the style st, which matters for its background.
func (f *Frame) Clear(r Rect, st Style) { f.Fill(r, st, ' ') }

// HLine draws n cells of ch to the right from (x, y).
func (f *Frame) HLine(x, y, n int, st Style, ch rune) { f.Fill(Rect{x, y, n, 1}, st, ch) }

// VLine draws n cells of ch downwards from (x, y).
func (f *Frame) VLine(x, y, n int, st Style, ch rune) { f.Fill(Rect{x, y, 1, n}, st, ch) }

// Tint lays st over what stands in r, as for a selected row: colours that st sets replace, attributes add.
func (f *Frame) Tint(r Rect, st Style) {
	r = r.Intersect(f.clip)
	for y := r.Y; y < r.Bottom(); y++ {
		row := f.cells[y*f.w : (y+1)*f.w]
		for x := r.X; x < r.Right(); x++ {
			c := row[x]
			if c.W == 0 && x == r.X || c.W == 2 && x+1 == r.Right() {
				continue // both halves of a wide rune always look the same
			}
			row[x] = newCell(c.R, st.Over(c.style()), int(c.W))
		}
	}
}

// Box draws a border along the inner edge of r with a title in its top line, and returns the room inside. A box
// of less than 2 by 2 cells draws nothing and has no room.
func (f *Frame) Box(r Rect, st Style, b Border, title string, titleStyle Style) Rect {
	if r.W < 2 || r.H < 2 {
		return Rect{X: r.X, Y: r.Y}
	}
	right, bottom := r.Right()-1, r.Bottom()-1
	f.HLine(r.X+1, r.Y, r.W-2, st, b.Horizontal)
	f.HLine(r.X+1, bottom, r.W-2, st, b.Horizontal)
	f.VLine(r.X, r.Y+1, r.H-2, st, b.Vertical)
	f.VLine(right, r.Y+1, r.H-2, st, b.Vertical)
	f.Rune(r.X, r.Y, st, b.TopLeft)
	f.Rune(right, r.Y, st, b.TopRight)
	f.Rune(r.X, bottom, st, b.BottomLeft)
	f.Rune(right, bottom, st, b.BottomRight)
	f.label(r, r.Y, titleStyle, title)
	return r.Inset(1, 1)
}

// BoxFoot writes s into the bottom line of a box that was drawn along r, as Box writes its title into the top
// line.
func (f *Frame) BoxFoot(r Rect, st Style, s string) { f.label(r, r.Bottom()-1, st, s) }

// label writes s with a space on either side into a border line of r, two cells after its corner.
func (f *Frame) label(r Rect, y int, st Style, s string) {
	room := r.W - len("+- ") - len(" -+")
	if s == "" || room < 1 || r.H < 2 {
		return
	}
	end := f.TextIn(Rect{r.X + 3, y, room, 1}, Left, st, s)
	f.Rune(r.X+2, y, st, ' ')
	f.Rune(end, y, st, ' ')
}

// Bar draws a horizontal bar of n cells from (x, y) of which value/total is filled. The last rune of steps is a
// full cell, the ones before it are parts of a cell in equal steps, as in "▏▎▍▌▋▊▉█" or "#". Cells with nothing
// in them are left as they are. A value below 0 counts as 0, one above total as total.
func (f *Frame) Bar(x, y, n int, st Style, value, total int64, steps string) {
	glyphs := [16]rune{}
	count := 0
	for _, r := range steps {
		if count < len(glyphs) {
			glyphs[count] = r
			count++
		}
	}
	if count == 0 || total <= 0 || n <= 0 {
		return
	}
	hi, lo := bits.Mul64(uint64(max(0, min(value, total))), uint64(n*count))
	filled, _ := bits.Div64(hi, lo, uint64(total))
	parts := int(filled)
	full := parts / count
	f.HLine(x, y, full, st, glyphs[count-1])
	if rest := parts % count; rest > 0 {
		f.Rune(x+full, y, st, glyphs[rest-1])
	}
}

package frame

import "strconv"

// bridge is the longest gap of unchanged cells that is written again instead of jumped over: a jump costs at
// least three bytes.
const bridge = 3

// cursor is where the terminal's cursor stands; x is -1 where that is not known.
type cursor struct{ x, y int }

// AppendDiff appends what turns a terminal that shows prev into one that shows f: colour sequences, cursor
// moves and text, nothing if both look the same. With prev nil, or of another size, every cell is written. The
// terminal must be at the default style, and is left so.
func (f *Frame) AppendDiff(dst []byte, prev *Frame) []byte {
	if prev != nil && (prev.w != f.w || prev.h != f.h) {
		prev = nil
	}
	at, pen := cursor{x: -1}, Style{}
	for y := range f.h {
		row := f.Row(y)
		for x := range row {
			c := &row[x]
			if c.W == 0 || prev != nil && prev.cells[y*f.w+x] == *c {
				continue
			}
			dst = f.appendMove(dst, at, cursor{x, y}, &pen)
			dst = appendCell(dst, &pen, c)
			at = cursor{x + int(c.W), y}
		}
	}
	return appendPen(dst, &pen, Style{})
}

// appendMove brings the cursor from one place to another, rightwards or downwards.
func (f *Frame) appendMove(dst []byte, from, to cursor, pen *Style) []byte {
	if from == to {
		return dst
	}
	if from.x < 0 || from.y != to.y {
		dst = append(dst, "\x1b["...)
		dst = strconv.AppendInt(dst, int64(to.y+1), 10)
		dst = append(dst, ';')
		dst = strconv.AppendInt(dst, int64(to.x+1), 10)
		return append(dst, 'H')
	}
	gap := f.Row(to.y)[from.x:to.x]
	if cheap(gap, *pen) {
		for i := range gap {
			dst = appendCell(dst, pen, &gap[i])
		}
		return dst
	}
	dst = append(dst, "\x1b["...)
	dst = strconv.AppendInt(dst, int64(len(gap)), 10)
	return append(dst, 'C')
}

// cheap reports whether writing the gap again costs no more than a jump: a few ASCII cells in the pen's style.
func cheap(gap []Cell, pen Style) bool {
	if len(gap) > bridge {
		return false
	}
	for i := range gap {
		if c := &gap[i]; c.R > '~' || c.W != 1 || c.style() != pen {
			return false
		}
	}
	return true
}

package frame

import "slices"

// Frame is a grid of cells with a stack of clips and a list of mouse regions. Its zero value is an empty frame.
type Frame struct {
	// Ellipsis is the rune that stands for text that was cut off; 0 means '…'. Reset keeps it.
	Ellipsis rune

	w, h  int
	cells []Cell // row by row, w*h of them
	clip  Rect   // always inside the frame
	stack []Rect // the clips that PopClip goes back to
	hits  []Hit
}

// New returns a blank frame of w by h cells; a negative size counts as 0.
func New(w, h int) *Frame {
	f := &Frame{}
	f.Reset(w, h)
	return f
}

// Reset makes the frame blank, with a new size, no clip and no region. It reuses the memory that it has.
func (f *Frame) Reset(w, h int) {
	w, h = max(0, w), max(0, h)
	n := w * h
	if cap(f.cells) < n {
		f.cells = make([]Cell, n)
	}
	f.w, f.h, f.cells = w, h, f.cells[:n]
	fillCells(f.cells, blank)
	f.clip = Rect{W: w, H: h}
	f.stack = f.stack[:0]
	f.hits = f.hits[:0]
}

// fillCells sets every cell by doubling copies, which is several times faster than a loop of stores.
func fillCells(cells []Cell, c Cell) {
	if len(cells) == 0 {
		return
	}
	cells[0] = c
	for done := 1; done < len(cells); done *= 2 {
		copy(cells[done:], cells[:done])
	}
}

// Size returns the width and height in cells.
func (f *Frame) Size() (w, h int) { return f.w, f.h }

// Bounds returns the whole frame as a rectangle.
func (f *Frame) Bounds() Rect { return Rect{W: f.w, H: f.h} }

// Cell returns the cell at (x, y), a blank one outside the frame.
func (f *Frame) Cell(x, y int) Cell {
	if !f.Bounds().Contains(x, y) {
		return blank
	}
	return f.cells[y*f.w+x]
}

// Row returns the cells of row y, nil outside the frame. They are the frame's own: read them, do not write.
func (f *Frame) Row(y int) []Cell {
	if y < 0 || y >= f.h {
		return nil
	}
	return f.cells[y*f.w : (y+1)*f.w]
}

// PushClip limits drawing to r, within the clip in force, until PopClip.
func (f *Frame) PushClip(r Rect) {
	f.stack = append(f.stack, f.clip)
	f.clip = f.clip.Intersect(r)
}

// PopClip goes back to the clip before the last PushClip.
func (f *Frame) PopClip() {
	if n := len(f.stack); n > 0 {
		f.clip, f.stack = f.stack[n-1], f.stack[:n-1]
	}
}

// Clip returns the rectangle that drawing is limited to.
func (f *Frame) Clip() Rect { return f.clip }

// Equal reports whether both frames have the same size and look the same.
func (f *Frame) Equal(o *Frame) bool {
	return f.w == o.w && f.h == o.h && slices.Equal(f.cells, o.cells)
}

// CopyFrom makes f the same picture as o, regions included, with no clip.
func (f *Frame) CopyFrom(o *Frame) {
	f.Reset(o.w, o.h)
	copy(f.cells, o.cells)
	f.hits = append(f.hits, o.hits...)
}

// put writes a cell of width 1 or 2 at (x, y), within the clip. A wide rune that the clip cuts in half becomes
// a space in the half that is inside. The one write outside the clip that it may cause is forced: the other
// half of a wide rune that it destroys becomes a space.
func (f *Frame) put(x, y int, c Cell) {
	if y < f.clip.Y || y >= f.clip.Bottom() {
		return
	}
	left, right := f.clip.X, f.clip.Right()
	row := f.cells[y*f.w : (y+1)*f.w]
	if c.W == 2 && x >= left && x+1 < right {
		breakWide(row, x)
		breakWide(row, x+1)
		row[x] = c
		c.R, c.W = 0, 0
		row[x+1] = c
		return
	}
	if c.W == 2 {
		if x == left-1 {
			x++
		}
		c = newCell(' ', c.style(), 1)
	}
	if x >= left && x < right {
		breakWide(row, x)
		row[x] = c
	}
}

// breakWide turns the other half of a wide rune at x into a space, because x is about to be overwritten.
func breakWide(row []Cell, x int) {
	switch row[x].W {
	case 0:
		row[x-1] = newCell(' ', row[x-1].style(), 1)
	case 2:
		row[x+1] = newCell(' ', row[x+1].style(), 1)
	}
}

package frame

// Rect is a rectangle of cells: its left upper corner and its size. A rectangle with a side of 0 or less is
// empty.
type Rect struct{ X, Y, W, H int }

// Empty reports whether r holds no cell.
func (r Rect) Empty() bool { return r.W <= 0 || r.H <= 0 }

// Right returns the first column right of r.
func (r Rect) Right() int { return r.X + r.W }

// Bottom returns the first row below r.
func (r Rect) Bottom() int { return r.Y + r.H }

// Contains reports whether the cell (x, y) lies in r.
func (r Rect) Contains(x, y int) bool { return x >= r.X && x < r.X+r.W && y >= r.Y && y < r.Y+r.H }

// Intersect returns what r and o share; it is empty, with no negative side, if they share nothing.
func (r Rect) Intersect(o Rect) Rect {
	x, y := max(r.X, o.X), max(r.Y, o.Y)
	return Rect{x, y, max(0, min(r.Right(), o.Right())-x), max(0, min(r.Bottom(), o.Bottom())-y)}
}

// Inset returns r without dx columns on either side and dy rows above and below.
func (r Rect) Inset(dx, dy int) Rect {
	dx, dy = min(dx, r.W/2), min(dy, r.H/2)
	return Rect{r.X + dx, r.Y + dy, max(0, r.W-2*dx), max(0, r.H-2*dy)}
}

// Row returns row i of r, one cell high; it is empty if r has no such row.
func (r Rect) Row(i int) Rect {
	if i < 0 || i >= r.H {
		return Rect{X: r.X, Y: r.Y + i, W: r.W}
	}
	return Rect{r.X, r.Y + i, r.W, 1}
}

// SplitTop cuts n rows off the top (fewer if r has fewer) and returns them and the rest.
func (r Rect) SplitTop(n int) (top, rest Rect) {
	n = cut(n, r.H)
	return Rect{r.X, r.Y, r.W, n}, Rect{r.X, r.Y + n, r.W, r.H - n}
}

// SplitBottom cuts n rows off the bottom (fewer if r has fewer) and returns the rest and them.
func (r Rect) SplitBottom(n int) (rest, bottom Rect) { return r.SplitTop(r.H - cut(n, r.H)) }

// SplitLeft cuts n columns off the left (fewer if r has fewer) and returns them and the rest.
func (r Rect) SplitLeft(n int) (left, rest Rect) {
	n = cut(n, r.W)
	return Rect{r.X, r.Y, n, r.H}, Rect{r.X + n, r.Y, r.W - n, r.H}
}

// SplitRight cuts n columns off the right (fewer if r has fewer) and returns the rest and them.
func (r Rect) SplitRight(n int) (rest, right Rect) { return r.SplitLeft(r.W - cut(n, r.W)) }

// Center returns a rectangle of w by h cells in the middle of r, cut down to r where r is smaller.
func (r Rect) Center(w, h int) Rect {
	w, h = cut(w, r.W), cut(h, r.H)
	return Rect{r.X + (r.W-w)/2, r.Y + (r.H-h)/2, w, h}
}

// Columns cuts r into n columns with gap cells between them; the first columns get the cells that are left
// over.
func (r Rect) Columns(n, gap int) []Rect {
	out := make([]Rect, 0, max(0, n))
	for x := r.X; n > 0; n-- {
		w := max(0, (r.Right()-x-gap*(n-1)+n-1)/n)
		out = append(out, Rect{x, r.Y, w, r.H})
		x += w + gap
	}
	return out
}

// cut returns n held between 0 and most.
func cut(n, most int) int { return max(0, min(n, most)) }

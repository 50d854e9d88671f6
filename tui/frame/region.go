package frame

// Hit is a region of the frame that the mouse can point at: what it is, and where it was drawn.
type Hit struct {
	ID   string
	N    int // which of several with the same ID, as a member or a row; 0 where there is but one
	Rect Rect
}

// Region names a rectangle for the mouse. What the clip hides cannot be hit.
func (f *Frame) Region(id string, r Rect) { f.RegionN(id, 0, r) }

// RegionN is [Frame.Region] with a number, so that many regions need no string each.
func (f *Frame) RegionN(id string, n int, r Rect) {
	if r = r.Intersect(f.clip); !r.Empty() {
		f.hits = append(f.hits, Hit{ID: id, N: n, Rect: r})
	}
}

// HitAt returns the region at (x, y) that was named last, which is the one drawn on top.
func (f *Frame) HitAt(x, y int) (Hit, bool) {
	for i := len(f.hits) - 1; i >= 0; i-- {
		if f.hits[i].Rect.Contains(x, y) {
			return f.hits[i], true
		}
	}
	return Hit{}, false
}

package pane

import "etcdscope/tui/frame"

// lanePlan is where the lanes pane puts what, for one size.
type lanePlan struct {
	stacked bool // a member takes two rows: what it is, and its lane
	height  int  // rows from one member to the next
	shown   int  // members that fit
	members int  // the row of the first one
	header  bool
	// rows of the lines below, -1 where there is no room
	links, counters, last, next int
	columns                     laneColumns
}

// laneColumns are the widths of the columns before the lane, each with its gap; 0 leaves a column out.
type laneColumns struct{ role, term, vote, bar, left int }

const (
	laneWanted = 28 // cells that a lane should have before a column is given room
	stackBelow = 96 // cells; below this a member takes two rows if there are enough

	countersApart   = 90  // cells; below this the counters have a line of their own
	oneLineCaptions = 110 // cells; from here what happened last and what happens next share a line
)

func planLanes(r frame.Rect, n int) lanePlan {
	p := lanePlan{height: 1, links: -1, counters: -1, last: -1, next: -1, members: r.Y}
	if r.W < stackBelow && r.H >= 2*n+1 {
		p.stacked, p.height = true, 2
	}
	p.shown = min(n, r.H/p.height)
	spare := r.H - p.shown*p.height
	take := func() bool { spare--; return spare >= 0 }
	last, links := take(), take()
	p.header = !p.stacked && take()
	next := r.W < oneLineCaptions && take()
	counters := r.W < countersApart && take()
	if spare >= n+1 && p.shown == n {
		p.height, spare = p.height+1, spare-n
	}
	if p.header {
		p.members++
	}
	below := p.members + p.shown*p.height
	if p.height == p.rows() && take() {
		below++
	}
	rows := [...]struct {
		at   *int
		have bool
	}{{&p.links, links}, {&p.counters, counters}, {&p.last, last}, {&p.next, next}}
	for _, row := range rows {
		if row.have {
			*row.at, below = below, below+1
		}
	}
	if r.W >= oneLineCaptions {
		p.next = p.last
	}
	if r.W >= countersApart {
		p.counters = p.links
	}
	p.columns = planColumns(r.W, p.stacked)
	return p
}

// rows is how many rows a member fills.
func (p *lanePlan) rows() int {
	if p.stacked {
		return 2
	}
	return 1
}

// laneDrops gives columns up one after the other until the lane has the room it wants.
var laneDrops = [...]func(c *laneColumns){
	func(c *laneColumns) { c.role = roleWidth(brief) + 1 },
	func(c *laneColumns) { c.bar = 2 + 8 + 1 },
	func(c *laneColumns) { c.vote = 0 },
	func(c *laneColumns) { c.bar = 0 },
	func(c *laneColumns) { c.role = 2 },
	func(c *laneColumns) { c.left = 0 },
	func(c *laneColumns) { c.term = 0 },
}

func planColumns(width int, stacked bool) laneColumns {
	c := laneColumns{role: roleWidth(full) + 1, term: 5, vote: 5, bar: 2 + 16 + 1, left: 8}
	if stacked {
		c = laneColumns{term: 4, vote: 4, left: 6}
		if width < 52 {
			c.vote = 0
		}
		if width < 36 {
			c.term = 0
		}
		return c
	}
	for _, drop := range laneDrops {
		if width-nameWidth-c.role-c.term-c.vote-c.bar-c.left-inboxWidth-1 >= laneWanted {
			break
		}
		drop(&c)
	}
	return c
}

// drawLaneHeader names the columns.
func drawLaneHeader(f *frame.Frame, x, y int, plan *lanePlan, s *Scene) {
	t, w, c := s.Theme, s.words(), &plan.columns
	x += nameWidth
	label := func(width int, text string) {
		if width > 2 {
			f.TextIn(frame.Rect{X: x, Y: y, W: width - 1, H: 1}, frame.Left, t.Faint, text)
		}
		x += width
	}
	label(c.role, w.roleHead)
	if c.term > 0 {
		f.TextIn(frame.Rect{X: x, Y: y, W: c.term - 1, H: 1}, frame.Right, t.Faint, w.termHead)
		x += c.term
	}
	label(c.vote, w.vote)
	label(c.bar, w.timerHead)
	label(c.left, w.leftHead)
	f.TextIn(frame.Rect{X: x, Y: y, W: f.Clip().Right() - x, H: 1}, frame.Left, t.Faint, w.laneHead)
}

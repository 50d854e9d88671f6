package pane

import (
	"etcdscope/raft"
	"etcdscope/tui/frame"
)

// logGrid is where the logs pane puts what, for one size and one view.
type logGrid struct {
	x, right                  int // of the cells; right is the column after them
	cell, gap                 int // width of an entry and of the space behind it
	low, high                 raft.Index
	rows, shown               int // row of the first member, members that fit
	extra                     int // the leader, if it stands apart from the others because not all fit; 0: it does not
	header, fence, why, entry int // rows, -1 where there is no room
	whyRows                   int // rows of the answer why an entry is not committed
	notes, noteRows           int // rows of the standing facts
	columns                   logColumns
	leader                    *raft.View
	leaderID                  raft.ID
}

// logColumns are the widths of the numbers beside the grid; 0 leaves a column out.
type logColumns struct{ commit, applied, match, next, state int }

func (c *logColumns) width() int { return c.commit + c.applied + c.match + c.next + c.state }

// logDrops gives columns up one after the other until the grid has the room it wants.
var logDrops = [...]func(c *logColumns){
	func(c *logColumns) { c.state = 11 },
	func(c *logColumns) { c.state = 0 },
	func(c *logColumns) { c.next = 0 },
	func(c *logColumns) { c.match = 0 },
	func(c *logColumns) { c.applied = 0 },
	func(c *logColumns) { c.commit = 0 },
}

const (
	logColumnsWanted = 10 // entries that the grid should have room for before a number is given any
	logName          = nameWidth + 2
)

func (p *Logs) plan(r frame.Rect, s *Scene) logGrid {
	g := logGrid{header: -1, fence: -1, why: -1, entry: -1, notes: -1, rows: r.Y}
	if m := s.leader(); m != nil {
		g.leader, g.leaderID = &m.Raft, m.ID
	}
	p.planRows(&g, r, len(s.View.Members), int(s.Selected), len(p.notes.get(s)))
	first, last := ends(s)
	term := raft.Term(0)
	for _, m := range s.View.Members {
		term = max(term, m.Raft.Term)
	}
	wide := digits(uint64(term))
	g.cell, g.gap = wide+2, 1
	g.x = r.X + logName + wide + 2
	g.columns = logColumns{commit: 8, applied: 9, match: 8, next: 7, state: 24}
	wanted := min(logColumnsWanted, max(1, int(last)))
	for _, drop := range logDrops {
		if r.W-(g.x-r.X)-g.columns.width() >= wanted*(g.cell+g.gap) {
			break
		}
		drop(&g.columns)
	}
	g.right = r.Right() - g.columns.width()
	if g.right-g.x >= int(last)*(g.cell+2) {
		g.gap = 2
	}
	p.scroll(&g, first, last)
	return g
}

// rowsBesideHeader is how many members are shown before the names of the columns are, where not all of them fit.
const rowsBesideHeader = 3

// planRows gives the rows away: members first, then the index, the answer, a standing fact, the commit line, the
// other facts and a space.
func (p *Logs) planRows(g *logGrid, r frame.Rect, n, selected, notes int) {
	g.shown = min(n, r.H)
	if n > r.H && r.H > rowsBesideHeader {
		g.shown--
	}
	spare := r.H - g.shown
	take := func() bool { spare--; return spare >= 0 }
	header := take()
	entry := p.open && take()
	why := take()
	if notes > 0 && take() {
		g.noteRows = 1
	}
	fence := take()
	for g.noteRows > 0 && g.noteRows < notes && take() {
		g.noteRows++
	}
	more, apart := take(), take()
	if header {
		g.header, g.rows = g.rows, g.rows+1
	}
	if fence {
		g.fence, g.rows = g.rows, g.rows+1
	}
	below := g.rows + g.shown
	if apart {
		below++
	}
	if entry {
		g.entry, below = below, below+1
	}
	if g.noteRows > 0 {
		g.notes, below = below, below+g.noteRows
	}
	if why {
		g.why, g.whyRows = below, 1
	}
	if more {
		g.whyRows = 2 + max(0, spare)
	}
	p.top = window(p.top, selected-1, g.shown, n)
	if leads := int(g.leaderID) - 1; leads >= 0 && g.shown > 1 && (leads < p.top || leads >= p.top+g.shown) {
		p.top = window(p.top, selected-1, g.shown-1, n)
		g.extra = int(g.leaderID)
	}
}

// nth is the member in the row i: from the first one shown on, and the leader too where it is not among them, before or
// behind the others.
func (g *logGrid) nth(top, i int) int {
	leads := g.extra - 1
	switch {
	case leads >= 0 && leads < top && i == 0, leads >= top && i == g.shown-1:
		return leads
	case leads >= 0 && leads < top:
		return top + i - 1
	}
	return top + i
}

// scroll chooses the indexes to show: those around the cursor, or the end.
func (p *Logs) scroll(g *logGrid, first, last raft.Index) {
	fits := raft.Index(max(1, (g.right-g.x)/(g.cell+g.gap)))
	if p.cursor > last {
		p.cursor, p.open = 0, false
	}
	at := p.at(last)
	if p.cursor == 0 || p.low == 0 {
		p.low = first
	}
	p.low = min(p.low, max(at, first))
	if at >= p.low+fits {
		p.low = at - fits + 1
	}
	g.low, g.high = p.low, min(last, p.low+fits-1)
}

// column is where the entry at i is drawn.
func (g *logGrid) column(i raft.Index) int { return g.x + int(i-g.low)*(g.cell+g.gap) }

// drawHeader draws the indexes, every one that has room, and the names of the columns.
func (g *logGrid) drawHeader(f *frame.Frame, s *Scene) {
	t, w := s.Theme, s.words()
	f.Text(g.x-logName-g.cell+nameWidth, g.header, t.Faint, w.index)
	stride := raft.Index(1)
	for int(stride)*(g.cell+g.gap) <= digits(uint64(g.high)) {
		stride++
	}
	for i := g.low; i <= g.high; i++ {
		if i%stride == 0 {
			right := g.column(i) + g.cell - 1
			numRight(f, max(right, g.column(i)+digits(uint64(i))), g.header, t.Faint, uint64(i))
		}
	}
	x := g.right
	head := func(width int, text string) {
		if width > 0 {
			f.TextIn(frame.Rect{X: x + 1, Y: g.header, W: width - 2, H: 1}, frame.Right, t.Faint, text)
		}
		x += width
	}
	head(g.columns.commit, w.commit)
	head(g.columns.applied, w.applied)
	head(g.columns.match, w.match)
	if g.columns.match > 0 {
		f.Rune(x-1, g.header, t.Faint, t.Glyph.Match)
	}
	head(g.columns.next, w.next)
	if g.columns.next > 0 {
		f.Rune(x-1, g.header, t.Faint, t.Glyph.Next)
	}
	if g.columns.state > 0 {
		f.TextIn(frame.Rect{X: x + 2, Y: g.header, W: g.columns.state - 2, H: 1}, frame.Left, t.Faint, w.peerState)
	}
}

// fenceColumn is the column of the leader's commit line, or -1 where it is not on the screen.
func (g *logGrid) fenceColumn() int {
	if g.leader == nil || g.leader.Commit < g.low || g.leader.Commit > g.high {
		return -1
	}
	return g.column(g.leader.Commit) + g.cell + g.gap - 1
}

// drawFence draws the head of the leader's commit line.
func (g *logGrid) drawFence(f *frame.Frame, s *Scene) {
	t, w := s.Theme, s.words()
	x := g.fenceColumn()
	if x < 0 {
		return
	}
	width := frame.Width(w.commitLine) + digits(uint64(g.leader.Commit))
	f.Rune(x, g.fence, t.Fence, t.Glyph.CommitFence)
	if at := x + 2; at+width <= g.right {
		num(f, f.Text(at, g.fence, t.Faint, w.commitLine), g.fence, t.Faint, uint64(g.leader.Commit))
	} else if at := x - 1 - width; at >= g.x {
		num(f, f.Text(at, g.fence, t.Faint, w.commitLine), g.fence, t.Faint, uint64(g.leader.Commit))
	}
}

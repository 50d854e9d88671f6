package pane

import (
	"etcdscope/cluster"
	"etcdscope/raft"
	"etcdscope/tui/frame"
)

// Lanes is the main view: a row for each member with its role and its timer, and the messages that fly
// toward it.
type Lanes struct {
	labels  labels
	links   linkText
	caption caption
	notes   notes
	lane    lane
	top     int // the first member shown where not all of them fit
}

// NewLanes returns the pane of members and messages.
func NewLanes() *Lanes { return &Lanes{} }

// Name is the pane's name in the pane menu.
func (p *Lanes) Name() string { return "lanes" }

// inboxWidth is the room behind the end of a lane: how many delivered messages wait to be handled.
const inboxWidth = 2

// Title tells what the cluster as a whole is at.
func (p *Lanes) Title(s *Scene) string {
	w, g := s.words(), &s.Theme.Glyph
	b := p.labels.buf[:0].text(w.cluster).text("  ")
	if s.View == nil {
		return string(b)
	}
	l := s.leader()
	if l == nil {
		b = b.text(w.noLeader)
	} else {
		b = b.text(w.term).text(" ").num(uint64(l.Raft.Term)).sep(g).text(w.leader).text(" ").member(l.ID)
		b = b.sep(g).text(w.commit).text(" ").num(uint64(l.Raft.Commit))
	}
	if l != nil && l.Store != nil {
		b = b.sep(g).text(w.rev).text(" ").int(l.Store.Revision)
	}
	if len(s.Violations) > 0 {
		b = b.sep(g).glyph(g.No).text(" ").text(s.Violations[0].Name)
	} else if s.Invariants > 0 {
		b = b.sep(g).glyph(g.Yes).text(" ").int(int64(s.Invariants)).text(" ").text(w.invariants)
	}
	p.labels.buf = b
	return string(b)
}

// Draw draws the members, the state of the links and what happened last.
func (p *Lanes) Draw(f *frame.Frame, r frame.Rect, s *Scene, _ bool) {
	if r.Empty() || s.View == nil {
		return
	}
	f.PushClip(r)
	defer f.PopClip()
	if s.Covered {
		cover(f, r, s)
		return
	}
	p.labels.sync(s.View, &s.Theme.Glyph)
	plan := planLanes(r, len(s.View.Members))
	if plan.header {
		drawLaneHeader(f, r.X, r.Y, &plan, s)
	}
	p.top = window(p.top, int(s.Selected)-1, plan.shown, len(s.View.Members))
	for i := range plan.shown {
		m := s.View.Members[p.top+i]
		row := frame.Rect{X: r.X, Y: plan.members + i*plan.height, W: r.W, H: min(2, plan.height)}
		f.RegionN(RegionMember, int(m.ID), row)
		if plan.stacked {
			p.drawCard(f, row, &plan, s, m)
		} else {
			p.drawRow(f, row, &plan, s, m)
		}
	}
	p.drawCaptions(f, r, &plan, s)
}

// drawRow draws a member and its lane in one row.
func (p *Lanes) drawRow(f *frame.Frame, r frame.Rect, plan *lanePlan, s *Scene, m *cluster.MemberView) {
	t, y, c := s.Theme, r.Y, &plan.columns
	st := drawName(f, r.X, y, s, m)
	x := r.X + nameWidth
	drawRole(f, frame.Rect{X: x, Y: y, W: c.role - 1, H: 1}, s, m)
	x += c.role
	if c.term > 0 {
		numRight(f, x+c.term-1, y, hue(t, m.Raft.Term).Over(st), uint64(m.Raft.Term))
		x += c.term
	}
	if c.vote > 0 {
		nameOrDash(f, x+1, y, t.Faint, m.Raft.Vote)
		x += c.vote
	}
	if c.bar > 0 {
		drawTimer(f, x, y, c.bar-1, s, m)
		x += c.bar
	}
	if c.left > 0 {
		drawLeft(f, x+c.left-2, y, s, m)
		x += c.left
	}
	p.drawLane(f, x, y, r.Right()-x, s, m)
}

// drawCard draws a member in two rows: what it is, and its lane.
func (p *Lanes) drawCard(f *frame.Frame, r frame.Rect, plan *lanePlan, s *Scene, m *cluster.MemberView) {
	t, y, w := s.Theme, r.Y, s.words()
	st := drawName(f, r.X, y, s, m)
	x := r.X + nameWidth
	drawRole(f, frame.Rect{X: x, Y: y, W: roleWidth(full), H: 1}, s, m)
	x += roleWidth(full) + 1
	if plan.columns.term > 0 {
		at := f.Text(f.Text(x, y, t.Faint, w.term), y, t.Faint, " ")
		num(f, at, y, hue(t, m.Raft.Term).Over(st), uint64(m.Raft.Term))
		x = at + plan.columns.term
	}
	if plan.columns.vote > 0 {
		at := f.Text(f.Text(x, y, t.Faint, w.vote), y, t.Faint, " ")
		nameOrDash(f, at, y, t.Faint, m.Raft.Vote)
		x = at + plan.columns.vote
	}
	left := r.Right() - plan.columns.left
	if x+6 < left {
		drawTimer(f, x, y, left-x-1, s, m)
	}
	if x < left {
		drawLeft(f, r.Right()-1, y, s, m)
	}
	p.drawLane(f, r.X+2, y+1, r.W-2, s, m)
}

const nameWidth = 5

// drawName draws the mark of the selection and the member's name, and returns the style of its row.
func drawName(f *frame.Frame, x, y int, s *Scene, m *cluster.MemberView) frame.Style {
	t, st := s.Theme, frame.Style{}
	if m.ID == s.Selected {
		st = st.With(frame.Bold)
		f.Rune(x, y, t.Strong, t.Glyph.HeadRight)
	}
	name(f, x+2, y, t.Text.With(st.A), m.ID)
	return st
}

// drawRole draws glyph and word of a member's role, the glyph alone where there is no room for a word. A leader that
// hands over points to whom.
func drawRole(f *frame.Frame, r frame.Rect, s *Scene, m *cluster.MemberView) {
	t, is := s.Theme, roleOf(m)
	st := roleStyle(t, is)
	if m.ID == s.Selected {
		st = st.With(frame.Bold)
	}
	f.Rune(r.X, r.Y, st, roleGlyph(&t.Glyph, is))
	word := s.words().role[is]
	if r.W-2 < frame.Width(word) {
		word = s.words().roleBrief[is]
	}
	x := f.TextIn(frame.Rect{X: r.X + 2, Y: r.Y, W: r.W - 2, H: 1}, frame.Left, st, word)
	if to := m.Raft.Transferee; to != raft.None && is == leader && r.Right()-x >= 3 {
		if r.Right()-x > 3 {
			x++
		}
		name(f, f.Rune(x, r.Y, st, t.Glyph.Request), r.Y, st, to)
	}
}

// timer returns what is left and what there was of the timer that will make the member act: the election timer,
// and of a leader that of the next heartbeat. total is 0 where no timer runs.
func timer(s *Scene, m *cluster.MemberView) (left, total int) {
	switch {
	case !m.Up:
		return 0, 0
	case m.Raft.Role == raft.Leader:
		total = s.heartbeat()
		return max(0, total-m.Raft.HeartbeatElapsed), total
	}
	return max(0, m.Raft.Timeout-m.Raft.Elapsed), m.Raft.Timeout
}

// timerLow is the part of its time from which on a timer is about to fire: the last fifth.
const timerLow = 5

// drawTimer draws the timer as a bar of width cells that shrinks.
func drawTimer(f *frame.Frame, x, y, width int, s *Scene, m *cluster.MemberView) {
	t := s.Theme
	left, total := timer(s, m)
	st := t.Timer
	if left*timerLow <= total {
		st = t.TimerLow
	}
	f.Rune(x, y, t.Faint, t.Glyph.BarLeft)
	f.Rune(x+width-1, y, t.Faint, t.Glyph.BarRight)
	x, width = x+1, width-2
	if m.Up && m.Raft.Role == raft.Leader && width > 6 {
		f.Text(x, y, t.Faint, "hb")
		x, width = x+3, width-3
	}
	f.Bar(x, y, width, st, int64(left), int64(total), t.Glyph.Bar)
}

// drawLeft draws what is left of the timer in ticks so that it ends before column right.
func drawLeft(f *frame.Frame, right, y int, s *Scene, m *cluster.MemberView) {
	t := s.Theme
	left, total := timer(s, m)
	if total == 0 {
		f.Text(right-1, y, t.Faint, "-")
		return
	}
	numRight(f, right, y, t.Faint, uint64(total))
	at := right - digits(uint64(total)) - 1
	f.Text(at, y, t.Faint, "/")
	numRight(f, at, y, t.Text, uint64(left))
}

// window returns the first of n rows to show, so that the row at is among the shown ones.
func window(top, at, shown, n int) int {
	if at >= 0 {
		top = max(min(top, at), at-shown+1)
	}
	return max(0, min(top, n-shown))
}

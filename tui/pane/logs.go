package pane

import (
	"etcdscope/raft"
	"etcdscope/tui/frame"
	"etcdscope/tui/theme"
)

// Logs shows the members' logs as a grid: one column for each index, one row for each member, and beside it
// what the leader believes about its peers.
type Logs struct {
	cursor raft.Index // the index that is looked at; 0 follows the end
	open   bool       // the entry at the cursor is told in full
	low    raft.Index // first index shown
	top    int        // first member shown where not all of them fit
	title  titleText
	why    whyCommit
	notes  notes
	buf    line
}

// NewLogs returns the pane of the logs.
func NewLogs() *Logs { return &Logs{} }

// Name is the pane's name in the pane menu.
func (p *Logs) Name() string { return "logs" }

// titleText is a title that depends on nothing but theme and language.
type titleText struct {
	theme *theme.Theme
	lang  string
	text  string
}

// Title is the legend of the grid.
func (p *Logs) Title(s *Scene) string {
	if p.title.theme != s.Theme || p.title.lang != s.Lang {
		w, g := s.words(), &s.Theme.Glyph
		b := line(nil).text(w.logs).text("  ").text(w.numberIsTerm).text("  ")
		b = b.glyph(g.Applied).text(" ").text(w.applied).text("  ").glyph(g.Committed).text(" ").text(w.committed)
		b = b.text("  ").glyph(g.Stored).text(" ").text(w.stored)
		b = b.text("  ").glyph(g.Conflict).text(" ").text(w.conflict)
		b = b.text("  ").glyph(g.Stored).text("n  ").text(w.unsynced)
		p.title = titleText{s.Theme, s.Lang, string(b)}
	}
	return p.title.text
}

// Draw draws the grid, the numbers beside it, and why the next entry is not committed.
func (p *Logs) Draw(f *frame.Frame, r frame.Rect, s *Scene, focused bool) {
	if r.Empty() || s.View == nil || len(s.View.Members) == 0 {
		return
	}
	f.PushClip(r)
	defer f.PopClip()
	if s.Covered {
		cover(f, r, s)
		return
	}
	g := p.plan(r, s)
	if g.header >= 0 {
		g.drawHeader(f, s)
	}
	if g.fence >= 0 {
		g.drawFence(f, s)
	}
	for i := range g.shown {
		g.drawMember(f, g.rows+i, s, s.View.Members[g.nth(p.top, i)])
	}
	if p.cursor > 0 && focused {
		f.Tint(frame.Rect{X: g.column(p.cursor), Y: g.rows, W: g.cell, H: g.shown}, s.Theme.Selected)
	}
	if g.entry >= 0 {
		p.drawEntry(f, frame.Rect{X: r.X + 2, Y: g.entry, W: r.W - 3, H: 1}, s, g.leader)
	}
	if g.notes >= 0 {
		room := frame.Rect{X: r.X + 2, Y: g.notes, W: r.W - 3, H: g.noteRows}
		drawNotes(f, room, s.Theme, p.notes.list)
	}
	if g.why >= 0 {
		p.drawWhy(f, frame.Rect{X: r.X + 2, Y: g.why, W: r.W - 3, H: g.whyRows}, s)
	}
}

// asked is the index whose commitment is in question: the one at the cursor, otherwise the first that the
// leader has not committed. It is 0 where there is no question.
func (p *Logs) asked(s *Scene) (l *raft.View, i raft.Index) {
	m := s.leader()
	if m == nil {
		return nil, 0
	}
	l, i = &m.Raft, p.cursor
	if i <= l.Commit || i > l.Last {
		i = l.Commit + 1
	}
	if i > l.Last {
		return l, 0
	}
	return l, i
}

// drawWhy draws the standing sentence: why an entry is not committed. The conditions stand one below the
// other where they are long and there is room, otherwise what fails stands before what holds.
func (p *Logs) drawWhy(f *frame.Frame, r frame.Rect, s *Scene) {
	t, w := s.Theme, s.words()
	l, i := p.asked(s)
	switch {
	case l == nil:
		f.TextIn(r, frame.Left, t.Faint, w.noLeaderCommits)
		return
	case i == 0:
		f.TextIn(r, frame.Left, t.Faint, w.allCommitted)
		return
	}
	x := f.Text(r.X, r.Y, t.Faint, w.whyIs)
	x = num(f, x, r.Y, hue(t, l.Term), uint64(i))
	x = f.Text(x, r.Y, t.Faint, w.notCommitted) + 2
	list := p.why.get(s.View, l, i)
	right := frame.Rect{X: x, Y: r.Y, W: r.Right() - x, H: r.H}
	if r.W < whyBelow && r.H >= len(list) {
		if r.H > len(list) && r.W < whyApart {
			right = frame.Rect{X: r.X + 2, Y: r.Y + 1, W: r.W - 2, H: r.H - 1}
		}
		for i := range list {
			drawConjunct(f, right.Row(i), t, &list[i])
		}
		return
	}
	rest := drawConjuncts(f, right.Row(0), t, list, false)
	if r.H > 1 {
		rest = right.Row(1)
	}
	drawConjuncts(f, rest, t, list, true)
}

// noteLabel is the width of the names of the standing facts.
const noteLabel = 11

// whyBelow is the width below which the conditions stand one below the other.
const whyBelow = 110

// whyApart is the width below which they stand below the question too.
const whyApart = 72

// drawConjuncts draws the conditions that hold, or those that do not, in one row, and returns what is left
// of it.
func drawConjuncts(f *frame.Frame, r frame.Rect, t *theme.Theme, list []raft.Conjunct, holds bool) frame.Rect {
	for i := range list {
		if list[i].Holds == holds && r.W > 6 {
			end := drawConjunct(f, r, t, &list[i]) + 3
			r.X, r.W = end, r.Right()-end
		}
	}
	return r
}

// drawConjunct draws one condition with the sign that says whether it holds.
func drawConjunct(f *frame.Frame, r frame.Rect, t *theme.Theme, c *raft.Conjunct) int {
	st, sign := t.Warn, t.Glyph.No
	if c.Holds {
		st, sign = t.Ok, t.Glyph.Yes
	}
	x := f.Rune(r.X, r.Y, st, sign) + 1
	return f.TextIn(frame.Rect{X: x, Y: r.Y, W: r.Right() - x, H: 1}, frame.Left, t.Text, c.Text)
}

// drawEntry tells the entry at the cursor in full, as the leader has it, otherwise as the first member that
// has it.
func (p *Logs) drawEntry(f *frame.Frame, r frame.Rect, s *Scene, l *raft.View) {
	e, ok := raft.Entry{}, false
	if l != nil {
		e, ok = l.Entry(p.cursor)
	}
	b, w := p.buf[:0].text(s.words().entry).text(" ").num(uint64(p.cursor)), s.words()
	holders := 0
	for _, m := range s.View.Members {
		have, has := m.Raft.Entry(p.cursor)
		if has && !ok {
			e, ok = have, true
		}
		if has && have.Term == e.Term {
			holders++
		}
	}
	if !ok {
		p.buf = b.text("  ").text(w.notThere)
		f.TextIn(r, frame.Left, s.Theme.Text, string(p.buf))
		return
	}
	b = b.text("  ").text(w.term).text(" ").num(uint64(e.Term)).text("  ")
	b = b.text(payload(&e, 0, "")).text("  ").int(int64(len(e.Data))).text(" bytes")
	b = b.text("  ").text(w.storedOn).int(int64(holders)).text("/").int(int64(len(s.View.Members))).text(":")
	for _, m := range s.View.Members {
		if have, has := m.Raft.Entry(p.cursor); has && have.Term == e.Term {
			b = b.text(" ").member(m.ID)
		}
	}
	p.buf = b
	f.TextIn(r, frame.Left, s.Theme.Text, string(b))
}

// ends returns the first and the last index of all logs.
func ends(s *Scene) (first, last raft.Index) {
	first = 1
	for _, m := range s.View.Members {
		last = max(last, m.Raft.Last)
	}
	return first, last
}

// Key moves the cursor along the logs and the selection among the members.
func (p *Logs) Key(key string, s *Scene) Result {
	if s.View == nil {
		return none()
	}
	first, last := ends(s)
	switch key {
	case "left":
		p.moveTo(max(p.at(last), first+1)-1, last)
	case "right":
		p.moveTo(p.at(last)+1, last)
	case "home":
		p.moveTo(first, last)
	case "end", "esc":
		if key == "esc" && p.cursor == 0 && !p.open {
			return none()
		}
		p.cursor, p.open = 0, false
	case "enter":
		p.moveTo(p.at(last), last)
		p.open = !p.open && p.cursor > 0
	case "w":
		i := p.cursor
		if i == 0 {
			_, i = p.asked(s)
		}
		return Result{Handled: i > 0, Entry: i}
	case "j", "down":
		return Result{Handled: true, Select: s.step(1)}
	case "k", "up":
		return Result{Handled: true, Select: s.step(-1)}
	default:
		return none()
	}
	return handled()
}

// at is where the cursor is, the last index while it follows the end.
func (p *Logs) at(last raft.Index) raft.Index {
	if p.cursor == 0 {
		return last
	}
	return min(p.cursor, last)
}

// moveTo puts the cursor on an index; beyond the last one it follows the end again.
func (p *Logs) moveTo(i, last raft.Index) {
	if i > last {
		p.cursor, p.open = 0, false
		return
	}
	p.cursor = i
}

// Hints lists the keys of the pane.
func (p *Logs) Hints(s *Scene) []Hint {
	entry := Hint{Key: "enter", Text: "entry", TextZH: "条目"}
	if s.View != nil {
		if _, last := ends(s); last == 0 {
			entry.Disabled = s.say("all logs are empty", "所有日志都是空的")
		}
	}
	why := Hint{Key: "w", Text: "why?", TextZH: "为什么？"}
	return []Hint{
		{Key: "←/→", Text: "index", TextZH: "索引"},
		entry,
		why,
		{Key: "end", Text: "follow", TextZH: "跟随末尾"},
		{Key: "j/k", Text: "member", TextZH: "成员"},
	}
}

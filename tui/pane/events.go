package pane

import (
	"strconv"

	"etcdscope/cluster"
	"etcdscope/tui/frame"
)

// Events lists what happened, one row for each event of the level of detail, in fixed columns.
type Events struct {
	tape   tape
	cursor uint64 // the event that is looked at; 0 follows the present
	height int    // rows at the last drawing, for paging
	buf    line
}

// NewEvents returns the pane of recorded events.
func NewEvents() *Events { return &Events{} }

// Name is the pane's name in the pane menu.
func (p *Events) Name() string { return "events" }

// Title tells where in history the present is.
func (p *Events) Title(s *Scene) string {
	w := s.words()
	b := p.buf[:0].text(w.events).text("  ").num(s.Pos).text(" / ").num(s.End).text("  ")
	p.buf = b.text(w.level[min(int(s.Detail), len(w.level)-1)])
	return string(p.buf)
}

// Draw draws the rows around the cursor or the present, the newest at the bottom.
func (p *Events) Draw(f *frame.Frame, r frame.Rect, s *Scene, focused bool) {
	if r.Empty() || s.View == nil {
		return
	}
	f.PushClip(r)
	defer f.PopClip()
	if s.Covered {
		cover(f, r, s)
		return
	}
	p.tape.sync(s, p.cursor)
	p.height = r.H
	now := p.tape.find(s.Pos)
	at := now
	if p.cursor > 0 {
		at = p.tape.find(p.cursor)
	}
	n := len(p.tape.lines)
	if n == 0 {
		f.TextIn(frame.Rect{X: r.X + 2, Y: r.Y, W: r.W - 3, H: 1}, frame.Left, s.Theme.Faint, p.nothing(s))
		return
	}
	top := max(0, min(at-r.H*2/3, n-r.H))
	for i := top; i < min(n, top+r.H); i++ {
		row := frame.Rect{X: r.X, Y: r.Y + i - top, W: r.W, H: 1}
		p.drawLine(f, row, s, &p.tape.lines[i], i == now, i > now)
		if i == at && p.cursor > 0 && focused {
			f.Tint(row, s.Theme.Selected)
		}
	}
}

// nothing says why there is no row.
func (p *Events) nothing(s *Scene) string {
	if s.Pos == 0 {
		return s.words().nothingYet
	}
	return s.say("nothing of this level happened lately: i shows more", "最近没有这一层次的事件：按 i 显示更多")
}

const (
	tapeTime   = 11 // columns of the time, with the mark of the present
	tapeRule   = 26 // columns of the rule
	tapeRuleAt = 100
)

// drawLine draws one row: time, member, kind, sentence and, where there is room, the rule that was followed.
func (p *Events) drawLine(f *frame.Frame, r frame.Rect, s *Scene, at *tapeLine, now, future bool) {
	t, y := s.Theme, r.Y
	if now {
		f.Rune(r.X, y, t.Now, t.Glyph.HeadRight)
	}
	f.RegionN(RegionEvent, int(at.last), r)
	if at.folded > 0 {
		p.drawFolded(f, r, s, at)
		return
	}
	e := s.event(at.id)
	if e == nil {
		return
	}
	if at.text == "" {
		at.text = e.Sentence()
		at.rule, _, _ = e.Reason()
	}
	st := t.Text
	if future || e.Salience == cluster.Bytes {
		st = t.Faint
	}
	msRight(f, r.X+tapeTime, y, t.Faint, at.at)
	x := r.X + tapeTime + 1
	if e.Member != 0 {
		name(f, x, y, st, e.Member)
	}
	f.Rune(x+3, y, t.Marker, rune(kindChar(e)))
	x += 5
	right := r.Right()
	if r.W >= tapeRuleAt {
		right -= tapeRule
		f.TextIn(frame.Rect{X: right + 1, Y: y, W: tapeRule - 2, H: 1}, frame.Left, t.Faint, at.rule)
	}
	f.TextIn(frame.Rect{X: x, Y: y, W: right - x, H: 1}, frame.Left, st, at.text)
}

// drawFolded draws how many quiet events a row stands for.
func (p *Events) drawFolded(f *frame.Frame, r frame.Rect, s *Scene, at *tapeLine) {
	t, x := s.Theme, r.X+tapeTime+6
	x = f.Rune(x, r.Y, t.Faint, t.Glyph.Folded) + 1
	x = num(f, x, r.Y, t.Faint, uint64(at.folded))
	x = f.Text(x, r.Y, t.Faint, s.words().folded)
	f.Rune(x+1, r.Y, t.Faint, t.Glyph.Folded)
}

// Key moves the cursor along the events, goes to one, or asks why it happened.
func (p *Events) Key(key string, s *Scene) Result {
	switch key {
	case "j", "down":
		return p.move(s, 1)
	case "k", "up":
		return p.move(s, -1)
	case "pgdown":
		return p.move(s, max(1, p.height-1))
	case "pgup":
		return p.move(s, -max(1, p.height-1))
	case "enter":
		if at := p.line(s); at != nil {
			p.cursor = 0
			return Result{Handled: true, Command: "goto @" + strconv.FormatUint(at.last, 10)}
		}
	case "w":
		if at := p.line(s); at != nil {
			return Result{Handled: true, Why: at.id}
		}
	case "esc", "end":
		if p.cursor > 0 {
			p.cursor = 0
			return handled()
		}
	}
	return none()
}

// line returns the row at the cursor, or that of the present.
func (p *Events) line(s *Scene) *tapeLine {
	p.tape.sync(s, p.cursor)
	i := p.tape.find(s.Pos)
	if p.cursor > 0 {
		i = p.tape.find(p.cursor)
	}
	if i < 0 {
		return nil
	}
	return &p.tape.lines[i]
}

// move puts the cursor so many rows on.
func (p *Events) move(s *Scene, by int) Result {
	at := p.line(s)
	if at == nil {
		return none()
	}
	i := max(0, min(p.tape.find(at.id)+by, len(p.tape.lines)-1))
	p.cursor = p.tape.lines[i].id
	return handled()
}

// Hints lists the keys of the pane.
func (p *Events) Hints(s *Scene) []Hint {
	list := []Hint{
		{Key: "j/k", Text: "event", TextZH: "事件"},
		{Key: "enter", Text: "go there", TextZH: "跳到此处"},
		{Key: "w", Text: "why?", TextZH: "为什么？"},
	}
	if s.End == 0 {
		for i := range list {
			list[i].Disabled = s.words().nothingYet
		}
	}
	return list
}

package pane

import (
	"strconv"

	"etcdscope/cluster"
	"etcdscope/raft"
	"etcdscope/tui/frame"
)

// Why answers two questions. Of an event: why did it happen, one hop for each cause, with the rule that was
// followed and where the rule is written. Of the present: why is the selected member not the leader, and why
// is the newest entry not committed.
type Why struct {
	Event  uint64 // the event to explain; 0 explains only the present
	cursor int    // the hop that is looked at
	top    int    // first row shown
	rows   []whyRow
	made   whyKey
	hops   []*cluster.Event
}

// whyKey says what the rows were made for.
type whyKey struct {
	view     *cluster.View
	event    uint64
	selected raft.ID
	width    int
	lang     string
}

// whyRow is one row of the answer.
type whyRow struct {
	hop  int // the event that it belongs to, -1 for none
	text string
	kind whyKind
}

type whyKind uint8

const (
	whyPlain whyKind = iota
	whyHead
	whyRule
	whyHolds
	whyFails
)

// whyHops is how many causes are followed.
const whyHops = 24

// NewWhy returns the answer to "why?".
func NewWhy() *Why { return &Why{} }

// Name is the pane's name in the pane menu.
func (p *Why) Name() string { return "why" }

// Title is the question.
func (p *Why) Title(s *Scene) string {
	if p.Event == 0 {
		return s.words().whyNot
	}
	return s.words().whyEvent + strconv.FormatUint(p.Event, 10)
}

// Draw draws the answer from the row on that was scrolled to.
func (p *Why) Draw(f *frame.Frame, r frame.Rect, s *Scene, focused bool) {
	if r.Empty() || s.View == nil {
		return
	}
	f.PushClip(r)
	defer f.PopClip()
	if s.Covered {
		cover(f, r, s)
		return
	}
	p.make(s, r.W-4)
	at := 0
	for i := range p.rows {
		if p.rows[i].hop == p.cursor && p.Event > 0 {
			at = i
		}
	}
	p.top = window(p.top, at, r.H, len(p.rows))
	for i := p.top; i < min(len(p.rows), p.top+r.H); i++ {
		row := frame.Rect{X: r.X, Y: r.Y + i - p.top, W: r.W, H: 1}
		p.drawRow(f, row, s, &p.rows[i])
		if focused && p.rows[i].hop == p.cursor && p.rows[i].hop >= 0 {
			f.Tint(row, s.Theme.Selected)
		}
	}
}

func (p *Why) drawRow(f *frame.Frame, r frame.Rect, s *Scene, row *whyRow) {
	t := s.Theme
	x, st := r.X+2, t.Text
	switch row.kind {
	case whyHead:
		st = t.Strong
	case whyRule:
		st = t.Faint
	case whyHolds:
		x = f.Rune(x, r.Y, t.Ok, t.Glyph.Yes) + 1
	case whyFails:
		x = f.Rune(x, r.Y, t.Warn, t.Glyph.No) + 1
	}
	f.TextIn(frame.Rect{X: x, Y: r.Y, W: r.Right() - x - 1, H: 1}, frame.Left, st, row.text)
}

// make writes the answer down, wrapped to a width.
func (p *Why) make(s *Scene, width int) {
	key := whyKey{s.View, p.Event, s.Selected, width, s.Lang}
	if p.made == key {
		return
	}
	if p.made.event != p.Event {
		p.cursor, p.top = 0, 0
	}
	p.made, p.rows, p.hops = key, p.rows[:0], p.hops[:0]
	if p.Event > 0 {
		p.explain(s, width)
	}
	p.presentLeader(s, width)
	p.presentEntry(s, width)
}

// add wraps a sentence into rows.
func (p *Why) add(hop int, kind whyKind, indent string, text string, width int) {
	for _, l := range frame.Wrap(frame.Safe(text), max(10, width-len(indent))) {
		p.rows = append(p.rows, whyRow{hop, indent + l, kind})
	}
}

// explain writes the event and its causes, nearest first.
func (p *Why) explain(s *Scene, width int) {
	if e := s.event(p.Event); e != nil {
		p.hops = append(p.hops, e)
	}
	if s.Chain != nil {
		p.hops = append(p.hops, s.Chain(p.Event, whyHops)...)
	}
	for i, e := range p.hops {
		b := line(nil).ms(e.At).text("  ")
		if i > 0 {
			b = b.text(s.words().because)
		}
		p.add(i, whyPlain, "", string(b.text(e.Sentence())), width)
		if rule, sentence, source := e.Reason(); rule != "" {
			p.add(i, whyRule, "      ", rule+": "+sentence+" ("+source+")", width)
		}
	}
	if len(p.hops) == 0 {
		p.add(-1, whyPlain, "", s.words().notRecorded, width)
	}
	p.rows = append(p.rows, whyRow{hop: -1})
}

// presentLeader writes why the selected member does not lead.
func (p *Why) presentLeader(s *Scene, width int) {
	m := s.selected()
	if m == nil || m.Up && m.Raft.Role == raft.Leader {
		return
	}
	b := line(nil).text(s.words().whyLeader).member(m.ID).text(s.words().notLeader)
	p.add(-1, whyHead, "", string(b), width)
	if !m.Up {
		p.add(-1, whyFails, "", s.words().role[down]+": "+m.Down, width)
		return
	}
	p.conjuncts(raft.WhyNotLeader(&m.Raft), width)
}

// presentEntry writes why the newest entry of the leader is not committed.
func (p *Why) presentEntry(s *Scene, width int) {
	l := s.leader()
	if l == nil || l.Raft.Last <= l.Raft.Commit {
		return
	}
	if len(p.rows) > 0 {
		p.rows = append(p.rows, whyRow{hop: -1})
	}
	w := s.words()
	b := line(nil).text(w.whyIs).num(uint64(l.Raft.Last)).text(w.notCommitted)
	p.add(-1, whyHead, "", string(b), width)
	p.conjuncts(raft.WhyNotCommitted(&l.Raft, l.Raft.Last), width)
}

func (p *Why) conjuncts(list []raft.Conjunct, width int) {
	for i := range list {
		kind := whyFails
		if list[i].Holds {
			kind = whyHolds
		}
		p.add(-1, kind, "", list[i].Text, width-2)
	}
}

// Key moves along the causes, goes to one, or asks why it happened.
func (p *Why) Key(key string, s *Scene) Result {
	switch key {
	case "j", "down":
		if len(p.hops) == 0 {
			p.top++
			return handled()
		}
		p.cursor = min(p.cursor+1, len(p.hops)-1)
	case "k", "up":
		if len(p.hops) == 0 {
			p.top = max(0, p.top-1)
			return handled()
		}
		p.cursor = max(p.cursor-1, 0)
	case "enter", "w":
		if p.cursor >= len(p.hops) {
			return none()
		}
		id := p.hops[p.cursor].ID
		if key == "w" {
			return Result{Handled: true, Why: id}
		}
		return Result{Handled: true, Command: "goto @" + strconv.FormatUint(id, 10)}
	default:
		return none()
	}
	return handled()
}

// Hints lists the keys of the pane.
func (p *Why) Hints(s *Scene) []Hint {
	list := []Hint{
		{Key: "j/k", Text: "cause", TextZH: "原因"},
		{Key: "enter", Text: "go there", TextZH: "跳到此处"},
		{Key: "w", Text: "why that?", TextZH: "那又为什么？"},
		{Key: "esc", Text: "close", TextZH: "关闭"},
	}
	if len(p.hops) == 0 {
		for i := range list[:3] {
			list[i].Disabled = s.say("no event is explained", "没有在解释事件")
		}
	}
	return list
}

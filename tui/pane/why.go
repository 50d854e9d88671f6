package pane

import (
	"strconv"

	"etcdscope/cluster"
	"etcdscope/raft"
	"etcdscope/tui/frame"
)

// Why answers two kinds of questions. Of an event: why did it happen, one hop for each cause, with the rule that was
// followed and where the rule is written. Of the present: which condition fails for an entry that is not committed, a
// member that does not lead, a vote that is refused (why_not.go).
type Why struct {
	Event  uint64     // the event to explain; 0 explains only the present
	Entry  raft.Index // the entry whose commitment is in question; 0: the newest of the leader
	cursor int        // the hop that is looked at
	top    int        // first row shown
	rows   []whyRow
	made   whyKey
	hops   []*cluster.Event
}

// whyKey says what the rows were made for.
type whyKey struct {
	view     *cluster.View
	event    uint64
	message  uint64
	entry    raft.Index
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
	p.top = window(p.top, p.at(), r.H, len(p.rows))
	for i := p.top; i < min(len(p.rows), p.top+r.H); i++ {
		row := frame.Rect{X: r.X, Y: r.Y + i - p.top, W: r.W, H: 1}
		p.drawRow(f, row, s, &p.rows[i])
		if focused && p.rows[i].hop == p.cursor && p.rows[i].hop >= 0 {
			f.Tint(row, s.Theme.Selected)
		}
	}
}

// Rows is how many rows the whole answer takes at a width.
func (p *Why) Rows(s *Scene, width int) int {
	if s.View == nil || s.Covered {
		return 1
	}
	p.make(s, width-4)
	return len(p.rows)
}

// at is the row that must be seen: the last one of the hop at the cursor, or one of those behind the last hop, which
// the cursor reaches too. It is -1 where there is no hop and rows just scroll.
func (p *Why) at() int {
	if len(p.hops) == 0 {
		return -1
	}
	at := 0
	for i := range p.rows {
		if hop := p.rows[i].hop; hop >= 0 && hop <= p.cursor {
			at = i
		}
	}
	return at + max(0, p.cursor-len(p.hops)+1)
}

// behind is how many rows stand behind the last hop.
func (p *Why) behind() int {
	n := 0
	for n < len(p.rows) && p.rows[len(p.rows)-1-n].hop < 0 {
		n++
	}
	return n
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
	key := whyKey{s.View, p.Event, s.Message, p.Entry, s.Selected, width, s.Lang}
	if p.made == key {
		return
	}
	if p.made.event != p.Event {
		p.cursor, p.top = 0, 0
	}
	p.made, p.rows, p.hops = key, p.rows[:0], p.hops[:0]
	if p.Entry > 0 { // who asks about an entry wants that answer first
		p.presentEntry(s, width)
	}
	if p.Event > 0 {
		p.apart()
		p.explain(s, width)
	}
	p.presentVote(s, width)
	p.presentLeader(s, width)
	if p.Entry == 0 {
		p.presentEntry(s, width)
		p.presentLocks(s, width)
	}
}

// apart leaves a row between two answers.
func (p *Why) apart() {
	if len(p.rows) > 0 {
		p.rows = append(p.rows, whyRow{hop: -1})
	}
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
}

// Key moves along the causes, goes to one, or asks why it happened.
func (p *Why) Key(key string, s *Scene) Result {
	switch key {
	case "j", "down":
		if len(p.hops) == 0 {
			p.top = min(p.top+1, len(p.rows)-1)
			return handled()
		}
		p.cursor = min(p.cursor+1, len(p.hops)-1+p.behind())
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

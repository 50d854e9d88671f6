package pane

import (
	"etcdscope/cluster"
	"etcdscope/tui/frame"
)

// slot is one message in a lane: which flight, how much its label tells, and the cells that it takes.
type slot struct {
	flight int
	gone   int64 // how far it is, see progress
	folded bool  // one of many heartbeats: its label never tells more than an arrow
	d      detail
	x, w   int
}

// lane is the messages on their way to one member, the next to arrive first.
type lane struct {
	slots [24]slot
	n     int // slots in use
	more  int // messages that have no slot
}

// collect fills the lane with the flights toward one member.
func (l *lane) collect(s *Scene, m *cluster.MemberView) {
	l.n, l.more = 0, 0
	for i := range s.View.Flights {
		fl := &s.View.Flights[i]
		if fl.To != m.ID {
			continue
		}
		at := slot{flight: i, gone: progress(s, fl), folded: fl.Fold && s.Detail > cluster.Bytes}
		if l.n == len(l.slots) {
			l.more++
			if at.gone <= l.slots[l.n-1].gone {
				continue
			}
			l.n--
		}
		j := l.n
		for ; j > 0 && l.slots[j-1].gone < at.gone; j-- {
			l.slots[j] = l.slots[j-1]
		}
		l.slots[j] = at
		l.n++
	}
}

const progressUnit = 1 << 20

// progress is how far a flight is, from 0 to progressUnit.
func progress(s *Scene, fl *cluster.Flight) int64 {
	way := int64(fl.DeliverAt - fl.SentAt)
	if way <= 0 {
		return progressUnit
	}
	gone := max(0, min(int64(s.Now-fl.SentAt), way))
	return gone * progressUnit / way
}

// fit chooses how much the labels tell, so that all of them have room, and places them: just sent at the
// left, arriving at the right, and those apart that would overlap. What has no room even as an arrow is
// counted.
func (l *lane) fit(labels []label, room int) {
	free := l.shorten(labels, room)
	for _, d := range [...]detail{brief, full} {
		for i := range l.slots[:l.n] {
			at := &l.slots[i]
			wider := labels[at.flight].width[d] + 1
			if !at.folded && wider-at.w <= free {
				free -= wider - at.w
				at.d, at.w = d, wider
			}
		}
	}
	for i := range l.slots[:l.n] {
		at := &l.slots[i]
		at.x = int(at.gone * int64(max(0, room-at.w)) / progressUnit)
	}
	l.spread(room)
}

// shorten makes all labels arrows, drops those that have no room, and returns the cells that are left.
func (l *lane) shorten(labels []label, room int) int {
	total := -1
	for i := range l.slots[:l.n] {
		at := &l.slots[i]
		at.d, at.w = tiny, labels[at.flight].width[tiny]+1
		total += at.w + 1
	}
	for l.n > 0 && total > room-l.reserve() {
		l.n--
		l.more++
		total -= l.slots[l.n].w + 1
	}
	return room - l.reserve() - max(0, total)
}

// reserve is the room of the count of messages without a slot.
func (l *lane) reserve() int {
	if l.more == 0 {
		return 0
	}
	return 2 + digits(uint64(l.more))
}

// spread moves labels off the edge and off their neighbours. It
// keeps the order of arrival, and a label is moved back before one is moved forward.
func (l *lane) spread(room int) {
	right := room
	for i := range l.slots[:l.n] {
		at := &l.slots[i]
		at.x = min(at.x, right-at.w)
		right = at.x - 1
	}
	left := l.reserve()
	for i := l.n - 1; i >= 0; i-- {
		at := &l.slots[i]
		at.x = max(at.x, left)
		left = at.x + at.w + 1
	}
}

// drawLane draws the lane of m from x on, width cells with its end and its inbox.
func (p *Lanes) drawLane(f *frame.Frame, x, y, width int, s *Scene, m *cluster.MemberView) {
	t := s.Theme
	room := width - 1 - inboxWidth
	if room < 1 {
		return
	}
	ground := t.Glyph.LaneDot
	if !m.Up {
		ground = t.Glyph.LaneDown
	}
	f.HLine(x, y, room, t.Lane, ground)
	f.Rune(x+room, y, roleStyle(t, roleOf(m)), t.Glyph.LaneEnd)
	if n := len(m.Inbox); n > 0 {
		num(f, x+room+1, y, t.Strong, uint64(n))
	}
	l := &p.lane
	l.collect(s, m)
	if s.ReducedMotion {
		p.drawCount(f, x, y, room, s, m)
		return
	}
	l.fit(p.labels.current, room)
	if l.more > 0 {
		num(f, f.Text(x, y, t.Faint, "+"), y, t.Faint, uint64(l.more))
	}
	for i := range l.slots[:l.n] {
		p.drawMessage(f, x+l.slots[i].x, y, s, &l.slots[i])
	}
	if l.n == 0 && l.more == 0 {
		p.drawState(f, x, y, room, s, m)
	}
}

// drawMessage draws one label and its head, which says how it will end.
func (p *Lanes) drawMessage(f *frame.Frame, x, y int, s *Scene, at *slot) {
	t := s.Theme
	fl := &s.View.Flights[at.flight]
	lb := &p.labels.current[at.flight]
	st, head := hue(t, fl.Term), t.Glyph.ArrowRight
	switch {
	case fl.Held:
		head = t.Glyph.CommitFence
	case doomed(s, fl):
		st, head = st.With(frame.Faint), t.Glyph.No
	}
	if at.folded {
		st = t.Faint
	}
	if fl.ID == s.Message {
		st = st.With(frame.Bold | frame.Reverse)
	}
	end := f.Text(x, y, st, lb.text[at.d])
	f.Rune(end, y, st, head)
	f.RegionN(RegionMessage, int(fl.ID), frame.Rect{X: x, Y: y, W: at.w, H: 1})
}

// doomed reports whether the message will be lost as things are.
func doomed(s *Scene, fl *cluster.Flight) bool {
	to := s.member(fl.To)
	return to == nil || !to.Up || s.link(fl.From, fl.To).Cut
}

// drawCount draws what is on its way as numbers that change only with events.
func (p *Lanes) drawCount(f *frame.Frame, x, y, room int, s *Scene, m *cluster.MemberView) {
	t := s.Theme
	var from [cluster.MaxNodes + 1]int
	total := 0
	for i := range s.View.Flights {
		if fl := &s.View.Flights[i]; fl.To == m.ID {
			from[min(int(fl.From), cluster.MaxNodes)]++
			total++
		}
	}
	if total == 0 {
		p.drawState(f, x, y, room, s, m)
		return
	}
	f.PushClip(frame.Rect{X: x, Y: y, W: room, H: 1})
	defer f.PopClip()
	x = f.Text(num(f, x+1, y, t.Text, uint64(total)), y, t.Text, s.words().onTheWay)
	for id, n := range from {
		if n > 0 {
			x = f.Text(num(f, f.Text(x, y, t.Faint, "  n"), y, t.Faint, uint64(id)), y, t.Faint, ":")
			x = num(f, x, y, t.Faint, uint64(n))
		}
	}
	f.Text(x, y, t.Faint, " ")
}

// drawState writes into an empty lane why its member is down, where its role does not say it.
func (p *Lanes) drawState(f *frame.Frame, x, y, room int, s *Scene, m *cluster.MemberView) {
	if is := roleOf(m); is != down || m.Down == "" || room < 12 {
		return
	}
	text := frame.Rect{X: x + 3, Y: y, W: min(room-6, frame.Width(m.Down)), H: 1}
	f.Rune(text.X-1, y, frame.Style{}, ' ')
	end := f.TextIn(text, frame.Left, s.Theme.Faint, m.Down)
	f.Rune(end, y, frame.Style{}, ' ')
}

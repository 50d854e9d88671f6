package pane

import (
	"etcdscope/cluster"
	"etcdscope/tui/frame"
	"etcdscope/tui/theme"
)

// How many events are looked at to find the last and the next one of the level of detail. A quiet cluster may have
// been quiet for minutes; the last event is looked for so far back once only.
const (
	captionBack  = 1 << 17
	captionAhead = 2048
)

// caption keeps the two sentences under the lanes: what happened last, and what happens next.
type caption struct {
	view   *cluster.View
	pos    uint64
	end    uint64
	detail cluster.Salience
	lang   string

	last, next         *cluster.Event
	lastText, nextText string
	lastAt, nextAt     line
	buf                line
}

// sync finds the two sentences anew when the moment is another one. A sentence is only made again for
// another event.
func (c *caption) sync(s *Scene, labels []label) {
	if c.view == s.View && c.pos == s.Pos && c.end == s.End && c.detail == s.Detail && c.lang == s.Lang {
		return
	}
	from := c.pos
	if c.detail != s.Detail || s.Pos < from || c.last == nil || s.event(c.last.ID) != c.last {
		from = 0
	}
	c.view, c.pos, c.end, c.detail, c.lang = s.View, s.Pos, s.End, s.Detail, s.Lang
	if e := findEvent(s, s.Pos, from, -1, captionBack); e != nil && e != c.last {
		c.last, c.lastText = e, e.Sentence()
		c.lastAt = c.lastAt[:0].ms(e.At).text(" ")
	} else if e == nil && from == 0 {
		c.last, c.lastText = nil, ""
	}
	e := findEvent(s, s.Pos+1, s.End+1, 1, captionAhead)
	if e == nil {
		c.fromFlights(s, labels)
	} else if e != c.next {
		c.nextText = e.Sentence()
		c.nextAt = c.nextAt[:0].ms(e.At).text(" ")
	}
	c.next = e
}

// findEvent returns the first event of the scene's level of detail from id on, upwards or downwards, before the
// event until. A stretch of more than most events without any is given up.
func findEvent(s *Scene, id, until uint64, dir, most int) *cluster.Event {
	for range most {
		if id == until {
			return nil
		}
		e := s.event(id)
		if e == nil || e.Salience >= s.Detail {
			return e
		}
		id += uint64(dir)
	}
	return nil
}

// fromFlights says which message arrives next, where the future is not recorded. Other things may happen before.
func (c *caption) fromFlights(s *Scene, labels []label) {
	best := -1
	for i := range s.View.Flights {
		fl := &s.View.Flights[i]
		if !fl.Held && (best < 0 || fl.DeliverAt < s.View.Flights[best].DeliverAt) {
			best = i
		}
	}
	c.nextText = ""
	if best < 0 {
		return
	}
	fl, w := &s.View.Flights[best], s.words()
	b := c.buf[:0].member(fl.To).text(" ")
	if doomed(s, fl) {
		b = b.text(w.neverGets)
	} else {
		b = b.text(w.receives)
	}
	b = b.text(" ").text(labels[best].text[full])
	c.buf, c.nextText = b, string(b)
	c.nextAt = c.nextAt[:0].ms(fl.DeliverAt).text(" ")
}

// drawCaptions draws the lines below the members. Whole links leave their line to the first standing fact of Raft.
func (p *Lanes) drawCaptions(f *frame.Frame, r frame.Rect, plan *lanePlan, s *Scene) {
	w, c := s.words(), &p.caption
	r = frame.Rect{X: r.X + 2, Y: r.Y, W: r.W - 3, H: 1}
	if plan.links >= 0 {
		label, text := w.links, string(p.links.get(s))
		if list := p.notes.get(s); len(list) > 0 && text == w.allLinks {
			label, text = list[0].label, list[0].text
		}
		x := f.Text(r.X, plan.links, s.Theme.Faint, label)
		x = max(x+1, r.X+captionLabel)
		end := f.TextIn(frame.Rect{X: x, Y: plan.links, W: r.Right() - x, H: 1}, frame.Left, s.Theme.Text, text)
		if plan.counters == plan.links {
			drawCounters(f, end+3, r.Right(), plan.links, s)
		}
	}
	if plan.counters >= 0 && plan.counters != plan.links {
		drawCounters(f, r.X, r.Right(), plan.counters, s)
	}
	if plan.last < 0 {
		return
	}
	c.sync(s, p.labels.current)
	width, after := r.W, r.W
	if plan.next == plan.last {
		width, after = c.share(r.W, s.Running)
	}
	drawCaption(f, frame.Rect{X: r.X, Y: plan.last, W: width, H: 1}, s.Theme, w.lastCaption, c.lastAt, c.lastText)
	coming := w.nextCaption
	if c.next == nil {
		coming = w.arrives
	}
	if plan.next >= 0 {
		x := r.Right() - after
		drawCaption(f, frame.Rect{X: x, Y: plan.next, W: after, H: 1}, s.Theme, coming, c.nextAt, c.nextText)
	}
}

// share parts a row between the two captions: half for each, unless one has too little room and the other too much.
// While time runs the captions keep their places.
func (c *caption) share(room int, running bool) (last, next int) {
	room -= 2
	needs := func(at line, text string) int {
		if text == "" {
			return 0
		}
		return captionLabel + frame.Width(string(at)) + frame.Width(text)
	}
	half, first, second := room/2, needs(c.lastAt, c.lastText), needs(c.nextAt, c.nextText)
	switch {
	case running:
	case first > half && second < room-half:
		return room - max(second, room-first), max(second, room-first)
	case second > room-half && first < half:
		return max(first, room-second), room - max(first, room-second)
	}
	return half, room - half
}

func drawCaption(f *frame.Frame, r frame.Rect, t *theme.Theme, label string, at line, text string) {
	if text == "" {
		return
	}
	x := f.Text(r.X, r.Y, t.Faint, label)
	x = max(x+1, r.X+captionLabel)
	x = f.Text(x, r.Y, t.Faint, string(at))
	f.TextIn(frame.Rect{X: x, Y: r.Y, W: r.Right() - x, H: 1}, frame.Left, t.Text, text)
}

// captionLabel is the width of the words before the captions.
const captionLabel = 7

// drawCounters draws the counters of messages between two columns, the first ones where there is not room
// for all.
func drawCounters(f *frame.Frame, x, right, y int, s *Scene) {
	t, w, v := s.Theme, s.words(), s.View
	counters := [...]struct {
		word string
		n    uint64
	}{{w.inFlight, uint64(len(v.Flights))}, {w.dropped, v.Dropped}, {w.duplicated, v.Duplicated}}
	room, shown := right-x, 0
	for _, c := range counters {
		width := frame.Width(c.word) + 1 + digits(c.n)
		if width > room {
			break
		}
		room -= width + 3
		shown++
	}
	x = right
	for i := shown - 1; i >= 0; i-- {
		c := counters[i]
		x -= frame.Width(c.word) + 1 + digits(c.n)
		num(f, f.Text(x, y, t.Faint, c.word)+1, y, t.Text, c.n)
		x -= 3
	}
}

// Key moves the selection among members and messages.
func (p *Lanes) Key(key string, s *Scene) Result {
	switch key {
	case "j", "down":
		return Result{Handled: true, Select: s.step(1)}
	case "k", "up":
		return Result{Handled: true, Select: s.step(-1)}
	case "m":
		if id := nextMessage(s); id != 0 {
			return Result{Handled: true, Message: id}
		}
	case "w", "enter":
		if fl := flightOf(s, s.Message); fl != nil {
			return Result{Handled: true, Why: fl.SentBy}
		}
	}
	return none()
}

// nextMessage returns the message after the selected one, the first one after the last.
func nextMessage(s *Scene) uint64 {
	if s.View == nil || len(s.View.Flights) == 0 {
		return 0
	}
	for i := range s.View.Flights {
		if s.View.Flights[i].ID > s.Message {
			return s.View.Flights[i].ID
		}
	}
	return s.View.Flights[0].ID
}

func flightOf(s *Scene, id uint64) *cluster.Flight {
	if s.View == nil || id == 0 {
		return nil
	}
	for i := range s.View.Flights {
		if s.View.Flights[i].ID == id {
			return &s.View.Flights[i]
		}
	}
	return nil
}

// Hints lists the keys of the pane.
func (p *Lanes) Hints(s *Scene) []Hint {
	message := Hint{Key: "m", Text: "message", TextZH: "消息"}
	if s.View == nil || len(s.View.Flights) == 0 {
		message.Disabled = s.say("no message is in flight", "没有消息在途")
	}
	why := Hint{Key: "w", Text: "why?", TextZH: "为什么？"}
	if flightOf(s, s.Message) == nil {
		why.Disabled = s.say("select a message with m first", "先用 m 选一条消息")
	}
	return []Hint{{Key: "j/k", Text: "member", TextZH: "成员"}, message, why}
}

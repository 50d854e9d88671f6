package pane

import (
	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/mvcc/lease"
	"etcdscope/tui/frame"
)

// Leases shows the selected member's leases: what each has left, what a new leader would give it, and the keys that
// die with it; below, who counts time at all.
type Leases struct {
	of   *lease.View
	list []lease.Lease // in order of expiry
	at   int           // the lease at the cursor
	top  int           // first lease shown
	buf  line
}

// NewLeases returns the pane of leases.
func NewLeases() *Leases { return &Leases{} }

// Name is the pane's name in the pane menu.
func (p *Leases) Name() string { return "leases" }

// Title tells whose leases they are, how many, and whether they are counted.
func (p *Leases) Title(s *Scene) string {
	m, w, g := s.selected(), s.words(), &s.Theme.Glyph
	b := p.buf[:0].text(w.leaseTitle)
	if m == nil {
		return string(b)
	}
	b = b.text(w.of).member(m.ID)
	if v := m.Leases; v != nil {
		b = b.text("  ").int(int64(v.Len)).sep(g)
		if m.Clock.Rate != cluster.TrueRate {
			b = b.glyph(g.Warn).text(" ").text(w.clockRuns).int(m.Clock.Rate / cluster.TrueRate)
			b = append(b, '.').int(m.Clock.Rate % cluster.TrueRate / 100).text("x").sep(g)
		}
		if v.Primary {
			b = b.text(w.counts)
		} else {
			b = b.text(w.countsNot)
		}
	}
	p.buf = b
	return string(b)
}

// sync works the list out anew if the leases are others.
func (p *Leases) sync(m *cluster.MemberView, at clock.Time) {
	if p.of == m.Leases {
		return
	}
	p.of, p.list = m.Leases, m.LeaseList(at)
}

// leaseColumns are the widths of the columns, each with its gap; 0 leaves a column out.
type leaseColumns struct{ id, bar, left, after, keys int }

const (
	leaseID      = 18 // sixteen digits and a gap
	leaseKeys    = 12 // cells that the keys should have before a column is given room
	leaseFooters = 2  // rows about who counts, where there are three times as many
)

// leaseDrops gives columns up one after the other until the keys have the room they want.
var leaseDrops = [...]func(c *leaseColumns){
	func(c *leaseColumns) { c.bar = 12 },
	func(c *leaseColumns) { c.after = 0 },
	func(c *leaseColumns) { c.bar = 0 },
	func(c *leaseColumns) { c.left = 0 },
}

func planLeases(width int) leaseColumns {
	c := leaseColumns{id: leaseID, bar: 24, left: 20, after: 19}
	for _, drop := range leaseDrops {
		if width-c.id-c.bar-c.left-c.after >= leaseKeys {
			break
		}
		drop(&c)
	}
	c.keys = max(0, width-c.id-c.bar-c.left-c.after)
	return c
}

// Draw draws the leases in order of expiry, and who counts.
func (p *Leases) Draw(f *frame.Frame, r frame.Rect, s *Scene, focused bool) {
	m := s.selected()
	if r.Empty() || m == nil {
		return
	}
	f.PushClip(r)
	defer f.PopClip()
	in := frame.Rect{X: r.X + 2, Y: r.Y, W: r.W - 3, H: r.H}
	switch {
	case s.Covered:
		cover(f, r, s)
		return
	case m.Leases == nil:
		f.TextIn(in, frame.Left, s.Theme.Faint, s.words().noStore)
		return
	}
	p.sync(m, s.Now)
	p.at = max(0, min(p.at, len(p.list)-1))
	rows, foot := in.SplitBottom(min(leaseFooters, in.H/3))
	if rest := rows.H - max(1, len(p.list)+min(1, len(p.list))); rest > 1 { // the footer follows the list
		foot.Y -= rest - 1
	}
	c := planLeases(in.W)
	var head frame.Rect
	if rows.H > 1 && len(p.list) > 0 {
		head, rows = rows.SplitTop(1)
		c.drawHeader(f, head, s)
	}
	if len(p.list) == 0 {
		f.TextIn(rows, frame.Left, s.Theme.Faint, s.words().noLeases)
	}
	p.top = window(p.top, p.at, rows.H, len(p.list))
	for i := p.top; i < min(len(p.list), p.top+rows.H); i++ {
		p.drawLease(f, rows.Row(i-p.top), &c, s, m, &p.list[i], focused && i == p.at)
	}
	p.drawFooter(f, foot, s, m)
}

// drawHeader names the columns.
func (c *leaseColumns) drawHeader(f *frame.Frame, r frame.Rect, s *Scene) {
	w, x := s.words(), r.X
	label := func(width int, text string) {
		if width > 1 {
			f.TextIn(frame.Rect{X: x, Y: r.Y, W: width - 1, H: 1}, frame.Left, s.Theme.Faint, text)
		}
		x += width
	}
	label(c.id, w.leaseHead)
	label(c.bar, w.timeToLive)
	if c.bar == 0 {
		label(c.left, w.timeToLive)
	} else {
		x += c.left
	}
	label(c.after, w.afterElection)
	label(c.keys, w.leaseKeys)
}

// drawFooter says who counts time, and what follows from that.
func (p *Leases) drawFooter(f *frame.Frame, r frame.Rect, s *Scene, m *cluster.MemberView) {
	w := s.words()
	b := p.buf[:0].text(w.countedBy)
	n := 0
	for _, other := range s.View.Members {
		if other.Leases == nil || !other.Leases.Primary {
			continue
		}
		if n++; n > 1 {
			b = b.text(", ")
		}
		b = b.member(other.ID)
	}
	if n == 0 {
		b = b.text(w.countedByNobody)
	}
	f.TextIn(r.Row(0), frame.Left, s.Theme.Text, string(b))
	text := w.whoCounts
	if m.Leases.Primary {
		text = w.revokesByLog
	}
	f.TextIn(r.Row(1), frame.Left, s.Theme.Faint, text)
	p.buf = b
}

// Key moves the cursor among the leases, or asks for the one at the cursor.
func (p *Leases) Key(key string, s *Scene) Result {
	m := s.selected()
	if m == nil || m.Leases == nil {
		return none()
	}
	p.sync(m, s.Now)
	switch key {
	case "j", "down":
		p.at = max(0, min(p.at+1, len(p.list)-1))
	case "k", "up":
		p.at = max(0, p.at-1)
	case "home":
		p.at = 0
	case "end":
		p.at = max(0, len(p.list)-1)
	case "enter":
		if len(p.list) == 0 {
			return none()
		}
		b := line(nil).text("lease timetolive ").lease(int64(p.list[max(0, min(p.at, len(p.list)-1))].ID))
		return Result{Handled: true, Command: string(b.text(" --keys --via ").member(m.ID))}
	default:
		return none()
	}
	return handled()
}

// Hints lists the keys of the pane.
func (p *Leases) Hints(s *Scene) []Hint {
	list := []Hint{{Key: "j/k", Text: "lease", TextZH: "租约"}, {Key: "enter", Text: "ask for it", TextZH: "查询"}}
	if m := s.selected(); m == nil || m.Leases == nil || m.Leases.Len == 0 {
		for i := range list {
			list[i].Disabled = s.say("there is no lease here", "这里没有租约")
		}
	}
	return list
}

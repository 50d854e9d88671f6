package pane

import (
	"cmp"
	"slices"

	"etcdscope/cluster"
	"etcdscope/tui/frame"
)

// Locks shows who wants which lock and who stands for which election: what each client believes, and, beside it, whose
// key really is the first one in the selected member's store. The two differ longer than one would like.
type Locks struct {
	of   *cluster.View
	list []*cluster.Op // by name, then in the order of their tokens
	at   int           // the claim at the cursor
	top  int           // first claim shown
	buf  line
}

// NewLocks returns the pane of locks and elections.
func NewLocks() *Locks { return &Locks{} }

// Name is the pane's name in the pane menu.
func (p *Locks) Name() string { return "locks" }

// Title tells by whose store the keys are judged, and how many clients hold something.
func (p *Locks) Title(s *Scene) string {
	p.sync(s.View)
	w, held := s.words(), 0
	for _, o := range p.list {
		if o.Held() {
			held++
		}
	}
	b := p.buf[:0].text(w.lockTitle)
	if m := s.selected(); m != nil {
		b = b.text(w.of).member(m.ID)
	}
	if len(p.list) > 0 {
		b = b.text("  ").int(int64(held)).text("/").int(int64(len(p.list))).text(" ").text(w.believe)
	}
	p.buf = b
	return string(b)
}

// sync works the list out anew if the moment is another one. What was given up is not listed any more.
func (p *Locks) sync(v *cluster.View) {
	if v == nil || p.of == v {
		return
	}
	p.of = v
	p.list = slices.DeleteFunc(v.Claims(), func(o *cluster.Op) bool { return o.Claim.State == cluster.ClaimReleased })
	slices.SortStableFunc(p.list, func(a, b *cluster.Op) int {
		return cmp.Or(cmp.Compare(a.Name(), b.Name()), cmp.Compare(order(a), order(b)))
	})
}

// order is a claim's place in its queue; whoever has no place yet comes last.
func order(o *cluster.Op) uint64 { return uint64(o.Claim.Token - 1) }

// lockColumns are the widths of the columns, each with its gap; 0 leaves a column out.
type lockColumns struct{ name, who, state, token, key, behind int }

// lockDrops gives columns up one after the other until the last one has the room it wants.
var lockDrops = [...]func(c *lockColumns){
	func(c *lockColumns) { c.name = 8 },
	func(c *lockColumns) { c.key = 0 },
	func(c *lockColumns) { c.token = 0 },
}

func planLocks(width int) lockColumns {
	c := lockColumns{name: 16, who: 14, state: 20, token: 8, key: 16}
	rest := func() int { return width - c.name - c.who - c.state - c.token - c.key }
	for _, drop := range lockDrops {
		if rest() >= leaseKeys {
			break
		}
		drop(&c)
	}
	c.behind = max(0, rest())
	return c
}

// Draw draws the claims of every name in the order of their tokens, and what one should know about them.
func (p *Locks) Draw(f *frame.Frame, r frame.Rect, s *Scene, focused bool) {
	if r.Empty() || s.View == nil {
		return
	}
	f.PushClip(r)
	defer f.PopClip()
	if s.Covered {
		cover(f, r, s)
		return
	}
	p.sync(s.View)
	p.at = max(0, min(p.at, len(p.list)-1))
	rows := frame.Rect{X: r.X + 2, Y: r.Y, W: r.W - 3, H: r.H}
	if len(p.list) == 0 {
		f.TextIn(rows, frame.Left, s.Theme.Faint, s.words().noLocks)
		return
	}
	c := planLocks(rows.W)
	if rows.H > 1 {
		var head frame.Rect
		head, rows = rows.SplitTop(1)
		c.drawHeader(f, head, s)
	}
	var foot frame.Rect
	if rows.H > 3 {
		rows, foot = rows.SplitBottom(1)
		foot.Y -= max(0, rows.H-len(p.list)) // it follows the list
	}
	p.top = window(p.top, p.at, rows.H, len(p.list))
	for i := p.top; i < min(len(p.list), p.top+rows.H); i++ {
		p.drawClaim(f, rows.Row(i-p.top), &c, s, i, focused && i == p.at)
	}
	p.drawFooter(f, foot, s)
}

// drawHeader names the columns.
func (c *lockColumns) drawHeader(f *frame.Frame, r frame.Rect, s *Scene) {
	w, x := s.words(), r.X
	for _, col := range [...]struct {
		width int
		text  string
	}{
		{c.name, w.lockName},
		{c.who, w.lockClient},
		{c.state, w.lockBelieves},
		{c.token, w.lockToken},
		{c.key, w.lockKey},
		{c.behind, w.lockBehind},
	} {
		if col.width > 1 {
			f.TextIn(frame.Rect{X: x, Y: r.Y, W: col.width - 1, H: 1}, frame.Left, s.Theme.Faint, col.text)
		}
		x += col.width
	}
}

// drawFooter warns of a name that two clients believe they hold.
func (p *Locks) drawFooter(f *frame.Frame, r frame.Rect, s *Scene) {
	w, st := s.words(), s.Theme.Faint
	b := p.buf[:0].text(w.tokensCount)
	for i, o := range p.list {
		n := 0
		for _, other := range p.list[i:] {
			if other.Name() == o.Name() && other.Held() {
				n++
			}
		}
		if n > 1 {
			st, b = s.Theme.Warn, b[:0].int(int64(n)).text(" ").text(w.bothBelieve)
			break
		}
	}
	p.buf = b
	f.TextIn(r.Row(0), frame.Left, st, string(b))
}

// Key moves the cursor among the claims, or asks for the queue of the one at the cursor.
func (p *Locks) Key(key string, s *Scene) Result {
	p.sync(s.View)
	last := max(0, len(p.list)-1)
	switch key {
	case "j", "down":
		p.at = min(p.at+1, last)
	case "k", "up":
		p.at = max(0, p.at-1)
	case "home":
		p.at = 0
	case "end":
		p.at = last
	case "enter":
		if len(p.list) == 0 {
			return none()
		}
		o := p.list[min(p.at, last)]
		return Result{
			Handled: true, Command: "get " + word(o.Name()+"/") + " --prefix --sort-by CREATE --order ASCEND",
		}
	default:
		return none()
	}
	return handled()
}

// Hints lists the keys of the pane.
func (p *Locks) Hints(s *Scene) []Hint {
	list := []Hint{{Key: "j/k", Text: "lock", TextZH: "锁"}, {Key: "enter", Text: "read the queue", TextZH: "读取队列"}}
	if p.sync(s.View); len(p.list) == 0 {
		for i := range list {
			list[i].Disabled = s.say("nobody wants a lock", "还没有人申请锁")
		}
	}
	return list
}

package pane

import (
	"strconv"

	"etcdscope/cluster"
	"etcdscope/tui/frame"
)

// MVCC shows the selected member's store: changes along the axis of revisions, keys as rows, what a read at a
// revision answers, and how far each watcher is.
type MVCC struct {
	space keySpace
	rev   int64 // the revision that is read; 0 follows the newest
	key   int   // the row of the key that is read
	first int   // first change shown
	top   int   // first key shown
	buf   line
}

// NewMVCC returns the pane of the key space.
func NewMVCC() *MVCC { return &MVCC{} }

// Name is the pane's name in the pane menu.
func (p *MVCC) Name() string { return "mvcc" }

// Title tells whose store it is and how far it is.
func (p *MVCC) Title(s *Scene) string {
	m, w, g := s.selected(), s.words(), &s.Theme.Glyph
	b := p.buf[:0].text("MVCC")
	if m == nil {
		return string(b)
	}
	b = b.text(w.of).member(m.ID)
	if v := m.Store; v != nil {
		b = b.text("  ").text(w.rev).text(" ").int(v.Revision)
		if v.CompactRevision > 0 {
			b = b.sep(g).text(w.compacted).text(" ").int(v.CompactRevision)
		}
		b = b.sep(g).text(w.inFile).text(" ").int(v.CommittedRevision)
		b = b.sep(g).text(w.pending).text(" ").int(int64(v.Pending))
	}
	p.buf = b
	return string(b)
}

// storePlan is where the mvcc pane puts what, for one size.
type storePlan struct {
	x, right     int // of the columns
	columns      int
	generations  int // column, -1 where there is no room
	header, op   int // rows, -1 where there is no room
	where        int // row of where each change is, or -1
	storage      int // row of the first line about buffer and file, or -1
	stored       int // lines about buffer and file that fit
	keys, shown  int // row of the first key, keys that fit
	answer       int
	watchers     int // row of the first watcher
	watcherShown int
}

const (
	watcherName      = 16 // cells of a watcher's sign, name and range
	generationsWidth = 36
	generationsAt    = 96 // cells; from here the generations stand beside the keys
)

// side is where a key's generations stand.
func (g *storePlan) side(y int) frame.Rect {
	return frame.Rect{X: g.generations, Y: y, W: generationsWidth - 1, H: 1}
}

func (p *MVCC) plan(r frame.Rect, s *Scene, m *cluster.MemberView) storePlan {
	g := storePlan{
		generations: -1, header: -1, op: -1, where: -1, storage: -1, answer: -1, watchers: -1, keys: r.Y,
		right: r.Right() - 1,
	}
	if r.W >= generationsAt {
		g.generations = r.Right() - generationsWidth
		g.right = g.generations - 2
	}
	w := s.words()
	name := max(p.space.name, frame.Width(w.rev), frame.Width(w.op), frame.Width(w.where))
	if g.generations >= 0 && len(m.Watchers) > 0 {
		name = max(name, watcherName)
	}
	g.x = r.X + 2 + name + 2
	g.columns = max(0, g.right-g.x) / p.space.width
	spare := r.H
	take := func(n int) int {
		n = max(0, min(n, spare))
		spare -= n
		return n
	}
	g.shown = take(min(1, len(p.space.keys)))
	header, answer := take(1), take(1)
	g.watcherShown = take(min(len(m.Watchers), max(1, spare/3)))
	op := take(1)
	g.shown += take(len(p.space.keys) - g.shown)
	g.watcherShown += take(len(m.Watchers) - g.watcherShown)
	where := take(1)
	g.stored = take(len(storageLines))
	apart := take(1)
	for _, row := range [...]struct {
		at    *int
		there int
	}{{&g.header, header}, {&g.op, op}, {&g.where, where}} {
		if row.there > 0 {
			*row.at, g.keys = g.keys, g.keys+1
		}
	}
	below := g.keys + g.shown + apart
	if answer > 0 {
		g.answer, below = below, below+1
	}
	g.watchers = below
	below += g.watcherShown
	if g.stored > 0 {
		g.storage = below
		if take(1) > 0 {
			g.storage++
		}
	}
	return g
}

// Draw draws the axis, the keys, the answer to a read and the watchers.
func (p *MVCC) Draw(f *frame.Frame, r frame.Rect, s *Scene, focused bool) {
	m := s.selected()
	if r.Empty() || m == nil {
		return
	}
	f.PushClip(r)
	defer f.PopClip()
	switch {
	case s.Covered:
		cover(f, r, s)
		return
	case m.Store == nil:
		f.TextIn(frame.Rect{X: r.X + 2, Y: r.Y, W: r.W - 3, H: 1}, frame.Left, s.Theme.Faint, s.words().noStore)
		return
	}
	p.space.sync(m.Store, s.Theme)
	p.key = max(0, min(p.key, len(p.space.keys)-1))
	g := p.plan(r, s, m)
	p.scroll(&g)
	p.drawAxis(f, &g, r, s)
	p.top = window(p.top, p.key, g.shown, len(p.space.keys))
	for i := range g.shown {
		p.drawKey(f, &g, r, g.keys+i, s, p.top+i, focused)
	}
	if g.answer >= 0 {
		p.drawAnswer(f, frame.Rect{X: r.X + 2, Y: g.answer, W: r.W - 3, H: 1}, s, m.Store)
	}
	for i := range g.watcherShown {
		row := frame.Rect{X: r.X, Y: g.watchers + i, W: r.W, H: 1}
		p.drawWatcher(f, &g, row, s, m.Store, &m.Watchers[i])
	}
	if g.storage >= 0 {
		p.drawStorage(f, frame.Rect{X: r.X + 2, Y: g.storage, W: r.W - 3, H: g.stored}, s, m)
	}
}

// scroll chooses the changes to show: the newest, or those around the read revision.
func (p *MVCC) scroll(g *storePlan) {
	n := len(p.space.changes)
	at := n - 1
	if p.rev > 0 {
		for at > 0 && p.space.changes[at].KV.ModRevision > p.rev {
			at--
		}
	} else {
		p.first = n
	}
	p.first = window(p.first, at, g.columns, n)
}

// visible returns the changes that have a column.
func (p *MVCC) visible(g *storePlan) []change {
	end := min(len(p.space.changes), p.first+g.columns)
	if p.first >= end {
		return nil
	}
	return p.space.changes[p.first:end]
}

// Key moves the read revision and the key that is read.
func (p *MVCC) Key(key string, s *Scene) Result {
	m := s.selected()
	if m == nil || m.Store == nil {
		return none()
	}
	p.space.sync(m.Store, s.Theme)
	v := m.Store
	switch key {
	case "left":
		p.rev = max(1, v.CompactRevision-1, p.reading()-1)
	case "right":
		if p.rev++; p.rev == 1 || p.rev >= v.Revision {
			p.rev = 0
		}
	case "end", "esc":
		if p.rev == 0 {
			return none()
		}
		p.rev = 0
	case "j", "down":
		p.key = min(p.key+1, len(p.space.keys)-1)
	case "k", "up":
		p.key = max(p.key-1, 0)
	case "enter":
		if len(p.space.keys) == 0 {
			return none()
		}
		k := &p.space.keys[max(0, min(p.key, len(p.space.keys)-1))]
		command := "get " + word(k.key) + " --rev " + strconv.FormatInt(p.reading(), 10)
		return Result{Handled: true, Command: command + " --via n" + strconv.FormatUint(uint64(m.ID), 10)}
	default:
		return none()
	}
	return handled()
}

// Hints lists the keys of the pane.
func (p *MVCC) Hints(s *Scene) []Hint {
	list := []Hint{
		{Key: "←/→", Text: "read revision", TextZH: "读取版本"},
		{Key: "j/k", Text: "key", TextZH: "键"},
		{Key: "enter", Text: "get here", TextZH: "在此读取"},
	}
	if m := s.selected(); m == nil || m.Store == nil {
		for i := range list {
			list[i].Disabled = s.words().noStore
		}
	}
	return list
}

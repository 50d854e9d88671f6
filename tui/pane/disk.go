package pane

import (
	"slices"

	"etcdscope/cluster"
	"etcdscope/raft"
	"etcdscope/tui/frame"
)

// Disk shows the selected member's disk: the newest records of its WAL with the sign of where each is, what a kill and
// a power cut would leave, and its files.
type Disk struct {
	back int // how many records the cursor is behind the newest
	buf  line
}

// NewDisk returns the pane of a disk.
func NewDisk() *Disk { return &Disk{} }

// Name is the pane's name in the pane menu.
func (p *Disk) Name() string { return "disk" }

// Title tells whose disk it is, and the signs.
func (p *Disk) Title(s *Scene) string {
	m, w, g := s.selected(), s.words(), &s.Theme.Glyph
	b := p.buf[:0].text(w.diskTitle)
	if m == nil {
		return string(b)
	}
	b = b.text(w.of).member(m.ID).text("  ").glyph(g.Synced).text(" ").text(w.onPlatter)
	b = b.text("  ").glyph(g.Cached).text(" ").text(w.cacheOnly).text("  ").glyph(g.Torn).text(" ").text(w.torn)
	if m.Disk.Syncing {
		b = b.sep(g).text("fsync ").text(w.running)
	}
	p.buf = b
	return string(b)
}

// diskPlan is where the disk pane puts what, for one size; -1 where there is no room.
type diskPlan struct {
	names, mark, record, fate, promise, faults, files int
	fateRows, faultRows, fileRows                     int
	beside                                            int // column of the fates, 0: below the records
}

const (
	diskLabel  = 11 // cells of the names of rows
	fateBeside = 116
	fateBelow  = 16 // rows; from here there is room below the records
	fateWidth  = 57
	fates      = 3
)

func (p *Disk) plan(r frame.Rect, m *cluster.MemberView) diskPlan {
	g := diskPlan{mark: -1, record: -1, fate: -1, promise: -1, faults: -1, files: -1, names: r.Y}
	files := filesOf(m)
	if len(m.Disk.Records) == 0 { // nobody has the WAL open
		g.names, g.fate, g.fateRows = -1, r.Y, min(2, r.H)
		g.faults = min(r.Y+2, r.Bottom())
		g.faultRows = min(len(m.Disk.Faults), r.Bottom()-g.faults)
		g.files = min(g.faults+g.faultRows+1, r.Bottom())
		g.fileRows = min(files, r.Bottom()-g.files)
		return g
	}
	spare := r.H - 2
	take := func(n int) int {
		n = max(0, min(n, spare))
		spare -= n
		return n
	}
	if r.W >= fateBeside && r.H >= fates && r.H < fateBelow {
		g.beside, g.fate, g.fateRows = r.Right()-fateWidth, r.Y, fates
	} else {
		g.fateRows = take(fates)
	}
	mark := take(1)
	if g.beside > 0 {
		spare += mark // it stands beside the last fate
	}
	g.faultRows = take(len(m.Disk.Faults))
	g.fileRows = take(min(files, max(2, spare-3)))
	record, promise, apart := take(1), take(1), take(2)
	at := r.Y + 2
	place := func(row *int, n int) {
		if n > 0 {
			*row, at = at, at+n
		}
	}
	place(&g.mark, mark)
	place(&g.record, record)
	if g.beside == 0 {
		if apart > 0 {
			at++
		}
		place(&g.fate, g.fateRows)
	}
	place(&g.faults, g.faultRows)
	place(&g.promise, promise)
	if apart > 1 {
		at++
	}
	place(&g.files, g.fileRows)
	return g
}

// Draw draws the records, what would be lost, and the files.
func (p *Disk) Draw(f *frame.Frame, r frame.Rect, s *Scene, focused bool) {
	m := s.selected()
	if r.Empty() || m == nil {
		return
	}
	f.PushClip(r)
	defer f.PopClip()
	if s.Covered {
		cover(f, r, s)
		return
	}
	n := len(m.Disk.Records)
	p.back = max(0, min(p.back, n-1))
	g := p.plan(r, m)
	right := r.Right() - 1
	if g.beside > 0 {
		right = g.beside - 2
	}
	if g.names >= 0 {
		p.drawStrip(f, frame.Rect{X: r.X + 2, Y: g.names, W: right - r.X - 2, H: 2}, g.mark, s, m, focused)
	}
	row := func(y int) frame.Rect { return frame.Rect{X: r.X + 2, Y: y, W: r.W - 3, H: 1} }
	if g.record >= 0 {
		p.drawRecord(f, frame.Rect{X: r.X + 2, Y: g.record, W: right - r.X - 2, H: 1}, s, m, &m.Disk.Records[n-1-p.back])
	}
	if g.fate >= 0 {
		at := row(g.fate)
		if g.beside > 0 {
			at = frame.Rect{X: g.beside, Y: g.fate, W: fateWidth - 1, H: 1}
		}
		at.H = g.fateRows
		p.drawFates(f, at, s, m)
	}
	if g.faults >= 0 {
		at := row(g.faults)
		at.H = g.faultRows
		p.drawFaults(f, at, s, m)
	}
	if g.promise >= 0 {
		drawPromise(f, row(g.promise), s, m)
	}
	if g.files >= 0 {
		at := row(g.files)
		at.H = g.fileRows
		p.drawFiles(f, at, s, m)
	}
}

// drawFates draws what the next crash of either kind would leave.
func (p *Disk) drawFates(f *frame.Frame, r frame.Rect, s *Scene, m *cluster.MemberView) {
	w := s.words()
	line := func(i int, label, text string) {
		row := r.Row(i)
		f.TextIn(frame.Rect{X: row.X, Y: row.Y, W: min(diskLabel-1, row.W), H: 1}, frame.Left, s.Theme.Faint, label)
		row = frame.Rect{X: row.X + diskLabel, Y: row.Y, W: row.W - diskLabel, H: 1}
		f.TextIn(row, frame.Left, s.Theme.Text, text)
	}
	n := len(m.Disk.Records)
	if n == 0 {
		line(0, s.words().role[down], m.Down)
		line(1, w.restart, w.readsPlatter)
		return
	}
	safe := lastSafe(&m.Disk)
	b := appendRecord(p.buf[:0].text(w.keepsTo), &m.Disk.Records[n-1])
	line(0, "kill -9", string(b))
	b = b[:0]
	if safe < 0 {
		b = b.text(w.keepsNone)
	} else {
		b = appendRecord(b.text(w.keepsTo), &m.Disk.Records[safe])
	}
	if lost := n - 1 - safe; lost > 0 {
		b = appendRecord(b.text(w.mayLose), &m.Disk.Records[safe+1])
		if lost > 1 {
			b = b.text(w.andLater)
		}
	}
	line(1, w.powerCut, string(b))
	line(2, w.restart, w.replays)
	p.buf = b
}

// lastSafe is the newest record that a power cut spares for sure, -1 for none.
func lastSafe(d *cluster.DiskView) int {
	i := len(d.Records) - 1
	for i >= 0 && !onPlatter(d, i) {
		i--
	}
	return i
}

// promiseRules are those that make promises wait for the platter.
var promiseRules = []string{"fsync", "own-ack-after-fsync", "vote-after-fsync"}

// drawPromise says what the records in the page cache mean to others.
func drawPromise(f *frame.Frame, r frame.Rect, s *Scene, m *cluster.MemberView) {
	t, w := s.Theme, s.words()
	if s.View.Config != nil {
		for _, rule := range promiseRules {
			if slices.Contains(s.View.Config.Off, rule) {
				x := f.Text(f.Rune(r.X, r.Y, t.Warn, t.Glyph.Warn)+1, r.Y, t.Warn, rule)
				f.TextIn(frame.Rect{X: x, Y: r.Y, W: r.Right() - x, H: 1}, frame.Left, t.Warn, w.promisesLeft)
				return
			}
		}
	}
	if i := lie(m); i > 0 {
		b := line(nil).glyph(t.Glyph.Warn).text(" ").text(w.entry).text(" ").num(uint64(i)).text(w.fsyncLied)
		f.TextIn(r, frame.Left, t.Warn, string(b))
		return
	}
	text := w.allSafe
	if lastSafe(&m.Disk) < len(m.Disk.Records)-1 {
		text = w.promisesWait
	}
	f.TextIn(r, frame.Left, t.Faint, text)
}

// Key moves the cursor among the records and the selection among the members.
func (p *Disk) Key(key string, s *Scene) Result {
	m := s.selected()
	if m == nil {
		return none()
	}
	switch key {
	case "left":
		p.back = min(p.back+1, max(0, len(m.Disk.Records)-1))
	case "right":
		p.back = max(0, p.back-1)
	case "end", "esc":
		if p.back == 0 {
			return none()
		}
		p.back = 0
	case "j", "down":
		return Result{Handled: true, Select: s.step(1)}
	case "k", "up":
		return Result{Handled: true, Select: s.step(-1)}
	default:
		return none()
	}
	return handled()
}

// Hints lists the keys of the pane.
func (p *Disk) Hints(s *Scene) []Hint {
	record := Hint{Key: "←/→", Text: "record", TextZH: "记录"}
	if m := s.selected(); m == nil || len(m.Disk.Records) == 0 {
		record.Disabled = s.say("the member is down: nobody reads its WAL", "成员已宕机：没有人在读它的 WAL")
	}
	return []Hint{record, {Key: "j/k", Text: "member", TextZH: "成员"}}
}

// payloadAt is what the entry of a record does, where the member's log still holds it.
func payloadAt(m *cluster.MemberView, term raft.Term, i raft.Index) string {
	if e, ok := m.Raft.Entry(i); ok && e.Term == term {
		return payload(&e, valueCells, "")
	}
	return ""
}

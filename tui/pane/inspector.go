package pane

import (
	"etcdscope/cluster"
	"etcdscope/raft"
	"etcdscope/tui/frame"
	"etcdscope/tui/theme"
)

// Inspector shows the selected member in full: Raft, disk, store, requests.
type Inspector struct {
	notes notes
	buf   line
}

// NewInspector returns the pane of one member.
func NewInspector() *Inspector { return &Inspector{} }

// Name is the pane's name in the pane menu.
func (p *Inspector) Name() string { return "inspect" }

// Title is the member's name, its incarnation and its role.
func (p *Inspector) Title(s *Scene) string {
	m, w := s.selected(), s.words()
	b := p.buf[:0].text(w.member)
	if m != nil {
		b = b.text(" ").member(m.ID).text("  ").text(w.role[roleOf(m)])
		if m.Inc > 1 {
			b = b.text("  ").text(w.incarnation).text(" ").num(uint64(m.Inc))
		}
	}
	p.buf = b
	return string(b)
}

// sheet is a column of named values that is filled from the top.
type sheet struct {
	f    *frame.Frame
	r    frame.Rect // what is left
	t    *theme.Theme
	w    *words
	name int // width of the names
}

// row begins the next row and returns where its value goes; it is empty where there is no room.
func (h *sheet) row(label string) frame.Rect {
	var row frame.Rect
	row, h.r = h.r.SplitTop(1)
	if row.Empty() {
		return row
	}
	h.f.TextIn(frame.Rect{X: row.X, Y: row.Y, W: min(h.name-1, row.W), H: 1}, frame.Left, h.t.Faint, label)
	_, value := row.SplitLeft(h.name)
	return value
}

// text draws a value.
func (h *sheet) text(label, value string) {
	h.f.TextIn(h.row(label), frame.Left, h.t.Text, value)
}

const inspectorTwo = 84 // cells; from here Raft stands beside disk and store

// Draw draws the member's state; what has no room is left out from the bottom.
func (p *Inspector) Draw(f *frame.Frame, r frame.Rect, s *Scene, _ bool) {
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
	h := sheet{f: f, r: r.Inset(1, 0), t: s.Theme, w: s.words(), name: 15}
	if r.W < inspectorTwo {
		p.drawRaft(&h, s, m)
		p.drawTables(&h, s, m)
		p.drawStore(&h, m)
		p.drawDisk(&h, m)
		return
	}
	left, right := h.r.SplitLeft(h.r.W/2 - 1)
	h.r = left
	p.drawRaft(&h, s, m)
	p.drawTables(&h, s, m)
	_, h.r = right.SplitLeft(2)
	p.drawStore(&h, m)
	p.drawDisk(&h, m)
}

// drawRaft draws role, term, timer and log.
func (p *Inspector) drawRaft(h *sheet, s *Scene, m *cluster.MemberView) {
	v, w := &m.Raft, h.w
	drawRole(h.f, h.row(w.roleHead), s, m)
	if m.Down != "" && roleOf(m) == down {
		h.text(w.why, m.Down)
	}
	b := p.buf[:0].num(uint64(v.Term)).text("   ").text(w.vote).text(" ").memberOrDash(v.Vote)
	b = b.text("   ").text(w.leader).text(" ").memberOrDash(v.Lead)
	h.text(w.term, string(b))
	if r := h.row(w.timerHead); r.W >= 12 {
		drawTimer(h.f, r.X, r.Y, min(20, r.W-8), s, m)
		drawLeft(h.f, r.X+min(20, r.W-8)+7, r.Y, s, m)
	}
	p.drawLease(h, v)
	b = b[:0].num(uint64(v.First)).text("..").num(uint64(v.Last)).text("   ").text(w.durable).text(" ")
	b = b.num(uint64(v.DurableIndex))
	if v.First > 1 {
		b = b.text("   ").text(w.compacted).text(" ").num(uint64(v.First - 1))
		b = b.text(" (t").num(uint64(v.FirstTerm)).text(")")
	}
	h.text(w.log, string(b))
	b = b[:0].num(uint64(v.Commit)).text("   ").text(w.applied).text(" ").num(uint64(v.Applied))
	if m.ToApply > 0 {
		b = b.text("   ").text(w.toApply).text(" ").int(int64(m.ToApply))
	}
	h.text(w.commit, string(b))
	b = b[:0].members(v.Conf.Voters)
	if len(v.Conf.Learners) > 0 {
		b = b.text("   ").text(w.learners).text(" ").members(v.Conf.Learners)
	}
	h.text(w.voters, string(b))
	p.drawFacts(h, s, m)
	b = b[:0].int(int64(len(m.Inbox)))
	for _, msg := range m.Inbox[:min(3, len(m.Inbox))] {
		b = appendLabel(b.text("  "), msg, brief, &h.t.Glyph)
	}
	h.text(w.inbox, string(b))
	p.buf = b
}

// drawFacts draws the standing facts of the member, each in as many rows as it needs.
func (p *Inspector) drawFacts(h *sheet, s *Scene, m *cluster.MemberView) {
	for _, n := range p.notes.get(s) {
		if n.member != m.ID {
			continue
		}
		label := n.label
		for _, text := range frame.Wrap(n.text, max(10, h.r.W-h.name)) {
			h.text(label, text)
			label = ""
		}
	}
}

// drawLease draws how long a member that hears from a leader will not listen to candidates.
func (p *Inspector) drawLease(h *sheet, v *raft.View) {
	if v.Lease == 0 || v.Lead == raft.None || v.Role != raft.Follower {
		return
	}
	if left := v.Lease - v.Elapsed; left > 0 {
		h.text(h.w.lease, string(line(nil).int(int64(left)).text(h.w.leaseHolds)))
	} else {
		h.text(h.w.lease, h.w.leaseOver)
	}
}

// drawTables draws what a leader believes about its peers.
func (p *Inspector) drawTables(h *sheet, s *Scene, m *cluster.MemberView) {
	v := &m.Raft
	if !m.Up || v.Role != raft.Leader {
		return
	}
	for i := range v.Progress {
		at := &v.Progress[i]
		if at.ID == m.ID {
			continue
		}
		p.drawProgress(h, s, m, at)
	}
}

func (p *Inspector) drawProgress(h *sheet, s *Scene, m *cluster.MemberView, at *raft.Progress) {
	b := p.buf[:0].text("  ").member(at.ID)
	r := h.row(string(b))
	if r.Empty() {
		return
	}
	b = b[:0].text(h.w.match).text(" ").num(uint64(at.Match))
	b = b.text("  ").text(h.w.next).text(" ").num(uint64(at.Next))
	p.buf = b
	x := h.f.TextIn(r, frame.Left, h.t.Text, string(b)) + 2
	drawPeer(h.f, frame.Rect{X: x, Y: r.Y, W: r.Right() - x, H: 1}, s, m.ID, &m.Raft, at)
}

// drawStore draws the store, its buffer, its watchers and the requests that wait.
func (p *Inspector) drawStore(h *sheet, m *cluster.MemberView) {
	w := h.w
	b := p.buf[:0]
	if v := m.Store; v == nil {
		h.text(w.store, w.noStore)
	} else {
		b = b.text(w.rev).text(" ").int(v.Revision).text("   ").text(w.inFile).text(" ").int(v.CommittedRevision)
		if v.CompactRevision > 0 {
			b = b.text("   ").text(w.compacted).text(" ").int(v.CompactRevision)
		}
		h.text(w.store, string(b))
		b = b[:0].int(int64(v.Pending))
		if m.Batch {
			b = b.text("   ").text(w.committing)
		}
		h.text(w.pending, string(b))
		h.text(w.consistent, string(b[:0].num(v.ConsistentIndex)))
	}
	h.text(w.watchers, string(b[:0].int(int64(len(m.Watchers)))))
	h.text(w.waiting, string(b[:0].int(int64(m.Waiting))))
	p.buf = b
	p.drawUsers(h, m)
}

// memberOrDash writes a member that may be nobody.
func (l line) memberOrDash(id raft.ID) line {
	if id == raft.None {
		return append(l, '-')
	}
	return l.member(id)
}

// Key moves the selection among the members.
func (p *Inspector) Key(key string, s *Scene) Result {
	switch key {
	case "j", "down":
		return Result{Handled: true, Select: s.step(1)}
	case "k", "up":
		return Result{Handled: true, Select: s.step(-1)}
	}
	return none()
}

// Hints lists the keys of the pane.
func (p *Inspector) Hints(*Scene) []Hint {
	return []Hint{{Key: "j/k", Text: "member", TextZH: "成员"}}
}

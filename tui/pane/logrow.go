package pane

import (
	"etcdscope/cluster"
	"etcdscope/raft"
	"etcdscope/tui/frame"
)

// drawMember draws one log and its numbers.
func (g *logGrid) drawMember(f *frame.Frame, y int, s *Scene, m *cluster.MemberView) {
	t, is := s.Theme, roleOf(m)
	x := g.x - g.cell - logName
	drawName(f, x, y, s, m)
	f.Rune(x+nameWidth, y, roleStyle(t, is), roleGlyph(&t.Glyph, is))
	num(f, f.Text(x+logName, y, t.Faint, "t"), y, hue(t, m.Raft.Term), uint64(m.Raft.Term))
	f.PushClip(frame.Rect{X: g.x, Y: y, W: g.right - g.x, H: 1})
	if at := g.fenceColumn(); at >= 0 {
		f.Rune(at, y, t.Fence, t.Glyph.CommitFence)
	}
	if m.Raft.First > g.low {
		g.drawSnapshot(f, y, s, m)
	}
	p := g.progress(m.ID)
	if m.Raft.Last > 0 && m.Raft.Last < g.low {
		num(f, f.Rune(g.x, y, t.Faint, t.Glyph.ArrowLeft)+1, y, t.Faint, uint64(m.Raft.Last))
	}
	for i := max(g.low, m.Raft.First); i <= min(g.high, m.Raft.Last); i++ {
		g.drawCell(f, y, s, m, i)
	}
	if p != nil {
		g.drawMark(f, y, t.Faint, p.Match, t.Glyph.Match)
		g.drawMark(f, y, t.Faint, p.Next, t.Glyph.Next)
	}
	f.PopClip()
	g.drawNumbers(f, y, s, m, p)
	f.RegionN(RegionMember, int(m.ID), frame.Rect{X: x, Y: y, W: f.Clip().Right() - x, H: 1})
}

// drawSnapshot draws what stands for the entries that were compacted away.
func (g *logGrid) drawSnapshot(f *frame.Frame, y int, s *Scene, m *cluster.MemberView) {
	end := g.column(min(m.Raft.First, g.high+1)) - g.gap
	r := frame.Rect{X: g.x, Y: y, W: end - g.x, H: 1}
	if r.W < 3 {
		return
	}
	t := s.Theme
	f.HLine(r.X, y, r.W, t.Faint, ' ')
	f.Rune(r.X, y, t.Faint, '[')
	f.Rune(r.Right()-1, y, t.Faint, ']')
	var b [32]byte
	last := uint64(m.Raft.First - 1)
	text := line(b[:0]).text("snapshot ").num(last)
	if len(text) > r.W-2 {
		text = line(b[:0]).text("snap ").num(last)
	}
	f.TextIn(r.Inset(1, 0), frame.Center, t.Faint, string(text))
}

// drawCell draws an entry: its term between two signs of its state. The right sign is missing as long as the
// member's own disk does not have it.
func (g *logGrid) drawCell(f *frame.Frame, y int, s *Scene, m *cluster.MemberView, i raft.Index) {
	e, ok := m.Raft.Entry(i)
	if !ok {
		return
	}
	t, x := s.Theme, g.column(i)
	st, sign := hue(t, e.Term), t.Glyph.Stored
	switch {
	case i <= m.Raft.Applied:
		sign = t.Glyph.Applied
	case i <= m.Raft.Commit:
		sign = t.Glyph.Committed
	case g.conflicts(m, i):
		st, sign = st.With(t.Conflict.A), t.Glyph.Conflict
	}
	f.Rune(x, y, st, sign)
	numRight(f, x+g.cell-1, y, st, uint64(e.Term))
	if i <= m.Raft.DurableIndex {
		f.Rune(x+g.cell-1, y, st, sign)
	}
}

// conflicts reports whether the leader's log has another entry at i, or differs before i and ends there.
func (g *logGrid) conflicts(m *cluster.MemberView, i raft.Index) bool {
	if g.leader == nil || g.leaderID == m.ID {
		return false
	}
	i = min(i, g.leader.Last)
	theirs, ok1 := g.leader.Entry(i)
	mine, ok2 := m.Raft.Entry(i)
	return ok1 && ok2 && theirs.Term != mine.Term
}

func (g *logGrid) drawMark(f *frame.Frame, y int, st frame.Style, i raft.Index, mark rune) {
	if i >= g.low && i <= g.high {
		f.Rune(g.column(i)+g.cell, y, st, mark)
	}
}

// progress is what the leader believes about a peer, nil for the leader itself and where there is no leader.
func (g *logGrid) progress(id raft.ID) *raft.Progress {
	if g.leader == nil || id == g.leaderID {
		return nil
	}
	for i := range g.leader.Progress {
		if g.leader.Progress[i].ID == id {
			return &g.leader.Progress[i]
		}
	}
	return nil
}

// drawNumbers draws the columns beside the grid.
func (g *logGrid) drawNumbers(f *frame.Frame, y int, s *Scene, m *cluster.MemberView, p *raft.Progress) {
	t, x := s.Theme, g.right
	column := func(width int, n raft.Index, there bool) {
		x += width
		switch {
		case width == 0:
		case there:
			numRight(f, x-1, y, t.Text, uint64(n))
		default:
			f.Text(x-2, y, t.Faint, "-")
		}
	}
	column(g.columns.commit, m.Raft.Commit, true)
	column(g.columns.applied, m.Raft.Applied, true)
	if p == nil {
		p = &raft.Progress{}
	}
	column(g.columns.match, p.Match, p.ID != 0)
	column(g.columns.next, p.Next, p.ID != 0)
	if g.columns.state > 2 && p.ID != 0 {
		drawPeer(f, frame.Rect{X: x + 2, Y: y, W: g.columns.state - 2, H: 1}, s, g.leaderID, g.leader, p)
	}
}

package pane

import (
	"etcdscope/cluster"
	"etcdscope/tui/frame"
)

const (
	storageLabel = 12 // cells of the names of the lines about buffer and file
	pageSize     = 4096
)

// storageLines are the lines about what is under the key space, most telling first.
var storageLines = [...]func(p *MVCC, f *frame.Frame, r frame.Rect, s *Scene, m *cluster.MemberView){
	(*MVCC).drawBuffer, (*MVCC).drawPages, (*MVCC).drawBuckets, (*MVCC).drawQuota, (*MVCC).drawCompaction,
}

// drawStorage draws the lines that fit.
func (p *MVCC) drawStorage(f *frame.Frame, r frame.Rect, s *Scene, m *cluster.MemberView) {
	w := s.words()
	labels := [...]string{w.buffer, w.pages, w.buckets, w.quota, w.compaction}
	for i, draw := range storageLines[:min(r.H, len(storageLines))] {
		row := r.Row(i)
		f.TextIn(frame.Rect{X: row.X, Y: row.Y, W: min(storageLabel-1, row.W), H: 1}, frame.Left, s.Theme.Faint, labels[i])
		if room := row.W - storageLabel; room > 0 {
			draw(p, f, frame.Rect{X: row.X + storageLabel, Y: row.Y, W: room, H: 1}, s, m)
		}
	}
}

// drawBuffer draws what waits for the next commit: reads find it there before the file has it.
func (p *MVCC) drawBuffer(f *frame.Frame, r frame.Rect, s *Scene, m *cluster.MemberView) {
	t, w, g := s.Theme, s.words(), &s.Theme.Glyph
	x := r.X
	if s.View.Config != nil {
		limit := int64(s.View.Config.Timing.BatchLimit)
		x = drawGauge(f, x, r.Y, t.Cached, s, int64(m.Store.Pending), limit) + 1
		p.buf = p.buf[:0].glyph(g.Cached).text(" ").int(int64(m.Store.Pending)).text("/").int(limit)
	} else {
		p.buf = p.buf[:0].glyph(g.Cached).text(" ").int(int64(m.Store.Pending))
	}
	b := p.buf.text(w.operations)
	if other := m.Store.PendingRows; other > 0 {
		b = b.text(": ").int(int64(m.Store.Pending - other)).text(" key, ").int(int64(other)).text(w.otherRows)
	}
	switch {
	case m.Batch:
		b = b.sep(g).text(w.committing)
	case m.Store.Pending > 0:
		b = b.sep(g).text(w.readFirst)
	}
	p.buf = b
	f.TextIn(frame.Rect{X: x, Y: r.Y, W: r.Right() - x, H: 1}, frame.Left, t.Text, string(b))
}

// drawPages draws the pages of the file: those that rows need, and those that are free.
func (p *MVCC) drawPages(f *frame.Frame, r frame.Rect, s *Scene, m *cluster.MemberView) {
	t, w, g, v := s.Theme, s.words(), &s.Theme.Glyph, m.Store
	x := drawGauge(f, r.X, r.Y, t.Synced, s, v.SizeInUse, v.Size) + 1
	b := p.buf[:0].glyph(g.Synced).text(" ").int(v.SizeInUse / pageSize).text("/").int(v.Size / pageSize)
	b = b.text(w.pagesUsed).sep(g).size(v.Size).sep(g).text(w.upToRev).int(v.CommittedRevision)
	if v.Defragmenting || m.Defrag.Total > 0 {
		b = b.sep(g).text(w.defragmenting)
	}
	if m.Defrag.Total > 0 {
		b = b.text(" ").count(m.Defrag.Rows, m.Defrag.Total)
	}
	p.buf = b
	f.TextIn(frame.Rect{X: x, Y: r.Y, W: r.Right() - x, H: 1}, frame.Left, t.Text, string(b))
}

// drawBuckets draws how many rows the buckets of the file have, those that have any.
func (p *MVCC) drawBuckets(f *frame.Frame, r frame.Rect, s *Scene, m *cluster.MemberView) {
	b := p.buf[:0]
	for _, bucket := range m.Store.Buckets() {
		if bucket.Rows == 0 {
			continue
		}
		if len(b) > 0 {
			b = b.sep(&s.Theme.Glyph)
		}
		b = b.text(string(bucket.Name)).text(" ").int(bucket.Rows)
	}
	if len(b) == 0 {
		b = b.text(s.words().noRows)
	}
	p.buf = b
	f.TextIn(r, frame.Left, s.Theme.Text, string(b))
}

// drawQuota draws how much of what the file may take is taken, and the alarms that stand.
func (p *MVCC) drawQuota(f *frame.Frame, r frame.Rect, s *Scene, m *cluster.MemberView) {
	t, w, v := s.Theme, s.words(), m.Store
	x, st := r.X, t.Text
	b := p.buf[:0].size(v.Size).text(" / ")
	if m.Quota > 0 {
		bar := t.Synced
		if v.Size*5 >= m.Quota*4 {
			bar = t.Warn
		}
		x = drawGauge(f, x, r.Y, bar, s, v.Size, m.Quota) + 1
		b = b.size(m.Quota)
	} else {
		b = b.text(w.noLimit)
	}
	for _, a := range m.Alarms {
		st = t.Warn
		b = b.text("  ").glyph(t.Glyph.Warn).text(" ").text(a.Kind.String()).text(" ").member(a.Member)
	}
	p.buf = b
	f.TextIn(frame.Rect{X: x, Y: r.Y, W: r.Right() - x, H: 1}, frame.Left, st, string(b))
}

// drawCompaction draws how far history is given up, and whether the file has followed.
func (p *MVCC) drawCompaction(f *frame.Frame, r frame.Rect, s *Scene, m *cluster.MemberView) {
	t, w, g, v := s.Theme, s.words(), &s.Theme.Glyph, m.Store
	b := p.buf[:0]
	switch {
	case v.Compacting > 0:
		x := drawGauge(f, r.X, r.Y, t.Synced, s, v.CompactingNext, v.Compacting) + 1
		r = frame.Rect{X: x, Y: r.Y, W: r.Right() - x, H: 1}
		b = b.glyph(g.CompactFence).text(" ").int(v.CompactRevision).sep(g).text(w.deletesRows)
		b = b.int(max(0, v.CompactingNext)).text("/").int(v.Compacting)
	case v.CompactRevision > 0:
		b = b.glyph(g.CompactFence).text(" ").int(v.CompactRevision).sep(g).text(w.rowsDeleted)
	default:
		b = b.text(w.neverCompacted)
	}
	p.buf = b
	f.TextIn(r, frame.Left, t.Text, string(b))
}

const gaugeCells = 10

// drawGauge draws a part of a whole as signs, at least one as soon as there is something, and returns the column
// behind them.
func drawGauge(f *frame.Frame, x, y int, st frame.Style, s *Scene, value, total int64) int {
	full := int64(0)
	if total > 0 && value > 0 {
		full = max(1, min(value*gaugeCells/total, gaugeCells))
	}
	f.HLine(x, y, int(full), st, s.Theme.Glyph.SlotUsed)
	f.HLine(x+int(full), y, int(gaugeCells-full), s.Theme.Faint, s.Theme.Glyph.SlotFree)
	return x + gaugeCells
}

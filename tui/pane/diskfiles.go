package pane

import (
	"etcdscope/cluster"
	"etcdscope/tui/frame"
)

const (
	fileName = 39 // cells: a segment's name and a space behind it
	fileBar  = gaugeCells
)

// filesOf is how many rows the files take: those of the disk, and the database.
func filesOf(m *cluster.MemberView) int {
	if m.Store == nil {
		return len(m.Disk.Files)
	}
	return len(m.Disk.Files) + 1
}

// drawFiles draws the database and as many files as fit, the last ones: how much of each is written, how much of that
// is durable, and its size with preallocated zeros.
func (p *Disk) drawFiles(f *frame.Frame, r frame.Rect, s *Scene, m *cluster.MemberView) {
	if m.Store != nil && r.H > 1 {
		var last frame.Rect
		r, last = r.SplitBottom(1)
		p.drawDatabase(f, last, s, m)
	}
	i := 0
	for at := max(0, len(m.Disk.Files)-r.H); at < len(m.Disk.Files); at++ {
		file := &m.Disk.Files[at]
		st := s.Theme.Text
		if file.Name == m.Disk.Tail {
			st = s.Theme.Strong
		}
		x := drawFileName(f, r.Row(i), st, file.Name)
		x = p.drawShare(f, x, r.Row(i).Y, s, file.Synced, file.Written)
		b := p.buf[:0].size(file.Synced).text(" / ").size(file.Written)
		if file.Size > file.Written {
			b = b.text("  ").text(s.words().reserved).text(" ").size(file.Size)
		}
		p.buf = b
		f.TextIn(frame.Rect{X: x, Y: r.Row(i).Y, W: r.Right() - x, H: 1}, frame.Left, s.Theme.Text, string(b))
		i++
	}
}

// drawFileName draws a file's name, shortened where there is no room, and returns the column of what is said of it.
func drawFileName(f *frame.Frame, r frame.Rect, st frame.Style, name string) int {
	width := min(fileName, r.W*4/10)
	if frame.Width(name) >= width {
		name = short(name)
	}
	f.TextIn(frame.Rect{X: r.X, Y: r.Y, W: width - 1, H: 1}, frame.Left, st, name)
	return r.X + width
}

// drawShare draws a bar of what is synced of what is written, and returns the column behind it. It is whole only when
// everything is.
func (p *Disk) drawShare(f *frame.Frame, x, y int, s *Scene, synced, written int64) int {
	t, full := s.Theme, int64(0)
	if written == 0 {
		f.HLine(x, y, fileBar, t.Faint, t.Glyph.SlotFree)
		return x + fileBar + 1
	}
	if synced > 0 {
		full = max(1, min(synced*fileBar/written, fileBar))
	}
	f.HLine(x, y, int(full), t.Synced, t.Glyph.Synced)
	f.HLine(x+int(full), y, int(fileBar-full), t.Cached, t.Glyph.Cached)
	return x + fileBar + 1
}

// drawDatabase draws the file of bbolt: its size, what of it is in use, and what waits for the next commit.
func (p *Disk) drawDatabase(f *frame.Frame, r frame.Rect, s *Scene, m *cluster.MemberView) {
	t, w, v := s.Theme, s.words(), m.Store
	x, y := drawFileName(f, r, t.Text, "db"), r.Y
	x = drawGauge(f, x, y, t.Synced, s, v.SizeInUse, v.Size)
	b := p.buf[:0].size(v.SizeInUse).text(" ").text(w.inUse).text(" / ").size(v.Size)
	b = b.text("  ").text(w.rev).text(" ").int(v.CommittedRevision)
	if m.Quota > 0 {
		b = b.text("  ").text(w.quota).text(" ").size(m.Quota)
	}
	if v.Pending > 0 {
		b = b.text("  ").text(w.pending).text(" ").int(int64(v.Pending))
	}
	if m.Batch {
		b = b.text("  ").text(w.committing)
	}
	p.buf = b
	f.TextIn(frame.Rect{X: x + 1, Y: y, W: r.Right() - x - 1, H: 1}, frame.Left, t.Text, string(b))
}

// size writes a number of bytes: 640 B, 24.5 KiB, 61.0 MiB.
func (l line) size(n int64) line {
	units := [...]string{" B", " KiB", " MiB", " GiB"}
	unit, part := 0, int64(0)
	for n >= 1024 && unit < len(units)-1 {
		n, part, unit = n/1024, n%1024, unit+1
	}
	l = l.int(n)
	if unit > 0 {
		l = append(l, '.').int(part * 10 / 1024)
	}
	return l.text(units[unit])
}

package pane

import (
	"etcdscope/cluster"
	"etcdscope/cluster/disk"
	"etcdscope/raft/wal"
	"etcdscope/tui/frame"
)

// drawDisk draws the files with what is written and what is synced, and the newest records of the WAL.
func (p *Inspector) drawDisk(h *sheet, m *cluster.MemberView) {
	d, w := &m.Disk, h.w
	b := p.buf[:0].text(w.durable).text(" ").num(uint64(d.Durable))
	if d.Syncing {
		b = b.text("   fsync ").text(w.running)
	}
	h.text(w.disk, string(b))
	for i := range d.Files[max(0, len(d.Files)-3):] {
		file := &d.Files[max(0, len(d.Files)-3)+i]
		p.drawFile(h, file.Name, file.Synced, file.Written)
	}
	p.buf = b
	if h.r.H >= 2 && len(d.Records) > 0 {
		p.drawRecords(h, m)
	}
}

// drawFile draws how much of a file is written and how much of that is on the platter.
func (p *Inspector) drawFile(h *sheet, name string, synced, written int64) {
	r := h.row("  " + short(name))
	if r.Empty() {
		return
	}
	g := &h.t.Glyph
	b := p.buf[:0].glyph(g.Synced).text(" ").int(synced)
	x := h.f.TextIn(r, frame.Left, h.t.Synced, string(b))
	b = b[:0].text(" / ").glyph(g.Cached).text(" ").int(written).text(" bytes")
	h.f.TextIn(frame.Rect{X: x, Y: r.Y, W: r.Right() - x, H: 1}, frame.Left, h.t.Text, string(b))
	p.buf = b
}

// short writes the name of a segment or a snapshot without zeros: 1-5.wal. Of other long names the end is kept.
func short(name string) string {
	if brief := disk.ShortName(name); brief != name || len(name) <= 10 {
		return brief
	}
	return ".." + name[len(name)-8:]
}

// drawStrip draws the records up to the cursor, and beyond as room allows. The sign of where a record is stands below
// its name, and in the row mark (-1: none) how far the platter reaches.
func (p *Disk) drawStrip(f *frame.Frame, r frame.Rect, mark int, s *Scene, m *cluster.MemberView, focused bool) {
	t, w, d := s.Theme, s.words(), &m.Disk
	f.TextIn(frame.Rect{X: r.X, Y: r.Y, W: diskLabel - 1, H: 1}, frame.Left, t.Faint, w.record)
	x, cursor, safe := r.X+diskLabel, len(d.Records)-1-p.back, lastSafe(d)
	first := firstRecord(d, cursor, r.Right()-x-2)
	if first > 0 {
		f.Rune(x-2, r.Y, t.Faint, t.Glyph.ArrowLeft)
	}
	for i := first; i < len(d.Records); i++ {
		rec := &d.Records[i]
		width := recordWidth(rec)
		if x+width+2 > r.Right() {
			f.Rune(x, r.Y, t.Faint, t.Glyph.ArrowRight)
			break
		}
		p.buf = appendRecord(p.buf[:0], rec)
		f.Text(x, r.Y, t.Text, string(p.buf))
		st, sign := t.Cached, t.Glyph.Cached
		if i <= safe {
			st, sign = t.Synced, t.Glyph.Synced
		}
		at := f.Rune(x, r.Y+1, st, sign)
		if d.Torn && i == len(d.Records)-1 {
			f.Rune(at, r.Y+1, t.Torn, t.Glyph.Torn)
		}
		if i == cursor && focused {
			f.Tint(frame.Rect{X: x, Y: r.Y, W: width, H: 2}, t.Selected)
		}
		if i == safe && mark >= 0 {
			drawReach(f, frame.Rect{X: r.X, Y: mark, W: r.W, H: 1}, x, s)
		}
		x += width + 2
	}
}

// drawReach writes that the platter reaches up to column x, in as many words and on the side where there is room.
func drawReach(f *frame.Frame, r frame.Rect, x int, s *Scene) {
	t := s.Theme
	for _, text := range [...]string{s.words().syncedTo, s.words().synced} {
		width := frame.Width(text) + 2
		if x+width <= r.Right() {
			f.Text(f.Rune(x, r.Y, t.Faint, t.Glyph.TreeEnd)+1, r.Y, t.Faint, text)
			return
		}
		if x+1-width >= r.X {
			f.Rune(f.Text(x+1-width, r.Y, t.Faint, text)+1, r.Y, t.Faint, t.Glyph.ArrowUp)
			return
		}
	}
}

// firstRecord is the first record to draw so that the one at the cursor has room.
func firstRecord(d *cluster.DiskView, cursor, room int) int {
	first := cursor
	for at := cursor; at >= 0; at-- {
		room -= recordWidth(&d.Records[at]) + 2
		if room < 0 {
			break
		}
		first = at
	}
	return max(0, first)
}

// drawRecord tells the record at the cursor in full.
func (p *Disk) drawRecord(f *frame.Frame, r frame.Rect, s *Scene, m *cluster.MemberView, rec *wal.RecordInfo) {
	w := s.words()
	b := appendRecord(p.buf[:0], rec).text("  ")
	switch rec.Type {
	case wal.EntryType:
		b = b.text(w.term).text(" ").num(uint64(rec.Term)).text("  ").text(payloadAt(m, rec.Term, rec.Index)).text("  ")
	case wal.StateType:
		b = b.text(w.commit).text(" ").num(uint64(rec.Index)).text("  ")
	}
	b = b.text(w.offset).text(" ").int(rec.Offset).text("  ").int(rec.Length).text(" bytes")
	p.buf = b
	f.TextIn(frame.Rect{X: r.X + diskLabel, Y: r.Y, W: r.W - diskLabel, H: 1}, frame.Left, s.Theme.Faint, string(b))
}

// drawRecords draws the newest records that fit, each with the sign of where it is: on the platter, in the
// page cache, or torn.
func (p *Inspector) drawRecords(h *sheet, m *cluster.MemberView) {
	d := &m.Disk
	names, signs := h.row("  WAL"), h.row("")
	first, room := len(d.Records), names.W
	for first > 0 {
		width := recordWidth(&d.Records[first-1]) + 2
		if width > room {
			break
		}
		room -= width
		first--
	}
	x := names.X
	for i := first; i < len(d.Records); i++ {
		rec := &d.Records[i]
		p.buf = appendRecord(p.buf[:0], rec)
		h.f.Text(x, names.Y, h.t.Text, string(p.buf))
		st, sign := h.t.Cached, h.t.Glyph.Cached
		if onPlatter(d, i) {
			st, sign = h.t.Synced, h.t.Glyph.Synced
		}
		at := h.f.Rune(x, signs.Y, st, sign)
		if d.Torn && i == len(d.Records)-1 {
			h.f.Rune(at, signs.Y, h.t.Torn, h.t.Glyph.Torn)
		}
		x += recordWidth(rec) + 2
	}
}

// onPlatter reports whether a record would survive a power cut. Records of segments before the tail are synced:
// a segment is only left when it is.
func onPlatter(d *cluster.DiskView, i int) bool {
	for j := i + 1; j < len(d.Records); j++ {
		if d.Records[j].Offset < d.Records[j-1].Offset {
			return true
		}
	}
	for k := range d.Files {
		if d.Files[k].Name == d.Tail {
			return d.Records[i].Offset+d.Records[i].Length <= d.Files[k].Synced
		}
	}
	return false
}

// appendRecord names a record as the etcd tools do in short: crc, meta, hs, e, snap.
func appendRecord(b line, rec *wal.RecordInfo) line {
	switch rec.Type {
	case wal.MetadataType:
		return b.text("meta")
	case wal.EntryType:
		return b.text("e").num(uint64(rec.Index))
	case wal.StateType:
		return b.text("hs t").num(uint64(rec.Term)).text(",v").num(uint64(rec.Vote))
	case wal.CRCType:
		return b.text("crc")
	case wal.SnapshotType:
		return b.text("snap").num(uint64(rec.Index))
	}
	return b.text("?")
}

func recordWidth(rec *wal.RecordInfo) int {
	var b [48]byte
	return len(appendRecord(b[:0], rec))
}

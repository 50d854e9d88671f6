package pane

import (
	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/cluster/disk"
	"etcdscope/raft"
	"etcdscope/raft/wal"
	"etcdscope/tui/frame"
)

// appendFault writes what is wrong with a disk: of which file, and what it does.
func (l line) appendFault(w *words, f *disk.Fault) line {
	file := f.File
	if file == "" {
		file = w.everyFile
	}
	l = l.text(file).text("  ")
	switch f.Kind {
	case disk.Slow:
		return l.text(w.faultSlow).ms(clock.Time(f.N)).text(" ms")
	case disk.Full:
		return l.text(w.faultFull).size(f.N)
	case disk.SyncError:
		return l.text(w.faultSync)
	case disk.LostSync:
		return l.text(w.faultLost)
	case disk.Torn:
		return l.text(w.faultTorn)
	case disk.Misdirect:
		return l.text(w.faultStray).int(f.N)
	}
	return l.text("?")
}

// drawFaults draws what is wrong with the disk, one fault in a row.
func (p *Disk) drawFaults(f *frame.Frame, r frame.Rect, s *Scene, m *cluster.MemberView) {
	t, w := s.Theme, s.words()
	for i := range min(len(m.Disk.Faults), r.H) {
		row := r.Row(i)
		f.TextIn(frame.Rect{X: row.X, Y: row.Y, W: diskLabel - 1, H: 1}, frame.Left, t.Faint, w.fault)
		b := p.buf[:0].glyph(t.Glyph.Warn).text(" ").appendFault(w, &m.Disk.Faults[i])
		p.buf = b
		f.TextIn(frame.Rect{X: row.X + diskLabel, Y: row.Y, W: row.W - diskLabel, H: 1}, frame.Left, t.Warn, string(b))
	}
}

// lie is the newest entry that the member takes for durable although the platter does not have it: an fsync said that
// it was done and kept nothing. It is 0 while there is none.
func lie(m *cluster.MemberView) (i raft.Index) {
	records := m.Disk.Records
	for at := lastSafe(&m.Disk) + 1; at < len(records); at++ {
		if records[at].Type == wal.EntryType && records[at].Index <= m.Disk.Durable {
			i = max(i, records[at].Index)
		}
	}
	return i
}

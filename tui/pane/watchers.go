package pane

import (
	"bytes"

	"etcdscope/mvcc"
	"etcdscope/tui/frame"
	"etcdscope/tui/theme"
	"etcdscope/watch"
)

// drawWatcher draws how far a watcher is: the changes that it was given under their revisions, and its state.
func (p *MVCC) drawWatcher(f *frame.Frame, g *storePlan, r frame.Rect, s *Scene, v *mvcc.View, at *watch.Watcher) {
	t, y := s.Theme, r.Y
	st, sign := watcherLook(t, at.State)
	f.Rune(r.X+2, y, st, sign)
	x := num(f, f.Text(r.X+4, y, t.Text, "W"), y, t.Text, uint64(at.ID)) + 1
	p.buf = appendRange(p.buf[:0], at, string(t.Glyph.Ellipsis))
	if g.generations < 0 {
		end := f.TextIn(frame.Rect{X: x, Y: y, W: min(22, r.Right()-x), H: 1}, frame.Left, t.Faint, string(p.buf))
		p.drawCursor(f, frame.Rect{X: end + 2, Y: y, W: r.Right() - end - 3, H: 1}, s, v, at)
		return
	}
	f.TextIn(frame.Rect{X: x, Y: y, W: g.x - x - 1, H: 1}, frame.Left, t.Faint, string(p.buf))
	p.drawGiven(f, g, y, t, at, reach(v, at))
	p.drawCursor(f, frame.Rect{X: g.generations, Y: y, W: r.Right() - g.generations - 1, H: 1}, s, v, at)
}

// reach is the first revision that a watcher does not know about. One that is synced knows about all, also about the
// changes outside its range, which leave its own cursor where it is.
func reach(v *mvcc.View, at *watch.Watcher) int64 {
	if at.State == watch.Synced {
		return max(at.NextRev, v.Revision+1)
	}
	return at.NextRev
}

// drawGiven draws a rail with a mark under each change that the watcher was given.
func (p *MVCC) drawGiven(f *frame.Frame, g *storePlan, y int, t *theme.Theme, at *watch.Watcher, reach int64) {
	if at.State == watch.Cancelled {
		return
	}
	list, end := p.visible(g), g.x
	for i := range list {
		if list[i].KV.ModRevision < reach {
			end = g.x + (i+1)*p.space.width - 1
		}
	}
	f.HLine(g.x, y, end-g.x, t.Timeline, t.Glyph.Rail)
	f.Rune(end, y, t.Timeline, t.Glyph.HeadRight)
	for i := range list {
		c := &list[i]
		if rev := c.KV.ModRevision; rev < reach && rev >= at.StartRev && watches(at, c.KV.Key) {
			f.Rune(g.x+i*p.space.width, y, t.Marker, t.Glyph.Event)
		}
	}
}

// drawCursor draws a watcher's state in words and numbers.
func (p *MVCC) drawCursor(f *frame.Frame, r frame.Rect, s *Scene, v *mvcc.View, at *watch.Watcher) {
	t, w := s.Theme, s.words()
	st, _ := watcherLook(t, at.State)
	x := f.TextIn(r, frame.Left, st, w.watcher[min(int(at.State), len(w.watcher)-1)])
	b := p.buf[:0].text(", ").text(w.nextRev).text(" ").int(reach(v, at))
	if behind := v.Revision + 1 - reach(v, at); behind > 0 && at.State != watch.Cancelled {
		b = b.text(", ").int(behind).text(" ").text(w.behind)
	}
	if at.Queued > 0 {
		b = b.text(", ").text(w.queued).text(" ").int(int64(at.Queued)).text("/").int(int64(at.Buffer))
	}
	p.buf = b
	f.TextIn(frame.Rect{X: x, Y: r.Y, W: r.Right() - x, H: 1}, frame.Left, t.Faint, string(b))
}

func watcherLook(t *theme.Theme, state watch.State) (frame.Style, rune) {
	switch state {
	case watch.Synced:
		return t.WatchSynced, t.Glyph.WatchSynced
	case watch.Unsynced:
		return t.WatchUnsynced, t.Glyph.WatchUnsynced
	case watch.Victim:
		return t.WatchVictim, t.Glyph.WatchVictim
	}
	return t.WatchCancelled, t.Glyph.WatchCancelled
}

// watches reports whether a key is in the watcher's range.
func watches(at *watch.Watcher, key []byte) bool {
	switch {
	case at.End == nil:
		return bytes.Equal(key, at.Key)
	case len(at.End) == 0:
		return bytes.Compare(key, at.Key) >= 0
	}
	return bytes.Compare(key, at.Key) >= 0 && bytes.Compare(key, at.End) < 0
}

// appendRange writes a watcher's range in the words of etcdctl: one key, a prefix, all from a key on, or two
// ends.
func appendRange(b line, at *watch.Watcher, tail string) line {
	key := frame.Truncate(clip(at.Key), keyCells, tail)
	switch {
	case at.End == nil:
		return b.text("key ").text(key)
	case len(at.End) == 0:
		return b.text("from ").text(key)
	case isPrefix(at.Key, at.End):
		return b.text("prefix ").text(key)
	}
	return b.text("[").text(key).text(", ").text(frame.Truncate(clip(at.End), keyCells, tail)).text(")")
}

// isPrefix reports whether end is the first key behind all keys that begin with key.
func isPrefix(key, end []byte) bool {
	n := len(end) - 1
	if n < 0 || n >= len(key) || key[n] == 0xff || end[n] != key[n]+1 {
		return false
	}
	for _, c := range key[n+1:] {
		if c != 0xff {
			return false
		}
	}
	return bytes.Equal(key[:n], end[:n])
}

// word quotes a stranger's text as one word of the command language: between double quotes nothing has a
// meaning but the quote and the backslash, and bytes that are not plain are written in hex.
func word(text string) string {
	const hex = "0123456789abcdef"
	b := line{'"'}
	for _, c := range []byte(text) {
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < ' ' || c > '~':
			b = append(b, '\\', 'x', hex[c>>4], hex[c&15])
		default:
			b = append(b, c)
		}
	}
	return string(append(b, '"'))
}

package pane

import (
	"etcdscope/mvcc"
	"etcdscope/tui/frame"
	"etcdscope/tui/theme"
)

// drawAxis draws the revisions, the changes and the fence of the compaction.
func (p *MVCC) drawAxis(f *frame.Frame, g *storePlan, r frame.Rect, s *Scene) {
	t, w := s.Theme, s.words()
	if g.header >= 0 {
		f.Text(r.X+2, g.header, t.Faint, w.rev)
	}
	if g.op >= 0 {
		f.Text(r.X+2, g.op, t.Faint, w.op)
	}
	if g.where >= 0 {
		f.Text(r.X+2, g.where, t.Faint, w.where)
	}
	rev := p.reading()
	x := g.x
	list := p.visible(g)
	for i := range list {
		c := &list[i]
		st := t.Number
		if c.KV.ModRevision == rev {
			st = t.Now.With(frame.Underline)
		} else if c.KV.ModRevision > rev {
			st = t.Faint
		}
		if g.header >= 0 {
			f.Text(x, g.header, st, c.rev)
		}
		if g.op >= 0 {
			f.Text(x, g.op, t.Faint, c.op)
		}
		if g.where >= 0 {
			p.drawWhere(f, x, g.where, t, c.KV.ModRevision)
		}
		x += p.space.width
	}
	if g.generations >= 0 && g.header >= 0 {
		f.TextIn(g.side(g.header), frame.Left, t.Faint, w.generations)
	}
	p.drawFence(f, g, s, list)
}

// drawWhere draws the sign of where a change is: in the file, or in the buffer that the next commit writes.
func (p *MVCC) drawWhere(f *frame.Frame, x, y int, t *theme.Theme, rev int64) {
	if rev <= p.space.of.CommittedRevision {
		f.Rune(x, y, t.Synced, t.Glyph.Synced)
	} else {
		f.Rune(x, y, t.Cached, t.Glyph.Cached)
	}
}

// drawFence draws the line behind the last change that compaction may have taken.
func (p *MVCC) drawFence(f *frame.Frame, g *storePlan, s *Scene, list []change) {
	compacted := p.space.of.CompactRevision
	if compacted <= 0 {
		return
	}
	at := -1
	for i := range list {
		if list[i].KV.ModRevision <= compacted {
			at = i
		}
	}
	if at < 0 && p.first > 0 {
		return
	}
	top := g.keys
	for _, row := range [...]int{g.header, g.op, g.where} {
		if row >= 0 {
			top--
		}
	}
	f.VLine(g.x+(at+1)*p.space.width-1, top, g.keys+g.shown-top, s.Theme.Fence, s.Theme.Glyph.CompactFence)
}

// reading is the revision that is read.
func (p *MVCC) reading() int64 {
	if p.rev > 0 {
		return p.rev
	}
	return p.space.of.Revision
}

// drawKey draws one key: its changes, the one that a read finds, and its generations.
func (p *MVCC) drawKey(f *frame.Frame, g *storePlan, r frame.Rect, y int, s *Scene, i int, focused bool) {
	t, k := s.Theme, &p.space.keys[i]
	st := t.Text
	if i == p.key && focused {
		f.Rune(r.X, y, t.Strong, t.Glyph.HeadRight)
		st = t.Strong
	}
	f.Text(r.X+2, y, st, k.name)
	rev, found := p.reading(), -1
	list := p.visible(g)
	for j := range list {
		c := &list[j]
		if string(c.KV.Key) != k.key {
			continue
		}
		style := t.Text
		if c.Delete {
			style = t.Tombstone
		}
		if c.KV.ModRevision > rev {
			style = style.Over(t.Faint).With(t.Faint.A)
		} else {
			found = j
		}
		f.Text(g.x+j*p.space.width, y, style, c.value)
	}
	if found >= 0 && !list[found].Delete {
		f.Tint(frame.Rect{X: g.x + found*p.space.width, Y: y, W: p.space.width - 1, H: 1}, t.Selected)
	}
	if g.generations >= 0 {
		f.TextIn(g.side(y), frame.Left, t.Faint, k.generations)
	}
}

// drawAnswer draws what a read of the key at the cursor answers at the read revision, in etcd's words.
func (p *MVCC) drawAnswer(f *frame.Frame, r frame.Rect, s *Scene, v *mvcc.View) {
	t := s.Theme
	if len(p.space.keys) == 0 {
		f.TextIn(r, frame.Left, t.Faint, s.words().noKeys)
		return
	}
	k, rev := &p.space.keys[p.key], p.reading()
	x := f.Text(f.Text(r.X, r.Y, t.Code, "get "), r.Y, t.Code, k.name)
	x = num(f, f.Text(x, r.Y, t.Code, " --rev "), r.Y, t.Code, uint64(rev)) + 1
	x = f.Rune(x, r.Y, t.Faint, t.Glyph.ArrowRight) + 1
	rest := frame.Rect{X: x, Y: r.Y, W: r.Right() - x, H: 1}
	if rev < v.CompactRevision {
		f.TextIn(rest, frame.Left, t.Warn, mvcc.ErrCompacted.Error())
		return
	}
	if rev > v.Revision {
		f.TextIn(rest, frame.Left, t.Warn, mvcc.ErrFutureRev.Error())
		return
	}
	kv, ok := v.Get(k.key, rev)
	if !ok {
		f.TextIn(rest, frame.Left, t.Faint, s.words().noValue)
		return
	}
	b := p.buf[:0].text(frame.Truncate(clip(kv.Value), 24, string(t.Glyph.Ellipsis)))
	b = b.text("   mod_revision ").int(kv.ModRevision).text("  create_revision ").int(kv.CreateRevision)
	b = b.text("  version ").int(kv.Version)
	if kv.Lease != 0 {
		b = b.text("  lease ").lease(kv.Lease)
	}
	p.buf = b
	f.TextIn(rest, frame.Left, t.Text, string(b))
}

package pane

import (
	"etcdscope/cluster"
	"etcdscope/tui/frame"
)

// drawClaim draws one client's claim; the name stands only where it is another one than above.
func (p *Locks) drawClaim(f *frame.Frame, r frame.Rect, c *lockColumns, s *Scene, i int, at bool) {
	t, o, x := s.Theme, p.list[i], r.X
	st := t.Text
	if at {
		st = t.Strong
		f.Rune(x-2, r.Y, st, t.Glyph.HeadRight)
	}
	cell := func(width int, st frame.Style, b []byte) {
		if width > 1 {
			f.TextIn(frame.Rect{X: x, Y: r.Y, W: width - 1, H: 1}, frame.Left, st, string(b))
		}
		x += width
	}
	if i == p.top || p.list[i-1].Name() != o.Name() {
		cell(c.name, st, []byte(clip(o.Spec.Key)))
	} else {
		x += c.name
	}
	b := append(p.buf[:0], 'c').int(int64(max(o.Spec.Client, 1))).text(" ").text(clip([]byte(o.Spec.Tag)))
	cell(c.who, st, b)
	place := p.place(s, o)
	look, glyph := lockLook(s, o, place)
	b = b[:0].glyph(glyph).text(" ").text(s.words().claimState[o.Claim.State-1])
	if sleeps(s.View, o) {
		b = b.text(" ").text(s.words().lockPaused)
	}
	cell(c.state, look, b)
	if b = b[:0].text("-"); o.Claim.Token != 0 {
		b = b[:0].int(o.Claim.Token)
	}
	cell(c.token, st, b)
	cell(c.key, t.Faint, b[:0].text(s.words().lockPlace[place]))
	p.buf = p.behind(b[:0], s, o)
	cell(c.behind, t.Faint, p.buf)
}

// behind says whose key a client waits for, or what its claim stands for.
func (p *Locks) behind(b line, s *Scene, o *cluster.Op) line {
	switch other := s.View.WaitsFor(o); {
	case o.Kind == cluster.ClientObserve:
		return b.text(clip([]byte(o.Claim.Value)))
	case other != nil:
		return append(b, 'c').int(int64(max(other.Spec.Client, 1))).text(" ").text(clip([]byte(other.Spec.Tag)))
	case o.Claim.Behind != "":
		return b.text(clip([]byte(o.Claim.Behind)))
	case o.Err != "":
		return b.text(clip([]byte(o.Err)))
	}
	return b.text(clip([]byte(o.Claim.Value)))
}

// The places of a key in a member's store.
const (
	placeNone = iota // nobody knows, or there never was one
	placeGone
	placeLater
	placeFirst
)

// place is where the key of a claim stands in the queue, in the store of the selected member.
func (p *Locks) place(s *Scene, o *cluster.Op) int {
	m := s.selected()
	if m == nil || m.Store == nil || o.Claim.Token == 0 || o.Kind == cluster.ClientObserve {
		return placeNone
	}
	there := func(o *cluster.Op) bool {
		kv, ok := m.Store.Get(o.Claim.Key, 0)
		return ok && kv.CreateRevision == o.Claim.Token
	}
	if !there(o) {
		return placeGone
	}
	for _, other := range p.list {
		if other.Name() == o.Name() && other.Claim.Token < o.Claim.Token && other.Claim.Token != 0 &&
			other.Kind != cluster.ClientObserve && there(other) {
			return placeLater
		}
	}
	return placeFirst
}

// lockLook is the look of what a client believes: held by whoever is first, held by belief alone, on the way, over.
func lockLook(s *Scene, o *cluster.Op, place int) (frame.Style, rune) {
	t := s.Theme
	switch o.Claim.State {
	case cluster.ClaimHeld:
		if place == placeGone || place == placeLater {
			return t.Warn, t.Glyph.Warn
		}
		return t.Leader, t.Glyph.Leader
	case cluster.ClaimLost, cluster.ClaimFailed:
		return t.Faint, t.Glyph.Down
	case cluster.ClaimReleasing, cluster.ClaimObserving:
		return t.Faint, t.Glyph.LaneDot
	}
	return t.Follower, t.Glyph.Follower
}

// sleeps says whether the client of an operation is paused.
func sleeps(v *cluster.View, o *cluster.Op) bool {
	for _, cl := range v.Clients {
		if cl.ID == max(o.Spec.Client, 1) {
			return cl.Paused
		}
	}
	return false
}

package pane

import (
	"slices"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/mvcc/lease"
	"etcdscope/tui/frame"
)

// drawLease draws one lease.
func (p *Leases) drawLease(
	f *frame.Frame, r frame.Rect, c *leaseColumns, s *Scene, m *cluster.MemberView, l *lease.Lease, at bool,
) {
	t, w, x := s.Theme, s.words(), r.X
	st := t.Text
	if at {
		st = t.Strong
		f.Rune(x-2, r.Y, st, t.Glyph.HeadRight)
	}
	b := p.buf[:0].lease(int64(l.ID))
	f.TextIn(frame.Rect{X: x, Y: r.Y, W: c.id - 1, H: 1}, frame.Left, st, string(b))
	x += c.id
	left := leaseLeft(m, l, s.Now)
	if c.bar > 0 {
		drawLeaseBar(f, x, r.Y, c.bar-1, s, l, left)
		x += c.bar
	}
	if c.left > 0 {
		room := frame.Rect{X: x, Y: r.Y, W: c.left - 1, H: 1}
		switch {
		case slices.Contains(m.Expiring, l.ID):
			f.TextIn(room, frame.Left, t.Warn, w.revoking)
		case l.Expiry == lease.Forever:
			b = b[:0].int(l.TTL).text(" s, ").text(w.forever)
			f.TextIn(room, frame.Left, t.Faint, string(b))
		default:
			b = b[:0].seconds(left).text(" / ").int(l.TTL).text(" s")
			f.TextIn(room, frame.Left, t.Text, string(b))
		}
		x += c.left
	}
	if c.after > 0 {
		b = b[:0].int(l.TTL).text(" s")
		if l.Checkpoint > 0 {
			b = b[:0].int(l.Checkpoint).text(" s ").text(w.checkpointed)
		}
		f.TextIn(frame.Rect{X: x, Y: r.Y, W: c.after - 1, H: 1}, frame.Left, t.Faint, string(b))
		x += c.after
	}
	p.buf = b
	p.drawKeys(f, frame.Rect{X: x, Y: r.Y, W: c.keys, H: 1}, s, l)
}

// drawKeys draws the keys that die with a lease, and how many more there are.
func (p *Leases) drawKeys(f *frame.Frame, r frame.Rect, s *Scene, l *lease.Lease) {
	t, x := s.Theme, r.X
	for i, key := range l.Keys {
		name := frame.Truncate(clip([]byte(key)), keyCells, string(t.Glyph.Ellipsis))
		rest := 0
		if i < len(l.Keys)-1 {
			rest = 2 + digits(uint64(len(l.Keys)-i))
		}
		if x+frame.Width(name)+rest > r.Right() {
			num(f, f.Text(x, r.Y, t.Faint, "+"), r.Y, t.Faint, uint64(len(l.Keys)-i))
			return
		}
		x = f.Text(x, r.Y, t.Text, name) + 1
	}
}

// leaseLeft is what a lease has left by the clock of a member that counts: not below 0.
func leaseLeft(m *cluster.MemberView, l *lease.Lease, now clock.Time) clock.Time {
	if l.Expiry == lease.Forever {
		return clock.Time(l.TTL) * clock.Second
	}
	return max(0, clock.Time(l.Expiry)-m.Clock.At(now))
}

// drawLeaseBar draws what is left of the time that was granted. Where nobody counts there is nothing to shrink.
func drawLeaseBar(f *frame.Frame, x, y, width int, s *Scene, l *lease.Lease, left clock.Time) {
	t := s.Theme
	granted := clock.Time(l.TTL) * clock.Second
	st := t.Timer
	if left*timerLow <= granted {
		st = t.TimerLow
	}
	f.Rune(x, y, t.Faint, t.Glyph.BarLeft)
	f.Rune(x+width-1, y, t.Faint, t.Glyph.BarRight)
	if l.Expiry == lease.Forever {
		f.HLine(x+1, y, width-2, t.Faint, t.Glyph.LaneDot)
		return
	}
	f.Bar(x+1, y, width-2, st, int64(left), int64(granted), t.Glyph.Bar)
}

// lease writes the ID of a lease as etcdctl does, in sixteen hexadecimal digits.
func (l line) lease(id int64) line {
	const digits = "0123456789abcdef"
	for shift := 60; shift >= 0; shift -= 4 {
		l = append(l, digits[uint64(id)>>shift&15])
	}
	return l
}

// seconds writes a time in seconds with one digit behind the point.
func (l line) seconds(t clock.Time) line {
	tenths := int64(t) / int64(clock.Second/10)
	return append(append(l.int(tenths/10), '.'), byte('0'+max(0, tenths%10)))
}

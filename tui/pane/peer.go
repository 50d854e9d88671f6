package pane

import (
	"etcdscope/raft"
	"etcdscope/tui/frame"
)

const (
	windowSlots = 4  // signs of a window, which is usually far wider
	windowRoom  = 11 // cells of signs and numbers
)

// drawPeer draws how the leader sends to a peer: the state, and what goes with it. In probe that is whether it waits
// for an answer, in replicate the window of appends on the way, in snapshot how far the snapshot is.
func drawPeer(f *frame.Frame, r frame.Rect, s *Scene, from raft.ID, v *raft.View, p *raft.Progress) {
	t, w := s.Theme, s.words()
	x := f.TextIn(r, frame.Left, t.Text, p.State.String()) + 1
	rest := frame.Rect{X: x, Y: r.Y, W: r.Right() - x, H: 1}
	switch {
	case p.State == raft.SnapshotSend:
		x = num(f, x, r.Y, t.Text, uint64(p.Snapshot)) + 1
		if fl := snapshotTo(s, from, p.ID); fl != nil && r.Right()-x >= 5 {
			f.Text(num(f, x, r.Y, t.Request, uint64(progress(s, fl)*100/progressUnit)), r.Y, t.Request, " %")
		}
	case p.State == raft.Replicate:
		drawWindow(f, rest, s, v, p)
	case p.Paused && rest.W > 0:
		f.TextIn(rest, frame.Left, t.Faint, w.waits)
	}
}

// drawWindow draws how much of a peer's window is used, with the numbers beside the signs: a window of hundreds has
// no room. It is drawn full only when it is full.
func drawWindow(f *frame.Frame, r frame.Rect, s *Scene, v *raft.View, p *raft.Progress) {
	if p.Inflight == 0 && !p.Paused {
		return
	}
	t, used := s.Theme, min(p.Inflight, v.Window)
	slots := min(windowSlots, max(1, v.Window))
	shown := used
	if v.Window > slots {
		shown = min(used, slots-1)
	}
	if p.Paused {
		shown = slots
	}
	x, y := r.X, r.Y
	if r.W < windowRoom {
		slots, x = 0, x-1 // the numbers alone
	}
	for i := range slots {
		sign := t.Glyph.SlotFree
		if i < shown {
			sign = t.Glyph.SlotUsed
		}
		x = f.Rune(x, y, t.Request, sign)
	}
	var b [48]byte
	text := line(b[:0]).text(" ").int(int64(p.Inflight))
	if v.Window > 0 && v.Window < noWindow {
		text = text.text("/").int(int64(v.Window))
	}
	if v.WindowBytes > 0 {
		long := text.text(" ").num(p.Bytes).text("/").num(v.WindowBytes).text(" B")
		if len(long) <= r.Right()-x {
			text = long
		}
	}
	f.TextIn(frame.Rect{X: x, Y: y, W: r.Right() - x, H: 1}, frame.Left, t.Faint, string(text))
}

// noWindow is a window that is switched off.
const noWindow = 1 << 30

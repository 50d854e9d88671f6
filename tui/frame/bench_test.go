package frame

import (
	"fmt"
	"testing"
)

// member is a row of the lanes, prepared once as a pane would.
type member struct{ name, role, note string }

// cluster returns five members as a pane would hold them.
func cluster() []member {
	roles := []string{"○ follower", "★ LEADER", "○ follower", "◐ candidate", "✖ down"}
	out := make([]member, len(roles))
	for i, role := range roles {
		out[i] = member{fmt.Sprintf("n%d", i+1), role, fmt.Sprintf("n%d 回答 ack %d (durable)", i+1, i+7)}
	}
	return out
}

// drawScreen fills a frame as a busy screen does: boxes with titles, lanes with bars and messages, a log grid,
// text in English and Chinese, a key bar.
func drawScreen(f *Frame, members []member, tick int) {
	sky, grey, bold := Style{FG: RGB(0x56B4E9)}, Style{FG: RGB(0x8A8A8A)}, Style{A: Bold}
	key := Style{FG: RGB(0xE69F00), A: Bold}
	top, rest := f.Bounds().SplitTop(9)
	lanes := f.Box(top, grey, Rounded, "CLUSTER  term 3 · leader n2 · commit 6 · rev 12", bold)
	for i, m := range members {
		row := lanes.Row(i + 1)
		x := f.Text(row.X+1, row.Y, bold, m.name)
		f.Text(x+2, row.Y, sky, m.role)
		f.Bar(row.X+28, row.Y, 15, sky, int64(tick*7+i*11)%100, 100, "▏▎▍▌▋▊▉█")
		f.HLine(row.X+46, row.Y, row.W-48, grey, '·')
		f.Text(row.X+46+(tick+i*9)%40, row.Y, key, "n2▸App7 x=9→")
		f.RegionN("member", i, row)
	}
	logs, rest := rest.SplitTop(12)
	grid := f.Box(logs, grey, Rounded, "LOGS", bold)
	for i := range members {
		for e := range grid.W / 6 {
			f.Text(grid.X+e*6, grid.Y+i*2, sky, "▓2▓ ░")
		}
	}
	left, right := rest.SplitLeft(rest.W / 2)
	store := f.Box(left, grey, Rounded, "MVCC", bold)
	f.TextIn(store.Row(0), Left, Style{}, "revision = main.sub (one transaction)")
	story := f.Box(right, grey, Rounded, "STORY 叙述", bold)
	for i := range story.H - 1 {
		f.TextIn(story.Row(i), Left, Style{}, members[i%len(members)].note)
	}
	x := f.Text(story.X, story.Bottom()-1, key, "space")
	f.Text(x+1, story.Bottom()-1, grey, "run  . step  , back  w why?  ? help")
}

func BenchmarkFrame120x40(b *testing.B) {
	f, members, buf := New(120, 40), cluster(), []byte(nil)
	b.ReportAllocs()
	for tick := 0; b.Loop(); tick++ {
		f.Reset(120, 40)
		drawScreen(f, members, tick)
		buf = f.AppendANSI(buf[:0])
	}
	b.ReportMetric(float64(len(buf)), "B/frame")
}

func BenchmarkDiff120x40(b *testing.B) {
	f, prev, members, buf := New(120, 40), New(120, 40), cluster(), []byte(nil)
	b.ReportAllocs()
	for tick := 0; b.Loop(); tick++ {
		f.Reset(120, 40)
		drawScreen(f, members, tick)
		buf = f.AppendDiff(buf[:0], prev)
		f, prev = prev, f
	}
	b.ReportMetric(float64(len(buf)), "B/frame")
}

func TestDrawingDoesNotAllocate(t *testing.T) {
	f, members, buf := New(120, 40), cluster(), make([]byte, 0, 1<<17)
	drawScreen(f, members, 0)
	allocs := testing.AllocsPerRun(20, func() {
		f.Reset(120, 40)
		drawScreen(f, members, 3)
		buf = f.AppendANSI(buf[:0])
	})
	if allocs != 0 {
		t.Errorf("%v allocations per frame, want 0", allocs)
	}
}

package pane

import (
	"testing"

	"etcdscope/cluster"
	"etcdscope/tui/frame"
)

// screen is what the benchmark draws: the wide layout.
type screen struct {
	lanes    *Lanes
	logs     *Logs
	space    *MVCC
	timeline *Timeline
	f        *frame.Frame
	out      []byte
}

func newScreen() *screen {
	return &screen{
		lanes: NewLanes(), logs: NewLogs(), space: NewMVCC(), timeline: NewTimeline(), f: frame.New(120, 40),
	}
}

func (c *screen) draw(s *Scene) {
	c.f.Reset(120, 40)
	Framed(c.f, frame.Rect{W: 120, H: 11}, c.lanes, s, true)
	Framed(c.f, frame.Rect{Y: 11, W: 120, H: 11}, c.logs, s, false)
	Framed(c.f, frame.Rect{Y: 22, W: 120, H: 11}, c.space, s, false)
	Framed(c.f, frame.Rect{Y: 33, W: 120, H: 7}, c.timeline, s, false)
	c.out = c.f.AppendANSI(c.out[:0])
}

// TestScreenAllocatesLittle holds the number of allocations of a picture whose view is another one than before.
func TestScreenAllocatesLittle(t *testing.T) {
	s := classroom(t).everything()
	views := [2]*cluster.View{s.View, new(cluster.View)}
	*views[1] = *views[0]
	c, i := newScreen(), 0
	got := testing.AllocsPerRun(100, func() {
		i++
		s.View = views[i%2]
		s.Now++
		c.draw(s)
	})
	if got > 60 {
		t.Errorf("a picture allocates %v times, want at most 60", got)
	}
}

// BenchmarkScreen120x40 draws lanes, logs, key space and timeline and encodes the picture, as the program
// does for every picture. In still the view stays; in moving every picture shows another view, so that
// nothing that was worked out for the one before helps.
func BenchmarkScreen120x40(b *testing.B) {
	for _, moving := range []bool{false, true} {
		name := "still"
		if moving {
			name = "moving"
		}
		b.Run(name, func(b *testing.B) {
			s := classroom(b).everything()
			views := [2]*cluster.View{s.View, new(cluster.View)}
			*views[1] = *views[0]
			c := newScreen()
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if moving {
					s.View = views[i%2]
				}
				s.Now++
				c.draw(s)
			}
		})
	}
}

package tui

import (
	"testing"
	"time"
)

// BenchmarkScreen draws and encodes a whole screen of a running sandbox, as every frame does.
func BenchmarkScreen(b *testing.B) {
	for _, size := range []struct {
		name string
		w, h int
	}{{"80x24", 80, 24}, {"120x40", 120, 40}, {"200x60", 200, 60}} {
		b.Run(size.name, func(b *testing.B) {
			s := sandbox(b, size.w, size.h).press("space", "+", "+", "+", "+", "+")
			s.pass(time.Second)
			s.press("c", "c", "c")
			s.pass(100 * time.Millisecond)
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				s.m.draw()
				s.m.buf = s.m.f.AppendANSI(s.m.buf[:0])
			}
		})
	}
}

// BenchmarkFirstScreen is the work between the start of the program and its first picture.
func BenchmarkFirstScreen(b *testing.B) {
	for range b.N {
		s := open(b, Options{}, 120, 40)
		s.m.View()
	}
}

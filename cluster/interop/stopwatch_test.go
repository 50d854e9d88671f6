package interop

import (
	"syscall"
	"testing"
	"time"
)

// stopwatch counts the processor time of a benchmark beside testing's wall clock: where others use the machine as well,
// that is what two rounds have in common. All threads count, those that collect garbage among them.
type stopwatch struct {
	b    *testing.B
	used time.Duration
	from time.Duration
}

// measure is called right before the loop.
func measure(b *testing.B) *stopwatch {
	b.Helper()
	b.ReportAllocs()
	return &stopwatch{b: b, from: cpuTime(b)}
}

func (s *stopwatch) pause() {
	s.b.StopTimer()
	s.used += cpuTime(s.b) - s.from
}

func (s *stopwatch) resume() {
	s.from = cpuTime(s.b)
	s.b.StartTimer()
}

// report is called right behind the loop.
func (s *stopwatch) report() {
	s.used += cpuTime(s.b) - s.from
	s.b.ReportMetric(float64(s.used.Nanoseconds())/float64(s.b.N), "cpu-ns/op")
}

// cpuTime is what the process has used so far.
func cpuTime(b *testing.B) time.Duration {
	var use syscall.Rusage
	check(b, syscall.Getrusage(syscall.RUSAGE_SELF, &use))
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

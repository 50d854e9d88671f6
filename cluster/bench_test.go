package cluster

import (
	"fmt"
	"testing"
)

// BenchmarkEvents runs five members with all layers while one client writes, one put after the other, and
// reports events per second.
func BenchmarkEvents(b *testing.B) {
	c, err := New(Config{Seed: 7}, b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	var e Event
	w := writer{c: c}
	for range 2000 {
		w.step(b, &e)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		w.step(b, &e)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkClone takes a checkpoint of a cluster that a client writes to, every 2,000 events.
func BenchmarkClone(b *testing.B) {
	c, err := New(Config{Seed: 7}, b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	var e Event
	w := writer{c: c}
	for range b.N {
		b.StopTimer()
		for range 2000 {
			w.step(b, &e)
		}
		b.StartTimer()
		d, err := c.Clone()
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := d.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// writer is a client that always has one put on its way.
type writer struct {
	c    *Cluster
	n    int
	busy OpID
}

func (w *writer) step(tb testing.TB, e *Event) {
	if w.busy == 0 && w.c.leader() != 0 {
		w.n++
		spec := &OpSpec{Key: fmt.Appendf(nil, "k%d", w.n%100), Value: fmt.Appendf(nil, "%d", w.n)}
		cmd := Command{Kind: ClientPut, Text: fmt.Sprintf("put %s %s", spec.Key, spec.Value), Op: spec}
		if err := w.c.Do(cmd, e); err != nil {
			tb.Fatal(err)
		}
		w.busy = e.Op
		return
	}
	if !w.c.Step(e) {
		tb.Fatal("nothing happens any more")
	}
	if (e.Kind == ClientResponse || e.Kind == ClientTimeout) && e.Op == w.busy {
		w.busy = 0
	}
}

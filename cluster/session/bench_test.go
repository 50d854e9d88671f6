package session

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
)

// BenchmarkSeek seeks to random events of 100,000.
func BenchmarkSeek(b *testing.B) {
	s := begin(b, cluster.Config{Seed: 1}, Options{})
	f := faults{s: s, seed: 1}
	for s.Pos() < 100_000 {
		f.step(b, 100)
	}
	b.Logf("%d checkpoints, %d MiB", len(s.cur.checkpoints), s.stock.total>>20)
	var took []time.Duration
	n := uint64(0)
	for b.Loop() {
		n++
		id := clock.Draw(5, 5, 0, 0, n) % s.End()
		start := time.Now()
		if err := s.Seek(id); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	slices.SortFunc(took, cmp.Compare)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-median")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms-p99")
}

// BenchmarkRecord is one new event with everything that a session does for it.
func BenchmarkRecord(b *testing.B) {
	for _, o := range []Options{{}, {NoCheck: true}} {
		b.Run(fmt.Sprintf("checked=%v", !o.NoCheck), func(b *testing.B) {
			s := begin(b, cluster.Config{Seed: 1}, o)
			s.SetDetail(cluster.Bytes)
			for b.Loop() {
				if s.Pos()%100 == 0 {
					if _, err := s.Exec("put x 1"); err != nil {
						b.Fatal(err)
					}
				}
				if err := s.Forward(1); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkBack is one step back, again and again.
func BenchmarkBack(b *testing.B) {
	s := begin(b, cluster.Config{Seed: 1}, Options{})
	s.SetDetail(cluster.Bytes)
	f := faults{s: s, seed: 1}
	for s.Pos() < 20_000 {
		f.step(b, 100)
	}
	for b.Loop() {
		if s.Pos() == 0 {
			if err := s.Seek(s.End()); err != nil {
				b.Fatal(err)
			}
		}
		if err := s.Back(1); err != nil {
			b.Fatal(err)
		}
	}
}

package mvcc_test

import (
	"fmt"
	"testing"

	"etcdscope/mvcc"
)

func open(tb testing.TB) *mvcc.Store {
	tb.Helper()
	b, err := mvcc.NewBackend(tb.TempDir())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := b.Close(); err != nil {
			tb.Error(err)
		}
	})
	s, err := mvcc.Open(b)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func benchKeys(n int) [][]byte {
	keys := make([][]byte, n)
	for i := range keys {
		keys[i] = fmt.Appendf(nil, "key/%05d", i)
	}
	return keys
}

// BenchmarkPut is one put in a transaction of its own, with a commit every 1000 and, in "drawn", a view after
// each.
func BenchmarkPut(b *testing.B) {
	for _, drawn := range []bool{false, true} {
		b.Run(fmt.Sprintf("drawn=%v", drawn), func(b *testing.B) {
			s, keys, value := open(b), benchKeys(1000), make([]byte, 16)
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				txn := s.Write()
				txn.Put(keys[i%len(keys)], value, 0, false)
				txn.End()
				s.SetConsistentIndex(uint64(i+1), 1)
				if drawn {
					s.View()
				}
				if i%1000 == 999 {
					if err := s.Commit(); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

// BenchmarkClone is a checkpoint of a store with 1000 keys: after a put (buffer), after a commit (file).
func BenchmarkClone(b *testing.B) {
	for _, commit := range []bool{false, true} {
		b.Run(fmt.Sprintf("commit=%v", commit), func(b *testing.B) {
			s, keys := open(b), benchKeys(1000)
			b.ReportAllocs()
			var image int64
			b.ResetTimer()
			for i := range b.N {
				txn := s.Write()
				txn.Put(keys[i%len(keys)], keys[0], 0, false)
				txn.End()
				if commit {
					if err := s.Commit(); err != nil {
						b.Fatal(err)
					}
				}
				back, err := s.Backend().Clone()
				if err != nil {
					b.Fatal(err)
				}
				s.Clone(back)
				image += back.ImageBytes()
			}
			b.ReportMetric(float64(image)/float64(b.N), "image-B/op")
		})
	}
}

// BenchmarkCommit is a batch of puts and the bbolt transaction that writes it.
func BenchmarkCommit(b *testing.B) {
	for _, batch := range []int{1, 100} {
		b.Run(fmt.Sprintf("batch=%d", batch), func(b *testing.B) {
			s, keys := open(b), benchKeys(1000)
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				for j := range batch {
					txn := s.Write()
					txn.Put(keys[(i+j)%len(keys)], keys[0], 0, false)
					txn.End()
				}
				if err := s.Commit(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkRange reads one key out of buffer and file.
func BenchmarkRange(b *testing.B) {
	for _, committed := range []bool{false, true} {
		b.Run(fmt.Sprintf("committed=%v", committed), func(b *testing.B) {
			s, keys := open(b), benchKeys(1000)
			for _, key := range keys {
				txn := s.Write()
				txn.Put(key, key, 0, false)
				txn.End()
			}
			if committed {
				if err := s.Commit(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				if _, err := s.Range(keys[i%len(keys)], nil, mvcc.RangeOptions{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkApply is a compare-and-swap of one key that holds.
func BenchmarkApply(b *testing.B) {
	s, keys := open(b), benchKeys(1000)
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		key := keys[i%len(keys)]
		r := &mvcc.TxnRequest{
			Compare: []mvcc.Compare{{Key: key, Target: mvcc.CompareVersion, Result: mvcc.Less, Number: 1 << 40}},
			Success: []mvcc.Op{{Put: &mvcc.PutOp{Key: key, Value: key}}},
		}
		if _, _, err := s.Apply(r, nil); err != nil {
			b.Fatal(err)
		}
		if i%1000 == 999 {
			if err := s.Commit(); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkCompact gives up ten versions of each of 1000 keys; "index" is the part that happens at once.
func BenchmarkCompact(b *testing.B) {
	for _, part := range []string{"index", "file"} {
		b.Run(part, func(b *testing.B) {
			s, keys := open(b), benchKeys(1000)
			for range b.N {
				b.StopTimer()
				for range 10 {
					txn := s.Write()
					for _, key := range keys {
						txn.Put(key, key, 0, false)
					}
					txn.End()
				}
				if part == "index" {
					b.StartTimer()
				}
				if err := s.Compact(s.Revision()); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				if part == "index" {
					b.StopTimer()
				}
				for done := false; !done; {
					var err error
					if done, err = s.CompactStep(0); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

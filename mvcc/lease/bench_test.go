package lease_test

import (
	"fmt"
	"testing"

	"etcdscope/mvcc/lease"
)

func crowd(b *testing.B, n lease.ID) *lease.Lessor {
	b.Helper()
	r := lease.New(lease.Config{})
	for id := range n {
		if _, _, err := r.Grant(id+1, 600, 0); err != nil {
			b.Fatal(err)
		}
	}
	r.Promote(0, 0)
	return r
}

// BenchmarkRenew is a keep-alive among 10,000 leases; "cloned" with a checkpoint of the run before each.
func BenchmarkRenew(b *testing.B) {
	for _, cloned := range []bool{false, true} {
		b.Run(fmt.Sprintf("cloned=%v", cloned), func(b *testing.B) {
			r := crowd(b, 10_000)
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				if cloned {
					r.Clone()
				}
				if _, _, err := r.Renew(lease.ID(i%10_000+1), lease.Time(i%1000)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkAssign is a put that moves a key from one lease to another.
func BenchmarkAssign(b *testing.B) {
	r, keys := crowd(b, 1000), make([]string, 5000)
	for i := range keys {
		keys[i] = fmt.Sprint("key/", i)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		r.Assign(keys[i%len(keys)], lease.ID(i%999+1))
	}
}

// BenchmarkPromote is a leader that finds 10,000 leases, and spreads them.
func BenchmarkPromote(b *testing.B) {
	r := crowd(b, 10_000)
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		r.Promote(1000, lease.Time(i))
	}
}

package watch_test

import (
	"fmt"
	"testing"

	"etcdscope/mvcc"
	"etcdscope/watch"
)

// BenchmarkNotify tells a hub of one put; every watcher has a key of its own.
func BenchmarkNotify(b *testing.B) {
	for _, watchers := range []int{0, 1, 1000} {
		b.Run(fmt.Sprintf("watchers=%d", watchers), func(b *testing.B) {
			h := watch.New(openStore(b, b.TempDir()), watch.Config{})
			for i := range watchers {
				h.Watch(fmt.Appendf(nil, "key%04d", i), nil, 0, false)
			}
			event := []mvcc.Event{{KV: mvcc.KeyValue{Key: []byte("key0000")}}}
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				rev := int64(i + 2)
				event[0].KV.ModRevision = rev
				h.Notify(rev, event)
				h.Take(1)
			}
		})
	}
}

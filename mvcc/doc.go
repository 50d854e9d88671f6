// Package mvcc keeps every revision of every key.
//
// Keys live in an in-memory index (key to revisions, google/btree), values in a real bbolt file with
// etcd's buckets and encodings; a write waits in a buffer until a batch commit. A third copy, the history,
// serves pictures only: reads and watchers are answered from index, buffer and file, as in etcd.
//
// It never reads a clock and never starts a goroutine: the caller decides when a batch is committed. It
// hands no damaged file to bbolt, which answers one with a panic, a hang or a dead process.
//
// Start reading at revision.go, then keyindex.go, store.go and backend.go; then txnapply.go, compact.go and
// defrag.go; device.go and crash.go are what a bad disk does. Every rule that may be switched off stands in rules.go.
package mvcc

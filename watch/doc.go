// Package watch follows mvcc's history from a revision and never skips one.
//
// A watcher is a cursor over history: synced watchers get each change as it is applied, unsynced ones catch
// up from the store in a sync round, and one whose buffer is full is a victim until there is room. It owns no
// data, reads no clock and starts no goroutine: the caller decides when a sync round runs.
//
// Start reading at hub.go, then notify.go (the fast way), sync.go (the slow way) and progress.go.
package watch

package watch_test

import (
	"fmt"
	"os"

	"etcdscope/mvcc"
	"etcdscope/watch"
)

// A watcher that starts in the past catches up in a sync round, and then follows.
func ExampleHub() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	backend, err := mvcc.NewBackend(dir)
	if err != nil {
		panic(err)
	}
	defer backend.Close()
	store, err := mvcc.Open(backend)
	if err != nil {
		panic(err)
	}
	hub := watch.New(store, watch.Config{})
	write := func(value string) {
		txn := store.Write()
		txn.Put([]byte("door"), []byte(value), 0, false)
		hub.Notify(store.Revision()+1, txn.End())
	}

	write("closed")
	write("open")
	id := hub.Watch([]byte("door"), nil, 1, false)
	fmt.Println("needs a sync round:", hub.NeedsSync())
	hub.Sync()
	write("closed")
	for _, r := range hub.Take(id) {
		for _, e := range r.Events {
			fmt.Printf("revision %d: %s\n", e.KV.ModRevision, e.KV.Value)
		}
	}
	// Output:
	// needs a sync round: true
	// revision 2: closed
	// revision 3: open
	// revision 4: closed
}

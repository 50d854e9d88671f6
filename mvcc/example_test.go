package mvcc_test

import (
	"fmt"
	"os"

	"etcdscope/mvcc"
)

// A write does not replace what was there: the past can be read until it is compacted.
func ExampleStore_Range() {
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

	for _, colour := range []string{"red", "green"} {
		txn := store.Write()
		txn.Put([]byte("door"), []byte(colour), 0, false)
		txn.End()
	}
	for rev := int64(1); rev <= store.Revision(); rev++ {
		res, err := store.Range([]byte("door"), nil, mvcc.RangeOptions{Rev: rev})
		if err != nil {
			panic(err)
		}
		fmt.Printf("at revision %d:", rev)
		for _, kv := range res.KVs {
			fmt.Printf(" %s (version %d)", kv.Value, kv.Version)
		}
		fmt.Println()
	}
	// Output:
	// at revision 1:
	// at revision 2: red (version 1)
	// at revision 3: green (version 2)
}

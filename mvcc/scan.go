package mvcc

import (
	"errors"
	"fmt"
	"iter"
	"os"

	bolt "go.etcd.io/bbolt"
)

// ScanFile hands every bucket of a db or snapshot file to visit, in order of name, each with its rows in order of key.
// The file is only read; dir is for a copy of it, which is checked before it is opened. Slices are good inside
// visit only. With ErrDamaged the file cannot be trusted, or was written to while it was copied.
func ScanFile(dir, path string, visit func(bucket string, rows iter.Seq2[[]byte, []byte]) error) (err error) {
	data, err := readFile(path)
	if err != nil {
		return err
	}
	b, err := openAsIs(dir, data)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	return b.view(func(tx *bolt.Tx) error {
		return tx.ForEach(func(name []byte, bucket *bolt.Bucket) error {
			return visit(string(name), func(yield func(k, v []byte) bool) {
				c := bucket.Cursor()
				for k, v := c.First(); k != nil && yield(k, v); k, v = c.Next() {
				}
			})
		})
	})
}

// readFile reads a db file whole. It does not wait for the lock that a running member holds.
func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > fileBytesMax {
		return nil, fmt.Errorf("%s: want a regular file of at most %d bytes", path, int64(fileBytesMax))
	}
	return os.ReadFile(path)
}

// ParseRowKey takes the key of a row of the bucket key apart.
func ParseRowKey(b []byte) (rev Revision, tombstone bool, err error) { return parseRowKey(b) }

package mvcc

import (
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// fillPercent is how full bbolt makes a page of the key bucket: rows only come at the end.
const fillPercent = 0.9

// rowWriter writes rows in one transaction of the file and counts their bytes.
type rowWriter struct {
	tx    *bolt.Tx
	key   *bolt.Bucket // the key bucket, once a row was added to it
	bytes int64
}

// rowBytes is what a row takes in a page of bbolt.
func rowBytes(key, value []byte) int64 { return int64(elementBytes + len(key) + len(value)) }

func (w *rowWriter) bucket(name string) (*bolt.Bucket, error) {
	b := w.tx.Bucket([]byte(name))
	if b == nil {
		return nil, fmt.Errorf("there is no bucket %q", name)
	}
	return b, nil
}

// add writes a row of the key bucket that is not there yet.
func (w *rowWriter) add(row, value []byte) error {
	if w.key == nil {
		b, err := w.bucket(bucketKey)
		if err != nil {
			return err
		}
		b.FillPercent = fillPercent
		w.key = b
	}
	w.bytes += rowBytes(row, value)
	return w.key.Put(row, value)
}

// set writes a row that may be there already.
func (w *rowWriter) set(bucket string, key, value []byte) error {
	b, err := w.bucket(bucket)
	if err != nil {
		return err
	}
	if old := b.Get(key); old != nil {
		w.bytes -= rowBytes(key, old)
	}
	w.bytes += rowBytes(key, value)
	return b.Put(key, value)
}

// remove deletes a row, if it is there.
func (w *rowWriter) remove(bucket string, key []byte) error {
	b, err := w.bucket(bucket)
	if err != nil {
		return err
	}
	if old := b.Get(key); old != nil {
		w.bytes -= rowBytes(key, old)
	}
	return b.Delete(key)
}

// write runs fn in a write transaction of the file and keeps count of what the rows take.
func (b *Backend) write(fn func(*rowWriter) error) error {
	if b.defrag != nil {
		return ErrDefragmenting
	}
	return b.writeRows(fn)
}

func (b *Backend) writeRows(fn func(*rowWriter) error) error {
	var bytes int64
	err := b.update(func(tx *bolt.Tx) error {
		w := rowWriter{tx: tx}
		err := fn(&w)
		bytes = w.bytes
		return err
	})
	if err == nil {
		b.count(bytes)
	}
	return err
}

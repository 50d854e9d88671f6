package mvcc

import (
	"bytes"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// fillPercent is how full bbolt makes a page of the key bucket: rows only come at the end.
const fillPercent = 0.9

// rowWriter writes rows in one transaction of the file and counts their bytes.
type rowWriter struct {
	tx      *bolt.Tx
	key     *bolt.Bucket // the key bucket, once a row was added to it
	open    []openBucket // those that were used
	bytes   int64        // by how much the rows of the file grew
	rows    rowCounts    // and by how many each bucket
	written int64        // bytes of the rows that were put
}

// openBucket is a bucket with a cursor to look for rows: bbolt makes a new one for every Get.
type openBucket struct {
	*bolt.Bucket
	name   string
	at     int // in buckets
	cursor *bolt.Cursor
}

// rowBytes is what a row takes in a page of bbolt.
func rowBytes(key, value []byte) int64 { return int64(elementBytes + len(key) + len(value)) }

func (w *rowWriter) bucket(name string) (openBucket, error) {
	for i := range w.open {
		if w.open[i].name == name {
			return w.open[i], nil
		}
	}
	b := w.tx.Bucket([]byte(name))
	if b == nil {
		return openBucket{}, fmt.Errorf("there is no bucket %q", name)
	}
	o := openBucket{b, name, slices.Index(buckets[:], name), b.Cursor()}
	w.open = append(w.open, o)
	return o, nil
}

// add writes a row of the key bucket that is not there yet.
func (w *rowWriter) add(row, value []byte) error {
	if w.key == nil {
		b, err := w.bucket(bucketKey)
		if err != nil {
			return err
		}
		b.FillPercent = fillPercent
		w.key = b.Bucket
	}
	w.rows[keyBucketAt]++
	w.put(row, value)
	return w.key.Put(row, value)
}

// set writes a row that may be there already.
func (w *rowWriter) set(bucket string, key, value []byte) error {
	b, err := w.bucket(bucket)
	if err != nil {
		return err
	}
	if k, old := b.cursor.Seek(key); bytes.Equal(k, key) {
		w.bytes -= rowBytes(key, old)
	} else {
		w.rows.add(b.at, 1)
	}
	w.put(key, value)
	return b.Put(key, value)
}

func (w *rowWriter) put(key, value []byte) {
	w.bytes += rowBytes(key, value)
	w.written += rowBytes(key, value)
}

// remove deletes a row, if it is there.
func (w *rowWriter) remove(bucket string, key []byte) error {
	b, err := w.bucket(bucket)
	if err != nil {
		return err
	}
	k, old := b.cursor.Seek(key)
	if !bytes.Equal(k, key) {
		return nil
	}
	w.bytes -= rowBytes(key, old)
	w.rows.add(b.at, -1)
	return b.cursor.Delete()
}

// removeAll deletes rows of the key bucket, which are there and in order. It goes from the last to the first: bbolt's
// cursor then stands where it should after each, and is not looked for again.
func (w *rowWriter) removeAll(rows [][]byte) error {
	b, err := w.bucket(bucketKey)
	if err != nil || len(rows) == 0 {
		return err
	}
	left := len(rows) - 1
	for k, old := b.cursor.Seek(rows[left]); k != nil; k, old = b.cursor.Prev() {
		if !bytes.Equal(k, rows[left]) {
			continue
		}
		w.bytes -= rowBytes(k, old)
		w.rows[keyBucketAt]--
		if err := b.cursor.Delete(); err != nil || left == 0 {
			return err
		}
		left--
	}
	return fmt.Errorf("%w: key bucket: row %x is gone", ErrDamaged, rows[left])
}

// write runs fn in a write transaction of the file and keeps count of what the rows take.
func (b *Backend) write(fn func(*rowWriter) error) error {
	if b.defrag != nil {
		return ErrDefragmenting
	}
	return b.writeRows(fn)
}

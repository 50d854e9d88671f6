package mvcc

import (
	"errors"
	"fmt"
	"runtime/debug"

	bolt "go.etcd.io/bbolt"
)

// reading is a read transaction that is kept until the next write, as etcd's readTx is: to begin one takes longer
// than to read a row.
type reading struct {
	tx   *bolt.Tx
	rows *bolt.Cursor // of the key bucket
}

// view runs fn in a read transaction; slices that bbolt returns are good only inside it. fn must not write.
func (b *Backend) view(fn func(*bolt.Tx) error) error {
	if err := b.materialise(); err != nil {
		return err
	}
	err := b.guard(func() error {
		if b.read.tx == nil {
			tx, err := b.db.Begin(false)
			if err != nil {
				return err
			}
			b.read.tx = tx
		}
		return fn(b.read.tx)
	})
	if err != nil {
		_ = b.endReading() // what went wrong is in err
	}
	return err
}

// rows is a cursor of the key bucket, in the read transaction that is open.
func (b *Backend) rows() *bolt.Cursor {
	if b.read.rows == nil {
		b.read.rows = b.read.tx.Bucket([]byte(bucketKey)).Cursor()
	}
	return b.read.rows
}

// endReading lets bbolt use the pages again that only a reader needs. It waits for readers when its file grows.
func (b *Backend) endReading() error {
	tx := b.read.tx
	if b.read = (reading{}); tx == nil {
		return nil
	}
	return b.guard(tx.Rollback)
}

// update runs fn in a write transaction: all of it reaches the file, or nothing.
func (b *Backend) update(fn func(*bolt.Tx) error) error {
	if err := b.materialise(); err != nil {
		return err
	}
	if err := b.endReading(); err != nil {
		return err
	}
	b.dirty = true
	return b.guard(func() error { return b.db.Update(fn) })
}

// guard runs a call of bbolt. One that panics may have kept its locks, so that closing the file would wait for ever:
// file and handle are left to themselves, and the backend says from then on that it is damaged.
func (b *Backend) guard(fn func() error) error {
	err := guard(fn)
	if errors.Is(err, errGaveUp) {
		b.broken, b.read, b.db, b.dirty = err, reading{}, nil, false
	}
	return err
}

// errGaveUp marks a panic of bbolt.
var errGaveUp = errors.New("bbolt gave up")

// guard turns a panic of bbolt, or its read beyond the end of the file, into an error.
func guard(fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %w: %v", ErrDamaged, errGaveUp, r)
		}
	}()
	return fn()
}

package mvcc

import (
	"bytes"
	"encoding/binary"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// Commit writes the buffer and the consistent index in one bbolt transaction and empties the buffer.
// Without anything to write it does not touch the file. After an error the buffer is as it was.
func (s *Store) Commit() error {
	for {
		if done, err := s.CommitStep(); done || err != nil {
			return err
		}
	}
}

// CommitStep is one bbolt transaction of a Commit. With all rules in force the first is the last: a process
// that dies between two of them leaves a file that no correct member ever has.
func (s *Store) CommitStep() (done bool, err error) {
	if s.err != nil {
		return true, s.err
	}
	if s.buffer.len() == 0 && s.applied == s.saved {
		return true, nil
	}
	write, after := s.writeAll, s.committedAll
	switch {
	case s.rules.RowsApart && len(s.buffer.rows) > 0 && len(s.buffer.changes) > 0:
		write, after = s.writeRows, func() { s.buffer.rows = nil }
	case s.rules.IndexApart && s.buffer.len() > 0 && s.applied != s.saved:
		write, after = s.writeEffects, func() { s.buffer.reset(); s.committed = s.revision }
	}
	if err := s.backend.write(write); err != nil {
		return true, fmt.Errorf("mvcc: commit: %w", err)
	}
	after()
	s.view = nil
	return s.buffer.len() == 0 && s.applied == s.saved, nil
}

// committedAll notes that the file has everything.
func (s *Store) committedAll() {
	s.buffer.reset()
	s.saved, s.committed, s.view = s.applied, s.revision, nil
}

// writeAll writes what the buffer has, and the consistent index beside the effects it stands for: apart from
// them, a crash in between would apply an entry twice or never.
func (s *Store) writeAll(w *rowWriter) error {
	if err := s.writeEffects(w); err != nil {
		return err
	}
	return s.writePosition(w)
}

// writeEffects puts the buffer into the buckets. bbolt keeps the value slices until the transaction ends, so
// each row gets its own piece of the arena.
func (s *Store) writeEffects(w *rowWriter) error {
	var row [tombstoneBytes]byte
	arena := make([]byte, 0, s.buffer.bytes())
	for i := range s.buffer.changes {
		c := &s.buffer.changes[i]
		start := len(arena)
		arena = c.rowValue(arena)
		if err := w.add(appendRowKey(row[:0], c.rev, c.Delete), arena[start:len(arena):len(arena)]); err != nil {
			return err
		}
	}
	return s.writeRows(w)
}

// writeRows writes the rows of the other buckets.
func (s *Store) writeRows(w *rowWriter) error {
	for _, r := range s.buffer.rows {
		var err error
		if r.deleted {
			err = w.remove(string(r.bucket), []byte(r.key))
		} else {
			err = w.set(string(r.bucket), []byte(r.key), r.value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// writePosition stores the consistent index.
func (s *Store) writePosition(w *rowWriter) error {
	if s.applied.index == 0 {
		return nil
	}
	index := binary.BigEndian.AppendUint64(nil, s.applied.index)
	if err := w.set(bucketMeta, []byte(metaConsistentIndex), index); err != nil {
		return err
	}
	return w.set(bucketMeta, []byte(metaTerm), binary.BigEndian.AppendUint64(nil, s.applied.term))
}

// Meta returns a row of the meta bucket as the next Commit leaves it; ok is false when there is none.
func (s *Store) Meta(key string) (value []byte, ok bool, err error) { return s.Row(BucketMeta, key) }

// Row returns a row of a bucket, from the buffer or else from the file; ok is false when there is none.
func (s *Store) Row(bucket Bucket, key string) (value []byte, ok bool, err error) {
	if value, ok = s.buffer.row(bucket, key); ok {
		return value, true, nil
	}
	err = s.backend.view(func(tx *bolt.Tx) error {
		row := tx.Bucket([]byte(bucket)).Get([]byte(key))
		value, ok = bytes.Clone(row), row != nil
		return nil
	})
	return value, ok, err
}

// Rows calls fn for every row of a bucket in the file, in order of key: what a start restores leases, members
// and alarms from. The slices are the caller's.
func (s *Store) Rows(bucket Bucket, fn func(key, value []byte) error) error {
	return s.backend.view(func(tx *bolt.Tx) error {
		return tx.Bucket([]byte(bucket)).ForEach(func(k, v []byte) error {
			return fn(bytes.Clone(k), bytes.Clone(v))
		})
	})
}

package mvcc

import (
	"bytes"
	"encoding/binary"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// fillPercent is how full bbolt makes a page of the key bucket: rows only come at the end.
const fillPercent = 0.9

// Commit writes the buffer and the consistent index in one bbolt transaction and empties the buffer.
// Without anything to write it does not touch the file. After an error the buffer is as it was.
func (s *Store) Commit() error {
	if s.err != nil {
		return s.err
	}
	if s.buffer.len() == 0 && s.applied == s.saved {
		return nil
	}
	if err := s.backend.update(s.writeBuffer); err != nil {
		return fmt.Errorf("mvcc: commit: %w", err)
	}
	s.buffer.reset()
	s.saved, s.committed, s.view = s.applied, s.revision, nil
	return nil
}

// writeBuffer puts the buffer into the buckets. bbolt keeps the value slices until the transaction ends, so
// each row gets its own piece of the arena.
func (s *Store) writeBuffer(tx *bolt.Tx) error {
	key, meta := tx.Bucket([]byte(bucketKey)), tx.Bucket([]byte(bucketMeta))
	key.FillPercent = fillPercent
	var row [tombstoneBytes]byte
	arena := make([]byte, 0, s.buffer.bytes())
	for i := range s.buffer.changes {
		c := &s.buffer.changes[i]
		start := len(arena)
		arena = c.rowValue(arena)
		if err := key.Put(appendRowKey(row[:0], c.rev, c.Delete), arena[start:len(arena):len(arena)]); err != nil {
			return err
		}
	}
	for _, m := range s.buffer.meta {
		if err := meta.Put([]byte(m.key), m.value); err != nil {
			return err
		}
	}
	return s.writePosition(meta)
}

// writePosition stores the consistent index beside the effects it stands for: apart from them, a crash in
// between would apply an entry twice or never.
func (s *Store) writePosition(meta *bolt.Bucket) error {
	if s.applied.index == 0 {
		return nil
	}
	index := binary.BigEndian.AppendUint64(nil, s.applied.index)
	if err := meta.Put([]byte(metaConsistentIndex), index); err != nil {
		return err
	}
	return meta.Put([]byte(metaTerm), binary.BigEndian.AppendUint64(nil, s.applied.term))
}

// Meta returns a row of the meta bucket as the next Commit leaves it; ok is false when there is none.
func (s *Store) Meta(key string) (value []byte, ok bool, err error) {
	if value, ok = s.buffer.getMeta(key); ok {
		return value, true, nil
	}
	err = s.backend.view(func(tx *bolt.Tx) error {
		row := tx.Bucket([]byte(bucketMeta)).Get([]byte(key))
		value, ok = bytes.Clone(row), row != nil
		return nil
	})
	return value, ok, err
}

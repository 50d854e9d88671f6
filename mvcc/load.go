package mvcc

import (
	"bytes"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// load reads one version from the buffer or else from the file.
func (s *Store) load(kv *KeyValue, rev Revision) error {
	if p, pending := s.buffer.get(rev); pending {
		*kv = *p
		return nil
	}
	return s.backend.view(func(tx *bolt.Tx) error {
		return loadRow(kv, tx.Bucket([]byte(bucketKey)), rev)
	})
}

// loadAll fills kvs with the versions at revs, from the buffer first and then from the file.
func (s *Store) loadAll(kvs []KeyValue, revs []Revision) error {
	var missing []int
	for i, rev := range revs {
		if p, pending := s.buffer.get(rev); pending {
			kvs[i] = *p
		} else {
			missing = append(missing, i)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return s.backend.view(func(tx *bolt.Tx) error {
		key := tx.Bucket([]byte(bucketKey))
		for _, i := range missing {
			if err := loadRow(&kvs[i], key, revs[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// loadRow reads the put at a revision from the key bucket.
func loadRow(kv *KeyValue, key *bolt.Bucket, rev Revision) error {
	var row [tombstoneBytes]byte
	v := key.Get(appendRowKey(row[:0], rev, false))
	if v == nil {
		return fmt.Errorf("%w: no row for revision %v of key %q", ErrDamaged, rev, kv.Key)
	}
	got, err := ParseKeyValue(bytes.Clone(v))
	if err != nil {
		return fmt.Errorf("%w: revision %v: %w", ErrDamaged, rev, err)
	}
	*kv = got
	return nil
}

// rows calls fn for every change from revision from on, file first and then buffer. Slices that fn gets are
// good only inside it.
func (s *Store) rows(from Revision, fn func(row, value []byte) error) error {
	err := s.backend.view(func(tx *bolt.Tx) error {
		c := tx.Bucket([]byte(bucketKey)).Cursor()
		for k, v := c.Seek(appendRowKey(nil, from, false)); k != nil; k, v = c.Next() {
			if err := fn(k, v); err != nil {
				return err
			}
		}
		return nil
	})
	var row, value []byte
	for i := s.buffer.from(from); err == nil && i < len(s.buffer.changes); i++ {
		c := &s.buffer.changes[i]
		row, value = appendRowKey(row[:0], c.rev, c.Delete), c.rowValue(value[:0])
		err = fn(row, value)
	}
	return err
}

// History returns the changes of [key, end) with from <= revision <= to in order, read from buffer and
// backend; ErrCompacted when from was compacted. This is what a watcher catches up with.
func (s *Store) History(key, end []byte, from, to int64) ([]Event, error) {
	from = max(from, 0)
	if from < s.compacted {
		return nil, ErrCompacted
	}
	if from > to || from > s.revision {
		return nil, nil
	}
	var events []Event
	if from <= s.committed {
		err := s.backend.view(func(tx *bolt.Tx) error {
			var err error
			events, err = s.historyRows(tx.Bucket([]byte(bucketKey)), key, end, from, to)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	for i := s.buffer.from(Revision{Main: from}); i < len(s.buffer.changes); i++ {
		c := &s.buffer.changes[i]
		if c.rev.Main > to {
			break
		}
		if inRange(c.KV.Key, key, end) {
			events = append(events, c.Event)
		}
	}
	return events, nil
}

// historyRows is the part of History that the file has, without what a compaction is going to delete.
func (s *Store) historyRows(rows *bolt.Bucket, key, end []byte, from, to int64) (events []Event, err error) {
	c := rows.Cursor()
	for k, v := c.Seek(appendRowKey(nil, Revision{Main: from}, false)); k != nil; k, v = c.Next() {
		ch, err := parseRow(k, v)
		if err != nil {
			return nil, fmt.Errorf("%w: key bucket: %w", ErrDamaged, err)
		}
		if ch.rev.Main > to {
			break
		}
		if !inRange(ch.KV.Key, key, end) || s.doomed(ch.rev) {
			continue
		}
		if ch, err = parseRow(k, bytes.Clone(v)); err != nil {
			return nil, err
		}
		events = append(events, ch.Event)
	}
	return events, nil
}

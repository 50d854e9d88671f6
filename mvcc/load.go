package mvcc

import (
	"bytes"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// load reads one version from the buffer or else from the file.
func (s *Store) load(kv *KeyValue, rev Revision) error {
	kvs := [1]KeyValue{*kv}
	err := s.loadAll(kvs[:], []Revision{rev})
	*kv = kvs[0]
	return err
}

// loadAll fills kvs with the versions at revs, from the buffer first and then from the file.
func (s *Store) loadAll(kvs []KeyValue, revs []Revision) error {
	missing := 0
	for i, rev := range revs {
		if p, pending := s.buffer.get(rev); pending {
			kvs[i] = *p
		} else {
			missing++
		}
	}
	if missing == 0 {
		return nil
	}
	return s.backend.view(func(*bolt.Tx) error {
		r := rowReader{cursor: s.backend.rows(), left: missing}
		for i, rev := range revs {
			if _, pending := s.buffer.get(rev); pending {
				continue
			}
			if err := r.read(&kvs[i], rev); err != nil {
				return err
			}
		}
		return nil
	})
}

// rowReader reads puts out of the key bucket. Rows of revisions that follow each other stand side by side: the next one
// is looked at before bbolt searches.
type rowReader struct {
	cursor *bolt.Cursor
	placed bool
	left   int // how many rows are still wanted: room is made for all of them at once
	room   arena
}

// read fills kv with the put at a revision.
func (r *rowReader) read(kv *KeyValue, rev Revision) error {
	var row [tombstoneBytes]byte
	want := appendRowKey(row[:0], rev, false)
	var k, v []byte
	if r.placed {
		k, v = r.cursor.Next()
	}
	if !bytes.Equal(k, want) {
		k, v = r.cursor.Seek(want)
		r.placed = true
	}
	if !bytes.Equal(k, want) {
		return fmt.Errorf("%w: no row for revision %v of key %q", ErrDamaged, rev, kv.Key)
	}
	got, err := ParseKeyValue(r.room.keep(v, r.left*len(v)))
	if err != nil {
		return fmt.Errorf("%w: revision %v: %w", ErrDamaged, rev, err)
	}
	*kv = got
	r.left--
	return nil
}

// arena keeps copies of rows, many in one piece of memory: bbolt's slices end with the transaction.
type arena []byte

// arenaMax bounds what one row that lives on holds on to.
const arenaMax = 64 << 10

// keep copies b; more says how many bytes are likely to come, b included.
func (a *arena) keep(b []byte, more int) []byte {
	if cap(*a)-len(*a) < len(b) {
		*a = make([]byte, 0, max(len(b), min(more, arenaMax)))
	}
	start := len(*a)
	*a = append(*a, b...)
	return (*a)[start:len(*a):len(*a)]
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

package mvcc

import (
	"encoding/binary"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// Open is OpenWith with all rules in force.
func Open(b *Backend) (*Store, error) { return OpenWith(b, Rules{}) }

// OpenWith builds the index from the backend's key bucket, as etcd does at start. A compaction that was
// scheduled and not finished is taken up again: CompactStep goes on with it from its beginning.
func OpenWith(b *Backend, r Rules) (*Store, error) {
	if err := b.abandonDefrag(); err != nil {
		return nil, err
	}
	s := &Store{backend: b, rules: r, index: newTreeIndex(), revision: 1, compacted: -1, finished: -1}
	if b.image == nil && b.db == nil && !b.closed {
		s.committed = s.revision
		return s, nil // nothing was ever written: no need for a file yet
	}
	if err := b.view(s.restore); err != nil {
		return nil, err
	}
	return s, nil
}

// lastRevision is the highest revision that a file may be at: no member lives to count from there to the end.
const lastRevision = maxRevision - 1<<40

// restore reads the meta bucket and then every row of the key bucket.
func (s *Store) restore(tx *bolt.Tx) error {
	meta, key := tx.Bucket([]byte(bucketMeta)), tx.Bucket([]byte(bucketKey))
	if meta == nil || key == nil {
		return fmt.Errorf("%w: bucket %q or %q is missing", ErrDamaged, bucketKey, bucketMeta)
	}
	if err := s.restoreMeta(meta); err != nil {
		return fmt.Errorf("%w: meta bucket: %w", ErrDamaged, err)
	}
	var rows arena
	c := key.Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		if err := s.restoreRow(k, rows.keep(v, restoreArena)); err != nil {
			return fmt.Errorf("%w: key bucket: %w", ErrDamaged, err)
		}
	}
	if max(s.revision, s.compacted) > lastRevision {
		return fmt.Errorf("%w: revision %d: cannot count on from there", ErrDamaged, max(s.revision, s.compacted))
	}
	if s.revision = max(s.revision, s.compacted); s.finished < s.compacted {
		s.startCompaction(compaction{rev: s.compacted, prev: s.finished})
	}
	s.committed = s.revision
	return nil
}

// restoreArena is small: the history may give up all rows but one of it.
const restoreArena = 4 << 10

func (s *Store) restoreRow(k, v []byte) error {
	c, err := parseRow(k, v)
	if err != nil {
		return err
	}
	if c.rev.Main > s.revision {
		s.history.seal()
	}
	s.index.restore(&c)
	s.history.append(&c)
	s.digest += digest(0).change(&c)
	s.revision = max(s.revision, c.rev.Main)
	return nil
}

// restoreMeta reads where the member stood. A compaction that was scheduled and not finished counts: its
// rows may be half gone.
func (s *Store) restoreMeta(meta *bolt.Bucket) error {
	var err error
	if s.finished, err = metaRevision(meta, metaFinishedCompact); err != nil {
		return err
	}
	if s.compacted, err = metaRevision(meta, metaScheduledCompact); err != nil {
		return err
	}
	s.compacted = max(s.compacted, s.finished)
	if s.saved.index, err = metaNumber(meta, metaConsistentIndex); err != nil {
		return err
	}
	s.saved.term, err = metaNumber(meta, metaTerm)
	s.applied = s.saved
	return err
}

// metaRevision reads the mark of a compaction; -1 when there is none.
func metaRevision(meta *bolt.Bucket, name string) (int64, error) {
	row := meta.Get([]byte(name))
	if row == nil {
		return -1, nil
	}
	rev, _, err := parseRowKey(row)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	return rev.Main, nil
}

// Leased calls fn for every living key that has a lease, in order of key: what leases are given back at a start.
func (s *Store) Leased(fn func(key []byte, lease int64) error) error {
	res, err := s.Range([]byte{}, []byte{}, RangeOptions{})
	if err != nil {
		return err
	}
	for i := range res.KVs {
		if kv := &res.KVs[i]; kv.Lease != 0 {
			if err := fn(kv.Key, kv.Lease); err != nil {
				return err
			}
		}
	}
	return nil
}

func metaNumber(meta *bolt.Bucket, name string) (uint64, error) {
	row := meta.Get([]byte(name))
	switch len(row) {
	case 0:
		return 0, nil
	case 8:
		return binary.BigEndian.Uint64(row), nil
	}
	return 0, fmt.Errorf("%s: %d bytes, want 8", name, len(row))
}

package mvcc

import (
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// CompactBatch is how many rows etcd looks at in one batch of a compaction.
const CompactBatch = 1000

// compaction is the part of a compaction that is left for the file. Copies share kept, which never changes.
type compaction struct {
	rev, prev int64                 // the revision compacted at, and the one before it
	kept      map[Revision]struct{} // what stays of the revisions up to rev
	next      Revision              // where the next batch begins
	sum       hashSum
	hashed    bool // no rows were missing when it began: its hash is worth keeping
}

// Compact gives up the history before rev: reads below it fail from the next moment on, and the rows are
// deleted by CompactStep. It commits, so that a restart knows. Errors are ErrCompacted, ErrFutureRev, or the
// backend's.
func (s *Store) Compact(rev int64) error {
	switch {
	case s.txn.store != nil:
		panic("mvcc: compaction inside a transaction")
	case rev <= s.compacted:
		return ErrCompacted
	case rev > s.revision:
		return ErrFutureRev
	}
	mark := appendRowKey(nil, Revision{Main: rev}, false)
	if s.rules.FinishFirst {
		s.SetMeta(metaFinishedCompact, mark)
	}
	if !s.rules.NoScheduledMark {
		s.SetMeta(metaScheduledCompact, mark)
		if err := s.Commit(); err != nil {
			return err
		}
	}
	prev, complete := s.compacted, s.finished == s.compacted
	s.compacted = rev
	s.startCompaction(compaction{rev: rev, prev: prev, hashed: complete})
	return nil
}

// startCompaction forgets what a compaction takes from the index, and queues it for the file.
func (s *Store) startCompaction(c compaction) {
	c.kept = s.index.compact(c.rev, s.rules)
	c.sum = newHashSum(c.prev, c.rev, c.kept)
	s.history = s.history.compact(c.rev, c.kept, func(c *change) { s.digest -= digest(0).change(c) })
	s.compactions = append(slices.Clip(s.compactions), c)
	s.view, s.shown = nil, nil
}

// Compacting says whether CompactStep has something to do.
func (s *Store) Compacting() bool { return len(s.compactions) > 0 }

// CompactStep deletes the compacted among the next limit rows (0: CompactBatch) in one bbolt transaction, which
// takes along what waits in the buffer. It says whether nothing is left to compact.
func (s *Store) CompactStep(limit int) (done bool, err error) {
	if s.err != nil || len(s.compactions) == 0 {
		return true, s.err
	}
	if limit <= 0 {
		limit = CompactBatch
	}
	c, last := s.compactions[0], false
	err = s.backend.write(func(w *rowWriter) error {
		if err := s.writeAll(w); err != nil {
			return err
		}
		rows, err := c.batch(w, limit)
		if err != nil {
			return err
		}
		if last = rows < limit; last {
			mark := appendRowKey(nil, Revision{Main: c.rev}, false)
			return w.set(bucketMeta, []byte(metaFinishedCompact), mark)
		}
		return nil
	})
	if err != nil {
		return true, fmt.Errorf("mvcc: compaction at %d: %w", c.rev, err)
	}
	s.committedAll()
	rest := s.compactions[1:]
	if last {
		s.finishCompaction(&c)
		s.compactions = rest
	} else {
		s.compactions = append([]compaction{c}, rest...)
	}
	return len(s.compactions) == 0, nil
}

func (s *Store) finishCompaction(c *compaction) {
	s.finished = c.rev
	if c.hashed {
		s.keepHash(RevisionHash{Hash: c.sum.crc, CompactRevision: c.prev, Revision: c.rev})
	}
}

// batch deletes what the compaction does not keep of the next limit rows, hashes all of them, and returns how
// many there were.
func (c *compaction) batch(w *rowWriter, limit int) (rows int, err error) {
	b, err := w.bucket(bucketKey)
	if err != nil {
		return 0, err
	}
	var doomed [][]byte
	for k, v := b.cursor.Seek(appendRowKey(nil, c.next, false)); k != nil && rows < limit; k, v = b.cursor.Next() {
		rev, tombstone, err := parseRowKey(k)
		if err != nil {
			return rows, fmt.Errorf("%w: key bucket: %w", ErrDamaged, err)
		}
		if rev.Main > c.rev {
			break
		}
		rows++
		c.next = Revision{rev.Main, rev.Sub + 1}
		c.sum.row(rev, tombstone, k, v)
		if _, ok := c.kept[rev]; !ok {
			doomed = append(doomed, k) // bbolt's, and good until the transaction ends
		}
	}
	return rows, w.removeAll(doomed)
}

// doomed is whether a row of the file waits for a batch that deletes it.
func (s *Store) doomed(rev Revision) bool {
	for i := range s.compactions {
		c := &s.compactions[i]
		if rev.Main > c.rev {
			continue
		}
		if _, ok := c.kept[rev]; !ok {
			return true
		}
	}
	return false
}

// RowCount is how many rows the key bucket of the file has: with the index at hand, what compaction has left
// to do.
func (s *Store) RowCount() (rows int, err error) {
	err = s.backend.view(func(tx *bolt.Tx) error {
		rows = tx.Bucket([]byte(bucketKey)).Stats().KeyN
		return nil
	})
	return rows, err
}

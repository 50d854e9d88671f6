package mvcc

import (
	"bytes"
	"errors"

	bolt "go.etcd.io/bbolt"
)

// DefragBatch is how many rows etcd copies in one transaction of a defragmentation.
const DefragBatch = 10_000

// ErrDefragmenting is returned by whatever writes the file while it is defragmented: etcd's writers wait.
var ErrDefragmenting = errors.New("mvcc: the db file is being defragmented")

// defrag is a defragmentation between two steps.
type defrag struct {
	target *Backend // the copy so far; nil when the file is rewritten in place
	bucket int      // the place in buckets of the next row
	from   []byte   // key of the next row
	rows   []dbRow  // in place: what must be written back, never changed
}

// dbRow is a row of any bucket.
type dbRow struct {
	bucket     string
	key, value []byte
}

func (d *defrag) clone() (*defrag, error) {
	if d == nil {
		return nil, nil
	}
	c := *d
	if d.target != nil {
		var err error
		if c.target, err = d.target.Clone(); err != nil {
			return nil, err
		}
	}
	return &c, nil
}

// DefragStep gives the free pages back: it commits, copies limit rows (0: DefragBatch) with each call into another
// file, and with the last one puts that in the place of the first. Until then nothing may be written, and a
// member that dies keeps the file it had.
func (s *Store) DefragStep(limit int) (done bool, err error) {
	if s.backend.defrag == nil {
		if err := s.Commit(); err != nil {
			return true, err
		}
	}
	s.view = nil
	return s.backend.defragStep(limit, s.rules.DefragInPlace)
}

// Defragmenting says whether a defragmentation has begun and not ended.
func (b *Backend) Defragmenting() bool { return b.defrag != nil }

// DefragStep is Store.DefragStep for a file that no store has open, as etcdutl does it.
func (b *Backend) DefragStep(limit int) (done bool, err error) { return b.defragStep(limit, false) }

func (b *Backend) defragStep(limit int, inPlace bool) (done bool, err error) {
	if limit <= 0 {
		limit = DefragBatch
	}
	if b.closed {
		return true, errClosed
	}
	if b.defrag == nil {
		if inPlace {
			return false, b.empty()
		}
		b.defrag = &defrag{target: &Backend{dir: b.dir, bare: true, device: b.device}}
	}
	if b.defrag.target == nil {
		return b.writeBack(limit)
	}
	rows, err := b.nextRows(b.defrag, limit)
	if err == nil {
		err = b.defrag.target.writeRows(func(w *rowWriter) error { return w.copy(rows) })
	}
	if err != nil {
		return true, errors.Join(err, b.abandonDefrag())
	}
	if len(rows) < limit {
		return true, b.takePlace(b.defrag.target)
	}
	return false, nil
}

// nextRows reads the next rows of the file and moves d behind them.
func (b *Backend) nextRows(d *defrag, limit int) (rows []dbRow, err error) {
	err = b.view(func(tx *bolt.Tx) error {
		for ; d.bucket < len(buckets); d.bucket, d.from = d.bucket+1, nil {
			name := buckets[d.bucket]
			source := tx.Bucket([]byte(name))
			if source == nil {
				continue
			}
			c := source.Cursor()
			for k, v := c.Seek(d.from); k != nil; k, v = c.Next() {
				if len(rows) == limit {
					d.from = bytes.Clone(k)
					return nil
				}
				rows = append(rows, dbRow{name, bytes.Clone(k), bytes.Clone(v)})
			}
		}
		return nil
	})
	return rows, err
}

// copy writes rows that the file does not have.
func (w *rowWriter) copy(rows []dbRow) error {
	for _, r := range rows {
		b, err := w.bucket(r.bucket)
		if err != nil {
			return err
		}
		b.FillPercent = fillPercent
		w.rows.add(b.at, 1)
		w.put(r.key, r.value)
		if err := b.Put(r.key, r.value); err != nil {
			return err
		}
	}
	return nil
}

// takePlace is the rename: the copy becomes the file, and the file is gone.
func (b *Backend) takePlace(c *Backend) error {
	if _, err := b.snap(); err != nil {
		return err
	}
	before, err := b.state(), errors.Join(b.release(), c.endReading())
	b.defrag = nil
	switch {
	case c.platter == nil:
		b.platter = nil
	case b.platter == nil:
		b.platter = &before // the copy is in the page cache only
	}
	b.image, b.fresh, b.dirty, b.db, b.path = c.image, c.fresh, c.dirty, c.db, c.path
	b.used, b.counts, b.high = c.used, c.counts, pagesFor(c.used)
	return err
}

// empty begins a defragmentation in place: it takes all rows out of the file.
func (b *Backend) empty() error {
	d := &defrag{}
	rows, err := b.nextRows(d, int(^uint(0)>>1))
	if err != nil {
		return err
	}
	err = b.writeRows(func(w *rowWriter) error {
		for _, r := range rows {
			if err := w.remove(r.bucket, r.key); err != nil {
				return err
			}
		}
		return nil
	})
	d.rows, b.defrag = rows, d
	return err
}

// writeBack goes on with a defragmentation in place.
func (b *Backend) writeBack(limit int) (done bool, err error) {
	d := b.defrag
	n := min(limit, len(d.rows))
	if err := b.writeRows(func(w *rowWriter) error { return w.copy(d.rows[:n]) }); err != nil {
		return true, err
	}
	if d.rows = d.rows[n:]; len(d.rows) > 0 {
		return false, nil
	}
	b.defrag, b.high = nil, pagesFor(b.used)
	return true, nil
}

// abandonDefrag removes what a defragmentation has written so far, as etcd does when it starts.
func (b *Backend) abandonDefrag() error {
	d := b.defrag
	b.defrag = nil
	if d == nil || d.target == nil {
		return nil
	}
	return d.target.Close()
}

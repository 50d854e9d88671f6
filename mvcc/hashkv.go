package mvcc

import (
	"hash/crc32"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// hashesKept is how many hashes of compactions a member remembers for the comparison with others.
const hashesKept = 10

// RevisionHash is etcd's hash of the key bucket from one compacted revision up to a revision.
type RevisionHash struct {
	Hash                      uint32
	CompactRevision, Revision int64 // CompactRevision -1: nothing was compacted before
}

// hashSum is etcd's hash of rows of the key bucket.
type hashSum struct {
	crc           uint32
	compacted, to int64
	kept          map[Revision]struct{}
}

func newHashSum(compacted, to int64, kept map[Revision]struct{}) hashSum {
	return hashSum{crc32.Update(0, castagnoli, []byte(bucketKey)), compacted, to, kept}
}

// row adds a row. At or below the compacted revision only what was kept counts, and no tombstone of it: older
// etcd removed that one. Without anything kept etcd leaves nothing out; compatibility wants the same.
func (h *hashSum) row(at Revision, tombstone bool, row, value []byte) {
	if at.Main > h.to || (tombstone && at.Main == h.compacted) {
		return
	}
	if _, kept := h.kept[at]; at.Main <= h.compacted && len(h.kept) > 0 && !kept {
		return
	}
	h.crc = crc32.Update(h.crc, castagnoli, row)
	h.crc = crc32.Update(h.crc, castagnoli, value)
}

// HashKV is etcd's hash of the key bucket up to rev (0: current), equal on all members that compacted
// alike. compactRev is -1 when nothing was compacted. It counts the buffer too, where etcd commits first, and
// leaves out rows that a compaction is going to delete; the hash is the same. Errors are those of Range, or
// the backend's.
func (s *Store) HashKV(rev int64) (hash uint32, compactRev int64, err error) {
	switch {
	case rev > s.revision:
		return 0, 0, ErrFutureRev
	case rev <= 0:
		rev = s.revision
	case rev < s.compacted:
		return 0, 0, ErrCompacted
	}
	sum := newHashSum(s.compacted, rev, s.index.keep(rev)) // keep at rev: known from real hashes
	err = s.rows(Revision{}, func(row, value []byte) error {
		at, tombstone, err := parseRowKey(row)
		if err == nil && !s.doomed(at) {
			sum.row(at, tombstone, row, value)
		}
		return err
	})
	if err != nil {
		return 0, 0, err
	}
	return sum.crc, s.compacted, nil
}

// HashByRev is what a member answers to another that looks for corruption: the hash that a compaction at rev
// left, or else HashKV.
func (s *Store) HashByRev(rev int64) (RevisionHash, error) {
	for _, h := range s.hashes {
		if rev == h.Revision {
			return h, nil
		}
	}
	if rev == 0 {
		rev = s.revision
	}
	hash, compacted, err := s.HashKV(rev)
	return RevisionHash{Hash: hash, CompactRevision: compacted, Revision: rev}, err
}

// Hashes lists the hashes of the last ten compactions, oldest revision first. A restart forgets them, and a
// compaction that was interrupted has none.
func (s *Store) Hashes() []RevisionHash { return slices.Clone(s.hashes) }

// Hash is etcd's Maintenance.Hash: of every row of every bucket in the file but those of the meta bucket that say
// how far this member is, and with which schema.
func (b *Backend) Hash() (crc uint32, err error) {
	own := []string{metaConsistentIndex, metaTerm, metaStorageVersion}
	err = b.view(func(tx *bolt.Tx) error {
		return tx.ForEach(func(name []byte, bucket *bolt.Bucket) error {
			crc = crc32.Update(crc, castagnoli, name)
			return bucket.ForEach(func(k, v []byte) error {
				if string(name) == bucketMeta && slices.Contains(own, string(k)) {
					return nil
				}
				crc = crc32.Update(crc, castagnoli, k)
				crc = crc32.Update(crc, castagnoli, v)
				return nil
			})
		})
	})
	return crc, err
}

// keepHash adds the hash of a compaction; clones keep their own list.
func (s *Store) keepHash(h RevisionHash) {
	s.hashes = append(slices.Clip(s.hashes), h)
	slices.SortFunc(s.hashes, func(a, b RevisionHash) int { return int(a.Revision - b.Revision) })
	s.hashes = s.hashes[max(0, len(s.hashes)-hashesKept):]
}

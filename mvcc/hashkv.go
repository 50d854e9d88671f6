package mvcc

import "hash/crc32"

// HashKV is etcd's hash of the key bucket up to rev (0: current), equal on all members that compacted
// alike. compactRev is -1 when nothing was compacted. It counts the buffer too, where etcd commits first;
// the hash is the same. Errors are those of Range, or the backend's.
func (s *Store) HashKV(rev int64) (hash uint32, compactRev int64, err error) {
	switch {
	case rev > s.revision:
		return 0, 0, ErrFutureRev
	case rev <= 0:
		rev = s.revision
	case rev < s.compacted:
		return 0, 0, ErrCompacted
	}
	keep := s.index.keep(rev) // at rev, not at the compacted revision: known from real hashes
	sum := crc32.Update(0, castagnoli, []byte(bucketKey))
	err = s.rows(Revision{}, func(row, value []byte) error {
		at, tombstone, err := parseRowKey(row)
		if err != nil || at.Main > rev {
			return err
		}
		// Without anything to keep etcd leaves nothing out; compatibility wants the same.
		if _, kept := keep[at]; at.Main <= s.compacted && len(keep) > 0 && !kept {
			return nil
		}
		if tombstone && at.Main == s.compacted {
			return nil
		}
		sum = crc32.Update(sum, castagnoli, row)
		sum = crc32.Update(sum, castagnoli, value)
		return nil
	})
	if err != nil {
		return 0, 0, err
	}
	return sum, s.compacted, nil
}

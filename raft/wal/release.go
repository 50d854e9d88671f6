package wal

import "etcdscope/raft"

// MaxFiles is how many segments etcd keeps (--max-wals).
const MaxFiles = 5

// Release says that a snapshot at index is durable, record and file: segments that hold only entries before it are not
// needed any more. etcd unlocks them, and its purge removes what it can lock. The last segment that begins before
// index is kept: it holds entries up to there.
func (w *WAL) Release(index raft.Index) {
	held := heldSegments(segments(w.d), w.held)
	last := len(held) - 1
	for i, s := range held {
		if s.first >= index {
			last = i - 1
			break
		}
	}
	if last > 0 {
		w.held = held[last].seq
	}
}

// Purge removes the oldest of the released segments until keep segments are left, and names them. The directory is not
// synced: a power cut may bring them back, which does no harm.
func (w *WAL) Purge(keep int) (removed []string, err error) {
	all := segments(w.d)
	for len(all) > keep && all[0].seq < w.held {
		if err := w.d.Remove(all[0].name); err != nil {
			return removed, err
		}
		removed, all = append(removed, all[0].name), all[1:]
	}
	return removed, nil
}

// firstHeld is the number of the segment that holds the entry behind a snapshot: the last that begins at or before it.
func firstHeld(all []segment, snap raft.Index) uint64 {
	for i := len(all) - 1; i > 0; i-- {
		if all[i].first <= snap {
			return all[i].seq
		}
	}
	return all[0].seq
}

// heldSegments drops the released ones.
func heldSegments(all []segment, held uint64) []segment {
	for len(all) > 0 && all[0].seq < held {
		all = all[1:]
	}
	return all
}

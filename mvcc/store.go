package mvcc

import (
	"errors"
	"fmt"
)

// The errors of etcd's store, with etcd's meaning.
var (
	ErrCompacted = errors.New("mvcc: required revision has been compacted")
	ErrFutureRev = errors.New("mvcc: required revision is a future revision")
)

// Store is one member's key space: index, write buffer and backend.
//
// A dying process loses index and buffer and keeps the backend's file: drop the store and Open the
// backend again.
type Store struct {
	backend *Backend
	rules   Rules
	index   *treeIndex
	buffer  buffer
	history history

	revision  int64
	compacted int64 // -1: never
	finished  int64 // compaction up to here is done in the file too; <= compacted
	committed int64 // highest revision in the file; <= revision

	applied, saved position // of the raft log: in memory, in the file

	compactions []compaction   // scheduled and not finished, oldest first
	hashes      []RevisionHash // of the last compactions, by revision

	digest digest // sum of the digests of all changes that were not compacted
	view   *View  // of this very state; nil after a change
	shown  *treeIndex
	txn    Txn
	found  []hit      // scratch of Range
	revs   []Revision // scratch of Range
	err    error      // the first failure of the backend where no error could be returned
}

// position is a place in the raft log.
type position struct{ index, term uint64 }

// Clone returns an independent copy over b (a clone of this store's backend); the index is shared until
// written.
func (s *Store) Clone(b *Backend) *Store {
	if s.txn.store != nil {
		panic("mvcc: clone inside a transaction")
	}
	c := *s
	c.backend, c.index = b, s.index.clone()
	c.found, c.revs = nil, nil
	c.buffer, c.history = s.buffer.share(), s.history.share()
	return &c
}

// SetRules switches rules on or off from now on; what was done under the old ones stays.
func (s *Store) SetRules(r Rules) { s.rules = r }

// Backend is the file under the store.
func (s *Store) Backend() *Backend { return s.backend }

// Revision is the revision of the last write; an empty store is at 1.
func (s *Store) Revision() int64 { return s.revision }

// CompactRevision is the oldest revision that may be read, or -1 when nothing was compacted.
func (s *Store) CompactRevision() int64 { return s.compacted }

// SetConsistentIndex remembers the raft index and term of the entry being applied; Commit stores it in the
// same bbolt transaction as the entry's effects.
func (s *Store) SetConsistentIndex(index, term uint64) {
	s.applied = position{index, term}
	s.view = nil
}

// ConsistentIndex is the raft index of the last entry applied.
func (s *Store) ConsistentIndex() uint64 { return s.applied.index }

// ConsistentTerm is the raft term of the last entry applied.
func (s *Store) ConsistentTerm() uint64 { return s.applied.term }

// Pending is how many operations wait in the buffer for the next Commit.
func (s *Store) Pending() int { return s.buffer.len() }

// SetMeta is SetRow for the meta bucket (confState, for one).
func (s *Store) SetMeta(key string, value []byte) { s.SetRow(BucketMeta, key, value) }

// SetRow sets a row of a bucket; it rides in the next Commit and is read at once by Row. The store keeps
// value: do not change it.
func (s *Store) SetRow(bucket Bucket, key string, value []byte) {
	s.buffer.set(bucketRow{bucket: bucket, key: key, value: value})
	s.view = nil
}

// DeleteRow deletes a row of a bucket with the next Commit, and is not seen by Row before (etcd's buffer holds
// no deletes either): that is why CommitDue asks for one.
func (s *Store) DeleteRow(bucket Bucket, key string) {
	s.buffer.set(bucketRow{bucket: bucket, key: key, deleted: true})
	s.view = nil
}

// CommitDue says whether the batch must be committed at once, however small it is.
func (s *Store) CommitDue() bool { return !s.rules.NoCommitAfterDeletes && s.buffer.deletes() }

// Err is the first failure of the backend in a call that returns no error (Put, DeleteRange). A store with
// an error must be dropped; Commit returns it too.
func (s *Store) Err() error { return s.err }

func (s *Store) fail(err error) {
	if s.err == nil {
		s.err = fmt.Errorf("mvcc: backend: %w", err)
	}
}

// Digest is a fingerprint of the keys alone: members that have applied the same entries have the same one, however
// far each is with its file. It costs nothing, where HashKV reads every row.
func (s *Store) Digest() uint64 {
	return uint64(s.digest.word(uint64(s.revision)).word(uint64(s.compacted)))
}

// Hash is a fingerprint of the logical content (index, history since compaction, how far compaction is,
// consistent index, pending), never of bbolt's bytes. Rows of SetRow are left out.
func (s *Store) Hash() uint64 {
	d := s.digest.word(uint64(s.revision)).word(uint64(s.compacted))
	d = d.word(s.applied.index).word(s.applied.term).word(uint64(s.finished))
	for i := range s.compactions {
		c := &s.compactions[i]
		d = d.word(uint64(c.rev)).word(uint64(c.next.Main)).word(uint64(c.next.Sub))
	}
	return uint64(d.word(uint64(len(s.buffer.changes))))
}

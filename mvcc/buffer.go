package mvcc

import (
	"slices"
	"sort"
)

// buffer holds the changes since the last commit, in order of revision. Reads take from it first, so a
// write is seen before the file has it (etcd's txWriteBuffer and readTx buffer).
type buffer struct {
	changes []change
	rows    []bucketRow
	shared  bool // a clone holds the slices too: they may not be reused
}

// bucketRow is a row of another bucket than key that waits for the commit.
type bucketRow struct {
	bucket  Bucket
	key     string
	value   []byte
	deleted bool
}

func (b *buffer) len() int { return len(b.changes) + len(b.rows) }

// share returns a copy whose owner may append without disturbing this one.
func (b *buffer) share() buffer {
	b.shared = true
	return buffer{changes: slices.Clip(b.changes), rows: slices.Clip(b.rows), shared: true}
}

// put adds a change; its revision is newer than all others.
func (b *buffer) put(c change) { b.changes = append(b.changes, c) }

// get returns the put at a revision; pending is false when the file must have it.
func (b *buffer) get(rev Revision) (kv *KeyValue, pending bool) {
	if len(b.changes) == 0 || rev.Compare(b.changes[0].rev) < 0 {
		return nil, false
	}
	i := b.from(rev)
	if i == len(b.changes) || b.changes[i].rev != rev {
		return nil, false
	}
	return &b.changes[i].KV, true
}

// from is the position of the first change at or after rev.
func (b *buffer) from(rev Revision) int {
	return sort.Search(len(b.changes), func(i int) bool { return b.changes[i].rev.Compare(rev) >= 0 })
}

// bytes is about how long the encoded values of all changes are.
func (b *buffer) bytes() (n int) {
	const fields = 32 // tags and numbers
	for i := range b.changes {
		n += len(b.changes[i].KV.Key) + len(b.changes[i].KV.Value) + fields
	}
	return n
}

// set adds a row; the last one of a key wins.
func (b *buffer) set(r bucketRow) { b.rows = append(b.rows, r) }

// row returns the waiting row of a key. Rows that wait to be deleted are not looked at: etcd's buffer has no
// room for them either.
func (b *buffer) row(bucket Bucket, key string) (value []byte, pending bool) {
	for _, row := range slices.Backward(b.rows) {
		if row.key == key && row.bucket == bucket && !row.deleted {
			return row.value, true
		}
	}
	return nil, false
}

// deletes is whether a row waits to be deleted.
func (b *buffer) deletes() bool {
	return slices.ContainsFunc(b.rows, func(r bucketRow) bool { return r.deleted })
}

// reset empties the buffer after a commit.
func (b *buffer) reset() {
	if b.shared {
		*b = buffer{}
		return
	}
	clear(b.changes)
	clear(b.rows)
	b.changes, b.rows = b.changes[:0], b.rows[:0]
}

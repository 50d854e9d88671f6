package mvcc

import (
	"slices"
	"sort"
)

// buffer holds the changes since the last commit, in order of revision. Reads take from it first, so a
// write is seen before the file has it (etcd's txWriteBuffer and readTx buffer).
type buffer struct {
	changes []change
	meta    []metaRow
	shared  bool // a clone holds the slices too: they may not be reused
}

// metaRow is a row of the meta bucket that waits for the commit.
type metaRow struct {
	key   string
	value []byte
}

func (b *buffer) len() int { return len(b.changes) + len(b.meta) }

// share returns a copy whose owner may append without disturbing this one.
func (b *buffer) share() buffer {
	b.shared = true
	return buffer{changes: slices.Clip(b.changes), meta: slices.Clip(b.meta), shared: true}
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

// setMeta adds a row of the meta bucket; the last one of a key wins.
func (b *buffer) setMeta(key string, value []byte) {
	b.meta = append(b.meta, metaRow{key, value})
}

// getMeta returns the waiting row of a meta key.
func (b *buffer) getMeta(key string) (value []byte, pending bool) {
	for _, row := range slices.Backward(b.meta) {
		if row.key == key {
			return row.value, true
		}
	}
	return nil, false
}

// reset empties the buffer after a commit.
func (b *buffer) reset() {
	if b.shared {
		*b = buffer{}
		return
	}
	clear(b.changes)
	b.changes, b.meta = b.changes[:0], nil
}

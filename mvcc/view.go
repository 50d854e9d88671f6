package mvcc

// View is a store at one moment. It stays valid when the store moves on or is closed.
type View struct {
	Revision, CompactRevision int64
	ConsistentIndex           uint64
	Pending                   int   // operations in the buffer
	CommittedRevision         int64 // highest revision in the bbolt file
	FinishedRevision          int64 // the file has been compacted up to here; -1: never
	Compacting                int64 // the oldest compaction whose rows are being deleted; 0: none
	Size, SizeInUse           int64 // of the db file, in bytes, as in Backend
	CompactingNext            int64 // it has come so far: its next batch begins here
	Defragmenting             bool
	Digest                    uint64 // see Store.Digest
	PendingRows               int    // operations in the buffer that concern other buckets than key's

	rows    rowCounts
	index   *treeIndex // never changed
	history history
}

// View returns what may be drawn; it is immutable and cheap (O(1): it shares index and history). Values come
// from the history in memory, never from buffer or file.
func (s *Store) View() *View {
	if s.txn.store != nil {
		panic("mvcc: view inside a transaction")
	}
	if s.view != nil {
		return s.view
	}
	if s.shown == nil {
		s.shown = s.index.clone()
	}
	s.view = &View{
		Revision: s.revision, CompactRevision: s.compacted, ConsistentIndex: s.applied.index,
		Pending: s.buffer.len(), CommittedRevision: s.committed,
		FinishedRevision: s.finished, Size: s.backend.Size(), SizeInUse: s.backend.SizeInUse(),
		Defragmenting: s.backend.Defragmenting(), Digest: s.Digest(), index: s.shown, history: s.history.share(),
		PendingRows: len(s.buffer.rows), rows: s.backend.counts,
	}
	if len(s.compactions) > 0 {
		s.view.Compacting, s.view.CompactingNext = s.compactions[0].rev, s.compactions[0].next.Main
	}
	return s.view
}

// Buckets lists the buckets of the db file with how many rows each has there.
func (v *View) Buckets() []BucketView {
	list := make([]BucketView, len(buckets))
	for i, name := range buckets {
		list[i] = BucketView{Bucket(name), v.rows[i]}
	}
	return list
}

// lookup finds a key without the index's scratch space: several goroutines may draw one view.
func (v *View) lookup(key string) (*keyIndex, bool) {
	return v.index.tree.Get(&keyIndex{key: []byte(key)})
}

// Get returns the version of key at rev (0: current); ok is false when there is none.
func (v *View) Get(key string, rev int64) (kv KeyValue, ok bool) {
	if rev == 0 {
		rev = v.Revision
	}
	if rev < v.CompactRevision || rev > v.Revision {
		return KeyValue{}, false
	}
	k, ok := v.lookup(key)
	if !ok {
		return KeyValue{}, false
	}
	at, ok := k.get(rev)
	if !ok {
		return KeyValue{}, false
	}
	e, ok := v.history.find(k.key, at.modified.Main)
	return e.KV, ok
}

// Len is how many keys the index has, deleted ones among them.
func (v *View) Len() int { return v.index.tree.Len() }

// Keys lists up to limit keys in order with their generations, deleted keys among them.
func (v *View) Keys(limit int) []KeyHistory {
	var keys []KeyHistory
	v.index.tree.Ascend(func(k *keyIndex) bool {
		if len(keys) >= limit {
			return false
		}
		keys = append(keys, k.describe())
		return true
	})
	return keys
}

// Key returns one key's generations.
func (v *View) Key(key string) (KeyHistory, bool) {
	k, ok := v.lookup(key)
	if !ok {
		return KeyHistory{}, false
	}
	return k.describe(), true
}

// Recent returns up to n of the newest changes, oldest first.
func (v *View) Recent(n int) []Event { return v.history.newest(n) }

// Changes lists what the main revisions first to last changed, oldest first, without what compaction has dropped.
func (v *View) Changes(first, last int64) []Event { return v.history.between(first, last) }

// KeyHistory is a key of the index with its generations, oldest first.
type KeyHistory struct {
	Key         string
	Generations []Generation
}

// Generation is the life of a key from its creation to its tombstone.
type Generation struct {
	Created   Revision
	Revisions []Revision // shared with the index: read only
	Tombstone bool       // the last revision is a delete
}

func (k *keyIndex) describe() KeyHistory {
	h := KeyHistory{Key: string(k.key), Generations: make([]Generation, 0, k.generations())}
	for i := range k.generations() {
		if g := k.generation(i); !g.empty() {
			h.Generations = append(h.Generations, Generation{g.created, g.revs, i < len(k.past)})
		}
	}
	return h
}

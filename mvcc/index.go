package mvcc

import (
	"bytes"

	"github.com/google/btree"
)

// degree keeps nodes small: each change after a view or clone copies the path from the root.
const degree = 12

// treeIndex is etcd's treeIndex: all keyIndex values in the order of their keys.
type treeIndex struct {
	tree    *btree.BTreeG[*keyIndex]
	owner   *lineage // since the last clone
	lineage *lineage
	pivot   keyIndex // scratch for searches, so that they do not allocate
}

func newTreeIndex() *treeIndex {
	return &treeIndex{tree: btree.NewG(degree, keyBefore), owner: new(lineage), lineage: new(lineage)}
}

func keyBefore(a, b *keyIndex) bool { return bytes.Compare(a.key, b.key) < 0 }

// clone forks the index: both may be changed, and neither sees the other's changes.
func (t *treeIndex) clone() *treeIndex {
	t.owner = new(lineage)
	return &treeIndex{tree: t.tree.Clone(), owner: new(lineage), lineage: new(lineage)}
}

func (t *treeIndex) find(key []byte) *keyIndex {
	t.pivot.key = key
	k, _ := t.tree.Get(&t.pivot)
	return k
}

// get returns the version of key at a main revision.
func (t *treeIndex) get(key []byte, atRev int64) (version, bool) {
	k := t.find(key)
	if k == nil {
		return version{}, false
	}
	return k.get(atRev)
}

// put adds a revision of key and returns the version before, if the key lived.
func (t *treeIndex) put(key []byte, rev Revision) (before version, lived bool) {
	k := t.find(key)
	if k == nil {
		k = &keyIndex{key: key, owner: t.owner, lineage: t.lineage}
		k.last.revs = make([]Revision, 0, 2)
		k.add(rev)
		t.tree.ReplaceOrInsert(k)
		return version{}, false
	}
	if g := &k.last; !g.empty() {
		before, lived = version{g.lastRev(), g.created, g.ver}, true
	}
	if k.owner == t.owner {
		k.append(rev)
		return before, lived
	}
	n := k.put(t.lineage, rev)
	n.owner = t.owner
	t.tree.ReplaceOrInsert(n)
	return before, lived
}

// tombstone ends the life of key.
func (t *treeIndex) tombstone(key []byte, rev Revision) error {
	k := t.find(key)
	if k == nil {
		return errRevisionNotFound
	}
	n, err := k.tombstone(t.lineage, rev)
	if err == nil {
		t.tree.ReplaceOrInsert(n)
	}
	return err
}

// restore adds a row as a start finds it; rows come in the order of their revisions. Nobody else has seen the index
// yet, so its keys are changed where they are.
func (t *treeIndex) restore(c *change) {
	if !c.Delete && c.KV.Version == 1 { // most likely new: put it where it would be looked for
		k := restoredKey(t.lineage, c)
		if old, lived := t.tree.ReplaceOrInsert(k); lived {
			*k = *old.put(t.lineage, c.rev)
		}
		return
	}
	switch k := t.find(c.KV.Key); {
	case k == nil:
		t.tree.ReplaceOrInsert(restoredKey(t.lineage, c))
	case !c.Delete:
		k.add(c.rev)
	default:
		if n, err := k.tombstone(t.lineage, c.rev); err == nil { // a second tombstone: its put was compacted
			*k = *n
		}
	}
}

// visit calls fn for the keys of [key, end) in order until it returns false; end as in Store.Range.
func (t *treeIndex) visit(key, end []byte, fn func(*keyIndex) bool) {
	if end == nil {
		if k := t.find(key); k != nil {
			fn(k)
		}
		return
	}
	t.pivot.key = key
	t.tree.AscendGreaterOrEqual(&t.pivot, func(k *keyIndex) bool {
		if len(end) > 0 && bytes.Compare(k.key, end) >= 0 {
			return false
		}
		return fn(k)
	})
}

// keep returns the revisions at or below rev that a compaction at rev would leave, without tombstones.
func (t *treeIndex) keep(rev int64) map[Revision]struct{} {
	kept := make(map[Revision]struct{})
	t.tree.Ascend(func(k *keyIndex) bool {
		if r, ok := k.keep(rev); ok {
			kept[r] = struct{}{}
		}
		return true
	})
	return kept
}

// compact forgets old revisions of all keys and returns those at or below rev that must stay in the file.
func (t *treeIndex) compact(rev int64, rules Rules) map[Revision]struct{} {
	kept := make(map[Revision]struct{})
	t.tree.Clone().Ascend(func(k *keyIndex) bool {
		n, r, ok := k.compact(t.lineage, rev)
		if ok && n.drop(rules) {
			ok = false
		}
		if ok {
			kept[r] = struct{}{}
		}
		switch {
		case n.isEmpty():
			t.tree.Delete(k)
		case n != k:
			t.tree.ReplaceOrInsert(n)
		}
		return true
	})
	return kept
}

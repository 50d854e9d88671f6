package watch

import (
	"bytes"
	"cmp"
	"slices"
)

// keyTable finds the watchers of a key: those of one key by search, those of a range by a scan that ends
// where ranges begin behind the key.
type keyTable struct {
	singles, spans []keyEntry // in order of key, then ID
}

type keyEntry struct {
	key, end []byte
	id       ID
}

func (e keyEntry) compare(o keyEntry) int {
	if c := bytes.Compare(e.key, o.key); c != 0 {
		return c
	}
	return cmp.Compare(e.id, o.id)
}

func (t *keyTable) clone() keyTable {
	return keyTable{slices.Clone(t.singles), slices.Clone(t.spans)}
}

func (t *keyTable) list(end []byte) *[]keyEntry {
	if end == nil {
		return &t.singles
	}
	return &t.spans
}

func (t *keyTable) add(w *watcher) {
	l, e := t.list(w.end), keyEntry{w.key, w.end, w.id}
	i, _ := slices.BinarySearchFunc(*l, e, keyEntry.compare)
	*l = slices.Insert(*l, i, e)
}

func (t *keyTable) remove(w *watcher) {
	l := t.list(w.end)
	if i, ok := slices.BinarySearchFunc(*l, keyEntry{key: w.key, id: w.id}, keyEntry.compare); ok {
		*l = slices.Delete(*l, i, i+1)
	}
}

// visit calls fn for every watcher whose range holds key.
func (t *keyTable) visit(key []byte, fn func(ID)) {
	i, _ := slices.BinarySearchFunc(t.singles, keyEntry{key: key}, keyEntry.compare)
	for ; i < len(t.singles) && bytes.Equal(t.singles[i].key, key); i++ {
		fn(t.singles[i].id)
	}
	for _, e := range t.spans {
		if bytes.Compare(e.key, key) > 0 {
			return
		}
		if len(e.end) == 0 || bytes.Compare(key, e.end) < 0 {
			fn(e.id)
		}
	}
}

package lease

import (
	"cmp"
	"slices"
)

// Attach makes a key die with a lease, and with no other. The error is ErrNotFound.
func (r *Lessor) Attach(id ID, key string) error {
	if !r.Exists(id) {
		return ErrNotFound
	}
	r.Detach(key)
	r.owners.ReplaceOrInsert(attachment{key, id})
	r.keys.ReplaceOrInsert(attachment{key, id})
	return nil
}

// Detach makes a key live without a lease; one that has none is left alone.
func (r *Lessor) Detach(key string) {
	a, ok := r.owners.Delete(attachment{key: key})
	if ok {
		r.keys.Delete(a)
		r.view = nil
	}
}

// Assign follows a change of a key: a put attaches it to the lease of the put (0: to none), and a delete (lease 0)
// detaches it. A lease that does not exist leaves the key without one.
func (r *Lessor) Assign(key string, id ID) {
	if old := r.Of(key); old == id {
		return
	}
	r.Detach(key)
	if id != 0 && r.Exists(id) {
		r.owners.ReplaceOrInsert(attachment{key, id})
		r.keys.ReplaceOrInsert(attachment{key, id})
		r.view = nil
	}
}

// Of is the lease of a key; 0: none.
func (r *Lessor) Of(key string) ID {
	a, _ := r.owners.Get(attachment{key: key})
	return a.id
}

// Keys lists the keys of a lease, sorted.
func (r *Lessor) Keys(id ID) (keys []string) {
	r.keys.AscendGreaterOrEqual(attachment{id: id}, func(a attachment) bool {
		if a.id == id {
			keys = append(keys, a.key)
		}
		return a.id == id
	})
	return keys
}

// shuffle puts keys into an order that differs between members, as the order of a map does.
func shuffle(keys []string, member uint64) {
	slices.SortStableFunc(keys, func(a, b string) int {
		return cmp.Compare(digest(member).text(a), digest(member).text(b))
	})
}

package invariant

import "slices"

const partItems = 64

// vector is a list whose clones share memory until one of them writes.
type vector[T any] struct {
	parts []*part[T]
	owner *int // parts of this owner may be written in place
}

type part[T any] struct {
	owner *int
	items [partItems]T
}

// get returns the item at i, or zero when nothing was ever written there.
func (v *vector[T]) get(i uint64) (item T) {
	if p := i / partItems; p < uint64(len(v.parts)) && v.parts[p] != nil {
		return v.parts[p].items[i%partItems]
	}
	return item
}

// at returns the item at i to be written.
func (v *vector[T]) at(i uint64) *T {
	if v.owner == nil {
		v.owner = new(int)
	}
	p := i / partItems
	for p >= uint64(len(v.parts)) {
		v.parts = append(v.parts, nil)
	}
	switch have := v.parts[p]; {
	case have == nil:
		v.parts[p] = &part[T]{owner: v.owner}
	case have.owner != v.owner:
		v.parts[p] = &part[T]{owner: v.owner, items: have.items}
	}
	return &v.parts[p].items[i%partItems]
}

func (v *vector[T]) clone() vector[T] {
	v.owner = new(int)
	return vector[T]{parts: slices.Clone(v.parts), owner: new(int)}
}

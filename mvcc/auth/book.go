package auth

import (
	"cmp"
	"slices"
)

// named is a user or a role.
type named interface {
	comparable
	GetName() []byte
}

// book lists users or roles in order of name. Neither the list nor what it lists is ever changed in place, so stores
// and views share them.
type book[E named] []E

func (b book[E]) find(name string) (int, bool) {
	return slices.BinarySearchFunc(b, name, func(e E, name string) int { return cmp.Compare(string(e.GetName()), name) })
}

// get returns the one with a name, or nil.
func (b book[E]) get(name string) (e E) {
	if i, ok := b.find(name); ok {
		return b[i]
	}
	return e
}

// with returns the book with one more, or one in the place of its namesake.
func (b book[E]) with(e E) book[E] {
	i, ok := b.find(string(e.GetName()))
	if ok {
		b = slices.Clone(b)
		b[i] = e
		return b
	}
	return slices.Insert(slices.Clone(b), i, e)
}

func (b book[E]) without(name string) book[E] {
	i, ok := b.find(name)
	if !ok {
		return b
	}
	return slices.Delete(slices.Clone(b), i, i+1)
}

func (b book[E]) names() []string {
	out := make([]string, len(b))
	for i, e := range b {
		out[i] = string(e.GetName())
	}
	return out
}

// Package rule is the table in which a package lists the rules of its code that can be switched off, to see what they
// are for. A rule that is off is a true field of that package's Rules, read at the one place where it acts; the table
// gives the field its name. It holds no rules itself, and switches nothing by itself.
package rule

import "fmt"

// Rule is a rule that can be switched off.
type Rule struct {
	Name     string // kebab-case and stable: lessons and switches name it
	Sentence string // one present-tense sentence in plain words
	Source   string // where etcd follows it, or where it did not
}

// Entry is a rule with the field of R that switches it off.
type Entry[R any] struct {
	Rule
	off func(*R) *bool
}

// New is the entry of a rule.
func New[R any](name, sentence, source string, off func(*R) *bool) Entry[R] {
	return Entry[R]{Rule{name, sentence, source}, off}
}

// Table lists rules by name.
type Table[R any] []Entry[R]

// All lists the rules of the table in its order.
func (t Table[R]) All() []Rule {
	all := make([]Rule, len(t))
	for i := range t {
		all[i] = t[i].Rule
	}
	return all
}

// Switch puts a rule in force or out of force in r; an unknown name is an error.
func (t Table[R]) Switch(r *R, name string, on bool) error {
	for i := range t {
		if t[i].Name == name {
			*t[i].off(r) = !on
			return nil
		}
	}
	return fmt.Errorf("%T: there is no rule %q", *r, name)
}

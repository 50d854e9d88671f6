package lessons

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"etcdscope/nearest"
)

// Problem is one thing to fix in a lesson's file.
type Problem struct {
	File string
	Line int // from 1; 0 concerns the whole file
	Msg  string
}

// Error renders the problem as "file:line: what to do".
func (p Problem) Error() string {
	if p.Line == 0 {
		return p.File + ": " + p.Msg
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Msg)
}

// Problems is everything that is wrong at once, sorted by file and line.
type Problems []Problem

// Error renders one problem per line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Err returns the problems as an error, sorted and each once, or nil when there are none.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps.sorted()
}

func (ps Problems) sorted() Problems {
	sorted := slices.Clone(ps)
	slices.SortStableFunc(sorted, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return slices.Compact(sorted)
}

// unknown is the sentence about a word that is not in the list.
func unknown(what, word string, known []string) string {
	if near := nearest.Word(word, known); near != "" {
		return fmt.Sprintf("unknown %s %q: did you mean %q?", what, word, near)
	}
	return fmt.Sprintf("unknown %s %q: want one of %s", what, word, strings.Join(known, ", "))
}

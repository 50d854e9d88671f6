package script

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Error is what is wrong with a line: where, and what to write instead.
type Error struct {
	Line    string
	Row     int    // 1-based line of a predicate of several lines; 0 when there is only one
	Col     int    // 1-based rune position in Line
	Msg     string // without the suggestion
	Suggest string // the nearest right word, or empty
	Advice  string // what to write instead when one word cannot say it, or empty
}

// Error renders message, position and suggestion in one sentence.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Msg)
	if e.Row > 1 {
		fmt.Fprintf(&b, " at line %d, column %d", e.Row, e.Col)
	} else {
		fmt.Fprintf(&b, " at column %d", e.Col)
	}
	switch {
	case e.Suggest != "":
		fmt.Fprintf(&b, ": did you mean %q?", e.Suggest)
	case e.Advice != "":
		b.WriteString(": " + e.Advice)
	}
	return b.String()
}

// nearest returns the candidate that word was most likely meant to be, or "". A candidate that word begins
// counts as close; otherwise the edit distance must be small for the length of the word.
func nearest(word string, candidates []string) string {
	word = strings.ToLower(word)
	best, bestCost := "", allowedEdits(word)+1
	for _, c := range candidates {
		cost := distance(word, strings.ToLower(c))
		if len(word) >= 2 && strings.HasPrefix(strings.ToLower(c), word) {
			cost = min(cost, 1)
		}
		if cost < bestCost {
			best, bestCost = c, cost
		}
	}
	return best
}

func allowedEdits(word string) int {
	switch n := utf8.RuneCountInString(word); {
	case n > 40:
		return 0
	case n >= 8:
		return 3
	case n >= 5:
		return 2
	case n >= 2:
		return 1
	}
	return 0
}

// distance counts the insertions, deletions, substitutions and swaps of neighbours between a and b.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	if abs(len(x)-len(y)) > 3 {
		return 4
	}
	before, prev, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, prev, row = prev, row, before
	}
	return prev[len(y)]
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

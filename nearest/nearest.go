// Package nearest finds the known word that somebody probably meant.
//
// Errors about commands, lessons, flags and themes end with what it finds, so that they all judge alike. It never
// guesses when nothing is close. Start reading at Word.
package nearest

import (
	"strings"
	"unicode/utf8"
)

// Word returns the candidate that word was most likely meant to be, or "". A candidate that word begins
// counts as close; otherwise the edit distance must be small for the length of the word. Case does not count.
func Word(word string, candidates []string) string {
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

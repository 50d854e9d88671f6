package script

import (
	"fmt"
	"strings"
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

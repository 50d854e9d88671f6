//go:build linux || darwin

package e2e_test

import (
	"regexp"
	"strconv"
	"strings"
)

// The modes of a terminal that a program must take back, by their number in DECSET.
const (
	cursorShown    = "25"
	altScreen      = "1049"
	mouseMotion    = "1002"
	mouseSGR       = "1006"
	bracketedPaste = "2004"
)

var modeChange = regexp.MustCompile(`\x1b\[\?([\d;]+)([hl])`)

// mode says whether a mode is on after everything that was written; usual is what a terminal begins with.
func mode(raw, number string, usual bool) bool {
	on := usual
	for _, change := range modeChange.FindAllStringSubmatch(raw, -1) {
		for n := range strings.SplitSeq(change[1], ";") {
			if n == number {
				on = change[2] == "h"
			}
		}
	}
	return on
}

// restored fails the test unless the terminal is as a shell wants it.
func (s *screen) restored() {
	s.t.Helper()
	raw := s.output()
	if !strings.Contains(raw, "\x1b[?"+altScreen+"h") {
		s.fail("the program never entered the alternate screen")
	}
	for _, number := range []string{altScreen, mouseMotion, mouseSGR, bracketedPaste} {
		if mode(raw, number, false) {
			s.fail("mode %s is still on", number)
		}
	}
	if !mode(raw, cursorShown, true) {
		s.fail("the cursor is still hidden")
	}
}

var sgr = regexp.MustCompile(`\x1b\[([\d;:]*)m`)

// coloured returns the first style that asks for a colour, or "".
func coloured(raw string) string {
	for _, style := range sgr.FindAllStringSubmatch(raw, -1) {
		for part := range strings.FieldsFuncSeq(style[1], func(r rune) bool { return r == ';' || r == ':' }) {
			n, err := strconv.Atoi(part)
			if err != nil || n >= 30 && n <= 49 || n == 58 || n >= 90 && n <= 107 {
				return style[0]
			}
		}
	}
	return ""
}

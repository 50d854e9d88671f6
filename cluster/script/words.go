package script

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxLine is the longest line in bytes; MaxValue the longest key or value.
const (
	MaxLine  = 4096
	MaxValue = 4096
)

// word is one word of a line with its quotes and escapes taken away.
type word struct {
	text string
	col  int  // 1-based rune position
	bare bool // no quotes and no escapes: only then may it be a flag, a member, a key word
}

// wordReader cuts a line into words as a shell does: blanks part them, "…" and \ escape, '…' is literal, and a
// word that is a lone # begins a comment.
type wordReader struct {
	line string
	runs []rune
	pos  int

	signs bool // ; ( and ) are words of their own, unless the parentheses stand behind a name: mod(x)
}

func newWordReader(line string) (*wordReader, *Error) {
	fail := func(col int, msg, advice string) (*wordReader, *Error) {
		return nil, &Error{Line: line, Col: col, Msg: msg, Advice: advice}
	}
	if len(line) > MaxLine {
		return fail(MaxLine, fmt.Sprintf("the line is %d bytes long", len(line)),
			fmt.Sprintf("at most %d are allowed", MaxLine))
	}
	if !utf8.ValidString(line) {
		valid := line[:len(line)-len(strings.TrimLeftFunc(line, func(r rune) bool { return r != utf8.RuneError }))]
		return fail(utf8.RuneCountInString(valid)+1, "the line is not UTF-8",
			`write such bytes as \x and two hex digits`)
	}
	l := &wordReader{line: line, runs: []rune(line)}
	for i, r := range l.runs {
		if r != '\t' && unicode.IsControl(r) {
			return fail(i+1, fmt.Sprintf("control character %q", r), `write it as \n or as \x and two hex digits`)
		}
	}
	return l, nil
}

func isBlank(r rune) bool { return r == ' ' || r == '\t' || r == '\u3000' || r == '\u00a0' }

func (l *wordReader) skipBlanks() {
	for l.pos < len(l.runs) && isBlank(l.runs[l.pos]) {
		l.pos++
	}
}

// atEnd skips blanks and says whether no word is left.
func (l *wordReader) atEnd() bool {
	l.skipBlanks()
	if l.pos == len(l.runs) {
		return true
	}
	return l.runs[l.pos] == '#' && (l.pos+1 == len(l.runs) || isBlank(l.runs[l.pos+1]))
}

// rest returns what is left of the line as it was written, and its column.
func (l *wordReader) rest() (string, int) {
	l.skipBlanks()
	return strings.TrimRightFunc(string(l.runs[l.pos:]), isBlank), l.pos + 1
}

// next returns the next word; ok is false at the end.
func (l *wordReader) next() (w word, ok bool, err *Error) {
	if l.atEnd() {
		return word{}, false, nil
	}
	w = word{col: l.pos + 1, bare: true}
	if l.signs && strings.ContainsRune(";()", l.runs[l.pos]) {
		w.text = string(l.runs[l.pos])
		l.pos++
		return w, true, nil
	}
	var b strings.Builder
	depth := 0
	for l.pos < len(l.runs) && !isBlank(l.runs[l.pos]) {
		r := l.runs[l.pos]
		if l.ends(r, &depth) {
			break
		}
		switch r {
		case '"', '\'':
			w.bare = false
			if err := l.quoted(&b, r); err != nil {
				return w, false, err
			}
		case '\\':
			w.bare = false
			if err := l.escape(&b); err != nil {
				return w, false, err
			}
		default:
			b.WriteRune(r)
			l.pos++
		}
	}
	w.text = b.String()
	return w, true, nil
}

// ends says whether a sign behind a word ends it.
func (l *wordReader) ends(r rune, depth *int) bool {
	switch {
	case !l.signs:
		return false
	case r == '(':
		*depth++
	case r == ')':
		*depth--
	}
	return r == ';' || *depth < 0
}

// quoted reads from an opening quote to behind the closing one.
func (l *wordReader) quoted(b *strings.Builder, quote rune) *Error {
	start := l.pos
	l.pos++
	for l.pos < len(l.runs) {
		switch r := l.runs[l.pos]; {
		case r == quote:
			l.pos++
			return nil
		case r == '\\' && quote == '"':
			if err := l.escape(b); err != nil {
				return err
			}
		default:
			b.WriteRune(r)
			l.pos++
		}
	}
	return l.fail(start, fmt.Sprintf("the quote %c is never closed", quote),
		fmt.Sprintf("end the word with %c", quote))
}

// escape reads a backslash and what follows.
func (l *wordReader) escape(b *strings.Builder) *Error {
	start := l.pos
	l.pos++
	if l.pos == len(l.runs) {
		return l.fail(start, `a backslash ends the line`, `write \\ for a backslash`)
	}
	r := l.runs[l.pos]
	l.pos++
	switch {
	case r == 'n':
		b.WriteByte('\n')
	case r == 't':
		b.WriteByte('\t')
	case r == 'r':
		b.WriteByte('\r')
	case r == 'x':
		return l.hex(b, start)
	case unicode.IsLetter(r) || unicode.IsDigit(r):
		return l.fail(start, fmt.Sprintf(`unknown escape \%c`, r),
			`write \\ for a backslash; \n, \t, \r and \xNN are known`)
	default:
		b.WriteRune(r)
	}
	return nil
}

func (l *wordReader) hex(b *strings.Builder, start int) *Error {
	value := 0
	for range 2 {
		digit := -1
		if l.pos < len(l.runs) {
			digit = strings.IndexRune("0123456789abcdef", unicode.ToLower(l.runs[l.pos]))
		}
		if digit < 0 {
			return l.fail(start, `\x without two hex digits`, `write \x00 to \xff`)
		}
		value = value*16 + digit
		l.pos++
	}
	b.WriteByte(byte(value))
	return nil
}

func (l *wordReader) fail(at int, msg, advice string) *Error {
	return &Error{Line: l.line, Col: at + 1, Msg: msg, Advice: advice}
}

// quote writes text so that a wordReader reads it back as one word that is not a key word, flag or member.
func quote(text string) string {
	if isPlain(text) {
		return text
	}
	return quoted(text)
}

// quoted writes text in quotes.
func quoted(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == utf8.RuneError && size <= 1, unicode.IsControl(r):
			for _, c := range []byte(text[i : i+size]) {
				fmt.Fprintf(&b, `\x%02x`, c)
			}
		default:
			b.WriteRune(r)
		}
		i += size
	}
	b.WriteByte('"')
	return b.String()
}

// isPlain says whether text may stand without quotes wherever a key or a value is expected.
func isPlain(text string) bool {
	if text == "" || text[0] == '-' || text[0] == '#' || isOptionWord(text) {
		return false
	}
	for _, r := range text {
		switch {
		case r == utf8.RuneError, r == '"', r == '\'', r == '\\', isBlank(r), unicode.IsControl(r):
			return false
		}
	}
	return true
}

// isOptionWord says whether text is an option in the notation without dashes.
func isOptionWord(text string) bool {
	return text == "via" || text == "by" || text == "tag" || text == "max"
}

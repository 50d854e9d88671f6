package frame

import "strings"

// Runes that may not begin a line, and runes that may not end one, where Chinese text is broken.
const (
	closing = "，。、；：！？）」』】》〉〕％…—·,.;:!?)]}”’%"
	opening = "（「『【《〈〔([{“‘"
)

// Wrap breaks text into lines of at most width cells: English between words, Chinese between characters but not
// before a closing or after an opening punctuation mark; a word longer than a line is cut. A newline always
// breaks, and spaces at the start of a paragraph stay. The lines are as [SafeLines] shows them; for a
// stranger's text whose newlines should be seen, wrap [Safe] of it. A width below 1 gives no line; at width 1 a
// wide rune stands alone and too wide.
func Wrap(text string, width int) []string {
	if width < 1 {
		return nil
	}
	var lines []string
	for paragraph := range strings.SplitSeq(SafeLines(text), "\n") {
		p := wrapper{text: paragraph, width: width}
		lines = p.wrap(lines)
	}
	return lines
}

// wrapper breaks one paragraph. All its numbers but width and used are byte offsets into text.
type wrapper struct {
	text  string
	width int

	start int // of the line being filled
	used  int // cells from start on, trailing spaces included: those may hang over the edge
	end   int // where the line ends if it is broken at the last place that allows it
	next  int // where the next line begins in that case; start if there is no such place
}

func (p *wrapper) wrap(lines []string) []string {
	i := p.skipIndent()
	prev, prevWidth := ' ', 1
	for i < len(p.text) {
		r, size, width := next(p.text[i:])
		if r == ' ' {
			p.space(i, prev)
		} else {
			if prev != ' ' && breaks(prev, prevWidth, r, width) {
				p.end, p.next = i, i
			}
			for p.used+width > p.width && i > p.start {
				lines = append(lines, p.line(i))
			}
		}
		p.used += width
		i += size
		prev, prevWidth = r, width
	}
	return append(lines, strings.TrimRight(p.text[p.start:], " "))
}

// skipIndent takes the spaces that the paragraph begins with into the first line, but never more than half of
// it and only beside a word, and returns where the words begin.
func (p *wrapper) skipIndent() int {
	i := len(p.text) - len(strings.TrimLeft(p.text, " "))
	p.used = min(i, p.width/2)
	if i < len(p.text) {
		if _, _, width := next(p.text[i:]); p.used+width > p.width {
			p.used = 0
		}
	}
	p.start = i - p.used
	p.next = p.start
	return i
}

// space notes that the line may be broken at the space at i; of several spaces all are dropped.
func (p *wrapper) space(i int, prev rune) {
	if prev != ' ' {
		p.end = i
	}
	p.next = i + 1
}

// line returns the line that is full when the rune at i no longer fits, and begins the next one.
func (p *wrapper) line(i int) string {
	if p.next == p.start {
		p.end, p.next = i, i
	}
	full := p.text[p.start:p.end]
	p.start = p.next
	p.used = Width(p.text[p.start:i])
	return full
}

// breaks reports whether a line may be broken between two runes with no space between them.
func breaks(left rune, leftWidth int, right rune, rightWidth int) bool {
	return (leftWidth == 2 || rightWidth == 2) &&
		!strings.ContainsRune(opening, left) && !strings.ContainsRune(closing, right)
}

package lessons

import (
	"bytes"
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"

	"etcdscope/nearest"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// The limits of a lesson: it may come from a stranger.
const (
	MaxBytes    = 256 << 10 // of a file
	MaxSections = 64        // headings
	MaxCommands = 10_000    // lines of scenes, solutions and mistakes
	MaxEvents   = 1_000_000 // of a run of the whole lesson
	MaxValue    = 4 << 10   // bytes of one command line, and so of a value
	maxFront    = 16 << 10  // bytes of front matter
)

// reader is a file being parsed.
type reader struct {
	lesson   *Lesson
	src      []byte
	starts   []int // offset of every line
	section  string
	step     *Step // the step being read, or nil
	sections int
	commands int
	goalAt   int
	quizAt   int
	lost     bool     // a heading was unknown, so what is missing may stand below it
	unread   bool     // the front matter could not be read
	meta     []string // the fields of the front matter that are there
	problems Problems
}

// lost is the section below an unknown heading: what stands there is not judged again.
const lost = "?"

// Parse reads a lesson. The error is of type Problems and names everything that is wrong, with file and line.
func Parse(file string, src []byte) (*Lesson, error) {
	r := &reader{lesson: &Lesson{File: file}}
	if at, msg := damaged(src); msg != "" {
		r.problem(at, "%s", msg)
		return nil, r.problems.Err()
	}
	src = bytes.TrimPrefix(src, []byte("\ufeff")) // Windows editors like to begin with it
	r.src = bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))
	r.starts = lineStarts(r.src)
	body, ok := r.front()
	if ok {
		r.body(body)
		r.complete()
	}
	if err := r.problems.Err(); err != nil {
		return nil, err
	}
	return r.lesson, nil
}

// damaged says at which line src is no text of bearable size, and why.
func damaged(src []byte) (int, string) {
	if len(src) > MaxBytes {
		return 0, fmt.Sprintf("the file has %d bytes: split the lesson, at most %d fit", len(src), MaxBytes)
	}
	line := 1
	for i := 0; i < len(src); {
		c, size := utf8.DecodeRune(src[i:])
		switch {
		case c == utf8.RuneError && size == 1:
			return line, "this is not UTF-8: save the file as UTF-8"
		case c == '\n':
			line++
		case c < ' ' && c != '\t' && c != '\r', c == 0x7f, c >= 0x80 && c < 0xa0:
			return line, fmt.Sprintf("control character %U: remove it", c)
		}
		i += size
	}
	return 0, ""
}

func lineStarts(src []byte) []int {
	starts := []int{0}
	for i, c := range src {
		if c == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// line is the number, from 1, of the line at an offset of src.
func (r *reader) line(offset int) int {
	return sort.Search(len(r.starts), func(i int) bool { return r.starts[i] > offset })
}

// lineText is the line with number n, without its end.
func (r *reader) lineText(n int) string {
	if n < 1 || n > len(r.starts) {
		return ""
	}
	end := len(r.src)
	if n < len(r.starts) {
		end = r.starts[n] - 1
	}
	return string(r.src[r.starts[n-1]:end])
}

func (r *reader) problem(line int, format string, args ...any) {
	r.problems = append(r.problems, Problem{File: r.lesson.File, Line: line, Msg: fmt.Sprintf(format, args...)})
}

// body reads everything below the front matter, which ends at offset from.
func (r *reader) body(from int) {
	// goldmark sees blank lines instead of the front matter, so that its offsets are those of the file.
	masked := bytes.Clone(r.src)
	for i := range masked[:from] {
		if masked[i] != '\n' {
			masked[i] = ' '
		}
	}
	blocks := parser.NewParser(parser.WithBlockParsers(parser.DefaultBlockParsers()...))
	doc := blocks.Parse(text.NewReader(masked))
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		at := r.line(max(n.Pos(), 0))
		switch n := n.(type) {
		case *ast.Heading:
			r.heading(n, at)
		case *ast.Paragraph:
			r.paragraph(r.segment(n))
		case *ast.FencedCodeBlock:
			r.fence(n, at)
		default:
			r.problem(at, "a lesson has headings, en: and zh: lines and ``` blocks, but no %s", blockName(n))
		}
	}
}

func blockName(n ast.Node) string {
	switch n.Kind() {
	case ast.KindHTMLBlock:
		return "HTML"
	case ast.KindCodeBlock:
		return "indented block: start the line at the margin"
	case ast.KindThematicBreak:
		return "rule"
	}
	return strings.ToLower(n.Kind().String())
}

// segment returns the lines of a block as they stand in the file, indentation included.
func (r *reader) segment(n ast.Node) []Line {
	lines := make([]Line, n.Lines().Len())
	for i := range lines {
		s := n.Lines().At(i)
		at := r.line(s.Start)
		lines[i] = Line{r.lineText(at), at}
	}
	return lines
}

// heading begins a section.
func (r *reader) heading(h *ast.Heading, at int) {
	r.sections++
	if r.sections == MaxSections+1 {
		r.problem(at, "too many sections: at most %d fit, split the lesson", MaxSections)
	}
	written := strings.TrimSpace(r.lineText(at))
	title := strings.TrimSpace(strings.Trim(written, "#"))
	r.step = nil
	word, rest, _ := strings.Cut(title, " ")
	rest = strings.TrimSpace(rest)
	switch {
	case !strings.HasPrefix(written, "#"):
		r.section = lost
		r.problem(at, "this line is underlined and so a heading: leave an empty line before --- or ===")
	case written == "# goal":
		r.enter("goal", &r.goalAt, at)
	case written == "## quiz":
		r.enter("quiz", &r.quizAt, at)
	case h.Level == 2 && word == "step":
		r.beginStep(rest, at)
	default:
		r.section = lost
		r.lost = true
		r.problem(at, "unknown heading %q: did you mean %q?", written, nearestHeading(h.Level, word, rest))
	}
}

func nearestHeading(level int, word, rest string) string {
	switch near := nearest.Word(word, []string{"goal", "step", "quiz"}); {
	case near == "goal", near == "" && level == 1:
		return "# goal"
	case near == "quiz":
		return "## quiz"
	case rest == "":
		return "## step NAME"
	default:
		return "## step " + rest
	}
}

// enter begins the section goal or quiz, of which there is one each.
func (r *reader) enter(section string, first *int, at int) {
	if *first > 0 {
		r.problem(at, "a second %s: the first is at line %d, a lesson has one", section, *first)
		r.section = lost
		return
	}
	*first, r.section = at, section
}

func (r *reader) beginStep(id string, at int) {
	r.section = "step"
	if !isName(id) {
		r.problem(at, "step name %q: write \"## step NAME\" with small letters, digits and hyphens", id)
	}
	for i := range r.lesson.Steps {
		if r.lesson.Steps[i].ID == id {
			r.problem(at, "step %q is already at line %d: give it another name", id, r.lesson.Steps[i].At)
		}
	}
	r.lesson.Steps = append(r.lesson.Steps, Step{ID: id, At: at, Goal: Goal{Budget: -1}})
	r.step = &r.lesson.Steps[len(r.lesson.Steps)-1]
}

func isName(s string) bool {
	for _, c := range s {
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-') {
			return false
		}
	}
	return s != "" && len(s) <= 40
}

// paragraph reads en: and zh: lines of a section.
func (r *reader) paragraph(lines []Line) {
	switch r.section {
	case "goal":
		r.once(&r.lesson.Goal, "goal", lines)
	case "step":
		r.once(&r.step.Text, "text of the step", lines)
	case "quiz":
		r.cards(lines)
	default:
		if r.sections == 0 {
			r.problem(lines[0].At, "text before the first heading: begin with \"# goal\"")
		}
	}
}

// once fills t from a pair of lines, which may come once in a section.
func (r *reader) once(t *Text, what string, lines []Line) {
	if !t.Empty() {
		r.problem(lines[0].At, "a second %s: write one en: and one zh:, continued on indented lines", what)
		return
	}
	*t = r.pair(lines)
}

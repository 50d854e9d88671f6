package script

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"etcdscope/nearest"

	"etcdscope/cluster"
	"etcdscope/raft"
)

// Limits of the numbers in a line.
const (
	MaxSteps = 1_000_000  // of step, back, tick, tickback
	MaxTicks = 10_000_000 // of a duration or a timer
)

// Parse reads one line. nodes is the size of the cluster (for members that do not exist); leader resolves the
// word "leader" now (0: there is none, an error). A blank line or a comment (#) is a nil call without error.
// The error is always an *Error.
func Parse(line string, nodes int, leader uint64) (*Call, error) {
	if strings.HasPrefix(strings.TrimLeftFunc(line, isBlank), "#") {
		return nil, nil
	}
	lex, lexErr := newWordReader(line)
	if lexErr != nil {
		return nil, lexErr
	}
	if lex.atEnd() {
		return nil, nil
	}
	p := &lineParser{line: line, lex: lex, nodes: max(nodes, 0), leader: raft.ID(leader), table: specs}
	call := p.call()
	if p.err != nil {
		return nil, p.err
	}
	return call, nil
}

// lineParser reads the words of one line. The first error sticks: everything after it returns zero values, so
// the functions that read a command need not check after every word.
type lineParser struct {
	line   string
	lex    *wordReader
	words  []word
	pos    int
	nodes  int
	leader raft.ID
	table  []*Spec // the registry: passed in, because the registry names the functions that read
	spec   *Spec
	err    *Error
}

// call reads the whole line.
func (p *lineParser) call() *Call {
	first, _, err := p.lex.next()
	if err != nil {
		p.err = err
		return nil
	}
	p.spec = p.command(first)
	if p.err == nil && p.spec == nil {
		p.unknown(first, "command", names(p.table))
		return nil
	}
	if p.err != nil {
		return nil
	}
	p.lex.signs = p.spec.Name == "txn"
	if !(p.spec.Name == "run" && p.untilFollows()) {
		p.split()
	}
	if p.err != nil {
		return nil
	}
	c := p.spec.parse(p)
	p.noMore()
	if p.err != nil {
		return nil
	}
	c.Spec, c.Text = p.spec, format(p.spec, c)
	if c.World != nil {
		c.World.Text = c.Text
	}
	if len(c.Text) > MaxLine {
		p.failAt(1, fmt.Sprintf("written out, the line is %d bytes long", len(c.Text)),
			fmt.Sprintf("at most %d are allowed", MaxLine))
	}
	return c
}

// command finds the command of one word, or of two such as "member add".
func (p *lineParser) command(first word) *Spec {
	second := under(p.table, first.text)
	if len(second) == 0 {
		return find(p.table, first.text)
	}
	w, ok, err := p.lex.next()
	if err != nil {
		p.err = err
		return nil
	}
	if !ok {
		p.failAt(len(p.lex.runs)+1, first.text+" needs a second word", "write "+orList(second))
		return nil
	}
	s := find(p.table, first.text+" "+w.text)
	if s == nil {
		p.err = &Error{
			Line: p.line, Col: w.col, Msg: fmt.Sprintf("unknown command %q", first.text+" "+w.text),
			Suggest: nearest.Word(w.text, second), Advice: "write " + orList(second),
		}
	}
	return s
}

// untilFollows looks for the word until, behind which a predicate stands that has its own quotes.
func (p *lineParser) untilFollows() bool {
	at := p.lex.pos
	w, ok, err := p.lex.next()
	if ok && err == nil && w.bare && w.text == "until" {
		return true
	}
	p.lex.pos = at
	return false
}

// split cuts the rest of the line into words.
func (p *lineParser) split() {
	for {
		w, ok, err := p.lex.next()
		if err != nil {
			p.err = err
		}
		if err != nil || !ok {
			return
		}
		p.words = append(p.words, w)
	}
}

func (p *lineParser) more() bool { return p.err == nil && p.pos < len(p.words) }

// peek is the next word, or a word of nothing at the end of the line.
func (p *lineParser) peek() word {
	if !p.more() {
		return word{col: len(p.lex.runs) + 1}
	}
	return p.words[p.pos]
}

// take returns the next word; what names it in the error when there is none.
func (p *lineParser) take(what string) word {
	if !p.more() {
		p.missing(what)
		return word{col: len(p.lex.runs) + 1}
	}
	w := p.words[p.pos]
	p.pos++
	return w
}

// accept takes the next word if it is text without quotes.
func (p *lineParser) accept(text string) bool {
	if p.more() && p.words[p.pos].bare && p.words[p.pos].text == text {
		p.pos++
		return true
	}
	return false
}

func (p *lineParser) missing(what string) {
	p.failAt(len(p.lex.runs)+1, fmt.Sprintf("%s needs %s", p.spec.Name, what), "write "+p.spec.Usage)
}

// noMore complains about a word too many.
func (p *lineParser) noMore() {
	if p.more() {
		w := p.peek()
		p.fail(w, fmt.Sprintf("%s does not expect %q", p.spec.Name, w.text), "write "+p.spec.Usage)
	}
}

func (p *lineParser) fail(w word, msg, advice string) { p.failAt(w.col, msg, advice) }

func (p *lineParser) failAt(col int, msg, advice string) {
	if p.err == nil {
		p.err = &Error{Line: p.line, Col: col, Msg: msg, Advice: advice}
	}
}

// unknown complains about a word that is not in the closed list of its place.
func (p *lineParser) unknown(w word, what string, valid []string) {
	if p.err != nil {
		return
	}
	p.err = &Error{
		Line: p.line, Col: w.col, Msg: fmt.Sprintf("unknown %s %q", what, w.text),
		Suggest: nearest.Word(w.text, valid),
	}
	if what == "command" {
		p.err.Advice = "help lists all commands"
	} else {
		p.err.Advice = "write " + orList(valid)
	}
}

// number reads a whole number between lo and hi.
func (p *lineParser) number(what string, lo, hi int64) int64 {
	w := p.take(what)
	return p.numberIn(w, w.text, what, lo, hi)
}

func (p *lineParser) numberIn(w word, text, what string, lo, hi int64) int64 {
	if p.err != nil {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil && !isDigits(strings.TrimPrefix(text, "-")) {
		p.fail(w, fmt.Sprintf("%q is not a whole number", text), fmt.Sprintf("write %s from %d to %d", what, lo, hi))
		return 0
	}
	if err != nil || n < lo || n > hi {
		p.fail(w, fmt.Sprintf("%s is out of range for %s", text, what), fmt.Sprintf("write %d to %d", lo, hi))
		return 0
	}
	return n
}

// count reads an optional number of times, 1 when it is left out.
func (p *lineParser) count(what string) int {
	if !p.more() {
		return 1
	}
	return int(p.number(what, 1, MaxSteps))
}

// name reads the name of a mark, branch or tag.
func (p *lineParser) name(what string) string {
	w := p.take(what)
	if p.err == nil && !isName(w.text) {
		p.fail(w, fmt.Sprintf("%q cannot be %s", w.text, what),
			"write a letter, then letters, digits, - or _, at most 32 in all")
	}
	return w.text
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

func orList(words []string) string {
	switch n := len(words); n {
	case 0:
		return "nothing here"
	case 1:
		return words[0]
	default:
		return strings.Join(words[:n-1], ", ") + " or " + words[n-1]
	}
}

func action(a Action) func(*lineParser) *Call {
	return func(*lineParser) *Call { return &Call{Action: a} }
}

func world(c cluster.Command) *Call { return &Call{World: &c} }

const maxSeed = math.MaxInt64

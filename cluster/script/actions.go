package script

import (
	"strconv"
	"strings"
)

// times reads a command of the session with an optional number.
func times(a Action, what string) func(*lineParser) *Call {
	return func(p *lineParser) *Call { return &Call{Action: a, N: p.count(what)} }
}

// named reads a command of the session with a name; optional names may be left out.
func named(a Action, what string, optional bool) func(*lineParser) *Call {
	return func(p *lineParser) *Call {
		if optional && !p.more() {
			return &Call{Action: a}
		}
		return &Call{Action: a, Name: p.name(what)}
	}
}

func onFile(a Action) func(*lineParser) *Call {
	return func(p *lineParser) *Call {
		w := p.take("a file")
		if w.text == "" && p.err == nil {
			p.fail(w, "the file has no name", "write "+p.spec.Usage)
		}
		return &Call{Action: a, Name: w.text}
	}
}

// parseExport reads whose files go where.
func parseExport(p *lineParser) *Call {
	w := p.take("a member or all, and a directory")
	c := &Call{Action: Export}
	if p.err == nil && w.text != "all" {
		c.N = int(p.memberOf(w, w.text, "all"))
	}
	dir := p.take("a directory")
	if dir.text == "" && p.err == nil {
		p.fail(dir, "the directory has no name", "write "+p.spec.Usage)
	}
	c.Name = dir.text
	return c
}

func parseSeed(p *lineParser) *Call {
	return &Call{Action: Seed, N: int(p.number("a seed", 0, maxSeed))}
}

func parseHelp(p *lineParser) *Call {
	c := &Call{Action: Help}
	if !p.more() {
		return c
	}
	w := p.take("")
	name, known := w.text, names(p.table)
	if second := under(p.table, name); len(second) > 0 {
		if !p.more() {
			c.Name = name
			return c
		}
		w = p.take(orList(second))
		name, known = name+" "+w.text, second
	}
	spec := find(p.table, name)
	if spec == nil {
		p.unknown(w, "command", known)
		return c
	}
	c.Name = spec.Name
	return c
}

func parseGoto(p *lineParser) *Call {
	w := p.take("a mark, an @EVENT or a time")
	c := &Call{Action: Goto, Name: w.text}
	switch {
	case p.err != nil:
	case strings.HasPrefix(w.text, "@"):
		c.N = int(p.numberIn(w, w.text[1:], "an event number", 0, maxEvent))
		c.Name = "@" + strconv.Itoa(c.N)
	case isTime(w.text):
		if isDigits(w.text) && (p.accept("ticks") || p.accept("tick")) {
			w.text += "ticks"
		}
		c.For, c.N = p.durationOf(w)
		c.Name = formatDuration(c.For, c.N)
	case !isName(w.text):
		p.fail(w, "goto leads to a mark, an event or a time", "write goto start, goto @120 or goto 250ms")
	}
	return c
}

// parseRun reads "run DURATION"; the words behind until are still uncut.
func parseRun(p *lineParser) *Call {
	if len(p.words) == 0 && !p.lex.atEnd() {
		return p.runUntil()
	}
	if !p.more() {
		p.missing("a duration, or until and a predicate")
	}
	at := p.peek()
	c := &Call{Action: RunFor}
	c.For, c.N = p.duration("a duration")
	p.notNothing(at, c)
	return c
}

// runUntil reads "PREDICATE [max DURATION]".
func (p *lineParser) runUntil() *Call {
	source, col := p.lex.rest()
	c := &Call{Action: RunUntil}
	source, limit := cutMax(source)
	if limit != "" {
		at := len([]rune(strings.TrimRight(p.line, " \t"))) - len([]rune(limit)) + 1
		if number, _, _ := strings.Cut(limit, " "); number != limit {
			limit = number + "ticks"
		}
		w := word{text: limit, col: at}
		c.For, c.N = p.durationOf(w)
		p.notNothing(w, c)
	}
	if source == "" && p.err == nil {
		p.missing("a predicate behind until")
		return c
	}
	predicate, err := compile(source, p.table)
	if err != nil && p.err == nil {
		e := *err.(*Error)
		e.Line, e.Col, e.Row = p.line, e.Col+col-1, 0
		p.err = &e
	}
	c.Until = predicate
	return c
}

// cutMax takes "max 60", "--max 2s" or "max 60 ticks" off the end. It is not the function max(a, b), and not
// text in quotes: its last word begins with a digit and has no quote.
func cutMax(source string) (predicate, limit string) {
	words := strings.FieldsFunc(source, isBlank)
	tail := 2
	if n := len(words); n >= 3 && (words[n-1] == "ticks" || words[n-1] == "tick") {
		tail = 3
	}
	if len(words) < tail {
		return source, ""
	}
	last := words[len(words)-tail:]
	if last[0] != "max" && last[0] != "--max" || !isTime(last[1]) || strings.ContainsAny(last[1], "\"'`()") {
		return source, ""
	}
	i := strings.LastIndex(source, last[0])
	return strings.TrimRightFunc(source[:i], isBlank), strings.Join(last[1:], " ")
}

func (p *lineParser) notNothing(w word, c *Call) {
	if p.err == nil && c.For == 0 && c.N == 0 {
		p.fail(w, "a duration of nothing", durationAdvice)
	}
}

package lessons

import (
	"slices"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// fenceBlock is one ``` block: its name, what stands behind the name, and its lines.
type fenceBlock struct {
	name, args string
	at         int
	lines      []Line
}

// fences lists every block that a lesson knows, with what reads it.
func fences() []struct {
	name string
	read func(*reader, fenceBlock)
} {
	return []struct {
		name string
		read func(*reader, fenceBlock)
	}{
		{"predict", (*reader).readPredict},
		{"ask", (*reader).readAsk},
		{"do", func(r *reader, f fenceBlock) { r.once(&r.step.Do, "do", f.lines) }},
		{"solution", (*reader).readSolution},
		{"goal", (*reader).readGoal},
		{"hint", (*reader).readHint},
		{"mistake", (*reader).readMistake},
		{"observe", func(r *reader, f fenceBlock) { r.step.Observe = append(r.step.Observe, meaningful(f.lines)...) }},
		{"explain", func(r *reader, f fenceBlock) { r.once(&r.step.Explain, "explain", f.lines) }},
		{"note", (*reader).readNote},
		{"pause", (*reader).readPause},
		{"curtain", (*reader).readCurtain},
		{"view", (*reader).readView},
		{"allow", func(r *reader, f fenceBlock) { r.step.Allow = append(r.step.Allow, words(f.lines)...) }},
		{"deny", func(r *reader, f fenceBlock) { r.step.Deny = append(r.step.Deny, words(f.lines)...) }},
		{"link", (*reader).readLink},
		{"scene", (*reader).readScene},
	}
}

// fence reads one fenced block.
func (r *reader) fence(n *ast.FencedCodeBlock, at int) {
	f := fenceBlock{at: at, lines: r.segment(n)}
	if n.Info != nil {
		info := strings.TrimSpace(string(n.Info.Segment.Value(r.src)))
		f.name, f.args, _ = strings.Cut(info, " ")
		f.args = strings.TrimSpace(f.args)
	}
	last := at
	if len(f.lines) > 0 {
		last = f.lines[len(f.lines)-1].At
	}
	if !isFenceEnd(r.lineText(last + 1)) {
		r.problem(at, "the block %q is never closed: write ``` below it", f.name)
	}
	r.dispatch(f)
}

func isFenceEnd(line string) bool {
	mark := strings.TrimSpace(line)
	return len(mark) >= 3 && (strings.Trim(mark, "`") == "" || strings.Trim(mark, "~") == "")
}

func (r *reader) dispatch(f fenceBlock) {
	var known []string
	for _, k := range fences() {
		if k.name == f.name && r.mayStand(f) {
			k.read(r, f)
		}
		known = append(known, k.name)
	}
	switch {
	case f.name == "":
		r.problem(f.at, "a block without a name: write its name behind ```, one of %s", strings.Join(known, ", "))
	case !slices.Contains(known, f.name):
		r.problem(f.at, "%s", unknown("block", f.name, known))
	}
}

// mayStand says whether the block is inside a step; the quiz may hold predict blocks too.
func (r *reader) mayStand(f fenceBlock) bool {
	if f.args != "" && f.name != "hint" && !strings.HasPrefix(f.args, "#") {
		r.problem(f.at, "%q behind ```%s: write it inside the block, or after # as a comment", short(f.args), f.name)
	}
	if r.step != nil || (r.section == "quiz" && f.name == "predict") {
		return true
	}
	if r.section != lost {
		r.problem(f.at, "the block %q belongs into a step: write it below a \"## step NAME\" heading", f.name)
	}
	return false
}

// meaningful returns the lines that say something: no blank lines, no comments.
func meaningful(lines []Line) []Line {
	var out []Line
	for _, l := range lines {
		if t := strings.TrimSpace(l.Text); t != "" && !strings.HasPrefix(t, "#") {
			out = append(out, Line{t, l.At})
		}
	}
	return out
}

// words splits lines at spaces and commas.
func words(lines []Line) []Line {
	var out []Line
	for _, l := range meaningful(lines) {
		for _, w := range strings.FieldsFunc(l.Text, func(c rune) bool { return c == ' ' || c == ',' || c == '\t' }) {
			out = append(out, Line{w, l.At})
		}
	}
	return out
}

func (r *reader) countCommands(lines []Line) {
	before := r.commands
	r.commands += len(lines)
	if before <= MaxCommands && r.commands > MaxCommands {
		r.problem(lines[0].At, "too many commands: at most %d fit into a lesson", MaxCommands)
	}
	for _, l := range lines {
		if len(l.Text) > MaxValue {
			r.problem(l.At, "the command has %d bytes: at most %d fit", len(l.Text), MaxValue)
		}
	}
}

func (r *reader) readSolution(f fenceBlock) {
	lines := meaningful(f.lines)
	r.countCommands(lines)
	r.step.Solution = append(r.step.Solution, lines...)
}

func (r *reader) readGoal(f fenceBlock) {
	g := &r.step.Goal
	if g.At != 0 {
		r.problem(f.at, "a second goal: a step has one, every line of it must hold")
		return
	}
	g.At = f.at
	for _, l := range meaningful(f.lines) {
		name, rest, found := strings.Cut(l.Text, ":")
		rest = strings.TrimSpace(rest)
		switch {
		case found && name == "keep":
			g.Keep = append(g.Keep, Line{rest, l.At})
		case found && name == "never":
			g.Never = append(g.Never, Line{rest, l.At})
		case found && name == "within":
			g.Within = r.amount(l.At, rest, "ticks")
		case found && name == "budget":
			g.Budget = r.amount(l.At, rest, "faults")
		case found && isName(name):
			r.problem(l.At, "%s", unknown("line", name, []string{"keep", "never", "within", "budget"}))
		default:
			g.Conditions = append(g.Conditions, l)
		}
	}
	if len(g.Conditions) == 0 {
		r.problem(f.at, "the goal is empty: write a predicate, such as size(leaders()) == 1")
	}
}

// amount reads "60 ticks".
func (r *reader) amount(at int, s, unit string) int {
	number, _ := strings.CutSuffix(strings.TrimSpace(s), strings.TrimSuffix(unit, "s"))
	number = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(number), unit))
	n, err := strconv.Atoi(number)
	if err != nil || n < 0 || n > MaxEvents {
		r.problem(at, "%q: want a number of %s, such as 30 %s", short(s), unit, unit)
		return 0
	}
	return n
}

func (r *reader) readHint(f fenceBlock) {
	h := Hint{At: f.at}
	how, rest, _ := strings.Cut(f.args, " ")
	rest = strings.TrimSpace(rest)
	switch {
	case how == "when" && rest != "":
		h.Kind, h.When = HintWhen, Line{rest, f.at}
	case how == "after":
		h.Kind, h.After = HintAfter, r.amount(f.at, rest, "commands")
	case how == "show" && rest == "":
		h.Kind = HintShow
	default:
		r.problem(f.at, "write \"hint when PREDICATE\", \"hint after 20 commands\" or \"hint show\"")
		return
	}
	h.Text = r.pair(f.lines)
	if n := len(r.step.Hints); n > 0 && r.step.Hints[n-1].Kind > h.Kind {
		r.problem(f.at, "hints grow clearer: first when, then after, then show")
	}
	r.step.Hints = append(r.step.Hints, h)
}

func (r *reader) readMistake(f fenceBlock) {
	lines := meaningful(f.lines)
	r.countCommands(lines)
	if len(lines) == 0 {
		r.problem(f.at, "the mistake is empty: write the wrong commands")
	}
	hint := len(r.step.Hints) - 1
	if hint < 0 || r.step.Hints[hint].Kind == HintShow {
		r.problem(f.at, "a mistake stands below the \"hint when\" or \"hint after\" that it brings up")
		return
	}
	r.step.Mistakes = append(r.step.Mistakes, Mistake{At: f.at, Commands: lines, Hint: hint})
}

func (r *reader) readNote(f fenceBlock) {
	var b strings.Builder
	for _, l := range f.lines {
		b.WriteString(strings.TrimRight(l.Text, " \t") + "\n")
	}
	r.step.Note += b.String()
}

func (r *reader) readPause(f fenceBlock) {
	if len(meaningful(f.lines)) > 0 {
		r.problem(f.at, "a pause block is empty")
	}
	r.step.Pause = true
}

func (r *reader) readCurtain(f fenceBlock) {
	for _, w := range words(f.lines) {
		r.step.Curtain = append(r.step.Curtain, r.pane(w))
	}
	if len(r.step.Curtain) == 0 {
		r.problem(f.at, "name the panes to cover, such as \"logs mvcc\"")
	}
}

func (r *reader) readView(f fenceBlock) {
	if m, ok := r.yaml(f.source(), f.at); ok {
		v := r.view(m, f.at)
		r.step.View = &v
	}
}

func (r *reader) readScene(f fenceBlock) {
	if m, ok := r.yaml(f.source(), f.at); ok {
		s := r.scene(m, f.at, f.at)
		r.step.Scene = &s
	}
}

// source is the text inside the block, for the YAML parser.
func (f fenceBlock) source() []byte {
	var b strings.Builder
	for _, l := range f.lines {
		b.WriteString(l.Text + "\n")
	}
	return []byte(b.String())
}

func (r *reader) readLink(f fenceBlock) {
	for _, l := range meaningful(f.lines) {
		title, url, _ := strings.Cut(l.Text, "|")
		link := Link{At: l.At, Title: strings.TrimSpace(title), URL: strings.TrimSpace(url)}
		if link.URL != "" && !strings.HasPrefix(link.URL, "https://") {
			r.problem(l.At, "link %q: want https://…", short(link.URL))
		}
		r.step.Links = append(r.step.Links, link)
	}
}

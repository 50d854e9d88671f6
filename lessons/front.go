package lessons

import (
	"bytes"
	"errors"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	yamlparser "github.com/goccy/go-yaml/parser"

	"etcdscope/cluster"
	"etcdscope/raft"
)

// front reads the front matter and returns the offset behind it.
func (r *reader) front() (int, bool) {
	if !bytes.HasPrefix(r.src, []byte("---\n")) {
		r.problem(1, "a lesson begins with ---, its front matter and --- again")
		return 0, false
	}
	end := bytes.Index(r.src, []byte("\n---\n"))
	if end < 0 {
		r.problem(1, "the front matter is never closed: write --- on a line of its own below it")
		return 0, false
	}
	block := r.src[4 : end+1]
	if len(block) > maxFront || bytes.Count(block, []byte("{"))+bytes.Count(block, []byte("[")) > 100 {
		r.problem(1, "the front matter is too long: at most %d bytes and 100 brackets", maxFront)
		return 0, false
	}
	node, ok := r.yaml(block, 1)
	r.unread = !ok
	if ok {
		r.frontMatter(node, 1)
	}
	return end + len("\n---\n"), true
}

// yaml parses a block that begins below line above and holds one mapping.
func (r *reader) yaml(block []byte, above int) (*ast.MappingNode, bool) {
	file, err := yamlparser.ParseBytes(block, 0)
	if err != nil {
		line, msg := above, err.Error()
		var syntax yaml.Error
		if errors.As(err, &syntax) {
			line, msg = above+syntax.GetToken().Position.Line, syntax.GetMessage()
		}
		r.problem(line, "%s", msg)
		return nil, false
	}
	if len(file.Docs) == 1 {
		if m, ok := file.Docs[0].Body.(*ast.MappingNode); ok {
			return m, true
		}
	}
	r.problem(above+1, "want lines of the form \"name: value\"")
	return nil, false
}

// field is one "key: value" of a mapping.
type field struct {
	key   string
	value ast.Node
	at    int
}

// fields lists the fields of a mapping whose keys are known; the others are problems.
func (r *reader) fields(m *ast.MappingNode, above int, what string, known []string) []field {
	var out []field
	for _, v := range m.Values {
		key := v.Key.GetToken()
		f := field{key.Value, v.Value, above + key.Position.Line}
		if !slices.Contains(known, f.key) {
			r.problem(f.at, "%s", unknown(what, f.key, known))
			continue
		}
		out = append(out, f)
	}
	return out
}

var metaKeys = []string{
	"id", "title", "track", "kind", "scaffold", "minutes", "needs", "covers", "scene", "view",
}

var (
	lessonID   = regexp.MustCompile(`^[A-Z][0-9]{1,3}$`)
	inventory  = regexp.MustCompile(`^[A-Z]{2}[0-9]{2}$`)
	memberName = regexp.MustCompile(`^n[1-9]$`)
)

// frontMatter reads all its fields.
func (r *reader) frontMatter(m *ast.MappingNode, above int) {
	l := r.lesson
	for _, f := range r.fields(m, above, "field", metaKeys) {
		r.meta = append(r.meta, f.key)
		switch f.key {
		case "id":
			l.ID = r.matching(f, lessonID, "a letter and a number, such as E1")
		case "title":
			l.Title = r.title(f, above)
		case "track":
			l.Track = r.word(f)
		case "kind":
			l.Kind = r.oneOf(f, kinds)
		case "scaffold":
			l.Scaffold = r.oneOf(f, scaffolds)
		case "minutes":
			l.Minutes = int(r.number(f, 1, 120))
		case "needs":
			l.Needs = r.matchingList(f, above, lessonID, "IDs of lessons, such as [O1, E1]")
		case "covers":
			l.Covers = r.matchingList(f, above, inventory, "rows of the inventory, such as [EL01, FH04]")
		case "scene":
			l.Scene = r.sceneField(f, above)
		case "view":
			l.View = r.viewField(f, above)
		}
	}
}

func (r *reader) title(f field, above int) Text {
	var t Text
	m, ok := f.value.(*ast.MappingNode)
	if !ok {
		r.problem(f.at, "title: want { en: …, zh: … }")
		return t
	}
	for _, g := range r.fields(m, above, "language", []string{"en", "zh"}) {
		if g.key == "en" {
			t.EN = r.word(g)
		} else {
			t.ZH = r.word(g)
		}
	}
	if t.EN == "" || t.ZH == "" {
		r.problem(f.at, "title: want { en: …, zh: … }, with words in both languages")
	}
	return t
}

var sceneKeys = []string{"nodes", "profile", "timing", "seed", "rules", "leader", "client", "commands"}

func (r *reader) sceneField(f field, above int) Scene {
	m, ok := f.value.(*ast.MappingNode)
	if !ok {
		r.problem(f.at, "scene: want { nodes: 3, seed: 1, … }")
		return Scene{At: f.at}
	}
	return r.scene(m, above, f.at)
}

// scene reads the fields of a scene, in the front matter or in a block.
func (r *reader) scene(m *ast.MappingNode, above, at int) Scene {
	s := Scene{At: at, Nodes: 3, Profile: cluster.ProfileNames()[0], Seed: 1}
	for _, f := range r.fields(m, above, "scene field", sceneKeys) {
		switch f.key {
		case "nodes":
			s.Nodes = int(r.number(f, 1, cluster.MaxNodes))
		case "profile", "timing":
			s.Profile = r.oneOf(f, cluster.ProfileNames())
		case "seed":
			s.Seed = r.number(f, 0, math.MaxUint64)
		case "rules":
			s.Off = r.rules(f, above)
		case "leader":
			s.Leader = r.member(f)
		case "client":
			s.Client = r.member(f)
		case "commands":
			s.Commands = r.list(f, above, "commands, such as [put x 1, run 5]")
			r.countCommands(s.Commands)
		}
	}
	for _, m := range []raft.ID{s.Leader, s.Client} {
		if int(m) > s.Nodes {
			r.problem(at, "member n%d: the scene has %d nodes", m, s.Nodes)
		}
	}
	return s
}

// rules reads { prevote: off, … } into the sorted names that are off.
func (r *reader) rules(f field, above int) []string {
	m, ok := f.value.(*ast.MappingNode)
	if !ok {
		r.problem(f.at, "rules: want { prevote: off, … }")
		return nil
	}
	var names, off []string
	for _, rule := range cluster.Rules() {
		names = append(names, rule.Name)
	}
	for _, g := range r.fields(m, above, "rule", names) {
		if r.oneOf(g, []string{"on", "off"}) == "off" {
			off = append(off, g.key)
		}
	}
	slices.Sort(off)
	return off
}

func (r *reader) viewField(f field, above int) View {
	m, ok := f.value.(*ast.MappingNode)
	if !ok {
		r.problem(f.at, "view: want { focus: [lanes, logs] }")
		return View{}
	}
	return r.view(m, above)
}

func (r *reader) view(m *ast.MappingNode, above int) View {
	var v View
	for _, f := range r.fields(m, above, "view field", []string{"focus", "zoom"}) {
		switch f.key {
		case "focus":
			for _, l := range r.list(f, above, "panes, such as [lanes, logs]") {
				v.Focus = append(v.Focus, r.pane(l))
			}
		case "zoom":
			v.Zoom = r.pane(Line{r.word(f), f.at})
		}
	}
	return v
}

func (r *reader) pane(l Line) string {
	if !slices.Contains(Panes(), l.Text) {
		r.problem(l.At, "%s", unknown("pane", l.Text, Panes()))
	}
	return l.Text
}

// word is the text of a plain value.
func (r *reader) word(f field) string {
	switch f.value.(type) {
	case *ast.StringNode, *ast.IntegerNode, *ast.BoolNode, *ast.FloatNode:
		if w := strings.TrimSpace(f.value.GetToken().Value); w != "" {
			return w
		}
	}
	r.problem(f.at, "%s: want a word on the same line", f.key)
	return ""
}

func (r *reader) oneOf(f field, known []string) string {
	w := r.word(f)
	if w != "" && !slices.Contains(known, w) {
		r.problem(f.at, "%s", unknown(f.key, w, known))
	}
	return w
}

func (r *reader) matching(f field, pattern *regexp.Regexp, want string) string {
	w := r.word(f)
	if w != "" && !pattern.MatchString(w) {
		r.problem(f.at, "%s: %q, want %s", f.key, w, want)
	}
	return w
}

func (r *reader) number(f field, low, high uint64) uint64 {
	w := r.word(f)
	n, err := strconv.ParseUint(w, 10, 64)
	if w != "" && (err != nil || n < low || n > high) {
		r.problem(f.at, "%s: %s, want a number from %d to %d", f.key, short(w), low, high)
		return high
	}
	return n
}

func (r *reader) member(f field) raft.ID {
	w := r.word(f)
	if !memberName.MatchString(w) {
		r.problem(f.at, "%s: %q, want a member, such as n1", f.key, w)
		return 0
	}
	return raft.ID(w[1] - '0')
}

// list reads a sequence of plain values.
func (r *reader) list(f field, above int, want string) []Line {
	seq, ok := f.value.(*ast.SequenceNode)
	if !ok {
		r.problem(f.at, "%s: want a list of %s", f.key, want)
		return nil
	}
	var out []Line
	for _, v := range seq.Values {
		item := field{f.key, v, f.at}
		if v != nil && v.GetToken() != nil {
			item.at = above + v.GetToken().Position.Line
		}
		if w := r.word(item); w != "" {
			out = append(out, Line{w, item.at})
		}
	}
	return out
}

func (r *reader) matchingList(f field, above int, pattern *regexp.Regexp, want string) []Line {
	lines := r.list(f, above, want)
	for _, l := range lines {
		if !pattern.MatchString(l.Text) {
			r.problem(l.At, "%s: %q, want a list of %s", f.key, short(l.Text), want)
		}
	}
	return lines
}

package tui

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"etcdscope/cluster/script"
	"etcdscope/tui/frame"
)

// prompt is the command line: a line editor with completion and history.
type prompt struct {
	open    bool
	line    []rune
	at      int                 // cursor
	history []string            // of this kind of line, oldest first
	others  map[string][]string // the histories by label: a predicate is no command
	recall  int                 // index into history; len(history) is the line being written
	draft   []rune              // what was being written before recalling
	options []string
	picked  int
	stem    string // the line that options complete
	label   string // "" is the command language; "break" completes "run until"
	err     *script.Error
	message string
}

const (
	promptLimit  = 4096
	historyLimit = 200
)

func (m *Model) openPrompt() tea.Cmd {
	m.prompt.start("")
	return nil
}

// askBreak asks for the predicate at which a running picture stops.
func (m *Model) askBreak() tea.Cmd {
	m.prompt.start("break")
	return nil
}

// askExport asks where the files of the selected member go.
func (m *Model) askExport() tea.Cmd {
	m.prompt.start("")
	m.prompt.set(fmt.Sprintf("export n%d ", m.selected))
	return nil
}

func (p *prompt) start(label string) {
	if p.others == nil {
		p.others = map[string][]string{}
	}
	p.others[p.label] = p.history
	p.open, p.label, p.history = true, label, p.others[label]
	p.set("")
	p.recall = len(p.history)
}

func (p *prompt) set(line string) {
	p.line = []rune(line)
	p.at = len(p.line)
	p.changed()
}

// changed forgets what belonged to the line before.
func (p *prompt) changed() { p.options, p.err, p.message = nil, nil, "" }

// promptKey edits the line.
func (m *Model) promptKey(key string) tea.Cmd {
	p := &m.prompt
	switch key {
	case "esc":
		p.open = false
	case "enter":
		return m.submit()
	case "tab":
		p.complete(m, 1)
	case "shift+tab":
		p.complete(m, -1)
	case "up", "ctrl+p":
		p.remember(-1)
	case "down", "ctrl+n":
		p.remember(1)
	default:
		p.edit(key)
	}
	return nil
}

// edit moves the cursor or changes the line.
func (p *prompt) edit(key string) {
	switch key {
	case "left", "ctrl+b":
		p.at = max(p.at-1, 0)
		return
	case "right", "ctrl+f":
		p.at = min(p.at+1, len(p.line))
		return
	case "home", "ctrl+a":
		p.at = 0
		return
	case "end", "ctrl+e":
		p.at = len(p.line)
		return
	case "backspace", "ctrl+h":
		p.cut(p.at-1, p.at)
	case "delete", "ctrl+d":
		p.cut(p.at, p.at+1)
	case "ctrl+u":
		p.cut(0, p.at)
	case "ctrl+k":
		p.cut(p.at, len(p.line))
	case "ctrl+w":
		p.cut(p.wordStart(), p.at)
	case "space":
		p.insert(" ")
	default:
		if isText(key) {
			p.insert(key)
		}
	}
}

// isText tells a sign that was typed from the name of a key, such as "f1" or "alt+x": names are plain letters, and a
// sign of several runes, such as a flag, never begins with one.
func isText(key string) bool {
	first, size := utf8.DecodeRuneInString(key)
	return size == len(key) && size > 0 || first >= utf8.RuneSelf
}

func (p *prompt) insert(s string) {
	more := []rune(s)
	if len(p.line)+len(more) > promptLimit {
		p.message = "the line is full"
		return
	}
	p.line = append(p.line[:p.at:p.at], append(more, p.line[p.at:]...)...)
	p.at += len(more)
	p.changed()
}

func (p *prompt) cut(from, to int) {
	from, to = max(from, 0), min(to, len(p.line))
	if from >= to {
		return
	}
	p.line = append(p.line[:from:from], p.line[to:]...)
	p.at = from
	p.changed()
}

func (p *prompt) wordStart() int {
	i := p.at
	for i > 0 && p.line[i-1] == ' ' {
		i--
	}
	for i > 0 && p.line[i-1] != ' ' {
		i--
	}
	return i
}

// remember walks through the history and keeps the line being written.
func (p *prompt) remember(by int) {
	to := p.recall + by
	if to < 0 || to > len(p.history) {
		return
	}
	if p.recall == len(p.history) {
		p.draft = p.line
	}
	p.recall = to
	if to == len(p.history) {
		p.set(string(p.draft))
		return
	}
	p.set(p.history[to])
}

// complete cycles through what could stand at the end of the line.
func (p *prompt) complete(m *Model, by int) {
	if p.label == "answer" {
		return
	}
	if p.options == nil {
		stem := string(p.line[:p.at])
		ask := stem
		if p.label == "break" {
			ask = "run until " + stem
		}
		options := script.Complete(ask, m.s.View())
		if len(options) == 0 {
			p.message = m.word("nothing to complete", "没有可补全的内容")
			return
		}
		p.changed()
		p.options, p.stem, p.picked = options, stem, -1
		if by < 0 {
			p.picked = 0
		}
	}
	p.picked = (p.picked + by + len(p.options)) % len(p.options)
	start := strings.LastIndexByte(p.stem, ' ') + 1
	line := p.stem[:start] + p.options[p.picked]
	p.line = []rune(line)
	p.at = len(p.line)
}

// submit carries the line out. A line that is wrong stays, with the place marked.
func (m *Model) submit() tea.Cmd {
	p := &m.prompt
	line := strings.TrimSpace(string(p.line))
	if line == "" {
		p.open = false
		return nil
	}
	if len(p.history) == 0 || p.history[len(p.history)-1] != line {
		p.history = append(p.history, line)
	}
	if len(p.history) > historyLimit {
		p.history = p.history[1:]
	}
	p.recall = len(p.history)
	switch p.label {
	case "break":
		return m.submitBreak(line)
	case "answer":
		p.open = false
		return m.answer(line)
	}
	if line == "q" || line == "quit" || line == "exit" {
		p.open = false
		return m.quit()
	}
	var wrong *script.Error
	call, err := script.Parse(line, len(m.s.View().Members), m.leaderID())
	if errors.As(err, &wrong) {
		if utf8.RuneCountInString(line) == 1 && m.find(line) != nil {
			p.message = m.word(line+" is a key: esc closes the prompt, then press it", line+" 是按键：按 esc 关闭提示行后再按它")
			return nil
		}
		p.err = wrong
		p.at = min(max(wrong.Col-1, 0), len(p.line))
		return nil
	}
	p.open = false
	give := func(m *Model) tea.Cmd { return m.command(line) }
	if call != nil && call.World == nil && (call.Action == script.Seed || call.Action == script.Load) {
		return m.unlessLost(give)
	}
	return give(m)
}

func (m *Model) submitBreak(source string) tea.Cmd {
	pred, err := script.CompilePredicate(source)
	if err != nil {
		m.prompt.message = err.Error()
		return nil
	}
	m.prompt.open = false
	m.play.until, m.play.running, m.play.intro = pred, true, false
	m.say("break when " + source)
	return nil
}

func (m *Model) leaderID() uint64 {
	if l := m.s.View().Leader(); l != nil {
		return uint64(l.ID)
	}
	return 0
}

// paste puts text from the clipboard into the line; it is never carried out by itself.
func (m *Model) paste(s string) {
	if m.prompt.open {
		s, _, _ = strings.Cut(strings.TrimLeft(s, "\r\n"), "\n")
		m.prompt.insert(strings.TrimRight(s, "\r"))
		m.dirty = true
	}
}

// drawPrompt draws the line, what completes it and what is wrong with it.
func (m *Model) drawPrompt(r frame.Rect) {
	p := &m.prompt
	label := ":"
	switch p.label {
	case "break":
		label = "break when "
	case "answer":
		label = m.word("answer: ", "答案：")
	}
	x := m.f.Text(r.X, r.Y, m.th.Prompt, label)
	room := r.Right() - x - 1
	before := string(p.line[:p.at])
	for frame.Width(before) > room && before != "" {
		before = string([]rune(before)[1:])
	}
	x = m.f.TextIn(frame.Rect{X: x, Y: r.Y, W: r.Right() - x, H: 1}, frame.Left, m.th.Text, before)
	under := " "
	rest := p.line[p.at:]
	if len(rest) > 0 {
		under, rest = string(rest[0]), rest[1:]
	}
	cursor := x
	x = m.f.TextIn(frame.Rect{X: x, Y: r.Y, W: r.Right() - x, H: 1}, frame.Left, m.th.Text, under)
	m.f.Tint(frame.Rect{X: cursor, Y: r.Y, W: max(x-cursor, 1), H: 1}, frame.Style{A: frame.Reverse})
	m.f.TextIn(frame.Rect{X: x, Y: r.Y, W: r.Right() - x, H: 1}, frame.Left, m.th.Text, string(rest))
}

// typedSpec is the command that a line gives with its first word, or with its first two, or nil.
func typedSpec(line string) *script.Spec {
	words := strings.Fields(line)
	for n := 1; n <= min(2, len(words)); n++ {
		if spec, ok := script.Lookup(strings.Join(words[:n], " ")); ok {
			return spec
		}
	}
	return nil
}

// promptHelp is the line under the prompt: an error, the completions, or the usage of the command.
func (m *Model) promptHelp() (string, bool) {
	p := &m.prompt
	switch {
	case p.err != nil:
		return p.err.Error(), true
	case p.message != "":
		return p.message, true
	case len(p.options) > 1:
		return strings.Join(p.options[max(p.picked, 0):], "  "), false
	}
	if spec := typedSpec(string(p.line)); spec != nil && p.label == "" {
		return spec.Usage + "   " + m.word(spec.Help, spec.HelpZH), false
	}
	if p.label == "break" {
		return m.word(`a predicate, such as leaders() == [] or count(elected) > 1`,
			`一个条件，例如 leaders() == [] 或 count(elected) > 1`), false
	}
	if p.label == "answer" {
		return m.word("type the answer, enter sends it", "输入答案，按 enter 提交"), false
	}
	return m.word("tab completes   ↑ ↓ history   esc closes   help lists the commands",
		"tab 补全   ↑ ↓ 历史   esc 关闭   help 列出命令"), false
}

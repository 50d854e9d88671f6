package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"etcdscope/tui/frame"
)

// dialog is something that lies over the panes and gets the keys first.
type dialog interface {
	key(m *Model, key string) tea.Cmd
	click(m *Model, id string, n int) tea.Cmd
	draw(m *Model, r frame.Rect)
	stops() bool // whether time stands still meanwhile
}

// top is the dialog that has the keys, or nil.
func (m *Model) top() dialog {
	if len(m.dialogs) == 0 {
		return nil
	}
	return m.dialogs[len(m.dialogs)-1]
}

func (m *Model) open(d dialog) { m.dialogs, m.dirty = append(m.dialogs, d), true }

func (m *Model) close() {
	if len(m.dialogs) > 0 {
		m.dialogs = m.dialogs[:len(m.dialogs)-1]
	}
	m.dirty = true
}

// noClick is for dialogs that the mouse does nothing in.
type noClick struct{}

func (noClick) click(*Model, string, int) tea.Cmd { return nil }

// box draws the frame of a dialog in the middle of r, clears what is under it and returns the inside.
func (m *Model) box(r frame.Rect, w, h int, title string) frame.Rect {
	out := r.Center(min(w, r.W), min(h, r.H))
	m.f.Clear(out, m.th.Text)
	return m.f.Box(out, m.th.BorderFocus, m.th.Glyph.BorderDialog, title, m.th.TitleFocus)
}

// choice is one line of a list.
type choice struct {
	name, note string
	mark       string // before the name, such as a tick
	do         func(m *Model) tea.Cmd
}

// list is a dialog to choose one of several things.
type list struct {
	search
	title   string
	above   []string // lines of text over the choices
	choices []choice
	at      int
	first   int  // scroll
	live    bool // time goes on behind it
	keep    bool // esc does not close it
	onEsc   func(m *Model) tea.Cmd
	again   func(m *Model) tea.Cmd // makes the list once more, in another language
}

func (l *list) stops() bool { return !l.live }

func (l *list) key(m *Model, key string) tea.Cmd {
	if l.searchKey(key) {
		return nil
	}
	n := max(len(l.choices), 1)
	switch key {
	case "up", "k", "shift+tab":
		l.at = (l.at + n - 1) % n
	case "down", "j", "tab":
		l.at = (l.at + 1) % n
	case "home", "g":
		l.at = 0
	case "end", "G":
		l.at = n - 1
	case "pgdown":
		l.at = min(l.at+10, n-1)
	case "pgup":
		l.at = max(l.at-10, 0)
	case "enter", "space":
		return l.choose(m)
	case "L":
		m.close()
		m.toggleLanguage()
		return l.again(m)
	case "q":
		return m.quit()
	case "esc":
		if l.onEsc != nil {
			return l.onEsc(m)
		}
		if !l.keep {
			m.close()
		}
	default:
		if len(key) == 1 && key[0] >= '1' && key[0] <= '9' && int(key[0]-'1') < len(l.choices) {
			l.at = int(key[0] - '1')
			return l.choose(m)
		}
	}
	return nil
}

func (l *list) choose(m *Model) tea.Cmd {
	if l.at >= len(l.choices) {
		return nil
	}
	c := l.choices[l.at]
	if !l.keep {
		m.close()
	}
	return c.do(m)
}

func (l *list) click(m *Model, id string, n int) tea.Cmd {
	if id == "choice" && n < len(l.choices) {
		l.at = n
		return l.choose(m)
	}
	return nil
}

func (l *list) draw(m *Model, r frame.Rect) {
	width := frame.Width(l.title) + 6
	var above []string
	for _, p := range l.above {
		above = append(above, frame.Wrap(p, min(56, r.W-6))...)
	}
	for _, line := range above {
		width = max(width, frame.Width(line)+4)
	}
	names := 0
	every, more := l.choices, 0
	if l.all != nil {
		every, more = l.all, moreRows
	}
	for _, c := range every {
		names = max(names, frame.Width(c.mark+c.name))
	}
	for _, c := range every {
		width = max(width, 4+4+names+2+frame.Width(c.note))
	}
	in := m.box(r, width, len(above)+len(every)+3+more, l.title).Inset(1, 0)
	for i, line := range above {
		m.f.TextIn(in.Row(i), frame.Left, m.th.Text, line)
	}
	_, rows := in.SplitTop(len(above))
	rows, foot := rows.SplitBottom(1)
	if more > 0 {
		var whole frame.Rect
		rows, whole = rows.SplitBottom(more)
		l.drawMore(m, whole)
	}
	l.drawChoices(m, rows, names)
	l.drawSearch(m, foot)
}

func (l *list) drawChoices(m *Model, rows frame.Rect, names int) {
	l.first = max(min(l.first, l.at), l.at-rows.H+1, 0)
	for i := l.first; i < len(l.choices) && i-l.first < rows.H; i++ {
		row := rows.Row(i - l.first)
		c := &l.choices[i]
		if i < 9 {
			m.f.Rune(row.X, row.Y, m.th.Key, rune('1'+i))
		}
		x := m.f.TextIn(frame.Rect{X: row.X + 3, Y: row.Y, W: row.W - 3, H: 1}, frame.Left, m.th.Text, c.mark+c.name)
		if note := row.X + 3 + names + 2; x <= note {
			m.f.TextIn(frame.Rect{X: note, Y: row.Y, W: row.Right() - note, H: 1}, frame.Left, m.th.Faint, c.note)
		}
		if i == l.at {
			m.f.Tint(row, m.th.Selected)
			m.f.Rune(row.X+1, row.Y, m.th.Key, m.th.Glyph.Prompt)
		}
		m.f.RegionN("choice", i, row)
	}
}

// confirm asks before something is lost.
type confirm struct {
	noClick
	text string
	yes  func(m *Model) tea.Cmd
}

func (m *Model) ask(text string, yes func(m *Model) tea.Cmd) { m.open(&confirm{text: text, yes: yes}) }

// unlessLost does what leaves the session behind, after a question if something in it would be lost.
func (m *Model) unlessLost(do func(m *Model) tea.Cmd) tea.Cmd {
	if m.home || m.lesson != nil || !m.s.Unsaved() {
		return do(m)
	}
	m.ask(m.word("Leave this session? What you did in it is not saved. (:save FILE keeps it, y copies a share code.)",
		"离开这个会话吗？这里的操作还没有保存。（:save FILE 保存，y 复制分享码）"), do)
	return nil
}

func (c *confirm) stops() bool { return true }

func (c *confirm) key(m *Model, key string) tea.Cmd {
	switch key {
	case "y", "Y", "enter", "q":
		m.close()
		return c.yes(m)
	case "n", "N", "esc":
		m.close()
	}
	return nil
}

func (c *confirm) draw(m *Model, r frame.Rect) {
	lines := frame.Wrap(c.text, min(60, r.W-4))
	in := m.box(r, 64, len(lines)+4, "etcdscope").Inset(1, 0)
	for i, line := range lines {
		m.f.TextIn(in.Row(i), frame.Left, m.th.Text, line)
	}
	m.f.TextIn(in.Row(len(lines)+1), frame.Left, m.th.Key, m.word("y yes   n no", "y 是   n 否"))
}

// text is a dialog to read and scroll.
type text struct {
	noClick
	title string
	body  string
	first int
	lines []string
	width int
	page  int
}

func (m *Model) openText(title, body string) { m.open(&text{title: title, body: body}) }

func (t *text) stops() bool { return true }

func (t *text) key(m *Model, key string) tea.Cmd {
	switch key {
	case "up", "k":
		t.first--
	case "down", "j":
		t.first++
	case "pgup":
		t.first -= t.page
	case "pgdown", "space":
		t.first += t.page
	case "home", "g":
		t.first = 0
	case "end", "G":
		t.first = len(t.lines)
	case "esc", "q", "enter", "?", "w":
		m.close()
	}
	t.first = max(0, min(t.first, len(t.lines)-t.page))
	return nil
}

func (t *text) draw(m *Model, r frame.Rect) {
	width := min(96, r.W)
	if t.lines == nil || t.width != width {
		t.lines, t.width = wrapColumns(t.body, width-4), width
	}
	in := m.box(r, width, min(len(t.lines)+3, r.H), t.title).Inset(1, 0)
	body, foot := in.SplitBottom(1)
	t.page = max(body.H, 1)
	t.first = max(0, min(t.first, len(t.lines)-t.page))
	for i := range body.H {
		if t.first+i < len(t.lines) {
			m.f.TextIn(body.Row(i), frame.Left, m.th.Text, t.lines[t.first+i])
		}
	}
	more := m.word("esc close", "esc 关闭")
	if len(t.lines) > t.page {
		more = m.word("↑ ↓ scroll   esc close", "↑ ↓ 滚动   esc 关闭")
	}
	m.f.TextIn(foot, frame.Left, m.th.Faint, more)
}

// wrapColumns wraps lines that may have two columns, parted by two blanks or more: what goes on below stays in the
// second column.
func wrapColumns(body string, width int) []string {
	var lines []string
	for line := range strings.SplitSeq(frame.SafeLines(body), "\n") {
		at := secondColumn(line)
		column := frame.Width(line[:at])
		if frame.Width(line) <= width || at == 0 || column > width/2 {
			lines = append(lines, frame.Wrap(line, width)...)
			continue
		}
		before := line[:at]
		for _, rest := range frame.Wrap(line[at:], width-column) {
			lines = append(lines, before+rest)
			before = strings.Repeat(" ", column)
		}
	}
	return lines
}

// secondColumn is where the second column of a line begins, in bytes; 0 if there is none.
func secondColumn(line string) int {
	start := len(line) - len(strings.TrimLeft(line, " "))
	gap := strings.Index(line[start:], "  ")
	if gap < 0 {
		return 0
	}
	rest := line[start+gap:]
	return len(line) - len(strings.TrimLeft(rest, " "))
}

package tui

import (
	"fmt"
	"strings"

	"etcdscope/tui/frame"
)

// search narrows a long list to the choices that hold what is typed behind a slash.
type search struct {
	all    []choice // nil: the list is short and has no search
	find   string
	typing bool
}

// searchable lets / narrow the list; find is what it is narrowed by already.
func (l *list) searchable(find string) {
	l.all, l.find = l.choices, find
	l.narrow()
}

// searchKey handles a key that belongs to the search, and says whether it did.
func (l *list) searchKey(key string) bool {
	if l.all == nil {
		return false
	}
	if !l.typing {
		switch {
		case key == "/":
			l.typing = true
		case key == "esc" && l.find != "":
			l.find = ""
			l.narrow()
		default:
			return false
		}
		return true
	}
	switch key {
	case "enter":
		l.typing = false
		return true
	case "esc":
		l.typing, l.find = false, ""
	case "backspace", "ctrl+h":
		if runes := []rune(l.find); len(runes) > 0 {
			l.find = string(runes[:len(runes)-1])
		}
	case "ctrl+u":
		l.find = ""
	case "space":
		l.find += " "
	default:
		if !isText(key) {
			return false
		}
		l.find += key
	}
	l.narrow()
	return true
}

// narrow shows the choices that hold every word that is searched for.
func (l *list) narrow() {
	l.choices = nil
	for _, c := range l.all {
		text, holds := strings.ToLower(c.name+" "+c.note), true
		for _, word := range strings.Fields(strings.ToLower(l.find)) {
			holds = holds && strings.Contains(text, word)
		}
		if holds {
			l.choices = append(l.choices, c)
		}
	}
	l.at = max(0, min(l.at, len(l.choices)-1))
}

// current is the name of the choice in question.
func (l *list) current() string {
	if l.at < len(l.choices) {
		return l.choices[l.at].name
	}
	return ""
}

// drawSearch draws the line under the choices: what is searched for, or which keys there are.
func (l *list) drawSearch(m *Model, r frame.Rect) {
	keys := m.word("↑ ↓ choose   enter open", "↑ ↓ 选择   enter 打开")
	switch {
	case l.all == nil:
	case l.typing, l.find != "":
		keys = fmt.Sprintf("/%s   %d/%d   ", l.find, len(l.choices), len(l.all))
		if l.typing {
			keys += m.word("enter done   esc all", "enter 完成   esc 全部")
		} else {
			keys += m.word("enter on or off   esc all", "enter 开或关   esc 全部")
		}
	default:
		keys = m.word("↑ ↓ choose   enter on or off   / search   esc close", "↑ ↓ 选择   enter 开或关   / 搜索   esc 关闭")
	}
	m.f.TextIn(r, frame.Left, m.th.Faint, keys)
}

// moreRows is how many rows the whole text of the choice in question has.
const moreRows = 2

// drawMore draws the whole text of the choice in question, whose line may be too short for it.
func (l *list) drawMore(m *Model, r frame.Rect) {
	if l.at >= len(l.choices) {
		m.f.TextIn(r.Row(0), frame.Left, m.th.Warn, m.word("nothing like that", "没有匹配项"))
		return
	}
	for i, line := range frame.Wrap(l.choices[l.at].note, r.W) {
		if i < r.H {
			m.f.TextIn(r.Row(i), frame.Left, m.th.Text, line)
		}
	}
}

package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"etcdscope/tui/frame"
)

// openHelp lists the keys of the present mode, those of the focused pane first.
func (m *Model) openHelp() tea.Cmd {
	var b strings.Builder
	if m.focus < len(m.panes) && !m.home {
		for _, h := range m.panes[m.focus].Hints(m.paneScene()) {
			b.WriteString(pad(h.Key) + m.word(h.Text, h.TextZH) + "\n")
		}
		if b.Len() > 0 {
			b.WriteString("\n")
		}
	}
	for i := range table {
		k := &table[i]
		if k.Lesson && m.lesson == nil {
			continue
		}
		b.WriteString(pad(k.Show) + m.word(k.Help, k.HelpZH))
		if k.Command != "" {
			b.WriteString("  :" + k.Command)
		}
		b.WriteString("\n")
	}
	m.openText(m.word("keys", "按键"), b.String())
	return nil
}

func pad(key string) string { return key + strings.Repeat(" ", max(11-frame.Width(key), 1)) }

// openPanes is the menu of what stands in the free place.
func (m *Model) openPanes() tea.Cmd {
	l := &list{title: m.word("panes", "窗格"), again: (*Model).openPanes}
	for i, p := range m.panes {
		if i == paneLanes {
			continue
		}
		mark := "  "
		if m.shows(i) {
			mark = string(m.th.Glyph.Yes) + " "
		}
		show := func(m *Model) tea.Cmd {
			m.showPane(i)
			return nil
		}
		l.choices = append(l.choices, choice{mark: mark, name: p.Name(), note: p.Title(m.paneScene()), do: show})
	}
	m.open(l)
	return nil
}

package tui

import (
	tea "charm.land/bubbletea/v2"

	"etcdscope/cluster"
)

// openRules lists the rules that can be switched, those that are off first in the eye by their mark.
func (m *Model) openRules() tea.Cmd { return m.listRules(0) }

func (m *Model) listRules(at int) tea.Cmd {
	l := &list{title: m.word("rules", "规则"), at: at, above: []string{m.word(
		"Switch one off and watch what breaks; undo brings it back. Rules without a danger sign cost only time.",
		"关闭一条规则，看看会出什么问题；撤销可以恢复。没有危险标记的规则只影响进度。")}}
	config := m.s.View().Config
	for i, r := range cluster.Rules() {
		l.choices = append(l.choices, m.ruleChoice(i, r, config.On(r.Name)))
	}
	m.open(l)
	return nil
}

// ruleChoice switches one rule and keeps the list open at its place.
func (m *Model) ruleChoice(i int, r cluster.Rule, on bool) choice {
	mark, line := string(m.th.Glyph.Yes), "rule "+r.Name+" off"
	if !on {
		mark, line = string(m.th.Glyph.No), "rule "+r.Name+" on"
	}
	danger := "  "
	if r.Safety {
		danger = string(m.th.Glyph.Warn) + " "
	}
	return choice{mark: mark + " " + danger, name: r.Name, note: r.Sentence, do: func(m *Model) tea.Cmd {
		cmd := m.command(line)
		m.listRules(i)
		return cmd
	}}
}

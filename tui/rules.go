package tui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"etcdscope/cluster"
)

// openRules lists the rules that can be switched, those that are off first in the eye by their mark.
func (m *Model) openRules() tea.Cmd { return m.listRules("", "") }

// listRules opens the list at a rule, narrowed by what was searched for.
func (m *Model) listRules(at, find string) tea.Cmd {
	l := &list{title: m.word("rules", "规则"), above: []string{m.word(
		"Switch one off and watch what breaks; undo brings it back. Rules without a danger sign cost only time.",
		"关闭一条规则，看看会出什么问题；撤销可以恢复。没有危险标记的规则只影响进度。")}}
	config := m.s.View().Config
	for _, r := range cluster.Rules() {
		l.choices = append(l.choices, m.ruleChoice(l, r, config.On(r.Name)))
	}
	l.searchable(find)
	l.again = func(m *Model) tea.Cmd { return m.listRules(l.current(), l.find) }
	l.at = max(0, slices.IndexFunc(l.choices, func(c choice) bool { return c.name == at }))
	m.open(l)
	return nil
}

// ruleChoice switches one rule and keeps the list open at its place.
func (m *Model) ruleChoice(l *list, r cluster.Rule, on bool) choice {
	mark, line := string(m.th.Glyph.Yes), "rule "+r.Name+" off"
	if !on {
		mark, line = string(m.th.Glyph.No), "rule "+r.Name+" on"
	}
	danger := "  "
	if r.Safety {
		danger = string(m.th.Glyph.Warn) + " "
	}
	whole := r.Sentence + " (" + r.Source + ")"
	return choice{mark: mark + " " + danger, name: r.Name, note: whole, do: func(m *Model) tea.Cmd {
		cmd := m.command(line)
		m.listRules(r.Name, l.find)
		return cmd
	}}
}

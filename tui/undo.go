package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"etcdscope/cluster"
)

// batch is the commands that one key gave, so that undo takes them back together: to the user they were one action.
type batch struct {
	first    uint64 // event of the first command; the others follow it without a gap
	commands []*cluster.Command
}

// together makes one action of all commands given after event from.
func (m *Model) together(from uint64) {
	m.batch = batch{first: from + 1}
	for id := from + 1; id <= m.s.Pos(); id++ {
		if e := m.s.Event(id); e != nil && e.Command != nil {
			m.batch.commands = append(m.batch.commands, e.Command)
		}
	}
}

// holds says whether the commands stand in the history of the present branch, which another branch may have replaced.
func (b *batch) holds(m *Model) bool {
	for i, c := range b.commands {
		if e := m.s.Event(b.first + uint64(i)); e == nil || e.Command != c {
			return false
		}
	}
	return len(b.commands) > 1
}

// undo takes back what the last key or line of the user did, which may have been several commands.
func (m *Model) undo() tea.Cmd {
	b := m.batch
	whole := b.holds(m)
	m.command("undo")
	if n := len(b.commands); !whole || m.notice.bad || m.s.Pos()+2 != b.first+uint64(n) {
		return nil
	}
	m.batch = batch{}
	for range len(b.commands) - 1 {
		m.command("undo")
	}
	if !m.notice.bad {
		m.say(fmt.Sprintf(m.word("undone: %d commands of one key; branch %s, event %d at %v",
			"已撤销同一按键的 %d 条命令；分支 %s，事件 %d，时刻 %v"),
			len(b.commands), m.branchName(), m.s.Pos(), m.s.Now()))
	}
	return nil
}

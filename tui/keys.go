package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// Key is one entry of the table of keys: the key bar, the help and the documentation are made from it.
type Key struct {
	Keys    []string // in Bubble Tea's spelling
	Show    string   // as written for people
	Name    string   // stable name of what it does
	Bar     string   // in the key bar; empty: only in the help
	BarZH   string
	Help    string // one sentence
	HelpZH  string
	Command string // the line of the command language that it gives; {member}, {message}, {next} are filled in
	Lesson  bool   // only while a lesson is open
	do      func(m *Model) tea.Cmd
	off     func(m *Model) string // why it does nothing now, or ""
}

// find returns the entry for a key in the present mode.
func (m *Model) find(key string) *Key {
	for i := range table {
		k := &table[i]
		if k.Lesson && m.lesson == nil {
			continue
		}
		for _, name := range k.Keys {
			if name == key && (!k.Lesson || k.off == nil || k.off(m) == "") {
				return k
			}
		}
	}
	return nil
}

// press carries out an entry, or says why it does nothing.
func (m *Model) press(k *Key) tea.Cmd {
	if k.off != nil {
		if why := k.off(m); why != "" {
			m.warn(why)
			return nil
		}
	}
	if k.do != nil {
		return k.do(m)
	}
	return m.command(m.fill(k.Command))
}

// fill puts the selection into a command.
func (m *Model) fill(line string) string {
	return strings.NewReplacer(
		"{member}", fmt.Sprintf("n%d", m.selected),
		"{message}", fmt.Sprintf("#%d", m.message),
	).Replace(line)
}

// KeysReference renders docs/keys.md.
func KeysReference() string {
	var b strings.Builder
	b.WriteString("# Keys\n\nGenerated from the table in `tui`; the key bar and `?` are made from the same table.\n\n")
	for _, lesson := range []bool{false, true} {
		if lesson {
			b.WriteString("\nIn a lesson:\n\n")
		}
		b.WriteString("| key | does | command |\n|---|---|---|\n")
		for i := range table {
			k := &table[i]
			if k.Lesson != lesson {
				continue
			}
			command := ""
			if k.Command != "" {
				command = "`" + k.Command + "`"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", strings.ReplaceAll(k.Show, "|", "\\|"), k.Help, command)
		}
	}
	b.WriteString("\nPanes add keys of their own, shown in the key bar while they have the focus.\n")
	return b.String()
}

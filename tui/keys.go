package tui

import (
	"cmp"
	"fmt"
	"slices"
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
	bar     func(m *Model) bool   // whether the key bar has room for it now; nil is always
}

// find returns the entry for a key in the present mode. A key of lessons that does nothing now leaves its letter to
// another entry; without one it is returned, to say why.
func (m *Model) find(key string) *Key {
	var off *Key
	for i := range table {
		k := &table[i]
		switch {
		case !slices.Contains(k.Keys, key), k.Lesson && m.lesson == nil:
		case k.Lesson && k.why(m) != "":
			off = cmp.Or(off, k)
		default:
			return k
		}
	}
	return off
}

// why is the reason for which the key does nothing now, or "".
func (k *Key) why(m *Model) string {
	if k.off == nil {
		return ""
	}
	return k.off(m)
}

// barred says whether the key bar leaves the key out now, although it would do something.
func (k *Key) barred(m *Model) bool {
	return k.Bar == "" || k.Lesson && m.lesson == nil || k.bar != nil && !k.bar(m)
}

// press carries out an entry, or says why it does nothing.
func (m *Model) press(k *Key) tea.Cmd {
	if why := k.why(m); why != "" {
		m.warn(why)
		return nil
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

package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"etcdscope/cluster"
	"etcdscope/raft"
	"etcdscope/tui/frame"
	"etcdscope/tui/pane"
)

// whyDialog answers "why?" over the panes.
type whyDialog struct {
	noClick
	pane *pane.Why
}

// openWhy explains the chosen message, or the last thing that the selected member did that is worth a sentence.
func (m *Model) openWhy() tea.Cmd {
	m.openWhyOf(m.whyEvent(), 0)
	return nil
}

// openWhyOf explains an event, or why an entry is not committed.
func (m *Model) openWhyOf(id uint64, entry raft.Index) {
	w := pane.NewWhy()
	w.Event, w.Entry = id, entry
	m.open(&whyDialog{pane: w})
}

// whyEvent is the event that an unspoken "why?" is about.
func (m *Model) whyEvent() uint64 {
	for _, f := range m.s.View().Flights {
		if f.ID == m.message {
			return f.SentBy
		}
	}
	for _, level := range [...]cluster.Salience{cluster.Story, cluster.Protocol, cluster.Bytes} {
		if id := m.lastEvent(m.selected, level); id != 0 {
			return id
		}
	}
	return m.s.Pos()
}

// lookBack bounds how far a "why?" looks for the member's last deed.
const lookBack = 1 << 18

func (m *Model) lastEvent(id raft.ID, level cluster.Salience) uint64 {
	pos := m.s.Pos()
	for at := pos; at > 0 && pos-at < lookBack; at-- {
		if e := m.s.Event(at); e != nil && e.Member == id && e.Salience >= level {
			return at
		}
	}
	return 0
}

func (d *whyDialog) stops() bool { return true }

func (d *whyDialog) key(m *Model, key string) tea.Cmd {
	if key == "esc" || key == "q" {
		m.close()
		return nil
	}
	r := d.pane.Key(key, m.paneScene())
	switch {
	case r.Command != "":
		m.close()
		return m.command(r.Command)
	case r.Why != 0 && r.Why != d.pane.Event:
		d.pane.Event, d.pane.Entry = r.Why, 0
	case key == "w":
		m.close()
	}
	return nil
}

func (d *whyDialog) draw(m *Model, r frame.Rect) {
	width := min(110, r.W)
	rows := d.pane.Rows(&m.data, width-4) + 2 // and the border
	out := r.Center(width, min(r.H, rows, max(r.H*4/5, 16)))
	m.f.Clear(out, m.th.Text)
	in := m.f.Box(out, m.th.BorderFocus, m.th.Glyph.BorderDialog, d.pane.Title(&m.data), m.th.TitleFocus)
	d.pane.Draw(m.f, in.Inset(1, 0), &m.data, true)
	m.f.BoxFoot(out, m.th.Faint, m.hintLine(d.pane.Hints(&m.data)))
}

// hintLine writes the keys that do something now in one line.
func (m *Model) hintLine(hints []pane.Hint) string {
	var b strings.Builder
	for _, h := range hints {
		if h.Disabled == "" {
			fmt.Fprintf(&b, "%s %s   ", h.Key, m.word(h.Text, h.TextZH))
		}
	}
	return strings.TrimRight(b.String(), " ")
}

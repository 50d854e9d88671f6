package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"etcdscope/cluster/script"
	"etcdscope/raft"
	"etcdscope/tui/pane"
	"etcdscope/tui/theme"
)

// Update routes a message; it never computes what a session knows.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if still, ok := msg.(stillMsg); ok {
		m.rest(still)
		return m, nil
	}
	cmd := m.route(msg)
	return m, tea.Batch(cmd, m.wake(), m.awaken())
}

func (m *Model) route(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case frameMsg:
		return m.onFrame(msg)
	case tea.WindowSizeMsg:
		m.w, m.h, m.dirty = msg.Width, msg.Height, true
	case tea.ColorProfileMsg:
		if m.opt.Theme == nil {
			m.setTheme(theme.Choose(m.opt.Env, msg.Profile, m.th.Dark))
		}
	case tea.BackgroundColorMsg:
		if m.opt.Theme == nil && m.th.Dark != msg.IsDark() && m.th.Name != "mono" {
			m.setTheme(m.background(msg.IsDark()))
		}
	case tea.ResumeMsg:
		m.dirty = true
	case tea.KeyPressMsg:
		return m.Key(msg.String())
	case tea.PasteMsg:
		m.paste(msg.Content)
	case tea.MouseClickMsg:
		return m.click(msg.X, msg.Y)
	case tea.MouseWheelMsg:
		return m.wheel(msg)
	}
	return nil
}

// background is the present palette made for the other background.
func (m *Model) background(dark bool) theme.Theme {
	return theme.Choose(m.opt.Env, defaultProfile(m.opt.Env), dark)
}

// Key handles one key in Bubble Tea's spelling: a dialog first, then the prompt, a lesson, the focused pane, and
// the table of keys.
func (m *Model) Key(key string) tea.Cmd {
	m.dirty = true
	if key == "ctrl+c" {
		return m.quit()
	}
	if key == "ctrl+z" {
		return m.suspend()
	}
	if m.tooSmall() {
		if key == "q" {
			return m.quit()
		}
		return nil
	}
	if m.prompt.open {
		return m.promptKey(key)
	}
	if d := m.top(); d != nil {
		return d.key(m, key)
	}
	m.notice = notice{}
	if key == "c" && m.digit.n > 0 {
		return m.putMany()
	}
	m.digit, m.pressed = digitPress{}, key
	if m.lesson != nil && m.lessonFirst(key) {
		return m.press(m.find(key))
	}
	if r := m.panes[m.focus].Key(key, m.paneScene()); r.Handled {
		return m.paneWish(r)
	}
	if k := m.find(key); k != nil {
		return m.press(k)
	}
	m.warn(m.word("no key "+key+" here: ? lists the keys", "这里没有按键 "+key+"：按 ? 查看所有按键"))
	return nil
}

// paneWish carries out what a pane asked for.
func (m *Model) paneWish(r pane.Result) tea.Cmd {
	if r.Select != raft.None {
		m.selected = r.Select
	}
	if r.Message != 0 {
		m.chooseMessage(r.Message)
	}
	if r.Why != 0 || r.Entry != 0 {
		m.openWhyOf(r.Why, r.Entry)
	}
	if r.Command != "" {
		return m.command(r.Command)
	}
	return nil
}

// command gives one line of the command language, as if it had been typed.
func (m *Model) command(line string) tea.Cmd {
	var out string
	var err error
	if m.lesson != nil {
		out, err = m.lesson.Exec(line)
		m.s = m.lesson.Session()
	} else {
		out, err = m.s.Exec(line)
	}
	switch specName(line) {
	case "step", "back", "tick", "tickback", "next", "prev", "goto", "run", "branch":
		m.play.running = false // who asked for a moment wants to look at it
	case "seed", "load": // it is another cluster
		m.asked, m.batch, m.message, m.play.until = nil, batch{}, 0, nil
		m.selected = min(m.selected, raft.ID(len(m.s.View().Members)))
	}
	m.notice = notice{}
	m.settle()
	if err != nil {
		m.report(err)
		return nil
	}
	if m.zh() && specName(line) == "help" {
		_, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		out = script.Explain(strings.Join(strings.Fields(name), " "), true)
	}
	m.show(line, out)
	m.noteAsked()
	m.tellAnswers()
	return nil
}

// specName is the registered name of the command that a line gives, or "".
func specName(line string) string {
	name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
	if spec, ok := script.Lookup(name); ok {
		return spec.Name
	}
	return ""
}

// show puts the answer to a command where it fits: one line below, more in a dialog. A line without an answer is
// shown as it could have been typed, which is how learners pick the language up.
func (m *Model) show(line, out string) {
	out = strings.TrimRight(out, "\n")
	switch {
	case m.notice.text != "" && !strings.Contains(out, "\n"): // what the move brought about says more
	case out == "":
		m.say(":" + line)
	case strings.Contains(out, "\n"), !m.fits(out):
		m.openText(line, out)
	default:
		m.say(out)
	}
}

// click selects what the mouse points at.
func (m *Model) click(x, y int) tea.Cmd {
	hit, ok := m.f.HitAt(x, y)
	if !ok || m.tooSmall() {
		return nil
	}
	m.dirty = true
	if d := m.top(); d != nil {
		return d.click(m, hit.ID, hit.N)
	}
	switch hit.ID {
	case pane.RegionMember:
		m.selected = raft.ID(hit.N)
	case pane.RegionMessage:
		m.message = uint64(hit.N)
	case pane.RegionEvent:
		return m.command(fmt.Sprintf("goto @%d", hit.N))
	case pane.RegionBranch:
		if branches := m.s.Branches(); hit.N < len(branches) {
			return m.command("branch " + branches[hit.N].Name)
		}
	default:
		for i, s := range m.slots {
			if m.panes[s.pane].Name() == hit.ID {
				m.focus = m.slots[i].pane
			}
		}
	}
	return nil
}

// wheel scrolls the focused pane or dialog.
func (m *Model) wheel(msg tea.MouseWheelMsg) tea.Cmd {
	key := "down"
	if msg.Button == tea.MouseWheelUp {
		key = "up"
	}
	for range wheelLines {
		switch d := m.top(); {
		case m.tooSmall() || m.prompt.open:
		case d != nil:
			d.key(m, key)
		default:
			m.panes[m.focus].Key(key, m.paneScene())
		}
	}
	m.dirty = true
	return nil
}

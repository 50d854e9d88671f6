package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"etcdscope/cluster"
	"etcdscope/cluster/session"
	"etcdscope/raft"
)

func (m *Model) toggleRun() tea.Cmd {
	m.play.running = !m.play.running
	m.play.intro = false
	if !m.play.running {
		m.play.until = nil
	}
	return nil
}

func (m *Model) faster() tea.Cmd { return m.setPace(m.play.pace + 1) }

func (m *Model) slower() tea.Cmd { return m.setPace(m.play.pace - 1) }

func (m *Model) normalSpeed() tea.Cmd { return m.setPace(0) }

func (m *Model) setPace(pace int) tea.Cmd {
	m.play.intro = false
	m.play.pace = max(slowest, min(pace, fastest))
	m.say(m.word("speed ", "速度 ") + m.play.speed())
	return nil
}

// nextDetail cycles through the levels of detail.
func (m *Model) nextDetail() tea.Cmd {
	levels := []string{"bytes", "protocol", "story"}
	next := m.s.Detail() + 1
	if next > cluster.Story {
		next = cluster.Bytes
	}
	m.s.SetDetail(next)
	m.say(m.word("level of detail: ", "细节层次：") + levels[next-cluster.Bytes])
	return nil
}

// putNext lets a client write the next value. In a lesson whose client talks to one member, it does so here too.
func (m *Model) putNext() tea.Cmd {
	m.counter++
	line := fmt.Sprintf("put x %d", m.counter)
	if m.lesson != nil {
		if via := m.lesson.View().Client; via != raft.None {
			line += fmt.Sprintf(" --via n%d", via)
		}
	}
	return m.command(line)
}

// putMany writes several values: the digit before the key was a count.
func (m *Model) putMany() tea.Cmd {
	n := m.digit.n
	m.selected, m.digit = m.digit.before, digitPress{}
	from := m.s.Pos()
	for range n {
		m.putNext()
	}
	m.together(from)
	return nil
}

// selectDigit selects a member; followed by c, the digit turns out to have been a count.
func (m *Model) selectDigit() tea.Cmd {
	n := int(m.pressed[0] - '0')
	m.digit = digitPress{n: n, before: m.selected}
	if n > len(m.s.View().Members) {
		m.say(fmt.Sprintf(m.word("there is no n%d here; %dc puts %d values", "这里没有 n%d；%dc 写入 %d 个值"), n, n, n))
		return nil
	}
	m.selected = raft.ID(n)
	return nil
}

func (m *Model) selectLeader() tea.Cmd {
	m.selected = m.s.View().Leader().ID
	return nil
}

func (m *Model) healAll() tea.Cmd {
	from := m.s.Pos()
	cmd := m.command("heal")
	var down, paused []string
	for _, v := range m.s.View().Members {
		switch name := fmt.Sprintf("n%d", v.ID); {
		case !v.Up:
			down = append(down, name)
		case v.Paused:
			paused = append(paused, name)
		}
	}
	if len(paused) > 0 {
		cmd = m.command("resume " + strings.Join(paused, " "))
	}
	if len(down) > 0 {
		cmd = m.command("restart " + strings.Join(down, " "))
	}
	m.together(from)
	return cmd
}

func (m *Model) pauseMember() tea.Cmd {
	if m.s.View().Members[m.selected-1].Paused {
		return m.command(m.fill("resume {member}"))
	}
	return m.command(m.fill("pause {member}"))
}

// nextMessage chooses the next message in flight, in order of arrival on the list.
func (m *Model) nextMessage() tea.Cmd {
	flights := m.s.View().Flights
	i := slices.IndexFunc(flights, func(f cluster.Flight) bool { return f.ID > m.message })
	m.chooseMessage(flights[max(i, 0)].ID)
	return nil
}

// chooseMessage chooses a message in flight and says which one it is.
func (m *Model) chooseMessage(id uint64) {
	m.message = id
	if f := m.flight(id); f != nil {
		m.say(fmt.Sprintf("#%d %s %c n%d", f.ID, f.Brief(), m.th.Glyph.Request, f.To))
	}
}

// flight is a message in flight, or nil.
func (m *Model) flight(id uint64) *cluster.Flight {
	flights := m.s.View().Flights
	for i := range flights {
		if flights[i].ID == id {
			return &flights[i]
		}
	}
	return nil
}

// release lets the chosen message go if it is held, and otherwise everything that is held.
func (m *Model) release() tea.Cmd {
	if f := m.flight(m.message); f != nil && f.Held {
		return m.command(m.fill("release {message}"))
	}
	return m.command("release")
}

func (m *Model) markBefore() tea.Cmd { return m.jump(-1) }

func (m *Model) markAfter() tea.Cmd { return m.jump(1) }

// jump goes to the nearest marker before or after the present moment.
func (m *Model) jump(direction int) tea.Cmd {
	pos := m.s.Pos()
	var best *session.Mark
	marks := m.s.Marks()
	for i := range marks {
		if marks[i].Event < pos && direction < 0 || marks[i].Event > pos && direction > 0 && best == nil {
			best = &marks[i]
		}
	}
	if best == nil {
		m.warn(m.word("no marker on that side", "那一边没有标记"))
		return nil
	}
	return m.command(fmt.Sprintf("goto @%d", best.Event))
}

func (m *Model) branchBefore() tea.Cmd { return m.cycleBranch(-1) }

func (m *Model) branchAfter() tea.Cmd { return m.cycleBranch(1) }

func (m *Model) cycleBranch(by int) tea.Cmd {
	branches := m.s.Branches()
	at := slices.IndexFunc(branches, func(b session.Branch) bool { return b.Current })
	if len(branches) < 2 {
		m.warn(m.word("there is one branch only: touching the past makes another", "只有一条分支：改动过去会产生另一条"))
		return nil
	}
	return m.command("branch " + branches[(at+by+len(branches))%len(branches)].Name)
}

func (m *Model) copyShare() tea.Cmd {
	code, err := m.s.ShareCode()
	if err != nil {
		m.warn(err.Error())
		return nil
	}
	line := "etcdscope open " + code
	if m.fits(line) {
		m.say(line)
	} else {
		m.openText(m.word("share code", "分享码"), line+"\n\n"+m.word(
			"It is in the clipboard too, if the terminal allows that. In quotes, line breaks inside the code do no harm.",
			"如果终端允许，它也已在剪贴板里。加上引号，分享码中间的换行就没有影响。"))
	}
	return tea.SetClipboard(line)
}

func (m *Model) nextPane() tea.Cmd { return m.cycleFocus(1) }

func (m *Model) previousPane() tea.Cmd { return m.cycleFocus(-1) }

func (m *Model) cycleFocus(by int) tea.Cmd {
	if len(m.slots) <= 1 { // one pane has the whole screen: the next one takes its place
		m.focus = (m.focus + by + len(m.panes)) % len(m.panes)
		m.zoomed = true
		return nil
	}
	at := max(slices.IndexFunc(m.slots, func(s slot) bool { return s.pane == m.focus }), 0)
	m.focus = m.slots[(at+by+len(m.slots))%len(m.slots)].pane
	return nil
}

func (m *Model) toggleZoom() tea.Cmd {
	m.zoomed = !m.zoomed
	return nil
}

func (m *Model) toggleLanguage() tea.Cmd {
	if m.zh() {
		m.lang = "en"
	} else {
		m.lang = "zh"
	}
	return nil
}

// escape lets go of the nearest thing: a message, a zoom, and at last the session.
func (m *Model) escape() tea.Cmd {
	switch {
	case m.message != 0:
		m.message = 0
	case m.zoomed:
		m.zoomed = false
	default:
		m.play.running = false
		return m.openMenu()
	}
	return nil
}

func (m *Model) suspend() tea.Cmd { return tea.Suspend }

func (m *Model) quit() tea.Cmd {
	if _, asking := m.top().(*confirm); !asking && !m.home && m.lesson == nil && m.s.Unsaved() {
		m.prompt.open = false
		m.ask(m.word("Quit? What you did here is not saved. (:save FILE keeps it, y copies a share code.)",
			"退出吗？这里的操作还没有保存。（:save FILE 保存，y 复制分享码）"), func(*Model) tea.Cmd { return tea.Quit })
		return nil
	}
	return tea.Quit
}

// Why a key does nothing now.

func (m *Model) memberDown() string {
	if v := m.s.View().Members[m.selected-1]; !v.Up {
		return fmt.Sprintf(m.word("n%d is down: r restarts it", "n%d 已宕机：按 r 重启"), v.ID)
	}
	return ""
}

func (m *Model) noLeader() string {
	if m.s.View().Leader() == nil {
		return m.word("there is no leader now", "现在没有领导者")
	}
	return ""
}

func (m *Model) noFlights() string {
	if len(m.s.View().Flights) == 0 {
		return m.word("no message is in flight", "没有在途消息")
	}
	return ""
}

func (m *Model) noMessage() string {
	if m.message == 0 {
		return m.word("choose a message first: m", "先选一条消息：m")
	}
	if m.flight(m.message) == nil {
		m.message = 0
		return m.word("that message is not on its way any more: choose another with m", "那条消息已不在途中：按 m 再选一条")
	}
	return ""
}

func (m *Model) nothingHeld() string {
	v := m.s.View()
	held := slices.ContainsFunc(v.Flights, func(f cluster.Flight) bool { return f.Held })
	for _, a := range v.Members {
		for _, b := range v.Members {
			held = held || a.ID != b.ID && v.Links.At(a.ID, b.ID).Hold
		}
	}
	if !held {
		return m.word("nothing is held: m chooses a message, h holds it", "没有被扣留的消息：按 m 选一条，按 h 扣留")
	}
	return ""
}

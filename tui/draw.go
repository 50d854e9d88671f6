package tui

import (
	"fmt"
	"slices"
	"strings"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/tui/frame"
	"etcdscope/tui/pane"
)

// draw fills the frame.
func (m *Model) draw() {
	m.f.Reset(m.w, m.h)
	if m.w == 0 || m.h == 0 {
		return
	}
	all := m.f.Bounds()
	if m.tooSmall() {
		m.f.TextWrap(all, m.th.Text, fmt.Sprintf(m.word("etcdscope needs %d×%d cells, this window has %d×%d. Time waits.",
			"etcdscope 需要 %d×%d 个字符，现在的窗口是 %d×%d。时间在等待。"), leastW, leastH, m.w, m.h))
		return
	}
	status, body := all.SplitTop(1)
	body, foot := body.SplitBottom(2)
	m.drawStatus(status)
	lesson := m.place(body)
	s := m.paneScene()
	for _, slot := range m.slots {
		s.Covered = m.covers(m.panes[slot.pane].Name())
		pane.Framed(m.f, slot.r, m.panes[slot.pane], s, slot.pane == m.focus && m.top() == nil)
	}
	s.Covered = false
	if m.lesson != nil {
		m.drawLesson(lesson)
	}
	m.drawFoot(foot)
	m.drawNotice(body)
	for _, d := range m.dialogs {
		d.draw(m, m.dialogRoom(body))
	}
}

// menuRows is the room that the menu wants under the lanes, which it leaves in sight where it can.
const menuRows = 13

func (m *Model) dialogRoom(body frame.Rect) frame.Rect {
	if _, rest := body.SplitTop(m.rowsOf(1)); m.home && rest.H >= menuRows {
		return rest
	}
	return body
}

// paneScene is what panes may look at, filled anew for every picture.
func (m *Model) paneScene() *pane.Scene {
	s, d := m.s, &m.data
	v := s.View()
	d.View, d.Now, d.Running, d.Speed = v, max(m.play.shown, v.At), m.moves(), m.play.speed()
	d.Selected, d.Message = m.selected, m.message
	d.Pos, d.End, d.Detail = s.Pos(), s.End(), s.Detail()
	d.Branches, d.Marks, d.Violations, d.Invariants = s.Branches(), s.Marks(), s.Violations(), s.Invariants()
	d.Event, d.Chain = s.Event, s.Chain
	d.Title, d.Theme, d.Lang, d.ReducedMotion = m.scene, &m.th, m.lang, m.opt.ReducedMotion
	return d
}

// covers says whether a pane stays hidden until the prediction is made.
func (m *Model) covers(name string) bool {
	if m.lesson == nil {
		return false
	}
	for _, c := range m.lesson.View().Covered {
		if c == name {
			return true
		}
	}
	return false
}

// drawStatus draws the bar at the top: what runs, when, and how the cluster is.
func (m *Model) drawStatus(r frame.Rect) {
	t := &m.th
	m.f.Fill(r, t.Status, ' ')
	x := r.X
	part := func(st frame.Style, text string) {
		if text != "" && x+frame.Width(text)+1 <= r.Right() {
			x = m.f.Text(x+1, r.Y, st.Over(t.Status), text) + 1
		}
	}
	v := m.s.View()
	part(t.Strong, "etcdscope")
	unsafe, without := rulesOff(v.Config.Off)
	if len(unsafe) > 0 {
		part(t.Banner, m.word("RULE OFF: ", "规则关闭：")+strings.Join(unsafe, ", "))
	}
	part(t.Text, m.scene)
	part(t.Number, m.speedText())
	part(t.Number, clockText(max(m.play.shown, v.At)))
	if l := v.Leader(); l != nil {
		part(t.Term(uint64(l.Raft.Term)), fmt.Sprintf(m.word("term %d", "任期 %d"), l.Raft.Term))
		part(t.Leader, fmt.Sprintf("%c n%d", t.Glyph.Leader, l.ID))
		part(t.Text, fmt.Sprintf(m.word("commit %d", "提交 %d"), l.Raft.Commit))
		part(t.Text, fmt.Sprintf(m.word("rev %d", "修订版本 %d"), l.Store.Revision))
	} else {
		part(t.Warn, m.word("no leader", "没有领导者"))
	}
	if n := len(m.s.Violations()); n > 0 {
		part(t.Error, fmt.Sprintf("%c %d", t.Glyph.No, n))
	} else {
		part(t.Ok, fmt.Sprintf("%c %d", t.Glyph.Yes, m.s.Invariants()))
	}
	part(t.Faint, fmt.Sprintf("seed %d", v.Config.Seed))
	if pos, end := m.s.Pos(), m.s.End(); pos < end {
		part(t.Warn, fmt.Sprintf(m.word("@%d of %d", "@%d/%d"), pos, end))
	} else {
		part(t.Faint, fmt.Sprintf("@%d", pos))
	}
	part(t.Faint, fmt.Sprintf(m.word("branch %s", "分支 %s"), m.branchName()))
	if len(without) > 0 {
		part(t.Faint, m.word("without ", "不含 ")+strings.Join(without, ", "))
	}
	if p := m.play.until; p != nil {
		part(t.Warn, m.word("break when ", "断点：")+frame.Truncate(frame.Safe(p.Source), breakCells, string(t.Glyph.Ellipsis)))
	}
}

// breakCells is how much of a breakpoint the status bar shows.
const breakCells = 40

// rulesOff parts the rules that are off: those that keep the cluster safe call for a banner, the others do not.
func rulesOff(names []string) (unsafe, without []string) {
	for _, r := range cluster.Rules() {
		switch {
		case !slices.Contains(names, r.Name):
		case r.Safety:
			unsafe = append(unsafe, r.Name)
		default:
			without = append(without, r.Name)
		}
	}
	return unsafe, without
}

func (m *Model) speedText() string {
	if m.moves() {
		return string(m.th.Glyph.HeadRight) + " " + m.play.speed()
	}
	return "|| " + m.word("paused", "暂停")
}

func clockText(t clock.Time) string { return t.String() }

func (m *Model) branchName() string {
	for _, b := range m.s.Branches() {
		if b.Current {
			return b.Name
		}
	}
	return ""
}

// drawFoot draws the notice or the prompt, and under it the key bar or help for what is typed.
func (m *Model) drawFoot(r frame.Rect) {
	line, bar := r.Row(0), r.Row(1)
	if m.prompt.open {
		m.drawPrompt(line)
		text, bad := m.promptHelp()
		st := m.th.Hint
		if bad {
			st = m.th.Warn
		}
		m.f.TextIn(bar, frame.Left, st, text)
		return
	}
	st := m.th.Faint
	if m.notice.bad {
		st = m.th.Warn
	}
	m.f.TextIn(line.Inset(1, 0), frame.Left, st, m.notice.text)
	m.drawBar(bar)
}

// drawNotice lays the lines of an answer over the lowest panes.
func (m *Model) drawNotice(r frame.Rect) {
	lines := m.notice.lines
	if len(lines) == 0 || m.prompt.open || m.top() != nil {
		return
	}
	_, out := r.SplitBottom(min(len(lines)+2, r.H))
	m.f.Clear(out, m.th.Text)
	in := m.f.Box(out, m.th.BorderFocus, m.th.Glyph.BorderDialog, m.word("answer", "应答"), m.th.TitleFocus).Inset(1, 0)
	for i := range min(len(lines), in.H) {
		m.f.TextIn(in.Row(i), frame.Left, m.th.Text, lines[i])
	}
}

// barKeys is how many keys the key bar shows at most.
const barKeys = 8

// drawBar draws the keys that do something here, those of the focused pane after the lesson's. A dialog says itself
// which keys it has.
func (m *Model) drawBar(r frame.Rect) {
	if d := m.top(); d != nil {
		if _, ok := d.(*list); ok {
			m.f.TextIn(r.Inset(1, 0), frame.Left, m.th.Faint, m.word("L 中文   q quit", "L English   q 退出"))
		}
		return
	}
	x, shown := r.X, 0
	add := func(key, text, off string) {
		name, st := m.th.Key, m.th.KeyName
		if off != "" {
			name, st = m.th.KeyOff, m.th.KeyOff
		}
		width := frame.Width(key) + 1 + frame.Width(text) + 2
		if shown >= barKeys || x+width > r.Right() {
			return
		}
		x = m.f.Text(x+1, r.Y, name, key)
		x = m.f.Text(x+1, r.Y, st, text)
		x++
		shown++
	}
	for i := range table {
		if k := &table[i]; k.Lesson && !k.barred(m) && k.why(m) == "" {
			add(k.Show, m.word(k.Bar, k.BarZH), "")
		}
	}
	if m.focus != paneLanes {
		for _, h := range m.panes[m.focus].Hints(&m.data) {
			if shown < barKeys/2 {
				add(h.Key, m.word(h.Text, h.TextZH), h.Disabled)
			}
		}
	}
	for i := range table {
		if k := &table[i]; !k.Lesson && !k.barred(m) {
			add(k.Show, m.word(k.Bar, k.BarZH), k.why(m))
		}
	}
}

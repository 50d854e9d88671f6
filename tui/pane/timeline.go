package pane

import (
	"unicode"
	"unicode/utf8"

	"etcdscope/cluster/clock"
	"etcdscope/cluster/session"
	"etcdscope/tui/frame"
	"etcdscope/tui/theme"
)

// Timeline draws the branches of the session as lines over virtual time, with their marks and the present.
type Timeline struct {
	top int // the first branch shown where not all of them fit
	buf line
}

// NewTimeline returns the pane of the branches.
func NewTimeline() *Timeline { return &Timeline{} }

// Name is the pane's name in the pane menu.
func (p *Timeline) Name() string { return "timeline" }

// Title tells where the present is.
func (p *Timeline) Title(s *Scene) string {
	w := s.words()
	b := p.buf[:0].text(w.timeline).text("  ").text(w.youAreAt).ms(s.Now).text(" ms")
	if name := currentBranch(s); name != "" {
		b = b.text(w.onBranch).text(name)
	}
	p.buf = b
	return string(b)
}

// axis maps virtual time to columns.
type axis struct {
	x, width int
	end      clock.Time
}

func (a *axis) column(t clock.Time) int {
	return a.x + int(max(0, min(t, a.end))*clock.Time(max(0, a.width-1))/max(1, a.end))
}

const (
	branchName   = 10 // cells of a branch's name, with the space around it
	branchNote   = 40
	branchNoteAt = 100
	tickLabel    = 10 // cells between two numbers of the axis, at least
)

// Draw draws the axis, the branches and the legend.
func (p *Timeline) Draw(f *frame.Frame, r frame.Rect, s *Scene, _ bool) {
	if r.Empty() || s.View == nil {
		return
	}
	f.PushClip(r)
	defer f.PopClip()
	if s.Covered {
		cover(f, r, s)
		return
	}
	a := axis{x: r.X + branchName, width: r.W - branchName - 2, end: s.Now}
	if r.W >= branchNoteAt {
		a.width -= branchNote
	}
	current := 0
	for i := range s.Branches {
		a.end = max(a.end, s.Branches[i].EndAt)
		if s.Branches[i].Current {
			current = i
		}
	}
	shown, spare := min(len(s.Branches), r.H), r.H-min(len(s.Branches), r.H)
	y := r.Y
	if spare > 0 && a.width > tickLabel {
		drawAxis(f, &a, y, s)
		y, spare = y+1, spare-1
	}
	p.top = window(p.top, current, shown, len(s.Branches))
	for i := range shown {
		p.drawBranch(f, &a, r, y+i, s, p.top+i)
	}
	if spare > 1 {
		drawMarkLegend(f, frame.Rect{X: r.X + 2, Y: r.Bottom() - 1, W: r.W - 3, H: 1}, s)
	}
}

// drawAxis draws the numbers of the axis at round times, and where the present is.
func drawAxis(f *frame.Frame, a *axis, y int, s *Scene) {
	step, most := clock.Millisecond, clock.Time(max(1, a.width/tickLabel))
	for i := 0; a.end/step > most && i < 40; i++ {
		step = step * [...]clock.Time{2, 5, 2}[i%3] / [...]clock.Time{1, 2, 1}[i%3]
	}
	for at := clock.Time(0); at <= a.end; at += step {
		x := a.column(at)
		if end := num(f, x, y, s.Theme.Faint, uint64(at/clock.Millisecond)); end > a.x+a.width {
			break
		}
	}
}

// drawBranch draws one branch from its fork to its end, its marks, and what it is.
func (p *Timeline) drawBranch(f *frame.Frame, a *axis, r frame.Rect, y int, s *Scene, i int) {
	t, b := s.Theme, &s.Branches[i]
	st := t.Text
	if b.Current {
		st = t.Now
	}
	f.TextIn(frame.Rect{X: r.X + 2, Y: y, W: branchName - 3, H: 1}, frame.Left, st, b.Name)
	from, corner := a.x, t.Glyph.TreeTee
	if b.Parent != "" {
		from, corner = a.column(forkTime(s, i, 0)), t.Glyph.TreeEnd
	}
	end := max(from, a.column(b.EndAt))
	f.HLine(from, y, end-from, t.Timeline, t.Glyph.Rail)
	f.Rune(from, y, t.Timeline, corner)
	f.Rune(end, y, st, t.Glyph.Head)
	drawMarks(f, a, y, s, i)
	if b.Current {
		f.Rune(a.column(s.Now), y, t.Now, t.Glyph.Here)
	}
	f.RegionN(RegionBranch, i, frame.Rect{X: r.X, Y: y, W: r.W, H: 1})
	if r.W >= branchNoteAt {
		p.drawNote(f, frame.Rect{X: a.x + a.width + 1, Y: y, W: branchNote - 1, H: 1}, s, i)
	}
}

// drawNote draws where a branch comes from and how much was done on it.
func (p *Timeline) drawNote(f *frame.Frame, r frame.Rect, s *Scene, i int) {
	w, b := s.words(), &s.Branches[i]
	at := p.buf[:0]
	if b.Parent != "" {
		at = at.text(w.forked).text(frame.Truncate(b.Parent, 6, string(s.Theme.Glyph.Ellipsis)))
		if b.ForkTime > 0 || b.ForkAt == 0 {
			at = at.text(" ").ms(b.ForkTime)
		}
		at = at.text("  ")
	}
	at = at.text(w.commands).int(int64(b.Commands))
	if b.Current {
		at = at.text("  ").glyph(s.Theme.Glyph.HeadLeft)
	}
	p.buf = at
	f.TextIn(r, frame.Left, s.Theme.Faint, string(at))
}

// branchOf returns the index of the branch with the name, or -1.
func branchOf(list []session.Branch, name string) int {
	for i := range list {
		if list[i].Name == name {
			return i
		}
	}
	return -1
}

// forkTime is when a branch left its parent. Where the session does not know that yet and the fork is not an event of
// the current branch, it is placed among its parent's events as if those were evenly spread.
func forkTime(s *Scene, i, depth int) clock.Time {
	b := &s.Branches[i]
	if b.ForkTime > 0 {
		return b.ForkTime
	}
	parent := branchOf(s.Branches, b.Parent)
	if parent < 0 || depth > len(s.Branches) {
		return 0
	}
	if b.ForkAt <= sharedWith(s, parent) {
		if e := s.event(b.ForkAt); e != nil {
			return e.At
		}
		return 0
	}
	from, up := forkTime(s, parent, depth+1), &s.Branches[parent]
	own := up.ForkAt
	if up.Parent == "" {
		own = 0
	}
	if up.End <= own {
		return from
	}
	part := clock.Time(min(b.ForkAt, up.End) - min(own, b.ForkAt))
	return from + (up.EndAt-from)*part/clock.Time(up.End-own)
}

// sharedWith is the last event that the current branch shares with a branch.
func sharedWith(s *Scene, i int) uint64 {
	shared := s.End
	at := branchOf(s.Branches, currentBranch(s))
	for range s.Branches {
		if at < 0 {
			return 0
		}
		if at == i {
			return shared
		}
		shared = min(shared, s.Branches[at].ForkAt)
		at = branchOf(s.Branches, s.Branches[at].Parent)
	}
	return 0
}

// drawMarks draws the marks that lie on branch i: those of the current branch, each on the line where it was
// made.
func drawMarks(f *frame.Frame, a *axis, y int, s *Scene, i int) {
	for j := range s.Marks {
		m := &s.Marks[j]
		if markBranch(s, m.Event) == i {
			st, sign := markLook(s.Theme, m)
			f.Rune(a.column(m.At), y, st, sign)
		}
	}
}

// markBranch is the branch on which an event of the current branch was recorded.
func markBranch(s *Scene, event uint64) int {
	at := branchOf(s.Branches, currentBranch(s))
	for range s.Branches {
		if at < 0 || s.Branches[at].Parent == "" || event > s.Branches[at].ForkAt {
			return at
		}
		at = branchOf(s.Branches, s.Branches[at].Parent)
	}
	return at
}

// marks are the signs of the kinds of marks, with the words of the legend.
var marks = [...]struct {
	kind   string
	sign   rune
	en, zh string
}{
	{"election", 'E', "election", "选举"},
	{"crash", 'x', "crash", "宕机"},
	{"partition", 'P', "partition", "分区"},
	{"heal", '0', "heal", "恢复"},
	{"break", 0, "breakpoint", "断点"},
	{"lesson", 'Q', "question", "提问"},
	{"violation", 0, "invariant failed", "不变量失败"},
}

// markLook is the sign of a mark; a user's mark shows the first rune of its name, if that can be seen.
func markLook(t *theme.Theme, m *session.Mark) (frame.Style, rune) {
	for i := range marks {
		if marks[i].kind == m.Kind {
			return markStyle(t, m.Kind), markSign(t, i)
		}
	}
	if r, _ := utf8.DecodeRuneInString(m.Name); r != utf8.RuneError && unicode.IsPrint(r) {
		return t.Marker, r
	}
	return t.Marker, t.Glyph.Bullet
}

func markSign(t *theme.Theme, i int) rune {
	switch marks[i].kind {
	case "break":
		return t.Glyph.Breakpoint
	case "violation":
		return t.Glyph.No
	}
	return marks[i].sign
}

func markStyle(t *theme.Theme, kind string) frame.Style {
	if kind == "violation" {
		return t.Error
	}
	return t.Marker
}

// drawMarkLegend draws what the signs on the lines mean.
func drawMarkLegend(f *frame.Frame, r frame.Rect, s *Scene) {
	t := s.Theme
	x := f.Rune(r.X, r.Y, t.Now, t.Glyph.Here) + 1
	x = f.Text(x, r.Y, t.Faint, s.words().here) + 3
	for i := range marks {
		text := s.say(marks[i].en, marks[i].zh)
		if x+2+frame.Width(text) > r.Right() {
			return
		}
		f.Rune(x, r.Y, markStyle(t, marks[i].kind), markSign(t, i))
		x = f.Text(x+2, r.Y, t.Faint, text) + 3
	}
}

// Key handles nothing: the keys of branches and marks work everywhere.
func (p *Timeline) Key(string, *Scene) Result { return none() }

// Hints lists the keys that move along the timeline; the shell handles them.
func (p *Timeline) Hints(s *Scene) []Hint {
	mark := Hint{Key: "[ ]", Text: "mark", TextZH: "标记"}
	if len(s.Marks) == 0 {
		mark.Disabled = s.say("there is no mark yet", "还没有标记")
	}
	branch := Hint{Key: "{ }", Text: "branch", TextZH: "分支"}
	if len(s.Branches) < 2 {
		branch.Disabled = s.say("there is only one branch", "只有一个分支")
	}
	return []Hint{mark, branch}
}

package tui

import (
	"fmt"
	"strings"

	"etcdscope/lessons"
	"etcdscope/tui/frame"
)

// drawLesson draws the lesson: what to read, what to predict, what to do, and how it went.
func (m *Model) drawLesson(r frame.Rect) {
	v := m.lesson.View()
	in := m.f.Box(r, m.th.BorderFocus, m.th.Glyph.BorderFocus, m.lessonTitle(&v), m.th.TitleFocus).Inset(1, 0)
	w := column{m: m, r: in}
	switch {
	case v.Finished:
		w.text(m.th.Good, m.word("The lesson is done. o lists the lessons, esc opens the menu.", "本课完成。o 打开课程列表，esc 打开菜单。"))
	case v.Quiz > 0:
		w.question(&v)
	default:
		w.step(&v)
	}
}

// lessonTitle is the title with the steps as full and empty squares.
func (m *Model) lessonTitle(v *lessons.PlayerView) string {
	g := &m.th.Glyph
	if v.Quiz > 0 {
		return fmt.Sprintf(m.word("LESSON %s  %s   quiz %d of %d", "第 %s 课  %s   测验 %d/%d"), v.ID, v.Title.In(m.lang), min(v.Quiz, v.Quizzes), v.Quizzes)
	}
	squares := strings.Repeat(string(g.Done), v.Step-1) + strings.Repeat(string(g.Todo), max(v.Steps-v.Step+1, 0))
	if v.Met {
		squares = strings.Repeat(string(g.Done), v.Step) + strings.Repeat(string(g.Todo), v.Steps-v.Step)
	}
	return fmt.Sprintf(m.word("LESSON %s  %s   step %d of %d  %s", "第 %s 课  %s   第 %d/%d 步  %s"), v.ID, v.Title.In(m.lang), v.Step, v.Steps, squares)
}

// column writes paragraphs from top to bottom until the room ends.
type column struct {
	m *Model
	r frame.Rect
}

func (c *column) text(st frame.Style, s string) {
	if s == "" || c.r.Empty() {
		return
	}
	marked := newMarkup(s)
	lines := frame.Wrap(marked.plain, c.r.W)
	for i, line := range lines {
		if i == c.r.H {
			break
		}
		marked.draw(c.m, c.r.Row(i), st, line)
	}
	_, c.r = c.r.SplitTop(len(lines))
}

// markup is text in which `backticks` mark what is typed or shown: they become a style.
type markup struct {
	plain string
	code  []bool // of each rune of plain that is no space
	at    int
}

func newMarkup(s string) *markup {
	m := &markup{plain: strings.ReplaceAll(s, "`", "")}
	inside := false
	for _, r := range s {
		switch r {
		case '`':
			inside = !inside
		case ' ', '\n':
		default:
			m.code = append(m.code, inside)
		}
	}
	return m
}

// draw draws one wrapped line; wrapping takes only spaces away, so the other runes keep their order.
func (k *markup) draw(m *Model, r frame.Rect, st frame.Style, line string) {
	x := r.X
	for _, ch := range line {
		style := st
		if ch != ' ' && k.at < len(k.code) {
			if k.code[k.at] {
				style = m.th.Code
			}
			k.at++
		}
		if x < r.Right() {
			x = m.f.Text(x, r.Y, style, string(ch))
		}
	}
}

// step writes one step. What matters now comes first when room is short: a failure, the question, the outcome.
func (c *column) step(v *lessons.PlayerView) {
	t, lang := &c.m.th, c.m.lang
	if v.Step == 1 && v.Question != nil && v.Question.Answer == "" && c.r.H > 9 {
		c.text(t.Faint, v.Objective.In(lang))
	}
	c.text(t.Text, v.Text.In(lang))
	if v.Failure.Failed() {
		c.text(t.Bad, c.m.failureText(&v.Failure))
		return
	}
	c.question(v)
	if !v.Waiting && !v.Met && !v.Do.Empty() {
		c.text(t.Hint, string(t.Glyph.Prompt)+" "+v.Do.In(lang))
	}
	if v.Met {
		c.text(t.Good, string(t.Glyph.Yes)+" "+c.m.word("done", "完成")+c.m.after(v.Explain))
	}
	for _, h := range v.Hints {
		c.text(t.Warn, c.m.word("hint: ", "提示：")+h.In(lang))
	}
	if v.Pause {
		c.text(t.Faint, c.m.word("The class stops here.", "课堂在此暂停。"))
	}
}

// after is a sentence that follows another, or nothing.
func (m *Model) after(t lessons.Text) string {
	if t.Empty() {
		return m.word(". enter goes on", "。按 enter 继续")
	}
	return m.word(". ", "。") + t.In(m.lang)
}

// question writes the question with its options, and once it is known, what was said and what was.
func (c *column) question(v *lessons.PlayerView) {
	q := v.Question
	if q == nil {
		return
	}
	t, lang := &c.m.th, c.m.lang
	if q.Feedback == nil || v.Quiz > 0 {
		c.text(t.Question, c.m.word("PREDICT  ", "预测  ")+q.Text.In(lang))
		c.options(q)
	}
	switch {
	case q.Feedback != nil:
		c.feedback(q.Feedback)
	case q.Answer != "":
		c.text(t.Faint, fmt.Sprintf(c.m.word("You said %s. Now look.", "你的答案是 %s。现在请看。"), q.Answer))
	case len(q.Options) == 0:
		c.text(t.Hint, c.m.word("enter: type the answer", "enter：输入答案"))
	}
}

// options writes the options in one line if they fit, else one below the other.
func (c *column) options(q *lessons.QuestionView) {
	if len(q.Options) == 0 {
		return
	}
	var parts []string
	width := 0
	for _, o := range q.Options {
		part := o.Letter + ") " + o.Text.In(c.m.lang)
		parts = append(parts, part)
		width += frame.Width(part) + 3
	}
	if width <= c.r.W {
		c.text(c.m.th.Text, strings.Join(parts, "   "))
		return
	}
	for _, p := range parts {
		c.text(c.m.th.Text, p)
	}
}

func (c *column) feedback(f *lessons.Feedback) {
	t, lang := &c.m.th, c.m.lang
	if f.Right {
		c.text(t.Good, fmt.Sprintf(c.m.word("%c You said: %s. ", "%c 你说：%s。"), t.Glyph.Yes, f.Said.In(lang))+f.Reason.In(lang))
		return
	}
	if !f.Proved {
		c.text(t.Warn, c.m.word("This run went another way than the lesson's; R plays the step again.", "这次运行与课程不同；R 重新开始本步。"))
	}
	c.text(t.Bad, fmt.Sprintf(c.m.word("%c You said: %s. ", "%c 你说：%s。"), t.Glyph.No, f.Said.In(lang))+f.Reason.In(lang))
	c.text(t.Text, fmt.Sprintf(c.m.word("It was: %s. ", "结果是：%s。"), f.Was.In(lang))+f.Rule.In(lang))
}

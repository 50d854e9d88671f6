package tui

import (
	"fmt"
	"slices"
	"strings"

	"etcdscope/lessons"
	"etcdscope/tui/frame"
)

// drawLesson draws the lesson: what to read, what to predict, what to do, and how it went.
func (m *Model) drawLesson(r frame.Rect) {
	v := m.lesson.View()
	in := m.f.Box(r, m.th.BorderFocus, m.th.Glyph.BorderFocus, m.lessonTitle(&v), m.th.TitleFocus).Inset(1, 0)
	n := m.narrate(&v)
	n.fit(in.W, in.H)
	n.draw(in)
}

// narrate collects what the lesson says at the present moment.
func (m *Model) narrate(v *lessons.PlayerView) *narration {
	n := &narration{m: m}
	switch {
	case v.Finished:
		n.say(0, m.th.Good, m.word("The lesson is done. o lists the lessons, esc opens the menu.", "本课完成。o 打开课程列表，esc 打开菜单。"))
	case v.Quiz > 0:
		n.quiz(v)
	default:
		n.step(v)
	}
	return n
}

// lessonTitle is the title with the steps as full and empty squares.
func (m *Model) lessonTitle(v *lessons.PlayerView) string {
	g := &m.th.Glyph
	if v.Quiz > 0 {
		return fmt.Sprintf(m.word("LESSON %s  %s   quiz %d of %d", "第 %s 课  %s   测验 %d/%d"),
			v.ID, v.Title.In(m.lang), min(v.Quiz, v.Quizzes), v.Quizzes)
	}
	squares := strings.Repeat(string(g.Done), v.Step-1) + strings.Repeat(string(g.Todo), max(v.Steps-v.Step+1, 0))
	if v.Met {
		squares = strings.Repeat(string(g.Done), v.Step) + strings.Repeat(string(g.Todo), v.Steps-v.Step)
	}
	return fmt.Sprintf(m.word("LESSON %s  %s   step %d of %d  %s", "第 %s 课  %s   第 %d/%d 步  %s"),
		v.ID, v.Title.In(m.lang), v.Step, v.Steps, squares)
}

// block is one paragraph of the lesson. Where the room is short the blocks with the highest rank go first; rank 0
// stays, because the learner could not go on without it.
type block struct {
	rank  int
	style frame.Style
	text  string
	joint string // text in one line, for options that stand below each other
}

// Ranks from what is missed least to what is missed most.
const (
	rankStays = iota
	rankText
	rankQuestion
	rankOptions
	rankOldHint
	rankObjective
)

// narration is everything that the lesson says at one moment, from top to bottom.
type narration struct {
	m      *Model
	blocks []block
	lost   int // rows that found no room although nothing more could go
}

func (n *narration) say(rank int, st frame.Style, text string) {
	if text != "" {
		n.blocks = append(n.blocks, block{rank: rank, style: st, text: text})
	}
}

// fit leaves out what is missed least until the rest has room in w columns and h rows.
func (n *narration) fit(w, h int) {
	for n.rows(w) > h {
		worst := -1
		for i := range n.blocks {
			if n.blocks[i].rank > 0 && (worst < 0 || n.blocks[i].rank > n.blocks[worst].rank) {
				worst = i
			}
		}
		if worst < 0 {
			n.squeeze()
			n.lost = max(n.rows(w)-h, 0)
			return
		}
		n.blocks = slices.Delete(n.blocks, worst, worst+1)
	}
}

// squeeze puts options one behind the other.
func (n *narration) squeeze() {
	for i := range n.blocks {
		if b := &n.blocks[i]; b.joint != "" {
			b.text = b.joint
		}
	}
}

func (n *narration) rows(w int) int {
	rows := 0
	for i := range n.blocks {
		rows += len(frame.Wrap(newMarkup(n.blocks[i].text).plain, w))
	}
	return rows
}

func (n *narration) draw(r frame.Rect) {
	for i := range n.blocks {
		marked := newMarkup(n.blocks[i].text)
		lines := frame.Wrap(marked.plain, r.W)
		for k, line := range lines {
			if k == r.H {
				return
			}
			marked.draw(n.m, r.Row(k), n.blocks[i].style, line)
		}
		_, r = r.SplitTop(len(lines))
	}
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

// step says one step: before the answer the question, after it what to do, in the end how it went.
func (n *narration) step(v *lessons.PlayerView) {
	t, m, lang := &n.m.th, n.m, n.m.lang
	if v.Step == 1 && !v.Met && !v.Failure.Failed() {
		n.say(rankObjective, t.Faint, v.Objective.In(lang))
	}
	// While it asks, the text is what the question is about; later it has been read.
	rank := rankText
	if v.Waiting {
		rank = rankStays
	}
	n.say(rank, t.Text, v.Text.In(lang))
	if v.Failure.Failed() {
		n.say(rankStays, t.Bad, m.failureText(&v.Failure))
		return
	}
	n.prediction(v)
	switch {
	case v.Met:
		n.say(rankStays, t.Good, string(t.Glyph.Yes)+" "+m.word("done", "完成")+m.after(v.Explain))
		if !v.Explain.Empty() {
			n.say(rankOldHint, t.Hint, m.goesOn())
		}
	case !v.Waiting:
		n.task(v)
	}
	if !v.Met {
		n.hints(v.Hints)
	}
	if v.Pause {
		n.say(rankOldHint, t.Faint, m.word("The class stops here.", "课堂在此暂停。"))
	}
}

// task says what to do; before a typed answer, which forbids nothing, the question is more important.
func (n *narration) task(v *lessons.PlayerView) {
	rank := rankStays
	if typed(v) {
		rank = rankOptions
	}
	if !v.Do.Empty() {
		n.say(rank, n.m.th.Hint, string(n.m.th.Glyph.Prompt)+" "+v.Do.In(n.m.lang))
	}
}

// hints says all hints; only the newest, which may be the one that tells all, is sure of its place.
func (n *narration) hints(hints []lessons.Text) {
	for i, h := range hints {
		rank := rankOldHint
		if i == len(hints)-1 {
			rank = rankStays
		}
		n.say(rank, n.m.th.Warn, n.m.word("hint: ", "提示：")+h.In(n.m.lang))
	}
}

func (m *Model) goesOn() string {
	return m.word("`enter` goes on, `PgUp` goes back to the step before.", "按 `enter` 继续，`PgUp` 回到上一步。")
}

// after is a sentence that follows another, or nothing.
func (m *Model) after(t lessons.Text) string {
	if t.Empty() {
		return m.word(": `enter` goes on.", "：按 `enter` 继续。")
	}
	return m.word(". ", "。") + t.In(m.lang)
}

// prediction says the question of a step, then what was answered, and once it is known what was.
func (n *narration) prediction(v *lessons.PlayerView) {
	q := v.Question
	if q == nil {
		return
	}
	t, m, lang := &n.m.th, n.m, n.m.lang
	ask := m.word("PREDICT  ", "预测  ") + q.Text.In(lang)
	switch {
	case q.Feedback != nil:
		n.say(rankQuestion, t.Question, ask)
		n.feedback(q)
	case q.Answer != "":
		n.say(rankQuestion, t.Question, ask)
		n.options(rankOptions, q)
		n.say(rankStays, t.Faint, fmt.Sprintf(m.word("You said %s. Now look.", "你的答案是 %s。现在请看。"), n.said(q)))
	case len(q.Options) == 0:
		n.say(rankStays, t.Question, ask)
		n.say(rankStays, t.Hint, m.word("`enter`, then type the answer.", "按 `enter`，再输入答案。"))
	default:
		n.say(rankStays, t.Question, ask)
		n.options(rankStays, q)
	}
}

// quiz says a question of the quiz with all that it offers, and behind the answer what is right.
func (n *narration) quiz(v *lessons.PlayerView) {
	q, m := v.Question, n.m
	n.say(rankStays, m.th.Question, m.word("QUESTION  ", "问题  ")+q.Text.In(m.lang))
	rank := rankStays
	if q.Feedback != nil {
		rank = rankOptions
	}
	n.options(rank, q)
	switch {
	case q.Feedback != nil:
		n.feedback(q)
		n.say(rankOldHint, m.th.Hint, m.goesOn())
	case len(q.Options) == 0:
		n.say(rankStays, m.th.Hint, m.word("`enter`, then type the answer.", "按 `enter`，再输入答案。"))
	}
}

// options says the options in one line if they fit, else one below the other.
func (n *narration) options(rank int, q *lessons.QuestionView) {
	parts := make([]string, len(q.Options))
	for i, o := range q.Options {
		parts[i] = o.Letter + ") " + o.Text.In(n.m.lang)
	}
	if len(parts) == 0 {
		return
	}
	b := block{rank: rank, style: n.m.th.Text, text: strings.Join(parts, "\n"), joint: strings.Join(parts, "   ")}
	if frame.Width(newMarkup(b.joint).plain) <= oneLine {
		b.text = b.joint
	}
	n.blocks = append(n.blocks, b)
}

// oneLine is how wide options may be together to stand in one line, in columns.
const oneLine = 54

// said is the learner's answer as it was given: the letter of an option with its words, or what was typed.
func (n *narration) said(q *lessons.QuestionView) string {
	for _, o := range q.Options {
		if o.Letter == q.Answer {
			return o.Letter + ") " + o.Text.In(n.m.lang)
		}
	}
	return q.Answer
}

// feedback compares what was said with what was. A run that went another way than the lesson's proves neither.
func (n *narration) feedback(q *lessons.QuestionView) {
	t, m, lang, f := &n.m.th, n.m, n.m.lang, q.Feedback
	said := fmt.Sprintf(m.word("You said \"%s\". ", "你的答案：%s。"), f.Said.In(lang))
	if q.Told {
		said = fmt.Sprintf(m.word("The answer is \"%s\". ", "答案：%s。"), f.Said.In(lang))
	}
	switch {
	case !f.Proved:
		was, why := f.Was.In(lang), f.Rule.In(lang)
		if f.Right {
			why = f.Reason.In(lang)
		}
		n.say(rankStays, t.Warn, m.word("This run went another way than the lesson's. ", "这次运行与课程不同。")+said)
		n.say(rankStays, t.Text, fmt.Sprintf(m.word("There it is \"%s\". %s `R` plays the step again.",
			"课程里的结果：%s。%s 按 `R` 重做这一步。"), was, why))
	case f.Right:
		n.say(rankStays, t.Good, string(t.Glyph.Yes)+" "+said+f.Reason.In(lang))
	default:
		n.say(rankStays, t.Bad, string(t.Glyph.No)+" "+said+f.Reason.In(lang))
		n.say(rankStays, t.Text, fmt.Sprintf(m.word("It was \"%s\". ", "结果是：%s。"), f.Was.In(lang))+f.Rule.In(lang))
	}
}

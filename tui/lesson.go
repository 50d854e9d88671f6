package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"etcdscope/lessons"
)

// startLesson leaves what is shown and opens a lesson.
func (m *Model) startLesson(l *lessons.Lesson) error {
	p, err := lessons.New(l, m.opt.Sessions)
	if err != nil {
		return err
	}
	m.leave()
	m.showLesson(p)
	return nil
}

func (m *Model) openLesson(l *lessons.Lesson) error {
	p, err := lessons.New(l, m.opt.Sessions)
	if err != nil {
		return err
	}
	m.showLesson(p)
	return nil
}

func (m *Model) showLesson(p *lessons.Player) {
	m.attach(p.Session(), p.Lesson().ID)
	m.lesson = p
	m.counter = 0
	m.afterLesson()
}

// afterLesson shows what a change of step has brought: maybe another world, other panes.
func (m *Model) afterLesson() {
	if s := m.lesson.Session(); s != m.s {
		m.s = s
		m.violations = len(s.Violations())
		m.selected = min(m.selected, 9)
	}
	v := m.lesson.View()
	m.goalMet = v.Met
	m.play.running = false
	m.focusLesson(&v)
	m.settle()
}

// focusLesson shows the panes that the lesson asks for.
func (m *Model) focusLesson(v *lessons.PlayerView) {
	for _, name := range v.Focus {
		if i := m.paneNamed(name); i > paneLogs {
			m.free = i
		}
	}
	m.zoomed = false
	if i := m.paneNamed(v.Zoom); i >= 0 {
		m.focus, m.zoomed = i, true
	}
}

// watchLesson looks at the goal after the world has moved.
func (m *Model) watchLesson() {
	if m.lesson == nil {
		return
	}
	m.report(m.lesson.Check())
	v := m.lesson.View()
	met := v.Met
	if v.Waiting {
		m.play.running = false
	}
	if met && !m.goalMet {
		m.play.running = false
		m.say(m.word("done: enter goes on", "完成：按 enter 继续"))
	}
	m.goalMet = met
}

// lessonFirst says whether a key belongs to the lesson before it belongs to the focused pane.
func (m *Model) lessonFirst(key string) bool {
	k := m.find(key)
	return k != nil && k.Lesson && k.why(m) == ""
}

// typed says whether the open question wants an answer that is typed.
func typed(v *lessons.PlayerView) bool {
	return v.Question != nil && v.Question.Answer == "" && len(v.Question.Options) == 0
}

func (m *Model) lessonNext() tea.Cmd {
	if v := m.lesson.View(); typed(&v) {
		m.prompt.start("answer")
		return nil
	}
	world, pos := m.lesson.Session(), m.lesson.Session().Pos()
	moved, err := m.lesson.Next()
	m.record()
	m.report(err)
	switch {
	case m.lesson.View().Finished:
		return m.finishLesson()
	case moved:
		m.afterLesson()
		if m.lesson.Session() == world && world.Pos() < pos {
			m.say(m.word("back to the moment at which the goal was reached", "回到达成目标的那一刻"))
		}
	case err == nil:
		m.report(lessons.ErrUnanswered)
	}
	return nil
}

// finishLesson offers what comes after the last question.
func (m *Model) finishLesson() tea.Cmd {
	l := m.lesson.Lesson()
	end := &list{
		title: fmt.Sprintf(m.word("%s done", "%s 完成"), l.ID), above: []string{l.Title.In(m.lang)},
		again: (*Model).finishLesson,
	}
	if next := m.nextLesson(); next != nil {
		note := next.ID + " " + next.Title.In(m.lang)
		end.choices = append(end.choices, choice{m.word("Next lesson", "下一课"), note, "", m.opens(next)})
	}
	stay := func(*Model) tea.Cmd { return nil }
	end.choices = append(end.choices, m.lessonsChoice(), m.sandboxChoice(),
		choice{m.word("Stay here", "留在这里"), m.word("look around", "四处看看"), "", stay})
	m.open(end)
	return nil
}

func (m *Model) lessonPrevious() tea.Cmd {
	moved, err := m.lesson.Prev()
	if moved {
		m.afterLesson()
	} else if err == nil {
		m.say(m.word("this is the first step: o lists the lessons", "这是第一步：按 o 打开课程列表"))
	}
	m.report(err)
	return nil
}

func (m *Model) lessonAnswer() tea.Cmd { return m.answer(m.pressed) }

// answer answers the open question, by a letter or by what was typed.
func (m *Model) answer(answer string) tea.Cmd {
	m.report(m.lesson.Answer(answer))
	m.record()
	m.afterMove()
	return nil
}

func (m *Model) lessonHint() tea.Cmd {
	switch v := m.lesson.View(); {
	case v.Quiz > 0:
		m.say(m.noHelp())
	case v.Met:
		m.say(m.word("this step is done: enter goes on", "这一步已经完成：按 enter 继续"))
	case !m.lesson.Hint():
		m.say(m.word("no more hints: s shows how it is done", "没有更多提示：按 s 看演示"))
	}
	return nil
}

func (m *Model) lessonShow() tea.Cmd {
	if v := m.lesson.View(); v.Quiz > 0 {
		m.say(m.noHelp())
		return nil
	}
	err := m.lesson.ShowMe()
	m.record()
	m.settle()
	m.say(m.word("that is how: R lets you do it yourself, enter goes on", "就是这样：按 R 自己再做一遍，按 enter 继续"))
	m.report(err)
	return nil
}

func (m *Model) noHelp() string {
	return m.word("the quiz gives no hints: each answer is explained", "测验没有提示：每次作答后都有解释")
}

func (m *Model) lessonReplay() tea.Cmd {
	err := m.lesson.Replay()
	m.afterLesson()
	m.say(m.word("begun again", "重新开始"))
	m.report(err)
	return nil
}

// record keeps what the learner has done.
func (m *Model) record() {
	m.progress.Record(m.lesson)
	m.report(SaveProgress(m.opt.ProgressPath, m.progress))
}

// Why a lesson key does nothing now.

func (m *Model) noNext() string {
	v := m.lesson.View()
	switch {
	case typed(&v), v.Finished:
		return ""
	case v.Quiz > 0 && v.Question.Answer == "":
		return m.word("first answer the question: a letter", "先回答问题：按一个字母")
	case v.Quiz > 0:
		return ""
	case v.Waiting:
		return m.word("first answer the question: a letter", "先回答问题：按一个字母")
	case !v.Met:
		return m.word("not done yet: h gives a hint, s shows how", "还没有完成：h 提示，s 演示")
	}
	return ""
}

func (m *Model) noQuestion() string {
	if q := m.lesson.View().Question; q == nil || q.Answer != "" || len(q.Options) == 0 {
		return m.word("there is no question now", "现在没有问题")
	}
	return ""
}

// hintIsHold leaves the key h to the chosen message.
func (m *Model) hintIsHold() string {
	if m.message != 0 && m.noMessage() == "" {
		return m.word("a message is chosen: h holds it, esc lets go of it", "已选中一条消息：h 扣留它，esc 放开它")
	}
	return ""
}

// failureText says why the step cannot succeed from here, and how to go on.
func (m *Model) failureText(f *lessons.Failure) string {
	return f.Text.In(m.lang) + m.word(" u undoes, R starts the step again.", " u 撤销，R 重新开始本步。")
}

// Whether the key bar has room for a lesson key now.

// canHelp says whether the step still takes hints.
func (m *Model) canHelp() bool {
	v := m.lesson.View()
	return v.Quiz == 0 && !v.Met
}

// wantsReplay says whether starting the step again is what there is to do.
func (m *Model) wantsReplay() bool {
	v := m.lesson.View()
	lost := v.Question != nil && v.Question.Feedback != nil && !v.Question.Feedback.Proved
	return v.Failure.Failed() || lost && v.Quiz == 0
}

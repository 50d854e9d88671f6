package plain

import (
	"fmt"
	"strings"

	"etcdscope/lessons"
)

// openLesson begins the lesson that a line names, or the next one; "lesson list" lists them.
func (t *talk) openLesson(id string) {
	if id == "list" {
		t.listLessons()
		return
	}
	l := t.nextLesson()
	if id != "" {
		found, ok := lessons.Find(id)
		if !ok {
			t.failf("there is no lesson %q: list shows them", "没有课程 %q：list 列出课程", id)
			return
		}
		l = found
	}
	t.startLesson(l)
}

// nextLesson is the first one that is not done, or the first.
func (t *talk) nextLesson() *lessons.Lesson {
	course := lessons.Course()
	for _, chapter := range course {
		for _, l := range chapter.Lessons {
			if !t.opt.Progress.Lessons[l.ID].Done {
				return l
			}
		}
	}
	return course[0].Lessons[0]
}

func (t *talk) startLesson(l *lessons.Lesson) {
	p, err := lessons.New(l, t.opt.Sessions)
	if err != nil {
		t.complain(err)
		return
	}
	t.complain(t.leave())
	t.lesson = p
	v := p.View()
	t.sayf("Lesson %s: %s. %s", "第 %s 课：%s。%s", v.ID, v.Title.In(t.opt.Lang), v.Objective.In(t.opt.Lang))
	for _, r := range v.Off {
		t.sayf("In this lesson the rule %s is off: %s", "本课关闭了规则 %s：%s", r.Name, r.Sentence)
	}
	t.enterStep()
}

// enterStep tells a step that was just entered.
func (t *talk) enterStep() {
	t.attach(t.lesson.Session(), false)
	t.met = false
	t.tell()
}

// tell reads the present step, or question of the quiz, out.
func (t *talk) tell() {
	v := t.lesson.View()
	switch {
	case v.Finished:
		t.say("The lesson is done. list shows the lessons, lesson begins the next one, play is free play.",
			"本课完成。list 列出课程，lesson 开始下一课，play 自由练习。")
		return
	case v.Quiz > 0:
		t.sayf("Quiz, question %d of %d.", "测验，第 %d/%d 题。", v.Quiz, v.Quizzes)
	default:
		t.sayf("Step %d of %d: %s.", "第 %d/%d 步：%s。", v.Step, v.Steps, v.StepID)
		t.paragraph("", v.Text)
	}
	t.question(&v)
	if !v.Waiting && !v.Met {
		t.paragraph(t.pick("Do: ", "操作："), v.Do)
	}
	for _, h := range v.Hints {
		t.paragraph(t.pick("Hint: ", "提示："), h)
	}
	if v.Met {
		t.remark(t.pick("Done.", "完成。"), v.Explain)
		t.say("continue goes on.", "输入 continue 继续。")
	}
	if v.Failure.Failed() {
		t.paragraph("", v.Failure.Text)
	}
}

// paragraph prints a text without its marks for what is typed.
func (t *talk) paragraph(lead string, text lessons.Text) {
	if !text.Empty() {
		t.print(lead + unmarked(text.In(t.opt.Lang)))
	}
}

// question reads a question out that is not yet answered, or the feedback once it is known.
func (t *talk) question(v *lessons.PlayerView) {
	q := v.Question
	switch {
	case q == nil:
	case q.Feedback != nil:
		t.feedback(q.Feedback)
	case q.Answer != "":
		t.sayf("You said %s. Now look.", "你的答案是 %s。现在请看。", q.Answer)
	default:
		t.paragraph(t.pick("Predict: ", "预测："), q.Text)
		for _, o := range q.Options {
			t.paragraph("  "+o.Letter+") ", o.Text)
		}
		if len(q.Options) == 0 {
			t.say("Type answer and what you think.", "输入 answer 和你的答案。")
		} else {
			t.say("Type the letter.", "输入字母。")
		}
	}
}

func (t *talk) feedback(f *lessons.Feedback) {
	said, was := unmarked(f.Said.In(t.opt.Lang)), unmarked(f.Was.In(t.opt.Lang))
	if f.Right {
		t.remark(fmt.Sprintf(t.pick("Right: %s.", "正确：%s。"), said), f.Reason)
		return
	}
	t.remark(fmt.Sprintf(t.pick("Not so: %s.", "不对：%s。"), said), f.Reason)
	t.remark(fmt.Sprintf(t.pick("It was: %s.", "结果是：%s。"), was), f.Rule)
}

// remark prints a sentence and what explains it, if anything does.
func (t *talk) remark(sentence string, text lessons.Text) {
	t.print(strings.TrimSpace(sentence + " " + unmarked(text.In(t.opt.Lang))))
}

// unmarked is a text without the marks around what is typed or shown.
func unmarked(s string) string { return strings.ReplaceAll(s, "`", "") }

// lessonLine answers the lines that mean something else in a lesson than elsewhere, and says whether it was one.
func (t *talk) lessonLine(line, name, rest string) bool {
	q := t.lesson.View().Question
	open := q != nil && q.Answer == "" && len(q.Options) > 0
	switch {
	case line == "":
		if t.mayContinue() {
			t.next("")
		}
	case open && len(line) == 1 && line[0] >= 'a' && line[0] < 'a'+byte(len(q.Options)):
		t.answer(line)
	case line == "a", line == "b", line == "d":
		t.say("There is no question now.", "现在没有问题。")
	case line == "h":
		t.hint("")
	case line == "s":
		t.show("")
	case line == "R":
		t.replay("")
	case line == "o":
		t.listLessons()
	case line == "enter":
		t.next("")
	default:
		return false
	}
	return true
}

func (t *talk) mayContinue() bool {
	v := t.lesson.View()
	return v.Met || v.Quiz > 0 && v.Question.Answer != ""
}

// next goes on, or says what is missing.
func (t *talk) next(string) {
	moved, err := t.lesson.Next()
	t.record()
	v := t.lesson.View()
	switch {
	case err != nil:
		t.complain(err)
	case moved:
		t.enterStep()
	case v.Finished:
		t.tell()
	case v.Waiting || v.Quiz > 0:
		t.say("First answer the question: type a letter.", "先回答问题：输入字母。")
	default:
		t.say("Not done yet: hint gives a hint, show shows how.", "还没有完成：hint 提示，show 演示。")
	}
}

func (t *talk) answer(text string) {
	if err := t.lesson.Answer(text); err != nil {
		t.complain(err)
		return
	}
	t.record()
	v := t.lesson.View()
	t.question(&v)
	if v.Quiz > 0 {
		t.say("continue goes on.", "输入 continue 继续。")
		return
	}
	if !v.Met {
		t.paragraph(t.pick("Do: ", "操作："), v.Do)
	}
	t.afterMove()
}

func (t *talk) hint(string) {
	before := len(t.lesson.View().Hints)
	if !t.lesson.Hint() {
		t.say("There are no more hints: show shows how it is done.", "没有更多提示：show 演示。")
		return
	}
	for _, h := range t.lesson.View().Hints[before:] {
		t.paragraph(t.pick("Hint: ", "提示："), h)
	}
}

func (t *talk) show(string) {
	err := t.lesson.ShowMe()
	t.s = t.lesson.Session()
	t.narrate(t.begun)
	t.complain(err)
	t.record()
	t.afterMove()
}

func (t *talk) replay(string) {
	t.complain(t.lesson.Replay())
	t.enterStep()
}

func (t *talk) earlier(string) {
	moved, err := t.lesson.Prev()
	t.complain(err)
	if moved {
		t.enterStep()
	} else if err == nil {
		t.say("This is the first step.", "这是第一步。")
	}
}

// afterMove tells what the step thinks of what happened: a failure, or that its goal is reached.
func (t *talk) afterMove() {
	if t.lesson == nil {
		return
	}
	v := t.lesson.View()
	if v.Failure.Failed() {
		t.paragraph("", v.Failure.Text)
		t.say("undo takes the last command back, replay starts the step again.", "undo 撤销上一条命令，replay 重新开始本步。")
	}
	if v.Met && !t.met {
		t.met = true
		if v.Question != nil && v.Question.Feedback != nil {
			t.feedback(v.Question.Feedback)
		}
		t.remark(t.pick("Done.", "完成。"), v.Explain)
		t.say("continue goes on.", "输入 continue 继续。")
	}
}

// record keeps what the learner has done.
func (t *talk) record() {
	t.opt.Progress.Record(t.lesson)
	if t.opt.SaveProgress != nil {
		t.complain(t.opt.SaveProgress(t.opt.Progress))
	}
}

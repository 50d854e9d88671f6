package lessons

import (
	"slices"
	"strings"

	"etcdscope/cluster"
	"etcdscope/raft"
)

// PlayerView is everything that is drawn of a lesson, as plain values in both languages.
type PlayerView struct {
	ID        string
	Title     Text
	Objective Text
	StepID    string // "" in the quiz
	Step      int    // from 1; Steps+1 in the quiz
	Steps     int
	Text      Text // what to read
	Do        Text // what to press or type
	Question  *QuestionView
	Goal      []Condition
	Met       bool    // the goal was reached; Next goes on
	Failure   Failure // why the step cannot succeed without going back
	Explain   Text    // once the goal is reached
	Hints     []Text  // those on the screen
	MoreHints int     // how many the learner may still ask for
	Waiting   bool    // the question comes first: time stands still and commands are refused
	Pause     bool    // a class stops here
	Covered   []string
	Focus     []string // panes to show
	Zoom      string
	Off       []cluster.Rule // rules that are switched off in this world: announce them
	Client    raft.ID        // the member that the client of key c asks; 0 lets it choose
	Links     []Link
	Note      string // for the speaker
	Quiz      int    // number of the question of the quiz, from 1; 0 outside
	Quizzes   int
	Finished  bool // the quiz is done
}

// Condition is one line of the goal.
type Condition struct {
	Source string
	Met    bool // at the present moment
}

// QuestionView is a question with what was answered.
type QuestionView struct {
	ID       string
	Text     Text
	Options  []OptionView // empty: the answer is typed
	Answer   string       // a letter or what was typed; "" is unanswered
	Told     bool         // ShowMe answered it
	Feedback *Feedback    // once the outcome is known
}

// OptionView is an answer to choose.
type OptionView struct {
	Letter string
	Text   Text
}

// Feedback compares a prediction with the outcome.
type Feedback struct {
	Said   Text
	Was    Text
	Right  bool
	Proved bool // the state of the world proved Was; if not, this run went another way than the lesson's
	Reason Text // why what was said is right or wrong
	Rule   Text // why what was is right, when something else was said
}

// View is the lesson at the present moment.
func (p *Player) View() PlayerView {
	l := p.lesson
	v := PlayerView{
		ID: l.ID, Title: l.Title, Objective: l.Goal, Step: p.at + 1, Steps: len(l.Steps), Quizzes: len(l.Quiz),
		Off: p.rulesOff(), Client: p.stage().scene.Client,
	}
	look := p.look()
	v.Focus, v.Zoom = look.Focus, look.Zoom
	step, run, _, ok := p.step()
	if !ok {
		p.viewQuiz(&v)
		return v
	}
	v.StepID, v.Text, v.Do, v.Note = step.ID, step.Text, p.task(step), step.Note
	v.Links, v.Pause, v.Met, v.Failure = step.Links, step.Pause, run.met, run.failure
	v.Waiting = step.mustAnswer() && run.answer == ""
	if run.met {
		v.Explain = step.Explain
	}
	if step.Question != nil {
		v.Question = viewQuestion(step.Question, run.answer, run.met && run.answer != "", run.proved)
		v.Question.Told = run.told
		if run.answer == "" && !run.met {
			v.Covered = step.Curtain
		}
	}
	for i, c := range step.Goal.Conditions {
		v.Goal = append(v.Goal, Condition{c.Text, run.conditions[i]})
	}
	for i, h := range step.Hints {
		if run.hints[i] {
			v.Hints = append(v.Hints, h.Text)
		} else if h.Kind != HintWhen {
			v.MoreHints++
		}
	}
	return v
}

func (p *Player) viewQuiz(v *PlayerView) {
	q := &p.lesson.Quiz[p.quiz.at]
	answer := p.quiz.answers[p.quiz.at]
	v.Quiz, v.Finished = p.quiz.at+1, p.quiz.done
	v.Question = viewQuestion(q, answer, answer != "", answer != "")
}

// task is what to do: the author's words, or in a worked lesson the solution's commands.
func (p *Player) task(s *Step) Text {
	if !s.Do.Empty() || p.lesson.Scaffold != "worked" || len(s.Solution) == 0 {
		return s.Do
	}
	var typed []string
	for _, l := range s.Solution {
		typed = append(typed, "`:"+l.Text+"`")
	}
	return Text{"Type " + strings.Join(typed, ", ") + ".", "输入 " + strings.Join(typed, "、") + "。"}
}

// look is the newest view that the lesson asks for up to the present step.
func (p *Player) look() View {
	look := p.lesson.View
	for i := range p.lesson.Steps[:min(p.at+1, len(p.lesson.Steps))] {
		if v := p.lesson.Steps[i].View; v != nil {
			look = *v
		}
	}
	return look
}

func (p *Player) rulesOff() []cluster.Rule {
	var off []cluster.Rule
	for _, r := range cluster.Rules() {
		if slices.Contains(p.stage().scene.Off, r.Name) {
			off = append(off, r)
		}
	}
	return off
}

func viewQuestion(q *Question, answer string, known, proved bool) *QuestionView {
	v := &QuestionView{ID: q.ID, Text: q.Text, Answer: answer}
	for i, o := range q.Options {
		v.Options = append(v.Options, OptionView{letter(i), o.Text})
	}
	if !known {
		return v
	}
	right := q.right()
	v.Feedback = &Feedback{
		Said: q.words(answer), Was: q.words(right), Right: q.isRight(answer), Proved: proved, Reason: q.reason(answer),
	}
	if len(q.Options) == 0 {
		v.Feedback.Was = q.Answer
	}
	if !v.Feedback.Right {
		v.Feedback.Rule = q.reason(right)
	}
	return v
}

package lessons

import "strings"

// Answer takes the learner's answer to the question of the step or of the quiz: the letter of an option, or
// what was typed. A prediction stands once it is made; a typed answer may be tried again until the goal is reached.
func (p *Player) Answer(option string) error {
	step, run, _, ok := p.step()
	if !ok {
		return p.quiz.answer(p.lesson.Quiz, option)
	}
	q := step.Question
	if q == nil {
		return refuse("this step asks nothing: reach its goal, then press enter", "这一步没有问题：达到目标后按 enter")
	}
	given, err := q.parse(option)
	switch {
	case err != nil:
		return err
	case run.answer != "" && (step.mustAnswer() || run.met):
		return refuse("answered with %q: press R to replay the step", "已经回答 %q：按 R 重新开始这一步", run.answer)
	}
	run.answer = given
	p.Session().SetAnswer(step.ID, given)
	return p.Check()
}

// parse makes the letter of an option, or trimmed text, of what was given.
func (q *Question) parse(option string) (string, error) {
	given := strings.TrimSpace(option)
	if len(q.Options) == 0 {
		if given == "" {
			return "", refuse("the answer is empty: type it before enter", "答案是空的：先输入再按 enter")
		}
		return given, nil
	}
	given = strings.ToLower(given)
	for i := range q.Options {
		if given == letter(i) {
			return given, nil
		}
	}
	return "", refuse("%q is no option: press a letter from a to %s", "没有选项 %q：请按 a 到 %s",
		short(given), letter(len(q.Options)-1))
}

func letter(i int) string { return string(rune('a' + i)) }

// right is the right answer, as Answer takes it.
func (q *Question) right() string {
	for i, o := range q.Options {
		if o.Right {
			return letter(i)
		}
	}
	return q.Answer.EN
}

func (q *Question) isRight(answer string) bool {
	if len(q.Options) > 0 {
		return answer == q.right()
	}
	return strings.EqualFold(answer, q.Answer.EN) || strings.EqualFold(answer, q.Answer.ZH)
}

// words are an answer's words in both languages.
func (q *Question) words(answer string) Text {
	for i, o := range q.Options {
		if answer == letter(i) {
			return o.Text
		}
	}
	return Text{answer, answer}
}

// reason is why an option is right or wrong, or empty.
func (q *Question) reason(answer string) Text {
	for i, o := range q.Options {
		if answer == letter(i) {
			return o.Reason
		}
	}
	return Text{}
}

// quizRun is how far the learner is in the quiz.
type quizRun struct {
	at      int
	answers []string // "" is unanswered
	done    bool
}

func (r *quizRun) answer(quiz []Question, option string) error {
	q := &quiz[r.at]
	given, err := q.parse(option)
	if err != nil {
		return err
	}
	if r.answers[r.at] != "" {
		return refuse("answered with %q: press enter to go on", "已经回答 %q：按 enter 继续", r.answers[r.at])
	}
	r.answers[r.at] = given
	return nil
}

// next goes to the next question once this one is answered; behind the last one the lesson is done.
func (r *quizRun) next() bool {
	switch {
	case r.answers[r.at] == "" || r.done:
		return false
	case r.at == len(r.answers)-1:
		r.done = true
	default:
		r.at++
	}
	return true
}

func (r *quizRun) previous() bool {
	if r.at == 0 {
		return false
	}
	r.at--
	r.done = false
	return true
}

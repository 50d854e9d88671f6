package lessons

import "slices"

// complete reports everything that a whole lesson may not lack, but not what lacks because of another problem.
func (r *reader) complete() {
	l := r.lesson
	if !r.unread {
		r.completeMeta()
	}
	if !r.lost {
		r.need(r.goalAt > 0, 0, "the lesson has no goal: write \"# goal\" with an en: and a zh: line below it")
		r.need(len(l.Steps) > 0, 0, "the lesson has no step: write \"## step NAME\"")
		r.need(r.quizAt > 0, 0, "the lesson has no quiz: write \"## quiz\" with a question below it")
	}
	if r.goalAt > 0 && l.Goal.Empty() && !r.troubled(r.goalAt, r.goalAt+3) {
		r.problem(r.goalAt, "the goal is empty: write an en: and a zh: line below it")
	}
	if r.quizAt > 0 && len(l.Quiz) == 0 && !r.troubled(r.quizAt, len(r.starts)+1) {
		r.problem(r.quizAt, "the quiz is empty: write a question below it")
	}
	for i := range l.Steps {
		end := len(r.starts) + 1
		if i+1 < len(l.Steps) {
			end = l.Steps[i+1].At
		}
		if !r.troubled(l.Steps[i].At, end) {
			r.completeStep(&l.Steps[i])
		}
	}
	for i := range l.Quiz {
		if at := l.Quiz[i].At; !r.troubled(at, at+1) {
			r.completeQuestion(&l.Quiz[i])
		}
	}
}

func (r *reader) need(ok bool, at int, format string, args ...any) {
	if !ok {
		r.problem(at, format, args...)
	}
}

// troubled says whether the lines from first up to, but not including, end have a problem already.
func (r *reader) troubled(first, end int) bool {
	return slices.ContainsFunc(r.problems, func(p Problem) bool { return p.Line >= first && p.Line < end && p.Line > 0 })
}

// completeMeta wants every field that has no default. A field that is there and wrong has its problem already.
func (r *reader) completeMeta() {
	for _, f := range []struct{ name, example string }{
		{"id", "id: E1"},
		{"title", "title: { en: …, zh: … }"},
		{"track", "track: elections"},
		{"kind", "kind: guided"},
		{"scaffold", "scaffold: worked"},
		{"minutes", "minutes: 8"},
		{"scene", "scene: { nodes: 3, seed: 1 }"},
	} {
		r.need(slices.Contains(r.meta, f.name), 1, "the front matter has no %s: write \"%s\"", f.name, f.example)
	}
}

func (r *reader) completeStep(s *Step) {
	r.need(!s.Text.Empty(), s.At, "step %q has no text: write an en: and a zh: line below its heading", s.ID)
	r.need(len(s.Goal.Conditions) > 0 || s.Goal.At > 0, s.At, "step %q has no goal: write a ```goal block", s.ID)
	answerable := s.Question != nil && len(s.Question.Options) == 0
	r.need(len(s.Solution) > 0 || answerable, s.At, "step %q has no solution: write a ```solution block", s.ID)
	r.need(len(s.Curtain) == 0 || s.Question != nil, s.At, "step %q has a curtain and no question that opens it", s.ID)
	if s.Question != nil {
		r.completeQuestion(s.Question)
		r.need(s.Question.Verify.Text != "", s.Question.At,
			"the question has no proof: write \"verify: PREDICATE\", true after the solution")
	}
}

// completeQuestion wants one right option and a reason for every wrong one.
func (r *reader) completeQuestion(q *Question) {
	if len(q.Options) == 0 {
		r.need(!q.Answer.Empty(), q.At, "the question has no options: write lines that begin with - (wrong) and * (right)")
		return
	}
	right := 0
	for _, o := range q.Options {
		r.need(o.Text.EN != "" && o.Text.ZH != "", o.At,
			"the option has no words: write \"- en: words | reason\" and an indented zh: below it")
		r.need(o.Right || (o.Reason.EN != "" && o.Reason.ZH != ""), o.At,
			"a wrong option needs its reason in both languages, behind |")
		if o.Right {
			right++
		}
	}
	r.need(right == 1, q.At, "%d right options: exactly one begins with *", right)
	r.need(len(q.Options) > 1, q.At, "one option is no question: write a wrong one too")
}

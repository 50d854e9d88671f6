package lessons

import (
	"fmt"
	"strings"
)

// readPredict reads a question with options, in a step or in the quiz.
func (r *reader) readPredict(f fenceBlock) {
	q := Question{At: f.at}
	var head []Line
	var options [][]Line
	for _, l := range f.lines {
		trimmed := strings.TrimSpace(l.Text)
		switch {
		case strings.HasPrefix(l.Text, "- "), strings.HasPrefix(l.Text, "* "):
			options = append(options, []Line{l})
		case strings.HasPrefix(l.Text, "verify:"):
			q.Verify = Line{strings.TrimSpace(strings.TrimPrefix(l.Text, "verify:")), l.At}
		case trimmed == "":
		case len(options) > 0:
			options[len(options)-1] = append(options[len(options)-1], l)
		default:
			head = append(head, l)
		}
	}
	q.Text = r.pair(head)
	for _, o := range options {
		q.Options = append(q.Options, r.option(o))
	}
	if len(q.Options) > 4 {
		r.problem(f.at, "%d options: the keys a to d choose, so at most 4", len(q.Options))
	}
	r.addQuestion(q)
}

// option reads one answer. It is either "- same words | en: reason | zh: reason" or
// "- en: words | reason" with an indented "zh: words | reason" below.
func (r *reader) option(lines []Line) Option {
	o := Option{At: lines[0].At, Right: lines[0].Text[0] == '*'}
	first := strings.TrimSpace(lines[0].Text[1:])
	if _, _, long := cutLang(first); !long {
		r.shortOption(&o, first, lines[1:])
		return o
	}
	var texts []Line
	for i, l := range lines {
		t := strings.TrimSpace(l.Text)
		if i == 0 {
			t = first
		}
		if _, _, found := cutLang(t); !found {
			t = "  " + t
		}
		texts = append(texts, Line{t, l.At})
	}
	both := r.pair(texts)
	o.Text.EN, o.Reason.EN = cutBar(both.EN)
	o.Text.ZH, o.Reason.ZH = cutBar(both.ZH)
	return o
}

func cutBar(s string) (before, after string) {
	before, after, _ = strings.Cut(s, "|")
	return strings.TrimSpace(before), strings.TrimSpace(after)
}

func (r *reader) shortOption(o *Option, line string, more []Line) {
	for _, l := range more {
		line += " " + strings.TrimSpace(l.Text)
	}
	parts := strings.Split(line, "|")
	word := strings.TrimSpace(parts[0])
	o.Text = Text{word, word}
	for _, p := range parts[1:] {
		switch lang, reason, _ := cutLang(strings.TrimSpace(p)); lang {
		case "en":
			o.Reason.EN = reason
		case "zh":
			o.Reason.ZH = reason
		default:
			r.problem(o.At, "%q: write \"- words | en: reason | zh: reason\"", short(strings.TrimSpace(p)))
		}
	}
}

// readAsk reads an open question with its answer.
func (r *reader) readAsk(f fenceBlock) {
	q := Question{At: f.at}
	var head []Line
	for _, l := range f.lines {
		if rest, ok := strings.CutPrefix(l.Text, "answer:"); ok {
			word := strings.TrimSpace(rest)
			q.Answer = Text{word, word}
		} else if rest, ok := strings.CutPrefix(l.Text, "verify:"); ok {
			q.Verify = Line{strings.TrimSpace(rest), l.At}
		} else {
			head = append(head, l)
		}
	}
	q.Text = r.pair(head)
	if q.Answer.Empty() {
		r.problem(f.at, "the question has no answer: write \"answer: 5\"")
	}
	r.addQuestion(q)
}

// addQuestion puts a question into the step or the quiz.
func (r *reader) addQuestion(q Question) {
	switch {
	case r.step == nil:
		q.ID = fmt.Sprintf("quiz-%d", len(r.lesson.Quiz)+1)
		r.lesson.Quiz = append(r.lesson.Quiz, q)
	case r.step.Question != nil:
		r.problem(q.At, "a second question: a step asks one")
	default:
		q.ID = r.step.ID
		r.step.Question = &q
	}
}

// cards reads "question = answer" pairs of the quiz.
func (r *reader) cards(lines []Line) {
	for _, pair := range r.pairs(r.spoken(lines)) {
		q := Question{At: pair.at}
		var okEN, okZH bool
		q.Text.EN, q.Answer.EN, okEN = cutAnswer(pair.EN)
		q.Text.ZH, q.Answer.ZH, okZH = cutAnswer(pair.ZH)
		if !okEN || !okZH {
			r.problem(pair.at, "a card of the quiz reads \"question = answer\", in both languages")
		}
		r.addQuestion(q)
	}
}

func cutAnswer(s string) (question, answer string, ok bool) {
	i := strings.LastIndex(s, " = ")
	if i < 0 {
		return s, "", false
	}
	question, answer = strings.TrimSpace(s[:i]), strings.TrimSpace(s[i+3:])
	return question, answer, question != "" && answer != ""
}

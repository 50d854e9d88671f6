package lessons

import (
	"fmt"
	"strings"
	"unicode"
)

// What a learner can take in at once.
const (
	maxSentences = 3
	maxWords     = 50 // English, of one text
	maxChinese   = 90 // characters, of one text
	maxRows      = 14 // of a step's text, task and question together
	columns      = 60
)

// belittling words tell those who find it hard that it is not.
var belittling = []string{"just", "simply", "obviously", "easy", "easily", "显然", "简单", "容易", "轻松"}

// Lint checks a lesson that parsed: how long its texts are, how they speak, and that every predicate compiles
// and every command parses. It plays nothing; Verify does.
func Lint(l *Lesson) Problems {
	_, problems := compile(l)
	w := &writing{file: l.File, problems: problems}
	w.text(l.Scene.At, "goal of the lesson", l.Goal)
	var asked, hinted, mistaken bool
	for i := range l.Steps {
		s := &l.Steps[i]
		w.step(s)
		asked = asked || s.Question != nil
		hinted = hinted || len(s.Hints) > 0
		mistaken = mistaken || len(s.Mistakes) > 0
	}
	for i := range l.Quiz {
		w.question(&l.Quiz[i])
		w.rows(l.Quiz[i].At, "question", questionRows(&l.Quiz[i]))
	}
	if l.Kind == "guided" {
		w.want(asked, "a guided lesson asks at least one ```predict or ```ask")
		w.want(hinted, "a guided lesson has at least one ```hint")
		w.want(mistaken, "a guided lesson has at least one ```mistake that brings up a hint")
	}
	return w.problems.sorted()
}

// writing checks prose.
type writing struct {
	file     string
	problems Problems
}

func (w *writing) problem(at int, format string, args ...any) {
	w.problems = append(w.problems, Problem{w.file, at, fmt.Sprintf(format, args...)})
}

func (w *writing) want(ok bool, msg string) {
	if !ok {
		w.problem(0, "%s", msg)
	}
}

func (w *writing) step(s *Step) {
	w.text(s.At, "text", s.Text)
	w.text(s.At, "task", s.Do)
	w.text(s.At, "explanation", s.Explain)
	for _, h := range s.Hints {
		w.text(h.At, "hint", h.Text)
		if h.Text.Empty() {
			w.problem(h.At, "the hint has no text: write en: and zh: inside the block")
		}
		if h.Kind != HintShow {
			w.secretive(h, s)
		}
	}
	if s.Question != nil {
		w.question(s.Question)
	}
	w.rows(s.At, "step", func(lang string) []string {
		parts := []string{s.Text.In(lang), s.Do.In(lang)}
		if s.Question != nil {
			parts = append(parts, questionRows(s.Question)(lang)...)
		}
		return parts
	})
}

// secretive reports a hint that tells a whole command of the solution before the last level.
func (w *writing) secretive(h Hint, s *Step) {
	for _, l := range s.Solution {
		if strings.Contains(l.Text, " ") && strings.Contains(h.Text.EN+"\n"+h.Text.ZH, l.Text) {
			w.problem(h.At, "the hint tells the command %q: leave that to \"hint show\"", short(l.Text))
		}
	}
}

func (w *writing) question(q *Question) {
	w.text(q.At, "question", q.Text)
	w.text(q.At, "answer", q.Answer)
	for _, o := range q.Options {
		w.text(o.At, "option", o.Text)
		w.text(o.At, "reason", o.Reason)
	}
}

// text checks one text in both languages.
func (w *writing) text(at int, what string, t Text) {
	if t.Empty() {
		return
	}
	if n := sentences(t.EN); n > maxSentences {
		w.problem(at, "%s: %d English sentences, at most %d", what, n, maxSentences)
	}
	if n := sentences(t.ZH); n > maxSentences {
		w.problem(at, "%s: %d Chinese sentences, at most %d", what, n, maxSentences)
	}
	if n := len(englishWords(t.EN)); n > maxWords {
		w.problem(at, "%s: %d English words, at most %d", what, n, maxWords)
	}
	if n := chinese(t.ZH); n > maxChinese {
		w.problem(at, "%s: %d Chinese characters, at most %d", what, n, maxChinese)
	}
	for _, word := range belittling {
		if says(t, word) {
			w.problem(at, "%s: %q makes those feel small who find it hard, leave it out", what, word)
		}
	}
}

func says(t Text, word string) bool {
	if word[0] >= 0x80 {
		return strings.Contains(t.ZH, word)
	}
	for _, w := range englishWords(t.EN) {
		if strings.EqualFold(strings.TrimFunc(w, unicode.IsPunct), word) {
			return true
		}
	}
	return false
}

// sentences counts ends of sentences; a point inside a word, a number or `code` is none.
func sentences(s string) int {
	n, code, pending := 0, false, false
	runes := []rune(s)
	for i, c := range runes {
		last := i == len(runes)-1
		switch {
		case c == '`':
			code, pending = !code, true
		case code:
		case strings.ContainsRune("。！？", c):
			n, pending = n+1, false
		case strings.ContainsRune(".!?", c) && pending && (last || !isInner(runes[i+1])):
			n, pending = n+1, false
		case unicode.IsLetter(c) || unicode.IsDigit(c):
			pending = true
		}
	}
	if pending {
		n++
	}
	return n
}

func isInner(next rune) bool {
	return unicode.IsLetter(next) || unicode.IsDigit(next) || strings.ContainsRune(".!?`", next)
}

// englishWords are the words with a letter or a digit in them.
func englishWords(s string) []string {
	var words []string
	for _, f := range strings.Fields(s) {
		if strings.ContainsFunc(f, func(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }) {
			words = append(words, f)
		}
	}
	return words
}

func chinese(s string) int {
	n := 0
	for _, c := range s {
		if unicode.Is(unicode.Han, c) {
			n++
		}
	}
	return n
}

// rows reports a box that is too small for its texts in one of the languages.
func (w *writing) rows(at int, what string, parts func(lang string) []string) {
	for _, lang := range []string{"en", "zh"} {
		n := 0
		for _, p := range parts(lang) {
			n += len(wrap(p, columns))
		}
		if n > maxRows {
			w.problem(at, "%s: %d lines of %d columns in %s, at most %d", what, n, columns, lang, maxRows)
		}
	}
}

func questionRows(q *Question) func(lang string) []string {
	return func(lang string) []string {
		parts := []string{q.Text.In(lang)}
		for i, o := range q.Options {
			parts = append(parts, string(rune('a'+i))+") "+o.Text.In(lang))
		}
		return parts
	}
}

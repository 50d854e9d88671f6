package lessons

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Progress is what a learner has done, by the ID of the lesson. Its zero value is a beginner's.
type Progress struct {
	Lessons map[string]LessonProgress
}

// LessonProgress is what was done in one lesson.
type LessonProgress struct {
	Done    bool
	Answers map[string]string // by the ID of the question: the step's, or "quiz-1", …
}

const progressHeader = "etcdscope progress 1"

// maxProgress bounds what Load reads, in bytes: the file may have been damaged.
const maxProgress = 1 << 20

// Record keeps what the player's learner has done so far. A lesson that was done stays done.
func (p *Progress) Record(pl *Player) {
	if p.Lessons == nil {
		p.Lessons = map[string]LessonProgress{}
	}
	was := p.Lessons[pl.lesson.ID]
	entry := LessonProgress{Done: was.Done || pl.quiz.done, Answers: maps.Clone(was.Answers)}
	if entry.Answers == nil {
		entry.Answers = map[string]string{}
	}
	for i := range pl.runs {
		if run := &pl.runs[i]; run.answer != "" && !run.told {
			entry.Answers[pl.lesson.Steps[i].ID] = run.answer
		}
	}
	for i, answer := range pl.quiz.answers {
		if answer != "" {
			entry.Answers[pl.lesson.Quiz[i].ID] = answer
		}
	}
	p.Lessons[pl.lesson.ID] = entry
}

// Save writes the progress as readable text, sorted.
func (p *Progress) Save(w io.Writer) error {
	var b strings.Builder
	b.WriteString(progressHeader + "\n")
	for _, id := range slices.Sorted(maps.Keys(p.Lessons)) {
		l := p.Lessons[id]
		state := "begun"
		if l.Done {
			state = "done"
		}
		fmt.Fprintf(&b, "lesson %s %s\n", id, state)
		for _, q := range slices.Sorted(maps.Keys(l.Answers)) {
			fmt.Fprintf(&b, "answer %s %s %s\n", id, q, strconv.Quote(l.Answers[q]))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// LoadProgress reads what Save wrote; name stands in errors, which begin with name:line.
func LoadProgress(name string, r io.Reader) (*Progress, error) {
	p := &Progress{Lessons: map[string]LessonProgress{}}
	scanner := bufio.NewScanner(io.LimitReader(r, maxProgress))
	line := 0
	for scanner.Scan() {
		line++
		text := strings.TrimRight(scanner.Text(), "\r")
		var err error
		if line == 1 {
			if text != progressHeader {
				err = fmt.Errorf("%q: want %q, remove the file to begin anew", short(text), progressHeader)
			}
		} else {
			err = p.read(text)
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, line, err)
		}
	}
	if err := scanner.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if line == 0 {
		return nil, fmt.Errorf("%s:1: the file is empty: remove it to begin anew", name)
	}
	return p, nil
}

// read takes one line behind the header.
func (p *Progress) read(text string) error {
	fields := strings.SplitN(text, " ", 4)
	switch {
	case text == "":
		return nil
	case fields[0] == "lesson" && len(fields) == 3 && lessonID.MatchString(fields[1]):
		if fields[2] != "done" && fields[2] != "begun" {
			return fmt.Errorf("%q: want done or begun", short(fields[2]))
		}
		p.Lessons[fields[1]] = LessonProgress{Done: fields[2] == "done", Answers: map[string]string{}}
		return nil
	case fields[0] == "answer" && len(fields) == 4 && isName(fields[2]):
		l, ok := p.Lessons[fields[1]]
		answer, err := strconv.Unquote(fields[3])
		if !ok || err != nil {
			return fmt.Errorf("%q: want an answer in quotes, below its lesson", short(text))
		}
		l.Answers[fields[2]] = answer
		return nil
	}
	return fmt.Errorf("%q: want \"lesson ID done\" or \"answer ID QUESTION \\\"a\\\"\"", short(text))
}

package lessons

import (
	"fmt"
	"strings"

	"etcdscope/cluster"
	"etcdscope/cluster/session"
)

// Trace plays the solutions of a lesson and writes down what happens, command by command: the story events with
// their tick. It is what a golden file of the lesson holds, in the form of a datadriven test.
func Trace(l *Lesson) (string, error) {
	p, err := New(l, session.Options{})
	if err != nil {
		return "", err
	}
	t := &tracer{p: p}
	err = t.lesson()
	if closing := p.Close(); err == nil {
		err = closing
	}
	return t.text.String(), err
}

type tracer struct {
	p    *Player
	text strings.Builder
}

func (t *tracer) lesson() error {
	fmt.Fprintf(&t.text, "# %s %s\n\nscene\n----\n", t.p.lesson.ID, t.p.lesson.Title.EN)
	t.events(0)
	for i := range t.p.lesson.Steps {
		if err := t.step(&t.p.lesson.Steps[i]); err != nil {
			return err
		}
		moved, err := t.p.Next()
		if err != nil || !moved {
			return err
		}
	}
	return nil
}

func (t *tracer) step(step *Step) error {
	fmt.Fprintf(&t.text, "\nstep %s\n", step.ID)
	if q := step.Question; q != nil {
		if step.mustAnswer() {
			if err := t.p.Answer(q.right()); err != nil {
				return err
			}
		}
		fmt.Fprintf(&t.text, "answer %s\n", q.right())
	}
	t.text.WriteString("----\n")
	if step.Scene != nil {
		t.events(0)
	}
	for _, l := range step.Solution {
		fmt.Fprintf(&t.text, "%s\n", l.Text)
		from := t.p.Session().Pos()
		if _, err := t.p.Exec(l.Text); err != nil {
			return Problems{{t.p.lesson.File, l.At, err.Error()}}
		}
		t.events(from)
	}
	if q := step.Question; q != nil && !step.mustAnswer() {
		if err := t.p.Answer(q.right()); err != nil {
			return err
		}
	}
	v := t.p.View()
	fmt.Fprintf(&t.text, "goal %s\n", outcomeWord(v.Met))
	return nil
}

func outcomeWord(met bool) string {
	if met {
		return "reached"
	}
	return "missed"
}

// events writes the story events behind an event, up to the present moment.
func (t *tracer) events(from uint64) {
	s := t.p.Session()
	tick := s.Config().Timing.Tick
	for id := from + 1; id <= s.Pos(); id++ {
		if e := s.Event(id); e != nil && e.Salience >= cluster.Story {
			at := int64(e.At) * 10 / int64(tick)
			fmt.Fprintf(&t.text, "  %4d.%d  %s\n", at/10, at%10, e.Sentence())
		}
	}
}

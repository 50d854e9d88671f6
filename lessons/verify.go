package lessons

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"etcdscope/cluster/session"
)

// DefaultTicks is how much virtual time the solutions of a lesson may take together, besides steps with a
// "within:" line of their own.
const DefaultTicks = 2000

// Report is what Verify found.
type Report struct {
	Lessons  []Verified
	Problems Problems // empty: every lesson is good
}

// Verified is one lesson that was played to its end.
type Verified struct {
	ID     string
	File   string
	Steps  int
	Ticks  int64  // virtual time of the solutions
	Events uint64 // of the run with the most events
}

// OK says whether no problem was found.
func (r Report) OK() bool { return len(r.Problems) == 0 }

// String renders one line per lesson, then one per problem.
func (r Report) String() string {
	var b strings.Builder
	for _, v := range r.Lessons {
		fmt.Fprintf(&b, "%s %s: %d steps, %d ticks, %d events\n", v.ID, v.File, v.Steps, v.Ticks, v.Events)
	}
	for _, p := range r.Problems {
		b.WriteString(p.Error() + "\n")
	}
	return b.String()
}

// Verify parses, lints and plays the named files without a terminal. Of every step it checks that its goal is
// false at the start and true after the solution, that the prediction and the observations hold then, that each
// mistake misses the goal and brings up its hint, that no invariant breaks, and that going back restores the
// start exactly and the same solution leads to the same state again.
func Verify(files fs.FS, names []string) Report {
	var r Report
	var lessons []*Lesson
	for _, name := range names {
		src, err := fs.ReadFile(files, name)
		if err != nil {
			r.Problems = append(r.Problems, Problem{name, 0, "cannot be read: " + reason(err)})
			continue
		}
		l, err := Parse(name, src)
		if err != nil {
			r.add(name, err)
			continue
		}
		lessons = append(lessons, l)
	}
	r.Problems = append(r.Problems, order(lessons)...)
	for _, l := range lessons {
		if problems := Lint(l); len(problems) > 0 {
			r.Problems = append(r.Problems, problems...)
			continue
		}
		r.play(l)
	}
	r.Problems = r.Problems.sorted()
	return r
}

func reason(err error) string {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err.Error()
	}
	return err.Error()
}

// add takes the problems of an error, or makes one of it.
func (r *Report) add(file string, err error) {
	var ps Problems
	if !errors.As(err, &ps) {
		ps = Problems{{file, 0, err.Error()}}
	}
	r.Problems = append(r.Problems, ps...)
}

// order checks the graph of needs: what a lesson needs is here or in the course, and nothing needs itself.
func order(lessons []*Lesson) Problems {
	var ps Problems
	needs := map[string][]Line{}
	for _, c := range Course() {
		for _, l := range c.Lessons {
			needs[l.ID] = l.Needs
		}
	}
	seen := map[string]string{}
	for _, l := range lessons {
		if other, ok := seen[l.ID]; ok {
			ps = append(ps, Problem{l.File, 1, fmt.Sprintf("id %s is that of %s already: choose another", l.ID, other)})
		}
		seen[l.ID], needs[l.ID] = l.File, l.Needs
	}
	for _, l := range lessons {
		for _, n := range l.Needs {
			switch _, known := needs[n.Text]; {
			case !known:
				ps = append(ps, Problem{l.File, n.At, fmt.Sprintf("needs %s, and there is no such lesson", n.Text)})
			case reaches(needs, n.Text, l.ID, nil):
				ps = append(ps, Problem{l.File, n.At, fmt.Sprintf("needs %s, which needs %s: a circle", n.Text, l.ID)})
			}
		}
	}
	return ps
}

func reaches(needs map[string][]Line, from, to string, path []string) bool {
	if from == to {
		return true
	}
	if slices.Contains(path, from) {
		return false
	}
	return slices.ContainsFunc(needs[from], func(n Line) bool { return reaches(needs, n.Text, to, append(path, from)) })
}

// rehearsal plays one lesson for Verify.
type rehearsal struct {
	lesson   *Lesson
	player   *Player
	verified Verified
	loose    int64 // ticks of steps without a limit of their own
	problems Problems
}

func (r *Report) play(l *Lesson) {
	p, err := New(l, session.Options{})
	if err != nil {
		r.add(l.File, err)
		return
	}
	h := &rehearsal{lesson: l, player: p, verified: Verified{ID: l.ID, File: l.File, Steps: len(l.Steps)}}
	err = h.steps()
	if closing := p.Close(); err == nil {
		err = closing
	}
	if err != nil {
		r.add(l.File, err)
	}
	r.Problems = append(r.Problems, h.problems...)
	r.Lessons = append(r.Lessons, h.verified)
}

func (h *rehearsal) problem(at int, format string, args ...any) {
	h.problems = append(h.problems, Problem{h.lesson.File, at, fmt.Sprintf(format, args...)})
}

// take keeps the problems of an error; another error becomes a problem at the line.
func (h *rehearsal) take(err error, at int) {
	var ps Problems
	if !errors.As(err, &ps) {
		ps = Problems{{h.lesson.File, at, err.Error()}}
	}
	h.problems = append(h.problems, ps...)
}

// steps plays every step; it stops at the first that cannot be finished, because the next would begin elsewhere.
func (h *rehearsal) steps() error {
	for i := range h.lesson.Steps {
		step := &h.lesson.Steps[i]
		if done, err := h.step(step, i); err != nil || !done {
			return err
		}
		if _, err := h.player.Next(); err != nil {
			return fmt.Errorf("step %q: %w", step.ID, err)
		}
	}
	if h.loose > DefaultTicks {
		h.problem(0, "the solutions take %d ticks, at most %d: shorten them, or write \"within: %d ticks\" into long goals",
			h.loose, DefaultTicks, h.loose)
	}
	return nil
}

func (h *rehearsal) step(step *Step, i int) (bool, error) {
	run := &h.player.runs[i]
	if run.met || allTrue(run.conditions) {
		h.problem(step.Goal.At, "the goal of step %q holds before the learner acts", step.ID)
	}
	for m := range step.Mistakes {
		if err := h.mistake(step, &step.Mistakes[m], run); err != nil {
			return false, err
		}
	}
	start := h.player.Session().StateHash()
	if !h.solve(step, run) {
		return false, nil
	}
	h.outcome(step, run, i)
	return true, h.again(step, run, start)
}

func allTrue(list []bool) bool { return len(list) > 0 && !slices.Contains(list, false) }

// mistake goes a wrong way from the start of the step, then back.
func (h *rehearsal) mistake(step *Step, m *Mistake, run *stepRun) error {
	p := h.player
	if step.mustAnswer() {
		if err := p.Answer(step.Question.right()); err != nil {
			return err
		}
	}
	if err := p.carryOut(m.Commands); err != nil {
		h.take(err, m.At)
	}
	if run.met {
		h.problem(m.At, "the mistake reaches the goal of step %q", step.ID)
	}
	if !run.hints[m.Hint] && !run.met {
		h.problem(m.At, "the mistake does not bring up the hint of line %d", step.Hints[m.Hint].At)
	}
	return p.Replay()
}

// solve carries out the solution and says whether the goal was reached.
func (h *rehearsal) solve(step *Step, run *stepRun) bool {
	p := h.player
	if err := p.ShowMe(); err != nil {
		h.take(err, step.At)
		return false
	}
	if run.failure.Failed() {
		h.problem(run.failure.Line, "the solution of step %q fails it: %s", step.ID, run.failure.Text.EN)
		return false
	}
	if run.met {
		return true
	}
	for i, met := range run.conditions {
		if !met {
			c := step.Goal.Conditions[i]
			h.problem(c.At, "the solution of step %q does not reach %s", step.ID, c.Text)
		}
	}
	return false
}

// outcome judges the moment after the solution.
func (h *rehearsal) outcome(step *Step, run *stepRun, i int) {
	p := h.player
	s := p.Session()
	ticks := int64((s.View().At - run.startAt) / s.Config().Timing.Tick)
	h.verified.Ticks += ticks
	h.verified.Events = max(h.verified.Events, s.End())
	if step.Goal.Within == 0 {
		h.loose += ticks
	}
	if q := step.Question; q != nil && !run.proved {
		h.problem(q.Verify.At, "the solution of step %q does not prove the right answer: %s is false", step.ID, q.Verify.Text)
	}
	j := judge{p: p, w: s.World()}
	for k, c := range p.program.steps[i].observe {
		if !j.holds(c, step.Observe[k]) && j.err == nil {
			h.problem(step.Observe[k].At, "not so after the solution of step %q: %s", step.ID, step.Observe[k].Text)
		}
	}
	if j.err != nil {
		h.take(j.err, step.At)
	}
	for _, v := range s.Violations() {
		h.problem(step.At, "the solution of step %q breaks the invariant %s at event %d: %s",
			step.ID, v.Name, v.Event, v.Sentence)
	}
}

// again goes back to the start of the step and solves it once more: the start must be the same state, and the
// second run must be the same history.
func (h *rehearsal) again(step *Step, run *stepRun, start uint64) error {
	p := h.player
	state, events := p.Session().StateHash(), p.Session().EventHash()
	if err := p.Replay(); err != nil {
		return err
	}
	if p.Session().StateHash() != start {
		h.problem(step.At, "going back to the start of step %q gives another state", step.ID)
	}
	if !h.solve(step, run) {
		h.problem(step.At, "the second run of the solution of step %q goes another way", step.ID)
		return nil
	}
	if p.Session().StateHash() != state || p.Session().EventHash() != events {
		h.problem(step.At, "the second run of the solution of step %q ends in another state", step.ID)
	}
	return nil
}

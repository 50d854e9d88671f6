package lessons

import (
	"fmt"
	"math"

	"etcdscope/cluster/clock"
	"etcdscope/cluster/script"
)

// stepRun is how far the learner is in one step.
type stepRun struct {
	begun      bool
	start      moment
	startAt    clock.Time
	commands   int    // of the world, on the branch, at the start
	checked    moment // up to which keep and never have been judged
	conditions []bool // which conditions of the goal hold at the present moment
	hints      []bool // which hints are on the screen
	answer     string // a letter, or what was typed
	told       bool   // ShowMe answered
	shown      bool   // ShowMe was asked
	met        bool   // the goal was reached, at metAt
	metAt      moment
	proved     bool // when the goal was reached, the question's verify held
	failure    Failure
}

func newStepRun(s *Step) stepRun {
	return stepRun{begun: true, conditions: make([]bool, len(s.Goal.Conditions)), hints: make([]bool, len(s.Hints))}
}

// Failure is why a step cannot succeed any more without going back.
type Failure struct {
	Text  Text
	Line  int
	event uint64
}

// Failed says whether there is a failure.
func (f Failure) Failed() bool { return f.Line > 0 }

// mustAnswer says whether the step asks before the learner may act.
func (s *Step) mustAnswer() bool { return s.Question != nil && len(s.Question.Options) > 0 }

// Check judges the step: the conditions of its goal and its hints at the present moment, keep and never at every
// moment since the last Check. Run, Exec and RunTo do it; whoever moves the session in another way calls it
// afterwards.
func (p *Player) Check() error {
	step, run, prog, ok := p.step()
	if !ok {
		return nil
	}
	now := p.now()
	if run.failure.event > now.event {
		run.failure = Failure{}
	}
	j := judge{p: p, w: p.Session().World()}
	if len(prog.keep)+len(prog.never) > 0 && now.event > run.checked.event+1 && p.shares(run.checked) {
		j.err = j.walk(run.checked.event, now.event, step, run, prog)
	}
	run.checked = now
	j.rules(step, run, prog)
	all := true
	for i, c := range prog.goal {
		run.conditions[i] = j.holds(c, step.Goal.Conditions[i])
		all = all && run.conditions[i]
	}
	answered := !step.mustAnswer() || run.answer != ""
	if all && !run.met && answered && !run.failure.Failed() && j.err == nil {
		run.met, run.metAt = true, now
		if prog.verify != nil {
			run.proved = j.holds(prog.verify, step.Question.Verify)
		}
	}
	if !run.met {
		j.hints(step, run, prog)
	}
	return j.err
}

// judge evaluates predicates; its first error sticks.
type judge struct {
	p   *Player
	w   script.World
	err error
}

func (j *judge) holds(c *script.Predicate, at Line) bool {
	if j.err != nil {
		return false
	}
	ok, err := c.Eval(j.w)
	if err != nil {
		j.err = Problems{{j.p.lesson.File, at.At, err.Error()}}
	}
	return ok && err == nil
}

// rules judges keep, never, within and budget at the present moment. What was reached stays reached.
func (j *judge) rules(step *Step, run *stepRun, prog *stepProgram) {
	if run.met || run.failure.Failed() {
		return
	}
	g := &step.Goal
	fail := func(line int, en, zh string, what any) {
		text := Text{fmt.Sprintf(en, what), fmt.Sprintf(zh, what)}
		run.failure = Failure{Text: text, Line: line, event: j.p.Session().Pos()}
	}
	for i, c := range prog.never {
		if j.holds(c, g.Never[i]) {
			fail(g.Never[i].At, "This must not happen: %s", "不允许出现：%s", g.Never[i].Text)
		}
	}
	for i, c := range prog.keep {
		if !j.holds(c, g.Keep[i]) && j.err == nil {
			fail(g.Keep[i].At, "This must hold all the time: %s", "必须始终成立：%s", g.Keep[i].Text)
		}
	}
	if g.Within > 0 && j.p.ticks() > int64(g.Within) {
		fail(g.At, "More than %d ticks have passed", "已经超过 %d 个 tick", g.Within)
	}
	if g.Budget >= 0 && count(j.w, faults()) > g.Budget {
		fail(g.At, "More than %d faults were caused", "制造的故障超过 %d 次", g.Budget)
	}
}

// ticks is how much virtual time the step has taken.
func (p *Player) ticks() int64 {
	s := p.Session()
	return int64((s.View().At - p.runs[p.at].startAt) / s.Config().Timing.Tick)
}

// hints brings up the hints that the state or the number of commands asks for.
func (j *judge) hints(step *Step, run *stepRun, prog *stepProgram) {
	for i, h := range step.Hints {
		switch {
		case run.hints[i]:
		case h.Kind == HintWhen:
			run.hints[i] = j.holds(prog.hints[i], h.When)
		case h.Kind == HintAfter:
			run.hints[i] = count(j.w, commandNames()) >= h.After
		}
	}
}

// Hint brings up the next hint that is not on the screen, and says whether there was one. A hint that waits for a
// state comes only with that state: it would speak of what is not so.
func (p *Player) Hint() bool {
	step, run, _, ok := p.step()
	if !ok {
		return false
	}
	for i, shown := range run.hints {
		if !shown && step.Hints[i].Kind != HintWhen {
			run.hints[i] = true
			return true
		}
	}
	return false
}

// faults lists the commands that count as faults in a budget.
func faults() []string {
	return []string{
		"crash", "poweroff", "pause", "cut", "oneway", "isolate", "partition", "delay", "drop", "loss", "dup", "hold",
	}
}

func commandNames() []string {
	var names []string
	for _, s := range script.Specs() {
		names = append(names, s.Name)
	}
	return names
}

func count(w script.World, names []string) int {
	n := 0
	for _, name := range names {
		n += w.Commands(name)
	}
	return n
}

// walk goes from one event of the present branch to another and judges the rules of the step behind each.
func (j *judge) walk(from, to uint64, step *Step, run *stepRun, prog *stepProgram) error {
	s := j.p.Session()
	if err := s.Seek(from); err != nil {
		return err
	}
	for s.Pos() < to {
		if _, err := s.RunTo(math.MaxInt64, 1); err != nil {
			return err
		}
		j.rules(step, run, prog)
	}
	return j.err
}

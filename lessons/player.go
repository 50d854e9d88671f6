package lessons

import (
	"errors"
	"slices"
	"strings"

	"etcdscope/cluster"
	"etcdscope/cluster/script"
	"etcdscope/cluster/session"
)

// Player leads through one lesson. It owns the sessions in which the lesson happens; whoever drives it calls
// its Run, Exec and RunTo instead of the session's, so that goals are judged at the right moments.
// It is not safe for concurrent use.
type Player struct {
	lesson  *Lesson
	program *program
	options session.Options
	stages  []*stage
	runs    []stepRun
	at      int // index of the step; len(runs) is the quiz
	quiz    quizRun
}

// stage is a world, and the first step that happens in it.
type stage struct {
	from    int
	scene   *Scene
	session *session.Session
}

// moment is a place in a session's history.
type moment struct {
	branch string
	event  uint64
}

// New builds the world of the lesson's scene and enters its first step. A lesson with a command that does not
// parse or a predicate that does not compile is refused with Problems.
func New(l *Lesson, o session.Options) (*Player, error) {
	program, problems := compile(l)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	p := &Player{lesson: l, program: program, options: o, runs: make([]stepRun, len(l.Steps))}
	p.quiz.answers = make([]string, len(l.Quiz))
	if err := p.enter(0); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// Close releases the sessions.
func (p *Player) Close() error {
	var errs []error
	for _, s := range p.stages {
		errs = append(errs, s.session.Close())
	}
	p.stages = nil
	return errors.Join(errs...)
}

// Lesson is the lesson being played.
func (p *Player) Lesson() *Lesson { return p.lesson }

// Session is the world of the present step. A step with a scene of its own has another one than the step before.
func (p *Player) Session() *session.Session { return p.stage().session }

// step is the present step with its run and its program, or false in the quiz.
func (p *Player) step() (*Step, *stepRun, *stepProgram, bool) {
	if p.at >= len(p.runs) {
		return nil, nil, nil, false
	}
	return &p.lesson.Steps[p.at], &p.runs[p.at], &p.program.steps[p.at], true
}

// stage is the world of the present step; the quiz keeps the last one.
func (p *Player) stage() *stage {
	found := p.stages[0]
	for _, s := range p.stages {
		if s.from <= p.at {
			found = s
		}
	}
	return found
}

// enter goes to step i: to its start if it was played before, else the present moment becomes its start.
func (p *Player) enter(i int) error {
	p.at = i
	if i >= len(p.runs) {
		return nil
	}
	if err := p.openStage(i); err != nil {
		return err
	}
	run := &p.runs[i]
	if run.begun {
		return p.rewind()
	}
	s := p.Session()
	*run = newStepRun(&p.lesson.Steps[i])
	run.start, run.startAt = p.now(), s.View().At
	run.commands = p.commands()
	run.checked = run.start
	s.SetMark(p.lesson.Steps[i].ID, "lesson")
	return p.begin()
}

// openStage makes the world in which step i happens, once.
func (p *Player) openStage(i int) error {
	scene := p.lesson.Steps[i].Scene
	if i == 0 && scene == nil {
		scene = &p.lesson.Scene
	}
	if scene == nil || slices.ContainsFunc(p.stages, func(s *stage) bool { return s.from == i }) {
		return nil
	}
	s, at, err := openScene(scene, p.options)
	if err != nil {
		return Problems{{p.lesson.File, at, "the scene cannot be built: " + err.Error()}}
	}
	p.stages = append(p.stages, &stage{i, scene, s})
	return nil
}

// begin counts the learner's commands anew and judges the start of the step.
func (p *Player) begin() error {
	s := p.Session()
	s.BeginStep()
	if run := &p.runs[p.at]; run.answer != "" {
		s.SetAnswer(p.lesson.Steps[p.at].ID, run.answer)
	}
	return p.Check()
}

// now is the present moment.
func (p *Player) now() moment {
	return moment{p.branch().Name, p.Session().Pos()}
}

func (p *Player) branch() session.Branch {
	branches := p.Session().Branches()
	for _, b := range branches {
		if b.Current {
			return b
		}
	}
	return session.Branch{}
}

// commands is how many commands of the world lie behind the present branch.
func (p *Player) commands() int { return p.branch().Commands }

// travel goes to a moment. The present branch is kept where it shares that moment, unless commands were given
// after it: running on would give them again.
func (p *Player) travel(to moment) error {
	s := p.Session()
	if !p.shares(to) {
		if err := s.Switch(to.branch); err != nil {
			return err
		}
	}
	if err := s.Seek(to.event); err != nil {
		return err
	}
	for id := to.event + 1; id <= s.End(); id++ {
		if e := s.Event(id); e != nil && e.Kind == cluster.UserCommand {
			return s.Fork("")
		}
	}
	return nil
}

// shares says whether the present branch has the same history as m's up to m.
func (p *Player) shares(m moment) bool {
	branches := p.Session().Branches()
	name := p.branch().Name
	for range branches {
		if name == m.branch {
			return true
		}
		i := slices.IndexFunc(branches, func(b session.Branch) bool { return b.Name == name })
		if i < 0 || branches[i].ForkAt < m.event {
			return false
		}
		name = branches[i].Parent
	}
	return false
}

// rewind goes to the start of the step; what was reached and answered stays.
func (p *Player) rewind() error {
	run := &p.runs[p.at]
	if err := p.travel(run.start); err != nil {
		return err
	}
	run.checked, run.failure = run.start, Failure{}
	return p.begin()
}

// Replay goes back to the start of the step and forgets what was answered and reached in it.
func (p *Player) Replay() error {
	step, run, _, ok := p.step()
	if !ok {
		p.quiz = quizRun{answers: make([]string, len(p.lesson.Quiz))}
		return nil
	}
	start, startAt, commands := run.start, run.startAt, run.commands
	*run = newStepRun(step)
	run.start, run.startAt, run.commands = start, startAt, commands
	p.forgetLater()
	return p.rewind()
}

// forgetLater makes later steps begin where this one will end.
func (p *Player) forgetLater() {
	for i := p.at + 1; i < len(p.runs); i++ {
		p.runs[i] = stepRun{}
	}
	p.stages = slices.DeleteFunc(p.stages, func(s *stage) bool {
		later := s.from > p.at
		if later {
			// The world is gone either way; an error here would say that its private files are gone too.
			_ = s.session.Close()
		}
		return later
	})
}

// Next goes to the next step, the quiz, or its next question. It stays, and says false, while the goal is not
// reached. The next step begins at the moment at which the goal was reached, so that nothing is given away.
func (p *Player) Next() (bool, error) {
	_, run, _, ok := p.step()
	if !ok {
		return p.quiz.next(), nil
	}
	if !run.met {
		return false, nil
	}
	if err := p.travel(run.metAt); err != nil {
		return false, err
	}
	return true, p.enter(p.at + 1)
}

// Prev goes to the start of the step before; in the quiz, to the question before.
func (p *Player) Prev() (bool, error) {
	if p.at >= len(p.runs) && p.quiz.previous() {
		return true, nil
	}
	if p.at == 0 {
		return false, nil
	}
	return true, p.enter(p.at - 1)
}

// Exec carries out one typed line and judges the step.
func (p *Player) Exec(line string) (string, error) {
	s := p.Session()
	call, err := script.Parse(line, len(s.View().Members), p.leader())
	if err != nil || call == nil {
		return "", err
	}
	return p.Run(call)
}

// leader is the member that the word "leader" means: the leader of the highest term, or 0.
func (p *Player) leader() uint64 {
	var id, term uint64
	for _, m := range p.Session().View().Members {
		if m.Up && isLeader(m) && uint64(m.Raft.Term) > term {
			id, term = uint64(m.ID), uint64(m.Raft.Term)
		}
	}
	return id
}

// Run carries out a parsed line, unless the step forbids it, and judges the step.
func (p *Player) Run(c *script.Call) (string, error) {
	if err := p.mayRun(c); err != nil {
		return "", err
	}
	s := p.Session()
	out, err := s.Run(c)
	return out, errors.Join(err, p.Check()) // the world may have moved before it failed
}

// mayRun says why a command may not be given in this step.
func (p *Player) mayRun(c *script.Call) error {
	step, run, _, ok := p.step()
	if !ok {
		return nil
	}
	name := c.Spec.Name
	named := func(l Line) bool {
		spec, found := script.Lookup(l.Text)
		return found && spec.Name == name
	}
	moves := c.World != nil || !slices.Contains(harmless(), c.Action)
	switch {
	case !moves:
		return nil
	case step.mustAnswer() && run.answer == "":
		return ErrUnanswered
	case slices.ContainsFunc(step.Deny, named):
		return refuse("this step does without %s", "这一步不能用 %s", name)
	case len(step.Allow) > 0 && !slices.ContainsFunc(step.Allow, named):
		return refuse("this step allows only %s", "这一步只能用 %s", joinLines(step.Allow))
	case c.Action == script.Undo && p.commands() <= run.commands:
		return ErrNothingToUndo
	case slices.Contains(restarts(), c.Action):
		return refuse("%s would leave the lesson: open the sandbox for it", "%s 会离开课程：请在沙盒里使用", name)
	}
	return nil
}

// harmless lists the actions that change neither the world nor the moment.
func harmless() []script.Action {
	return []script.Action{script.Help, script.Share, script.Save, script.Mark, script.Branches}
}

// restarts lists the actions that would replace the session's history.
func restarts() []script.Action { return []script.Action{script.Seed, script.Reset, script.Load} }

func joinLines(lines []Line) string {
	texts := make([]string, len(lines))
	for i, l := range lines {
		texts[i] = l.Text
	}
	return strings.Join(texts, ", ")
}

// ShowMe goes to the start of the step and carries out its solution. It answers what was not answered.
func (p *Player) ShowMe() error {
	step, run, _, ok := p.step()
	if !ok {
		return nil
	}
	if err := p.rewind(); err != nil {
		return err
	}
	run.shown = true
	if step.Question != nil && run.answer == "" {
		if err := p.tell(step, run); err != nil {
			return err
		}
	}
	if err := p.carryOut(step.Solution); err != nil {
		return err
	}
	if step.Question != nil && !step.mustAnswer() && !run.met && !run.told {
		return p.tell(step, run)
	}
	return nil
}

// carryOut gives the commands of the lesson itself.
func (p *Player) carryOut(lines []Line) error {
	for _, l := range lines {
		_, err := p.Exec(l.Text)
		if err == nil {
			err = bounded(p.Session())
		}
		if err != nil {
			return Problems{{p.lesson.File, l.At, err.Error()}}
		}
	}
	return nil
}

// tell answers for the learner.
func (p *Player) tell(step *Step, run *stepRun) error {
	run.told = true
	return p.Answer(step.Question.right())
}

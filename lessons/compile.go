package lessons

import (
	"slices"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/cluster/script"
	"etcdscope/raft"
)

// program is a lesson whose predicates are compiled and whose commands are known to parse.
type program struct {
	steps []stepProgram
}

// stepProgram holds the predicates of a step, in the order in which they stand in it.
type stepProgram struct {
	goal, keep, never, observe []*script.Predicate
	hints                      []*script.Predicate // nil for hints without one
	verify                     *script.Predicate   // nil without a question
}

// compiler checks everything in a lesson that is not prose.
type compiler struct {
	lesson   *Lesson
	scene    *Scene // the one in force
	joined   int    // the highest number of a member that a command brings in
	work     int64  // events that the commands read so far may cause, about
	problems Problems
}

// compile checks commands and predicates. Without problems, every line of the lesson may be run.
func compile(l *Lesson) (*program, Problems) {
	c := &compiler{lesson: l, scene: &l.Scene}
	p := &program{steps: make([]stepProgram, len(l.Steps))}
	c.lines(l.Scene.Commands)
	for i := range l.Steps {
		p.steps[i] = c.step(&l.Steps[i])
	}
	for i := range l.Quiz {
		if v := l.Quiz[i].Verify; v.Text != "" {
			c.problem(v.At, "the quiz has no world to verify in: leave verify out")
		}
	}
	return p, c.problems.sorted()
}

func (c *compiler) problem(at int, msg string) {
	c.problems = append(c.problems, Problem{c.lesson.File, at, msg})
}

func (c *compiler) step(s *Step) stepProgram {
	if s.Scene != nil {
		c.scene, c.joined = s.Scene, 0
		c.lines(s.Scene.Commands)
	}
	p := stepProgram{
		goal: c.predicates(s.Goal.Conditions), keep: c.predicates(s.Goal.Keep),
		never: c.predicates(s.Goal.Never), observe: c.predicates(s.Observe),
	}
	c.lines(s.Solution)
	for _, h := range s.Hints {
		var when *script.Predicate
		if h.Kind == HintWhen {
			when = c.predicate(h.When)
		}
		p.hints = append(p.hints, when)
	}
	for _, m := range s.Mistakes {
		c.lines(m.Commands)
	}
	if s.Question != nil {
		p.verify = c.predicate(s.Question.Verify)
	}
	c.names(s.Allow)
	c.names(s.Deny)
	return p
}

func (c *compiler) predicates(lines []Line) []*script.Predicate {
	out := make([]*script.Predicate, len(lines))
	for i, l := range lines {
		out[i] = c.predicate(l)
	}
	return out
}

func (c *compiler) predicate(l Line) *script.Predicate {
	p, err := script.CompilePredicate(l.Text)
	if err != nil {
		c.problem(l.At, err.Error())
	}
	return p
}

// lines checks commands against the scene in force. Any member may be the leader when they run.
func (c *compiler) lines(lines []Line) {
	for _, l := range lines {
		call, err := script.Parse(l.Text, max(c.scene.Nodes, c.joined), 1)
		switch {
		case err != nil:
			c.problem(l.At, err.Error())
		case call == nil:
		case slices.Contains(outside(), call.Action), call.World != nil && call.World.Kind == cluster.ClientSnapshot:
			c.problem(l.At, call.Spec.Name+" is not for lessons: they touch no files and keep their seed")
		default:
			c.join(call.World)
			c.charge(call, l.At)
		}
	}
}

// join notes the members that commands bring in: later lines may name them.
func (c *compiler) join(w *cluster.Command) {
	if w == nil || w.Op == nil || w.Op.Member == nil {
		return
	}
	for _, id := range append([]raft.ID{w.Op.Member.ID}, w.Op.Member.Voters...) {
		c.joined = max(c.joined, int(id))
	}
}

// outside lists what a lesson, which may come from a stranger, may not do.
func outside() []script.Action {
	return []script.Action{
		script.Save, script.Load, script.Export, script.BackupStatus, script.RestoreFrom, script.Seed,
		script.Reset, script.Share, script.Switch,
		script.DropBranch,
	}
}

// untilLimit is how long "run until" goes on when the line names no limit.
const untilLimit = 60 * clock.Second

// charge adds up how many events the commands may cause: every member's clock ticks are events, and there are
// about as many messages again.
func (c *compiler) charge(call *script.Call, at int) {
	tick := c.tick()
	ticks := int64(0)
	switch call.Action {
	case script.TickOn:
		ticks = int64(call.N)
	case script.Step:
		c.spend(int64(call.N), at)
	case script.RunFor, script.RunUntil:
		ticks = int64(call.N)
		if call.For > 0 {
			ticks = int64(call.For / tick)
		}
		if call.Action == script.RunUntil && ticks == 0 {
			ticks = int64(untilLimit / tick)
		}
	}
	c.spend(ticks*2*int64(c.scene.Nodes), at)
}

func (c *compiler) spend(events int64, at int) {
	before := c.work
	c.work += events
	if before <= MaxEvents && c.work > MaxEvents {
		c.problem(at, "the lesson runs too long: its commands may cause at most a million events")
	}
}

// tick is how long a tick is in the scene in force.
func (c *compiler) tick() clock.Time {
	config, err := cluster.Config{Nodes: c.scene.Nodes, Profile: c.scene.Profile}.Complete()
	if err != nil {
		return 10 * clock.Millisecond
	}
	return config.Timing.Tick
}

// names checks the names of commands.
func (c *compiler) names(lines []Line) {
	for _, l := range lines {
		if _, ok := script.Lookup(l.Text); !ok {
			var known []string
			for _, s := range script.Specs() {
				known = append(known, s.Name)
			}
			c.problem(l.At, unknown("command", l.Text, known))
		}
	}
}

package lessons

import (
	"etcdscope/cluster/clock"
	"etcdscope/cluster/script"
)

// RunTo advances until virtual time t, at most maxEvents (0: no limit), judging the step after every event. It
// stops at the event that reaches the goal or fails the step, and says whether t was reached.
func (p *Player) RunTo(t clock.Time, maxEvents int) (bool, error) {
	step, run, _, ok := p.step()
	if !ok {
		return p.Session().RunTo(t, maxEvents)
	}
	if step.mustAnswer() && run.answer == "" {
		return false, ErrUnanswered
	}
	before := p.verdict()
	for n := 0; maxEvents == 0 || n < maxEvents; n++ {
		reached, err := p.Session().RunTo(t, 1)
		if err == nil {
			err = p.Check()
		}
		if reached || err != nil {
			return reached, err
		}
		if p.verdict() != before {
			return false, nil
		}
	}
	return false, nil
}

// RunUntil is RunTo without a limit of events, which also stops where c holds, and says whether it does in the end.
// Where c holds already it stays.
func (p *Player) RunUntil(c *script.Predicate, t clock.Time) (bool, error) {
	world, before := p.Session().World(), p.verdict()
	for {
		holds, err := c.Eval(world)
		if holds || err != nil {
			return holds, err
		}
		reached, err := p.RunTo(t, 1)
		if reached || err != nil {
			return false, err
		}
		if p.verdict() != before {
			return false, nil
		}
	}
}

// verdict is what has become of a step.
type verdict struct{ met, failed bool }

func (p *Player) verdict() verdict {
	_, run, _, ok := p.step()
	return verdict{ok && run.met, ok && run.failure.Failed()}
}

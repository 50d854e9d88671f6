package session

import (
	"errors"

	"etcdscope/cluster/clock"
	"etcdscope/cluster/script"
)

// errLong ends a line that takes more events than there is patience for.
var errLong = errors.New("too many events for one line")

// SetPatience bounds the events that one line of the language may take, so that whoever typed it gets an answer: the
// line then stops where it is and says so. 0, the default, sets no bound.
func (s *Session) SetPatience(events int) { s.patience = events }

// ErrStopped says that whoever asked for something wants it to end now.
var ErrStopped = errors.New("interrupted")

// spend takes one event from what the line may take.
func (s *Session) spend() error {
	if s.options.Stop != nil && s.options.Stop() {
		return ErrStopped
	}
	if s.left == 0 {
		return nil
	}
	if s.left--; s.left == 0 {
		return errLong
	}
	return nil
}

// defaultRun is how long RunUntil tries when nobody says.
const defaultRun = 60 * clock.Second

// RunTo advances until virtual time t, at most maxEvents (0: no limit); it says whether t was reached. This is
// what a live display calls.
func (s *Session) RunTo(t clock.Time, maxEvents int) (bool, error) {
	for n := 0; ; n++ {
		at, ok := s.nextAt()
		if !ok || at > t {
			s.at = max(s.at, t)
			return true, nil
		}
		if maxEvents > 0 && n >= maxEvents {
			return false, nil
		}
		e, err := s.advance()
		if err != nil {
			return false, err
		}
		if e == nil {
			s.at = max(s.at, t)
			return true, nil
		}
	}
}

// RunUntil advances event by event until p holds, at most limit of virtual time (0: 60 s). It stays where it
// is when p holds already, and says whether p holds in the end.
func (s *Session) RunUntil(p *script.Predicate, limit clock.Time) (bool, error) {
	if limit <= 0 {
		limit = defaultRun
	}
	world, end := s.World(), s.at+limit
	for {
		holds, err := p.Eval(world)
		if holds || err != nil {
			return holds, err
		}
		at, ok := s.nextAt()
		if !ok || at > end {
			s.at = max(s.at, end)
			return false, nil
		}
		if e, err := s.advance(); err != nil || e == nil {
			return false, err
		}
	}
}

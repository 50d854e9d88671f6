package session

import (
	"errors"
	"fmt"

	"etcdscope/cluster"
	"etcdscope/cluster/invariant"
	"etcdscope/raft"
)

// maxViolations bounds what one branch remembers: a run with a rule switched off may break a promise at every
// event.
const maxViolations = 1000

// record makes the next event happen at the end of the branch and keeps it. It is nil when nothing can happen
// any more.
func (s *Session) record() (*cluster.Event, error) {
	if s.cur.broken != nil || s.cur.silent {
		return nil, s.cur.broken
	}
	if err := s.prepare(); err != nil {
		return nil, err
	}
	e := s.cur.events.next()
	ok, err := step(s.live, e)
	if err != nil {
		return nil, s.stopped(err, "the next event happened")
	}
	if !ok {
		return nil, s.silence()
	}
	return e, s.happened(e)
}

// silence notes that nothing can happen any more without a command. The world that found out may have dropped
// what would have come to nothing, and a replay will not: so it is replaced by one that never tried.
func (s *Session) silence() error {
	s.cur.silent = true
	s.dropLive()
	return s.moveTo(s.pos)
}

// stopped handles the error of a step or a command at the end of the branch.
func (s *Session) stopped(err error, what string) error {
	var c *crash
	if !errors.As(err, &c) {
		return err
	}
	err = s.panicked(c, s.pos+1, what)
	s.cur.broken = err
	return err
}

// prepare makes sure that one more event may be recorded here, with the ghost state of the invariants at hand.
func (s *Session) prepare() error {
	if s.pos >= maxEvents {
		return fmt.Errorf("%d events are the most one branch holds: fork from an earlier moment or start again", maxEvents)
	}
	if s.options.NoCheck || s.cur.checker != nil || s.cur.unchecked {
		return nil
	}
	checker, err := s.checkerAt(s.pos)
	s.cur.checker = checker
	return err
}

// happened makes the event in the history's next slot part of the past.
func (s *Session) happened(e *cluster.Event) error {
	b := s.cur
	b.events.commit()
	s.pos, s.at = e.ID, max(s.at, e.At)
	if e.Kind == cluster.UserCommand {
		b.commands = append(b.commands, e.ID)
	}
	b.noteMarks(e)
	err := errors.Join(s.judge(e), s.arrived(e))
	if s.pos%checkpointEvery == 0 {
		err = errors.Join(err, s.checkpoint(false))
	}
	return err
}

// judge lets the invariants look at a new event.
func (s *Session) judge(e *cluster.Event) error {
	if s.cur.checker == nil {
		return nil
	}
	found, err := check(s.cur.checker, e, s.view)
	for i := range found {
		v := &found[i]
		s.addViolation(Violation{
			Name: v.Name, Event: e.ID, Sentence: v.Detail + ". The promise: " + v.Sentence, Source: v.Source,
		})
	}
	var c *crash
	if !errors.As(err, &c) {
		return err
	}
	s.cur.checker, s.cur.unchecked = nil, true
	return s.panicked(c, e.ID, "the invariants looked at it")
}

// check is Checker.Check that survives a panic.
func check(c *invariant.Checker, e *cluster.Event, v func() *cluster.View) (found []invariant.Violation, err error) {
	defer rescue(&err)
	return c.Check(e, v), nil
}

// checkerAt rebuilds the ghost state of the invariants after event id from the nearest checkpoint that has it.
// Nothing is reported twice: what it finds on the way is known.
func (s *Session) checkerAt(id uint64) (*invariant.Checker, error) {
	c := s.cur.nearest(id, true)
	if c == nil {
		return nil, fmt.Errorf("no state of the invariants before event %d", id)
	}
	checker := c.checker.Clone()
	if c.pos == id {
		return checker, nil
	}
	world, err := clone(c.world)
	if err != nil {
		return nil, err
	}
	view := func() *cluster.View { return world.View() }
	for at := c.pos; at < id && err == nil; at++ {
		var e cluster.Event
		if err = again(world, s.cur.event(at+1), &e); err == nil {
			_, err = check(checker, &e, view)
		}
	}
	return checker, errors.Join(err, world.Close())
}

// checkpoint keeps the present world for later seeks.
func (s *Session) checkpoint(passing bool) error {
	if _, found := s.cur.owner(s.pos).find(s.pos); found {
		return nil
	}
	world, err := clone(s.live)
	if err != nil {
		return fmt.Errorf("checkpoint at event %d: %w", s.pos, err)
	}
	c := &checkpoint{pos: s.pos, world: world, passing: passing}
	if b := s.cur; b.checker != nil && b.plan == nil && s.pos == b.end() {
		c.checker = b.checker.Clone()
	}
	s.stock.keep(s.branches, s.cur, c, s.pos)
	return nil
}

// again makes a recorded event happen again in c. The same history gives the same event: anything else is a
// bug of the program, and better refused than shown.
func again(c *cluster.Cluster, want, got *cluster.Event) error {
	ok, err := true, error(nil)
	if want.Kind == cluster.UserCommand {
		err = do(c, *want.Command, got)
	} else {
		ok, err = step(c, got)
	}
	if err != nil {
		return fmt.Errorf("replay of event %d: %w", want.ID, err)
	}
	if !ok || got.ID != want.ID || got.At != want.At || got.Kind != want.Kind || got.Member != want.Member {
		return fmt.Errorf("replay of event %d came out differently: %v %s of n%d instead of %v %s of n%d",
			want.ID, got.At, got.Sentence(), got.Member, want.At, want.Sentence(), want.Member)
	}
	return nil
}

// noteMarks finds the moments that the timeline shows.
func (b *branch) noteMarks(e *cluster.Event) {
	for i := range e.Facts {
		if f := &e.Facts[i]; f.Kind == raft.FactElected {
			b.mark(e, fmt.Sprintf("E%d", f.Term), "election")
		}
	}
	if e.Kind == cluster.UserCommand {
		name, kind := commandMark(e.Command)
		if kind != "" {
			b.mark(e, name, kind)
		}
	}
}

func (b *branch) mark(e *cluster.Event, name, kind string) {
	b.auto = append(b.auto, Mark{Name: name, Kind: kind, Event: e.ID, At: e.At})
}

package session

import (
	"errors"
	"fmt"
	"sort"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/cluster/invariant"
)

// A long replay leaves a checkpoint this far before its end, so that the steps back that often follow are
// cheap.
const (
	nearBehind = 24
	farBehind  = 256
)

// A step at a coarse level may find nothing: heartbeats alone go on for ever below it. So it ends after a
// while.
const (
	quietStep  = clock.Second
	quietStory = 20 * clock.Second
)

// Seek goes to the moment right after event id on the current branch.
func (s *Session) Seek(id uint64) error {
	if id > s.End() {
		return fmt.Errorf("event %d has not happened: branch %s ends at event %d", id, s.cur.name, s.End())
	}
	if err := s.moveTo(id); err != nil {
		return err
	}
	s.at = s.timeOf(id)
	return nil
}

// moveTo makes id the present: by replaying on from here, or from the nearest checkpoint when that is shorter.
// On an error the present is the nearest moment that could be reached.
func (s *Session) moveTo(id uint64) error {
	if s.live != nil && s.pos == id {
		return nil
	}
	c := s.cur.nearest(id, false)
	if s.live == nil || s.pos > id || c != nil && c.pos > s.pos+checkpointEvery/8 {
		if err := s.wake(c); err != nil {
			return err
		}
	}
	return s.replayTo(id)
}

// wake makes a copy of a checkpoint the live world; without one the run starts again.
func (s *Session) wake(c *checkpoint) error {
	if c == nil {
		s.park()
		return s.start()
	}
	world, err := clone(c.world)
	if err != nil {
		return fmt.Errorf("back to event %d: %w", c.pos, err)
	}
	at := c.pos
	s.stock.touch(c)
	s.park() // may drop c
	s.live, s.pos = world, at
	return nil
}

// start builds the world at event 0 and keeps it as the first checkpoint.
func (s *Session) start() error {
	world, err := cluster.New(s.config, s.home.path)
	if err != nil {
		return err
	}
	s.live, s.pos = world, 0
	first, err := clone(world)
	if err != nil {
		return fmt.Errorf("checkpoint at the start: %w", err)
	}
	c := &checkpoint{world: first}
	if !s.options.NoCheck {
		c.checker = invariant.New(s.config.Nodes)
	}
	s.stock.keep(s.branches, s.cur, c, 0)
	return nil
}

// park puts the live world away as a checkpoint: steps back and forth meet it again.
func (s *Session) park() {
	if s.live == nil {
		return
	}
	s.noteHash()
	c := &checkpoint{pos: s.pos, world: s.live, passing: true}
	if !s.stock.keep(s.branches, s.cur, c, s.pos) {
		s.dropLive()
	}
	s.live = nil
}

// dropLive forgets a live world that nobody needs, or that panicked. Its files go with the session at the
// latest.
func (s *Session) dropLive() {
	if s.live == nil {
		return
	}
	dead := s.live
	s.live = nil
	var err error
	defer rescue(&err)
	_ = dead.Close()
}

// replayTo makes recorded events happen again up to id.
func (s *Session) replayTo(id uint64) error {
	far, near := id-s.pos > 2*farBehind, id-s.pos > 2*nearBehind
	for s.pos < id {
		if rest := id - s.pos; far && rest == farBehind || near && rest == nearBehind {
			if err := s.checkpoint(true); err != nil {
				return err
			}
		}
		if err := s.replay(); err != nil {
			return err
		}
	}
	return nil
}

// replay makes the next recorded event happen again. When that fails the world is worth nothing: the present
// becomes the start of the run, which needs no replay.
func (s *Session) replay() error {
	want := s.cur.event(s.pos + 1)
	err := again(s.live, want, &s.scratch)
	if err == nil {
		s.pos++
		return nil
	}
	s.dropLive()
	if back := s.wake(s.cur.nearest(0, false)); back != nil {
		err = errors.Join(err, back)
	}
	s.at = 0
	return err
}

// advance goes one event forward: through what is recorded, then into what is not. It is nil when nothing can
// happen any more.
func (s *Session) advance() (*cluster.Event, error) {
	if err := s.spend(); err != nil {
		return nil, err
	}
	if s.pos >= s.cur.end() {
		return s.record()
	}
	if err := s.replay(); err != nil {
		return nil, err
	}
	e := s.cur.event(s.pos)
	s.at = max(s.at, e.At)
	return e, nil
}

// nextAt is when the next event will happen.
func (s *Session) nextAt() (clock.Time, bool) {
	if e := s.cur.event(s.pos + 1); e != nil {
		return e.At, true
	}
	return s.live.Next()
}

// Forward goes n events of at least the present detail forward, recording new ones at the end. It stops early
// after a second of virtual time in which nothing of that detail happened.
func (s *Session) Forward(n int) error {
	for range n {
		if found, err := s.forward(s.detail, quietStep); err != nil || !found {
			return err
		}
	}
	return nil
}

// forward goes to the next event of a level, at most limit of virtual time, and says whether there was one.
func (s *Session) forward(level cluster.Salience, limit clock.Time) (bool, error) {
	for end := s.at + limit; s.at <= end; {
		e, err := s.advance()
		if err != nil || e == nil {
			return false, err
		}
		if e.Salience >= level {
			return true, nil
		}
	}
	return false, nil
}

// Back goes n events of at least the present detail back; the start of the run is as far as it goes.
func (s *Session) Back(n int) error {
	id := s.pos
	for range n {
		id = s.before(id, s.detail)
	}
	return s.Seek(id)
}

// before is the last event before id of a level, or 0.
func (s *Session) before(id uint64, level cluster.Salience) uint64 {
	for id > 1 {
		id--
		if s.cur.event(id).Salience >= level {
			return id
		}
	}
	return 0
}

// ForwardTicks goes to the end of the n-th tick from now (Timing.Tick of virtual time each).
func (s *Session) ForwardTicks(n int) error {
	tick := s.config.Timing.Tick
	_, err := s.RunTo((s.at/tick+clock.Time(n))*tick, 0)
	return err
}

// BackTicks goes n ticks of virtual time back.
func (s *Session) BackTicks(n int) error {
	tick := s.config.Timing.Tick
	return s.seekTime(((s.at+tick-1)/tick - clock.Time(n)) * tick)
}

// seekTime goes to the last recorded moment that is not after t.
func (s *Session) seekTime(t clock.Time) error {
	t = max(t, 0)
	after := sort.Search(int(s.End()), func(i int) bool { return s.timeOf(uint64(i)+1) > t })
	if err := s.Seek(uint64(after)); err != nil {
		return err
	}
	s.at = t
	return nil
}

// ErrQuiet says that there is no story to go to: nobody writes and nothing breaks.
var ErrQuiet = errors.New("no story in the next 20 s: write something or break something")

// NextStory goes to the next story event; PreviousStory to the one before. When nothing worth telling would happen
// within 20 s of virtual time it stays where it is and says so.
func (s *Session) NextStory() error {
	ahead, err := s.storyAhead()
	if err != nil {
		return err
	}
	if !ahead && s.cur.silent {
		return errors.New("nothing happens by itself any more: resume or restart a member")
	}
	if !ahead {
		return ErrQuiet
	}
	found, err := s.forward(cluster.Story, quietStory)
	if err == nil && !found {
		err = ErrQuiet
	}
	return err
}

// storyAhead looks for a story event, in what is recorded and then on a copy of the world that is thrown away: a
// quiet cluster is left at its moment.
func (s *Session) storyAhead() (ahead bool, err error) {
	limit := s.at + quietStory
	for id := s.pos + 1; id <= s.End(); id++ {
		e := s.cur.event(id)
		if e.At > limit {
			return false, nil
		}
		if e.Salience >= cluster.Story {
			return true, nil
		}
	}
	if s.pos < s.End() {
		return true, nil // what comes behind the record shows when it is reached
	}
	scout, err := clone(s.live)
	if err != nil {
		return false, fmt.Errorf("look ahead: %w", err)
	}
	defer rescue(&err)
	defer func() { err = errors.Join(err, scout.Close()) }()
	var e cluster.Event
	for scout.Step(&e) {
		if e.At > limit {
			return false, nil
		}
		if e.Salience >= cluster.Story {
			return true, nil
		}
	}
	s.cur.silent = true
	return false, nil
}

// PreviousStory goes to the story event before the present moment.
func (s *Session) PreviousStory() error { return s.Seek(s.before(s.pos, cluster.Story)) }

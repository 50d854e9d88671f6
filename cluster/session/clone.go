package session

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"etcdscope/cluster"
)

// Clone returns an independent session at the present moment with the same history up to it (for predictions
// run ahead and lessons' checks). It may be used on another goroutine than the original. It knows the branches
// that lead here and nothing behind the present; seeking far back in it replays from the start once.
func (s *Session) Clone() (*Session, error) {
	live, err := clone(s.live)
	if err != nil {
		return nil, fmt.Errorf("clone: %w", err)
	}
	c := &Session{
		config: s.config, options: s.options, home: s.home.join(), live: live, pos: s.pos, at: s.at,
		detail: s.detail, unsaved: s.unsaved, report: s.report,
		counted: maps.Clone(s.counted), answers: maps.Clone(s.answers), latest: s.latest,
	}
	c.stock.budget = s.stock.budget
	c.view = func() *cluster.View { return c.live.View() }
	c.cur = c.adopt(s.cur.owner(s.pos), s.pos)
	if from := s.cur.nearest(s.pos, true); from != nil {
		err = c.share(from)
	}
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// adopt copies a line of branches up to event id into s, a clone in the making.
func (s *Session) adopt(b *branch, id uint64) *branch {
	n := &branch{
		name: b.name, named: b.named, forkAt: b.forkAt, events: b.events.prefix(int(id - b.forkAt)),
		unchecked: b.unchecked,
	}
	if b.parent != nil {
		n.parent = s.adopt(b.parent, b.forkAt)
	}
	for _, at := range b.commands {
		if at <= id {
			n.commands = append(n.commands, at)
		}
	}
	later := func(m Mark) bool { return m.Event > id }
	n.marks = slices.DeleteFunc(slices.Clone(b.marks), later)
	n.auto = slices.DeleteFunc(slices.Clone(b.auto), later)
	n.violations = slices.DeleteFunc(slices.Clone(b.violations), func(v Violation) bool { return v.Event > id })
	if b.checker != nil && id == b.end() {
		n.checker = b.checker.Clone()
	}
	s.branches = append(s.branches, n)
	return n
}

// share gives s, a clone in the making, a checkpoint of its own, so that it can judge what it records and step back.
func (s *Session) share(from *checkpoint) error {
	w, err := clone(from.world)
	if err != nil {
		return fmt.Errorf("clone: %w", err)
	}
	s.stock.keep(s.branches, s.cur, &checkpoint{pos: from.pos, world: w, checker: from.checker.Clone()}, s.pos)
	return nil
}

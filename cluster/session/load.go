package session

import (
	"errors"
	"fmt"
	"io"

	"etcdscope/cluster"
)

// limits bound what a file or a code may ask for.
type limits struct {
	bytes    int
	commands int
	events   uint64
}

var (
	fileLimits = limits{bytes: 8 << 20, commands: 100_000, events: maxEvents}
	codeLimits = limits{bytes: 1 << 20, commands: 20_000, events: 1_000_000}
)

// Load reads what Save wrote; name stands in errors, which begin with name:line. Up to the saved moment it
// replays at once and compares the event hash; the other branches when they are switched to.
func Load(name string, r io.Reader, o Options) (*Session, error) {
	text, err := io.ReadAll(io.LimitReader(r, int64(fileLimits.bytes)+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return load(name, string(text), o, fileLimits)
}

func load(name, text string, o Options, l limits) (*Session, error) {
	f, err := parseSave(name, text, l)
	if err != nil {
		return nil, err
	}
	s, err := New(f.config, o)
	if err != nil {
		return nil, fmt.Errorf("%s:%d: %w", name, f.configLine, err)
	}
	root := f.branches[0]
	root.checkpoints, s.cur.checkpoints = s.cur.checkpoints, nil
	s.cur, s.branches = root, f.branches
	b := s.named(f.current)
	err = s.materialise(b)
	if err == nil {
		err = s.goTo(b, f.pos)
	}
	if err == nil && s.EventHash() != f.hash {
		err = fmt.Errorf("event %d comes out differently: %w", f.pos, errOtherVersion)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s:%d: %w", name, f.presentLine, err), s.Close())
	}
	return s, nil
}

var errOtherVersion = errors.New("it was recorded by another version of etcdscope; play it with that one")

// materialise replays a branch that was read from a file, and the branches that it grew from, so that its
// events are recorded.
func (s *Session) materialise(b *branch) error {
	if b.parent != nil {
		if err := s.materialise(b.parent); err != nil {
			return err
		}
	}
	if b.plan == nil {
		return nil
	}
	p := b.plan
	b.plan = nil
	err := s.goTo(b, b.forkAt)
	if err == nil {
		err = s.follow(p)
	}
	if err == nil && p.hash != 0 && s.EventHash() != p.hash {
		err = fmt.Errorf("event %d comes out differently: %w", p.end, errOtherVersion)
	}
	if err != nil {
		s.dropLive()
		*b = branch{
			name: b.name, named: b.named, parent: b.parent, forkAt: b.forkAt, marks: b.marks, left: b.left,
			plan: p, checkpoints: b.checkpoints,
		}
		return errors.Join(fmt.Errorf("branch %s: %w", b.name, err), s.stock.clear(b))
	}
	for i := range b.marks {
		b.marks[i].At = b.timeOf(b.marks[i].Event)
	}
	return nil
}

// follow carries out a plan at the end of the current branch.
func (s *Session) follow(p *plan) error {
	rest := p.commands
	for s.pos < p.end {
		if len(rest) > 0 && rest[0].after == s.pos {
			c := rest[0].command
			c.At = s.timeOf(s.pos) + rest[0].later
			if err := s.repeat(&c); err != nil {
				return fmt.Errorf("command after event %d: %w", s.pos, err)
			}
			rest = rest[1:]
			continue
		}
		e, err := s.record()
		if err != nil {
			return err
		}
		if e == nil {
			return fmt.Errorf("nothing happens after event %d, but the recording goes on to %d: %w",
				s.pos, p.end, errOtherVersion)
		}
	}
	return nil
}

// repeat gives a command of a plan; it is no deed of the user.
func (s *Session) repeat(c *cluster.Command) error {
	if err := s.prepare(); err != nil {
		return err
	}
	s.cur.silent = false
	e := s.cur.events.next()
	if err := do(s.live, *c, e); err != nil {
		return s.stopped(err, "a recorded command was carried out")
	}
	return s.happened(e)
}

package session

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"etcdscope/cluster"
	"etcdscope/cluster/script"
)

// Do gives a command of the world at the present moment. In the past it forks: the old future stays as a
// branch.
func (s *Session) Do(c cluster.Command) error {
	past := s.pos < s.End()
	if past {
		if err := s.roomForBranch(); err != nil {
			return err
		}
	} else if err := s.prepare(); err != nil {
		return err
	}
	var e cluster.Event
	c.At = s.at
	if err := do(s.live, c, &e); err != nil {
		return s.refused(err, &c)
	}
	if past {
		if err := s.forkUnder(); err != nil {
			s.dropLive() // it is one event ahead
			return errors.Join(err, s.moveTo(s.pos))
		}
	}
	s.cur.broken, s.cur.silent = nil, false
	*s.cur.events.next() = e
	s.unsaved = true
	if name := commandName(c.Text); name != "" {
		s.counted[name]++
	}
	return s.happened(s.cur.events.next())
}

// refused handles a command that the world did not carry out: mostly it made no sense; rarely the program
// failed.
func (s *Session) refused(err error, c *cluster.Command) error {
	broken := s.cur.broken
	err = s.stopped(err, fmt.Sprintf("the command %q was carried out", c.Text))
	s.cur.broken = broken // the command failed, not the future without it
	return err
}

// forkUnder starts a branch for a command that was given in the past: the world is one event ahead already.
func (s *Session) forkUnder() error {
	if err := s.fork(""); err != nil {
		return err
	}
	return s.prepare()
}

// Exec carries out one line of the language and returns what to show for it (may be several lines, may be
// empty).
func (s *Session) Exec(line string) (string, error) {
	call, err := script.Parse(line, len(s.View().Members), s.leader())
	if err != nil || call == nil {
		return "", err
	}
	return s.Run(call)
}

// leader is the number of the member that leads the highest term, or 0.
func (s *Session) leader() uint64 {
	if m := s.View().Leader(); m != nil {
		return uint64(m.ID)
	}
	return 0
}

// Run carries out a parsed call, as Exec does with a line.
func (s *Session) Run(c *script.Call) (string, error) {
	c.Resolve(s.config.Timing.Tick)
	if c.World != nil {
		if err := s.Do(*c.World); err != nil {
			return "", err
		}
		if c.World.Kind == cluster.ClientSnapshot {
			s.expectBackup(c.World.Op.File)
		}
		return s.commanded(), nil
	}
	if c.Spec != nil {
		s.counted[c.Spec.Name]++
	}
	switch c.Action {
	case script.Step, script.Back, script.TickOn, script.TickBack, script.Next, script.Previous,
		script.RunFor, script.RunUntil, script.Goto:
		return s.travel(c)
	case script.Mark, script.Undo, script.Fork, script.Switch, script.DropBranch, script.Branches:
		return s.arrange(c)
	}
	return s.manage(c)
}

// commanded says in one line what the command that was just given does.
func (s *Session) commanded() string {
	asked, _ := s.View().Answers(s.Event(s.pos).Asked())
	if len(asked) == 0 {
		return ""
	}
	first, last := asked[0], asked[len(asked)-1]
	words := []string{fmt.Sprintf("op %d:", first.ID), script.CommandName(first)}
	if last != first {
		words[0] = fmt.Sprintf("op %d to %d:", first.ID, last.ID)
	}
	if key := visible(first.Spec.Key); key != "" {
		words = append(words, key)
	}
	words = append(words, "→")
	for _, op := range asked {
		words = append(words, fmt.Sprintf("n%d", uint64(op.Via)))
	}
	return strings.Join(words, " ")
}

// visible is a key as one line of text: what cannot be seen is escaped.
func visible(key []byte) string {
	quoted := strconv.Quote(string(key))
	if quoted == `"`+string(key)+`"` {
		return string(key)
	}
	return quoted[1 : len(quoted)-1]
}

// travel carries out the actions that move through time.
func (s *Session) travel(c *script.Call) (string, error) {
	var err error
	n, note := max(c.N, 1), ""
	s.left = s.patience
	defer func() { s.left = 0 }()
	switch c.Action {
	case script.Step:
		err = s.Forward(n)
	case script.Back:
		err = s.Back(n)
	case script.TickOn:
		err = s.ForwardTicks(n)
	case script.TickBack:
		err = s.BackTicks(n)
	case script.Next:
		err = s.NextStory()
	case script.Previous:
		err = s.PreviousStory()
	case script.RunFor:
		_, err = s.RunTo(s.at+c.For, 0)
	case script.RunUntil:
		var holds bool
		if holds, err = s.RunUntil(c.Until, c.For); err == nil && !holds {
			note = "the predicate does not hold yet: "
		}
	case script.Goto:
		err = s.goTarget(c)
	}
	if errors.Is(err, errLong) {
		note, err = fmt.Sprintf("stopped after %d events, the same line goes on: ", s.patience), nil
	}
	if err != nil {
		return "", err
	}
	return note + s.moment(), nil
}

// goTarget goes to a mark, an event or a time. A time that is not recorded yet is run to.
func (s *Session) goTarget(c *script.Call) error {
	name, event, isEvent, at := c.Target()
	switch {
	case isEvent:
		return s.Seek(event)
	case name == "":
		if at > s.timeOf(s.End()) {
			_, err := s.RunTo(at, 0)
			return err
		}
		return s.seekTime(at)
	}
	m, ok := s.markNamed(name)
	if !ok {
		return fmt.Errorf("no mark %q on branch %s: there is %s", name, s.cur.name, s.markNames())
	}
	return s.Seek(m.Event)
}

func (s *Session) markNames() string {
	var names []string
	for _, m := range s.Marks() {
		names = append(names, m.Name)
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// arrange carries out the actions on marks and branches.
func (s *Session) arrange(c *script.Call) (string, error) {
	switch c.Action {
	case script.Mark:
		return fmt.Sprintf("mark %s: %s", s.SetMark(c.Name, ""), s.moment()), nil
	case script.Undo:
		last := s.Event(s.cur.lastCommand(s.pos))
		if err := s.Undo(); err != nil {
			return "", err
		}
		text := last.Command.Kind.String() // given by a program, not as a line
		if last.Command.Text != "" {
			text = last.Command.Text
		}
		return fmt.Sprintf("undone: %s; branch %s, %s", text, s.cur.name, s.moment()), nil
	case script.Fork:
		if err := s.Fork(c.Name); err != nil {
			return "", err
		}
	case script.Switch:
		if err := s.Switch(c.Name); err != nil {
			return "", err
		}
	case script.DropBranch:
		if err := s.DropBranch(c.Name); err != nil {
			return "", err
		}
		return "dropped branch " + c.Name, nil
	case script.Branches:
		return s.branchTable(), nil
	}
	return fmt.Sprintf("branch %s, %s", s.cur.name, s.moment()), nil
}

// branchTable lists the branches, one line each.
func (s *Session) branchTable() string {
	var b strings.Builder
	for _, x := range s.Branches() {
		cursor := " "
		if x.Current {
			cursor = "*"
		}
		fmt.Fprintf(&b, "%s %-8s to event %d at %v, %s", cursor, x.Name, x.End, x.EndAt, count(x.Commands, "command"))
		if x.Parent != "" {
			fmt.Fprintf(&b, ", forked from %s at event %d", x.Parent, x.ForkAt)
		}
		b.WriteByte('\n')
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// commandName is the registered name of the command that a line gives, or "".
func commandName(line string) string {
	words := strings.Fields(line)
	for n := min(2, len(words)); n > 0; n-- {
		if spec, ok := script.Lookup(strings.Join(words[:n], " ")); ok {
			return spec.Name
		}
	}
	return strings.Join(words[:min(1, len(words))], "")
}

package session

import (
	"bytes"
	"fmt"
	"runtime/debug"
	"strings"

	"etcdscope/cluster"
)

// crash is a panic of the program, caught.
type crash struct {
	cause string
	stack string
}

func (c *crash) Error() string { return "panic: " + c.cause }

// rescue turns a panic into an error; it must be deferred.
func rescue(err *error) {
	if cause := recover(); cause != nil {
		*err = &crash{cause: fmt.Sprint(cause), stack: string(debug.Stack())}
	}
}

// step is Cluster.Step that survives a panic. After one, c is worth nothing any more.
func step(c *cluster.Cluster, e *cluster.Event) (ok bool, err error) {
	defer rescue(&err)
	return c.Step(e), nil
}

// do is Cluster.Do that survives a panic.
func do(c *cluster.Cluster, cmd cluster.Command, e *cluster.Event) (err error) {
	defer rescue(&err)
	return c.Do(cmd, e)
}

// clone is Cluster.Clone that survives a panic.
func clone(c *cluster.Cluster) (copied *cluster.Cluster, err error) {
	defer rescue(&err)
	return c.Clone()
}

// panicked makes a violation of a panic at event id and comes back to the present moment, on a healthy world.
// what says what was being done.
func (s *Session) panicked(c *crash, id uint64, what string) error {
	v := Violation{
		Name: "panic", Event: s.pos,
		Sentence: fmt.Sprintf("The program failed (%s) while %s, seed %d, event %d. Everything up to event %d is intact: "+
			"go back, or keep it with `save FILE`.", firstLine(c.cause), what, s.config.Seed, id, s.pos),
		Source: "etcdscope",
	}
	s.addViolation(v)
	err := fmt.Errorf("event %d: %s", id, v.Sentence)
	s.report = s.writeReport(c, what)
	s.dropLive()
	if back := s.moveTo(s.pos); back != nil {
		return fmt.Errorf("%w Coming back to event %d failed too: %w", err, s.pos, back)
	}
	return err
}

// CrashReport is the session as Save writes it, headed by the last panic with its stack, or "" when there was
// none. Load reads it.
func (s *Session) CrashReport() string { return s.report }

func (s *Session) writeReport(c *crash, what string) string {
	var text bytes.Buffer
	note := fmt.Sprintf("%s while %s after event %d\n%s", c.cause, what, s.pos, c.stack)
	if err := s.write(&text, note); err != nil {
		return "The session could not be written: " + err.Error() + "\n" + note
	}
	return text.String()
}

func (s *Session) addViolation(v Violation) {
	b := s.cur.owner(v.Event)
	if len(b.violations) >= maxViolations {
		return
	}
	b.violations = append(b.violations, v)
	b.auto = append(b.auto, Mark{Name: v.Name, Kind: "violation", Event: v.Event, At: s.timeOf(v.Event)})
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

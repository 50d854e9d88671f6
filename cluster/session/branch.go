package session

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/cluster/invariant"
)

// maxBranches is how many lines of history a session keeps.
const maxBranches = 64

// Branch is one line of history.
type Branch struct {
	Name     string     // "A", "B", …, or given
	Parent   string     // "" for the first
	ForkAt   uint64     // last event shared with the parent
	ForkTime clock.Time // when that was; 0 too where a branch that was read from a file has not been replayed yet
	End      uint64     // last recorded event
	EndAt    clock.Time
	Commands int // of the user, on this branch and before
	Current  bool
}

// branch holds what happened after its fork; everything before is its parent's.
type branch struct {
	name       string
	named      bool // made by somebody, not by the session for a command
	parent     *branch
	forkAt     uint64
	events     history
	commands   []uint64 // events of kind UserCommand, ascending
	marks      []Mark   // set by somebody
	auto       []Mark   // found in events, ascending
	violations []Violation
	left       *uint64            // where the learner left it; nil: at its end
	checker    *invariant.Checker // ghost state at the end; nil: not known
	unchecked  bool               // the checker itself failed: go on without it
	broken     error              // the next event panics
	silent     bool               // nothing can happen after the end without a command
	endHash    uint64             // event hash at event hashAt
	hashAt     uint64
	names      nameIndex
	plan       *plan // of a loaded branch that has not been replayed yet

	checkpoints []*checkpoint // ascending by position
}

// end is the last recorded event.
func (b *branch) end() uint64 {
	if b.plan != nil {
		return b.plan.end
	}
	return b.forkAt + uint64(b.events.len())
}

// owner is the branch of b's line that recorded event id.
func (b *branch) owner(id uint64) *branch {
	for b.parent != nil && id <= b.forkAt {
		b = b.parent
	}
	return b
}

func (b *branch) event(id uint64) *cluster.Event {
	b = b.owner(id)
	if id == 0 || id > b.forkAt+uint64(b.events.len()) {
		return nil
	}
	return b.events.at(int(id - b.forkAt - 1))
}

func (b *branch) timeOf(id uint64) clock.Time {
	if e := b.event(id); e != nil {
		return e.At
	}
	return 0
}

// violationsUpTo appends those of b's line up to event id, oldest first.
func (b *branch) violationsUpTo(dst []Violation, id uint64) []Violation {
	if b.parent != nil {
		dst = b.parent.violationsUpTo(dst, min(id, b.forkAt))
	}
	for _, v := range b.violations {
		if v.Event <= id {
			dst = append(dst, v)
		}
	}
	return dst
}

// commandsUpTo counts the commands of b's line up to event id.
func (b *branch) commandsUpTo(id uint64) int {
	n := 0
	if b.plan != nil {
		n = len(b.plan.commands)
	}
	for _, at := range b.commands {
		if at <= id {
			n++
		}
	}
	if b.parent != nil {
		n += b.parent.commandsUpTo(min(id, b.forkAt))
	}
	return n
}

// lastCommand is the newest command of b's line up to event id, or 0.
func (b *branch) lastCommand(id uint64) uint64 {
	for ; b != nil; b = b.parent {
		for _, at := range slices.Backward(b.commands) {
			if at <= id {
				return at
			}
		}
		id = min(id, b.forkAt)
	}
	return 0
}

// Branches lists the branches in the order they were made.
func (s *Session) Branches() []Branch {
	out := make([]Branch, len(s.branches))
	for i, b := range s.branches {
		out[i] = Branch{
			Name: b.name, ForkAt: b.forkAt, End: b.end(), EndAt: b.timeOf(b.end()),
			Commands: b.commandsUpTo(b.end()), Current: b == s.cur,
		}
		if b.plan != nil {
			out[i].EndAt = b.plan.at
		}
		if b.parent != nil {
			out[i].Parent, out[i].ForkTime = b.parent.name, b.timeOf(b.forkAt)
		}
	}
	return out
}

// Fork starts a branch at the present moment ("" lets the session name it) and goes there.
func (s *Session) Fork(name string) error {
	if name != "" {
		if err := checkName(name); err != nil {
			return err
		}
		if s.named(name) != nil {
			return fmt.Errorf("branch %s exists already: choose another name", name)
		}
	}
	if err := s.fork(name); err != nil {
		return err
	}
	s.cur.named = true
	return nil
}

// fork makes a branch at pos the current one. The world stays as it is.
func (s *Session) fork(name string) error {
	if err := s.roomForBranch(); err != nil {
		return err
	}
	old := s.cur
	s.leave()
	b := &branch{name: name, named: name != "", parent: old.owner(s.pos), forkAt: s.pos}
	if name == "" {
		b.name = s.freeName()
	}
	s.branches = append(s.branches, b)
	s.cur = b
	s.dropIfHollow(old)
	return nil
}

func (s *Session) roomForBranch() error {
	if len(s.branches) >= maxBranches {
		return fmt.Errorf("%d branches are the most there can be: drop one first", maxBranches)
	}
	return nil
}

// leave remembers what a later return to the current branch needs.
func (s *Session) leave() {
	s.noteHash()
	left := s.pos
	s.cur.left = &left
}

// noteHash keeps the event hash of the branch's end for Save, while the world is still there.
func (s *Session) noteHash() {
	if s.live != nil && s.pos == s.cur.end() {
		s.cur.endHash, s.cur.hashAt = s.live.EventHash(), s.pos
	}
}

// dropIfHollow forgets a branch that the session made and that never got an event of its own.
func (s *Session) dropIfHollow(b *branch) {
	if b.parent == nil || b.named || b.end() > b.forkAt || len(b.marks) > 0 || s.hasChildren(b) {
		return
	}
	s.forget(b)
}

func (s *Session) hasChildren(b *branch) bool {
	return slices.ContainsFunc(s.branches, func(o *branch) bool { return o.parent == b })
}

// forget drops a branch; a world that cannot close its files leaves them to Close, which removes the directory.
func (s *Session) forget(b *branch) {
	_ = s.stock.clear(b)
	s.branches = slices.DeleteFunc(s.branches, func(o *branch) bool { return o == b })
}

// Switch goes to the end of another branch, or to where it was left.
func (s *Session) Switch(name string) error {
	b := s.named(name)
	if b == nil {
		return fmt.Errorf("no branch %q: there is %s", name, strings.Join(s.branchNames(), ", "))
	}
	if b == s.cur {
		return nil
	}
	old, oldPos := s.cur, s.pos
	s.leave()
	if err := s.materialise(b); err != nil {
		return errors.Join(err, s.goTo(old, oldPos))
	}
	target := b.end()
	if b.left != nil {
		target = *b.left
	}
	if err := s.goTo(b, target); err != nil {
		return errors.Join(err, s.goTo(old, oldPos))
	}
	return nil
}

// goTo makes b the current branch and id the present moment.
func (s *Session) goTo(b *branch, id uint64) error {
	if b != s.cur {
		s.park()
		s.cur = b
	}
	if err := s.moveTo(id); err != nil {
		return err
	}
	s.at = s.timeOf(id)
	return nil
}

// DropBranch forgets a branch that no other grew from and that is not the current one.
func (s *Session) DropBranch(name string) error {
	b := s.named(name)
	switch {
	case b == nil:
		return fmt.Errorf("no branch %q: there is %s", name, strings.Join(s.branchNames(), ", "))
	case b == s.cur:
		return fmt.Errorf("branch %s is the current one: switch to another first", name)
	case s.hasChildren(b):
		return fmt.Errorf("another branch grew from %s: drop that one first", name)
	}
	s.forget(b)
	return nil
}

// Undo takes back the user's last command: the present becomes the moment before it, on a branch without it.
func (s *Session) Undo() error {
	id := s.cur.lastCommand(s.pos)
	if id == 0 {
		return errors.New("nothing to undo: no command was given up to this moment")
	}
	if err := s.roomForBranch(); err != nil {
		return err
	}
	if name := commandName(s.Event(id).Command.Text); s.counted[name] > 0 {
		s.counted[name]--
	}
	left := s.pos
	if err := s.Seek(id - 1); err != nil {
		return err
	}
	old := s.cur
	if err := s.fork(""); err != nil {
		return err
	}
	old.left = &left
	s.unsaved = true
	return nil
}

func (s *Session) named(name string) *branch {
	for _, b := range s.branches {
		if b.name == name {
			return b
		}
	}
	return nil
}

func (s *Session) branchNames() []string {
	names := make([]string, len(s.branches))
	for i, b := range s.branches {
		names[i] = b.name
	}
	return names
}

// freeName is the first of A, B, … Z, AA, AB, … that no branch has.
func (s *Session) freeName() string {
	for i := 0; ; i++ {
		if name := letters(i, 'A'); s.named(name) == nil {
			return name
		}
	}
}

// letters counts a, b, … z, aa, ab, …
func letters(i int, first byte) string {
	name := ""
	for ; i >= 0; i = i/26 - 1 {
		name = string(first+byte(i%26)) + name
	}
	return name
}

// checkName holds names of branches to what one can type at the prompt.
func checkName(name string) error {
	ok := name != "" && utf8.ValidString(name) && utf8.RuneCountInString(name) <= 32
	for _, r := range name {
		ok = ok && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || strings.ContainsRune("-_.", r))
	}
	if !ok {
		return fmt.Errorf("branch name %q: want 1 to 32 letters, digits, dashes, dots or underscores", name)
	}
	return nil
}

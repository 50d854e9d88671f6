package session

import (
	"cmp"
	"fmt"
	"slices"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/raft"
)

// Mark is a named moment, on the timeline. Kinds: "user", "election", "crash", "partition", "heal", "break",
// "violation", "lesson".
type Mark struct {
	Name  string
	Kind  string
	Event uint64
	At    clock.Time
}

// Marks lists the marks of the current branch up to its end, in order of events.
func (s *Session) Marks() []Mark {
	var out []Mark
	for b, limit := s.cur, s.End(); b != nil; b, limit = b.parent, min(limit, b.forkAt) {
		for _, list := range [][]Mark{b.auto, b.marks} {
			for _, m := range list {
				if m.Event <= limit {
					out = append(out, m)
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Mark) int { return cmp.Compare(a.Event, b.Event) })
	return out
}

// SetMark names the present moment; "" picks the next free letter. It returns the name. A name that the branch
// has already moves here.
func (s *Session) SetMark(name, kind string) string {
	if kind == "" {
		kind = "user"
	}
	taken := func(name string) bool { _, ok := s.markNamed(name); return ok }
	for i := 0; name == ""; i++ {
		if letter := letters(i, 'a'); !taken(letter) {
			name = letter
		}
	}
	for b := s.cur; b != nil; b = b.parent {
		b.marks = slices.DeleteFunc(b.marks, func(m Mark) bool { return m.Name == name })
	}
	b := s.cur.owner(s.pos)
	b.marks = append(b.marks, Mark{Name: name, Kind: kind, Event: s.pos, At: s.timeOf(s.pos)})
	return name
}

// markNamed finds a mark of the current branch; what somebody named wins over what the session found, and of
// several the newest wins.
func (s *Session) markNamed(name string) (Mark, bool) {
	var best Mark
	ok := false
	for _, m := range s.Marks() {
		byHand := m.Kind == "user" || m.Kind == "lesson" || m.Kind == "break"
		if m.Name == name && (!ok || byHand || best.Kind == m.Kind) {
			best, ok = m, true
		}
	}
	return best, ok
}

// commandMark is the mark that a command leaves, or an empty kind.
func commandMark(c *cluster.Command) (name, kind string) {
	switch c.Kind {
	case cluster.Crash:
		return "x" + memberNumbers(c.Members), "crash"
	case cluster.Poweroff:
		return "X" + memberNumbers(c.Members), "crash"
	case cluster.Cut, cluster.Partition, cluster.Isolate:
		return "P", "partition"
	case cluster.Heal:
		return "0", "heal"
	}
	return "", ""
}

func memberNumbers(ids []raft.ID) string {
	text := ""
	for i, id := range ids {
		if i > 0 {
			text += ","
		}
		text += fmt.Sprint(uint64(id))
	}
	return text
}

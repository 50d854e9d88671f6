package script

import (
	"errors"
	"strings"

	"github.com/expr-lang/expr/vm"

	"etcdscope/cluster"
	"etcdscope/raft"
)

// truth has a third value (Kleene's logic): a statement about what does not exist is neither true nor false,
// and neither is its negation. At the end it counts as false.
type truth uint8

const (
	no truth = iota
	yes
	missing
)

// errMissing stops the evaluation of one comparison: it is about something that does not exist.
var errMissing = errors.New("missing")

// formula is a predicate cut at its and, or and not, so that what is missing in one part leaves the others alone.
type formula interface {
	eval(*scene) (truth, error)
}

type (
	conjunction struct{ left, right formula }
	disjunction struct{ left, right formula }
	negation    struct{ of formula }
)

func (f conjunction) eval(s *scene) (truth, error) {
	a, err := f.left.eval(s)
	if a == no || err != nil {
		return a, err
	}
	b, err := f.right.eval(s)
	if b == yes {
		return a, err
	}
	return b, err
}

func (f disjunction) eval(s *scene) (truth, error) {
	a, err := f.left.eval(s)
	if a == yes || err != nil {
		return a, err
	}
	b, err := f.right.eval(s)
	if b == no {
		return a, err
	}
	return b, err
}

func (f negation) eval(s *scene) (truth, error) {
	t, err := f.of.eval(s)
	switch t {
	case yes:
		return no, err
	case no:
		return yes, err
	}
	return t, err
}

// atom is a comparison or a call: one program for expr's machine. Node words (all, any, …) make it a statement
// about several members.
type atom struct {
	program *vm.Program
	words   []nodeWord
	leader  bool // it is missing whenever there is no leader
}

// nodeWord is a word that stands for several members. downToo: it is only asked whether they are up.
type nodeWord struct {
	text    string
	downToo bool
}

// NodeWords are the words that stand for several members, sorted.
func NodeWords() []string {
	return []string{"all", "any", "anyone", "everyone", "followers", "majority", "voters"}
}

func (a *atom) eval(s *scene) (truth, error) {
	if a.leader && s.view.Leader() == nil {
		return missing, nil
	}
	return a.over(s, 0)
}

// over evaluates the atom for the members that the i-th word stands for.
func (a *atom) over(s *scene, i int) (truth, error) {
	if i == len(a.words) {
		return a.run(s)
	}
	word := &a.words[i]
	var seen [3]int
	for _, m := range s.view.Members {
		if !s.covers(word, m) {
			continue
		}
		s.bound[i] = m.ID
		t, err := a.over(s, i+1)
		if err != nil {
			return no, err
		}
		seen[t]++
	}
	return s.judge(word, seen), nil
}

// covers says whether m is one of the members that the word stands for.
func (s *scene) covers(w *nodeWord, m *cluster.MemberView) bool {
	switch w.text {
	case "followers":
		return m.Up && m.Raft.Role == raft.Follower
	case "majority", "voters":
		return (m.Up || w.downToo) && s.votes(m.ID)
	}
	return m.Up || w.downToo
}

// judge joins what was found for the members of a word.
func (s *scene) judge(w *nodeWord, seen [3]int) truth {
	asked := seen[no] + seen[yes] + seen[missing]
	switch {
	case w.text == "majority":
		return s.majority(seen[yes], seen[missing])
	case asked == 0:
		return missing
	case w.text == "any" || w.text == "anyone":
		return firstOf(seen, yes, missing, no)
	}
	return firstOf(seen, no, missing, yes)
}

func firstOf(seen [3]int, order ...truth) truth {
	for _, t := range order {
		if seen[t] > 0 {
			return t
		}
	}
	return missing
}

// majority: voters that are down or were not asked hold nothing.
func (s *scene) majority(holds, unknown int) truth {
	need := len(s.voters())/2 + 1
	switch {
	case holds >= need:
		return yes
	case holds+unknown >= need:
		return missing
	}
	return no
}

// run lets expr's machine work out the atom. What goes wrong there is about what does not exist (an index
// out of range, a word compared with a number); only cost and our own faults are errors.
func (a *atom) run(s *scene) (truth, error) {
	s.machine.MemoryBudget = memoryBudget
	out, err := s.machine.Run(a.program, s)
	if err != nil {
		return missing, realFault(err)
	}
	switch out {
	case true:
		return yes, nil
	case false:
		return no, nil
	}
	return missing, nil
}

func realFault(err error) error {
	var ours *fault
	switch {
	case errors.Is(err, errMissing):
		return nil
	case errors.As(err, &ours):
		return ours
	case strings.Contains(err.Error(), "memory budget"):
		return errors.New("it costs too much: write it with fewer or shorter lists")
	}
	return nil
}

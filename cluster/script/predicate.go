package script

import (
	"fmt"

	"etcdscope/cluster"
)

// MaxPredicate is the longest predicate in bytes.
const MaxPredicate = 4096

// Predicate is a compiled boolean expression. Make it with CompilePredicate; it never changes, so several
// goroutines may evaluate it.
type Predicate struct {
	Source  string
	formula formula
}

// World is what a predicate may ask.
type World interface {
	View() *cluster.View
	// Count is how many events up to now carry the name (cluster.Event.Names).
	Count(name string) int
	// EventsNamed returns up to now the events that carry the name, oldest first, for filters.
	EventsNamed(name string) []*cluster.Event
	// Commands is how often the user gave the command since the counting began (a lesson step begins it anew).
	Commands(name string) int
	// Answer is what the learner answered to the question id ("" the latest), or "".
	Answer(id string) string
	// Violations lists the names of the invariants that are violated.
	Violations() []string
}

// CompilePredicate checks and compiles source. The error is always an *Error with line, column and the nearest
// known name.
func CompilePredicate(source string) (*Predicate, error) { return compile(source, specs) }

// compile is CompilePredicate with the registry passed in, because the registry names the functions that compile.
func compile(source string, table []*Spec) (*Predicate, error) {
	if len(source) > MaxPredicate {
		return nil, &Error{
			Line: source, Col: 1, Msg: fmt.Sprintf("the predicate is %d bytes long", len(source)),
			Advice: fmt.Sprintf("at most %d are allowed", MaxPredicate),
		}
	}
	r := &resolver{source: source, table: table, config: newConfig()}
	root := r.parse()
	if r.err != nil {
		return nil, r.err
	}
	f := r.formula(root)
	if r.err != nil {
		return nil, r.err
	}
	return &Predicate{Source: source, formula: f}, nil
}

// Eval says whether p holds. What does not exist (a member that is down has no log) makes it false, never an
// error; an error means that the expression costs too much, or a panic of the program.
func (p *Predicate) Eval(w World) (holds bool, err error) {
	defer func() {
		if r := recover(); r != nil {
			holds, err = false, fmt.Errorf("predicate %q: %v", p.Source, r)
		}
	}()
	s := scene{world: w, view: w.View()}
	t, err := p.formula.eval(&s)
	if err != nil {
		return false, fmt.Errorf("predicate %q: %w", p.Source, err)
	}
	return t == yes, nil
}

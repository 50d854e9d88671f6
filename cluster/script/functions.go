package script

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/conf"
)

// function is one function of the predicate language.
type function struct {
	name      string
	group     string
	params    []param
	optional  int // how many of the last parameters may be left out
	result    any // a zero value of what it returns; nil: number or text
	help      string
	example   string
	words     []string            // the closed list of texts that it returns
	partWords map[string][]string // the same for parts of an object
	call      func(*scene, []any) (any, error)
}

// usage is the function as it is written, such as kv(MEMBER, TEXT[, N]).
func (f *function) usage() string {
	var b strings.Builder
	b.WriteString(f.name + "(")
	for i, p := range f.params {
		optional := i >= len(f.params)-f.optional
		if optional {
			b.WriteString("[")
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(paramNames[p])
		if p == anEvent {
			b.WriteString("[, FILTER...]")
		}
		if optional {
			b.WriteString("]")
		}
	}
	b.WriteString(")")
	return b.String()
}

// parts lists the parts of the object that the function returns.
func (f *function) parts() []string {
	t := reflect.TypeOf(f.result)
	if t == nil || t.Kind() != reflect.Pointer {
		return nil
	}
	var out []string
	for i := range t.Elem().NumField() {
		out = append(out, t.Elem().Field(i).Tag.Get("expr"))
	}
	return out
}

// signature is the function's type for expr's checker: the scene comes first.
func (f *function) signature() reflect.Type {
	in := []reflect.Type{reflect.TypeFor[*scene]()}
	for _, p := range f.params {
		switch p {
		case aNode, aNumber, aKindName:
			in = append(in, reflect.TypeFor[int]())
		case aList:
			in = append(in, reflect.TypeFor[any]())
		case anEvent:
			in = append(in, reflect.TypeFor[*eventQuery]())
		default:
			in = append(in, reflect.TypeFor[string]())
		}
	}
	out := reflect.TypeFor[any]()
	if f.result != nil {
		out = reflect.TypeOf(f.result)
	}
	return reflect.FuncOf(in, []reflect.Type{out}, false)
}

// signatures are all types that the function may be called with, for its optional arguments.
func (f *function) signatures() []reflect.Type {
	full := f.signature()
	types := []reflect.Type{full}
	for drop := 1; drop <= f.optional; drop++ {
		var in []reflect.Type
		for i := range full.NumIn() - drop {
			in = append(in, full.In(i))
		}
		types = append(types, reflect.FuncOf(in, []reflect.Type{full.Out(0)}, false))
	}
	return types
}

// functions is the registry of predicates: checks, help and the reference page are made from it.
var functions = slices.Concat(
	inGroup("Time", timeFunctions), inGroup("Roles and terms", roleFunctions), inGroup("Quorum and network",
		quorumFunctions),
	inGroup("Log", logFunctions), inGroup("Store", slices.Concat(storeFunctions, leaseFunctions, authFunctions)),
	inGroup("Clients and watches", clientFunctions), inGroup("Locks and elections", claimFunctions),
	inGroup("History", historyFunctions), inGroup("Lesson and rules", lessonFunctions), inGroup("",
		hiddenFunctions),
)

func inGroup(group string, list []function) []function {
	for i := range list {
		list[i].group = group
	}
	return list
}

// exprFunctions are the functions of expr that are allowed, sorted; the others cost too much, read the wall
// clock or have no use here.
var exprFunctions = []string{"abs", "all", "any", "filter", "len", "map", "max", "min", "none", "one", "sum"}

func findFunction(name string) *function {
	if name == "argmin" {
		name = "argmin_timer"
	}
	for i := range functions {
		if functions[i].name == name {
			return &functions[i]
		}
	}
	return nil
}

// functionNames lists ours and those of expr, sorted.
func functionNames() []string {
	out := slices.Clone(exprFunctions)
	for i := range functions {
		if functions[i].group != "" {
			out = append(out, functions[i].name)
		}
	}
	slices.Sort(out)
	return out
}

// fault is a panic of ours or of the World, which must not pass for something that is missing.
type fault struct{ reason any }

func (f *fault) Error() string { return fmt.Sprint(f.reason) }

// guarded calls the function and keeps its panics apart from those of expr's machine.
func (f *function) guarded(s *scene, args []any) (out any, err error) {
	defer func() {
		if r := recover(); r != nil {
			out, err = nil, &fault{fmt.Errorf("%s: %v", f.name, r)}
		}
	}()
	return f.call(s, args)
}

// newConfig tells expr about our functions and nothing else.
func newConfig() *conf.Config {
	c := conf.CreateNew()
	c.WithEnv(&scene{})
	c.MaxNodes = maxNodes
	for _, name := range slices.Sorted(maps.Keys(c.Builtins)) {
		if !slices.Contains(exprFunctions, name) {
			c.Disabled[name] = true
			delete(c.Builtins, name)
		}
	}
	for i := range functions {
		f := &functions[i]
		c.Functions[f.name] = &builtin.Function{Name: f.name, Types: f.signatures(), Func: func(args ...any) (any,
			error,
		) {
			return f.guarded(args[0].(*scene), args[1:])
		}}
	}
	return c
}

package script

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"pgregory.net/rapid"

	"etcdscope/cluster"
	"etcdscope/cluster/invariant"
	"etcdscope/raft"
)

// TestPredicate says of each line whether it holds in a world, or what is wrong with it.
func TestPredicate(t *testing.T) {
	worlds := map[string]*fakeWorld{"five": fiveMembers(t), "leaderless": leaderless(t), "dark": dark(t)}
	datadriven.Walk(t, "testdata/predicate", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			name := "five"
			d.MaybeScanArgs(t, "world", &name)
			sources := strings.Split(d.Input, "\n")
			if d.Cmd == "whole" {
				sources = []string{d.Input}
			}
			var b strings.Builder
			for _, source := range sources {
				b.WriteString(source + "  " + evaluate(source, worlds[name]) + "\n")
			}
			return b.String()
		})
	})
}

func evaluate(source string, w World) string {
	p, err := CompilePredicate(source)
	if err != nil {
		return "ERROR " + err.Error()
	}
	holds, err := p.Eval(w)
	if err != nil {
		return "FAULT " + err.Error()
	}
	return fmt.Sprint(holds)
}

// TestFunctionExamples compiles every example and evaluates it in every world.
func TestFunctionExamples(t *testing.T) {
	for _, f := range functions {
		if f.group == "" {
			continue
		}
		p, err := CompilePredicate(f.example)
		if err != nil {
			t.Errorf("%s: %v", f.name, err)
			continue
		}
		if !strings.Contains(f.example, f.name+"(") || f.help == "" {
			t.Errorf("%s: no help, or an example without it: %q", f.name, f.example)
		}
		for _, w := range []World{fiveMembers(t), leaderless(t), dark(t), &fakeWorld{view: &cluster.View{}}} {
			if _, err := p.Eval(w); err != nil {
				t.Errorf("%s: %v", f.name, err)
			}
		}
	}
}

// TestEventNames holds the list of events against what events call themselves.
func TestEventNames(t *testing.T) {
	var got []string
	for k := cluster.Tick; k.String() != "?"; k++ {
		got = append(got, k.String())
	}
	for state := cluster.ClaimSession; state <= cluster.ClaimObserving; state++ {
		e := cluster.Event{Kind: cluster.ClientResponse, Turn: &cluster.Turn{State: state}}
		got = e.Names(got)
	}
	for k := cluster.Crash; k.String() != "?"; k++ {
		got = append(got, k.String())
	}
	for k := raft.FactTimeout; k <= raft.FactTransfer; k++ {
		got = append(got, k.String())
	}
	for kind := raft.MsgProp; kind <= raft.MsgPreVoteResp; kind++ {
		m := &cluster.Message{Message: raft.Message{Type: kind, Entries: make([]raft.Entry, 1)}}
		if name := sentName(m); name != "" && name != cluster.Kind(0).String() {
			got = append(got, name)
		}
	}
	slices.Sort(got)
	if want := EventNames(); !slices.Equal(slices.Compact(got), want) {
		t.Errorf("events have the names\n%v\nthe language knows\n%v", got, want)
	}
}

// TestInvariantNames: every invariant that is watched can be asked about.
func TestInvariantNames(t *testing.T) {
	for _, info := range invariant.Names() {
		if !slices.Contains(InvariantNames(), info.Name) {
			t.Errorf("no predicate can name %s", info.Name)
		}
	}
}

// TestCommandNames holds the commands of the language against those of the world.
func TestCommandNames(t *testing.T) {
	for k := cluster.Crash; k.String() != "?"; k++ {
		if _, ok := Lookup(commandName(k)); !ok && k != cluster.ClientAuth {
			t.Errorf("no command gives %v", k)
		}
	}
	for verb := cluster.AuthEnable; verb.String() != "?"; verb++ {
		if _, ok := Lookup(verb.String()); !ok {
			t.Errorf("no command gives %v", verb)
		}
	}
}

// TestNames: what the language lists as sorted is sorted, and no name is taken twice.
func TestNames(t *testing.T) {
	for _, list := range [][]string{
		NodeWords(), KindNames(), InvariantNames(), EventNames(), functionNames(),
		filterKeys, exprFunctions, names(specs),
	} {
		if !slices.IsSorted(list) || len(slices.Compact(slices.Clone(list))) != len(list) {
			t.Errorf("not sorted or not unique: %v", list)
		}
	}
}

// TestLogic compares and, or, not with Kleene's tables on atoms that hold, do not hold and are missing.
func TestLogic(t *testing.T) {
	atoms := []struct {
		source string
		value  truth
	}{{"up(n1)", yes}, {"up(n5)", no}, {"term(n5) == 3", missing}}
	w := fiveMembers(t)
	rapid.Check(t, func(t *rapid.T) {
		var grow func(depth int) (string, truth)
		grow = func(depth int) (string, truth) {
			kind := rapid.IntRange(0, 3).Draw(t, "kind")
			if depth == 0 || kind == 0 {
				a := rapid.SampledFrom(atoms).Draw(t, "atom")
				return a.source, a.value
			}
			left, a := grow(depth - 1)
			if kind == 1 {
				return "not (" + left + ")", [...]truth{yes, no, missing}[a]
			}
			right, b := grow(depth - 1)
			rank := [...]int{no: 0, missing: 1, yes: 2}
			if (rank[a] < rank[b]) == (kind == 2) {
				b = a
			}
			return "(" + left + [...]string{2: ") and (", 3: ") or ("}[kind] + right + ")", b
		}
		source, want := grow(4)
		if got := evaluate(source, w); got != fmt.Sprint(want == yes) {
			t.Fatalf("%s: got %s, want %v", source, got, want)
		}
	})
}

type panickingWorld struct{ fakeWorld }

func (*panickingWorld) Count(string) int { panic("no history") }

func TestEvalNeverPanics(t *testing.T) {
	w := &panickingWorld{*fiveMembers(t)}
	if got := evaluate("count(elected) == 1", w); !strings.HasPrefix(got, "FAULT") || !strings.Contains(got,
		"no history") {
		t.Errorf("a world that panics: %s", got)
	}
	if got := evaluate("up(n1)", &fakeWorld{}); !strings.HasPrefix(got, "FAULT") {
		t.Errorf("a world without a view: %s", got)
	}
	var empty Predicate
	if _, err := empty.Eval(w); err == nil {
		t.Error("a predicate that was never compiled holds or not")
	}
}

// FuzzPredicate: no source makes the compiler or an evaluation panic, and every error says where.
func FuzzPredicate(f *testing.F) {
	for _, fn := range functions {
		f.Add(fn.example)
	}
	for _, source := range []string{
		"", "(", "count(", "role(n1) == ", "[] in []", "{}", "x ^ y", "'",
		"a.b.c()", "#", "let a = 1; a == 1",
		"count(put, by=)", "leaders()[9] == 1", "1 % 0 == 1", "all(members(), {term(#) > 1})",
		"term(all) == term(any)",
	} {
		f.Add(source)
	}
	w := fiveMembers(f)
	f.Fuzz(func(t *testing.T, source string) {
		p, err := CompilePredicate(source)
		if err != nil {
			e := err.(*Error)
			if e.Col < 1 || e.Msg == "" || e.Suggest == "" && e.Advice == "" {
				t.Fatalf("%q: incomplete error %+v", source, e)
			}
			return
		}
		if _, err := p.Eval(w); err != nil && !strings.Contains(err.Error(), "costs too much") {
			t.Fatalf("%q: %v", source, err)
		}
	})
}

func BenchmarkEval(b *testing.B) {
	w := fiveMembers(b)
	for _, source := range []string{
		"term(leader) == 3", "size(leaders()) == 1 and max_term() >= 2", "applied(all) == 3", "count(elected) >= 1",
		`resp(w).ok and kv(leader, x) == "2"`, "role(any) == candidate", "has_quorum()",
		"known_leader(all) == leader",
		`kv(leader, nothing) == "1"`, "count(append_sent, to=n3) >= 1",
	} {
		p, err := CompilePredicate(source)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(strings.ReplaceAll(source, " ", "_"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Eval(w); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		if _, err := CompilePredicate("size(leaders()) == 1 and max_term() >= 2"); err != nil {
			b.Fatal(err)
		}
	}
}

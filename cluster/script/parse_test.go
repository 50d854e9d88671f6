package script

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/cockroachdb/datadriven"
	"pgregory.net/rapid"

	"etcdscope/cluster"
)

// TestParse shows what lines mean: the canonical text, then the fields that are not zero.
func TestParse(t *testing.T) {
	datadriven.Walk(t, "testdata/parse", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			nodes, leader := 5, 2
			d.MaybeScanArgs(t, "nodes", &nodes)
			d.MaybeScanArgs(t, "leader", &leader)
			var b strings.Builder
			for _, line := range strings.Split(d.Input, "\n") {
				call, err := Parse(line, nodes, uint64(leader))
				b.WriteString(describe(call, err) + "\n")
			}
			return b.String()
		})
	})
}

func describe(c *Call, err error) string {
	switch {
	case err != nil:
		return err.Error()
	case c == nil:
		return "(nothing)"
	case c.World == nil:
		return fmt.Sprintf("%s  action=%d n=%d for=%d name=%q", c.Text, c.Action, c.N, c.For, c.Name)
	}
	w := *c.World
	w.Text, w.Op = "", nil
	return c.Text + "  " + fields(&w) + fields(c.World.Op)
}

// fields prints the fields of a struct that are not zero.
func fields(v any) string {
	r := reflect.ValueOf(v)
	if r.IsNil() {
		return ""
	}
	r = r.Elem()
	var out []string
	for i := range r.NumField() {
		f := r.Field(i)
		if bytes, ok := f.Interface().([]byte); ok && bytes != nil {
			out = append(out, fmt.Sprintf("%s=%q", r.Type().Field(i).Name, bytes))
		} else if f.Kind() != reflect.Pointer && !f.IsZero() { // the canonical text says what is behind a pointer
			out = append(out, fmt.Sprintf("%s=%v", r.Type().Field(i).Name, f.Interface()))
		}
	}
	return "{" + strings.Join(out, " ") + "}"
}

// TestExamples parses the example of every command, as itself and under its aliases.
func TestExamples(t *testing.T) {
	for _, s := range Specs() {
		call, err := Parse(s.Example, 5, 1)
		if err != nil {
			t.Errorf("%s: %v", s.Name, err)
			continue
		}
		if call.Spec != s {
			t.Errorf("the example of %s, %q, is a %s", s.Name, s.Example, call.Spec.Name)
		}
		roundTrip(t, s.Example, 5, 1)
		for _, alias := range s.Aliases {
			other, err := Parse(alias+strings.TrimPrefix(s.Example, s.Name), 5, 1)
			if err != nil || other.Text != call.Text {
				t.Errorf("%s: got %v, %v", alias, other, err)
			}
		}
		if s.Help == "" || s.HelpZH == "" || !strings.HasPrefix(s.Usage, s.Name) || s.Group == "" {
			t.Errorf("%s: incomplete: %+v", s.Name, s)
		}
	}
}

type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// roundTrip checks that the canonical text of a line parses to the same call. A line that does not parse
// must say where and what.
func roundTrip(t failer, line string, nodes int, leader uint64) {
	t.Helper()
	first, err := Parse(line, nodes, leader)
	if err != nil {
		checkError(t, line, err)
		return
	}
	if first == nil {
		return
	}
	second, err := Parse(first.Text, nodes, 0)
	if err != nil {
		t.Fatalf("%q became %q, which fails: %v", line, first.Text, err)
	}
	if a, b := inspect(first), inspect(second); a != b {
		t.Fatalf("%q became %q, which means something else:\n%s\n%s", line, first.Text, a, b)
	}
	if first.World != nil && Text(first.World) != first.Text {
		t.Fatalf("Text gives %q for %q", Text(first.World), first.Text)
	}
}

func checkError(t failer, line string, err error) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("%q: not an *Error: %v", line, err)
	}
	if e.Line != line || e.Col < 1 || len(line) <= MaxLine && e.Col > utf8.RuneCountInString(line)+1 || e.Msg == "" {
		t.Fatalf("%q: incomplete error %+v", line, e)
	}
	if e.Suggest == "" && e.Advice == "" {
		t.Fatalf("%q: %q does not say what to write instead", line, err)
	}
}

// inspect prints a call with everything behind its pointers.
func inspect(c *Call) string {
	copied := *c
	copied.Spec, copied.Until = nil, nil
	out, err := json.Marshal(&copied)
	if err != nil {
		panic(err)
	}
	end := "none"
	if c.World != nil && c.World.Op != nil && c.World.Op.End != nil {
		end = fmt.Sprintf("%q", c.World.Op.End)
	}
	until := ""
	if c.Until != nil {
		until = c.Until.Source
	}
	return fmt.Sprintf("%s %s end %s until %q", c.Spec.Name, out, end, until)
}

// fragments are what lines are made of; random sequences of them are right often enough.
var fragments = []string{
	"n1", "n2", "n5", "n9", "leader", "all", "any", "n1->n2", "any->n3", "->", "n1,n2", "/", "|", ",", "#7", "@12",
	"1", "0", "40", "40ticks", "200ms", "1.5s", "2min", "25%", "append", "heartbeat", "MsgApp", "until", "max",
	"size(leaders()) == 1", "term(n1) > 2", "up(all)", "x", "y", "job/", `"a b"`, "'-'", `\x00`, `"\xff\xfe"`,
	`""`, `"via"`,
	"via", "by", "tag", "c2", "w", "--via", "--by=c3", "--tag", "--prefix", "--from-key", "--rev", "--rev=3",
	"--limit=2",
	"--keys-only", "--count-only", "--consistency", "s", "l", "--serializable", "--prev-kv", "--prev-kv=false",
	"--", "-5", "名字", "# c",
}

func TestRoundTrip(t *testing.T) {
	commands := names(specs)
	rapid.Check(t, func(t *rapid.T) {
		words := []string{rapid.SampledFrom(commands).Draw(t, "command")}
		words = append(words, rapid.SliceOfN(rapid.SampledFrom(fragments), 0, 6).Draw(t, "words")...)
		nodes := rapid.IntRange(1, cluster.MaxNodes).Draw(t, "nodes")
		roundTrip(t, strings.Join(words, " "), nodes, uint64(rapid.IntRange(0, nodes).Draw(t, "leader")))
	})
}

// TestRoundTripOfBytes puts any bytes into keys and values, quoted by hand.
func TestRoundTripOfBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SliceOfN(rapid.Byte(), 1, 40).Draw(t, "key")
		value := rapid.OneOf(rapid.SliceOfN(rapid.Byte(), 0, 40), rapid.Map(rapid.String(),
			func(s string) []byte { return []byte(s) })).Draw(t, "value")
		var line strings.Builder
		line.WriteString("put ")
		for _, c := range key {
			fmt.Fprintf(&line, `\x%02x`, c)
		}
		line.WriteString(" " + quote(string(value)))
		call, err := Parse(line.String(), 3, 0)
		if err != nil {
			t.Fatalf("%s: %v", line.String(), err)
		}
		if string(call.World.Op.Key) != string(key) || string(call.World.Op.Value) != string(value) {
			t.Fatalf("%s: got %q %q", line.String(), call.World.Op.Key, call.World.Op.Value)
		}
		roundTrip(t, line.String(), 3, 0)
		roundTrip(t, "get "+quote(string(key))+" "+quote(string(value)), 3, 0)
		roundTrip(t, "get --prefix "+quote(string(value)), 3, 0)
	})
}

// FuzzParse: no line makes the parser panic, every error is complete, every call survives its canonical text.
func FuzzParse(f *testing.F) {
	for _, s := range specs {
		f.Add(s.Example, 5, uint64(1))
	}
	for _, line := range []string{
		"", "#", `put "`, `put \`, `put \x4`, "run 99999999999999s", "drop #",
		"run until", "cut ->",
		"partition //", "get --rev=-1 x", "run until \x80", "timer all 99999999999999999999",
		"run until max(1,2) == 2 max 2s",
	} {
		f.Add(line, 3, uint64(0))
	}
	f.Fuzz(func(t *testing.T, line string, nodes int, leader uint64) {
		nodes = 1 + (nodes%cluster.MaxNodes+cluster.MaxNodes)%cluster.MaxNodes
		roundTrip(t, line, nodes, leader%uint64(nodes+1))
	})
}

package script

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

// TestReference compares the generated pages with docs; -rewrite (datadriven's flag) renews them.
func TestReference(t *testing.T) {
	pages := map[string]string{
		"../../docs/commands.md":   Reference(),
		"../../docs/predicates.md": PredicateReference(),
		"../../docs/rules.md":      RuleReference(),
	}
	for path, want := range pages {
		if flag.Lookup("rewrite").Value.String() == "true" {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s is not what the registry says: go test ./cluster/script -rewrite", path)
		}
	}
}

// TestComplete shows what could stand at the end of lines; | marks the end, so that blanks are seen.
func TestComplete(t *testing.T) {
	view := fiveMembers(t).view
	datadriven.RunTest(t, "testdata/complete", func(t *testing.T, d *datadriven.TestData) string {
		var b strings.Builder
		for _, line := range strings.Split(d.Input, "\n") {
			line = strings.TrimSuffix(line, "|")
			list := Complete(line, view)
			if d.Cmd == "without" {
				list = Complete(line, nil)
			}
			b.WriteString(line + "|  " + strings.Join(list, " ") + "\n")
		}
		return b.String()
	})
}

// TestCompletedLines: what completion offers as the last word of a command is not refused at that word.
func TestCompletedLines(t *testing.T) {
	view := fiveMembers(t).view
	for _, line := range []string{
		"crash ", "timer ", "release ", "drop n1->n2 ", "hold n1->", "dup ",
		"unwatch ", "help ", "partition n1 / ",
	} {
		offered := Complete(line, view)
		if len(offered) == 0 {
			t.Errorf("%q: nothing is offered", line)
		}
		for _, word := range offered {
			whole := line[:strings.LastIndexByte(line, ' ')+1] + word
			_, err := Parse(whole, 5, 1)
			if err != nil && err.(*Error).Col <= len(line) && !strings.HasSuffix(word, "->") && word != "/" {
				t.Errorf("%q was offered: %v", whole, err)
			}
		}
	}
}

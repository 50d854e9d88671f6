package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// output runs the program in this process on a scenario and returns what it prints.
func output(t *testing.T, scenario string, flags ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "scenario")
	if err := os.WriteFile(file, []byte(scenario), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	args := append([]string{"run", file}, flags...)
	if code := run(args, terminal{in: strings.NewReader(""), out: &out, err: &errs}); code != exitOK {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	return out.String()
}

// decode reads a line that has nothing but the fields of v.
func decode(t *testing.T, line string, v any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		t.Fatalf("%v\n%s", err, line)
	}
}

// TestJSONIsForPrograms decodes every line and follows the causes: each lies before its effect.
func TestJSONIsForPrograms(t *testing.T) {
	text := output(t, "run 500ms\nput \"k\\xff\" <&>\ncrash leader\n", "--max", "2s", "--events", "json")
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	var n uint64
	var key, value string
	for _, line := range lines[:len(lines)-1] {
		var e eventJSON
		decode(t, line, &e)
		n++
		if e.Event != n || e.Kind == "" || e.Level == "" || e.Rule == "" || e.Sentence == "" {
			t.Fatalf("event %d: %s", n, line)
		}
		for _, cause := range e.Causes {
			if cause >= e.Event {
				t.Fatalf("event %d is caused by event %d", e.Event, cause)
			}
		}
		if e.Command != nil && e.Command.Name == "put" {
			key, value = e.Command.Key, e.Command.Value
		}
	}
	var sums sumsJSON
	if decode(t, lines[n], &sums); sums.Events != n || len(sums.EventHash) != 18 || len(sums.StateHash) != 18 {
		t.Errorf("%d objects, then %q", n, lines[n])
	}
	if key != "k\uFFFD" || value != "<&>" {
		t.Errorf("the put was %q %q", key, value)
	}
}

// TestTapeColumnsLineUp wants every line of the tape to have its columns where the head has them.
func TestTapeColumnsLineUp(t *testing.T) {
	text := output(t, "run 500ms\npartition n1,n2 / n3,n4,n5\npause n3\ncrash n5\nrun 1s\nput x 1\n",
		"--max", "2s", "--events", "tape", "--seed", "9")
	head, rest, _ := strings.Cut(text, "\n")
	note := strings.Index(head, "note")
	seen := map[byte]bool{}
	for line := range strings.Lines(rest) {
		if strings.HasPrefix(line, "events ") {
			break
		}
		if len(line) <= note || line[note-1] != ' ' || line[note] == ' ' {
			t.Fatalf("the note does not begin at column %d: %q", note, line)
		}
		nodes := strings.Index(head, "nodes")
		for _, c := range []byte(line[nodes : nodes+5]) {
			seen[c] = true
		}
	}
	for _, c := range []byte("*o?/zx") {
		if !seen[c] {
			t.Errorf("no member was ever %q", c)
		}
	}
}

// TestJSONTellsOfLocks wants the turns of a lock: taken, given up.
func TestJSONTellsOfLocks(t *testing.T) {
	text := output(t, "run 500ms\nlock l --tag a\nrun 200ms\nunlock a\nrun 200ms\n", "--events", "json")
	var states []string
	for line := range strings.Lines(text) {
		var e eventJSON
		if strings.Contains(line, `"turn"`) {
			decode(t, line, &e)
			states = append(states, e.Turn.State)
		}
	}
	if got := strings.Join(states, " "); got != "held releasing released" {
		t.Errorf("the turns of the lock are %q", got)
	}
}

package tui

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"etcdscope/lessons"
)

// rewriting says whether golden files and generated pages are written anew; the flag is datadriven's.
func rewriting() bool { return flag.Lookup("rewrite").Value.String() == "true" }

// golden compares a screen with testdata/NAME.txt.
func golden(t *testing.T, name, got string) {
	t.Helper()
	compare(t, filepath.Join("testdata", name+".txt"), got)
}

func compare(t *testing.T, path, got string) {
	t.Helper()
	if rewriting() {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s differs; look at it, then rerun with -rewrite.\nwant:\n%s\ngot:\n%s", path, want, got)
	}
}

// TestScreens draws whole screens at the four sizes of the layouts, in both languages.
func TestScreens(t *testing.T) {
	sizes := []struct {
		name string
		w, h int
	}{{"stage", 60, 20}, {"normal", 80, 24}, {"wide", 120, 40}, {"verywide", 200, 60}}
	for _, size := range sizes {
		t.Run(size.name, func(t *testing.T) {
			home := open(t, Options{}, size.w, size.h)
			golden(t, "home_"+size.name, home.text())
			golden(t, "sandbox_"+size.name, busy(sandbox(t, size.w, size.h)).text())
			for _, lang := range []string{"en", "zh"} {
				lesson := open(t, Options{Lesson: lessons.Course()[0].Lessons[0], Lang: lang}, size.w, size.h)
				golden(t, "lesson_"+lang+"_"+size.name, lesson.text())
			}
		})
	}
}

// busy leads a sandbox to a moment at which much can be seen: a put on its way, one member down, a fork behind.
func busy(s *screen) *screen {
	s.write("run until has_quorum() and count(elected) > 0")
	s.write("run 100ms").write("put x 1").write("run 80ms").write("watch x --tag w").write("put x 2").write("run 90ms")
	s.write("crash n5").write("put y 3").write("run 24ms")
	s.m.notice = notice{}
	return s
}

// TestReadmePicture holds that the picture of the README is a screen that the program draws.
func TestReadmePicture(t *testing.T) {
	picture := busy(sandbox(t, 100, 27)).text()
	golden(t, "picture", picture)
	const path = "../README.md"
	readme, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const from, to = "<!-- picture -->", "<!-- /picture -->"
	before, rest, ok1 := strings.Cut(string(readme), from)
	_, after, ok2 := strings.Cut(rest, to)
	if !ok1 || !ok2 {
		t.Fatalf("README.md has no place for the picture between %s and %s", from, to)
	}
	compare(t, path, before+from+"\n```text\n"+picture+"```\n"+to+after)
}

// TestKeysPage holds docs/keys.md to the table.
func TestKeysPage(t *testing.T) { compare(t, "../docs/keys.md", KeysReference()) }

// TestTableIsWhole checks what the table promises: every key has its help in both languages and does something.
func TestTableIsWhole(t *testing.T) {
	names := map[string]bool{}
	for i := range table {
		k := &table[i]
		if k.Name == "" || names[k.Name] {
			t.Errorf("key %q: the name %q is empty or taken", k.Show, k.Name)
		}
		names[k.Name] = true
		if k.Help == "" || k.HelpZH == "" || (k.Bar == "") != (k.BarZH == "") {
			t.Errorf("key %q: a text or its translation is missing", k.Show)
		}
		if (k.do == nil) == (k.Command == "") {
			t.Errorf("key %q: wants either a command or something to do", k.Show)
		}
	}
}

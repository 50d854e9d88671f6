package lessons

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/cockroachdb/datadriven"
)

// TestVerify breaks a good lesson so that only playing it shows what is wrong.
func TestVerify(t *testing.T) {
	datadriven.Walk(t, "testdata/verify", func(t *testing.T, path string) {
		base := ""
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			source := d.Input + "\n"
			switch d.Cmd {
			case "base":
				base = source
			case "change":
				source = change(t, d, base)
			default:
				d.Fatalf(t, "unknown command %s", d.Cmd)
			}
			files := fstest.MapFS{"lessons/x.md": {Data: []byte(source)}, "lessons/twin.md": {Data: []byte(base)}}
			names := []string{"lessons/x.md"}
			if d.HasArg("twin") {
				names = append(names, "lessons/twin.md", "lessons/none.md")
			}
			return Verify(files, names).String()
		})
	})
}

// TestCourse plays every lesson of the course.
func TestCourse(t *testing.T) {
	report := Verify(CourseFS(), CourseNames())
	if !report.OK() {
		t.Fatalf("\n%s", report)
	}
	if len(report.Lessons) != len(CourseNames()) {
		t.Fatalf("%d lessons played, want %d", len(report.Lessons), len(CourseNames()))
	}
	for _, c := range Course() {
		if c.Title.Empty() {
			t.Errorf("the track %q of %s has no title", c.Lessons[0].Track, c.Lessons[0].ID)
		}
	}
}

// TestTraces compares what happens in each lesson with its golden file.
func TestTraces(t *testing.T) {
	for _, c := range Course() {
		for _, l := range c.Lessons {
			trace, err := Trace(l)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "testdata/trace/"+l.ID+".txt", trace)
		}
	}
}

func TestCoursePage(t *testing.T) { golden(t, "../docs/course.md", CoursePage()) }

// golden compares got with a file, or writes it with -rewrite.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if f := flag.Lookup("rewrite"); f != nil && f.Value.String() == "true" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs, run go test ./lessons -rewrite and read the diff; got\n%s", path, got)
	}
}

// TestFormatPage holds that the example in docs/lessons.md is a good lesson.
func TestFormatPage(t *testing.T) {
	page, err := os.ReadFile("../docs/lessons.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "````markdown\n")
	example, _, found := strings.Cut(rest, "````\n")
	if !found {
		t.Fatal("docs/lessons.md has no example between ````markdown and ````")
	}
	report := Verify(fstest.MapFS{"example.md": {Data: []byte(example)}}, []string{"example.md"})
	if !report.OK() {
		t.Errorf("the example of docs/lessons.md:\n%s", report)
	}
	for _, f := range fences() {
		if !strings.Contains(string(page), "```"+f.name) && !strings.Contains(string(page), "`"+f.name+"`") {
			t.Errorf("docs/lessons.md does not explain the block %q", f.name)
		}
	}
}

func TestFind(t *testing.T) {
	for _, id := range []string{"E1", "e1", "02-first-leader", "02-first-leader.md"} {
		if l, ok := Find(id); !ok || l.ID != "E1" {
			t.Errorf("Find(%q) = %v, %t", id, l, ok)
		}
	}
	if _, ok := Find("Z9"); ok {
		t.Error("Find(Z9) found something")
	}
}

func ExampleVerify() {
	report := Verify(CourseFS(), []string{"04-one-write.md"})
	for _, l := range report.Lessons {
		fmt.Println(l.ID, l.File, l.Steps, "steps, good:", report.OK())
	}
	// Output:
	// L1 04-one-write.md 4 steps, good: true
}

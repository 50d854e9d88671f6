package lessons

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed course/order course/*.md
var courseFS embed.FS

// Chapter is a group of lessons that belong together.
type Chapter struct {
	Title   Text // of its track
	Lessons []*Lesson
}

// tracks are the titles of the chapters.
var tracks = map[string]Text{
	"orientation": {"Orientation", "入门"},
	"elections":   {"Elections", "选举"},
	"log":         {"The log", "日志复制"},
}

// Course returns the lessons that come with the program, in their order. A test holds that they parse.
func Course() []Chapter {
	var chapters []Chapter
	for _, names := range courseChapters() {
		var c Chapter
		for _, name := range names {
			src, err := courseFS.ReadFile("course/" + name + ".md")
			must(err == nil, "course/order names %s: %v", name, err)
			l, err := Parse(name+".md", src)
			must(err == nil, "%v", err)
			c.Lessons = append(c.Lessons, l)
		}
		c.Title = tracks[c.Lessons[0].Track]
		chapters = append(chapters, c)
	}
	return chapters
}

// must stops the program when its own embedded files are broken, which its tests exclude.
func must(ok bool, format string, args ...any) {
	if !ok {
		panic(fmt.Sprintf("lessons: "+format, args...))
	}
}

// courseChapters reads course/order: one name per line, chapters apart by a blank line.
func courseChapters() [][]string {
	order, err := courseFS.ReadFile("course/order")
	must(err == nil, "%v", err)
	var chapters [][]string
	for _, group := range strings.Split(strings.TrimSpace(string(order)), "\n\n") {
		if names := strings.Fields(group); len(names) > 0 {
			chapters = append(chapters, names)
		}
	}
	return chapters
}

// courseFiles lists the names in course/order, without ".md".
func courseFiles() []string {
	var names []string
	for _, c := range courseChapters() {
		names = append(names, c...)
	}
	return names
}

// CourseFS holds the lessons that come with the program, and CourseNames lists their files in order, for Verify.
func CourseFS() fs.FS {
	sub, err := fs.Sub(courseFS, "course")
	must(err == nil, "%v", err)
	return sub
}

// CourseNames lists the files of the course in its order.
func CourseNames() []string {
	names := courseFiles()
	for i := range names {
		names[i] += ".md"
	}
	return names
}

// Find returns the lesson of the course with this ID, in large or small letters, or with this file name.
func Find(id string) (*Lesson, bool) {
	for _, c := range Course() {
		for _, l := range c.Lessons {
			if strings.EqualFold(l.ID, id) || strings.TrimSuffix(l.File, ".md") == strings.TrimSuffix(id, ".md") {
				return l, true
			}
		}
	}
	return nil, false
}

// CoursePage is the list of lessons as Markdown: docs/course.md.
func CoursePage() string {
	var b strings.Builder
	b.WriteString("# The course\n\nMade from lessons/course/order by `go test ./lessons -rewrite`; do not edit by hand.\n")
	for _, c := range Course() {
		fmt.Fprintf(&b, "\n## %s · %s\n\n", c.Title.EN, c.Title.ZH)
		b.WriteString("| lesson | | what you can do afterwards | minutes | after |\n|---|---|---|---|---|\n")
		for _, l := range c.Lessons {
			needs := joinLines(l.Needs)
			if needs == "" {
				needs = "–"
			}
			fmt.Fprintf(&b, "| [%s](../lessons/course/%s) | %s · %s | %s<br>%s | %d | %s |\n",
				l.ID, l.File, l.Title.EN, l.Title.ZH, l.Goal.EN, l.Goal.ZH, l.Minutes, needs)
		}
	}
	b.WriteString("\nOpen one with `etcdscope lesson ID`. How lessons are written stands in [lessons.md](lessons.md).\n")
	return b.String()
}

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"etcdscope/lessons"
	"etcdscope/tui"
	"etcdscope/tui/frame"
)

func (a *app) lessonCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "lesson [ID]",
		Short: "A guided lesson; without ID the next one that you have not done",
		Long: "A guided lesson: read, predict, act, look. ID is one of `etcdscope lesson list`, or a lesson's file.\n" +
			"Without ID the next lesson that you have not done.",
		Example:           "etcdscope lesson O1\netcdscope lesson list\netcdscope lesson verify my-lesson.md",
		Args:              atMost(1),
		ValidArgsFunction: completeLessons,
		RunE: func(_ *cobra.Command, args []string) error {
			l, err := a.lessonFor(args)
			if err != nil {
				return err
			}
			return a.teach(l)
		},
	}
	c.AddCommand(a.lessonList(), a.lessonVerify(), a.lessonTrace())
	return c
}

// lessonFor finds the lesson that the arguments name, or the next one of the course.
func (a *app) lessonFor(args []string) (*lessons.Lesson, error) {
	if len(args) > 0 {
		return findLesson(args[0])
	}
	progress := tui.LoadProgress(tui.DefaultProgressPath())
	var first *lessons.Lesson
	for _, chapter := range lessons.Course() {
		for _, l := range chapter.Lessons {
			if first == nil {
				first = l
			}
			if !progress.Lessons[l.ID].Done {
				return l, nil
			}
		}
	}
	return first, nil
}

// findLesson takes an ID of the course or the path of a lesson's file.
func findLesson(id string) (*lessons.Lesson, error) {
	if l, ok := lessons.Find(id); ok {
		return l, nil
	}
	if strings.HasSuffix(id, ".md") {
		text, err := readFile(id)
		if err != nil {
			return nil, err
		}
		return lessons.Parse(filepath.Base(id), []byte(text))
	}
	return nil, unknown("lesson", id, append(lessonIDs(), "list", "verify", "trace"))
}

// completeLessons reads the course only when a shell asks.
func completeLessons(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return lessonIDs(), cobra.ShellCompDirectiveDefault
}

func lessonIDs() []string {
	var ids []string
	for _, chapter := range lessons.Course() {
		for _, l := range chapter.Lessons {
			ids = append(ids, l.ID)
		}
	}
	return ids
}

// teach opens a lesson, on the screen or as text.
func (a *app) teach(l *lessons.Lesson) error {
	o, err := a.options()
	if err != nil {
		return err
	}
	if !a.interactive() {
		return a.plainLesson(l, o)
	}
	o.Lesson = l
	return a.screen(o)
}

func (a *app) lessonList() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the lessons and which of them you have done",
		Args:  atMost(0),
		RunE: func(c *cobra.Command, _ []string) error {
			o, err := a.options()
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(c.OutOrStdout(), courseTable(o.Lang, tui.LoadProgress(o.ProgressPath)))
			return err
		},
	}
}

// courseTable is the list of lessons, one line each.
func courseTable(lang string, progress *lessons.Progress) string {
	var b strings.Builder
	for _, chapter := range lessons.Course() {
		b.WriteString(chapter.Title.In(lang) + "\n")
		for _, l := range chapter.Lessons {
			state := ""
			if progress.Lessons[l.ID].Done {
				state = "  done"
			}
			fmt.Fprintf(&b, "  %-4s %2d min  %s%s\n", l.ID, l.Minutes, l.Title.In(lang), state)
		}
	}
	return b.String()
}

// onDisk opens any path, so that lesson files need not lie in one directory.
type onDisk struct{}

// Open implements fs.FS.
func (onDisk) Open(name string) (fs.File, error) { return os.Open(name) }

func (a *app) lessonVerify() *cobra.Command {
	return &cobra.Command{
		Use:   "verify [FILES]",
		Short: "Play lesson files without a terminal and check every promise in them",
		Long: "Parse, lint and play lessons without a terminal. Without FILES the course that comes with the program.\n" +
			"The exit code is 1 when a lesson has a problem.",
		Example: "etcdscope lesson verify my-lesson.md",
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return []string{"md"}, cobra.ShellCompDirectiveFilterFileExt
		},
		RunE: func(c *cobra.Command, args []string) error {
			report, err := verify(args)
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(c.OutOrStdout(), frame.SafeLines(report.String()))
			if !report.OK() {
				err = failed{errors.New(counted(len(report.Problems), "problem", "problems"))}
			}
			return err
		},
	}
}

// verify plays the named files, or the course.
func verify(names []string) (lessons.Report, error) {
	if len(names) == 0 {
		return lessons.Verify(lessons.CourseFS(), lessons.CourseNames()), nil
	}
	for _, name := range names {
		if _, err := os.Stat(name); err != nil {
			return lessons.Report{}, readError(name, err)
		}
	}
	return lessons.Verify(onDisk{}, names), nil
}

func (a *app) lessonTrace() *cobra.Command {
	return &cobra.Command{
		Use:               "trace ID",
		Short:             "Play the solutions of a lesson and write down what happens",
		Args:              exactlyOne("the lesson"),
		ValidArgsFunction: completeLessons,
		RunE: func(c *cobra.Command, args []string) error {
			l, err := findLesson(args[0])
			if err != nil {
				return err
			}
			text, err := lessons.Trace(l)
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(c.OutOrStdout(), frame.SafeLines(text))
			return err
		},
	}
}

// counted is a number with its noun.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

package tui

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"etcdscope/lessons"
	"etcdscope/tui/frame"
)

// langs are the languages of the course, with words by which their screens are known.
var langs = []struct{ name, done, finished string }{
	{"en", "✓ done", "O1 done"},
	{"zh", "✓ 完成", "O1 完成"},
}

func courseLesson(t *testing.T, id string) *lessons.Lesson {
	t.Helper()
	l, ok := lessons.Find(id)
	if !ok {
		t.Fatalf("there is no lesson %s", id)
	}
	return l
}

// want fails unless the screen shows all the words.
func (s *screen) want(words ...string) {
	s.t.Helper()
	text := s.text()
	for _, w := range words {
		if !strings.Contains(text, w) {
			s.t.Fatalf("%q is not on the screen:\n%s", w, text)
		}
	}
}

// TestFirstLessonByKeys does what the text of lesson O1 says, with one wrong answer, to the end and the progress file.
func TestFirstLessonByKeys(t *testing.T) {
	for _, lang := range langs {
		path := filepath.Join(t.TempDir(), "progress")
		s := open(t, Options{Lesson: courseLesson(t, "O1"), Lang: lang.name, ProgressPath: path}, 80, 24)
		s.press("a", ">", ">", ">").want(lang.done, "✗")
		s.press("enter", "b", "n").want(lang.done, "◐", "✓")
		s.press("enter", ",")
		if got := s.view().Members[2].Raft.Term; got != 0 {
			t.Fatalf("going back left n3 in term %d", got)
		}
		s.press("n").want(lang.done)
		s.press("enter", "2", "x", "r").write("cut n1 n3")
		if s.m.lesson.View().Met {
			t.Fatal("the step is done while the link is still cut")
		}
		s.press("0").want(lang.done)
		s.press("enter", "c", "enter", "c", "enter").want(lang.finished)
		saved, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range []string{"lesson O1 done", `answer O1 time "a"`, `answer O1 quiz-2 "c"`} {
			if !strings.Contains(string(saved), line+"\n") {
				t.Errorf("the progress file has no line %s:\n%s", line, saved)
			}
		}
	}
}

// TestLessonSaysWhy holds that no key of a lesson does nothing in silence.
func TestLessonSaysWhy(t *testing.T) {
	s := open(t, Options{Lesson: courseLesson(t, "O1")}, 80, 24)
	s.press("pgup").want("this is the first step")
	s.press("space").pass(time.Second).want("first answer the question")
	if s.m.play.running {
		t.Fatal("time runs although the question waits")
	}
	s.press("s").want("that is how", "The answer is")
	s.press("h").want("this step is done")
	s.press("enter", "R").want("begun again")
	for range 3 {
		s.press("s", "enter")
	}
	s.want("QUESTION")
	s.press("h").want("the quiz gives no hints")
	s.press("s").want("the quiz gives no hints")
	s.press("pgup").want("step 4 of 4")
}

// TestBackToTheGoal holds that going on from later than the goal says that time goes back.
func TestBackToTheGoal(t *testing.T) {
	s := open(t, Options{Lesson: courseLesson(t, "O1")}, 80, 24)
	s.press("b", ">", ">", ">", ">", ">", "enter").want("back to the moment at which the goal was reached")
	if got := s.view().At.String(); got != "30.0ms" {
		t.Fatalf("the second step begins at %s, want 30.0ms", got)
	}
}

// TestAnotherRunProvesNothing makes the member of the wrong answer candidate: the lesson must not call its own
// answer what happened.
func TestAnotherRunProvesNothing(t *testing.T) {
	s := open(t, Options{Lesson: courseLesson(t, "E1")}, 80, 24)
	s.press("c", "3", "t").want("This run went another way", `You said "n3"`, `There it is "n2"`)
	if strings.Contains(s.text(), "It was") {
		t.Fatalf("the screen says what was, and it was not:\n%s", s.text())
	}
}

// TestLessonsFit plays the course by its solutions and holds that whatever a lesson has to say finds its room, with
// wrong answers and all hints.
func TestLessonsFit(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 60}} {
		for _, lang := range langs {
			for _, chapter := range lessons.Course() {
				for _, l := range chapter.Lessons {
					s := open(t, Options{Lesson: l, Lang: lang.name}, size[0], size[1])
					s.playAll(func(when string) { s.fits(fmt.Sprintf("%s %s %v %s", l.ID, lang.name, size, when)) })
				}
			}
		}
	}
}

// playAll goes through the open lesson, answering wrong first, and calls look whenever the text is another one.
func (s *screen) playAll(look func(when string)) {
	s.t.Helper()
	for v := s.m.lesson.View(); !v.Finished; v = s.m.lesson.View() {
		at := fmt.Sprintf("step %d quiz %d", v.Step, v.Quiz)
		look(at + " asks")
		switch wrong := wrongLetter(s.m.lesson.Lesson(), &v); {
		case typed(&v):
			s.press("enter", "9", "enter")
		case wrong != "":
			s.press(wrong)
		}
		look(at + " answered")
		for range v.MoreHints {
			s.press("h")
			look(at + " hint")
		}
		if v.Quiz == 0 {
			s.press("s")
			look(at + " done")
		}
		s.press("enter")
		if now := s.m.lesson.View(); now.Step == v.Step && now.Quiz == v.Quiz && !now.Finished {
			s.t.Fatalf("%s does not go on:\n%s", at, s.text())
		}
	}
}

// wrongLetter is the letter of an option that is not right, or nothing.
func wrongLetter(l *lessons.Lesson, v *lessons.PlayerView) string {
	if v.Question == nil || v.Question.Answer != "" {
		return ""
	}
	q := l.Quiz[max(v.Quiz-1, 0)]
	if v.Quiz == 0 {
		q = *l.Steps[v.Step-1].Question
	}
	for i, o := range q.Options {
		if !o.Right {
			return string(rune('a' + i))
		}
	}
	return ""
}

// fits fails if the lesson has more to say than its box holds.
func (s *screen) fits(when string) {
	s.t.Helper()
	in := s.m.place(frame.Rect{W: s.m.w, H: s.m.h - 3}).Inset(2, 1)
	v := s.m.lesson.View()
	n := s.m.narrate(&v)
	n.fit(in.W, in.H)
	if n.lost > 0 {
		s.t.Errorf("%s: %d rows do not fit:\n%s", when, n.lost, s.text())
	}
}

// TestTypedAnswerComesLate reaches the goal without a typed answer: it is asked for before it is given away.
func TestTypedAnswerComesLate(t *testing.T) {
	s := open(t, Options{Lesson: courseLesson(t, "E3")}, 80, 24)
	s.press("s", "enter", "0")
	for _, line := range []string{"run 30", "crash leader", "run 3", "align", "run until size(leaders()) == 1 max 200"} {
		s.write(line)
	}
	s.want("✓ done", "type the answer")
	if strings.Contains(s.text(), "It was") {
		t.Fatalf("the answer is given away:\n%s", s.text())
	}
	s.press("enter", "4", "enter").want(`✓ You said "4"`)
	s.press("enter").want("step 3 of 4")
}

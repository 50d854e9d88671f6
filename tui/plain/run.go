package plain

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"etcdscope/cluster"
	"etcdscope/cluster/session"
	"etcdscope/lessons"
	"etcdscope/raft"
	"etcdscope/tui/frame"
)

// Options say what a talk is about; the zero value begins at the menu.
type Options struct {
	Config       cluster.Config // of the cluster that the word play makes
	Sessions     session.Options
	Session      *session.Session // begin with this one; the caller closes it
	Lesson       *lessons.Lesson  // begin with this lesson
	Lang         string           // "en" or "zh"
	Prompt       bool             // somebody types: show where
	Progress     *lessons.Progress
	SaveProgress func(*lessons.Progress) error // called when something was learnt; may be nil
}

// talk is one conversation.
type talk struct {
	opt      Options
	in       *bufio.Reader
	out      *bufio.Writer
	s        *session.Session // nil: the menu
	owned    bool             // s is closed by the talk
	lesson   *lessons.Player  // nil: free play
	selected raft.ID
	counter  int             // of the key c
	met      bool            // the goal of the step has been announced
	begun    uint64          // event at which the step began
	asked    []cluster.Asked // what has no answer yet
	warned   int             // violations that have been announced
	done     bool
}

// longestLine is how much of a line is read, in bytes; commands are shorter.
const longestLine = 64 << 10

// Run talks until in ends or somebody says quit. What cannot be done is said in out and is no error; an error means
// that reading, writing or closing failed.
func Run(o Options, in io.Reader, out io.Writer) error {
	if o.Progress == nil {
		o.Progress = &lessons.Progress{}
	}
	t := &talk{opt: o, in: bufio.NewReaderSize(in, longestLine), out: bufio.NewWriter(out), selected: 1}
	t.begin()
	err := t.loop()
	return errors.Join(err, t.leave(), t.out.Flush())
}

// begin opens what the options ask for.
func (t *talk) begin() {
	switch {
	case t.opt.Lesson != nil:
		t.startLesson(t.opt.Lesson)
	case t.opt.Session != nil:
		t.attach(t.opt.Session, false)
		t.status()
		t.say("help lists what can be typed.", "输入 help 列出所有命令。")
	default:
		t.menu()
	}
}

// loop reads lines and answers them.
func (t *talk) loop() error {
	for !t.done {
		if t.opt.Prompt {
			t.out.WriteString("> ")
		}
		if err := t.out.Flush(); err != nil {
			return err
		}
		line, err := t.readLine()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		t.line(line)
	}
	return nil
}

// readLine returns the next line. Of one that is too long the rest is dropped; the language refuses it anyway.
func (t *talk) readLine() (string, error) {
	part, more, err := t.in.ReadLine()
	line := string(part)
	for more && err == nil {
		_, more, err = t.in.ReadLine()
	}
	if line != "" && errors.Is(err, io.EOF) {
		err = nil
	}
	return line, err
}

// line answers one line.
func (t *talk) line(line string) {
	line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), ":"))
	if strings.HasPrefix(line, "#") {
		return
	}
	name, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	switch {
	case t.lesson != nil && t.lessonLine(line, name, rest):
	case line == "":
	case t.word(name, rest):
	case t.s == nil:
		t.failf("here the words are lesson list, lesson ID, play, help and quit",
			"这里可以输入 lesson list、lesson ID、play、help 和 quit")
	case t.key(line):
	default:
		t.command(line)
	}
}

// attach makes a session the one that is talked about.
func (t *talk) attach(s *session.Session, owned bool) {
	t.s, t.owned, t.counter, t.selected, t.asked = s, owned, 0, 1, nil
	t.begun, t.warned = s.Pos(), len(s.Violations())
}

// leave closes what the talk opened.
func (t *talk) leave() error {
	var err error
	switch {
	case t.lesson != nil:
		err = t.lesson.Close()
	case t.s != nil && t.owned:
		err = t.s.Close()
	}
	t.lesson, t.s, t.owned = nil, nil, false
	return err
}

// print writes one line; it may hold text from outside, so nothing but letters reaches the terminal.
func (t *talk) print(text string) {
	t.out.WriteString(frame.SafeLines(text))
	t.out.WriteByte('\n')
}

// say prints a sentence in the language of the talk.
func (t *talk) say(en, zh string) { t.print(t.pick(en, zh)) }

func (t *talk) pick(en, zh string) string {
	if t.opt.Lang == "zh" {
		return zh
	}
	return en
}

// sayf prints a sentence with values in it.
func (t *talk) sayf(en, zh string, args ...any) { t.print(fmt.Sprintf(t.pick(en, zh), args...)) }

// failf says what cannot be done.
func (t *talk) failf(en, zh string, args ...any) { t.complain(fmt.Errorf(t.pick(en, zh), args...)) }

// complain says what went wrong, if anything did.
func (t *talk) complain(err error) {
	if err != nil {
		t.print(t.pick("error: ", "错误：") + err.Error())
	}
}

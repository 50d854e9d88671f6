package tui

import (
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"etcdscope/cluster"
	"etcdscope/cluster/session"
	"etcdscope/lessons"
	"etcdscope/raft"
	"etcdscope/tui/frame"
	"etcdscope/tui/pane"
	"etcdscope/tui/theme"
)

// Options say how the program starts; the zero value is the home screen.
type Options struct {
	Config        cluster.Config   // of the sandbox, and of the cluster behind the menu
	Session       *session.Session // open this one instead of the menu; the model closes it
	Lesson        *lessons.Lesson  // open this one instead of the menu
	Sandbox       bool             // begin with free play instead of the menu
	Scene         string           // what the status bar calls the session
	Sessions      session.Options
	Theme         *theme.Theme // nil: chosen by the terminal
	Env           func(string) string
	Lang          string // "en" or "zh"
	ReducedMotion bool
	ASCII         bool
	ProgressPath  string // file of the learner's progress; empty keeps it in memory

	Stop <-chan struct{} // when it is closed the program ends as if its user had quit; nil: only the user ends it
}

// Model is the whole program on screen. It is a tea.Model; everything it shows it asks of a session.
type Model struct {
	opt    Options
	w, h   int
	f      *frame.Frame
	buf    []byte
	dirty  bool
	shown  tea.View
	th     theme.Theme
	lang   string
	scene  string
	s      *session.Session
	lesson *lessons.Player // nil: free play
	play   playback
	awake  bool                // the ticker goes
	pace   func(time.Duration) // of the renderer; it does nothing without a program
	still  int                 // messages so far, to know whether one was the last
	rested bool                // the renderer waits

	selected   raft.ID
	digit      digitPress
	pressed    string // the key that is being carried out
	message    uint64
	counter    int // of the key c
	batch      batch
	asked      []cluster.Asked // operations of the user that have no answer yet
	violations int
	zoomed     bool
	focus      int
	free       int // which pane stands in the free place
	panes      []pane.Pane
	slots      []slot
	dialogs    []dialog
	prompt     prompt
	notice     notice
	data       pane.Scene
	home       bool
	goalMet    bool
	course     []lessons.Chapter
	progress   *lessons.Progress
}

// notice is the one line under the panes that says how the last wish went. What it has no room for lies over the panes
// in lines, until the next key.
type notice struct {
	text  string
	lines []string
	bad   bool
}

// digitPress remembers a digit that may become the count of the key c.
type digitPress struct {
	n      int
	before raft.ID
}

// New builds the program. It fails only when the first session cannot be made.
func New(o Options) (*Model, error) {
	if o.Env == nil {
		o.Env = func(string) string { return "" }
	}
	m := &Model{
		opt: o, f: frame.New(0, 0), dirty: true, pace: func(time.Duration) {}, selected: 1, lang: o.Lang, panes: newPanes(),
		progress: LoadProgress(o.ProgressPath), course: lessons.Course(),
	}
	if o.Theme != nil {
		m.setTheme(*o.Theme)
	} else {
		m.setTheme(theme.Choose(o.Env, defaultProfile(o.Env), true))
	}
	var err error
	switch {
	case o.Lesson != nil:
		err = m.openLesson(o.Lesson)
	case o.Session != nil:
		m.attach(o.Session, o.Scene)
	case o.Sandbox:
		err = m.openSandbox()
	default:
		err = m.openHome()
	}
	if err != nil {
		return nil, errors.Join(err, m.Close())
	}
	return m, nil
}

// Close releases the session.
func (m *Model) Close() error {
	if m.lesson != nil {
		err := m.lesson.Close()
		m.lesson, m.s = nil, nil
		return err
	}
	if m.s == nil {
		return nil
	}
	err := m.s.Close()
	m.s = nil
	return err
}

// patience is how many events one typed line may take before the screen is drawn again: about a second's work.
const patience = 300_000

// attach shows a session.
func (m *Model) attach(s *session.Session, scene string) {
	s.SetPatience(patience)
	m.s, m.scene = s, scene
	m.play = playback{shown: s.View().At, ticking: m.play.ticking}
	m.message, m.zoomed, m.home = 0, false, false
	m.violations = len(s.Violations())
	m.batch, m.asked = batch{}, nil
	m.selected = min(m.selected, raft.ID(len(s.View().Members)))
	m.dialogs, m.notice, m.dirty = nil, notice{}, true
}

// leave closes what is shown before something else takes its place.
func (m *Model) leave() {
	m.report(m.Close())
	m.goalMet = false
}

// Init asks the terminal what it is and starts time if it should run.
func (m *Model) Init() tea.Cmd {
	cmds := []tea.Cmd{m.wake()}
	if m.opt.Theme == nil && m.opt.Env("NO_COLOR") == "" {
		cmds = append(cmds, tea.RequestBackgroundColor)
	}
	return tea.Batch(cmds...)
}

// View returns the screen; nothing is drawn again while nothing has changed.
func (m *Model) View() tea.View {
	if m.dirty {
		m.draw()
		m.buf = m.f.AppendANSI(m.buf[:0])
		v := tea.NewView(string(m.buf))
		v.AltScreen = true
		v.MouseMode = tea.MouseModeCellMotion
		v.WindowTitle = "etcdscope"
		m.shown, m.dirty = v, false
	}
	return m.shown
}

// say shows a line; warn shows one that is about something that did not work.
func (m *Model) say(text string) { m.notice, m.dirty = notice{text: text}, true }

// fits says whether a line has room under the panes.
func (m *Model) fits(line string) bool { return frame.Width(frame.Safe(line)) <= m.w-2 }

func (m *Model) warn(text string) { m.notice, m.dirty = notice{text: text, bad: true}, true }

// report shows an error, if there is one.
func (m *Model) report(err error) {
	if err == nil {
		return
	}
	var refused *lessons.Refusal
	if errors.As(err, &refused) {
		m.warn(refused.Text.In(m.lang))
		return
	}
	if errors.Is(err, session.ErrQuiet) {
		m.warn(m.word(err.Error(), "接下来 20 秒没有关键事件：写入一些数据，或者制造一个故障"))
		return
	}
	m.warn(err.Error())
}

func (m *Model) setTheme(t theme.Theme) {
	if m.opt.ASCII {
		t = t.WithASCII()
	}
	m.th, m.dirty = t, true
	m.f.Ellipsis = t.Glyph.Ellipsis
}

func (m *Model) zh() bool { return m.lang == "zh" }

// word picks the language.
func (m *Model) word(en, zh string) string {
	if m.zh() && zh != "" {
		return zh
	}
	return en
}

// wheelLines is how many rows one notch of the wheel scrolls.
const wheelLines = 3

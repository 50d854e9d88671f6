package pane

import (
	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/cluster/session"
	"etcdscope/raft"
	"etcdscope/tui/frame"
	"etcdscope/tui/theme"
)

// Scene is everything that a pane may draw. Panes read it and keep nothing of it but what they cache by the
// identity of View, so a scene may be reused from picture to picture.
type Scene struct {
	View          *cluster.View
	Now           clock.Time // what is shown: at or after View.At, before the next event; places moving things
	Running       bool
	Speed         string // as written in the status bar, such as "½x"
	Selected      raft.ID
	Message       uint64 // ID of the selected message, 0 for none
	Pos, End      uint64 // the present event and the last one recorded on this branch
	Event         func(id uint64) *cluster.Event
	Chain         func(id uint64, limit int) []*cluster.Event
	Detail        cluster.Salience
	Branches      []session.Branch
	Marks         []session.Mark
	Violations    []session.Violation
	Invariants    int
	Title         string
	Theme         *theme.Theme
	Lang          string // "zh" is Chinese, anything else English
	ReducedMotion bool   // no moving glyph: counters
	Covered       bool   // a prediction is open: what would give it away stays hidden
}

// Pane is one part of the screen. Draw fills the rectangle inside the border; the border, the title and the
// hints are drawn by Framed and by the shell.
type Pane interface {
	Name() string                                              // of the pane menu, English, one word
	Title(s *Scene) string                                     // what stands in the border
	Draw(f *frame.Frame, r frame.Rect, s *Scene, focused bool) // never outside r
	Key(key string, s *Scene) Result                           // in Bubble Tea's spelling: "j", "left", "enter"
	Hints(s *Scene) []Hint                                     // the keys that Key would handle, most useful first
}

// Result is what a key asks of the shell. Zero fields ask nothing.
type Result struct {
	Handled bool
	Command string     // a line of the command language, such as "get x --rev 5"
	Select  raft.ID    // select this member
	Message uint64     // select this message
	Why     uint64     // explain this event
	Entry   raft.Index // explain why this entry is not committed
}

// Hint is one key of the key bar.
type Hint struct {
	Key, Text, TextZH string
	Disabled          string // why it does nothing at the moment, or empty
}

// The regions that panes name for the mouse; the number of a region says which one. A pane's whole rectangle is named
// like the pane.
const (
	RegionMember  = "member"  // number: its ID
	RegionMessage = "message" // number: the message's ID
	RegionEvent   = "event"   // number: the event's ID
	RegionBranch  = "branch"  // number: its place in Scene.Branches
)

// Framed draws the pane with its border and its title, and with the focus in the look of the focus.
func Framed(f *frame.Frame, r frame.Rect, p Pane, s *Scene, focused bool) {
	t := s.Theme
	border, line, title := t.Glyph.Border, t.Border, t.Title
	if focused {
		border, line, title = t.Glyph.BorderFocus, t.BorderFocus, t.TitleFocus
	}
	text := p.Title(s)
	if s.Covered {
		text = p.Name() // a title tells numbers too
	}
	f.Region(p.Name(), r)
	p.Draw(f, f.Box(r, line, border, text, title), s, focused)
}

func none() Result { return Result{} }

func handled() Result { return Result{Handled: true} }

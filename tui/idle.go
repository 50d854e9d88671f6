package tui

import (
	"reflect"
	"time"
	"unsafe"

	tea "charm.land/bubbletea/v2"
)

// Bubble Tea's renderer looks for a new picture thirty times a second for as long as the program runs, which keeps a
// processor from sleeping while nothing moves: 0.7 % of a core was measured. It has no option to wait instead, so its
// ticker is slowed down after a picture that will not change, and set going again by whatever comes next.
const (
	framePause = time.Second / 30
	stillPause = time.Hour
	stillAfter = 250 * time.Millisecond // for the last picture to be written
)

// stillMsg says that nothing has happened since it was ordered.
type stillMsg struct{ generation int }

// renderPace changes how often a program looks for a new picture. It does nothing when Bubble Tea keeps its ticker
// elsewhere; then a paused program is only a little less quiet.
func renderPace(p *tea.Program) func(time.Duration) {
	field := reflect.ValueOf(p).Elem().FieldByName("ticker")
	if !field.IsValid() || field.Type() != reflect.TypeFor[*time.Ticker]() {
		return func(time.Duration) {}
	}
	ticker := (**time.Ticker)(unsafe.Pointer(field.UnsafeAddr()))
	return func(d time.Duration) {
		if *ticker != nil { // the event loop, which calls this, starts after the ticker is made
			(*ticker).Reset(d)
		}
	}
}

// awaken sets the renderer going for a message, and orders it to rest if nothing follows.
func (m *Model) awaken() tea.Cmd {
	m.still++
	if m.rested {
		m.pace(framePause)
		m.rested = false
	}
	if m.moves() {
		return nil
	}
	generation := m.still
	return tea.Tick(stillAfter, func(time.Time) tea.Msg { return stillMsg{generation} })
}

// rest lets the renderer wait for the next message.
func (m *Model) rest(msg stillMsg) {
	if msg.generation == m.still && !m.moves() && !m.rested {
		m.pace(stillPause)
		m.rested = true
	}
}

package tui

import (
	"slices"

	"etcdscope/tui/frame"
	"etcdscope/tui/pane"
)

// The panes by their number in Model.panes.
const (
	paneLanes = iota
	paneLogs
	paneStore
	paneEvents
	paneMember
	paneDisk
	paneLeases
	paneLocks
	paneTimeline
)

func newPanes() []pane.Pane {
	return []pane.Pane{
		paneLanes: pane.NewLanes(), paneLogs: pane.NewLogs(), paneStore: pane.NewMVCC(),
		paneEvents: pane.NewEvents(), paneMember: pane.NewInspector(), paneDisk: pane.NewDisk(),
		paneLeases: pane.NewLeases(), paneLocks: pane.NewLocks(), paneTimeline: pane.NewTimeline(),
	}
}

// paneNamed finds a pane by its name, or -1.
func (m *Model) paneNamed(name string) int {
	for i, p := range m.panes {
		if p.Name() == name {
			return i
		}
	}
	return -1
}

// The sizes at which a layout begins (screens of the design: stage, normal, wide, very wide).
const (
	leastW, leastH       = 60, 20
	normalW, normalH     = 80, 24
	wideW, wideH         = 120, 36
	veryWideW, veryWideH = 180, 50
)

func (m *Model) tooSmall() bool { return m.w < leastW || m.h < leastH }

// slot is a pane with its place on the screen.
type slot struct {
	pane int
	r    frame.Rect
}

// place decides which panes stand where in body, and where the lesson is. The last slot of a column takes what is left.
func (m *Model) place(body frame.Rect) (lesson frame.Rect) {
	m.slots = m.slots[:0]
	if m.lesson != nil {
		body, lesson = body.SplitBottom(m.lessonRows(body))
	}
	switch {
	case m.zoomed:
		m.put(m.focus, body)
	case m.w >= veryWideW && m.h >= veryWideH:
		m.placeVeryWide(body)
	case m.w >= wideW && m.h >= wideH:
		lesson = m.placeWide(body, lesson)
	case m.w >= normalW && m.h >= normalH:
		m.placeNormal(body)
	default:
		m.put(paneLanes, body)
	}
	if !m.shows(m.focus) {
		m.focus = m.slots[0].pane
	}
	return lesson
}

func (m *Model) put(p int, r frame.Rect) { m.slots = append(m.slots, slot{p, r}) }

func (m *Model) shows(p int) bool {
	for _, s := range m.slots {
		if s.pane == p {
			return true
		}
	}
	return false
}

// lessonRows is how much of the body the lesson takes when it stands below the panes.
func (m *Model) lessonRows(body frame.Rect) int {
	switch {
	case m.h >= veryWideH:
		return 16
	case m.h >= wideH:
		return 14
	case m.h >= normalH:
		return 10
	}
	return min(9, body.H/2)
}

// rowsOf is how many rows a pane with one line per member wants, border included.
func (m *Model) rowsOf(extra int) int { return len(m.s.View().Members) + 2 + extra }

// placeNormal shows the lanes and one more pane under them, if it has room to say something.
func (m *Model) placeNormal(body frame.Rect) {
	below := paneLogs
	if m.free > paneLogs {
		below = m.free
	}
	lanes := m.rowsOf(3)
	if m.lesson != nil {
		lanes = m.rowsOf(0)
	}
	if body.H-lanes < 5 {
		m.put(paneLanes, body)
		return
	}
	top, rest := body.SplitTop(lanes)
	m.put(paneLanes, top)
	m.put(below, rest)
}

// chosen is the pane of the free place. taken are the panes that stand elsewhere.
func (m *Model) chosen(taken ...int) int {
	if m.free > paneLogs && !slices.Contains(taken, m.free) {
		return m.free
	}
	return paneStore
}

// placeWide adds the free pane and the timeline; a lesson stands beside the free pane.
func (m *Model) placeWide(body, lesson frame.Rect) frame.Rect {
	lanes, rest := body.SplitTop(m.rowsOf(4))
	logs, rest := rest.SplitTop(min(m.rowsOf(4), rest.H))
	m.put(paneLanes, lanes)
	m.put(paneLogs, logs)
	if m.lesson != nil {
		if rest.H >= 5 {
			m.put(m.chosen(), rest)
			return lesson
		}
		m.slots[1].r.H += rest.H
		return lesson
	}
	rest, timeline := rest.SplitBottom(m.timelineRows())
	if rest.H >= 5 {
		m.put(m.chosen(paneTimeline), rest)
		m.put(paneTimeline, timeline)
		return lesson
	}
	m.slots[1].r.H += rest.H
	m.put(paneTimeline, timeline)
	return lesson
}

func (m *Model) timelineRows() int { return min(len(m.s.Branches()), 4) + 4 }

// placeVeryWide shows the cluster, the free pane, the disk and the timeline on the left, events and the member on the
// right. Where one of them is chosen, the key space has its place.
func (m *Model) placeVeryWide(body frame.Rect) {
	left, right := body.SplitLeft(body.W * 6 / 10)
	lanes, left := left.SplitTop(m.rowsOf(5))
	logs, left := left.SplitTop(min(m.rowsOf(6), left.H))
	free, timeline := left.SplitBottom(m.timelineRows())
	m.put(paneLanes, lanes)
	m.put(paneLogs, logs)
	upper, lower := right.SplitTop(right.H * 11 / 20)
	chosen := m.chosen(paneTimeline)
	rest := []int{paneDisk, paneEvents, paneMember}
	for i, p := range rest {
		if p == chosen {
			rest[i] = paneStore
		}
	}
	top, below := free.SplitTop(free.H * 11 / 20)
	if below.H >= companionRows {
		m.put(chosen, top)
		m.put(rest[0], below)
	} else {
		m.put(chosen, free)
	}
	m.put(paneTimeline, timeline)
	m.put(rest[1], upper)
	m.put(rest[2], lower)
}

// companionRows is how high a place must be to hold a pane beside the chosen one.
const companionRows = 10

// body is the screen without the status bar and the two lines at the bottom.
func (m *Model) body() frame.Rect {
	_, body := m.f.Bounds().SplitTop(1)
	body, _ = body.SplitBottom(2)
	return body
}

// showPane puts a pane into the free place, or over all others where the layout has no such place.
func (m *Model) showPane(p int) {
	m.free, m.focus, m.zoomed = p, p, false
	if m.place(m.body()); !m.shows(p) {
		m.focus, m.zoomed = p, true
	}
}

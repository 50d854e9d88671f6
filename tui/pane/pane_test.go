package pane

import "testing"

// all returns a fresh set of panes by name.
func all() []Pane {
	return []Pane{
		NewLanes(), NewLogs(), NewMVCC(), NewDisk(), NewLeases(), NewLocks(), NewEvents(), NewTimeline(), NewInspector(),
		NewWhy(),
	}
}

var sizes = []struct {
	name string
	w, h int
}{{"60x20", 60, 20}, {"80x24", 80, 24}, {"120x40", 120, 40}, {"80x9", 80, 9}, {"120x12", 120, 12}}

func TestPanes(t *testing.T) {
	s := classroom(t).everything()
	for _, z := range sizes {
		for _, p := range all() {
			golden(t, p.Name()+"-"+z.name, draw(p, s, z.w, z.h))
		}
	}
}

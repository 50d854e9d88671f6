package tui

import (
	"fmt"
	"slices"
	"testing"

	"etcdscope/lessons"
)

// TestLessonsKnowThePanes holds that a lesson can cover every pane, and no other.
func TestLessonsKnowThePanes(t *testing.T) {
	var names []string
	for _, p := range newPanes() {
		names = append(names, p.Name())
	}
	slices.Sort(names)
	if want := lessons.Panes(); !slices.Equal(names, want) {
		t.Errorf("the panes are %v, lessons know %v", names, want)
	}
}

// TestEveryPaneOnce holds that no choice of the pane menu makes a pane stand twice, at any size, and that the chosen
// one can be seen and has the focus.
func TestEveryPaneOnce(t *testing.T) {
	for _, size := range [][2]int{{60, 20}, {80, 24}, {120, 40}, {200, 60}} {
		m := sandbox(t, size[0], size[1]).m
		for p := range m.panes {
			m.showPane(p)
			m.draw()
			seen := map[int]bool{}
			for _, s := range m.slots {
				if seen[s.pane] {
					t.Errorf("%v: with %s chosen, %s stands twice", size, m.panes[p].Name(), m.panes[s.pane].Name())
				}
				seen[s.pane] = true
			}
			if !seen[p] || m.focus != p {
				t.Errorf("%v: %s was chosen and is not there: %s", size, m.panes[p].Name(), fmt.Sprint(m.slots))
			}
		}
	}
}

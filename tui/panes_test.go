package tui

import (
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

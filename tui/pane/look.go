package pane

import (
	"etcdscope/raft"
	"etcdscope/tui/frame"
	"etcdscope/tui/theme"
)

// hue is the style of what belongs to a term.
func hue(t *theme.Theme, term raft.Term) frame.Style { return t.Term(uint64(term)) }

func roleStyle(t *theme.Theme, r role) frame.Style {
	switch r {
	case leader:
		return t.Leader
	case candidate:
		return t.Candidate
	case preCandidate:
		return t.PreCandidate
	case learner:
		return t.Learner
	case down, paused, notStarted, removed:
		return t.Down
	}
	return t.Follower
}

func roleGlyph(g *theme.Glyphs, r role) rune {
	switch r {
	case leader:
		return g.Leader
	case candidate:
		return g.Candidate
	case preCandidate:
		return g.PreCandidate
	case learner:
		return g.Learner
	case down, removed:
		return g.Down
	case paused:
		return g.CommitFence
	case notStarted:
		return g.LaneDown
	}
	return g.Follower
}

// roleWidth is the width of the column of role glyphs and words.
func roleWidth(d detail) int {
	if d == full {
		return 2 + 13
	}
	return 2 + 9
}

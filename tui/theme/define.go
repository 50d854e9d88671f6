package theme

import "charm.land/lipgloss/v2"

// style returns an ink as a lipgloss style.
func (i ink) style() lipgloss.Style {
	s := lipgloss.NewStyle().Foreground(i.color)
	if i.faint {
		s = s.Faint(true)
	}
	if i.italic {
		s = s.Italic(true)
	}
	if i.underline {
		s = s.Underline(true)
	}
	return s
}

// define writes down what every meaning looks like in the inks of p. It is the same for all themes, so that
// what a learner has learned in one holds in all.
func define(p palette) *Source {
	s := &Source{}
	defineChrome(s, p)
	defineLesson(s, p)
	defineCluster(s, p)
	for i := range s.Terms {
		s.Terms[i] = p.terms[i].style()
	}
	return s
}

// defineChrome sets what is around the panes and the verdicts in them.
func defineChrome(s *Source, p palette) {
	text, faint, accent := p.text.style(), p.faint.style(), p.accent.style()
	s.Text, s.Faint, s.Strong = text, faint, text.Bold(true)
	s.Title, s.TitleFocus = text, text.Bold(true)
	s.Border, s.BorderFocus = p.line.style(), accent
	s.Selected = p.selected
	s.Key, s.KeyName, s.KeyOff = accent.Bold(true), text, faint.Strikethrough(true)
	s.Status, s.Cover = text, faint
	s.Banner = p.warn.style().Bold(true).Reverse(true)
	s.Error = p.error.style().Bold(true).Reverse(true)
	s.Ok, s.Warn = p.good.style(), p.warn.style()
	s.Number, s.Changed = text, p.warn.style().Underline(true)
}

// defineLesson sets what a lesson says and asks.
func defineLesson(s *Source, p palette) {
	text, accent := p.text.style(), p.accent.style()
	s.Prompt, s.Hint, s.Question = accent.Bold(true), p.faint.style(), text.Bold(true)
	s.Emph, s.Code, s.Caption = text.Italic(true), accent, text
	s.Good, s.Bad = p.good.style(), p.warn.style()
}

// defineCluster sets what is true of members, entries, disks, links, watchers and time.
func defineCluster(s *Source, p palette) {
	text, faint := p.text.style(), p.faint.style()
	s.Leader, s.Follower, s.Candidate = p.leader.style(), p.follower.style(), p.candidate.style()
	s.PreCandidate, s.Learner, s.Down = p.preCandidate.style(), p.learner.style(), p.down.style()

	s.Applied, s.Committed, s.Stored = p.good.style(), p.accent.style(), faint
	s.Conflict = p.warn.style().Strikethrough(true)
	s.Tombstone, s.Fence = p.warn.style(), text
	s.Synced, s.Cached, s.Torn = p.good.style(), faint, p.warn.style()

	s.LinkOk, s.LinkSlow, s.LinkCut = p.line.style(), p.accent.style(), p.warn.style()
	s.Request, s.Reply = p.leader.style(), p.follower.style()
	s.Accepted, s.Rejected = p.good.style(), p.warn.style()
	s.Lane = p.line.style()

	s.WatchSynced, s.WatchUnsynced = p.good.style(), p.warn.style()
	s.WatchVictim, s.WatchCancelled = p.candidate.style(), p.down.style()

	s.Timer, s.TimerLow = p.accent.style(), p.warn.style()
	s.Timeline, s.Marker, s.Now = p.line.style(), p.accent.style(), text.Bold(true)
}

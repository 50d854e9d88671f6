package theme

import (
	"reflect"

	"charm.land/lipgloss/v2"

	"etcdscope/tui/frame"
)

// Sheet holds one style per meaning, in whatever form a style has.
type Sheet[S any] struct {
	Text, Faint, Strong    S // body, what may be skipped, what must not
	Title, TitleFocus      S // of a pane, of the focused pane
	Border, BorderFocus    S
	Selected               S // laid over a selected row with frame.Tint
	Key, KeyName, KeyOff   S // a key in the key bar, what it does, a key that is disabled
	Status, Banner, Cover  S // the status bar, the warning that a rule is off, what hides an answer
	Error                  S // a violated invariant or a lost write, nothing else: the only red
	Ok, Warn, Good, Bad    S // a rule that holds, a thing to watch, a right and a wrong answer
	Prompt, Hint, Question S // the command prompt, help under it, a question of a lesson
	Emph, Code, Caption    S // in lesson text; the line under a demo
	Number, Changed        S // a value, a value that the last step changed

	Leader, Follower, Candidate, PreCandidate, Learner, Down S // roles of a member

	Applied, Committed, Stored, Conflict S // states of a log entry
	Tombstone, Fence                     S // a deletion; the commit line and the compaction line
	Synced, Cached, Torn                 S // states of a record on disk

	LinkOk, LinkSlow, LinkCut          S
	Request, Reply, Accepted, Rejected S // messages
	Lane                               S // the path that a message slides along

	WatchSynced, WatchUnsynced, WatchVictim, WatchCancelled S

	Timer, TimerLow       S // a running timer, one that is about to fire
	Timeline, Marker, Now S // the axis, a thing that happened, where the learner is

	Terms [6]S // hues of the terms, see Theme.Term
}

// Styles are the styles that panes draw with.
type Styles = Sheet[frame.Style]

// Source are the styles as they are defined, for output that lipgloss prints.
type Source = Sheet[lipgloss.Style]

// transfer sets every style of dst to what f makes of the same style of src.
func transfer[A, B any](dst *Sheet[B], src *Sheet[A], f func(A) B) {
	to, from := reflect.ValueOf(dst).Elem(), reflect.ValueOf(src).Elem()
	for i := range to.NumField() {
		transferField(to.Field(i), from.Field(i), f)
	}
}

// transferField does so for one field, which is a style or an array of styles.
func transferField[A, B any](to, from reflect.Value, f func(A) B) {
	if style, ok := from.Interface().(A); ok {
		to.Set(reflect.ValueOf(f(style)))
		return
	}
	for i := range to.Len() {
		transferField(to.Index(i), from.Index(i), f)
	}
}

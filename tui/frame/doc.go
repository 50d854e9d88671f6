// Package frame is the grid of cells that every screen of etcdscope is drawn into.
//
// A pane draws text, lines and boxes into a [Frame]; encoders turn the finished frame into what a terminal,
// a recording or a golden file needs: [Frame.AppendANSI], [Frame.AppendDiff], [Frame.Plain], [Frame.Trimmed].
// A frame is reused from one picture to the next, so drawing costs no memory in the steady state.
//
// Keys, values, names and lesson files come from strangers, and a terminal obeys control bytes. So a cell can
// only be written by functions that pass every rune through one gate (visible.go): a rune that is not plainly
// visible is shown as an escape such as \x1b or \u{202e}. Nothing else in the package can put a rune on the
// grid, and the encoders add only their own colour sequences and cursor moves.
//
// The package never reads the clock, never asks the terminal, knows no key and no colour by meaning (that is
// tui/theme), and never fails: anything drawn outside the frame, or outside the clip, is not drawn.
//
// Start reading in frame.go (the grid), then text.go (the way in) and ansi.go (the way out).
package frame

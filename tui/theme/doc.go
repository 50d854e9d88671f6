// Package theme gives colours and glyphs by meaning: a pane asks for the style of a leader or of a torn record,
// never for yellow or for a pair of scissors.
//
// The styles of a theme are written as lipgloss styles, for a dark and for a light background, and compiled
// once to the plain styles of package frame; the lipgloss form stays in [Theme.Lipgloss] for tables and errors
// printed without a frame. Glyphs come in two sets, Unicode and ASCII, with a twin for every glyph.
//
// What the tests hold: nothing is said by colour alone (the glyphs of one family all differ, in both sets),
// text has a contrast of at least 4.5:1 and decoration of 3:1 against the background it is meant for, roles and
// terms keep apart for colour-blind eyes, red is for a violated invariant or a lost write only, bold for
// selection and headings only.
//
// The package never draws, never reads the environment by itself and never asks the terminal.
//
// Start reading in sheet.go (the meanings), then palette.go (the colours) and glyph.go.
package theme

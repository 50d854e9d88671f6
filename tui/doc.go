// Package tui draws a session and turns keys into commands.
//
// It is one Bubble Tea model: Update only routes, every wish becomes a line of the command language, and all that is
// drawn is a plain value of the session. It never touches a member, a store or a disk, and it keeps no state of the
// cluster. Position of anything that moves is computed from virtual time, never from frames.
//
// Start reading at model.go, then keys.go (the one table of keys), play.go (pace) and draw.go.
package tui

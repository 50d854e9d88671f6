// Package pane draws the parts of the screen: lanes, logs, the key space, events, the timeline, one member,
// and the answers to "why?".
//
// A pane is a small struct that holds nothing but a cursor, a scroll position and what it has worked out for
// the view it drew last. It draws a [Scene], which is plain data, into a rectangle of a frame, and turns a
// key into a [Result], which is plain data too. It never changes a cluster, never reads a clock, knows no
// other pane and no terminal. Any rectangle is survived: columns and rows are dropped in a fixed order,
// nothing wraps, nothing overlaps. Every word of a stranger goes through frame.Text.
//
// Start reading at pane.go (the contract), then lanes.go with lane.go (one row of messages), then logs.go.
package pane

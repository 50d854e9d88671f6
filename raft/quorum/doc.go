// Package quorum counts: which index a majority has acknowledged, and whether a vote is won.
//
// It knows nothing of logs, terms or messages and never changes its arguments.
// A joint configuration decides only what both of its halves decide (Raft §6).
//
// Start reading at majority.go; joint.go combines two of them.
package quorum

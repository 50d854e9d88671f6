//go:build race

package raft_test

// raceDetector says that everything takes ten times as long.
const raceDetector = true

// Package cluster runs members, their network, their disks and their clients in one process, one event at a time.
//
// It is the only place that joins raft, wal, mvcc and watch. A run is a pure function of its Config and of the
// commands and the events at which they were given: no goroutine, no wall clock, no order of a map.
// It never looks back (that is cluster/session) and never judges (that is cluster/invariant).
//
// Start reading at cluster.go (the step), then member.go (the life of a Ready), event.go and view.go.
package cluster

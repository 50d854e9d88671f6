// Package invariant says what must be true after every event of a cluster, and finds where it is not.
//
// Each property has a file of its own, named after it. A Checker is fed every event once, in order; it
// remembers what no member could know (ghost state: who led which term, what was committed when) in memory
// that grows with the log. It never changes the world that it watches and never stops it: a broken promise is
// something to look at. The observer knows more than any member; members never see any of this.
//
// Start reading at checker.go, then election_safety.go and log_matching.go.
package invariant

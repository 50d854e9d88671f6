// Package lease keeps the leases of one member: how long each lives, and which keys die with it.
//
// Only the member that leads counts time; to the others every lease is for ever. Nothing dies by time alone: the
// leader proposes a revoke, and all members delete the keys when they apply it. What a lease keeps in the file is
// returned as rows, which the caller writes in the transaction of the entry that it applies.
//
// The package reads no clock: the caller says what time it is, in units of its own. It knows no store and no raft.
//
// Start reading at lessor.go, then expiry.go (who counts time) and checkpoint.go (what a new leader knows).
package lease

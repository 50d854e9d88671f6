// Package auth keeps the users, roles and permissions of one member, and says who may do what.
//
// All of it is replicated: changes come from the log, and every member makes the same ones. What a change means for the
// file is returned as rows, which the caller writes in the transaction of the entry that it applies. Only tokens are
// the member's own: they live in memory, and a restart forgets them.
//
// The package reads no clock and draws no salt: the caller says what time it is, in units of its own, and brings what
// is random. It knows no store and no raft.
//
// Start reading at store.go, then check.go (who may do what) and permission.go (what roles add up to).
package auth

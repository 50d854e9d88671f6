// Package raft decides, with its peers, one order of entries.
//
// It is a pure state machine: one input at a time goes in (Tick, Step, Propose, ProposeConfChange, ReadIndex,
// TransferLeader, Campaign, Durable, Applied, Compact …), numbered Ready values and Facts come out. It never
// reads a clock, draws a random number, touches a disk, starts a goroutine or
// ranges over a map; the same Config, Persisted and inputs give the same outputs.
//
// A Ready is what the node wants done. A leader's Msgs may leave at once (thesis §10.2.1), those of others when what
// came with them is durable: a vote request speaks of a log and a term that a crash must not take back. AfterSync are
// promises and leave after Durable; Committed holds only what the own disk holds. The driver
// decides when each part happens, and may die in between: that gap is the point.
// For a committed configuration change the driver calls ApplyConfChange and then Applied;
// to be able to send snapshots it calls OfferSnapshot, and puts the data into a MsgSnap itself.
//
// Where a correct cluster cannot get and etcd panics, the node records a
// FactViolation and goes on without doing the damage.
//
// Start reading at node.go (the inputs) and ready.go (the outputs), then election.go, vote.go, proposal.go,
// replication.go, append.go, commit.go, snapshot.go, membership.go, transfer.go and readindex.go, one file per
// idea of Ongaro's thesis. rules.go lists every rule that a Fact can name, switches.go those that can be
// switched off.
package raft

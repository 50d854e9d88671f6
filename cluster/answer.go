package cluster

import (
	"etcdscope/mvcc"
	"etcdscope/mvcc/lease"
	"etcdscope/raft"
)

// Answer is what a request brought besides keys and a revision; the fields that fit the kind of the operation are set.
type Answer struct {
	More      bool               // of a get: the limit cut the answer
	Txn       *mvcc.TxnResult    // of a transaction
	Lease     *LeaseAnswer       // of lease grant, keep-alive and timetolive
	Leases    []lease.ID         // of lease list
	Alarms    []Alarm            // of alarm list and disarm
	Status    *Status            // of endpoint status
	HashKV    *mvcc.RevisionHash // of endpoint hashkv
	Compacted int64              // of compaction: the revision
	Backup    *Backup            // of snapshot save
	Auth      *AuthAnswer        // of requests about users and roles
}

// LeaseAnswer is what a member says of one lease.
type LeaseAnswer struct {
	ID      lease.ID
	TTL     int64 // seconds left; 0 or less: there is no such lease (any more)
	Granted int64
	Keys    []string // of timetolive with keys
}

// AlarmKind is what an alarm warns of; the numbers are etcd's.
type AlarmKind uint8

// The alarms of etcd.
const (
	NoSpace AlarmKind = 1 + iota // a db file has reached its quota: nobody may grow the store
	Corrupt                      // a member's store differs from the others'
)

// String is etcd's name of the alarm.
func (k AlarmKind) String() string {
	if k == Corrupt {
		return "CORRUPT"
	}
	return "NOSPACE"
}

// Alarm is a replicated warning: while it stands, no member takes certain requests.
type Alarm struct {
	Member raft.ID // whom it is about
	Kind   AlarmKind
}

// Status is a member's answer to endpoint status.
type Status struct {
	ID              raft.ID
	Size, SizeInUse int64
	Quota           int64
	Leader          raft.ID
	Learner         bool
	Term            raft.Term
	Commit, Applied raft.Index
	Errors          []string
}

package cluster

import (
	"etcdscope/cluster/clock"
	"etcdscope/mvcc"
	"etcdscope/mvcc/lease"
	"etcdscope/raft"
)

// Kind is what an event is: one atomic step of the world.
type Kind uint8

// The kinds of events. Numbers are part of event hashes: append, never renumber.
const (
	Tick             Kind = iota + 1 // a member's clock ticked
	Deliver                          // a message reached a member's inbox
	Handle                           // a member worked on the first message of its inbox
	Lost                             // a message reached a cut link or a member that is down
	WALWrite                         // entries or hard state went to the page cache
	FsyncStart                       // the disk began to make what is written durable
	FsyncDone                        // it is durable: promises leave
	Apply                            // one committed entry changed the store
	BatchStart                       // the backend began to commit its buffer
	BatchDone                        // one bbolt transaction made the buffer part of the file
	WatchSync                        // a round brought unsynced watchers forward
	ClientRequest                    // a client's request reached a member
	ClientResponse                   // an answer reached a client
	ClientTimeout                    // a client stopped waiting; the outcome is unknown
	WatchEvent                       // a batch of changes reached a watching client
	UserCommand                      // somebody gave a command
	LeaseCheck                       // a leader found leases expired, or checkpoints due
	LeaseExpire                      // a leader proposed to revoke leases that have expired
	CompactBatch                     // a batch of a compaction left the file
	DefragStep                       // a defragmentation copied rows, or put the copy in the place of the file
	PeerRequest                      // a member's question reached another one, outside of Raft
	PeerResponse                     // its answer came back
	KeepAliveDue                     // a client asked again for its lease
	AutoCompact                      // the leader asked for the compaction that its flags want
	CorruptCheck                     // the leader began to compare the members' hashes
	SnapshotReceived                 // the database of a leader is in a file of its own
	SnapshotInstall                  // that file replaced the member's database
	PeerReport                       // a member learnt that a peer does not listen, or how a snapshot fared
	MemberStop                       // a member that was removed stopped for good
	SnapshotSave                     // a snapshot file was written, after a backend commit
	SnapshotDone                     // it is durable, and the WAL names it
	FilePurge                        // files that nobody needs any more were removed
	ProgressRequest                  // a watching client's question how far its watch is reached a member
	RestoreStep                      // a part of a data directory was made of a snapshot file, or the member on it started
	InitialCheck                     // a member compared its keys with the others' before it took part
)

// Salience is how much an event matters to a learner; a level shows itself and all above it.
type Salience uint8

// The levels of detail, finest first.
const (
	Bytes    Salience = iota // idle ticks, folded heartbeats, disk bookkeeping
	Protocol                 // messages, writes, applies
	Story                    // elections, commits, client answers, faults
)

// OpID numbers client operations from 1; 0 is none.
type OpID uint64

// Event is one atomic step of the world. It is immutable once recorded.
type Event struct {
	ID       uint64 // position in the history of its branch, from 1
	At       clock.Time
	Kind     Kind
	Salience Salience
	Member   raft.ID   // who did it; 0 is the world or a client
	Inc      uint32    // that member's incarnation: 1, then one more with every restart
	Causes   [2]uint64 // IDs of the events without which it would not have happened; 0 is none
	Op       OpID      // the client operation that it serves, if any
	Msg      *Message  // of Deliver, Handle, Lost
	Sent     []*Message
	Facts    []raft.Fact // what the member did in it, with the rules it followed
	Term     raft.Term   // WALWrite, Apply: of the entry
	Index    raft.Index  // WALWrite, FsyncDone: last index; Apply: of the entry
	Rev      int64       // Apply, WatchEvent, ClientResponse: revision
	Snapshot raft.Index  // WALWrite: the WAL now says that the log begins behind it; 0 is none
	N        int         // WALWrite: entries; Apply: changes; BatchDone: operations; WatchEvent: events; RestoreStep
	Peer     raft.ID     // of PeerReport: whom the message was for
	Command  *Command    // of UserCommand
	Note     string      // an error or outcome in etcd's words, or empty
	Hash     uint64      // Apply: mvcc.Store.Digest after it
	Auth     uint64      // Apply: auth.Store.Digest after it; 0 while nobody ever changed users or roles
	Failed   bool        // the disk refused what this was to do, and Note says why
	Answer   string      // ClientResponse: Op.Text
	Expires  bool        // Apply: Leases have ended
	Promoted bool        // Apply: the leader began to count the time of leases
	Leases   []lease.ID  // LeaseExpire: proposed; Apply: revoked or checkpointed
	Turn     *Turn       // what it means for a lock or an election, or nil
}

// Message is a raft message on its way. It is immutable once sent.
type Message struct {
	raft.Message
	ID        uint64 // counts up over the whole run
	SenderInc uint32 // incarnation of the sender
	SentAt    clock.Time
	SentBy    uint64 // ID of the event that sent it
	Op        OpID   // the client operation that it serves, if any
	Copy      bool   // made by the command dup
	Size      int64  // of MsgSnap: bytes of the database that it brings
	Fold      bool   // a heartbeat, or its answer, after the first two of a leader: shown only at level Bytes

	db *mvcc.Backend // of MsgSnap: that database; it is never opened, only cloned
}

// Flight is a message that has been sent and not yet delivered.
type Flight struct {
	*Message
	DeliverAt clock.Time // when it will arrive; of a held message: when it would have
	Held      bool
}

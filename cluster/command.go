package cluster

import (
	"etcdscope/cluster/clock"
	"etcdscope/mvcc"
	"etcdscope/raft"
)

// CommandKind is what somebody wants of the world.
type CommandKind uint8

// The commands of the world; cluster/script turns text into them. Numbers are part of event hashes.
const (
	Crash               CommandKind = iota + 1 // kill -9 of Members: memory is lost, written bytes stay
	Poweroff                                   // Members lose power: what was not synced is lost, the last write may tear
	Restart                                    // Members start again from their disks (those that are up are killed first)
	Pause                                      // Members stop working (SIGSTOP); their clocks do not
	Resume                                     // Members go on
	Campaign                                   // Members time out now
	Cut                                        // the link From to To, and back unless OneWay
	Heal                                       // that link, or every link when From is 0; held messages leave
	Partition                                  // only members of the same group in Groups can talk
	Isolate                                    // Members each lose all links
	Delay                                      // the link takes For longer, until Heal
	Drop                                       // message Msg, or every message in flight From to To (of Types), is lost
	Loss                                       // the link From to To loses Percent of its messages from now on
	Duplicate                                  // message Msg arrives once more
	Hold                                       // message Msg, or everything From to To (of Types), waits until Release
	Release                                    // what is held: Msg, or From to To, or all
	SetTimer                                   // Members' election timers have Ticks left
	Align                                      // Members' (none: all) election timers run out in the same tick
	Spread                                     // Members' (none: all) election timers run out far apart
	ClientPut                                  // Op asks to store a value
	ClientGet                                  // Op asks to read
	ClientDelete                               // Op asks to delete
	ClientWatch                                // Op follows a key or a range
	ClientCancel                               // the watch with tag Op.Tag ends
	SetRule                                    // the rule Rule is in force from now on, or, with Off, is not
	MoveLeader                                 // the leader hands its leadership to the first of Members
	ClientTxn                                  // Op asks for a transaction
	ClientCompact                              // Op asks to give up the history before a revision
	LeaseGrant                                 // Op asks for a lease
	LeaseRevoke                                // Op ends a lease and deletes its keys
	LeaseKeepAlive                             // Op renews a lease, again and again unless Once
	LeaseTimeToLive                            // Op asks how long a lease has left
	LeaseList                                  // Op asks which leases there are
	AlarmList                                  // Op asks which alarms stand
	AlarmDisarm                                // Op takes all alarms back
	Defrag                                     // Op lets Members rewrite their files without free pages
	EndpointStatus                             // Op asks Members how they are
	EndpointHashKV                             // Op asks Members for the hash of their keys
	SetClock                                   // Members' clocks run at Rate thousandths from now on
	SetFlag                                    // the flag Flag of all members is Value from now on
	ClientMemberAdd                            // Op.Member joins the cluster, as a voter or as a learner
	ClientMemberRemove                         // Op.Member leaves it for ever
	ClientMemberPromote                        // Op.Member, a learner, votes from now on
	ClientMemberUpdate                         // Op.Member has another address
	ClientMemberSet                            // Op.Member.Voters are the voters, by a joint configuration
	ClientMemberList                           // Op asks who belongs to the cluster
	Disk                                       // what Disk says happens to the disks of Members
	SlowDisk                                   // an fsync of Members' Disk.File takes For; 0 is as long as before
	Wipe                                       // the files of Members, which are down, are deleted
	ClientSnapshot                             // Op asks for the database
	SlowWatch                                  // the client of the watch with tag Op.Tag takes nothing until FastWatch
	FastWatch                                  // it takes everything at once again
	WatchProgress                              // it asks how far its watch is
	ClientLock                                 // Op wants the lock Op.Key
	ClientUnlock                               // the lock with tag Op.Tag is given up
	ClientElect                                // Op wants to lead the election Op.Key with Op.Value
	ClientProclaim                             // the leader with tag Op.Tag stands for Op.Value from now on
	ClientResign                               // it gives the leadership up
	ClientObserve                              // Op follows who leads the election Op.Key
	PauseClient                                // the client Op.Client stops working (SIGSTOP)
	ResumeClient                               // it goes on
	ClientAuth                                 // Op.Auth asks for or changes users and roles
)

// Command is a wish as a plain value. Which fields count depends on Kind.
type Command struct {
	Kind    CommandKind
	Text    string     // the line as it would be typed; journals keep it
	At      clock.Time // when it is given: not before the last event, which is what 0 means, and not after the next
	Members []raft.ID
	Groups  [][]raft.ID
	From    raft.ID
	To      raft.ID
	OneWay  bool
	Msg     uint64 // message ID
	Types   []raft.MessageType
	For     clock.Time
	Percent int
	Ticks   int
	Op      *OpSpec
	Rule    string
	Off     bool
	Rate    int64
	Flag    string
	Value   string
	Disk    DiskSpec
}

// OpSpec is a client operation as asked for.
type OpSpec struct {
	Key, End     []byte // End as in mvcc.Store.Range
	Value        []byte
	Via          raft.ID // the member to ask; 0 lets the client choose
	Client       int     // c1 is 1; 0 means 1
	Tag          string  // a name for lessons and predicates
	Rev          int64
	Limit        int64
	Serializable bool
	KeysOnly     bool
	CountOnly    bool
	PrevKV       bool

	SortBy                               mvcc.SortTarget
	Order                                mvcc.SortOrder
	MinMod, MaxMod, MinCreate, MaxCreate int64

	IgnoreValue, IgnoreLease bool
	Lease                    string // tag of the lease's grant, or its ID in hex
	Lock                     string // of a put: tag of the lock or election under which it is made
	TTL                      int64  // of lease grant, and of a session, seconds
	Keys                     bool   // of timetolive: with the keys of the lease
	Once                     bool   // of keep-alive
	RequireLeader            bool   // of a watch: only by a member that knows a leader
	Physical                 bool   // of compaction: answer when the rows are gone
	Now                      bool   // of compaction: at the revision that the member has
	Txn                      *mvcc.TxnRequest
	Member                   *MemberSpec // of a membership change
	File                     string      // of snapshot save: where the session writes what comes
	User, Password           string      // who asks; without a password, with the one that the client was told before
	Auth                     *AuthSpec   // of a request about users and roles; Key and End are those of a permission
}

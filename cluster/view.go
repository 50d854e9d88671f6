package cluster

import (
	"etcdscope/cluster/clock"
	"etcdscope/cluster/disk"
	"etcdscope/cluster/network"
	"etcdscope/mvcc"
	"etcdscope/mvcc/lease"
	"etcdscope/raft"
	"etcdscope/raft/wal"
	"etcdscope/watch"
)

// View is all that may be drawn, checked or asked about at one moment. It is immutable and stays valid when
// the cluster moves on; unchanged parts are shared between views.
type View struct {
	Event   uint64 // ID of the last event
	At      clock.Time
	Config  *Config
	Members []*MemberView // Members[i] has ID i+1
	Links   *Links
	Flights []Flight // in flight and held, in order of message ID
	Clients []*ClientView
	// Ops are the newest operations, oldest first; all that are pending and all that have a tag are here.
	Ops                            []*Op
	Dropped, Duplicated, Delivered uint64 // messages so far
}

// MemberView is one member.
type MemberView struct {
	ID       raft.ID
	Up       bool
	Paused   bool
	Down     string // why it is down: "crashed", "power off", or why it refused to start
	Inc      uint32
	Raft     raft.View // of a member that is down: the last before it went
	Inbox    []*Message
	Disk     DiskView
	ToApply  int        // committed entries that wait to be applied
	Store    *mvcc.View // nil while down
	Batch    bool       // a backend commit is running
	Watchers []watch.Watcher
	Waiting  int // client requests that wait for an answer
	UpkeepView

	Members    []mvcc.Member // who belongs to the cluster, as far as this member has applied it; in order of ID
	Removed    []uint64      // who never may again
	Receiving  []*Message    // snapshots whose database is being written to a file
	Checking   bool          // it compares its keys with the others' before it takes part
	Installing bool          // a received database is about to replace the own one
	Saving     raft.Index    // a snapshot file up to here is being written; 0 is none
	Saved      raft.Index    // the newest snapshot that the WAL names
}

// DiskView is a member's disk.
type DiskView struct {
	Files   []disk.File
	Tail    string           // the WAL segment that is written
	Records []wal.RecordInfo // the newest records of the WAL, oldest first
	Syncing bool             // an fsync is running
	Durable raft.Index       // last log index on the platter
	Torn    bool             // the last power cut tore a write
	Faults  []disk.Fault     // what is wrong with it, by kind and file
}

// Links is the state of all directed links.
type Links = network.Links

// Link is one direction between two members.
type Link = network.Link

// ClientView is one client.
type ClientView struct {
	ID       int
	Endpoint raft.ID // the member it talks to
	Pending  int     // operations without an answer
	Paused   bool
}

// OpState is how far an operation is.
type OpState uint8

// The states of an operation.
const (
	OpPending OpState = iota
	OpDone
	OpFailed  // refused: it will never take effect
	OpUnknown // no answer: it may have taken effect or may yet
)

// Op is a client operation. It is immutable; a later view may hold a newer value for the same ID.
type Op struct {
	ID       OpID
	Kind     CommandKind // ClientPut, ClientGet, ClientDelete, ClientWatch
	Spec     *OpSpec
	Via      raft.ID // the member that was asked
	State    OpState
	Called   clock.Time
	Returned clock.Time
	Rev      int64 // header revision of the answer; of a watch: of the newest batch
	KVs      []mvcc.KeyValue
	Count    int64 // of a get: keys in range; of a delete: keys deleted
	Prev     []mvcc.KeyValue
	Members  []mvcc.Member // of a membership change or list: who belongs to the cluster
	Err      string        // in etcd's words
	Term     raft.Term     // of the entry that carried it, once known
	Index    raft.Index    // of the entry that carried it, once known
	Watch    watch.ID      // of a watch, once it is created
	Seen     []mvcc.Event  // of a watch: everything that reached the client
	Batches  int           // of a watch: responses that reached the client
	Slow     bool          // of a watch: its client takes nothing for now
	Answer

	Part  OpID   // the lock or election that it is a step of; 0 is none
	Claim *Claim // of a lock, an election or an observation
	Under *Claim // of a put under a lock: what its client believed when it sent it

	role     role       // what the step is for
	fenced   bool       // of a put under a lock: it takes effect only while that lock's key is there
	next     int64      // of a watch: the revision from which it would resume
	owner    *int       // who may append to Seen in place
	lease    lease.ID   // that Spec.Lease means
	due      clock.Time // of a keep-alive: when to ask again
	deadline clock.Time // of a keep-alive: when to give up
	standing []Alarm    // of alarm disarm: what is left to take back
	listed   bool       // of alarm disarm: the client knows which alarms stand
	login    bool       // the request that is on its way asks for a token first
	password string     // that it shows then
	token    string     // that the request itself shows
	checked  uint64     // of timetolive: the revision of users and roles by which it was let in
}

// Leads says whether the member is up and believes that it is the leader.
func (m *MemberView) Leads() bool { return m.Up && m.Raft.Role == raft.Leader }

package invariant

import "slices"

// Info describes one invariant.
type Info struct{ Name, Sentence, Source string }

// property is one invariant of the table behind Names.
type property int

// The invariants, in the order in which they are listed.
const (
	electionSafety property = iota
	voteOnce
	voteQuorum
	leaderAppendOnly
	logMatching
	leaderCompleteness
	stateMachineSafety
	commitMonotonic
	durableQuorum
	persistBeforeSend
	walRecovery
	stopOnDiskError
	revisionDense
	durability
	linearizable
	watchOrdered
	watchComplete
	sameState
	leaseLifetime
	leaseKeys
	leaseRemaining
	raftContract
	snapshotSafety
	confSafety
	lockFencing
)

var infos = [...]Info{
	electionSafety: {
		"election_safety",
		"At most one member is ever elected leader of a term.",
		"Raft §5.2, figure 3",
	},
	voteOnce: {
		"vote_once",
		"A member votes for at most one candidate of a term, even across restarts.",
		"Raft §5.2",
	},
	voteQuorum: {
		"vote_quorum",
		"A leader was elected by a majority whose votes really are for it.",
		"Raft §5.2",
	},
	leaderAppendOnly: {
		"leader_append_only",
		"A leader never overwrites or deletes entries of its log.",
		"Raft §5.3, figure 3",
	},
	logMatching: {
		"log_matching",
		"Two logs that hold an entry of the same index and term are equal up to it.",
		"Raft §5.3, figure 3",
	},
	leaderCompleteness: {
		"leader_completeness",
		"What was committed in a term is in the logs of the leaders of all later terms.",
		"Raft §5.4, figure 3",
	},
	stateMachineSafety: {
		"state_machine_safety",
		"All members apply the same entries in the same order, without a gap.",
		"Raft §5.4.3, figure 3",
	},
	commitMonotonic: {
		"commit_monotonic",
		"A running member's commit index never goes back nor passes the end of its log; nothing beyond it is applied.",
		"Raft §5.3, figure 2",
	},
	durableQuorum: {
		"durable_quorum",
		"What a leader commits is on the disks of a majority.",
		"Raft §5.3",
	},
	persistBeforeSend: {
		"persist_before_send",
		"Votes and acknowledgements leave only when what they promise is on disk.",
		"Raft §5, figure 2",
	},
	walRecovery: {
		"wal_recovery",
		"A restart finds everything that was synced and nothing that was never written.",
		"etcd WAL.ReadAll",
	},
	stopOnDiskError: {
		"stop_on_disk_error",
		"A member whose disk cannot write or sync stops: it promises nothing more and tries nothing again.",
		"etcd raft loop (Fatal); Rebello et al., ATC'20",
	},
	revisionDense: {
		"revision_dense",
		"Every write that changes something takes the next revision, the same on all members.",
		"etcd API guarantees",
	},
	durability: {
		"durability",
		"A write that was acknowledged is never lost.",
		"etcd API guarantees: durability",
	},
	linearizable: {
		"linearizable",
		"An answer is never older than what somebody had been told before the request was made.",
		"etcd API guarantees: strict serializability",
	},
	watchOrdered: {
		"watch_ordered",
		"A watch delivers revisions in order, each change once, and all changes of a revision together.",
		"etcd API guarantees: watch",
	},
	watchComplete: {
		"watch_complete",
		"A watch misses nothing: every change in its range between two that it delivers is delivered.",
		"etcd API guarantees: watch",
	},
	sameState: {
		"same_state",
		"Members that have applied the same entries have the same keys, users and roles, also after a restart.",
		"etcd corruption check",
	},
	leaseLifetime: {
		"lease_lifetime",
		"A lease that nobody revokes lives as long as its client was told.",
		"etcd lease guarantees",
	},
	leaseKeys: {
		"lease_keys",
		"A lease ends together with all its keys: no key has a lease that is gone.",
		"etcd lessor.Revoke",
	},
	leaseRemaining: {
		"lease_remaining",
		"A leader gives a lease no more time than the last checkpoint has left of it, and an election.",
		"etcd issues 13491, 17132",
	},
	raftContract: {
		"raft_contract",
		"No member is ever told something that a correct peer or driver would not say.",
		"etcd raft",
	},
	snapshotSafety: {
		"snapshot_safety",
		"A snapshot is the committed state at its index, and never takes back what a member knows to be committed.",
		"Raft §7",
	},
	confSafety: {
		"conf_safety",
		"Two configurations in a row differ by one voter, or both of their majorities decide in between.",
		"Raft thesis §4",
	},
	lockFencing: {
		"lock_fencing",
		"Of the writes under one lock none takes effect after one with a newer token.",
		"etcd concurrency Mutex.IsOwner; Kleppmann, How to do distributed locking",
	},
}

// Names lists the invariants that a Checker watches.
func Names() []Info { return slices.Clone(infos[:]) }

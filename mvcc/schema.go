package mvcc

// The buckets of an etcd db, all at the top level and made at start even when they stay empty.
const (
	bucketKey  = "key"
	bucketMeta = "meta"
)

var buckets = [...]string{
	"alarm", "auth", "authRoles", "authUsers", "cluster", bucketKey, "lease", "members", "members_removed",
	bucketMeta,
}

// The rows of the meta bucket that the store writes or reads itself.
const (
	metaConsistentIndex  = "consistent_index" // 8 bytes big-endian
	metaTerm             = "term"             // 8 bytes big-endian
	metaStorageVersion   = "storageVersion"
	metaScheduledCompact = "scheduledCompactRev" // row key of a revision
	metaFinishedCompact  = "finishedCompactRev"  // row key of a revision
)

// storageVersion is the schema of etcd 3.7.
const storageVersion = "3.7.0"

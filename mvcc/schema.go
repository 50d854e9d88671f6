package mvcc

// Bucket names a bucket of an etcd db; all stand at the top level and are made even when they stay empty.
type Bucket string

// The buckets that hold rows of others than the store itself.
const (
	BucketAlarm          Bucket = "alarm"
	BucketAuth           Bucket = "auth"
	BucketAuthRoles      Bucket = "authRoles"
	BucketAuthUsers      Bucket = "authUsers"
	BucketCluster        Bucket = "cluster"
	BucketLease          Bucket = "lease"
	BucketMembers        Bucket = "members"
	BucketMembersRemoved Bucket = "members_removed"
	BucketMeta           Bucket = "meta"
)

const (
	bucketKey  = "key"
	bucketMeta = string(BucketMeta)
)

// buckets lists all of them, sorted.
var buckets = [...]string{
	string(BucketAlarm), string(BucketAuth), string(BucketAuthRoles), string(BucketAuthUsers),
	string(BucketCluster), bucketKey, string(BucketLease), string(BucketMembers),
	string(BucketMembersRemoved), bucketMeta,
}

// keyBucketAt is the place of the key bucket.
const keyBucketAt = 5

// rowCounts is how many rows each bucket has, in the order of buckets.
type rowCounts [len(buckets)]int64

// add counts n rows of a bucket. A file from elsewhere may have buckets that are none of etcd's: at is -1 for those.
func (r *rowCounts) add(at int, n int64) {
	if at >= 0 {
		r[at] += n
	}
}

// BucketView is a bucket of the db file.
type BucketView struct {
	Name Bucket
	Rows int64
}

// The rows of the meta bucket that the store writes or reads itself.
const (
	metaConsistentIndex  = "consistent_index" // 8 bytes big-endian
	metaTerm             = "term"             // 8 bytes big-endian
	metaStorageVersion   = "storageVersion"
	metaScheduledCompact = "scheduledCompactRev" // row key of a revision
	metaFinishedCompact  = "finishedCompactRev"  // row key of a revision
	metaConfState        = "confState"           // JSON of raftpb.ConfState
)

// storageVersion is the schema of etcd 3.7.
const storageVersion = "3.7.0"

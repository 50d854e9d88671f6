package cluster

// The rules that etcd's client follows, by name. Each is read at the one place where it acts.
const (
	ruleWatchResume  = "watch-resume"
	ruleNoBlindRetry = "no-blind-retry"

	ruleLockOrder       = "lock-order-by-create-revision"
	ruleLockPredecessor = "lock-waits-for-predecessor"
	ruleReadOwnKey      = "lock-reads-own-key-again"
	ruleLockFencing     = "lock-fencing"
	ruleKeyHasLease     = "session-key-has-lease"
	ruleSessionEnds     = "session-ends-with-lease"
)

var clientRules = []Rule{
	{
		Name:     ruleWatchResume,
		Sentence: "A watch that breaks goes on at another member, from the revision behind the last one that it was given.",
		Source:   "etcd clientv3 watchGrpcStream.resume",
	},
	{
		Name:     ruleNoBlindRetry,
		Sentence: "A client does not repeat a write whose answer is lost: it may have taken effect.",
		Source:   "etcd clientv3 isSafeRetryMutableRPC",
	},
	{
		Name:     ruleLockOrder,
		Sentence: "A lock belongs to the key that was created first: revisions order all who want it.",
		Source:   "etcd concurrency Mutex.tryAcquire, waitDeletes",
	},
	{
		Name:     ruleLockPredecessor,
		Sentence: "Who waits for a lock watches only the key before its own, so that an unlock wakes one client.",
		Source:   "etcd concurrency waitDeletes",
	},
	{
		Name:     ruleReadOwnKey,
		Sentence: "Who has waited for a lock reads its own key again: the session may have expired meanwhile.",
		Source:   "etcd concurrency Mutex.Lock; Jepsen etcd 3.4.3",
	},
	{
		Name:     ruleLockFencing,
		Sentence: "A write under a lock takes effect only while the lock's key has the create revision of its holder.",
		Source:   "etcd concurrency Mutex.IsOwner; Kleppmann, How to do distributed locking",
	},
	{
		Name:     ruleKeyHasLease,
		Sentence: "The key of a lock or of a candidate hangs on the lease of its session, and dies with it.",
		Source:   "etcd concurrency Mutex.tryAcquire, Election.Campaign",
	},
	{
		Name:     ruleSessionEnds,
		Sentence: "A client whose lease is over gives up what it holds by it, and works no more.",
		Source:   "etcd concurrency Session.Done; etcdctl lock, elect",
	},
}

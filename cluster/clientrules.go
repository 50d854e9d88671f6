package cluster

// The rules that etcd's client follows, by name. Each is read at the one place where it acts.
const (
	ruleWatchResume  = "watch-resume"
	ruleNoBlindRetry = "no-blind-retry"
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
}

package cluster

// The rules of the server itself, by name. Each is read at the one place where it acts.
const (
	ruleStrictReconfig  = "strict-reconfig"
	ruleLearnerReady    = "learner-ready"
	ruleRemovedStaysOut = "removed-stays-out"
	ruleWipedStaysOut   = "wiped-stays-out"

	ruleMemberListLinearizable = "member-list-linearizable"
	ruleWatchRequiresLeader    = "watch-requires-leader"
)

// serverRules are the rules of what stands around Raft and the store.
var serverRules = []Rule{
	{
		Name:     ruleStrictReconfig,
		Sentence: "A change of the membership is refused when too few members would be there to commit it.",
		Source:   "etcd --strict-reconfig-check",
	},
	{
		Name:     ruleLearnerReady,
		Sentence: "A learner is promoted only when it holds nine tenths of the leader's log.",
		Source:   "etcd readyPercentThreshold",
	},
	{
		Name:     ruleRemovedStaysOut,
		Sentence: "Nobody listens to a member that was removed; it is told, and stops.",
		Source:   "etcd rafthttp, 410 Gone",
	},
	{
		Name:     ruleWipedStaysOut,
		Sentence: "A member whose files are gone does not start under its number: it has forgotten what it promised.",
		Source:   "etcd isMemberBootstrapped; raft issue 349",
	},
	{
		Name:     ruleMemberListLinearizable,
		Sentence: "Who belongs to the cluster is asked of the majority: a member that is cut off knows an old list.",
		Source:   "etcd MemberListRequest.linearizable",
	},
	{
		Name:     ruleWatchRequiresLeader,
		Sentence: "A watch that asks for a leader ends when its member has known none for three election timeouts.",
		Source:   "etcd v3rpc monitorLeader; clientv3.WithRequireLeader",
	},
}

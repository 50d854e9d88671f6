package cluster

// The rules that a member follows about its store, by name. Each is read at the one place where it acts.
const (
	ruleAckAfterApply   = "ack-after-apply"
	ruleApplyInOrder    = "apply-in-order"
	ruleDeterministic   = "apply-deterministic"
	ruleBackpressure    = "backpressure"
	ruleConsistentIndex = "consistent-index"
	ruleQuotaByAlarm    = "quota-by-alarm"
	ruleReadAfterApply  = "read-after-apply"
	ruleReplayLog       = "replay-log"
	ruleRevokeByLeader  = "lease-revoke-by-leader"
)

var storeRules = []Rule{
	{
		Name: ruleAckAfterApply, Sentence: "A write is answered when it is applied, not when it is committed.",
		Source: "etcd applyWait",
	},
	{
		Name:     ruleDeterministic,
		Sentence: "An entry does the same on every member: what is drawn, as the ID of a lease, is drawn before the log.",
		Source:   "etcd EtcdServer.LeaseGrant",
	},
	{
		Name: ruleApplyInOrder, Sentence: "Committed entries change the store in the order of the log.",
		Source: "Raft §5.3; etcd applyAll",
	},
	{
		Name:     ruleBackpressure,
		Sentence: "A member that has 5000 committed entries left to apply takes no more requests.",
		Source:   "etcd maxGapBetweenApplyAndCommitIndex",
	},
	{
		Name: ruleConsistentIndex, Sentence: "A restart applies only the entries that its file does not have yet.",
		Source: "etcd consistent_index; issue 13766",
	},
	{
		Name:     ruleQuotaByAlarm,
		Sentence: "That there is no space is decided by an alarm in the log, not by every member's own file.",
		Source:   "etcd quotaApplierV3",
	},
	{
		Name:     ruleReadAfterApply,
		Sentence: "A linearizable read waits until the member has applied everything up to its read index.",
		Source:   "etcd linearizableReadLoop; Raft thesis §6.4",
	},
	{
		Name: ruleReplayLog, Sentence: "A restart applies again what was committed and had not reached the file.",
		Source: "etcd WAL replay",
	},
	{
		Name:     ruleRevokeByLeader,
		Sentence: "Who revokes expired leases makes sure that it leads: it may have been replaced while it was away.",
		Source:   "etcd ensureLeadership; issue 15247",
	},
}

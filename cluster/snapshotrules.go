package cluster

// The rules about snapshots and the log behind them, by name. Each is read at the one place where it acts.
const (
	ruleSnapshotFileFirst = "snapshot-before-record"
	ruleSnapshotOfNow     = "snapshot-index-of-database"
	ruleDatabaseCovers    = "database-covers-snapshot"
	ruleKeepCatchUp       = "keep-catch-up-entries"
	ruleKeepWhileSending  = "keep-log-while-sending"
)

var snapshotRules = []Rule{
	{
		Name:     ruleSnapshotFileFirst,
		Sentence: "The snapshot file is durable before the WAL names it, and only then older segments may go.",
		Source:   "etcd storage.SaveSnap, Release",
	},
	{
		Name:     ruleSnapshotOfNow,
		Sentence: "A snapshot has the index of the very database that it brings, however late that was copied.",
		Source:   "etcd createMergedSnapshotMessage",
	},
	{
		Name:     ruleDatabaseCovers,
		Sentence: "A member whose database is older than its snapshot starts with the one that came from the leader.",
		Source:   "etcd recoverSnapshotBackend",
	},
	{
		Name:     ruleKeepCatchUp,
		Sentence: "The newest entries stay in the log behind a snapshot, for followers that are not far behind.",
		Source:   "etcd --snapshot-catchup-entries",
	},
	{
		Name:     ruleKeepWhileSending,
		Sentence: "While a peer receives a snapshot the log stays whole, or the peer would need the next one at once.",
		Source:   "etcd compactRaftLog, inflightSnapshots",
	},
}

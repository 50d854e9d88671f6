package mvcc

import "etcdscope/rule"

// Rules are the rules of the store that may be switched off, to see what they are for. The zero value has all of
// them in force. Each is read at the one place where it acts.
type Rules struct {
	RevisionPerChange    bool // every change of a transaction gets a main revision of its own
	RevisionAlwaysMoves  bool // a transaction without changes moves the revision too
	NoCheckPhase         bool // a transaction finds out while it writes that it must not
	ReadNewest           bool // a read at a revision returns the newest version
	ReadCompacted        bool // a read below the compacted revision is answered from what is left
	DropNewest           bool // compaction removes the version that a key has at the compacted revision
	DropTombstone        bool // compaction removes a tombstone that stands at the compacted revision
	NoScheduledMark      bool // compaction deletes rows before the file says that it will
	FinishFirst          bool // compaction says that it is finished before it deletes rows
	IndexApart           bool // the consistent index is saved after its effects, in a transaction of its own
	RowsApart            bool // rows of other buckets are saved before keys, in a transaction of their own
	NoCommitAfterDeletes bool // a batch that deletes rows waits for its time like any other
	DefragInPlace        bool // defragmentation rewrites the file itself
}

// Rule is a rule that can be switched off.
type Rule = rule.Rule

// ruleTable lists the rules by name, each with the field that switches it off.
var ruleTable = rule.Table[Rules]{
	rule.New(
		"compact-finish-last",
		"The mark that a compaction is finished is saved with its last batch, so that a restart goes on with it.",
		"etcd kvstore_compaction.go; issue 17780",
		func(r *Rules) *bool { return &r.FinishFirst },
	),
	rule.New(
		"compact-keeps-newest",
		"Compaction keeps the version that a living key has at the compacted revision.",
		"etcd keyIndex.compact",
		func(r *Rules) *bool { return &r.DropNewest },
	),
	rule.New(
		"compact-keeps-tombstone",
		"Compaction keeps a tombstone at the compacted revision: a watcher may start there.",
		"etcd issues 18089, 19179",
		func(r *Rules) *bool { return &r.DropTombstone },
	),
	rule.New(
		"compact-schedule-first",
		"A compaction is written down before it deletes anything, and a restart never comes back below it.",
		"etcd kvstore.go updateCompactRev; issue 17780",
		func(r *Rules) *bool { return &r.NoScheduledMark },
	),
	rule.New(
		"compacted-reads-fail",
		"A read below the compacted revision fails, because its answer may have holes.",
		"etcd ErrCompacted",
		func(r *Rules) *bool { return &r.ReadCompacted },
	),
	rule.New(
		"consistent-index-in-transaction",
		"The consistent index is saved in the same transaction of the file as the effects of its entry.",
		"etcd OnPreCommitUnsafe; issue 13766",
		func(r *Rules) *bool { return &r.IndexApart },
	),
	rule.New(
		"defrag-copy-and-rename",
		"Defragmentation writes a copy and renames it, so that a crash leaves a whole file.",
		"etcd backend.go defrag; issue 14685",
		func(r *Rules) *bool { return &r.DefragInPlace },
	),
	rule.New(
		"deletes-commit-at-once",
		"A batch that deletes rows is committed at once: the buffer cannot hide them from readers.",
		"etcd batch_tx.go Unlock",
		func(r *Rules) *bool { return &r.NoCommitAfterDeletes },
	),
	rule.New(
		"one-transaction-in-file",
		"A revoked lease and its keys leave the file in one transaction.",
		"etcd lessor.Revoke",
		func(r *Rules) *bool { return &r.RowsApart },
	),
	rule.New(
		"read-at-revision",
		"A read at a revision returns the version that a key had at that revision.",
		"etcd keyIndex.get",
		func(r *Rules) *bool { return &r.ReadNewest },
	),
	rule.New(
		"revision-counts-changes",
		"A transaction that changes nothing does not move the revision.",
		"etcd storeTxnWrite.End",
		func(r *Rules) *bool { return &r.RevisionAlwaysMoves },
	),
	rule.New(
		"txn-check-phase",
		"Every operation of a transaction is checked before the first one writes.",
		"etcd txn.go checkTxn; issue 18667",
		func(r *Rules) *bool { return &r.NoCheckPhase },
	),
	rule.New(
		"txn-one-revision",
		"All changes of a transaction share one main revision and appear together.",
		"etcd storeTxnWrite",
		func(r *Rules) *bool { return &r.RevisionPerChange },
	),
}

// AllRules lists the rules of the store, sorted by name.
func AllRules() []Rule { return ruleTable.All() }

// Switch puts a rule in force or out of force; an unknown name is an error.
func (r *Rules) Switch(name string, on bool) error { return ruleTable.Switch(r, name, on) }

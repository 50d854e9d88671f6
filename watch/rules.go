package watch

import "etcdscope/rule"

// Rules are the rules of watching that may be switched off, to see what they are for. The zero value has all of them
// in force. Each is read at the one place where it acts.
type Rules struct {
	JoinWithoutCatchUp bool // a watcher from the past counts as synced
	ProgressAnyway     bool // progress is reported to watchers that are behind
	DropWhenFull       bool // what does not fit into a buffer is dropped
	SkipCompacted      bool // a watcher from a compacted revision goes on at the fence
	RestoreAsSynced    bool // a snapshot leaves synced watchers synced
	FutureFiresEarly   bool // a watcher from a future revision is told at once
	SplitRevisions     bool // one revision may come in several responses
	NotifyLate         bool // a revision can be read before watchers are given its events
}

// Rule is a rule that can be switched off.
type Rule = rule.Rule

// ruleTable lists the rules by name, each with the field that switches it off.
var ruleTable = rule.Table[Rules]{
	rule.New(
		"watch-catches-up",
		"A watcher from the past is given history before it is given what happens now.",
		"etcd watchableStore.watch",
		func(r *Rules) *bool { return &r.JoinWithoutCatchUp },
	),
	rule.New(
		"watch-compacted-cancels",
		"A watcher from a compacted revision is cancelled, so that its client knows what it has missed.",
		"etcd watcherGroup.choose; issue 17529",
		func(r *Rules) *bool { return &r.SkipCompacted },
	),
	rule.New(
		"watch-future-waits",
		"A watcher from a future revision is told nothing before it.",
		"etcd issue 20221",
		func(r *Rules) *bool { return &r.FutureFiresEarly },
	),
	rule.New(
		"watch-notified-first",
		"A revision can be read, and counts as progress, only when the watchers have been given its events.",
		"etcd watchableStoreTxnWrite.End",
		func(r *Rules) *bool { return &r.NotifyLate },
	),
	rule.New(
		"watch-progress-synced",
		"Progress is reported only to watchers that have been given everything.",
		"etcd progressIfSync; issue 15220",
		func(r *Rules) *bool { return &r.ProgressAnyway },
	),
	rule.New(
		"watch-restore-resyncs",
		"After a snapshot every watcher catches up from where the store before it ended.",
		"etcd watchableStore.Restore; issue 15271",
		func(r *Rules) *bool { return &r.RestoreAsSynced },
	),
	rule.New(
		"watch-victim-retries",
		"What does not fit into the buffer of a slow watcher is kept and sent later.",
		"etcd watchableStore.notify; issue 17529",
		func(r *Rules) *bool { return &r.DropWhenFull },
	),
	rule.New(
		"watch-whole-revisions",
		"All changes of one revision come in one response.",
		"etcd watchBatch",
		func(r *Rules) *bool { return &r.SplitRevisions },
	),
}

// AllRules lists the rules of watching, sorted by name.
func AllRules() []Rule { return ruleTable.All() }

// Switch puts a rule in force or out of force; an unknown name is an error.
func (r *Rules) Switch(name string, on bool) error { return ruleTable.Switch(r, name, on) }

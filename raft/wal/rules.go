package wal

import "etcdscope/rule"

// Rules are the rules of the log's files that may be switched off, to see what they are for. The zero value has all of
// them in force. Each is read at the one place where it acts.
type Rules struct {
	SkipChecksums bool // a record is taken whatever its checksum says
	BreakChain    bool // a segment need not continue the one before it
	NoRepair      bool // a torn tail is refused like any other damage
	CutAtDamage   bool // whatever is damaged is cut off, with all that follows it
	KeepTail      bool // what stands behind a torn tail is not zeroed
	NoDirSync     bool // the names of new files are not made durable
	BareSegments  bool // a new segment says neither whose it is nor what the hard state was
	NoEntrySync   bool // new entries are not worth an fsync
	NoVoteSync    bool // a new term or vote is not worth an fsync
}

// Rule is a rule that can be switched off.
type Rule = rule.Rule

// ruleTable lists the rules by name, each with the field that switches it off.
var ruleTable = rule.Table[Rules]{
	rule.New(
		"wal-chain",
		"A segment begins with the checksum at which the one before it ended, so that none can be exchanged.",
		"etcd wal.ReadAll, ErrCRCMismatch",
		func(r *Rules) *bool { return &r.BreakChain },
	),
	rule.New(
		"wal-checksums",
		"A record whose checksum does not match its data is damaged, and the member does not start with it.",
		"etcd decoder.decodeRecord",
		func(r *Rules) *bool { return &r.SkipChecksums },
	),
	rule.New(
		"wal-cut-only-torn",
		"Only an unfinished write at the very end is cut off; damage elsewhere hides acknowledged entries.",
		"etcd wal.Repair, decoder.isTornEntry",
		func(r *Rules) *bool { return &r.CutAtDamage },
	),
	rule.New(
		"wal-directory-fsync",
		"The directory is synced after a file is renamed: without its name the file is lost.",
		"etcd wal.cut",
		func(r *Rules) *bool { return &r.NoDirSync },
	),
	rule.New(
		"wal-repair-torn",
		"An unfinished write at the very end is cut off: nothing in it was acknowledged.",
		"etcd wal.Repair",
		func(r *Rules) *bool { return &r.NoRepair },
	),
	rule.New(
		"wal-segment-head",
		"Every segment begins with checksum, member and hard state, so that older segments may be removed.",
		"etcd wal.cut",
		func(r *Rules) *bool { return &r.BareSegments },
	),
	rule.New(
		"wal-sync-entries",
		"New entries are synced before anybody is told that they are stored.",
		"etcd raft.MustSync",
		func(r *Rules) *bool { return &r.NoEntrySync },
	),
	rule.New(
		"wal-sync-vote",
		"A new term or vote is synced before it is told; a commit index alone is not worth it.",
		"etcd raft.MustSync",
		func(r *Rules) *bool { return &r.NoVoteSync },
	),
	rule.New(
		"wal-zero-tail",
		"What stands behind the last whole record is zeroed, so that no later record ends in old bytes.",
		"etcd wal.ReadAll, fileutil.ZeroToEnd",
		func(r *Rules) *bool { return &r.KeepTail },
	),
}

// AllRules lists the rules of the log's files, sorted by name.
func AllRules() []Rule { return ruleTable.All() }

// Switch puts a rule in force or out of force; an unknown name is an error.
func (r *Rules) Switch(name string, on bool) error { return ruleTable.Switch(r, name, on) }

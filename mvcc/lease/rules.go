package lease

import "etcdscope/rule"

// Rules are the rules of leases that may be switched off, to see what they are for. The zero value has all of them
// in force. Each is read at the one place where it acts.
type Rules struct {
	EverybodyExpires        bool // every member finds leases expired by its own clock
	PromoteWithoutExtension bool // a leader gives leases no time for the election
	PromoteToFullTTL        bool // a leader forgets what was left of a lease
	NoCheckpoints           bool // a leader tells nobody how much is left
	CheckpointNotSaved      bool // what is left of a lease is not in the file
	UnsortedRevoke          bool // every member deletes the keys of a lease in an order of its own
}

// Rule is a rule that can be switched off.
type Rule = rule.Rule

// ruleTable lists the rules by name, each with the field that switches it off.
var ruleTable = rule.Table[Rules]{
	rule.New(
		"lease-checkpoint",
		"A leader tells the others every five minutes how much is left of a long lease.",
		"etcd lessor.checkpointScheduledLeases",
		func(r *Rules) *bool { return &r.NoCheckpoints },
	),
	rule.New(
		"lease-checkpoint-kept",
		"A leader that is promoted gives a lease what the last checkpoint left of it, not its whole time.",
		"etcd issues 13491, 17132",
		func(r *Rules) *bool { return &r.PromoteToFullTTL },
	),
	rule.New(
		"lease-checkpoint-saved",
		"What is left of a lease is saved with it, so that a restart does not give it its whole time.",
		"etcd LeaseCheckpointPersist",
		func(r *Rules) *bool { return &r.CheckpointNotSaved },
	),
	rule.New(
		"lease-only-leader-expires",
		"Only the leader finds a lease expired, and every member deletes its keys from the log.",
		"etcd lessor.isPrimary",
		func(r *Rules) *bool { return &r.EverybodyExpires },
	),
	rule.New(
		"lease-promote-extends",
		"A leader that is promoted adds an election timeout to every lease: nobody could renew meanwhile.",
		"etcd lessor.Promote",
		func(r *Rules) *bool { return &r.PromoteWithoutExtension },
	),
	rule.New(
		"lease-revoke-sorted",
		"Every member deletes the keys of a lease in the same order.",
		"etcd lessor.Revoke",
		func(r *Rules) *bool { return &r.UnsortedRevoke },
	),
}

// AllRules lists the rules of leases, sorted by name.
func AllRules() []Rule { return ruleTable.All() }

// Switch puts a rule in force or out of force; an unknown name is an error.
func (r *Rules) Switch(name string, on bool) error { return ruleTable.Switch(r, name, on) }

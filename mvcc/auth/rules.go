package auth

import "etcdscope/rule"

// Rules are the rules of users and roles that may be switched off, to see what they are for. The zero value has all of
// them in force. Each is read at the one place where it acts.
type Rules struct {
	StaleRights bool // after a snapshot, rights stay as they were reckoned before
}

// Rule is a rule that can be switched off.
type Rule = rule.Rule

// ruleTable lists the rules by name, each with the field that switches it off.
var ruleTable = rule.Table[Rules]{
	rule.New(
		"auth-cache-renewed",
		"A member that is given a snapshot reckons anew what every user may do.",
		"etcd authStore.Recover; issues 14571, 11651",
		func(r *Rules) *bool { return &r.StaleRights },
	),
}

// AllRules lists the rules of users and roles, sorted by name.
func AllRules() []Rule { return ruleTable.All() }

// Switch puts a rule in force or out of force; an unknown name is an error.
func (r *Rules) Switch(name string, on bool) error { return ruleTable.Switch(r, name, on) }

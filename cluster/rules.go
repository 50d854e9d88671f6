package cluster

import (
	"fmt"
	"slices"
	"strings"

	"etcdscope/mvcc"
	"etcdscope/mvcc/auth"
	"etcdscope/mvcc/lease"
	"etcdscope/raft"
	"etcdscope/raft/wal"
	"etcdscope/watch"
)

// Rule is a safety or liveness rule of the running code that can be switched off.
type Rule struct {
	Name, Sentence, Source string
	Safety                 bool // without it an acknowledged write may be lost; else only progress suffers

	off func(*ruleSet) // takes it out of force; nil: the members look into the configuration
}

// ruleSet is what the parts of a member are told of the rules.
type ruleSet struct {
	raft  raft.Rules
	mvcc  mvcc.Rules
	lease lease.Rules
	watch watch.Rules
	wal   wal.Rules
	auth  auth.Rules
}

// onlyProgress are the rules without which the cluster is slow or stuck, but never wrong.
var onlyProgress = []string{
	"backpressure", "backtrack", "checkquorum", "forward-proposals", "inflight-limit", "keep-catch-up-entries",
	"keep-log-while-sending", "lease-checkpoint", "lease-checkpoint-kept", "lease-checkpoint-saved",
	"lock-waits-for-predecessor", "session-key-has-lease", "watch-requires-leader",
	"no-proposals-in-transfer", "noop", "prevote", "probe-after-reject", "random-timeout", "reject-hint", "step-down",
	"transfer-caught-up", "vote-lease",
}

// rules are the switches that act in a cluster.
var rules = func() []Rule {
	all := slices.Concat(serverRules, diskRules, snapshotRules, storeRules, clientRules, authRules)
	add := func(name, sentence, source string, off func(*ruleSet)) {
		all = append(all, Rule{Name: name, Sentence: sentence, Source: source, off: off})
	}
	for _, s := range raft.SwitchableRules() {
		add(s.Name, s.Sentence, s.Source, func(set *ruleSet) { *s.Off(&set.raft) = true })
	}
	for _, part := range []struct {
		rules []mvcc.Rule
		off   func(set *ruleSet, name string) error
	}{
		{wal.AllRules(), func(set *ruleSet, name string) error { return set.wal.Switch(name, false) }},
		{mvcc.AllRules(), func(set *ruleSet, name string) error { return set.mvcc.Switch(name, false) }},
		{lease.AllRules(), func(set *ruleSet, name string) error { return set.lease.Switch(name, false) }},
		{auth.AllRules(), func(set *ruleSet, name string) error { return set.auth.Switch(name, false) }},
		{watch.AllRules(), func(set *ruleSet, name string) error { return set.watch.Switch(name, false) }},
	} {
		for _, s := range part.rules {
			add(s.Name, s.Sentence, s.Source, func(set *ruleSet) { _ = part.off(set, s.Name) }) // the name is the part's own
		}
	}
	for i := range all {
		all[i].Safety = !slices.Contains(onlyProgress, all[i].Name)
	}
	slices.SortFunc(all, func(a, b Rule) int { return strings.Compare(a.Name, b.Name) })
	return all
}()

// noteRules are the rules that speak through an event's note.
var noteRules = map[string]string{
	errNotEnough.Error():       ruleStrictReconfig,
	errUnhealthy.Error():       ruleStrictReconfig,
	errLearnerNotReady.Error(): ruleLearnerReady,
	errRemovedMember.Error():   ruleRemovedStaysOut,
	errTooManyRequests.Error(): ruleBackpressure,
	wireError(errNoSpace):      ruleQuotaByAlarm,
	noteNotLeader:              ruleRevokeByLeader,
	noteWasAway:                ruleRevokeByLeader,
	noteBehind:                 "watch-progress-synced",
	errReset:                   ruleNoBlindRetry,
	errNotOwner:                ruleLockFencing,
	errNoLeader:                ruleWatchRequiresLeader,

	auth.ErrAuthOldRevision.Error(): ruleAuthAtApply,
}

// deniedNotes are what an entry is refused with for want of rights.
var deniedNotes = map[string]bool{
	auth.ErrPermissionDenied.Error(): true, auth.ErrUserEmpty.Error(): true,
}

// refusedBy is the rule that an event's note speaks of, or nil.
func (e *Event) refusedBy() *Rule {
	name := noteRules[e.Note]
	switch {
	case e.Kind == Apply && deniedNotes[e.Note]:
		name = ruleAuthAtApply
	case strings.HasSuffix(e.Note, noteBootstrapped):
		name = ruleWipedStaysOut
	case name == "":
		return nil
	}
	i := slices.IndexFunc(rules, func(r Rule) bool { return r.Name == name })
	return &rules[i]
}

// turnedBy is the rule by which an event matters for a lock or an election, or nil.
func (e *Event) turnedBy() *Rule {
	if e.Turn == nil || e.Turn.rule == "" {
		return nil
	}
	return &rules[slices.IndexFunc(rules, func(r Rule) bool { return r.Name == e.Turn.rule })]
}

// Rules lists the rules that Config.Off and the command rule may name, sorted.
func Rules() []Rule { return slices.Clone(rules) }

func knownRule(name string) error {
	if slices.ContainsFunc(rules, func(r Rule) bool { return r.Name == name }) {
		return nil
	}
	names := make([]string, len(rules))
	for i, r := range rules {
		names[i] = r.Name
	}
	return fmt.Errorf("rule %q: want one of %v", name, names)
}

// ruleSet is the configuration's rules as the parts of a member know them.
func (c *Config) ruleSet() (set ruleSet) {
	for i := range rules {
		if r := &rules[i]; r.off != nil && !c.On(r.Name) {
			r.off(&set)
		}
	}
	return set
}

// switchRule puts a rule into force or out of it, in every member and in those that start later.
func (c *Cluster) switchRule(name string, on bool) {
	next := *c.config // views hold the old one
	next.Off = slices.DeleteFunc(slices.Clone(next.Off), func(s string) bool { return s == name })
	if !on {
		next.Off = append(next.Off, name)
		slices.Sort(next.Off)
	}
	c.config = &next
	set := next.ruleSet()
	for _, m := range c.members {
		if m.up {
			m.node.SetRules(set.raft)
			m.wal.SetRules(set.wal)
			m.store.SetRules(set.mvcc)
			m.lessor.SetRules(set.lease)
			m.auth.SetRules(set.auth)
			m.hub.SetRules(set.watch)
			m.dirty = true
		}
	}
}

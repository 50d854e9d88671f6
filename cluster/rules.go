package cluster

import (
	"fmt"
	"slices"
	"strings"

	"etcdscope/raft"
)

// Rule is a safety or liveness rule of the running code that can be switched off.
type Rule struct {
	Name, Sentence, Source string
	Safety                 bool // without it an acknowledged write may be lost; else only progress suffers

	off func(*raft.Rules) *bool // nil: a rule of the server
}

// onlyProgress are the rules without which the cluster is slow or stuck, but never wrong.
var onlyProgress = []string{
	"backtrack", "checkquorum", "forward-proposals", "inflight-limit", "noop", "prevote", "probe-after-reject",
	"no-proposals-in-transfer", "random-timeout", "reject-hint", "step-down", "transfer-caught-up", "vote-lease",
}

// idle are the rules about snapshots, learners and membership change, which a cluster without them never follows.
var idle = []string{}

// rules are raft's switches that act in a cluster, and the server's own.
var rules = func() []Rule {
	all := slices.Concat(serverRules, diskRules)
	for _, s := range raft.SwitchableRules() {
		if slices.Contains(idle, s.Name) {
			continue
		}
		safety := !slices.Contains(onlyProgress, s.Name)
		all = append(all, Rule{Name: s.Name, Sentence: s.Sentence, Source: s.Source, Safety: safety, off: s.Off})
	}
	slices.SortFunc(all, func(a, b Rule) int { return strings.Compare(a.Name, b.Name) })
	return all
}()

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

// raftRules is the configuration's rules as Raft knows them.
func (c *Config) raftRules() raft.Rules {
	var out raft.Rules
	for _, r := range rules {
		if r.off != nil && !c.On(r.Name) {
			*r.off(&out) = true
		}
	}
	return out
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
	for _, m := range c.members {
		if m.up {
			m.node.SetRules(next.raftRules())
			m.dirty = true
		}
	}
}

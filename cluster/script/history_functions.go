package script

import (
	"reflect"
	"slices"
)

// InvariantNames lists what ok and violated can be asked about, sorted: the names of cluster/invariant, "panic" of
// the session, lessons' own words ack_after_fsync and index_monotonic, and all_invariants.
func InvariantNames() []string {
	return []string{
		"ack_after_fsync", "all_invariants", "commit_monotonic", "conf_safety", "durability", "durable_quorum",
		"election_safety", "index_monotonic", "leader_append_only", "leader_completeness", "lease_keys",
		"lease_lifetime", "lease_remaining", "linearizable", "lock_fencing", "log_matching", "panic", "persist_before_send",
		"raft_contract", "revision_dense", "same_state", "snapshot_safety", "state_machine_safety",
		"stop_on_disk_error", "vote_once", "vote_quorum", "wal_recovery", "watch_complete", "watch_ordered",
	}
}

var historyFunctions = []function{
	{
		name: "count", params: []param{anEvent}, result: 0, example: "count(append_ok, by=n2) >= 1",
		help: "How many events of this name there were, those that pass the filters.",
		call: func(s *scene, a []any) (any, error) {
			q := a[0].(*eventQuery)
			if !q.filters {
				return s.world.Count(q.name), nil
			}
			return q.countAll(s), nil
		},
	},
	{
		name: "ticks_since", params: []param{anEvent}, result: 0,
		help:    "Ticks since the last event of this name; missing when there was none.",
		example: "ticks_since(propose) < 5", call: func(s *scene, a []any) (any, error) {
			q := a[0].(*eventQuery)
			for _, e := range slices.Backward(s.world.EventsNamed(q.name)) {
				if !q.filters || q.count(s, e) > 0 {
					return s.ticks(int64(e.At), int64(s.view.At))
				}
			}
			return nil, errMissing
		},
	},
	{
		name: "ok", params: []param{anInvariant}, result: false,
		help: "Whether the invariant holds; all_invariants is all of them.", example: "ok(election_safety)",
		call: func(s *scene, a []any) (any, error) { return !s.violated(a[0].(string)), nil },
	},
	{
		name: "violated", params: []param{anInvariant}, result: false, help: "Whether the invariant is violated.",
		example: "violated(durability)",
		call:    func(s *scene, a []any) (any, error) { return s.violated(a[0].(string)), nil },
	},
}

func (s *scene) violated(name string) bool {
	list := s.world.Violations()
	if name == "all_invariants" {
		return len(list) > 0
	}
	return slices.Contains(list, name)
}

var lessonFunctions = []function{
	{
		name: "cmds", params: []param{aSpecName}, result: 0,
		help: "How often the command was given since the step began.", example: "cmds(step) > 25 and cmds(next) == 0",
		call: func(s *scene, a []any) (any, error) { return s.world.Commands(a[0].(string)), nil },
	},
	{
		name: "answer", params: []param{aText}, optional: 1,
		help:    "What the learner answered to a question, or to the last one: a number, a member or text.",
		example: "answer() == term(leader)", call: func(s *scene, a []any) (any, error) {
			text, err := answerText(s, a)
			if err != nil {
				return nil, err
			}
			return answerValue(text.(string)), nil
		},
	},
	{
		name: "rule", params: []param{aRule}, result: false,
		help: "Whether the rule is on; a name with a hyphen stands in quotes.", example: `rule("vote-once")`,
		call: func(s *scene, a []any) (any, error) {
			return s.view.Config != nil && s.view.Config.On(a[0].(string)), nil
		},
	},
	{
		name: "size", params: []param{aList}, result: 0, help: "How long a list or a text is.",
		example: "size(leaders()) == 1",
		call: func(_ *scene, a []any) (any, error) {
			switch list := a[0].(type) {
			case []int:
				return len(list), nil
			case []any:
				return len(list), nil
			case string:
				return len(list), nil
			}
			if v := reflect.ValueOf(a[0]); v.Kind() == reflect.Slice || v.Kind() == reflect.Map {
				return v.Len(), nil
			}
			return nil, errMissing
		},
	},
}

// hiddenFunctions are called by the resolver only.
var hiddenFunctions = []function{
	{name: "$leader", result: 0, call: func(s *scene, _ []any) (any, error) {
		m := s.view.Leader()
		if m == nil {
			return nil, errMissing
		}
		return int(m.ID), nil
	}},
	{name: "$log_match_all", result: false, call: func(s *scene, _ []any) (any, error) { return s.logsMatch() }},
	{name: "$answer_text", params: []param{aText}, optional: 1, result: "", call: answerText},
}

// answerText: no answer yet is missing, not empty.
func answerText(s *scene, a []any) (any, error) {
	id := ""
	if len(a) > 0 {
		id = a[0].(string)
	}
	text := s.world.Answer(id)
	if text == "" {
		return nil, errMissing
	}
	return text, nil
}

package script

import (
	"strings"

	"etcdscope/cluster"
	"etcdscope/raft"
)

// entryObject is what entry answers.
type entryObject struct {
	Term  int    `expr:"term"`
	Index int    `expr:"index"`
	Type  string `expr:"type"`
	Data  string `expr:"data"`
}

var entryTypes = []string{"confchange", "noop", "normal"}

var logFunctions = []function{
	{
		name: "last", params: []param{aNode}, result: 0, help: "Index of the last entry of the member's log.",
		example: "last(n1) == 1",
		call:    ofRaft(func(v *raft.View) int { return int(v.Last) }),
	},
	{
		name: "commit", params: []param{aNode}, result: 0, help: "The member's commit index.",
		example: "commit(majority) >= 3",
		call:    ofRaft(func(v *raft.View) int { return int(v.Commit) }),
	},
	{
		name: "applied", params: []param{aNode}, result: 0, help: "Index of the last entry that the member applied.",
		example: "applied(all) == 1",
		call:    ofRaft(func(v *raft.View) int { return int(v.Applied) }),
	},
	{
		name: "stable", params: []param{aNode}, result: 0,
		help:    "Index of the last entry on the member's platter, even while it is down.",
		example: "stable(n1) < last(n1)", call: func(s *scene, a []any) (any, error) {
			m, err := s.member(a[0])
			if err != nil {
				return nil, err
			}
			return int(m.Disk.Durable), nil
		},
	},
	{
		name: "entry", params: []param{aNode, aNumber}, result: (*entryObject)(nil),
		example:   "entry(n1, 2).term == 1",
		partWords: map[string][]string{"type": entryTypes},
		help: "The entry at an index of the member's log: term, index, type (normal, noop, confchange) " +
			"and data as it was typed.",
		call: func(s *scene, a []any) (any, error) {
			m, err := s.running(a[0])
			if err != nil {
				return nil, err
			}
			return entryAt(m, a[1])
		},
	},
	{
		name: "has_entry", params: []param{aNode, aText}, result: false,
		help:    "Whether the member's log has an entry with this text in it.",
		example: `has_entry(any, "x 1")`, call: func(s *scene, a []any) (any, error) {
			m, err := s.running(a[0])
			return err == nil && hasEntry(m, a[1].(string)), err
		},
	},
	{
		name: "on", params: []param{aText}, result: []int(nil),
		help:    "The members that are up and have an entry with this text.",
		example: `on("x 1") == [n1, n2]`, call: func(s *scene, a []any) (any, error) {
			return s.list(func(m *cluster.MemberView) bool { return m.Up && hasEntry(m, a[0].(string)) }), nil
		},
	},
	{
		name: "replicas", params: []param{aNumber}, result: 0,
		help:    "How many members that are up hold the same entry at this index.",
		example: "replicas(1) == 3",
		call:    func(s *scene, a []any) (any, error) { return s.replicas(raft.Index(a[0].(int))), nil },
	},
	{
		name: "terms", params: []param{aNode}, result: []int(nil),
		help: "The terms of all entries of the member's log.", example: "terms(n1) == [1, 1, 2]",
		call: func(s *scene, a []any) (any, error) {
			m, err := s.running(a[0])
			if err != nil {
				return nil, err
			}
			return termsOf(&m.Raft), nil
		},
	},
	{
		name: "log_match", params: []param{aNode, aNode}, result: false, example: "log_match(n1, n2)",
		help: "Whether both logs hold the same entries wherever both reach, " +
			"and end at the same index; log_match(all) compares every pair.",
		call: func(s *scene, a []any) (any, error) {
			m, err := s.running(a[0])
			peer, err2 := s.running(a[1])
			if err != nil || err2 != nil {
				return nil, errMissing
			}
			return sameLog(&m.Raft, &peer.Raft), nil
		},
	},
	{
		name: "match", params: []param{aNode, aNode}, result: 0,
		help:    "Up to where a leader knows that a member stores its log.",
		example: "match(leader, n2) == 3", call: ofProgress(func(p *raft.Progress) any { return int(p.Match) }),
	},
	{
		name: "next", params: []param{aNode, aNode}, result: 0,
		help:    "The next index that a leader will send to a member.",
		example: "next(leader, n2) == 4", call: ofProgress(func(p *raft.Progress) any { return int(p.Next) }),
	},
	{
		name: "progress", params: []param{aNode, aNode}, result: "", words: []string{
			"probe", "replicate",
			"snapshot",
		},
		help: "How a leader sends to a member.", example: "progress(leader, n3) == probe",
		call: ofProgress(func(p *raft.Progress) any { return p.State.String() }),
	},
}

// ofProgress asks a leader what it believes about a peer.
func ofProgress(get func(*raft.Progress) any) func(*scene, []any) (any, error) {
	return func(s *scene, a []any) (any, error) {
		leader, err := s.running(a[0])
		peer, err2 := s.member(a[1])
		if err != nil || err2 != nil {
			return nil, errMissing
		}
		for i := range leader.Raft.Progress {
			if p := &leader.Raft.Progress[i]; p.ID == peer.ID {
				return get(p), nil
			}
		}
		return nil, errMissing
	}
}

func entryAt(m *cluster.MemberView, index any) (*entryObject, error) {
	n, _ := index.(int)
	e, ok := m.Raft.Entry(raft.Index(n))
	if !ok || n < 0 {
		return nil, errMissing
	}
	kind := "normal"
	switch {
	case e.Type != raft.EntryNormal:
		kind = "confchange"
	case len(e.Data) == 0:
		kind = "noop"
	}
	return &entryObject{Term: int(e.Term), Index: n, Type: kind, Data: entryText(e.Data)}, nil
}

func hasEntry(m *cluster.MemberView, text string) bool {
	for i := m.Raft.First; i <= m.Raft.Last; i++ {
		if e, ok := m.Raft.Entry(i); ok && strings.Contains(entryText(e.Data), text) {
			return true
		}
	}
	return false
}

// replicas counts the largest group of members whose entry at i has the same term: same index and term is the
// same entry (Log Matching).
func (s *scene) replicas(i raft.Index) int {
	var terms [cluster.MaxNodes]raft.Term
	most := 0
	for at, m := range s.view.Members {
		e, ok := m.Raft.Entry(i)
		if !m.Up || !ok || at >= len(terms) {
			continue
		}
		terms[at] = e.Term
		same := 0
		for _, t := range terms[:at+1] {
			if t == e.Term {
				same++
			}
		}
		most = max(most, same)
	}
	return most
}

func termsOf(v *raft.View) []int {
	out := []int{}
	for i := v.First; i <= v.Last; i++ {
		if e, ok := v.Entry(i); ok {
			out = append(out, int(e.Term))
		}
	}
	return out
}

func sameLog(a, b *raft.View) bool {
	if a.Last != b.Last {
		return false
	}
	for i := max(a.First, b.First); i <= a.Last; i++ {
		x, okA := a.Entry(i)
		y, okB := b.Entry(i)
		if !okA || !okB || x.Term != y.Term {
			return false
		}
	}
	return true
}

// logsMatch compares every pair of members that are up.
func (s *scene) logsMatch() (any, error) {
	var first *cluster.MemberView
	for _, m := range s.view.Members {
		switch {
		case !m.Up:
		case first == nil:
			first = m
		case !sameLog(&first.Raft, &m.Raft):
			return false, nil
		}
	}
	if first == nil {
		return nil, errMissing
	}
	return true, nil
}

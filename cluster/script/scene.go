package script

import (
	"encoding/binary"
	"slices"
	"strconv"

	"github.com/expr-lang/expr/vm"

	"etcdscope/cluster"
	"etcdscope/mvcc"
	"etcdscope/raft"
)

// scene is what one evaluation sees. The functions of the predicate language get it as their first argument.
type scene struct {
	world   World
	view    *cluster.View
	machine vm.VM
	bound   [maxWords]raft.ID // what the node words of the atom stand for at the moment
}

// member looks up a node argument: a member's number, the leader, or a node word.
func (s *scene) member(arg any) (*cluster.MemberView, error) {
	n, _ := arg.(int)
	var m *cluster.MemberView
	switch {
	case n == leaderNode:
		m = s.view.Leader()
	case n < 0 && n >= -maxWords:
		m = s.view.Member(uint64(s.bound[-1-n]))
	case n > 0:
		m = s.view.Member(uint64(n))
	}
	if m == nil {
		return nil, errMissing
	}
	return m, nil
}

// running is member, but a member that is down has nothing to ask about.
func (s *scene) running(arg any) (*cluster.MemberView, error) {
	m, err := s.member(arg)
	if err == nil && !m.Up {
		return nil, errMissing
	}
	return m, err
}

// store is the key space of a member that is up.
func (s *scene) store(arg any) (*mvcc.View, error) {
	m, err := s.running(arg)
	if err == nil && m.Store == nil {
		return nil, errMissing
	}
	if err != nil {
		return nil, err
	}
	return m.Store, nil
}

// conf is the configuration in force: the leader's, else that of the member that applied most.
func (s *scene) conf() *raft.ConfState {
	best := s.view.Leader()
	for _, m := range s.view.Members {
		if best == nil || !best.Leads() && m.Raft.Applied > best.Raft.Applied {
			best = m
		}
	}
	if best == nil {
		return &raft.ConfState{}
	}
	return &best.Raft.Conf
}

// voters lists the voting members; before a configuration is known everybody votes.
func (s *scene) voters() []raft.ID {
	if voters := s.conf().Voters; len(voters) > 0 {
		return voters
	}
	return s.ids(func(*cluster.MemberView) bool { return true })
}

func (s *scene) votes(id raft.ID) bool { return slices.Contains(s.voters(), id) }

// ids lists the members that pass, in order.
func (s *scene) ids(pass func(*cluster.MemberView) bool) []raft.ID {
	var out []raft.ID
	for _, m := range s.view.Members {
		if pass(m) {
			out = append(out, m.ID)
		}
	}
	return out
}

// list lists the members that pass as numbers, which is what expressions compare.
func (s *scene) list(pass func(*cluster.MemberView) bool) []int {
	out := make([]int, 0, len(s.view.Members))
	for _, m := range s.view.Members {
		if pass(m) {
			out = append(out, int(m.ID))
		}
	}
	return out
}

// isQuorum says whether the members form a majority of every half of the configuration.
func (s *scene) isQuorum(in func(raft.ID) bool) bool {
	majority := func(voters []raft.ID) bool {
		n := 0
		for _, id := range voters {
			if in(id) {
				n++
			}
		}
		return n > len(voters)/2
	}
	outgoing := s.conf().VotersOutgoing
	return majority(s.voters()) && (len(outgoing) == 0 || majority(outgoing))
}

// groups gives every member the number of its group: members are in one group when messages can go both ways
// between them, over others if need be.
func (s *scene) groups(take func(*cluster.MemberView) bool) (group [cluster.MaxNodes + 1]int, n int) {
	var join func(m *cluster.MemberView)
	join = func(m *cluster.MemberView) {
		group[m.ID] = n
		for _, peer := range s.view.Members {
			if group[peer.ID] == 0 && take(peer) && s.connected(m.ID, peer.ID) {
				join(peer)
			}
		}
	}
	for _, m := range s.view.Members {
		if take(m) && group[m.ID] == 0 {
			n++
			join(m)
		}
	}
	return group, n
}

func (s *scene) connected(a, b raft.ID) bool {
	links := s.view.Links
	return links == nil || a == b || !links.At(a, b).Cut && !links.At(b, a).Cut
}

// ticks is how many ticks of virtual time passed between two moments.
func (s *scene) ticks(from, to int64) (int, error) {
	if s.view.Config == nil || s.view.Config.Timing.Tick <= 0 {
		return 0, errMissing
	}
	return int((to - from) / int64(s.view.Config.Timing.Tick)), nil
}

// entryText shows the request in an entry as it was typed: "put x 1" or "delete x"; an entry without a
// request is empty, and one that is no etcd request shows its bytes.
func entryText(data []byte) string {
	if len(data) == 0 {
		return ""
	}
	if put, ok := field(data, 4); ok { // etcdserverpb.InternalRaftRequest.put: key 1, value 2
		key, _ := field(put, 1)
		value, _ := field(put, 2)
		return "put " + string(key) + " " + string(value)
	}
	if del, ok := field(data, 5); ok { // .delete_range: key 1, range_end 2
		key, _ := field(del, 1)
		if end, ranged := field(del, 2); ranged {
			return "delete " + string(key) + " " + string(end)
		}
		return "delete " + string(key)
	}
	return string(data)
}

// field finds the first length-delimited field of a protobuf message by number.
func field(data []byte, number uint64) ([]byte, bool) {
	for len(data) > 0 {
		tag, n := binary.Uvarint(data)
		if n <= 0 {
			return nil, false
		}
		value, rest, ok := fieldValue(data[n:], tag&7)
		if !ok {
			return nil, false
		}
		if tag == number<<3|2 {
			return value, true
		}
		data = rest
	}
	return nil, false
}

// fieldValue cuts off one value of a wire type.
func fieldValue(data []byte, wire uint64) (value, rest []byte, ok bool) {
	size, skip := uint64(0), 0
	switch wire {
	case 0:
		_, skip = binary.Uvarint(data)
		ok = skip > 0
	case 1:
		size, ok = 8, true
	case 2:
		size, skip = binary.Uvarint(data)
		ok = skip > 0
	case 5:
		size, ok = 4, true
	}
	if !ok || size > uint64(len(data)-skip) {
		return nil, nil, false
	}
	return data[skip : skip+int(size)], data[skip+int(size):], true
}

// answerValue makes a typed answer comparable: a number and a member become numbers.
func answerValue(text string) any {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	if id, ok := memberNumber(text); ok {
		return id
	}
	return text
}

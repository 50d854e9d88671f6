package cluster

import (
	"fmt"
	"strings"

	"etcdscope/mvcc"
	"etcdscope/mvcc/auth"
	"etcdscope/raft"
)

// AnswerTable joins the answers to one command as etcdctl's -w table does: the first row names the columns, and a row
// of two cells says what an endpoint answered instead, or the errors that it knows of. It is nil where the words of the
// answer say it all.
func AnswerTable(ops []*Op) [][]string {
	if len(ops) == 0 {
		return nil
	}
	var rows [][]string
	switch first := ops[0]; {
	case first.Kind == EndpointStatus:
		rows = [][]string{{
			"ENDPOINT", "DB SIZE", "IN USE", "QUOTA", "LEADER", "LEARNER", "TERM", "INDEX", "APPLIED",
		}}
	case first.Kind == EndpointHashKV:
		rows = [][]string{{"ENDPOINT", "HASH", "HASH REVISION"}}
	case first.Kind == ClientMemberList && first.State == OpDone:
		return memberTable(first.Members)
	case first.Kind == ClientAuth && first.State == OpDone && first.Spec.Auth.Verb == RoleGet:
		return permissionTable(first.Auth.Permissions)
	default:
		return nil
	}
	for _, o := range ops {
		rows = append(rows, append([]string{name(o.Via)}, o.endpointRow()...))
		if o.Status != nil && len(o.Status.Errors) > 0 { // a column of its own would not fit into 80
			rows = append(rows, []string{"", "errors: " + strings.Join(o.Status.Errors, ", ")})
		}
	}
	return rows
}

// endpointRow is what one member said of itself, or why it did not.
func (o *Op) endpointRow() []string {
	switch {
	case o.State == OpPending:
		return []string{"(no answer yet)"}
	case o.Status != nil:
		s := o.Status
		return []string{
			bytesText(s.Size), bytesText(s.SizeInUse), bytesText(s.Quota), fmt.Sprint(s.Leader == s.ID), fmt.Sprint(s.Learner),
			fmt.Sprint(s.Term), fmt.Sprint(s.Commit), fmt.Sprint(s.Applied),
		}
	case o.HashKV != nil:
		return []string{fmt.Sprint(o.HashKV.Hash), fmt.Sprint(o.HashKV.Revision)}
	}
	return []string{o.Err}
}

func permissionTable(list []auth.Permission) [][]string {
	rows := [][]string{{"ACCESS", "KEYS"}}
	for i := range list {
		rows = append(rows, []string{list[i].Access.String(), rangeText(&list[i])})
	}
	return rows
}

func memberTable(members []mvcc.Member) [][]string {
	rows := [][]string{{"ID", "STATUS", "PEER ADDRS", "IS LEARNER"}}
	for i := range members {
		m := &members[i]
		state := "started"
		if m.Name == "" {
			state = "unstarted"
		}
		rows = append(rows, []string{
			name(raft.ID(m.ID)), state, strings.Join(m.PeerURLs, ","), fmt.Sprint(m.IsLearner),
		})
	}
	return rows
}

package dump

import (
	"bytes"
	"fmt"
	"strings"

	"etcdscope/raft"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"google.golang.org/protobuf/proto"
)

// entryText says what an entry asks for, where it can in the words of etcdctl.
func entryText(e *raft.Entry) string {
	if e.Type != raft.EntryNormal {
		return confText(e)
	}
	if len(e.Data) == 0 {
		return "nothing: a leader's first entry"
	}
	r, ok := decodeRequest(e.Data)
	if !ok {
		return notBytes("a request", e.Data)
	}
	return requestText(r)
}

func decodeRequest(data []byte) (*pb.InternalRaftRequest, bool) {
	var r pb.InternalRaftRequest
	err := proto.Unmarshal(data, &r)
	return &r, err == nil
}

func requestText(r *pb.InternalRaftRequest) string {
	switch {
	case r.Put != nil:
		return putText(r.Put)
	case r.DeleteRange != nil:
		return deleteText(r.DeleteRange)
	case r.Range != nil:
		return "get " + rangeText(r.Range.Key, r.Range.RangeEnd)
	case r.Txn != nil:
		return txnText(r.Txn)
	case r.Compaction != nil:
		return fmt.Sprintf("compaction %d", r.Compaction.Revision) + flag(" --physical", r.Compaction.Physical)
	case r.LeaseGrant != nil:
		return fmt.Sprintf("lease grant %d, id %s", r.LeaseGrant.TTL, id(r.LeaseGrant.ID))
	case r.LeaseRevoke != nil:
		return "lease revoke " + id(r.LeaseRevoke.ID)
	case r.Alarm != nil:
		return alarmText(r.Alarm)
	}
	return otherText(r)
}

func alarmText(a *pb.AlarmRequest) string {
	switch a.Action {
	case pb.AlarmRequest_ACTIVATE:
		return "alarm " + a.Alarm.String() + " raised by " + id(a.MemberID)
	case pb.AlarmRequest_DEACTIVATE:
		return "alarm disarm " + a.Alarm.String() + " of " + id(a.MemberID)
	}
	return "alarm list"
}

func putText(p *pb.PutRequest) string {
	out := "put " + quote(p.Key)
	if !p.IgnoreValue {
		out += " " + quote(p.Value)
	}
	if p.Lease != 0 {
		out += " --lease=" + id(p.Lease)
	}
	return out + flag(" --ignore-value", p.IgnoreValue) + flag(" --ignore-lease", p.IgnoreLease) +
		flag(" --prev-kv", p.PrevKv)
}

func deleteText(d *pb.DeleteRangeRequest) string {
	return "del " + rangeText(d.Key, d.RangeEnd) + flag(" --prev-kv", d.PrevKv)
}

// rangeText writes a range of keys as etcdctl takes it.
func rangeText(key, end []byte) string {
	switch {
	case len(end) == 0:
		return quote(key)
	case bytes.Equal(end, []byte{0}):
		return quote(key) + " --from-key"
	case bytes.Equal(end, prefixEnd(key)):
		return quote(key) + " --prefix"
	}
	return quote(key) + " " + quote(end)
}

// prefixEnd is the first key behind all that begin with prefix.
func prefixEnd(prefix []byte) []byte {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] < 0xff {
			end := bytes.Clone(prefix[:i+1])
			end[i]++
			return end
		}
	}
	return []byte{0}
}

func flag(name string, set bool) string {
	if set {
		return name
	}
	return ""
}

// txnText writes a transaction on one line: "txn if mod(a) = 3 then put a 1; put b 2 else get a".
func txnText(t *pb.TxnRequest) string {
	out := "txn"
	if len(t.Compare) > 0 {
		out += " if "
		for i, c := range t.Compare {
			out += flag(" and ", i > 0) + compareText(c)
		}
	}
	return out + " then " + opsText(t.Success) + flag(" else "+opsText(t.Failure), len(t.Failure) > 0)
}

func compareText(c *pb.Compare) string {
	names := map[pb.Compare_CompareTarget]string{
		pb.Compare_VERSION: "ver", pb.Compare_CREATE: "create", pb.Compare_MOD: "mod", pb.Compare_VALUE: "val",
		pb.Compare_LEASE: "lease",
	}
	signs := map[pb.Compare_CompareResult]string{
		pb.Compare_EQUAL: "=", pb.Compare_GREATER: ">", pb.Compare_LESS: "<", pb.Compare_NOT_EQUAL: "!=",
	}
	var want string
	switch c.Target {
	case pb.Compare_VERSION:
		want = fmt.Sprint(c.GetVersion())
	case pb.Compare_CREATE:
		want = fmt.Sprint(c.GetCreateRevision())
	case pb.Compare_MOD:
		want = fmt.Sprint(c.GetModRevision())
	case pb.Compare_VALUE:
		want = quote(c.GetValue())
	case pb.Compare_LEASE:
		want = id(c.GetLease())
	default:
		want = "?"
	}
	return fmt.Sprintf("%s(%s) %s %s", names[c.Target], rangeText(c.Key, c.RangeEnd), signs[c.Result], want)
}

func opsText(ops []*pb.RequestOp) string {
	if len(ops) == 0 {
		return "nothing"
	}
	out := make([]string, len(ops))
	for i, op := range ops {
		switch {
		case op.GetRequestPut() != nil:
			out[i] = putText(op.GetRequestPut())
		case op.GetRequestDeleteRange() != nil:
			out[i] = deleteText(op.GetRequestDeleteRange())
		case op.GetRequestRange() != nil:
			out[i] = "get " + rangeText(op.GetRequestRange().Key, op.GetRequestRange().RangeEnd)
		case op.GetRequestTxn() != nil:
			out[i] = "(" + txnText(op.GetRequestTxn()) + ")"
		default:
			out[i] = "?"
		}
	}
	return strings.Join(out, "; ")
}

// confText says who comes and who goes.
func confText(e *raft.Entry) string {
	c, err := raft.DecodeConfChange(e.Type, e.Data)
	if err != nil {
		return notBytes("a configuration change", e.Data)
	}
	if len(c.Changes) == 0 {
		return "leave the joint configuration"
	}
	out := make([]string, len(c.Changes))
	for i, one := range c.Changes {
		verb := fmt.Sprintf("change of type %d of", one.Type)
		if int(one.Type) < len(confVerbs) {
			verb = confVerbs[one.Type]
		}
		out[i] = verb + " " + id(one.Node)
	}
	text := strings.Join(out, ", ")
	if len(c.Context) > 0 {
		text += " " + string(c.Context[:min(len(c.Context), 4*shownMost)])
	}
	return text
}

var confVerbs = [...]string{
	raft.ConfChangeAddNode: "add member", raft.ConfChangeRemoveNode: "remove member",
	raft.ConfChangeUpdateNode: "update member", raft.ConfChangeAddLearnerNode: "add learner",
}

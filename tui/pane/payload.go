package pane

import (
	"strconv"
	"strings"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	"google.golang.org/protobuf/proto"

	"etcdscope/raft"
	"etcdscope/tui/frame"
)

// payload says in a few cells what an entry does to the store: "x=9", "del x", "no-op". The text is a
// stranger's: each part is cut to most cells (0: not at all), and it must be drawn with frame.Text.
func payload(e *raft.Entry, most int, tail string) string {
	switch {
	case e.Type != raft.EntryNormal:
		return confText(e)
	case len(e.Data) == 0:
		return "no-op"
	}
	var req etcdserverpb.InternalRaftRequest
	if proto.Unmarshal(e.Data, &req) != nil {
		return strconv.Itoa(len(e.Data)) + " bytes"
	}
	cut := func(b []byte) string {
		if most == 0 {
			return frame.Safe(string(b))
		}
		return frame.Truncate(string(b), most, tail)
	}
	switch {
	case req.Put != nil:
		return cut(req.Put.Key) + "=" + cut(req.Put.Value)
	case req.DeleteRange != nil:
		return "del " + cut(req.DeleteRange.Key) + rangeTail(req.DeleteRange.RangeEnd)
	}
	return otherRequest(&req)
}

// rangeTail marks a request for more than one key.
func rangeTail(end []byte) string {
	if len(end) == 0 {
		return ""
	}
	return ".."
}

func otherRequest(req *etcdserverpb.InternalRaftRequest) string {
	switch {
	case req.Txn != nil:
		return "txn"
	case req.Compaction != nil:
		return "compact " + strconv.FormatInt(req.Compaction.Revision, 10)
	case req.LeaseGrant != nil:
		return "lease grant"
	case req.LeaseRevoke != nil:
		return "lease revoke"
	case req.LeaseCheckpoint != nil:
		return "lease checkpoint"
	case req.Alarm != nil:
		return "alarm " + strings.ToLower(req.Alarm.Action.String()) + " " + req.Alarm.Alarm.String()
	case req.ClusterVersionSet != nil, req.ClusterMemberAttrSet != nil:
		return "member attributes"
	}
	if text := authRequest(req); text != "" {
		return frame.Safe(text)
	}
	return "request"
}

// confText says what an entry does to the configuration: "add n4", "add learner n4, remove n1", "leave joint".
func confText(e *raft.Entry) string {
	c, err := raft.DecodeConfChange(e.Type, e.Data)
	if err != nil {
		return "conf"
	}
	if len(c.Changes) == 0 {
		return "leave joint"
	}
	b := line(nil)
	for i, one := range c.Changes {
		if i > 0 {
			b = b.text(", ")
		}
		verb := "change "
		if int(one.Type) < len(confVerbs) {
			verb = confVerbs[one.Type]
		}
		b = b.text(verb).member(one.Node)
	}
	return string(b)
}

var confVerbs = [...]string{
	raft.ConfChangeAddNode: "add ", raft.ConfChangeRemoveNode: "remove ",
	raft.ConfChangeUpdateNode: "update ", raft.ConfChangeAddLearnerNode: "learner ",
}

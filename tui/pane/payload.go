package pane

import (
	"strconv"

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
		return "conf"
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
	case req.ClusterVersionSet != nil, req.ClusterMemberAttrSet != nil:
		return "member attributes"
	}
	return "request"
}

package cluster

import (
	"math"

	"google.golang.org/protobuf/proto"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"

	"etcdscope/mvcc"
	"etcdscope/mvcc/auth"
)

// logged says whether requests of a kind become entries of the log; a transaction does unless it only reads.
func (o *Op) logged() bool {
	switch o.Kind {
	case ClientPut, ClientDelete, ClientCompact, LeaseGrant, LeaseRevoke, AlarmList, AlarmDisarm, ClientAuth:
		return true
	case ClientTxn:
		return !o.Spec.Txn.ReadOnly()
	}
	return false
}

// changes says whether a request whose answer is lost may have changed something.
func (o *Op) changes() bool {
	if o.Kind == ClientAuth {
		return !o.Spec.Auth.Verb.asks()
	}
	return o.logged() && o.Kind != AlarmList || o.Kind.changesMembers() || o.Kind == LeaseKeepAlive || o.Kind == Defrag
}

// reads says whether an operation is answered by the member that is asked once it knows a read index.
func (o *Op) reads() bool {
	return !o.logged() && !o.Kind.changesMembers() && o.Kind != LeaseKeepAlive && o.Kind != LeaseTimeToLive
}

// encode makes the entry data that etcd would: an InternalRaftRequest, on somebody's behalf.
func (m *member) encode(c *Cluster, o *Op, id uint64, who auth.Info) ([]byte, error) {
	req, err := o.wire(id, m.store.Revision()), error(nil)
	if o.Kind == ClientAuth {
		req, err = m.authRequest(c, o.Spec, id)
	}
	if err == nil {
		err = m.mayAt(c, proposed, req, who)
	}
	if err != nil {
		return nil, err
	}
	return encodeRequest(req, id, who)
}

// wire is a request about the store as etcd's protocol has it. newest is the revision of the member.
func (o *Op) wire(id uint64, newest int64) *pb.InternalRaftRequest {
	req := &pb.InternalRaftRequest{}
	s := o.Spec
	switch o.Kind {
	case ClientPut:
		if o.fenced {
			put := mvcc.PutOp{
				Key: s.Key, Value: s.Value, Lease: int64(o.lease), PrevKV: s.PrevKV,
				IgnoreValue: s.IgnoreValue, IgnoreLease: s.IgnoreLease,
			}
			req.Txn = wireTxn(ifOwner(o.Under, mvcc.Op{Put: &put}))
			break
		}
		req.Put = &pb.PutRequest{
			Key: s.Key, Value: s.Value, Lease: int64(o.lease), PrevKv: s.PrevKV,
			IgnoreValue: s.IgnoreValue, IgnoreLease: s.IgnoreLease,
		}
	case ClientDelete:
		req.DeleteRange = &pb.DeleteRangeRequest{Key: s.Key, RangeEnd: wireEnd(s.End), PrevKv: s.PrevKV}
	case ClientTxn:
		req.Txn = wireTxn(s.Txn)
	case ClientCompact:
		req.Compaction = &pb.CompactionRequest{Revision: s.Rev, Physical: s.Physical}
		if s.Now {
			req.Compaction.Revision = newest
		}
	case LeaseGrant:
		req.LeaseGrant = &pb.LeaseGrantRequest{ID: int64(id & math.MaxInt64), TTL: s.TTL}
	case LeaseRevoke:
		req.LeaseRevoke = &pb.LeaseRevokeRequest{ID: int64(o.lease)}
	case AlarmList, AlarmDisarm:
		req.Alarm = o.alarmRequest()
	}
	return req
}

// encodeRequest gives a request its ID and says on whose behalf it is made, and makes entry data of it.
func encodeRequest(req *pb.InternalRaftRequest, id uint64, who auth.Info) ([]byte, error) {
	req.Header = &pb.RequestHeader{ID: id, Username: who.User, AuthRevision: who.Revision}
	return proto.MarshalOptions{Deterministic: true}.Marshal(req)
}

// wireEnd is rangeEnd the other way round.
func wireEnd(end []byte) []byte {
	if end != nil && len(end) == 0 {
		return []byte{0}
	}
	return end
}

// rangeEnd turns etcd's range_end into the store's: empty is the single key, a zero byte is everything above.
func rangeEnd(end []byte) []byte {
	switch {
	case len(end) == 0:
		return nil
	case len(end) == 1 && end[0] == 0:
		return []byte{}
	}
	return end
}

// rangeOptions are the options of a get.
func (s *OpSpec) rangeOptions() mvcc.RangeOptions {
	return mvcc.RangeOptions{
		Rev: s.Rev, Limit: s.Limit, CountOnly: s.CountOnly, KeysOnly: s.KeysOnly, Target: s.SortBy, Order: s.Order,
		MinMod: s.MinMod, MaxMod: s.MaxMod, MinCreate: s.MinCreate, MaxCreate: s.MaxCreate,
	}
}

// wireTxn is a transaction as etcd's protocol has it.
func wireTxn(r *mvcc.TxnRequest) *pb.TxnRequest {
	out := &pb.TxnRequest{Success: wireOps(r.Success), Failure: wireOps(r.Failure)}
	for i := range r.Compare {
		out.Compare = append(out.Compare, wireCompare(&r.Compare[i]))
	}
	return out
}

func wireCompare(c *mvcc.Compare) *pb.Compare {
	out := &pb.Compare{
		Key: c.Key, RangeEnd: wireEnd(c.End),
		Target: pb.Compare_CompareTarget(c.Target), Result: pb.Compare_CompareResult(c.Result),
	}
	switch c.Target {
	case mvcc.CompareVersion:
		out.TargetUnion = &pb.Compare_Version{Version: c.Number}
	case mvcc.CompareCreate:
		out.TargetUnion = &pb.Compare_CreateRevision{CreateRevision: c.Number}
	case mvcc.CompareMod:
		out.TargetUnion = &pb.Compare_ModRevision{ModRevision: c.Number}
	case mvcc.CompareValue:
		out.TargetUnion = &pb.Compare_Value{Value: c.Value}
	case mvcc.CompareLease:
		out.TargetUnion = &pb.Compare_Lease{Lease: c.Number}
	}
	return out
}

func wireOps(ops []mvcc.Op) []*pb.RequestOp {
	out := make([]*pb.RequestOp, 0, len(ops))
	for i := range ops {
		out = append(out, wireOp(&ops[i]))
	}
	return out
}

func wireOp(op *mvcc.Op) *pb.RequestOp {
	switch {
	case op.Range != nil:
		o := &op.Range.Options
		return &pb.RequestOp{Request: &pb.RequestOp_RequestRange{RequestRange: &pb.RangeRequest{
			Key: op.Range.Key, RangeEnd: wireEnd(op.Range.End), Revision: o.Rev, Limit: o.Limit,
			SortOrder: pb.RangeRequest_SortOrder(o.Order), SortTarget: pb.RangeRequest_SortTarget(o.Target),
			KeysOnly: o.KeysOnly, CountOnly: o.CountOnly, MinModRevision: o.MinMod, MaxModRevision: o.MaxMod,
			MinCreateRevision: o.MinCreate, MaxCreateRevision: o.MaxCreate,
		}}}
	case op.Put != nil:
		return &pb.RequestOp{Request: &pb.RequestOp_RequestPut{RequestPut: &pb.PutRequest{
			Key: op.Put.Key, Value: op.Put.Value, Lease: op.Put.Lease, PrevKv: op.Put.PrevKV,
			IgnoreValue: op.Put.IgnoreValue, IgnoreLease: op.Put.IgnoreLease,
		}}}
	case op.Delete != nil:
		return &pb.RequestOp{Request: &pb.RequestOp_RequestDeleteRange{RequestDeleteRange: &pb.DeleteRangeRequest{
			Key: op.Delete.Key, RangeEnd: wireEnd(op.Delete.End), PrevKv: op.Delete.PrevKV,
		}}}
	}
	return &pb.RequestOp{Request: &pb.RequestOp_RequestTxn{RequestTxn: wireTxn(op.Txn)}}
}

// parseTxn is wireTxn the other way round.
func parseTxn(r *pb.TxnRequest) *mvcc.TxnRequest {
	out := &mvcc.TxnRequest{Success: parseOps(r.Success), Failure: parseOps(r.Failure)}
	for _, c := range r.Compare {
		out.Compare = append(out.Compare, parseCompare(c))
	}
	return out
}

func parseCompare(c *pb.Compare) mvcc.Compare {
	out := mvcc.Compare{
		Key: c.Key, End: rangeEnd(c.RangeEnd),
		Target: mvcc.CompareTarget(c.Target), Result: mvcc.CompareResult(c.Result), Value: c.GetValue(),
	}
	switch out.Target {
	case mvcc.CompareVersion:
		out.Number = c.GetVersion()
	case mvcc.CompareCreate:
		out.Number = c.GetCreateRevision()
	case mvcc.CompareMod:
		out.Number = c.GetModRevision()
	case mvcc.CompareLease:
		out.Number = c.GetLease()
	}
	return out
}

func parseOps(ops []*pb.RequestOp) []mvcc.Op {
	out := make([]mvcc.Op, 0, len(ops))
	for _, op := range ops {
		switch r := op.Request.(type) {
		case *pb.RequestOp_RequestRange:
			out = append(out, mvcc.Op{Range: parseRange(r.RequestRange)})
		case *pb.RequestOp_RequestPut:
			out = append(out, mvcc.Op{Put: parsePut(r.RequestPut)})
		case *pb.RequestOp_RequestDeleteRange:
			d := r.RequestDeleteRange
			out = append(out, mvcc.Op{Delete: &mvcc.DeleteOp{Key: d.Key, End: rangeEnd(d.RangeEnd), PrevKV: d.PrevKv}})
		case *pb.RequestOp_RequestTxn:
			out = append(out, mvcc.Op{Txn: parseTxn(r.RequestTxn)})
		}
	}
	return out
}

func parseRange(r *pb.RangeRequest) *mvcc.RangeOp {
	return &mvcc.RangeOp{Key: r.Key, End: rangeEnd(r.RangeEnd), Options: mvcc.RangeOptions{
		Rev: r.Revision, Limit: r.Limit, CountOnly: r.CountOnly, KeysOnly: r.KeysOnly,
		Target: mvcc.SortTarget(r.SortTarget), Order: mvcc.SortOrder(r.SortOrder),
		MinMod: r.MinModRevision, MaxMod: r.MaxModRevision,
		MinCreate: r.MinCreateRevision, MaxCreate: r.MaxCreateRevision,
	}}
}

func parsePut(r *pb.PutRequest) *mvcc.PutOp {
	return &mvcc.PutOp{
		Key: r.Key, Value: r.Value, Lease: r.Lease, PrevKV: r.PrevKv,
		IgnoreValue: r.IgnoreValue, IgnoreLease: r.IgnoreLease,
	}
}

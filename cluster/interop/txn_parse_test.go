package interop

import (
	pb "go.etcd.io/etcd/api/v3/etcdserverpb"

	"etcdscope/mvcc"
)

// fromTxn is toTxn the other way round.
func fromTxn(r *pb.TxnRequest) *mvcc.TxnRequest {
	out := &mvcc.TxnRequest{Success: fromOps(r.Success), Failure: fromOps(r.Failure)}
	for _, c := range r.Compare {
		out.Compare = append(out.Compare, fromCompare(c))
	}
	return out
}

func fromEnd(end []byte) []byte {
	switch {
	case len(end) == 0:
		return nil
	case len(end) == 1 && end[0] == 0:
		return []byte{}
	}
	return end
}

func fromCompare(c *pb.Compare) mvcc.Compare {
	out := mvcc.Compare{
		Key: c.Key, End: fromEnd(c.RangeEnd), Value: c.GetValue(),
		Target: mvcc.CompareTarget(c.Target), Result: mvcc.CompareResult(c.Result),
	}
	out.Number = c.GetVersion() + c.GetCreateRevision() + c.GetModRevision() + c.GetLease() // one of them is there
	return out
}

func fromOps(ops []*pb.RequestOp) (out []mvcc.Op) {
	for _, op := range ops {
		switch o := op.Request.(type) {
		case *pb.RequestOp_RequestPut:
			p := o.RequestPut
			out = append(out, mvcc.Op{Put: &mvcc.PutOp{
				Key: p.Key, Value: p.Value, Lease: p.Lease,
				PrevKV: p.PrevKv, IgnoreValue: p.IgnoreValue, IgnoreLease: p.IgnoreLease,
			}})
		case *pb.RequestOp_RequestDeleteRange:
			d := o.RequestDeleteRange
			out = append(out, mvcc.Op{Delete: &mvcc.DeleteOp{Key: d.Key, End: fromEnd(d.RangeEnd), PrevKV: d.PrevKv}})
		case *pb.RequestOp_RequestRange:
			out = append(out, mvcc.Op{Range: fromRange(o.RequestRange)})
		case *pb.RequestOp_RequestTxn:
			out = append(out, mvcc.Op{Txn: fromTxn(o.RequestTxn)})
		}
	}
	return out
}

func fromRange(r *pb.RangeRequest) *mvcc.RangeOp {
	return &mvcc.RangeOp{Key: r.Key, End: fromEnd(r.RangeEnd), Options: mvcc.RangeOptions{
		Rev: r.Revision, Limit: r.Limit, CountOnly: r.CountOnly, KeysOnly: r.KeysOnly,
		Target: mvcc.SortTarget(r.SortTarget), Order: mvcc.SortOrder(r.SortOrder),
		MinMod: r.MinModRevision, MaxMod: r.MaxModRevision, MinCreate: r.MinCreateRevision, MaxCreate: r.MaxCreateRevision,
	}}
}

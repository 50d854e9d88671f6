package interop

import (
	"fmt"
	"strings"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/mvccpb"

	"etcdscope/mvcc"
)

// toTxn is the request as a client of etcd's sends it.
func toTxn(r *mvcc.TxnRequest) *pb.TxnRequest {
	out := &pb.TxnRequest{Success: toOps(r.Success), Failure: toOps(r.Failure)}
	for i := range r.Compare {
		out.Compare = append(out.Compare, toCompare(&r.Compare[i]))
	}
	return out
}

// toEnd writes the end of all keys from one on as the byte 0: on the wire, an empty end is none.
func toEnd(end []byte) []byte {
	if end != nil && len(end) == 0 {
		return []byte{0}
	}
	return end
}

func toCompare(c *mvcc.Compare) *pb.Compare {
	out := &pb.Compare{
		Key: c.Key, RangeEnd: toEnd(c.End),
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

func toOps(ops []mvcc.Op) (out []*pb.RequestOp) {
	for _, op := range ops {
		r := &pb.RequestOp{}
		switch {
		case op.Range != nil:
			r.Request = &pb.RequestOp_RequestRange{RequestRange: toRange(op.Range)}
		case op.Put != nil:
			p := op.Put
			r.Request = &pb.RequestOp_RequestPut{RequestPut: &pb.PutRequest{
				Key: p.Key, Value: p.Value, Lease: p.Lease,
				PrevKv: p.PrevKV, IgnoreValue: p.IgnoreValue, IgnoreLease: p.IgnoreLease,
			}}
		case op.Delete != nil:
			d := op.Delete
			r.Request = &pb.RequestOp_RequestDeleteRange{RequestDeleteRange: &pb.DeleteRangeRequest{
				Key: d.Key, RangeEnd: toEnd(d.End), PrevKv: d.PrevKV,
			}}
		case op.Txn != nil:
			r.Request = &pb.RequestOp_RequestTxn{RequestTxn: toTxn(op.Txn)}
		}
		out = append(out, r)
	}
	return out
}

func toRange(r *mvcc.RangeOp) *pb.RangeRequest {
	o := &r.Options
	return &pb.RangeRequest{
		Key: r.Key, RangeEnd: toEnd(r.End), Revision: o.Rev, Limit: o.Limit,
		KeysOnly: o.KeysOnly, CountOnly: o.CountOnly,
		SortOrder: pb.RangeRequest_SortOrder(o.Order), SortTarget: pb.RangeRequest_SortTarget(o.Target),
		MinModRevision: o.MinMod, MaxModRevision: o.MaxMod,
		MinCreateRevision: o.MinCreate, MaxCreateRevision: o.MaxCreate,
	}
}

// answer is an answer to a transaction as text, a line for each operation. Both sides are written by the same
// methods, so that two texts differ only where the answers do.
type answer struct {
	strings.Builder
	indent string
}

func (a *answer) line(format string, args ...any) {
	a.WriteString(a.indent + fmt.Sprintf(format, args...) + "\n")
}

// versions leaves out whether a list or a value without bytes is nil: the wire does not say it either.
func versions(kvs []mvcc.KeyValue) string {
	var out strings.Builder
	for _, kv := range kvs {
		fmt.Fprintf(&out, " {%s=%q created %d modified %d version %d lease %d}",
			kv.Key, kv.Value, kv.CreateRevision, kv.ModRevision, kv.Version, kv.Lease)
	}
	return out.String()
}

func (a *answer) ranged(kvs []mvcc.KeyValue, count int64, more bool, rev int64) {
	a.line("range count %d more %t at %d:%s", count, more, rev, versions(kvs))
}

func (a *answer) put(prev []mvcc.KeyValue, rev int64) { a.line("put at %d:%s", rev, versions(prev)) }

func (a *answer) deleted(n int64, prev []mvcc.KeyValue, rev int64) {
	a.line("delete %d at %d:%s", n, rev, versions(prev))
}

// nested writes what is inside one level deeper.
func (a *answer) nested(succeeded bool, inside func()) {
	a.line("txn succeeded %t", succeeded)
	outer := a.indent
	a.indent += "  "
	inside()
	a.indent = outer
}

// ours is our store's answer as text.
func (a *answer) ours(r *mvcc.TxnResult) {
	a.nested(r.Succeeded, func() {
		for _, op := range r.Results {
			switch {
			case op.Range != nil:
				a.ranged(op.Range.KVs, op.Range.Count, op.Range.More, op.Rev)
			case op.Put != nil:
				var prev []mvcc.KeyValue
				if op.Put.Prev != nil {
					prev = append(prev, *op.Put.Prev)
				}
				a.put(prev, op.Rev)
			case op.Delete != nil:
				a.deleted(op.Delete.Deleted, op.Delete.Prev, op.Rev)
			case op.Txn != nil:
				a.ours(op.Txn)
			}
		}
	})
}

// etcd is etcd's answer as text.
func (a *answer) etcd(r *pb.TxnResponse) {
	a.nested(r.Succeeded, func() {
		for _, op := range r.Responses {
			switch o := op.Response.(type) {
			case *pb.ResponseOp_ResponseRange:
				res := o.ResponseRange
				a.ranged(fromKeyValues(res.Kvs...), res.Count, res.More, res.Header.Revision)
			case *pb.ResponseOp_ResponsePut:
				var prev []mvcc.KeyValue
				if kv := o.ResponsePut.PrevKv; kv != nil {
					prev = fromKeyValues(kv)
				}
				a.put(prev, o.ResponsePut.Header.Revision)
			case *pb.ResponseOp_ResponseDeleteRange:
				res := o.ResponseDeleteRange
				a.deleted(res.Deleted, fromKeyValues(res.PrevKvs...), res.Header.Revision)
			case *pb.ResponseOp_ResponseTxn:
				a.etcd(o.ResponseTxn)
			}
		}
	})
}

func fromKeyValues(kvs ...*mvccpb.KeyValue) (out []mvcc.KeyValue) {
	for _, kv := range kvs {
		out = append(out, fromKeyValue(kv))
	}
	return out
}

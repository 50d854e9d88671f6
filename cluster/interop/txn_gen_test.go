package interop

import (
	"strconv"

	"pgregory.net/rapid"

	"etcdscope/mvcc"
)

// txnDrawer draws transactions for a store at a revision. It stays close to what the store holds: few keys, and
// numbers that some version has, so that conditions and bounds cut through the keys instead of missing them all.
type txnDrawer struct {
	t   *rapid.T
	rev int64
}

// oneIn is true about once in n times; a failing run shrinks to where it is false.
func (d txnDrawer) oneIn(n int, label string) bool {
	return rapid.IntRange(1, n).Draw(d.t, label) == n
}

func (d txnDrawer) key() []byte {
	return []byte{rapid.SampledFrom([]byte("abcd")).Draw(d.t, "key")}
}

// end is that of one key, of all keys from one on, or of a range, which may be empty.
func (d txnDrawer) end() []byte {
	switch rapid.SampledFrom([]string{"one", "all", "range"}).Draw(d.t, "end") {
	case "all":
		return []byte{}
	case "range":
		return d.key()
	}
	return nil
}

// number is a version, a lease, or a revision of long ago or of just now, up to one that is still to come.
func (d txnDrawer) number(label string) int64 {
	if rapid.Bool().Draw(d.t, "recent") {
		return rapid.Int64Range(max(0, d.rev-8), d.rev+1).Draw(d.t, label)
	}
	return rapid.Int64Range(0, 5).Draw(d.t, label)
}

// txn draws a transaction whose nested ones go depth deep.
func (d txnDrawer) txn(depth int) *mvcc.TxnRequest {
	r := &mvcc.TxnRequest{}
	for range rapid.IntRange(0, 2).Draw(d.t, "conditions") {
		r.Compare = append(r.Compare, d.compare())
	}
	r.Success = d.ops(depth)
	r.Failure = d.ops(depth)
	return r
}

func (d txnDrawer) compare() mvcc.Compare {
	c := mvcc.Compare{
		Key: d.key(), End: d.end(),
		Target: mvcc.CompareTarget(rapid.IntRange(int(mvcc.CompareVersion), int(mvcc.CompareLease)).Draw(d.t, "target")),
		Result: mvcc.CompareResult(rapid.IntRange(int(mvcc.Equal), int(mvcc.NotEqual)).Draw(d.t, "result")),
	}
	if c.Target == mvcc.CompareValue {
		c.Value = d.value()
	} else {
		c.Number = d.number("number")
	}
	return c
}

// value is one of a few, so that some are equal and the order of others is not that of their numbers.
func (d txnDrawer) value() []byte {
	return strconv.AppendInt(nil, int64(rapid.IntRange(0, 20).Draw(d.t, "value")), 10)
}

// ops draws the operations of one branch, often none: a transaction that writes on one path only must still count as
// one that writes.
func (d txnDrawer) ops(depth int) (ops []mvcc.Op) {
	kinds := []string{"put", "put", "put", "put", "range", "range", "delete", "txn"}
	if depth == 0 {
		kinds = kinds[:len(kinds)-1]
	}
	for range rapid.IntRange(0, 3).Draw(d.t, "operations") {
		var op mvcc.Op
		switch rapid.SampledFrom(kinds).Draw(d.t, "operation") {
		case "put":
			op.Put = d.put()
		case "range":
			op.Range = &mvcc.RangeOp{Key: d.key(), End: d.end(), Options: d.options()}
		case "delete":
			op.Delete = &mvcc.DeleteOp{Key: d.key(), End: d.end(), PrevKV: rapid.Bool().Draw(d.t, "previous")}
		case "txn":
			op.Txn = d.txn(depth - 1)
		}
		ops = append(ops, op)
	}
	return ops
}

// put now and then names a lease that does not exist, or takes over from a key that may not live: both are refused
// by the check before anything is written.
func (d txnDrawer) put() *mvcc.PutOp {
	p := &mvcc.PutOp{
		Key: d.key(), PrevKV: rapid.Bool().Draw(d.t, "previous"),
		IgnoreValue: d.oneIn(6, "keep value"), IgnoreLease: d.oneIn(6, "keep lease"),
	}
	if !p.IgnoreValue {
		p.Value = d.value()
	}
	if !p.IgnoreLease {
		p.Lease = rapid.SampledFrom([]int64{0, 1, 2}).Draw(d.t, "lease")
		if d.oneIn(30, "no such lease") {
			p.Lease = 9
		}
	}
	return p
}

// options draws what a Range may ask for. Equal versions, values and revisions are sorted as well: etcd's sort keeps
// the order of so few keys. A negative revision is refused as compacted inside of transactions, from -2 on.
func (d txnDrawer) options() mvcc.RangeOptions {
	o := mvcc.RangeOptions{
		CountOnly: d.oneIn(6, "count"), KeysOnly: d.oneIn(3, "keys"),
		Target: mvcc.SortTarget(rapid.IntRange(int(mvcc.SortByKey), int(mvcc.SortByValue)).Draw(d.t, "target")),
		Order:  mvcc.SortOrder(rapid.IntRange(int(mvcc.SortNone), int(mvcc.SortDescend)).Draw(d.t, "order")),
	}
	if d.oneIn(2, "limited") {
		o.Limit = rapid.Int64Range(1, 3).Draw(d.t, "limit")
	}
	if d.oneIn(6, "past") {
		o.Rev = rapid.Int64Range(max(-2, d.rev-10), d.rev+1).Draw(d.t, "rev")
	}
	if d.oneIn(50, "negative") {
		o.Rev = rapid.Int64Range(-3, -1).Draw(d.t, "rev")
	}
	for _, bound := range []*int64{&o.MinMod, &o.MaxMod, &o.MinCreate, &o.MaxCreate} {
		if d.oneIn(4, "bounded") {
			*bound = d.number("bound")
		}
	}
	return o
}

package mvcc_test

import (
	"bytes"
	"cmp"
	"errors"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"etcdscope/mvcc"
)

// rangeLike answers a Range from the model: everything is found, filtered, sorted and then cut.
func (m *model) rangeLike(key, end []byte, o mvcc.RangeOptions, current int64) (mvcc.RangeResult, error) {
	rev := cmp.Or(o.Rev, current)
	switch {
	case rev > current:
		return mvcc.RangeResult{}, mvcc.ErrFutureRev
	case rev < m.compacted:
		return mvcc.RangeResult{}, mvcc.ErrCompacted
	}
	res := mvcc.RangeResult{Rev: current}
	all := m.find(key, end, rev)
	res.Count = int64(len(all))
	if o.CountOnly {
		return res, nil
	}
	all = slices.DeleteFunc(all, func(kv mvcc.KeyValue) bool {
		return o.MinMod != 0 && kv.ModRevision < o.MinMod || o.MaxMod != 0 && kv.ModRevision > o.MaxMod ||
			o.MinCreate != 0 && kv.CreateRevision < o.MinCreate || o.MaxCreate != 0 && kv.CreateRevision > o.MaxCreate
	})
	filters := o.MinMod | o.MaxMod | o.MinCreate | o.MaxCreate
	if filters == 0 && o.Order == mvcc.SortNone && o.Limit > 0 {
		res.More = int64(len(all)) > o.Limit
		all = all[:min(int64(len(all)), o.Limit+1)]
	}
	slices.SortStableFunc(all, func(a, b mvcc.KeyValue) int {
		c := map[mvcc.SortTarget]int{
			mvcc.SortByKey: bytes.Compare(a.Key, b.Key), mvcc.SortByValue: bytes.Compare(a.Value, b.Value),
			mvcc.SortByVersion: cmp.Compare(a.Version, b.Version),
			mvcc.SortByCreate:  cmp.Compare(a.CreateRevision, b.CreateRevision),
			mvcc.SortByMod:     cmp.Compare(a.ModRevision, b.ModRevision),
		}[o.Target]
		if o.Order == mvcc.SortDescend {
			return -c
		}
		return c
	})
	if o.Limit > 0 && int64(len(all)) > o.Limit {
		all, res.More = all[:o.Limit], true
	}
	for i := range all {
		if o.KeysOnly {
			all[i].Value = nil
			if o.Target != mvcc.SortByValue {
				all[i].Lease = 0
			}
		}
	}
	res.KVs = all
	return res, nil
}

// apply does a transaction on the model: a path first, then a rehearsal on a copy, then the changes.
func (m *model) apply(r *mvcc.TxnRequest, alive func(int64) bool) (mvcc.TxnResult, []mvcc.Event, error) {
	before := len(m.log)
	path := m.branches(r)
	if err := m.refuse(path, alive); err != nil {
		return mvcc.TxnResult{Rev: m.rev}, nil, err
	}
	res := m.do(r, &path)
	if len(m.log) > before {
		m.rev++
	}
	res.Rev = m.rev
	return res, m.log[before:], nil
}

// step is one operation of a path, or where a nested transaction begins.
type step struct {
	op        mvcc.Op
	succeeded bool
}

// branches lists the operations that will be done, each nested transaction before its own.
func (m *model) branches(r *mvcc.TxnRequest) []step {
	ok := true
	for _, c := range r.Compare {
		kvs := m.find(c.Key, c.End, m.rev)
		ok = ok && (c.Target != mvcc.CompareValue || len(kvs) > 0)
		if len(kvs) == 0 {
			kvs = []mvcc.KeyValue{{}}
		}
		for _, kv := range kvs {
			order := map[mvcc.CompareTarget]int{
				mvcc.CompareVersion: cmp.Compare(kv.Version, c.Number),
				mvcc.CompareCreate:  cmp.Compare(kv.CreateRevision, c.Number),
				mvcc.CompareMod:     cmp.Compare(kv.ModRevision, c.Number),
				mvcc.CompareLease:   cmp.Compare(kv.Lease, c.Number),
				mvcc.CompareValue:   bytes.Compare(kv.Value, c.Value),
			}[c.Target]
			ok = ok && map[mvcc.CompareResult]bool{
				mvcc.Equal: order == 0, mvcc.NotEqual: order != 0, mvcc.Less: order < 0, mvcc.Greater: order > 0,
			}[c.Result]
		}
	}
	ops := r.Failure
	if ok {
		ops = r.Success
	}
	steps := []step{{succeeded: ok}}
	for _, op := range ops {
		if op.Txn != nil {
			steps = append(steps, m.branches(op.Txn)...)
		} else {
			steps = append(steps, step{op: op})
		}
	}
	return steps
}

func (m *model) refuse(steps []step, alive func(int64) bool) error {
	for _, s := range steps {
		if r := s.op.Range; r != nil {
			if _, err := m.rangeLike(r.Key, r.End, r.Options, m.rev); err != nil {
				return err
			}
		}
		if p := s.op.Put; p != nil {
			if p.Lease != 0 && !alive(p.Lease) {
				return mvcc.ErrLeaseNotFound
			}
			if (p.IgnoreValue || p.IgnoreLease) && len(m.find(p.Key, nil, m.rev)) == 0 {
				return mvcc.ErrKeyNotFound
			}
		}
	}
	return nil
}

// do does the steps of one transaction and takes them off the list.
func (m *model) do(r *mvcc.TxnRequest, steps *[]step) mvcc.TxnResult {
	next := func() (s step) { s, *steps = (*steps)[0], (*steps)[1:]; return s }
	seen := func() int64 {
		if n := len(m.log); n > 0 && m.log[n-1].KV.ModRevision > m.rev {
			return m.rev + 1
		}
		return m.rev
	}
	res := mvcc.TxnResult{Succeeded: next().succeeded, Results: []mvcc.OpResult{}}
	ops := r.Failure
	if res.Succeeded {
		ops = r.Success
	}
	for _, op := range ops {
		if op.Txn != nil {
			inner := m.do(op.Txn, steps)
			res.Results = append(res.Results, mvcc.OpResult{Txn: &inner})
			continue
		}
		next()
		var out mvcc.OpResult
		switch {
		case op.Range != nil:
			got, _ := m.rangeLike(op.Range.Key, op.Range.End, op.Range.Options, seen())
			out.Range = &got
		case op.Put != nil:
			out.Put = m.doPut(op.Put)
		case op.Delete != nil:
			gone := m.delete(op.Delete.Key, op.Delete.End)
			out.Delete = &mvcc.DeleteResult{Deleted: int64(len(gone))}
			if op.Delete.PrevKV {
				out.Delete.Prev = gone
			}
		}
		out.Rev = seen()
		res.Results = append(res.Results, out)
	}
	return res
}

func (m *model) doPut(p *mvcc.PutOp) *mvcc.PutResult {
	var prev *mvcc.KeyValue
	if before := m.find(p.Key, nil, m.rev+1); len(before) > 0 {
		prev = &before[0]
	}
	value, lease := p.Value, p.Lease
	if p.IgnoreValue {
		value = prev.Value
	}
	if p.IgnoreLease {
		lease = prev.Lease
	}
	m.put(p.Key, value, lease)
	if !p.PrevKV {
		prev = nil
	}
	return &mvcc.PutResult{Prev: prev}
}

var drawOptions = rapid.Custom(func(t *rapid.T) (o mvcc.RangeOptions) {
	small := rapid.Int64Range(0, 6)
	o.Target = mvcc.SortTarget(rapid.IntRange(0, 4).Draw(t, "target"))
	o.Order = mvcc.SortOrder(rapid.IntRange(0, 2).Draw(t, "order"))
	o.Limit, o.CountOnly = small.Draw(t, "limit"), rapid.IntRange(0, 5).Draw(t, "count") == 0
	o.KeysOnly = rapid.Bool().Draw(t, "keys only")
	if rapid.Bool().Draw(t, "filter") {
		o.MinMod, o.MaxMod = small.Draw(t, "min mod"), small.Draw(t, "max mod")
		o.MinCreate, o.MaxCreate = small.Draw(t, "min create"), small.Draw(t, "max create")
	}
	if rapid.IntRange(0, 3).Draw(t, "old") == 0 {
		o.Rev = small.Draw(t, "rev")
	}
	return o
})

func drawCompare(t *rapid.T) mvcc.Compare {
	return mvcc.Compare{
		Key: drawKey.Draw(t, "key"), End: drawEnd.Draw(t, "end"),
		Target: mvcc.CompareTarget(rapid.IntRange(0, 4).Draw(t, "target")),
		Result: mvcc.CompareResult(rapid.IntRange(0, 3).Draw(t, "result")),
		Number: rapid.Int64Range(0, 4).Draw(t, "number"), Value: []byte(rapid.SampledFrom(values).Draw(t, "value")),
	}
}

var values = []string{"1", "2", "3"}

func drawOps(t *rapid.T, depth int) (ops []mvcc.Op) {
	for range rapid.IntRange(0, 3).Draw(t, "operations") {
		key, end := drawKey.Draw(t, "key"), drawEnd.Draw(t, "end")
		kind := rapid.IntRange(0, 6).Draw(t, "kind")
		switch {
		case kind < 2:
			ops = append(ops, mvcc.Op{Range: &mvcc.RangeOp{Key: key, End: end, Options: drawOptions.Draw(t, "options")}})
		case kind < 5:
			p := &mvcc.PutOp{Key: key, PrevKV: rapid.Bool().Draw(t, "prev")}
			if p.IgnoreValue = rapid.IntRange(0, 3).Draw(t, "ignore") == 0; !p.IgnoreValue {
				p.Value = []byte(rapid.SampledFrom(values).Draw(t, "value"))
			}
			if p.IgnoreLease = rapid.IntRange(0, 3).Draw(t, "ignore") == 0; !p.IgnoreLease {
				p.Lease = rapid.Int64Range(0, 3).Draw(t, "lease")
			}
			ops = append(ops, mvcc.Op{Put: p})
		case kind == 5:
			ops = append(ops, mvcc.Op{Delete: &mvcc.DeleteOp{Key: key, End: end, PrevKV: rapid.Bool().Draw(t, "prev")}})
		case depth > 0:
			ops = append(ops, mvcc.Op{Txn: drawTxn(t, depth-1)})
		}
	}
	return ops
}

func drawTxn(t *rapid.T, depth int) *mvcc.TxnRequest {
	r := &mvcc.TxnRequest{Success: drawOps(t, depth), Failure: drawOps(t, depth)}
	for range rapid.IntRange(0, 2).Draw(t, "conditions") {
		r.Compare = append(r.Compare, drawCompare(t))
	}
	return r
}

// Whatever a transaction nests and whichever way it goes, it does what the list of everything says.
func TestApplyAgainstModel(t *testing.T) {
	dir := t.TempDir()
	alive := func(id int64) bool { return id != 3 }
	rapid.Check(t, func(t *rapid.T) {
		b, err := mvcc.NewBackend(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		s, err := mvcc.Open(b)
		if err != nil {
			t.Fatal(err)
		}
		m := model{rev: 1, compacted: -1}
		for range rapid.IntRange(1, 20).Draw(t, "transactions") {
			r := drawTxn(t, 2)
			if r.Validate(0) != nil {
				continue
			}
			want, events, refused := m.apply(r, alive)
			got, did, err := s.Apply(r, alive)
			if !errors.Is(err, refused) || !reflect.DeepEqual(tidy(got), tidy(want)) || !same(did, events) {
				t.Fatalf("transaction %+v:\n%+v %+v %v, want\n%+v %+v %v", r, got, did, err, want, events, refused)
			}
			if r.ReadOnly() && len(did) > 0 {
				t.Fatalf("a transaction that only reads did %+v", did)
			}
			if rapid.IntRange(0, 9).Draw(t, "compact") == 0 && m.rev > m.compacted {
				m.compact(m.rev)
				if err := s.Compact(m.rev); err != nil {
					t.Fatal(err)
				}
			}
			key, end, o := drawKey.Draw(t, "key"), drawEnd.Draw(t, "end"), drawOptions.Draw(t, "options")
			read, err := s.Range(key, end, o)
			if like, wrong := m.rangeLike(key, end, o, m.rev); !errors.Is(err, wrong) || !same(read.KVs, like.KVs) ||
				read.Count != like.Count || read.More != like.More || read.Rev != like.Rev {
				t.Fatalf("range %q %q %+v: %+v %v, want %+v %v", key, end, o, read, err, like, wrong)
			}
		}
	})
}

// tidy makes empty lists nil, so that results can be compared.
func tidy(r mvcc.TxnResult) mvcc.TxnResult {
	r.Results = slices.Clone(r.Results)
	for i := range r.Results {
		switch o := &r.Results[i]; {
		case o.Txn != nil:
			inner := tidy(*o.Txn)
			o.Txn = &inner
		case o.Range != nil && len(o.Range.KVs) == 0:
			empty := *o.Range
			empty.KVs = nil
			o.Range = &empty
		case o.Delete != nil && len(o.Delete.Prev) == 0:
			o.Delete = &mvcc.DeleteResult{Deleted: o.Delete.Deleted}
		}
	}
	return r
}

package mvcc

import "errors"

// The errors of a request that cannot be done, with etcd's texts.
var (
	ErrKeyNotFound   = errors.New("etcdserver: key not found")
	ErrLeaseNotFound = errors.New("etcdserver: requested lease not found")
)

// Apply does a transaction: it decides the whole path, checks every operation on it, and then does them in order
// as one revision. leases says whether a lease exists; nil knows none. An error means that nothing was written.
// The events are those of Txn.End, whose caller tells watchers and leases.
func (s *Store) Apply(r *TxnRequest, leases func(id int64) bool) (TxnResult, []Event, error) {
	p := s.decide(r)
	if !s.rules.NoCheckPhase {
		if err := s.check(r, &p, leases); err != nil {
			return TxnResult{Rev: s.revision}, nil, err
		}
	}
	if r.ReadOnly() { // nothing begins and nothing ends: any member may answer at any time
		a := applier{&Txn{store: s}, leases}
		res, err := a.txn(r, &p)
		res.Rev = s.revision
		return res, nil, err
	}
	a := applier{s.Write(), leases}
	res, err := a.txn(r, &p)
	events := a.End()
	res.Rev = s.revision
	return res, events, err
}

// check says why a transaction cannot be done on its path, before anything is.
func (s *Store) check(r *TxnRequest, p *path, leases func(int64) bool) error {
	nested := p.nested
	for _, op := range p.branch(r) {
		var err error
		switch {
		case op.Range != nil:
			err = s.checkRange(op.Range)
		case op.Put != nil:
			err = s.checkPut(op.Put, s.revision, leases)
		case op.Txn != nil:
			err = s.check(op.Txn, &nested[0], leases)
			nested = nested[1:]
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) checkRange(op *RangeOp) error {
	o := &op.Options
	if o.Target < SortByKey || o.Target > SortByValue || o.Order < SortNone || o.Order > SortDescend {
		return ErrInvalidSort
	}
	if o.Rev < 0 && o.Rev < s.compacted {
		return ErrCompacted // outside of transactions etcd reads the newest revision
	}
	_, err := s.reach(o.Rev, s.revision)
	return err
}

// checkPut looks at what a put needs at a revision: its lease, and the key that it takes something over from.
func (s *Store) checkPut(op *PutOp, rev int64, leases func(int64) bool) error {
	if op.Lease != 0 && (leases == nil || !leases(op.Lease)) {
		return ErrLeaseNotFound
	}
	if op.IgnoreValue || op.IgnoreLease {
		if _, ok := s.index.get(op.Key, rev); !ok {
			return ErrKeyNotFound
		}
	}
	return nil
}

// applier does the operations of a transaction.
type applier struct {
	*Txn
	leases func(int64) bool
}

func (a *applier) txn(r *TxnRequest, p *path) (TxnResult, error) {
	ops, nested := p.branch(r), p.nested
	res := TxnResult{Succeeded: p.succeeded, Results: make([]OpResult, 0, len(ops))}
	for _, op := range ops {
		var done OpResult
		var err error
		switch {
		case op.Range != nil:
			done, err = a.rangeOp(op.Range)
		case op.Put != nil:
			done, err = a.put(op.Put)
		case op.Delete != nil:
			done = a.delete(op.Delete)
		case op.Txn != nil:
			var inner TxnResult
			inner, err = a.txn(op.Txn, &nested[0])
			done, nested = OpResult{Txn: &inner}, nested[1:]
		}
		if err != nil {
			return res, err
		}
		res.Results = append(res.Results, done)
	}
	return res, nil
}

func (a *applier) rangeOp(op *RangeOp) (OpResult, error) {
	res, err := a.Range(op.Key, op.End, op.Options)
	return OpResult{Range: &res, Rev: res.Rev}, err
}

func (a *applier) put(op *PutOp) (OpResult, error) {
	s := a.store
	if err := s.checkPut(op, a.revision(), a.leases); err != nil {
		return OpResult{}, err
	}
	value, lease := op.Value, op.Lease
	if op.IgnoreValue || op.IgnoreLease {
		at, _ := s.index.get(op.Key, a.revision())
		old := a.before(op.Key, at, true)
		if op.IgnoreValue {
			value = old.Value
		}
		if op.IgnoreLease {
			lease = old.Lease
		}
	}
	var done PutResult
	if prev := a.Put(op.Key, value, lease, op.PrevKV); op.PrevKV {
		done.Prev = prev
	}
	return OpResult{Put: &done, Rev: a.revision()}, nil
}

func (a *applier) delete(op *DeleteOp) OpResult {
	var done DeleteResult
	done.Deleted, done.Prev = a.DeleteRange(op.Key, op.End, op.PrevKV)
	return OpResult{Delete: &done, Rev: a.revision()}
}

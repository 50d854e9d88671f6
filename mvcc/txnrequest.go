package mvcc

// TxnRequest is etcd's transaction: if all of Compare hold, Success is done, else Failure.
type TxnRequest struct {
	Compare          []Compare
	Success, Failure []Op
}

// Op is one operation of a transaction; exactly one field is set.
type Op struct {
	Range  *RangeOp
	Put    *PutOp
	Delete *DeleteOp
	Txn    *TxnRequest
}

// RangeOp reads [Key, End), end as in Store.Range.
type RangeOp struct {
	Key, End []byte
	Options  RangeOptions
}

// PutOp writes a key.
type PutOp struct {
	Key, Value  []byte
	Lease       int64
	PrevKV      bool
	IgnoreValue bool // keep the value that the key has
	IgnoreLease bool // keep the lease that the key has
}

// DeleteOp deletes [Key, End), end as in Store.Range.
type DeleteOp struct {
	Key, End []byte
	PrevKV   bool
}

// TxnResult is what a transaction did.
type TxnResult struct {
	Succeeded bool       // the conditions held
	Results   []OpResult // of the path taken, in order
	Rev       int64      // of the store behind the transaction
}

// OpResult is the answer to one operation: the field of the operation is set.
type OpResult struct {
	Range  *RangeResult
	Put    *PutResult
	Delete *DeleteResult
	Txn    *TxnResult
	Rev    int64 // of the store as this operation saw it, as etcd's header says; 0 for a nested transaction
}

// PutResult is the answer to a put.
type PutResult struct{ Prev *KeyValue } // nil without PrevKV, or when the key did not live

// DeleteResult is the answer to a delete.
type DeleteResult struct {
	Deleted int64
	Prev    []KeyValue // with PrevKV
}

// ReadOnly says whether no path of the transaction writes: etcd answers it without the log.
func (r *TxnRequest) ReadOnly() bool { return readOnly(r.Success) && readOnly(r.Failure) }

func readOnly(ops []Op) bool {
	for _, op := range ops {
		if op.Put != nil || op.Delete != nil || (op.Txn != nil && !op.Txn.ReadOnly()) {
			return false
		}
	}
	return true
}

// Cost is what etcd's quota reckons for the transaction: the dearer path, in bytes.
func (r *TxnRequest) Cost() int64 { return max(opsCost(r.Success), opsCost(r.Failure)) }

func opsCost(ops []Op) (cost int64) {
	for _, op := range ops {
		switch {
		case op.Put != nil:
			cost += PutCost(op.Put.Key, op.Put.Value)
		case op.Txn != nil:
			cost += op.Txn.Cost()
		}
	}
	return cost
}

// path is the branch that a transaction takes, decided for the whole tree before anything is done.
type path struct {
	succeeded bool
	nested    []path // of the nested transactions on the branch, in order
}

// decide evaluates the conditions of a transaction and of those nested on the branch it takes.
func (s *Store) decide(r *TxnRequest) path {
	p := path{succeeded: s.allHold(r.Compare)}
	for _, op := range p.branch(r) {
		if op.Txn != nil {
			p.nested = append(p.nested, s.decide(op.Txn))
		}
	}
	return p
}

func (p *path) branch(r *TxnRequest) []Op {
	if p.succeeded {
		return r.Success
	}
	return r.Failure
}

// allHold is whether all conditions hold; one whose keys cannot be read does not.
func (s *Store) allHold(conditions []Compare) bool {
	for i := range conditions {
		c := &conditions[i]
		o := RangeOptions{KeysOnly: c.Target != CompareValue && c.Target != CompareLease}
		if res, err := s.Range(c.Key, c.End, o); err != nil || !c.Holds(res.KVs) {
			return false
		}
	}
	return true
}

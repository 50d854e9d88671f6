package mvcc

import (
	"bytes"
	"errors"
	"slices"
)

// The errors of a request that no member takes, with etcd's texts.
var (
	ErrEmptyKey      = errors.New("etcdserver: key is not provided")
	ErrValueProvided = errors.New("etcdserver: value is provided")
	ErrLeaseProvided = errors.New("etcdserver: lease is provided")
	ErrTooManyOps    = errors.New("etcdserver: too many operations in txn request")
	ErrDuplicateKey  = errors.New("etcdserver: duplicate key given in txn request")
)

// DefaultMaxOps is etcd's --max-txn-ops.
const DefaultMaxOps = 128

// Validate says why a put is refused before it is proposed.
func (op *PutOp) Validate() error {
	switch {
	case len(op.Key) == 0:
		return ErrEmptyKey
	case op.IgnoreValue && len(op.Value) > 0:
		return ErrValueProvided
	case op.IgnoreLease && op.Lease != 0:
		return ErrLeaseProvided
	}
	return nil
}

// Validate says why a transaction is refused before it is proposed. A list may have maxOps entries (0:
// DefaultMaxOps); a nested transaction has what is left. On one path a key may be put once, and not be deleted
// too.
func (r *TxnRequest) Validate(maxOps int) error {
	if maxOps <= 0 {
		maxOps = DefaultMaxOps
	}
	if err := r.validate(maxOps); err != nil {
		return err
	}
	for _, ops := range [...][]Op{r.Success, r.Failure} {
		if _, err := touchedBy(ops); err != nil {
			return err
		}
	}
	return nil
}

func (r *TxnRequest) validate(budget int) error {
	ops := max(len(r.Compare), len(r.Success), len(r.Failure))
	if ops > budget {
		return ErrTooManyOps
	}
	for i := range r.Compare {
		if len(r.Compare[i].Key) == 0 {
			return ErrEmptyKey
		}
	}
	for _, op := range slices.Concat(r.Success, r.Failure) {
		if err := op.validate(budget - ops); err != nil {
			return err
		}
	}
	return nil
}

func (op *Op) validate(budget int) error {
	switch {
	case op.Put != nil:
		return op.Put.Validate()
	case op.Range != nil && len(op.Range.Key) == 0, op.Delete != nil && len(op.Delete.Key) == 0:
		return ErrEmptyKey
	case op.Txn != nil:
		return op.Txn.validate(budget)
	}
	return nil
}

// touched is what a list of operations may write: keys that are put, ranges that are deleted.
type touched struct {
	puts    [][]byte // sorted
	deletes []DeleteOp
}

// touchedBy collects what operations write, or finds the key that is written twice.
func touchedBy(ops []Op) (touched, error) {
	var all touched
	for _, op := range ops {
		var t touched
		switch {
		case op.Put != nil:
			t.puts = [][]byte{op.Put.Key}
		case op.Delete != nil:
			t.deletes = []DeleteOp{*op.Delete}
		case op.Txn != nil:
			var err error
			if t, err = op.Txn.touched(); err != nil {
				return touched{}, err
			}
		}
		if all.conflicts(&t) || t.conflicts(&all) {
			return touched{}, ErrDuplicateKey
		}
		all.merge(&t)
	}
	return all, nil
}

// touched is what either branch of a nested transaction may write; only one of them will.
func (r *TxnRequest) touched() (touched, error) {
	success, err := touchedBy(r.Success)
	if err != nil {
		return touched{}, err
	}
	failure, err := touchedBy(r.Failure)
	success.merge(&failure)
	return success, err
}

// conflicts is whether a put of t meets a put or a delete of o.
func (t *touched) conflicts(o *touched) bool {
	for _, key := range t.puts {
		if _, twice := slices.BinarySearchFunc(o.puts, key, bytes.Compare); twice {
			return true
		}
		for _, d := range o.deletes {
			if inRange(key, d.Key, d.End) {
				return true
			}
		}
	}
	return false
}

func (t *touched) merge(o *touched) {
	t.puts = append(t.puts, o.puts...)
	slices.SortFunc(t.puts, bytes.Compare)
	t.deletes = append(t.deletes, o.deletes...)
}

package mvcc

import (
	"bytes"
	"cmp"
)

// CompareTarget is the field of a version that a Compare looks at.
type CompareTarget int8

// The targets of etcd's Compare, with its numbers.
const (
	CompareVersion CompareTarget = iota
	CompareCreate
	CompareMod
	CompareValue
	CompareLease
)

// CompareResult is how the field must stand to the operand.
type CompareResult int8

// The results of etcd's Compare, with its numbers.
const (
	Equal CompareResult = iota
	Greater
	Less
	NotEqual
)

// Compare is one condition of a transaction on the keys of [Key, End), end as in Store.Range.
type Compare struct {
	Key, End []byte
	Target   CompareTarget
	Result   CompareResult
	Number   int64  // operand for all targets but the value
	Value    []byte // operand for the value
}

// Holds says whether the condition is true of every version that its range has. A range without keys counts as
// one key whose numbers are all 0 and which has no value: nothing is true of that, not even that it differs.
func (c *Compare) Holds(kvs []KeyValue) bool {
	if len(kvs) == 0 {
		return c.Target != CompareValue && c.holds(&KeyValue{})
	}
	for i := range kvs {
		if !c.holds(&kvs[i]) {
			return false
		}
	}
	return true
}

func (c *Compare) holds(kv *KeyValue) bool {
	var order int
	switch c.Target {
	case CompareVersion:
		order = cmp.Compare(kv.Version, c.Number)
	case CompareCreate:
		order = cmp.Compare(kv.CreateRevision, c.Number)
	case CompareMod:
		order = cmp.Compare(kv.ModRevision, c.Number)
	case CompareValue:
		order = bytes.Compare(kv.Value, c.Value)
	case CompareLease:
		order = cmp.Compare(kv.Lease, c.Number)
	}
	switch c.Result {
	case Equal:
		return order == 0
	case Greater:
		return order > 0
	case Less:
		return order < 0
	case NotEqual:
		return order != 0
	}
	return true // etcd takes a result it does not know for a condition that holds
}

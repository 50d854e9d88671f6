package mvcc

import (
	"errors"
	"testing"
)

func TestValidateTable(t *testing.T) {
	key := []byte("k")
	put, read := Op{Put: &PutOp{Key: key}}, Op{Range: &RangeOp{Key: key}}
	all := Op{Delete: &DeleteOp{Key: []byte("a"), End: []byte{}}}
	nest := func(ops ...Op) Op { return Op{Txn: &TxnRequest{Success: ops}} }
	for _, c := range []struct {
		name string
		r    TxnRequest
		want error
	}{
		{"empty", TxnRequest{}, nil},
		{"put and delete", TxnRequest{Success: []Op{put, all}}, ErrDuplicateKey},
		{"delete and put", TxnRequest{Success: []Op{all, put}}, ErrDuplicateKey},
		{"two deletes", TxnRequest{Success: []Op{all, all}}, nil},
		{"put on each branch", TxnRequest{Success: []Op{put}, Failure: []Op{put}}, nil},
		{"put and read", TxnRequest{Success: []Op{put, read, read}}, nil},
		{"put and nested put", TxnRequest{Failure: []Op{nest(put), put}}, ErrDuplicateKey},
		{"puts in two nested", TxnRequest{Success: []Op{nest(put), nest(put)}}, ErrDuplicateKey},
		{"nested delete and put", TxnRequest{Success: []Op{nest(all), put}}, ErrDuplicateKey},
		{"nested else and put", TxnRequest{Success: []Op{
			{Txn: &TxnRequest{Success: []Op{read}, Failure: []Op{put}}}, put,
		}}, ErrDuplicateKey},
		{"as many as may be", TxnRequest{Success: []Op{read, read, read}}, nil},
		{"too many", TxnRequest{Success: []Op{read, read, read, read}}, ErrTooManyOps},
		{"too many conditions", TxnRequest{Compare: make([]Compare, 4)}, ErrTooManyOps},
		{"what is left for nested", TxnRequest{Success: []Op{nest(read, read)}}, nil},
		{"too many nested", TxnRequest{Success: []Op{read, nest(read, read)}}, ErrTooManyOps},
		{"too deep", TxnRequest{Success: []Op{nest(nest(nest(read)))}}, ErrTooManyOps},
		{"condition without key", TxnRequest{Compare: []Compare{{}}}, ErrEmptyKey},
		{"read without key", TxnRequest{Failure: []Op{{Range: &RangeOp{}}}}, ErrEmptyKey},
		{"delete without key", TxnRequest{Failure: []Op{nest(Op{Delete: &DeleteOp{}})}}, ErrEmptyKey},
		{"put without key", TxnRequest{Failure: []Op{{Put: &PutOp{}}}}, ErrEmptyKey},
	} {
		if err := c.r.Validate(3); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	long := TxnRequest{Compare: make([]Compare, DefaultMaxOps+1)}
	if err := long.Validate(0); !errors.Is(err, ErrTooManyOps) {
		t.Errorf("%d conditions: %v", len(long.Compare), err)
	}
}

func TestCompareTable(t *testing.T) {
	low := KeyValue{Key: []byte("a"), Value: []byte("m"), CreateRevision: 2, ModRevision: 5, Version: 3, Lease: 7}
	high := KeyValue{Key: []byte("b"), Value: []byte("n"), CreateRevision: 3, ModRevision: 6, Version: 4, Lease: 8}
	for _, c := range []struct {
		target                         CompareTarget
		number                         int64
		value                          string
		equal, greater, less, notEqual bool
		kvs                            []KeyValue
	}{
		{CompareVersion, 3, "", true, false, false, false, []KeyValue{low}},
		{CompareCreate, 1, "", false, true, false, true, []KeyValue{low}},
		{CompareMod, 6, "", false, false, true, true, []KeyValue{low}},
		{CompareLease, 7, "", true, false, false, false, []KeyValue{low}},
		{CompareValue, 0, "m", true, false, false, false, []KeyValue{low}},
		{CompareValue, 0, "l", false, true, false, true, []KeyValue{low}},
		{CompareMod, 6, "", false, false, false, false, []KeyValue{low, high}},
		{CompareMod, 7, "", false, false, true, true, []KeyValue{low, high}},
		{CompareMod, 0, "", true, false, false, false, nil},
		{CompareLease, 1, "", false, false, true, true, nil},
		{CompareValue, 0, "", false, false, false, false, nil},
	} {
		want := map[CompareResult]bool{Equal: c.equal, Greater: c.greater, Less: c.less, NotEqual: c.notEqual}
		for result, holds := range want {
			cond := Compare{Target: c.target, Result: result, Number: c.number, Value: []byte(c.value)}
			if cond.Holds(c.kvs) != holds {
				t.Errorf("%+v of %+v: want %v", cond, c.kvs, holds)
			}
		}
	}
}

// Rows of two buckets may have one key.
func TestRowsOfTwoBuckets(t *testing.T) {
	s := newStore(t, t.TempDir())
	s.SetRow(BucketAlarm, "k", []byte("alarm"))
	s.SetRow(BucketLease, "k", []byte("lease"))
	s.SetRow(BucketLease, "k", []byte("lease2"))
	for _, committed := range []bool{false, true} {
		for bucket, want := range map[Bucket]string{BucketAlarm: "alarm", BucketLease: "lease2", BucketAuth: ""} {
			got, ok, err := s.Row(bucket, "k")
			if string(got) != want || ok != (want != "") || err != nil {
				t.Errorf("committed %v: row of %s is %q, %v, %v", committed, bucket, got, ok, err)
			}
		}
		commit(t, s)
	}
}

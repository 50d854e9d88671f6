package mvcc

import (
	"bytes"
	"fmt"
	"testing"
)

func TestQuotaTable(t *testing.T) {
	for _, c := range []struct {
		quota, size, cost int64
		allows            bool
	}{
		{100, 40, 59, true},
		{100, 40, 60, false},
		{100, 40, 61, false},
		{-1, 1 << 60, 1, true},
		{0, DefaultQuota - 2, 1, true},
		{0, DefaultQuota - 1, 1, false},
	} {
		if got := QuotaAllows(c.quota, c.size, c.cost); got != c.allows {
			t.Errorf("quota %d, size %d, cost %d: %v", c.quota, c.size, c.cost, got)
		}
	}
	put := Op{Put: &PutOp{Key: []byte("abc"), Value: []byte("de")}}
	r := &TxnRequest{
		Success: []Op{put, {Delete: &DeleteOp{}}, {Txn: &TxnRequest{Failure: []Op{put, put}, Success: []Op{put}}}},
		Failure: []Op{put, put, {Range: &RangeOp{}}},
	}
	if got := r.Cost(); got != 3*261 || PutCost([]byte("abc"), nil) != 259 || LeaseCost() != 64 {
		t.Errorf("the transaction costs %d, want 783", got)
	}
}

// The size is that of the rows, whichever way they came into the file, and free pages stay until the end of a
// defragmentation.
func TestSize(t *testing.T) {
	s := newStore(t, t.TempDir())
	b := s.Backend()
	if b.Size() != 20480 || b.SizeInUse() != 20480 {
		t.Errorf("an empty db has %d bytes, %d in use, want 20480: etcd's", b.Size(), b.SizeInUse())
	}
	for i := range 1000 {
		put(s, fmt.Sprint("key", i%10), string(bytes.Repeat([]byte("v"), 100)))
		s.SetRow(BucketLease, "lease", bytes.Repeat([]byte("l"), i))
	}
	commit(t, s)
	full := b.Size()
	real := int64(len(fileBytes(t, b)))
	if full != b.SizeInUse() || full < real/2 || full > real*2 {
		t.Errorf("size %d, in use %d; bbolt's file has %d", full, b.SizeInUse(), real)
	}
	compact(t, s, 1001, 100)
	if b.Size() != full || b.SizeInUse() > full/5 {
		t.Errorf("compacted: size %d, in use %d, was %d", b.Size(), b.SizeInUse(), full)
	}
	other := openBackend(t, mustOpenBytes(t, fileBytes(t, b))).Backend()
	if other.SizeInUse() != b.SizeInUse() || other.Size() != other.SizeInUse() {
		t.Errorf("the same rows take %d in another file, %d in this one", other.SizeInUse(), b.SizeInUse())
	}
	if done, err := s.DefragStep(0); !done || err != nil || b.Size() != b.SizeInUse() {
		t.Errorf("defragmented: size %d, in use %d, %v", b.Size(), b.SizeInUse(), err)
	}
	s.DeleteRow(BucketLease, "lease")
	s.DeleteRow(BucketLease, "none")
	commit(t, s)
	used, rows := b.used, b.counts
	if err := b.recount(); err != nil || b.used != used || b.counts != rows {
		t.Errorf("counted %d bytes and %v rows, there are %d and %v, %v", used, rows, b.used, b.counts, err)
	}
}

func mustOpenBytes(t *testing.T, data []byte) *Backend {
	t.Helper()
	b, err := OpenBytes(t.TempDir(), data)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// While a file is defragmented nothing is written into it, and what was begun is gone after a crash.
func TestDefragHoldsWriters(t *testing.T) {
	dir := t.TempDir()
	s := newStore(t, dir)
	for i := range 100 {
		put(s, fmt.Sprint("key", i), "value")
	}
	if done, err := s.DefragStep(10); done || err != nil || !s.Backend().Defragmenting() {
		t.Fatalf("first step: done %v, %v", done, err)
	}
	put(s, "late", "1")
	if err := s.Commit(); err == nil {
		t.Error("a commit went into a file that is being copied")
	}
	if got := get(t, s, "key5") + get(t, s, "late"); got != "value1" {
		t.Errorf("meanwhile reads give %q", got)
	}
	if _, err := s.CompactStep(0); err != nil {
		t.Errorf("nothing to compact: %v", err)
	}
	for done := false; !done; {
		var err error
		if done, err = s.DefragStep(10); err != nil {
			t.Fatal(err)
		}
	}
	commit(t, s)
	if s.Backend().Size() > 8*4096 || get(t, s, "late") != "1" {
		t.Errorf("size %d, late=%s", s.Backend().Size(), get(t, s, "late"))
	}
	if _, err := s.DefragStep(10); err != nil {
		t.Fatal(err)
	}
	if n := filesIn(t, dir); n != 2 {
		t.Errorf("%d files during a defragmentation, want 2", n)
	}
	s = die(t, s)
	if n := filesIn(t, dir); n != 1 || s.Backend().Defragmenting() || get(t, s, "late") != "1" {
		t.Errorf("%d files after the crash, want 1", n)
	}
}

// TestBuckets follows the rows of each bucket through commits, a deletion, a compaction and a defragmentation.
func TestBuckets(t *testing.T) {
	s := newStore(t, t.TempDir())
	want := func(when string, rows map[Bucket]int64, pending int) {
		t.Helper()
		v := s.View()
		for _, b := range v.Buckets() {
			if b.Rows != rows[b.Name] {
				t.Errorf("%s: bucket %s has %d rows, want %d", when, b.Name, b.Rows, rows[b.Name])
			}
		}
		if v.PendingRows != pending {
			t.Errorf("%s: %d rows of other buckets wait, want %d", when, v.PendingRows, pending)
		}
	}
	for i := range 6 {
		put(s, "k", fmt.Sprint(i))
	}
	s.SetRow(BucketLease, "one", []byte("1"))
	s.SetRow(BucketLease, "two", []byte("2"))
	want("before the commit", nil, 2)
	commit(t, s)
	meta := s.View().rows[len(buckets)-1]
	want("written", map[Bucket]int64{bucketKey: 6, BucketLease: 2, BucketMeta: meta}, 0)
	s.SetRow(BucketLease, "one", []byte("again"))
	s.DeleteRow(BucketLease, "two")
	commit(t, s)
	compact(t, s, 7, 100)
	meta = s.View().rows[len(buckets)-1]
	want("compacted", map[Bucket]int64{bucketKey: 1, BucketLease: 1, BucketMeta: meta}, 0)
	for done := false; !done; {
		var err error
		if done, err = s.DefragStep(2); err != nil {
			t.Fatal(err)
		}
	}
	want("defragmented", map[Bucket]int64{bucketKey: 1, BucketLease: 1, BucketMeta: meta}, 0)
	rows := s.Backend().counts
	if err := s.Backend().recount(); err != nil || s.Backend().counts != rows {
		t.Errorf("counted %v rows, there are %v, %v", rows, s.Backend().counts, err)
	}
}

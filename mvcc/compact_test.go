package mvcc

import (
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"testing"
)

// busyStore has keys that were put, overwritten, deleted and put again, by revision 14.
func busyStore(t *testing.T) *Store {
	t.Helper()
	s := newStore(t, t.TempDir())
	for i, key := range []string{"a", "b", "a", "-b", "c", "a", "-a", "b", "-c", "a", "c", "-b", "a"} {
		if key[0] == '-' {
			del(s, key[1:])
		} else {
			put(s, key, fmt.Sprint(i))
		}
	}
	return s
}

// reads is what can be read from a revision on, in every way.
func reads(t *testing.T, s *Store, from int64) (all []string) {
	t.Helper()
	for rev := from; rev <= s.Revision(); rev++ {
		res, err := s.Range([]byte{}, []byte{}, RangeOptions{Rev: rev})
		if err != nil {
			t.Fatal(err)
		}
		hash, _, err := s.HashKV(rev)
		all = append(all, fmt.Sprintf("%d: %v %v", rev, res.KVs, err))
		if rev == s.Revision() {
			all = append(all, fmt.Sprint(hash))
		}
	}
	events, err := s.History([]byte{}, []byte{}, from, s.Revision())
	return append(all, fmt.Sprint(events, err))
}

// M5 at every revision, with a crash behind every batch: what may be read is the same before the first batch, in
// between, behind a restart and at the end; and the file has what the index has.
func TestCompactionAndRestartEverywhere(t *testing.T) {
	for rev := int64(1); rev <= 14; rev++ {
		var want []string
		for batches := range 20 {
			s := busyStore(t)
			if err := s.Compact(rev); err != nil {
				t.Fatal(err)
			}
			if batches == 0 {
				want = reads(t, s, rev)
			}
			finished := false
			for range batches {
				var err error
				if finished, err = s.CompactStep(1); err != nil {
					t.Fatal(err)
				}
			}
			live := reads(t, s, rev)
			s = die(t, s)
			if s.Compacting() == finished || s.Revision() != 14 || s.CompactRevision() != rev {
				t.Fatalf("compact(%d), %d batches, restart: compacting %v, revision %d, compacted %d",
					rev, batches, s.Compacting(), s.Revision(), s.CompactRevision())
			}
			again := reads(t, s, rev)
			compactOn(t, s)
			for _, got := range [][]string{live, again, reads(t, s, rev), reads(t, die(t, s), rev)} {
				if !slices.Equal(got, want) {
					t.Fatalf("compact(%d), %d batches:\n%q, want\n%q", rev, batches, got, want)
				}
			}
			if rows, err := s.RowCount(); err != nil || rows != len(s.View().Recent(100)) {
				t.Fatalf("compact(%d), %d batches: %d rows, the history has %d", rev, batches, rows, len(s.View().Recent(100)))
			}
			if finished {
				break
			}
		}
	}
}

// Two compactions follow close on each other, and a crash falls between them or behind both.
func TestCompactionsInARow(t *testing.T) {
	for steps := range 40 {
		s := busyStore(t)
		compact(t, s, 5, 10)
		for _, rev := range []int64{6, 7} {
			if err := s.Compact(rev); err != nil {
				t.Fatal(err)
			}
		}
		want := reads(t, s, 7)
		for range steps {
			if _, err := s.CompactStep(1); err != nil {
				t.Fatal(err)
			}
		}
		s = die(t, s)
		compactOn(t, s)
		rows, err := s.RowCount()
		if got := reads(t, s, 7); err != nil || !slices.Equal(got, want) || rows != len(s.View().Recent(100)) {
			t.Fatalf("%d steps: %d rows, %v\n%q, want\n%q", steps, rows, err, got, want)
		}
		if !s.Compacting() && s.View().FinishedRevision != 7 {
			t.Fatalf("%d steps: finished at %d", steps, s.View().FinishedRevision)
		}
	}
}

func compactOn(t *testing.T, s *Store) {
	t.Helper()
	for done := false; !done; {
		var err error
		if done, err = s.CompactStep(2); err != nil {
			t.Fatal(err)
		}
	}
}

// A compaction never changes what a revision reads that it leaves.
func TestCompactionKeepsReads(t *testing.T) {
	before := busyStore(t)
	for rev := int64(1); rev <= 14; rev++ {
		s := busyStore(t)
		compact(t, s, rev, 3)
		for at := rev; at <= 14; at++ {
			want, err := before.Range([]byte{}, []byte{}, RangeOptions{Rev: at})
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.Range([]byte{}, []byte{}, RangeOptions{Rev: at})
			if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("compacted at %d, read at %d: %v, %v, want %v", rev, at, got, err, want)
			}
		}
		if _, err := s.Range([]byte("a"), nil, RangeOptions{Rev: rev - 1}); rev > 1 && !errors.Is(err, ErrCompacted) {
			t.Errorf("compacted at %d, read before it: %v", rev, err)
		}
	}
}

// Maintenance.Hash is of everything but the member's own place in the log.
func TestBackendHash(t *testing.T) {
	a, b := busyStore(t), busyStore(t)
	a.SetConsistentIndex(7, 1)
	b.SetConsistentIndex(8, 2)
	hash := func(s *Store) uint32 {
		t.Helper()
		commit(t, s)
		sum, err := s.Backend().Hash()
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	text := ""
	for _, bucket := range buckets {
		text += bucket
		if bucket == bucketKey {
			err := a.rows(Revision{}, func(row, value []byte) error {
				text += string(row) + string(value)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if got, want := hash(a), crc32.Checksum([]byte(text), castagnoli); got != want || hash(b) != want {
		t.Errorf("hashes %d and %d, want %d", got, hash(b), want)
	}
	a.SetRow(BucketAlarm, "alarm", nil)
	if hash(a) == hash(b) {
		t.Error("an alarm does not change the hash")
	}
}

// The hash of a compaction is HashKV of what it compacts; ten are kept, and none of one that was interrupted.
func TestCompactionHashes(t *testing.T) {
	s := busyStore(t)
	for rev := int64(1); rev <= 12; rev++ {
		hash, compacted, err := s.HashKV(rev)
		if err != nil {
			t.Fatal(err)
		}
		compact(t, s, rev, 2)
		got, err := s.HashByRev(rev)
		if want := (RevisionHash{hash, compacted, rev}); err != nil || got != want {
			t.Errorf("hash of the compaction at %d: %+v, %v, want %+v", rev, got, err, want)
		}
	}
	hashes := s.Hashes()
	if len(hashes) != 10 || hashes[0].Revision != 3 || hashes[9].Revision != 12 {
		t.Errorf("kept %+v, want those of 3 to 12", hashes)
	}
	if err := s.Compact(13); err != nil {
		t.Fatal(err)
	}
	if err := s.Compact(14); err != nil { // before the one before it has finished
		t.Fatal(err)
	}
	compactOn(t, s)
	if last := s.Hashes()[9]; last.Revision != 13 {
		t.Errorf("the last hash is of %d, want 13", last.Revision)
	}
	put(s, "a", "new")
	if err := s.Compact(15); err != nil {
		t.Fatal(err)
	}
	s = die(t, s)
	compactOn(t, s)
	if got := s.Hashes(); len(got) != 0 {
		t.Errorf("a compaction that was interrupted has hash %+v", got)
	}
	hash, _, err := s.HashKV(0)
	if got, wrong := s.HashByRev(0); err != nil || wrong != nil || got != (RevisionHash{hash, 15, 15}) {
		t.Errorf("hash of the present %+v, %v, want %d", got, wrong, hash)
	}
}

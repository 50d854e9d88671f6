package mvcc

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// broken plays a scene in a store with all rules in force and in one without the named rule, and wants the second
// to go wrong. The scene returns what is wrong, or nil.
func broken(t *testing.T, rules string, scene func(t *testing.T, s *Store) error) {
	t.Helper()
	if err := scene(t, ruled(t, "")); err != nil {
		t.Errorf("with all rules: %v", err)
	}
	if err := scene(t, ruled(t, rules)); err == nil {
		t.Errorf("without %s nothing went wrong", rules)
	} else {
		t.Logf("without %s: %v", rules, err)
	}
}

// ruled opens an empty store without some rules.
func ruled(t *testing.T, off string) *Store {
	t.Helper()
	var r Rules
	for _, name := range strings.Fields(off) {
		if err := r.Switch(name, false); err != nil {
			t.Fatal(err)
		}
	}
	b, err := NewBackend(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	s, err := OpenWith(b, r)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// die drops a store and opens its file again, as a killed process does.
func die(t *testing.T, s *Store) *Store {
	t.Helper()
	again, err := OpenWith(s.Backend(), s.rules)
	if err != nil {
		t.Fatal(err)
	}
	return again
}

func del(s *Store, key string) {
	txn := s.Write()
	txn.DeleteRange([]byte(key), nil, false)
	txn.End()
}

func compact(t *testing.T, s *Store, rev int64, batch int) {
	t.Helper()
	if err := s.Compact(rev); err != nil {
		t.Fatal(err)
	}
	for done := batch == 0; !done; {
		var err error
		if done, err = s.CompactStep(batch); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRuleTable(t *testing.T) {
	all := AllRules()
	if !slices.IsSortedFunc(all, func(a, b Rule) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("the rules are not in order of name")
	}
	seen := map[Rules]string{}
	for _, rule := range all {
		var r Rules
		if err := r.Switch(rule.Name, false); err != nil || r == (Rules{}) || seen[r] != "" {
			t.Errorf("%s switches the field of %q, or none: %v", rule.Name, seen[r], err)
		}
		seen[r] = rule.Name
		if err := r.Switch(rule.Name, true); err != nil || r != (Rules{}) {
			t.Errorf("%s does not come back into force: %v", rule.Name, err)
		}
		if !strings.HasSuffix(rule.Sentence, ".") || rule.Source == "" {
			t.Errorf("%s: want a sentence and a source", rule.Name)
		}
	}
	if len(all) != 13 || new(Rules).Switch("no-such-rule", false) == nil {
		t.Errorf("%d rules", len(all))
	}
}

// Mutation 39, M5 and W3: a tombstone at the compacted revision is all that tells a watcher of the delete.
func TestMutation39DroppedTombstone(t *testing.T) {
	broken(t, "compact-keeps-tombstone", func(t *testing.T, s *Store) error {
		put(s, "a", "1")
		del(s, "a")
		compact(t, s, 3, 10)
		events, err := s.History([]byte("a"), nil, 3, 3)
		if err != nil || len(events) != 1 || !events[0].Delete {
			return fmt.Errorf("from revision 3 a watcher gets %v, %v", events, err)
		}
		return nil
	})
}

// Mutation 40, M1: with the mark not saved first, a crash in the middle of a compaction takes the revision back.
func TestMutation40RevisionAfterCrash(t *testing.T) {
	scene := func(s *Store) (before, after int64) {
		put(s, "k", "1")
		put(s, "j", "1")
		del(s, "k")
		commit(t, s)
		before = s.Revision()
		if err := s.Compact(4); err != nil {
			t.Fatal(err)
		}
		if _, err := s.CompactStep(3); err != nil {
			t.Fatal(err)
		}
		return before, die(t, s).Revision()
	}
	const old = "compact-keeps-tombstone" // as in etcd before 3.5.16: the newest revision may go
	if before, after := scene(ruled(t, old)); after != before {
		t.Errorf("revision %d, and %d after the crash", before, after)
	}
	if before, after := scene(ruled(t, old+" compact-schedule-first")); after >= before {
		t.Errorf("without the mark nothing went wrong: revision %d, then %d", before, after)
	}
}

// Mutation 40, M4: with the last mark saved first, a restart leaves half of the rows for ever.
func TestMutation40NotResumed(t *testing.T) {
	broken(t, "compact-finish-last", func(t *testing.T, s *Store) error {
		for i := range 10 {
			put(s, "k", fmt.Sprint(i))
		}
		if err := s.Compact(11); err != nil {
			return err
		}
		if _, err := s.CompactStep(4); err != nil {
			return err
		}
		s = die(t, s)
		for done := false; !done; {
			var err error
			if done, err = s.CompactStep(4); err != nil {
				return err
			}
		}
		if rows, err := s.RowCount(); rows != 1 || err != nil {
			return fmt.Errorf("%d rows are left of one key, %v", rows, err)
		}
		return nil
	})
}

// Mutation 46, M1: what changes nothing does not move the revision.
func TestMutation46RevisionOfNothing(t *testing.T) {
	broken(t, "revision-counts-changes", func(t *testing.T, s *Store) error {
		put(s, "a", "1")
		del(s, "none")
		_, events, err := s.Apply(&TxnRequest{
			Compare: []Compare{{Key: []byte("a"), Target: CompareVersion, Number: 7}},
			Success: []Op{{Put: &PutOp{Key: []byte("a")}}},
			Failure: []Op{{Range: &RangeOp{Key: []byte("a")}}},
		}, nil)
		if s.Revision() != 2 || len(events) > 0 || err != nil {
			return fmt.Errorf("revision %d, events %v, %v", s.Revision(), events, err)
		}
		return nil
	})
}

// Mutation 47, M7: a read at a revision sees that revision.
func TestMutation47ReadsNewest(t *testing.T) {
	broken(t, "read-at-revision", func(t *testing.T, s *Store) error {
		put(s, "a", "1")
		put(s, "a", "2")
		res, err := s.Range([]byte("a"), nil, RangeOptions{Rev: 2})
		if err != nil || string(res.KVs[0].Value) != "1" {
			return fmt.Errorf("at revision 2 a is %+v, %v", res.KVs, err)
		}
		return nil
	})
}

// Mutation 50, L2 and M3: the row of a lease and its keys leave the file together, or a crash makes keys that never
// expire.
func TestMutation50LeaseRowApart(t *testing.T) {
	broken(t, "one-transaction-in-file", func(t *testing.T, s *Store) error {
		s.SetRow(BucketLease, "lease7", []byte("row"))
		txn := s.Write()
		txn.Put([]byte("a"), []byte("1"), 7, false)
		txn.Put([]byte("b"), []byte("1"), 7, false)
		txn.End()
		commit(t, s)
		txn = s.Write() // the revoke
		txn.DeleteRange([]byte("a"), []byte("c"), false)
		s.DeleteRow(BucketLease, "lease7")
		txn.End()
		if !s.CommitDue() {
			return errors.New("no commit is due")
		}
		if _, err := s.CommitStep(); err != nil {
			return err
		}
		s = die(t, s)
		_, lease, err := s.Row(BucketLease, "lease7")
		if keys := get(t, s, "a") + get(t, s, "b"); err != nil || lease != (keys != "") {
			return fmt.Errorf("after the crash: lease %v, keys %q, %v", lease, keys, err)
		}
		return nil
	})
}

// C7, mutation 31: a process that dies between effects and consistent index applies the entry twice.
func TestIndexApart(t *testing.T) {
	broken(t, "consistent-index-in-transaction", func(t *testing.T, s *Store) error {
		put(s, "a", "1")
		s.SetConsistentIndex(5, 1)
		if _, err := s.CommitStep(); err != nil {
			return err
		}
		if s = die(t, s); s.ConsistentIndex() != 5 || get(t, s, "a") != "1" {
			return fmt.Errorf("the file has a=%s and consistent index %d", get(t, s, "a"), s.ConsistentIndex())
		}
		return nil
	})
}

// C9: a row that was deleted is not read again.
func TestDeletesCommitAtOnce(t *testing.T) {
	broken(t, "deletes-commit-at-once", func(t *testing.T, s *Store) error {
		s.SetRow(BucketLease, "l", []byte("row"))
		commit(t, s)
		if s.CommitDue() {
			return errors.New("a commit is due without deletes")
		}
		s.DeleteRow(BucketLease, "l")
		if s.CommitDue() {
			commit(t, s)
		}
		if row, ok, err := s.Row(BucketLease, "l"); ok || err != nil {
			return fmt.Errorf("the deleted row is read as %q, %v", row, err)
		}
		return nil
	})
}

// C12: a process that dies during a defragmentation finds the file it had.
func TestDefragInPlace(t *testing.T) {
	broken(t, "defrag-copy-and-rename", func(t *testing.T, s *Store) error {
		for i := range 20 {
			put(s, fmt.Sprint("key", i), "v")
		}
		for range 2 {
			if _, err := s.DefragStep(8); err != nil {
				return err
			}
		}
		hash := s.Hash()
		if s = die(t, s); s.Hash() != hash {
			return fmt.Errorf("the file has revision %d, key19=%q", s.Revision(), get(t, s, "key19"))
		}
		return nil
	})
}

// F1: nobody sees half of a transaction, not even somebody who reads at a revision.
func TestOneRevision(t *testing.T) {
	broken(t, "txn-one-revision", func(t *testing.T, s *Store) error {
		txn := s.Write()
		txn.Put([]byte("a"), []byte("1"), 0, false)
		txn.Put([]byte("b"), []byte("1"), 0, false)
		txn.End()
		res, err := s.Range([]byte("a"), []byte("z"), RangeOptions{Rev: 2})
		if err != nil || len(res.KVs) != 2 {
			return fmt.Errorf("at revision 2 there is %+v, %v", res.KVs, err)
		}
		return nil
	})
}

// F9: compaction never takes a key that lives.
func TestDroppedNewest(t *testing.T) {
	broken(t, "compact-keeps-newest", func(t *testing.T, s *Store) error {
		put(s, "k", "1")
		put(s, "j", "1")
		compact(t, s, 3, 1)
		if s = die(t, s); get(t, s, "k") != "1" {
			return errors.New("k is gone though nobody deleted it")
		}
		return nil
	})
}

// F10: a read behind the fence would find holes.
func TestReadCompacted(t *testing.T) {
	broken(t, "compacted-reads-fail", func(t *testing.T, s *Store) error {
		put(s, "k", "1")
		put(s, "k", "2")
		compact(t, s, 3, 10)
		res, err := s.Range([]byte("k"), nil, RangeOptions{Rev: 2})
		if !errors.Is(err, ErrCompacted) {
			return fmt.Errorf("at revision 2 k is said to be %+v, %v", res.KVs, err)
		}
		return nil
	})
}

// F11: a transaction that must fail writes nothing.
func TestCheckPhase(t *testing.T) {
	broken(t, "txn-check-phase", func(t *testing.T, s *Store) error {
		put(s, "j", "1")
		put(s, "j", "2")
		compact(t, s, 3, 10)
		_, _, err := s.Apply(&TxnRequest{Success: []Op{
			{Put: &PutOp{Key: []byte("k"), Value: []byte("1")}},
			{Range: &RangeOp{Key: []byte("j"), Options: RangeOptions{Rev: 2}}},
		}}, nil)
		if !errors.Is(err, ErrCompacted) || get(t, s, "k") != "" {
			return fmt.Errorf("%v, and k is %q", err, get(t, s, "k"))
		}
		return nil
	})
}

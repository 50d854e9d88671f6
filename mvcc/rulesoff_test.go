package mvcc_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"etcdscope/mvcc"
)

// loose is a store without some rules: it may answer wrongly, and nothing else.
type loose struct {
	store *mvcc.Store
	rules mvcc.Rules
}

func (l *loose) step(t *rapid.T) error {
	switch rapid.IntRange(0, 8).Draw(t, "step") {
	case 0, 1, 2:
		r := drawTxn(t, 1)
		if r.Validate(0) != nil {
			return nil
		}
		_, events, err := l.store.Apply(r, func(id int64) bool { return id != 3 })
		for _, e := range events {
			if e.KV.ModRevision > l.store.Revision() {
				t.Fatalf("%+v lies behind revision %d", e, l.store.Revision())
			}
		}
		return err
	case 3:
		_, err := l.store.Range(drawKey.Draw(t, "key"), drawEnd.Draw(t, "end"), drawOptions.Draw(t, "options"))
		return err
	case 4:
		_, err := l.store.History([]byte{}, []byte{}, rapid.Int64Range(0, l.store.Revision()).Draw(t, "from"), 1<<40)
		return err
	case 5:
		return l.store.Compact(rapid.Int64Range(0, l.store.Revision()).Draw(t, "compact"))
	case 6:
		_, err := l.store.CompactStep(rapid.IntRange(1, 9).Draw(t, "rows"))
		return err
	case 7:
		l.store.SetConsistentIndex(l.store.ConsistentIndex()+1, 1)
		l.store.DeleteRow(mvcc.BucketLease, "lease")
		l.store.SetRow(mvcc.BucketLease, "lease", []byte("row"))
		_, err := l.store.CommitStep()
		return err
	}
	for range rapid.IntRange(1, 5).Draw(t, "steps of a defragmentation") {
		if _, err := l.store.DefragStep(rapid.IntRange(1, 9).Draw(t, "rows")); err != nil {
			return err
		}
	}
	return l.crash()
}

func (l *loose) crash() (err error) {
	l.store, err = mvcc.OpenWith(l.store.Backend(), l.rules)
	return err
}

// A run in which rules are off must go wrong as the rules say, and not end in a panic or an error of the file.
func TestRulesOffNeverPanic(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		l := &loose{}
		for _, rule := range mvcc.AllRules() {
			if rapid.IntRange(0, 3).Draw(t, rule.Name) == 0 {
				if err := l.rules.Switch(rule.Name, false); err != nil {
					t.Fatal(err)
				}
			}
		}
		b, err := mvcc.NewBackend(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		if l.store, err = mvcc.OpenWith(b, l.rules); err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			err := l.step(t)
			for _, known := range []error{
				mvcc.ErrCompacted, mvcc.ErrFutureRev, mvcc.ErrKeyNotFound, mvcc.ErrLeaseNotFound, mvcc.ErrDefragmenting,
			} {
				if errors.Is(err, known) {
					err = nil
				}
			}
			if _, _, wrong := l.store.HashKV(0); err != nil || wrong != nil || l.store.Err() != nil {
				t.Fatalf("%+v: %v, HashKV %v, store %v", l.rules, err, wrong, l.store.Err())
			}
			l.store.View().Keys(10)
		}
	})
}

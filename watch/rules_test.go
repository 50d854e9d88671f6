package watch_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"etcdscope/mvcc"
	"etcdscope/watch"
)

// scene is a store and a hub over it, in which something may go wrong.
type scene struct {
	store *mvcc.Store
	hub   *watch.Hub
}

func (s *scene) put(key, value string) {
	txn := s.store.Write()
	txn.Put([]byte(key), []byte(value), 0, false)
	events := txn.End()
	s.hub.Notify(s.store.Revision(), events)
}

// got lists what a watcher was given: responses in brackets.
func (s *scene) got(id watch.ID) string {
	var all []string
	for _, r := range s.hub.Take(id) {
		var events []string
		for _, e := range r.Events {
			events = append(events, formatEvent(e))
		}
		switch {
		case r.CompactRevision != 0:
			events = append(events, fmt.Sprint("compacted ", r.CompactRevision))
		case len(events) == 0:
			events = append(events, fmt.Sprint("progress ", r.Revision))
		}
		all = append(all, fmt.Sprint(events))
	}
	return strings.Join(all, " ")
}

func (s *scene) want(id watch.ID, want string) error {
	if got := s.got(id); got != want {
		return fmt.Errorf("the watcher got %s, want %s", got, want)
	}
	return nil
}

func (s *scene) settle() {
	for i := 0; i < 100 && s.hub.Sync(); i++ {
		continue
	}
}

// broken plays a scene with all rules in force and without the named one, and wants only the second to go wrong.
func broken(t *testing.T, rule string, c watch.Config, play func(s *scene) error) {
	t.Helper()
	for _, off := range []bool{false, true} {
		if off {
			if err := c.Rules.Switch(rule, false); err != nil {
				t.Fatal(err)
			}
		}
		store := openStore(t, t.TempDir())
		s := &scene{store, watch.New(store, c)}
		err := play(s)
		switch {
		case !off && err != nil:
			t.Errorf("with all rules: %v", err)
		case off && err == nil:
			t.Errorf("without %s nothing went wrong", rule)
		case off:
			t.Logf("without %s: %v", rule, err)
		}
	}
}

func TestRuleTable(t *testing.T) {
	all := watch.AllRules()
	if !slices.IsSortedFunc(all, func(a, b watch.Rule) int { return strings.Compare(a.Name, b.Name) }) || len(all) != 8 {
		t.Errorf("%d rules, or not in order of name", len(all))
	}
	seen := map[watch.Rules]string{}
	for _, rule := range all {
		var r watch.Rules
		if err := r.Switch(rule.Name, false); err != nil || r == (watch.Rules{}) || seen[r] != "" {
			t.Errorf("%s switches the field of %q, or none: %v", rule.Name, seen[r], err)
		}
		seen[r] = rule.Name
		if err := r.Switch(rule.Name, true); err != nil || r != (watch.Rules{}) {
			t.Errorf("%s does not come back into force: %v", rule.Name, err)
		}
	}
	if new(watch.Rules).Switch("no-such-rule", false) == nil {
		t.Error("a rule that does not exist was switched")
	}
}

// Mutation 39, W3: a watcher from the compacted revision sees the delete that stands there.
func TestMutation39TombstoneAtFence(t *testing.T) {
	for _, off := range []bool{false, true} {
		b, err := mvcc.NewBackend(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		store, err := mvcc.OpenWith(b, mvcc.Rules{DropTombstone: off})
		if err != nil {
			t.Fatal(err)
		}
		s := &scene{store, watch.New(store, watch.Config{})}
		s.put("a", "1")
		txn := store.Write()
		txn.DeleteRange([]byte("a"), nil, false)
		s.hub.Notify(3, txn.End())
		if err := store.Compact(3); err != nil {
			t.Fatal(err)
		}
		if _, err := store.CompactStep(0); err != nil {
			t.Fatal(err)
		}
		w := s.hub.Watch([]byte("a"), nil, 3, false)
		s.settle()
		if err := s.want(w, "[3:-a]"); (err != nil) != off {
			t.Errorf("rule off %v: %v", off, err)
		}
	}
}

// F2: progress up to a revision comes behind its events.
func TestNotifyLate(t *testing.T) {
	broken(t, "watch-notified-first", watch.Config{}, func(s *scene) error {
		w := s.hub.Watch([]byte("a"), nil, 0, false)
		s.put("a", "1")
		if rev, ok := s.hub.RequestProgressAll([]watch.ID{w}); ok {
			return fmt.Errorf("told to be at revision %d, and has nothing of it", rev)
		}
		s.settle()
		return s.want(w, "[2:a=1]")
	})
}

// F3, W2 and W3: a watcher from the past gets everything once.
func TestJoinWithoutCatchUp(t *testing.T) {
	broken(t, "watch-catches-up", watch.Config{}, func(s *scene) error {
		s.put("a", "1")
		s.put("a", "2")
		w := s.hub.Watch([]byte("a"), nil, 2, false)
		s.put("a", "3")
		s.settle()
		return s.want(w, "[2:a=1 3:a=2 4:a=3]")
	})
}

// F4 and mutation 42, W6: progress never runs ahead of events.
func TestMutation42ProgressAhead(t *testing.T) {
	broken(t, "watch-progress-synced", watch.Config{}, func(s *scene) error {
		s.put("a", "1")
		w := s.hub.Watch([]byte("a"), nil, 2, false)
		if rev, ok := s.hub.RequestProgressAll([]watch.ID{w}); ok {
			return fmt.Errorf("progress %d of all, before event 2", rev)
		}
		s.hub.RequestProgress(w)
		s.settle()
		s.hub.RequestProgress(w)
		return s.want(w, "[2:a=1] [progress 2]")
	})
}

// F5, W3: a slow watcher gets everything in the end.
func TestDropWhenFull(t *testing.T) {
	broken(t, "watch-victim-retries", watch.Config{Buffer: 1}, func(s *scene) error {
		w := s.hub.Watch([]byte("a"), nil, 0, false)
		for i := range 3 {
			s.put("a", fmt.Sprint(i))
		}
		var all []string
		for range 4 {
			all = append(all, s.got(w))
			s.settle()
		}
		if got := strings.Join(all, ""); got != "[2:a=0][3:a=1][4:a=2]" {
			return fmt.Errorf("the watcher got %s", got)
		}
		return nil
	})
}

// F6 and mutation 41, W3: a watcher whose history is gone is told so.
func TestMutation41SkipsCompacted(t *testing.T) {
	broken(t, "watch-compacted-cancels", watch.Config{}, func(s *scene) error {
		s.put("a", "1")
		s.put("a", "2")
		s.put("a", "3")
		if err := s.store.Compact(4); err != nil {
			return err
		}
		w := s.hub.Watch([]byte("a"), nil, 2, false)
		s.settle()
		return s.want(w, "[compacted 4]")
	})
}

// F7 and mutation 44, W3: what a snapshot brought is not skipped, and nothing comes twice.
func TestMutation44Restore(t *testing.T) {
	broken(t, "watch-restore-resyncs", watch.Config{}, func(s *scene) error {
		s.put("a", "1")
		b, err := s.store.Backend().Clone()
		if err != nil {
			return err
		}
		defer b.Close()
		ahead := s.store.Clone(b)
		w := s.hub.Watch([]byte("a"), nil, 2, false)
		idle := s.hub.Watch([]byte("z"), nil, 0, false)
		s.settle()
		for i := range 3 {
			txn := ahead.Write()
			txn.Put([]byte("a"), []byte(fmt.Sprint("snap", i)), 0, false)
			txn.End()
		}
		if err := ahead.Compact(3); err != nil {
			return err
		}
		s.store = ahead
		s.hub.Restore(ahead)
		s.settle()
		s.put("a", "9")
		return errors.Join(s.want(w, "[2:a=1] [3:a=snap0 4:a=snap1 5:a=snap2] [6:a=9]"), s.want(idle, ""))
	})
}

// F8 and mutation 45, W8: a watcher from a future revision is silent until then.
func TestMutation45FutureRevision(t *testing.T) {
	broken(t, "watch-future-waits", watch.Config{}, func(s *scene) error {
		w := s.hub.Watch([]byte("a"), nil, 4, false)
		for i := range 4 {
			s.put("a", fmt.Sprint(i))
		}
		return s.want(w, "[4:a=2] [5:a=3]")
	})
}

// Mutation 43, W4: the changes of one transaction come together.
func TestMutation43SplitRevision(t *testing.T) {
	broken(t, "watch-whole-revisions", watch.Config{MaxBatchRevs: 1}, func(s *scene) error {
		w := s.hub.Watch([]byte("a"), []byte("c"), 0, false)
		txn := s.store.Write()
		txn.Put([]byte("a"), []byte("1"), 0, false)
		txn.Put([]byte("b"), []byte("1"), 0, false)
		s.hub.Notify(2, txn.End())
		return s.want(w, "[2:a=1 2:b=1]")
	})
}

// A store without one revision for a transaction tells its watchers of several.
func TestNotifyOfSeveralRevisions(t *testing.T) {
	b, err := mvcc.NewBackend(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	store, err := mvcc.OpenWith(b, mvcc.Rules{RevisionPerChange: true})
	if err != nil {
		t.Fatal(err)
	}
	s := &scene{store, watch.New(store, watch.Config{})}
	w := s.hub.Watch([]byte("a"), []byte("c"), 0, false)
	txn := store.Write()
	txn.Put([]byte("a"), []byte("1"), 0, false)
	txn.Put([]byte("b"), []byte("1"), 0, false)
	events := txn.End()
	s.hub.Notify(store.Revision(), events)
	if err := s.want(w, "[2:a=1] [3:b=1]"); err != nil {
		t.Error(err)
	}
	if err := s.want(s.hub.Watch([]byte("a"), []byte("c"), 0, false), ""); err != nil {
		t.Error(err)
	}
}

package watch_test

import (
	"testing"

	"pgregory.net/rapid"

	"etcdscope/mvcc"
	"etcdscope/watch"
)

// A run in which rules are off, of watching or of the store, must go wrong as the rules say, and not end in a panic,
// in a round that never ends, or in a failure of the store.
func TestRulesOffNeverPanic(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		c := watch.Config{Buffer: rapid.IntRange(1, 3).Draw(t, "buffer"), MaxPerSync: 2, MaxBatchRevs: 2}
		var stored mvcc.Rules
		for _, rule := range watch.AllRules() {
			if err := c.Rules.Switch(rule.Name, rapid.IntRange(0, 2).Draw(t, rule.Name) > 0); err != nil {
				t.Fatal(err)
			}
		}
		for _, rule := range mvcc.AllRules() {
			if err := stored.Switch(rule.Name, rapid.IntRange(0, 4).Draw(t, rule.Name) > 0); err != nil {
				t.Fatal(err)
			}
		}
		b, err := mvcc.NewBackend(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		s, err := mvcc.OpenWith(b, stored)
		if err != nil {
			t.Fatal(err)
		}
		w := &world{config: c, store: s, hub: watch.New(s, c)}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			w.stepLoosely(t)
		}
		for range 300 { // whoever is behind catches up, whatever it is given
			for _, f := range w.followers {
				w.hub.Take(f.id)
			}
			w.hub.Sync()
		}
		if w.hub.NeedsSync() || w.hub.Err() != nil {
			t.Fatalf("%+v: %+v, %v", c.Rules, w.hub.View(), w.hub.Err())
		}
	})
}

// stepLoosely does what step does, and looks at nothing.
func (w *world) stepLoosely(t *rapid.T) {
	switch rapid.IntRange(0, 7).Draw(t, "step") {
	case 0, 1:
		w.write(t)
	case 2:
		w.watch(t)
	case 3:
		w.hub.Sync()
	case 4:
		for _, f := range w.followers {
			w.hub.RequestProgress(f.id)
		}
	case 5:
		for _, f := range w.followers {
			w.hub.Take(f.id)
		}
	case 6:
		if rev := w.store.Revision(); rev > w.store.CompactRevision() {
			if err := w.store.Compact(rev); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.store.CompactStep(3); err != nil {
			t.Fatal(err)
		}
	case 7:
		w.hub.Restore(w.store)
	}
}

package watch_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"etcdscope/mvcc"
	"etcdscope/watch"
)

func openStore(tb testing.TB, dir string) *mvcc.Store {
	tb.Helper()
	b, err := mvcc.NewBackend(dir)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := b.Close(); err != nil {
			tb.Error(err)
		}
	})
	s, err := mvcc.Open(b)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// script runs the commands of testdata/hub on one store and hub.
type script struct {
	t     *testing.T
	store *mvcc.Store
	hub   *watch.Hub
}

// TestHub plays testdata/hub. Commands: hub (sizes), write (a transaction a line), watch, cancel, sync, take,
// progress, view.
func TestHub(t *testing.T) {
	datadriven.Walk(t, "testdata/hub", func(t *testing.T, path string) {
		store := openStore(t, t.TempDir())
		s := &script{t, store, watch.New(store, watch.Config{})}
		datadriven.RunTest(t, path, s.run)
		if err := s.hub.Err(); err != nil {
			t.Error(err)
		}
	})
}

func (s *script) run(t *testing.T, d *datadriven.TestData) string {
	t.Helper()
	var out strings.Builder
	switch d.Cmd {
	case "hub":
		var c watch.Config
		d.MaybeScanArgs(t, "buffer", &c.Buffer)
		d.MaybeScanArgs(t, "per-sync", &c.MaxPerSync)
		d.MaybeScanArgs(t, "batch", &c.MaxBatchRevs)
		s.hub = watch.New(s.store, c)
	case "write":
		for line := range strings.Lines(d.Input) {
			s.write(line)
		}
	case "watch":
		s.watch(&out, d)
	case "cancel":
		s.hub.Cancel(s.id(d))
	case "sync":
		fmt.Fprintf(&out, "changed %v, needs sync %v\n", s.hub.Sync(), s.hub.NeedsSync())
	case "take":
		s.take(&out, s.id(d))
	case "progress":
		if d.CmdArgs[0].Key == "all" {
			var ids []watch.ID
			for _, w := range s.hub.View() {
				ids = append(ids, w.ID)
			}
			rev, ok := s.hub.RequestProgressAll(ids)
			fmt.Fprintln(&out, rev, ok)
		} else {
			fmt.Fprintln(&out, s.hub.RequestProgress(s.id(d)))
		}
	case "view":
		for _, w := range s.hub.View() {
			fmt.Fprintf(&out, "%d %s: %v, start %d, next %d, queued %d of %d\n",
				w.ID, span(w), w.State, w.StartRev, w.NextRev, w.Queued, w.Buffer)
		}
		fmt.Fprintf(&out, "waiting %v\n", s.hub.Waiting())
	default:
		t.Fatalf("%s: unknown command %q", d.Pos, d.Cmd)
	}
	return out.String()
}

func span(w watch.Watcher) string {
	switch {
	case w.End == nil:
		return string(w.Key)
	case len(w.End) == 0:
		return fmt.Sprintf("[%s, ∞)", w.Key)
	}
	return fmt.Sprintf("[%s, %s)", w.Key, w.End)
}

func (s *script) id(d *datadriven.TestData) watch.ID {
	var id uint64
	if _, err := fmt.Sscan(d.CmdArgs[0].Key, &id); err != nil {
		s.t.Fatal(err)
	}
	return watch.ID(id)
}

// write plays one line as one transaction: K=V puts, -K deletes.
func (s *script) write(line string) {
	txn := s.store.Write()
	for _, word := range strings.Fields(line) {
		if key, ok := strings.CutPrefix(word, "-"); ok {
			txn.DeleteRange([]byte(key), nil, false)
			continue
		}
		key, value, _ := strings.Cut(word, "=")
		txn.Put([]byte(key), []byte(value), 0, false)
	}
	if events := txn.End(); len(events) > 0 {
		s.hub.Notify(s.store.Revision(), events)
	}
}

func (s *script) watch(out *strings.Builder, d *datadriven.TestData) {
	var rev int64
	d.MaybeScanArgs(s.t, "rev", &rev)
	words := strings.Fields(d.Input)
	var end []byte
	if len(words) > 1 {
		if end = []byte(words[1]); words[1] == "*" {
			end = []byte{}
		}
	}
	fmt.Fprintf(out, "watcher %d\n", s.hub.Open(watch.Options{
		Key: []byte(words[0]), End: end, StartRev: rev, PrevKV: d.HasArg("prev-kv"),
		NoPut: d.HasArg("no-put"), NoDelete: d.HasArg("no-delete"),
	}))
}

func (s *script) take(out *strings.Builder, id watch.ID) {
	for _, r := range s.hub.Take(id) {
		fmt.Fprintf(out, "at %d:", r.Revision)
		if r.CompactRevision == 0 && len(r.Events) == 0 {
			out.WriteString(" progress")
		}
		if r.CompactRevision != 0 {
			fmt.Fprintf(out, " cancelled, compacted at %d", r.CompactRevision)
		}
		for _, e := range r.Events {
			out.WriteString(" " + formatEvent(e))
		}
		out.WriteString("\n")
	}
}

// formatEvent writes 3:a=1 for a put in revision 3, 4:-a for a delete, and what was there before in brackets.
func formatEvent(e mvcc.Event) string {
	s := fmt.Sprintf("%d:%s=%s", e.KV.ModRevision, e.KV.Key, e.KV.Value)
	if e.Delete {
		s = fmt.Sprintf("%d:-%s", e.KV.ModRevision, e.KV.Key)
	}
	if e.Prev != nil {
		s += fmt.Sprintf("[%d:%s]", e.Prev.ModRevision, e.Prev.Value)
	}
	return s
}

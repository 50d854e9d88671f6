package mvcc_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"etcdscope/mvcc"
)

// script runs the commands of testdata/store on one store and its named clones.
type script struct {
	t      *testing.T
	stores map[string]*mvcc.Store
	on     string // the store that commands go to
	hashes map[string]uint64
	views  map[string]*mvcc.View
}

// TestStore plays testdata/store. Commands: put K=V… and del K [END] and get K [END], one per line, inside
// txn; apply (see txnText), range, compact, batch, defrag, commit, index, crash, clone, on, view, meta, history, hash.
func TestStore(t *testing.T) {
	datadriven.Walk(t, "testdata/store", func(t *testing.T, path string) {
		stores := map[string]*mvcc.Store{"main": open(t)}
		s := &script{t, stores, "main", map[string]uint64{}, map[string]*mvcc.View{}}
		datadriven.RunTest(t, path, s.run)
	})
}

func (s *script) store() *mvcc.Store { return s.stores[s.on] }

func (s *script) run(t *testing.T, d *datadriven.TestData) string {
	t.Helper()
	var out strings.Builder
	switch d.Cmd {
	case "txn":
		s.txn(&out, d.Input)
	case "apply":
		s.apply(&out, d.Input)
	case "compact", "batch", "defrag":
		s.maintain(&out, d)
	case "range":
		s.get(&out, d)
	case "history":
		s.history(&out, d)
	case "commit":
		if err := s.store().Commit(); err != nil {
			t.Fatal(err)
		}
	case "index":
		var index, term uint64
		d.ScanArgs(t, "at", &index)
		d.ScanArgs(t, "term", &term)
		s.store().SetConsistentIndex(index, term)
	case "meta":
		s.meta(&out, d)
	case "crash":
		s.crash()
	case "clone":
		s.clone(d.CmdArgs[0].Key)
	case "on":
		s.on = d.CmdArgs[0].Key
	case "view":
		s.view(&out, d)
	case "hash":
		s.hash(&out, d)
	default:
		t.Fatalf("%s: unknown command %q", d.Pos, d.Cmd)
	}
	if d.Cmd != "view" && d.Cmd != "range" && d.Cmd != "history" && d.Cmd != "hash" {
		v := s.store().View()
		fmt.Fprintf(&out, "revision %d, in the file %d, pending %d, consistent index %d\n",
			v.Revision, v.CommittedRevision, v.Pending, v.ConsistentIndex)
	}
	return out.String()
}

// endOf reads a range end: none is the single key, * is everything behind.
func endOf(words []string) []byte {
	switch {
	case len(words) == 0:
		return nil
	case words[0] == "*":
		return []byte{}
	}
	return []byte(words[0])
}

func (s *script) txn(out *strings.Builder, input string) {
	txn := s.store().Write()
	for line := range strings.Lines(input) {
		words := strings.Fields(line)
		switch words[0] {
		case "put":
			key, value, _ := strings.Cut(words[1], "=")
			if prev := txn.Put([]byte(key), []byte(value), 0, true); prev != nil {
				fmt.Fprintf(out, "replaced %s\n", format(*prev))
			}
		case "del":
			n, prev := txn.DeleteRange([]byte(words[1]), endOf(words[2:]), true)
			fmt.Fprintf(out, "deleted %d\n", n)
			for _, kv := range prev {
				fmt.Fprintf(out, "  %s\n", format(kv))
			}
		case "get":
			res, err := txn.Range([]byte(words[1]), endOf(words[2:]), mvcc.RangeOptions{})
			writeResult(out, res, err)
		}
	}
	for _, e := range txn.End() {
		fmt.Fprintf(out, "%s\n", formatEvent(e))
	}
}

func format(kv mvcc.KeyValue) string {
	return fmt.Sprintf("%s=%s create %d mod %d version %d",
		kv.Key, kv.Value, kv.CreateRevision, kv.ModRevision, kv.Version)
}

func formatEvent(e mvcc.Event) string {
	if e.Delete {
		return fmt.Sprintf("DELETE %s mod %d", e.KV.Key, e.KV.ModRevision)
	}
	return "PUT " + format(e.KV)
}

func writeResult(out *strings.Builder, res mvcc.RangeResult, err error) {
	if err != nil {
		fmt.Fprintln(out, err)
		return
	}
	for _, kv := range res.KVs {
		fmt.Fprintln(out, format(kv))
	}
	fmt.Fprintf(out, "count %d, more %v, revision %d\n", res.Count, res.More, res.Rev)
}

func (s *script) get(out *strings.Builder, d *datadriven.TestData) {
	var o mvcc.RangeOptions
	d.MaybeScanArgs(s.t, "rev", &o.Rev)
	d.MaybeScanArgs(s.t, "limit", &o.Limit)
	var target, order string
	d.MaybeScanArgs(s.t, "by", &target)
	d.MaybeScanArgs(s.t, "order", &order)
	d.MaybeScanArgs(s.t, "min-mod", &o.MinMod)
	d.MaybeScanArgs(s.t, "max-mod", &o.MaxMod)
	d.MaybeScanArgs(s.t, "min-create", &o.MinCreate)
	d.MaybeScanArgs(s.t, "max-create", &o.MaxCreate)
	o.Target = map[string]mvcc.SortTarget{
		"version": mvcc.SortByVersion, "create": mvcc.SortByCreate, "mod": mvcc.SortByMod, "value": mvcc.SortByValue,
	}[target]
	o.Order = map[string]mvcc.SortOrder{"ascend": mvcc.SortAscend, "descend": mvcc.SortDescend}[order]
	o.CountOnly, o.KeysOnly = d.HasArg("count-only"), d.HasArg("keys-only")
	words := strings.Fields(d.Input)
	res, err := s.store().Range([]byte(words[0]), endOf(words[1:]), o)
	writeResult(out, res, err)
}

// maintain compacts (at=REV), deletes rows of a compaction (rows=N) or copies rows of a defragmentation (rows=N).
func (s *script) maintain(out *strings.Builder, d *datadriven.TestData) {
	var at int64
	var rows int
	d.MaybeScanArgs(s.t, "at", &at)
	d.MaybeScanArgs(s.t, "rows", &rows)
	var done bool
	var err error
	switch d.Cmd {
	case "compact":
		err = s.store().Compact(at)
	case "batch":
		done, err = s.store().CompactStep(rows)
	case "defrag":
		done, err = s.store().DefragStep(rows)
	}
	if err != nil {
		fmt.Fprintln(out, err)
	}
	left, countErr := s.store().RowCount()
	if countErr != nil {
		s.t.Fatal(countErr)
	}
	v, b := s.store().View(), s.store().Backend()
	fmt.Fprintf(out, "done %v, fence at %d, file compacted at %d, compacting %d, %d rows\n",
		done, v.CompactRevision, v.FinishedRevision, v.Compacting, left)
	if d.Cmd == "defrag" {
		fmt.Fprintf(out, "size %d, in use %d\n", b.Size(), b.SizeInUse())
	}
}

func (s *script) history(out *strings.Builder, d *datadriven.TestData) {
	var from, to int64
	d.ScanArgs(s.t, "from", &from)
	d.ScanArgs(s.t, "to", &to)
	words := strings.Fields(d.Input)
	events, err := s.store().History([]byte(words[0]), endOf(words[1:]), from, to)
	if err != nil {
		fmt.Fprintln(out, err)
	}
	for _, e := range events {
		fmt.Fprintln(out, formatEvent(e))
	}
}

func (s *script) meta(out *strings.Builder, d *datadriven.TestData) {
	key, value, set := strings.Cut(d.Input, "=")
	if set {
		s.store().SetMeta(key, []byte(value))
	}
	got, ok, err := s.store().Meta(key)
	if err != nil {
		s.t.Fatal(err)
	}
	fmt.Fprintf(out, "%q %v\n", got, ok)
}

// crash drops the store, as a dying process does, and opens its file again.
func (s *script) crash() {
	again, err := mvcc.Open(s.store().Backend())
	if err != nil {
		s.t.Fatal(err)
	}
	s.stores[s.on] = again
}

func (s *script) clone(name string) {
	b, err := s.store().Backend().Clone()
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		if err := b.Close(); err != nil {
			s.t.Error(err)
		}
	})
	s.stores[name] = s.store().Clone(b)
}

// view draws the store; keep=NAME remembers the view, of=NAME draws a remembered one.
func (s *script) view(out *strings.Builder, d *datadriven.TestData) {
	v, name := s.store().View(), ""
	if d.MaybeScanArgs(s.t, "keep", &name) {
		s.views[name] = v
	}
	if d.MaybeScanArgs(s.t, "of", &name) {
		v = s.views[name]
	}
	for _, key := range v.Keys(100) {
		fmt.Fprintf(out, "%s:", key.Key)
		for _, g := range key.Generations {
			fmt.Fprintf(out, " %v", g.Revisions)
			if g.Tombstone {
				out.WriteString("t")
			}
		}
		if kv, ok := v.Get(key.Key, 0); ok {
			fmt.Fprintf(out, " = %s", kv.Value)
		}
		out.WriteString("\n")
	}
	for _, e := range v.Recent(2) {
		fmt.Fprintf(out, "recent: %s\n", formatEvent(e))
	}
}

// hash says whether the store hashes like the named moments before; set=NAME remembers it.
func (s *script) hash(out *strings.Builder, d *datadriven.TestData) {
	var name string
	hash := s.store().Hash()
	if d.MaybeScanArgs(s.t, "set", &name) {
		s.hashes[name] = hash
	}
	if d.MaybeScanArgs(s.t, "like", &name) {
		fmt.Fprintln(out, hash == s.hashes[name])
	}
	if d.HasArg("kv") {
		kv, compacted, err := s.store().HashKV(0)
		if err != nil {
			s.t.Fatal(err)
		}
		fmt.Fprintf(out, "HashKV %d, compacted %d\n", kv, compacted)
	}
}

func TestViewOutlivesTheStore(t *testing.T) {
	s := open(t)
	txn := s.Write()
	txn.Put([]byte("a"), []byte("1"), 0, false)
	txn.End()
	if err := s.Commit(); err != nil {
		t.Fatal(err)
	}
	v := s.View()
	if s.View() != v {
		t.Error("a second view of the same state was made")
	}
	if err := s.Backend().Close(); err != nil {
		t.Fatal(err)
	}
	if kv, ok := v.Get("a", 2); !ok || !bytes.Equal(kv.Value, []byte("1")) {
		t.Errorf("view of a closed store has %+v, %v", kv, ok)
	}
	if _, err := s.Range([]byte("a"), nil, mvcc.RangeOptions{}); err == nil {
		t.Error("a closed store was read")
	}
	txn = s.Write()
	txn.Put([]byte("a"), []byte("2"), 0, true)
	txn.End()
	if s.Err() == nil || !errors.Is(s.Commit(), s.Err()) {
		t.Errorf("a put that could not read the version before: error %v, then commit %v", s.Err(), s.Commit())
	}
}

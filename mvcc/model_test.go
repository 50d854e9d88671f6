package mvcc_test

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"etcdscope/mvcc"
)

// model is a store as a list of everything that ever happened.
type model struct {
	log       []mvcc.Event
	rev       int64
	committed int // events in the file
	inFile    int64
	compacted int64 // -1: never
}

// at returns the living keys at a revision, in order.
func (m *model) at(rev int64) []mvcc.KeyValue {
	var kvs []mvcc.KeyValue
	for _, e := range m.log {
		if e.KV.ModRevision > rev {
			break
		}
		kvs = slices.DeleteFunc(kvs, func(kv mvcc.KeyValue) bool { return bytes.Equal(kv.Key, e.KV.Key) })
		if !e.Delete {
			kvs = append(kvs, e.KV)
		}
	}
	slices.SortFunc(kvs, func(a, b mvcc.KeyValue) int { return bytes.Compare(a.Key, b.Key) })
	return kvs
}

func inside(key, first, end []byte) bool {
	if end == nil {
		return bytes.Equal(key, first)
	}
	return bytes.Compare(key, first) >= 0 && (len(end) == 0 || bytes.Compare(key, end) < 0)
}

func (m *model) find(key, end []byte, rev int64) []mvcc.KeyValue {
	return slices.DeleteFunc(m.at(rev), func(kv mvcc.KeyValue) bool { return !inside(kv.Key, key, end) })
}

func (m *model) put(key, value []byte, lease int64) {
	kv := mvcc.KeyValue{
		Key: key, Value: value, CreateRevision: m.rev + 1, ModRevision: m.rev + 1, Version: 1,
		Lease: lease,
	}
	if before := m.find(key, nil, m.rev+1); len(before) > 0 {
		kv.CreateRevision, kv.Version = before[0].CreateRevision, before[0].Version+1
	}
	m.log = append(m.log, mvcc.Event{KV: kv})
}

func (m *model) delete(key, end []byte) (prev []mvcc.KeyValue) {
	prev = m.find(key, end, m.rev+1)
	for _, kv := range prev {
		m.log = append(m.log, mvcc.Event{Delete: true, KV: mvcc.KeyValue{Key: kv.Key, ModRevision: m.rev + 1}})
	}
	return prev
}

// commit notes that the file has everything.
func (m *model) commit() { m.committed, m.inFile = len(m.log), m.rev }

// compact leaves of every key what a reader or a watcher at rev needs, and what comes later.
func (m *model) compact(rev int64) {
	var left []mvcc.Event
	for i, e := range m.log {
		later := slices.ContainsFunc(m.log[i+1:], func(o mvcc.Event) bool {
			return o.KV.ModRevision <= rev && bytes.Equal(o.KV.Key, e.KV.Key)
		})
		old := e.KV.ModRevision <= rev && (later || e.Delete && e.KV.ModRevision < rev)
		if !old {
			left = append(left, e)
		}
	}
	m.log, m.compacted = left, rev
}

// pair is a store, its model and a picture taken earlier.
type pair struct {
	store *mvcc.Store
	model model
	view  *mvcc.View
	past  model
}

var (
	drawKey = rapid.Custom(func(t *rapid.T) []byte {
		return []byte(rapid.StringMatching(`[a-d]{1,2}`).Draw(t, "key"))
	})
	drawEnd = rapid.Custom(func(t *rapid.T) []byte {
		return rapid.OneOf(rapid.Just([]byte(nil)), rapid.Just([]byte{}), drawKey).Draw(t, "end")
	})
)

func (p *pair) write(t *rapid.T) {
	txn := p.store.Write()
	first := len(p.model.log)
	for range rapid.IntRange(1, 4).Draw(t, "operations") {
		key, end := drawKey.Draw(t, "key"), drawEnd.Draw(t, "end")
		if rapid.Bool().Draw(t, "put") {
			value := rapid.SliceOfN(rapid.Byte(), 1, 40).Draw(t, "value")
			before := p.model.find(key, nil, p.model.rev+1)
			prev := txn.Put(key, value, 0, true)
			if (prev != nil) != (len(before) > 0) || (prev != nil && !reflect.DeepEqual(*prev, before[0])) {
				t.Fatalf("put %q replaced %+v, want %+v", key, prev, before)
			}
			p.model.put(key, value, 0)
			continue
		}
		want := p.model.delete(key, end)
		if n, prev := txn.DeleteRange(key, end, true); int(n) != len(want) || !same(prev, want) {
			t.Fatalf("delete %q %q: %d %+v, want %+v", key, end, n, prev, want)
		}
	}
	res, err := txn.Range([]byte{}, []byte{}, mvcc.RangeOptions{})
	if err != nil || !same(res.KVs, p.model.at(p.model.rev+1)) {
		t.Fatalf("inside the transaction: %+v, %v", res, err)
	}
	events := txn.End()
	if want := p.model.log[first:]; !same(events, want) {
		t.Fatalf("the transaction did %+v, want %+v", events, want)
	}
	if len(events) > 0 {
		p.model.rev++
	}
}

// same compares lists of which the empty one may be nil.
func same[T any](a, b []T) bool { return len(a) == len(b) && (len(a) == 0 || reflect.DeepEqual(a, b)) }

func (p *pair) commit(t *rapid.T) {
	if err := p.store.Commit(); err != nil {
		t.Fatal(err)
	}
	p.model.commit()
}

func (p *pair) compact(t *rapid.T) {
	rev := rapid.Int64Range(max(0, p.model.compacted), p.model.rev+1).Draw(t, "compact")
	err := p.store.Compact(rev)
	switch {
	case rev <= p.model.compacted:
		if !errors.Is(err, mvcc.ErrCompacted) {
			t.Fatalf("compact at %d, which is compacted: %v", rev, err)
		}
	case rev > p.model.rev:
		if !errors.Is(err, mvcc.ErrFutureRev) {
			t.Fatalf("compact at %d of %d: %v", rev, p.model.rev, err)
		}
	case err != nil:
		t.Fatal(err)
	default:
		p.model.compact(rev)
		p.model.commit()
	}
}

// compactStep deletes some of the compacted rows; when none are left the file has what the model has.
func (p *pair) compactStep(t *rapid.T) {
	working := p.store.Compacting()
	done, err := p.store.CompactStep(rapid.IntRange(1, 9).Draw(t, "rows"))
	if err != nil || done == p.store.Compacting() {
		t.Fatalf("batch of a compaction: done %v, left %v, %v", done, p.store.Compacting(), err)
	}
	if !working {
		return
	}
	p.model.commit()
	if rows, err := p.store.RowCount(); done && (err != nil || rows != len(p.model.log)) {
		t.Fatalf("compaction left %d rows, want %d: %v", rows, len(p.model.log), err)
	}
	if v := p.store.View(); done && v.FinishedRevision != p.model.compacted {
		t.Fatalf("the last batch says it is finished at %d, want %d", v.FinishedRevision, p.model.compacted)
	}
}

// defrag defragments the file, dies in the middle, or forks there.
func (p *pair) defrag(t *rapid.T) (fork *pair) {
	for {
		done, err := p.store.DefragStep(rapid.IntRange(1, 30).Draw(t, "rows"))
		if err != nil || done == p.store.Backend().Defragmenting() {
			t.Fatalf("defragmentation: done %v, %v", done, err)
		}
		p.model.commit()
		if done {
			if b := p.store.Backend(); b.Size() != b.SizeInUse() {
				t.Fatalf("defragmented to %d bytes, in use %d", b.Size(), b.SizeInUse())
			}
			return fork
		}
		switch rapid.IntRange(0, 9).Draw(t, "meanwhile") {
		case 0:
			p.crash(t)
			return fork
		case 1:
			if fork == nil {
				fork = p.clone(t)
			}
		}
	}
}

func (p *pair) crash(t *rapid.T) {
	again, err := mvcc.Open(p.store.Backend())
	if err != nil {
		t.Fatal(err)
	}
	p.store = again
	p.model.log, p.model.rev = p.model.log[:p.model.committed:p.model.committed], p.model.inFile
	p.model.rev = max(p.model.rev, p.model.compacted)
}

func (p *pair) clone(t *rapid.T) *pair {
	b, err := p.store.Backend().Clone()
	if err != nil {
		t.Fatal(err)
	}
	p.model.log = slices.Clip(p.model.log)
	return &pair{store: p.store.Clone(b), model: p.model, view: p.view, past: p.past}
}

func (p *pair) look() {
	p.model.log = slices.Clip(p.model.log)
	p.view, p.past = p.store.View(), p.model
}

func (p *pair) finishDefrag(t *rapid.T) {
	for done := false; !done; {
		var err error
		if done, err = p.store.DefragStep(0); err != nil {
			t.Fatal(err)
		}
	}
	p.check(t)
}

// check compares every way to read with the model.
func (p *pair) check(t *rapid.T) {
	m := &p.model
	rev := rapid.Int64Range(0, m.rev+1).Draw(t, "rev")
	key, end := drawKey.Draw(t, "key"), drawEnd.Draw(t, "end")
	o := mvcc.RangeOptions{Rev: rev, Limit: rapid.Int64Range(0, 3).Draw(t, "limit")}
	res, err := p.store.Range(key, end, o)
	if rev > m.rev {
		if !errors.Is(err, mvcc.ErrFutureRev) {
			t.Fatalf("range at %d of %d: %v", rev, m.rev, err)
		}
		return
	}
	if rev > 0 && rev < m.compacted {
		if _, history := p.store.History(key, end, rev, m.rev); !errors.Is(err, mvcc.ErrCompacted) ||
			!errors.Is(history, mvcc.ErrCompacted) {
			t.Fatalf("range and history at %d, compacted at %d: %v, %v", rev, m.compacted, err, history)
		}
		return
	}
	if rev == 0 {
		rev = m.rev
	}
	want := m.find(key, end, rev)
	count := int64(len(want))
	if o.Limit > 0 {
		want = want[:min(o.Limit, count)]
	}
	answered := res.Count == count && res.More == (count > int64(len(want))) && res.Rev == m.rev
	if err != nil || !same(res.KVs, want) || !answered {
		t.Fatalf("range %q %q %+v: %+v, %v, want %+v of %d", key, end, o, res, err, want, count)
	}
	from := rapid.Int64Range(max(0, m.compacted), m.rev+1).Draw(t, "from")
	var events []mvcc.Event
	for _, e := range m.log {
		if e.KV.ModRevision >= from && e.KV.ModRevision <= rev && inside(e.KV.Key, key, end) {
			events = append(events, e)
		}
	}
	if got, err := p.store.History(key, end, from, rev); err != nil || !same(got, events) {
		t.Fatalf("history %q %q from %d to %d: %+v, %v, want %+v", key, end, from, rev, got, err, events)
	}
	p.checkView(t, p.store.View(), m)
	if p.view != nil {
		p.checkView(t, p.view, &p.past)
	}
}

func (p *pair) checkView(t *rapid.T, v *mvcc.View, m *model) {
	if v.Revision != m.rev || v.CommittedRevision != max(m.inFile, 1) || v.Pending != len(m.log)-m.committed {
		t.Fatalf("view %+v, want revision %d, committed %d, pending %d", v, m.rev, m.inFile, len(m.log)-m.committed)
	}
	rev, key := rapid.Int64Range(1, m.rev).Draw(t, "rev"), drawKey.Draw(t, "key")
	if _, ok := v.Get(string(key), m.compacted-1); ok && m.compacted > 1 || v.CompactRevision != m.compacted {
		t.Fatalf("view behind the fence of %d, want %d", v.CompactRevision, m.compacted)
	}
	rev = max(rev, m.compacted)
	var got []mvcc.KeyValue
	if kv, ok := v.Get(string(key), rev); ok {
		got = append(got, kv)
	}
	if want := m.find(key, nil, rev); !same(got, want) {
		t.Fatalf("view of %q at %d: %+v, want %+v", key, rev, got, want)
	}
	n := rapid.IntRange(0, 100).Draw(t, "recent")
	if got, want := v.Recent(n), m.log[max(0, len(m.log)-n):]; !same(got, want) {
		t.Fatalf("recent %d: %+v, want %+v", n, got, want)
	}
	h, ok := v.Key(string(key))
	var revs, want []int64
	for _, g := range h.Generations {
		for _, r := range g.Revisions {
			revs = append(revs, r.Main)
		}
	}
	for _, e := range m.log {
		if bytes.Equal(e.KV.Key, key) {
			want = append(want, e.KV.ModRevision)
		}
	}
	if !slices.Equal(revs, want) || ok != (len(want) > 0) {
		t.Fatalf("generations of %q: %+v, want revisions %v", key, h, want)
	}
}

// fingerprint says all that Hash should depend on.
func (p *pair) fingerprint() string {
	var b strings.Builder
	for _, e := range p.model.log {
		fmt.Fprintf(&b, "%v %+v;", e.Delete, e.KV)
	}
	m := &p.model
	return fmt.Sprintf("%s%d %d %d", b.String(), len(m.log)-m.committed, m.rev, m.compacted)
}

func TestStoreAgainstModel(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		b, err := mvcc.NewBackend(dir)
		if err != nil {
			t.Fatal(err)
		}
		s, err := mvcc.Open(b)
		if err != nil {
			t.Fatal(err)
		}
		all := []*pair{{store: s, model: model{rev: 1, inFile: 1, compacted: -1}}}
		defer func() {
			for _, p := range all {
				if err := p.store.Backend().Close(); err != nil {
					t.Error(err)
				}
			}
		}()
		hashes, states, sums := map[string]uint64{}, map[uint64]string{}, map[string]uint32{}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			p := all[rapid.IntRange(0, len(all)-1).Draw(t, "store")]
			steps := []string{
				"write", "write", "write", "commit", "crash", "clone", "look", "compact", "batch", "batch", "defrag",
			}
			switch rapid.SampledFrom(steps).Draw(t, "step") {
			case "write":
				p.write(t)
			case "commit":
				p.commit(t)
			case "crash":
				p.crash(t)
			case "clone":
				if len(all) < 4 {
					all = append(all, p.clone(t))
				}
			case "look":
				p.look()
			case "compact":
				p.compact(t)
			case "batch":
				p.compactStep(t)
			case "defrag":
				if fork := p.defrag(t); fork != nil {
					all = append(all, fork)
					fork.finishDefrag(t)
				}
			}
			p.check(t)
			state, hash := p.fingerprint(), p.store.Hash()
			sum, _, err := p.store.HashKV(0)
			if old, ok := sums[state]; err != nil || ok && old != sum {
				t.Fatalf("one state, HashKV %d and %d, %v", old, sum, err)
			}
			sums[state] = sum
			if p.store.Compacting() {
				continue // how far it is depends on more than the model knows
			}
			if old, ok := hashes[state]; ok && old != hash {
				t.Fatalf("one state, two hashes: %x and %x of %s", old, hash, state)
			}
			if old, ok := states[hash]; ok && old != state {
				t.Fatalf("two states, one hash %x: %s and %s", hash, old, state)
			}
			hashes[state], states[hash] = hash, state
		}
	})
}

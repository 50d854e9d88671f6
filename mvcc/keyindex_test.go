package mvcc

import (
	"fmt"
	"strings"
	"testing"
)

// exampleKey is the worked example of the textbook: put@2, put@3, del@5, put@7, put@9.1, del@9.3, put@12.
func exampleKey(t *testing.T) (*treeIndex, *keyIndex) {
	t.Helper()
	ix, key := newTreeIndex(), []byte("k")
	for _, c := range []struct {
		main, sub int64
		delete    bool
	}{{2, 0, false}, {3, 0, false}, {5, 0, true}, {7, 0, false}, {9, 1, false}, {9, 3, true}, {12, 0, false}} {
		if rev := (Revision{c.main, c.sub}); !c.delete {
			ix.put(key, rev)
		} else if err := ix.tombstone(key, rev); err != nil {
			t.Fatal(err)
		}
	}
	return ix, ix.find(key)
}

// String writes generations as {2,3,5t}{7}.
func (k *keyIndex) String() string {
	var b strings.Builder
	for i := range k.generations() {
		revs := make([]string, 0, len(k.generation(i).revs))
		for _, r := range k.generation(i).revs {
			revs = append(revs, r.String())
		}
		if i < len(k.past) {
			revs[len(revs)-1] += "t"
		}
		fmt.Fprintf(&b, "{%s}", strings.Join(revs, ","))
	}
	return b.String()
}

func TestKeyIndexState(t *testing.T) {
	_, k := exampleKey(t)
	if got, want := k.String(), "{2,3,5t}{7,9.1,9.3t}{12}"; got != want {
		t.Errorf("generations %s, want %s", got, want)
	}
	if k.modified != (Revision{Main: 12}) {
		t.Errorf("modified %v, want 12", k.modified)
	}
	for i, want := range []struct{ created, ver int64 }{{2, 3}, {7, 3}, {12, 1}} {
		if g := k.generation(i); g.created.Main != want.created || g.ver != want.ver {
			t.Errorf("generation %d: created %v ver %d, want %+v", i, g.created, g.ver, want)
		}
	}
}

func TestKeyIndexGet(t *testing.T) {
	_, k := exampleKey(t)
	type answer struct{ modified, created, ver int64 } // zero: not found
	want := map[int64]answer{
		1: {}, 2: {2, 2, 1}, 3: {3, 2, 2}, 4: {3, 2, 2}, 5: {}, 6: {}, 7: {7, 7, 1}, 8: {7, 7, 1},
		9: {}, 10: {}, 11: {}, 12: {12, 12, 1}, 99: {12, 12, 1},
	}
	for rev, w := range want {
		at, ok := k.get(rev)
		if got := (answer{at.modified.Main, at.created.Main, at.ver}); got != w || ok != (w != answer{}) {
			t.Errorf("get(%d) = %+v, %v, want %+v", rev, got, ok, w)
		}
	}
}

// No client can do it, but a transaction of ours can: a key that dies and comes back in one revision is there.
func TestCompactKeepsKeyThatCameBack(t *testing.T) {
	for at, want := range map[int64]string{2: "{2,3t}{3.1}", 3: "{3.1}", 4: "{3.1}"} {
		ix, key := newTreeIndex(), []byte("k")
		ix.put(key, Revision{2, 0})
		if err := ix.tombstone(key, Revision{3, 0}); err != nil {
			t.Fatal(err)
		}
		ix.put(key, Revision{3, 1})
		ix.compact(at, Rules{})
		if got := ix.find(key).String(); got != want {
			t.Errorf("compact(%d) leaves %s, want %s", at, got, want)
		}
	}
}

func TestKeyIndexSince(t *testing.T) {
	_, k := exampleKey(t)
	for rev, want := range map[int64]string{
		1: "[2 3 5 7 9.3 12]", 4: "[5 7 9.3 12]", 9: "[9.3 12]", 12: "[12]", 13: "[]",
	} {
		if got := fmt.Sprint(k.since(rev)); got != want {
			t.Errorf("since(%d) = %s, want %s", rev, got, want)
		}
	}
}

func TestKeyIndexCompact(t *testing.T) {
	for _, c := range []struct {
		at               int64
		kept, keep, left string
	}{
		{1, "", "", "{2,3,5t}{7,9.1,9.3t}{12}"},
		{2, "2", "2", "{2,3,5t}{7,9.1,9.3t}{12}"},
		{3, "3", "3", "{3,5t}{7,9.1,9.3t}{12}"},
		{5, "5", "", "{5t}{7,9.1,9.3t}{12}"},
		{6, "", "", "{7,9.1,9.3t}{12}"},
		{9, "9.3", "", "{9.3t}{12}"},
		{10, "", "", "{12}"},
		{12, "12", "12", "{12}"},
	} {
		ix, k := exampleKey(t)
		if got := names(ix.keep(c.at)); got != c.keep {
			t.Errorf("keep(%d) = %q, want %q", c.at, got, c.keep)
		}
		if got := names(ix.compact(c.at, Rules{})); got != c.kept {
			t.Errorf("compact(%d) kept %q, want %q", c.at, got, c.kept)
		}
		if got := ix.find([]byte("k")).String(); got != c.left {
			t.Errorf("after compact(%d): %s, want %s", c.at, got, c.left)
		}
		if got := k.String(); got != "{2,3,5t}{7,9.1,9.3t}{12}" {
			t.Errorf("compact(%d) changed the index that others hold: %s", c.at, got)
		}
	}
}

func names(revs map[Revision]struct{}) string {
	var all []string
	for r := range revs { // at most one per key, and the tests have one key
		all = append(all, r.String())
	}
	return strings.Join(all, " ")
}

// A deleted key leaves the index only when its tombstone is older than the compaction.
func TestIndexForgetsDeletedKey(t *testing.T) {
	for at, want := range map[int64]string{3: "{3t}{}", 4: ""} {
		ix := newTreeIndex()
		ix.put([]byte("k"), Revision{Main: 2})
		if err := ix.tombstone([]byte("k"), Revision{Main: 3}); err != nil {
			t.Fatal(err)
		}
		ix.compact(at, Rules{})
		got := ""
		if k := ix.find([]byte("k")); k != nil {
			got = k.String()
		}
		if got != want {
			t.Errorf("after compact(%d): %q, want %q", at, got, want)
		}
	}
}

func TestIndexAfterCompaction(t *testing.T) {
	ix, key := newTreeIndex(), []byte("k")
	ix.put(key, Revision{Main: 2})
	ix.put(key, Revision{Main: 3})
	if err := ix.tombstone(key, Revision{Main: 4}); err != nil {
		t.Fatal(err)
	}
	ix.put(key, Revision{Main: 5})
	if got := names(ix.compact(4, Rules{})); got != "4" {
		t.Errorf("compact(4) kept %q, want 4", got)
	}
	if _, ok := ix.get(key, 4); ok {
		t.Error("get(4) found a deleted key")
	}
	if at, ok := ix.get(key, 5); !ok || at.modified.Main != 5 || at.ver != 1 {
		t.Errorf("get(5) = %+v, %v, want revision 5, version 1", at, ok)
	}
}

func TestTombstoneOfMissingKey(t *testing.T) {
	ix, key := newTreeIndex(), []byte("k")
	if err := ix.tombstone(key, Revision{Main: 2}); err == nil {
		t.Error("a key that never was got a tombstone")
	}
	ix.put(key, Revision{Main: 2})
	if err := ix.tombstone(key, Revision{Main: 3}); err != nil {
		t.Error(err)
	}
	if err := ix.tombstone(key, Revision{Main: 4}); err == nil {
		t.Error("a deleted key got a second tombstone")
	}
}

// A file whose first row of a key is a tombstone: what stood before it was compacted.
func TestRestoreLoneTombstone(t *testing.T) {
	ix := newTreeIndex()
	ix.restore(&change{Revision{Main: 5}, Event{Delete: true, KV: KeyValue{Key: []byte("k")}}})
	if got := ix.find([]byte("k")).String(); got != "{5t}{}" {
		t.Errorf("restored as %s, want {5t}{}", got)
	}
}

// A fork must not write into slices that the other side appends to.
func TestForkedIndexesAreIndependent(t *testing.T) {
	a, key, dead := newTreeIndex(), []byte("k"), []byte("dead")
	for rev := range int64(5) {
		a.put(key, Revision{Main: 2 + rev})
	}
	b := a.clone()
	for rev := range int64(9) {
		a.put(key, Revision{Main: 10 + rev})
		b.put(key, Revision{Main: 20 + rev})
	}
	for rev := range int64(3) {
		a.put(dead, Revision{Main: 30 + 2*rev})
		if err := a.tombstone(dead, Revision{Main: 31 + 2*rev}); err != nil {
			t.Fatal(err)
		}
	}
	b2 := a.clone()
	for i, ix := range []*treeIndex{a, b2} {
		ix.put(dead, Revision{Main: 40 + int64(i)})
		if err := ix.tombstone(dead, Revision{Main: 50 + int64(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := a.find(dead).String(), "{30,31t}{32,33t}{34,35t}{40,50t}{}"; got != want {
		t.Errorf("original %s, want %s", got, want)
	}
	if got, want := b2.find(dead).String(), "{30,31t}{32,33t}{34,35t}{41,51t}{}"; got != want {
		t.Errorf("clone %s, want %s", got, want)
	}
	if got, want := a.find(key).String(), "{2,3,4,5,6,10,11,12,13,14,15,16,17,18}"; got != want {
		t.Errorf("original %s, want %s", got, want)
	}
	if got, want := b.find(key).String(), "{2,3,4,5,6,20,21,22,23,24,25,26,27,28}"; got != want {
		t.Errorf("clone %s, want %s", got, want)
	}
}

func TestPutOfOldRevisionPanics(t *testing.T) {
	ix, _ := exampleKey(t)
	defer func() {
		if recover() == nil {
			t.Error("a put at an old revision was taken")
		}
	}()
	ix.put([]byte("k"), Revision{Main: 12})
}

package mvcc

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"
)

func newStore(t testing.TB, dir string) *Store {
	t.Helper()
	b, err := NewBackend(dir)
	if err != nil {
		t.Fatal(err)
	}
	return openBackend(t, b)
}

func put(s *Store, key, value string) {
	txn := s.Write()
	txn.Put([]byte(key), []byte(value), 0, false)
	txn.End()
}

func commit(t testing.TB, s *Store) {
	t.Helper()
	if err := s.Commit(); err != nil {
		t.Fatal(err)
	}
}

func clone(t testing.TB, s *Store) *Store {
	t.Helper()
	b, err := s.Backend().Clone()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return s.Clone(b)
}

func get(t testing.TB, s *Store, key string) string {
	t.Helper()
	res, err := s.Range([]byte(key), nil, RangeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(res.KVs) == 0 {
		return ""
	}
	return string(res.KVs[0].Value)
}

func filesIn(t testing.TB, dir string) int {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return len(files)
}

func fileBytes(t testing.TB, b *Backend) []byte {
	t.Helper()
	var buf bytes.Buffer
	if _, err := b.WriteTo(&buf); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestFileAppearsWhenItIsNeeded(t *testing.T) {
	dir := t.TempDir()
	s := newStore(t, dir)
	put(s, "a", "1")
	copies := make([]*Store, 100)
	for i := range copies {
		copies[i] = clone(t, s)
	}
	if n := filesIn(t, dir); n != 0 {
		t.Errorf("%d files before anything was committed", n)
	}
	commit(t, s)
	for i := range copies {
		copies[i] = clone(t, s)
	}
	if n := filesIn(t, dir); n != 1 {
		t.Errorf("%d files for one store and its unread clones", n)
	}
	if got := get(t, copies[7], "a"); got != "1" || filesIn(t, dir) != 2 {
		t.Errorf("the clone read %q with %d files, want 1 with 2 files", got, filesIn(t, dir))
	}
	for range 2 {
		if err := copies[7].Backend().Close(); err != nil {
			t.Error(err)
		}
	}
	if n := filesIn(t, dir); n != 1 {
		t.Errorf("%d files after the clone was closed", n)
	}
	if _, err := copies[7].Range([]byte("a"), nil, RangeOptions{}); err == nil {
		t.Error("a closed backend was read")
	}
}

func TestFileHasAllOfEtcdsBuckets(t *testing.T) {
	s := newStore(t, t.TempDir())
	s.SetConsistentIndex(7, 3)
	s.SetMeta("confState", []byte(`{"voters":[1]}`))
	commit(t, s)
	if s.Pending() != 0 {
		t.Errorf("%d operations pending after the commit", s.Pending())
	}
	var names []string
	err := s.Backend().view(func(tx *bolt.Tx) error {
		for k, want := range map[string]string{
			"consistent_index": "\x00\x00\x00\x00\x00\x00\x00\x07", "term": "\x00\x00\x00\x00\x00\x00\x00\x03",
			"storageVersion": "3.7.0", "confState": `{"voters":[1]}`,
		} {
			if got := tx.Bucket([]byte("meta")).Get([]byte(k)); string(got) != want {
				t.Errorf("meta %s is %q, want %q", k, got, want)
			}
		}
		return tx.ForEach(func(name []byte, _ *bolt.Bucket) error {
			names = append(names, string(name))
			return nil
		})
	})
	want := []string{
		"alarm", "auth", "authRoles", "authUsers", "cluster", "key", "lease", "members", "members_removed", "meta",
	}
	if err != nil || !slices.Equal(names, want) {
		t.Errorf("buckets %q, %v, want %q", names, err, want)
	}
}

func TestGrowingFileSharesPages(t *testing.T) {
	s := newStore(t, t.TempDir())
	var images, whole int64
	for i := range 100 {
		for j := range 100 {
			put(s, fmt.Sprintf("key/%d/%d", i, j), "some value")
		}
		commit(t, s)
		b := clone(t, s).Backend()
		images += b.ImageBytes()
		whole += b.image.size()
		if again := clone(t, s).Backend().ImageBytes(); again != 0 {
			t.Fatalf("a second clone of the same file holds %d bytes of its own", again)
		}
	}
	if images*5 > whole {
		t.Errorf("100 clones hold %d bytes, more than a fifth of %d", images, whole)
	}
}

func TestCloneKeepsItsMoment(t *testing.T) {
	s := newStore(t, t.TempDir())
	var past []*Store
	for i := range 50 {
		put(s, "n", fmt.Sprint(i))
		if i%3 == 0 {
			commit(t, s)
		}
		past = append(past, clone(t, s))
	}
	for i, c := range past {
		reopened := openBackend(t, mustClone(t, c.Backend()))
		if want := fmt.Sprint(i - i%3); get(t, reopened, "n") != want {
			t.Errorf("file of clone %d has %s, want %s", i, get(t, reopened, "n"), want)
		}
		put(c, "n", "other")
		if i > 0 && get(t, past[i-1], "n") != "other" {
			t.Errorf("clone %d lost its own write", i-1)
		}
	}
	if got := get(t, s, "n"); got != "49" {
		t.Errorf("the original reads %s after its clones were written, want 49", got)
	}
}

func mustClone(t testing.TB, b *Backend) *Backend {
	t.Helper()
	c, err := b.Clone()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestFlippedBitIsFound(t *testing.T) {
	s := newStore(t, t.TempDir())
	for i := range 200 {
		put(s, fmt.Sprint("key", i), "value")
	}
	commit(t, s)
	healthy := clone(t, s)
	size := int64(len(fileBytes(t, s.Backend())))
	for offset := int64(0); offset < size; offset += 509 {
		c := clone(t, healthy)
		if err := c.Backend().FlipBit(offset, uint(offset)); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(c.Backend()); !errors.Is(err, ErrDamaged) {
			t.Errorf("bit flipped at %d: %v", offset, err)
		}
		put(c, "key", "value")
		if err := c.Commit(); !errors.Is(err, ErrDamaged) {
			t.Errorf("commit into a damaged file: %v", err)
		}
	}
	if got := get(t, healthy, "key0"); got != "value" {
		t.Errorf("the healthy clone reads %q", got)
	}
	if err := healthy.Backend().FlipBit(size, 0); err == nil {
		t.Error("a bit outside the file was flipped")
	}
}

func TestFileCanBeOpenedAgain(t *testing.T) {
	s := newStore(t, t.TempDir())
	for i := range 3000 {
		put(s, fmt.Sprint("key", i%700), fmt.Sprint(i))
		if i%100 == 99 {
			s.SetConsistentIndex(uint64(i), 1)
			commit(t, s)
		}
	}
	b, err := OpenBytes(t.TempDir(), fileBytes(t, s.Backend()))
	if err != nil {
		t.Fatal(err)
	}
	if again := openBackend(t, b); again.Hash() != s.Hash() {
		t.Error("the store read back from the file's bytes differs")
	}
}

// A process that died inside a compaction left the mark of its start: what it compacts may be half gone.
func TestUnfinishedCompaction(t *testing.T) {
	s := newStore(t, t.TempDir())
	put(s, "a", "1")
	put(s, "a", "2")
	s.SetMeta(metaFinishedCompact, appendRowKey(nil, Revision{Main: 2}, false))
	s.SetMeta(metaScheduledCompact, appendRowKey(nil, Revision{Main: 7}, false))
	commit(t, s)
	again, err := Open(s.Backend())
	if err != nil {
		t.Fatal(err)
	}
	if again.CompactRevision() != 7 || again.Revision() != 7 || get(t, again, "a") != "2" {
		t.Errorf("compacted %d, revision %d, a=%s, want 7, 7, a=2",
			again.CompactRevision(), again.Revision(), get(t, again, "a"))
	}
	if _, err := again.History([]byte("a"), nil, 6, 7); !errors.Is(err, ErrCompacted) {
		t.Errorf("history from 6: %v", err)
	}
}

// What was read must not point into the file: bbolt unmaps it. A small bucket would be a copy anyway.
func TestAnswersOutliveTheFile(t *testing.T) {
	s, value := newStore(t, t.TempDir()), strings.Repeat("v", imagePage)
	put(s, "a", value)
	commit(t, s)
	res, err := s.Range([]byte("a"), nil, RangeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	events, err := s.History([]byte("a"), nil, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Backend().Close(); err != nil {
		t.Fatal(err)
	}
	if string(res.KVs[0].Value) != value || string(events[0].KV.Value) != value {
		t.Errorf("read %q and %q, want %q", res.KVs[0].Value, events[0].KV.Value, value)
	}
}

// The history is long enough for full blocks, which both sides share.
func TestClonesShareHistory(t *testing.T) {
	a := newStore(t, t.TempDir())
	for i := range 3*blockEvents + 5 {
		put(a, "n", fmt.Sprint(i))
	}
	for i := range 3 {
		a.SetMeta("m", []byte{byte(i)})
	}
	b, view := clone(t, a), a.View()
	for i := range 3 * blockEvents {
		put(a, "n", fmt.Sprint("a", i))
		put(b, "n", fmt.Sprint("b", i))
	}
	a.SetMeta("m", []byte("a"))
	b.SetMeta("m", []byte("b"))
	for name, s := range map[string]*Store{"a": a, "b": b} {
		for i, e := range s.View().Recent(6*blockEvents + 5) {
			want := fmt.Sprint(i)
			if n := i - 3*blockEvents - 5; n >= 0 {
				want = fmt.Sprint(name, n)
			}
			if string(e.KV.Value) != want {
				t.Fatalf("change %d of store %s is %s, want %s", i, name, e.KV.Value, want)
			}
		}
		if value, _, err := s.Meta("m"); string(value) != name || err != nil {
			t.Errorf("store %s has m=%s, %v", name, value, err)
		}
	}
	if kv, ok := view.Get("n", 0); !ok || string(kv.Value) != fmt.Sprint(3*blockEvents+4) {
		t.Errorf("the view of the fork shows %+v, %v", kv, ok)
	}
}

func TestBackendErrors(t *testing.T) {
	if _, err := NewBackend("no such directory"); err == nil {
		t.Error("a missing directory was taken")
	}
	if _, err := OpenFile(t.TempDir(), t.TempDir()); err == nil {
		t.Error("a directory was taken for a file")
	}
	if _, err := OpenFile(t.TempDir(), "no such file"); err == nil {
		t.Error("a missing file was taken")
	}
	dir := t.TempDir()
	b, err := NewBackend(dir)
	if err != nil {
		t.Fatal(err)
	}
	s := openBackend(t, b)
	put(s, "a", "1")
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(); err == nil {
		t.Error("a commit without a directory for the file succeeded")
	}
	if s.Pending() != 1 || get(t, s, "a") != "1" {
		t.Error("a failed commit lost the buffer")
	}
}

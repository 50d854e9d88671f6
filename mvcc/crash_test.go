package mvcc

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"testing"

	bolt "go.etcd.io/bbolt"
)

// crashImages is how many images the tests of this file try.
var crashImages = flag.Int("crash-images", 1200, "crash images to try; the long gate tries 50000")

// chance is a sequence of numbers that is the same in every run (splitmix64).
type chance uint64

// intN draws 0 <= x < n.
func (c *chance) intN(n int) int {
	*c += 0x9e3779b97f4a7c15
	x := uint64(*c)
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return int((x ^ x>>31) % uint64(n))
}

// sectorBytes is what a disk writes at once.
const sectorBytes = 512

// life is a store whose file is photographed after every transaction: it is the device that is asked to sync it.
type life struct {
	t      testing.TB
	r      chance
	dir    string
	store  *Store
	keys   int
	photos []*image
}

func (l *life) Faulty(string) bool                     { return true }
func (l *life) Admit(_ string, n int64) (int64, error) { return n, nil }
func (l *life) Lands(_ string, off, _ int64) int64     { return off }
func (l *life) Sync(string) (durable bool, err error) {
	l.photos = append(l.photos, l.store.Backend().image)
	return true, nil
}

// live begins another store and lets it live: the images of its file, one transaction apart.
func (l *life) live() []*image {
	l.keys, l.photos = 1<<(1+l.r.intN(9)), nil
	l.store = newStore(l.t, l.dir)
	l.store.Backend().On(l)
	for i := range 1 + l.r.intN(25) {
		for range 1 + l.r.intN(12) {
			l.change()
		}
		l.store.SetConsistentIndex(uint64(i)+1, 1)
		commit(l.t, l.store)
	}
	if err := l.store.Backend().Close(); err != nil {
		l.t.Fatal(err)
	}
	return l.photos
}

func (l *life) change() {
	key := fmt.Sprintf("key%03d", l.r.intN(l.keys))
	switch l.r.intN(12) {
	case 0:
		txn := l.store.Write()
		txn.DeleteRange([]byte(key), []byte(key+"z"), false)
		txn.End()
	case 1:
		l.store.SetRow(BucketLease, key[:3+l.r.intN(4)], bytes.Repeat([]byte{7}, l.r.intN(40)))
	case 2:
		l.store.DeleteRow(BucketLease, key[:3+l.r.intN(4)])
	case 3:
		if rev := l.store.Revision() - int64(l.r.intN(20)); rev > l.store.CompactRevision() && rev > 1 {
			if err := l.store.Compact(rev); err != nil {
				l.t.Fatal(err)
			}
		}
	case 4:
		if _, err := l.store.CompactStep(1 + l.r.intN(30)); err != nil {
			l.t.Fatal(err)
		}
	default:
		put(l.store, key, string(bytes.Repeat([]byte{byte('a' + l.r.intN(26))}, l.r.intN(1<<l.r.intN(14)))))
	}
}

// content is a hash of all rows, and of the store that a restart finds in the file.
func content(t testing.TB, dir string, m *image) (rows uint32, store uint64) {
	t.Helper()
	b := &Backend{dir: dir, image: m}
	defer func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}()
	var status SnapshotStatus
	if err := b.view(func(tx *bolt.Tx) error { return status.read(tx) }); err != nil {
		t.Fatal(err)
	}
	s, err := Open(b)
	if err != nil {
		t.Fatal(err)
	}
	h := s.Hash()
	put(s, "afterwards", "the file can be written")
	commit(t, s)
	return status.Hash, h
}

// tear returns page p as it is when only some of its sectors were written.
func (l *life) tear(old, p *pageData) *pageData {
	torn := *old
	for s := 0; s < imagePage; s += sectorBytes {
		if l.r.intN(2) == 0 {
			copy(torn[s:s+sectorBytes], p[s:])
		}
	}
	return &torn
}

// legal makes an image that a power cut during the commit may leave, and says whether the commit had ended.
func (l *life) legal(before, after *image) (m *image, ended bool) {
	m = &image{pages: append([]*pageData(nil), before.pages...)}
	all := l.r.intN(3) == 0
	for _, i := range changedPages(before, after) {
		old := &pageData{}
		if i < len(before.pages) {
			old = before.pages[i]
		}
		switch {
		case all || l.r.intN(3) == 0:
			m.put(i, after.pages[i])
		case l.r.intN(2) == 0:
			m.put(i, l.tear(old, after.pages[i]))
		case l.r.intN(4) == 0:
			m.put(i, old) // the file grew before anything was written
		}
	}
	if all {
		ended = l.meta(m, before, after)
	}
	m.judge(before, after)
	return m, ended
}

// meta writes the meta page, up to a random byte of it.
func (l *life) meta(m, before, after *image) (whole bool) {
	for i := range 2 {
		if *before.pages[i] == *after.pages[i] {
			continue
		}
		page, n := *before.pages[i], l.r.intN(pageHeaderBytes+metaBytes+40)
		copy(page[:n], after.pages[i][:n])
		m.pages[i] = &page
		whole = whole || page == *after.pages[i]
	}
	return whole
}

// TestLegalCrashImages: whatever subset of its pages and sectors a commit has written when the power goes, the file
// can be read and holds the commit before, or this one if its meta page is whole.
func TestLegalCrashImages(t *testing.T) {
	l := &life{t: t, r: 1, dir: t.TempDir()}
	ended, left := 0, *crashImages
	for left > 0 {
		photos := l.live()
		for i, after := range photos[1:] {
			before := photos[i]
			oldRows, oldStore := content(t, l.dir, before)
			newRows, newStore := content(t, l.dir, after)
			for range 8 {
				m, done := l.legal(before, after)
				left--
				if m.damage != nil {
					t.Fatalf("refused: %v", m.damage)
				}
				wantRows, wantStore := oldRows, oldStore
				if done {
					wantRows, wantStore = newRows, newStore
					ended++
				}
				if rows, store := content(t, l.dir, m); rows != wantRows || store != wantStore {
					t.Fatalf("rows %08x, store %016x; want %08x, %016x", rows, store, wantRows, wantStore)
				}
			}
		}
	}
	if ended == 0 {
		t.Error("no commit ended: the images show one half only")
	}
}

// damage makes an image that no disk leaves that keeps its promises, and says what it did.
func (l *life) damage(before, after *image) (*image, string) {
	kind, changed := l.r.intN(5), changedPages(before, after)
	if kind == 0 && len(changed) == 0 {
		kind = 1 // the commit wrote nothing but its meta page
	}
	switch kind {
	case 0: // the meta page reached the platter before the data: an fsync between them is missing
		lost := l.r.intN(len(changed))
		keep := func(i, _ int) bool { return i != lost && l.r.intN(3) > 0 }
		return crashImage(before, after, keep, true), "meta before data"
	case 1:
		return after.withFlippedBit(int64(l.r.intN(int(after.size()))), uint(l.r.intN(8))), "flipped bit"
	case 2:
		return &image{pages: after.pages[:l.r.intN(len(after.pages))], sums: after.sums}, "cut file"
	case 3:
		m := &image{pages: append([]*pageData(nil), after.pages...), sums: after.sums}
		i := l.r.intN(len(m.pages))
		if *m.pages[i] == (pageData{}) {
			i = 0
		}
		m.pages[i] = &pageData{}
		return m, "zeroed page"
	default:
		return misdirected(before, after, l.r.intN(len(after.pages))), "misdirected write"
	}
}

// TestDamagedImagesAreRefused: what a disk leaves that breaks its promises is refused before bbolt opens it.
func TestDamagedImagesAreRefused(t *testing.T) {
	l := &life{t: t, r: 2, dir: t.TempDir()}
	for left := *crashImages; left > 0; {
		photos := l.live()
		for i, after := range photos[1:] {
			for range 8 {
				m, what := l.damage(photos[i], after)
				left--
				b := &Backend{dir: l.dir, image: m}
				if _, err := Open(b); !errors.Is(err, ErrDamaged) || b.db != nil {
					t.Fatalf("%s: %v, opened %v", what, err, b.db != nil)
				}
			}
		}
	}
}

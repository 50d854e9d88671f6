package mvcc

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"
	"pgregory.net/rapid"
)

// largeFile is a db whose key bucket has branch pages, written by bbolt.
func largeFile(t testing.TB) []byte {
	s := newStore(t, t.TempDir())
	for i := range 2000 {
		put(s, fmt.Sprintf("key%d", i), strings.Repeat("v", i%90))
		if i%500 == 499 {
			commit(t, s)
		}
	}
	put(s, "large", strings.Repeat("v", 3*imagePage)) // a page with overflow
	commit(t, s)
	return fileBytes(t, s.Backend())
}

// damage is a db under the knife.
type damage struct {
	data []byte
	meta metaPage
}

// element is element i of a page.
func element(page []byte, i int) []byte { return page[pageHeaderBytes+i*elementBytes:][:elementBytes] }

func (d *damage) page(id uint64) []byte { return d.data[id*d.meta.pageSize:][:d.meta.pageSize] }

// find returns the first page with these flags that has at least n elements.
func (d *damage) find(flags, n uint16) []byte {
	for id := uint64(2); id < d.meta.highWater; id++ {
		p := d.page(id)
		if binary.LittleEndian.Uint64(p) == id && binary.LittleEndian.Uint16(p[8:]) == flags &&
			binary.LittleEndian.Uint16(p[10:]) >= n {
			return p
		}
	}
	panic("no such page")
}

func (d *damage) branch() []byte { return d.find(branchPage, 2) }

// setMeta changes a word of both meta pages and makes their sums right again.
func (d *damage) setMeta(at int, value uint64) {
	for id := range uint64(2) {
		binary.LittleEndian.PutUint64(d.page(id)[pageHeaderBytes+at:], value)
	}
	d.reseal()
}

// reseal makes the sums of both meta pages right.
func (d *damage) reseal() {
	for id := range uint64(2) {
		b := d.page(id)[pageHeaderBytes:]
		sum := fnv.New64a()
		sum.Write(b[:metaSummed])
		binary.LittleEndian.PutUint64(b[metaSummed:], sum.Sum64())
	}
}

// leafOf is child i of a branch page.
func (d *damage) leafOf(branch []byte, i int) []byte {
	return d.page(binary.LittleEndian.Uint64(element(branch, i)[8:]))
}

// leaf is the first leaf below a branch.
func (d *damage) leaf() []byte { return d.leafOf(d.branch(), 0) }

func TestDamagedFilesAreRefused(t *testing.T) {
	le := binary.LittleEndian
	whole := largeFile(t)
	for _, c := range []struct {
		want   string
		damage func(d *damage)
	}{
		{"magic number", func(d *damage) { d.page(0)[16], d.page(1)[16] = 1, 1 }},
		{"version 3", func(d *damage) { d.page(0)[20], d.page(1)[20] = 3, 3 }},
		{"wrong checksum", func(d *damage) { d.page(0)[40]++; d.page(1)[40]++ }},
		{"page size 4095", func(d *damage) { d.setMeta(8, 4095) }},
		{"ends at page", func(d *damage) { d.setMeta(40, 1<<40) }},
		{"cannot count on", func(d *damage) { d.setMeta(48, 1<<63) }},
		{"the file ends", func(d *damage) { d.data = d.data[:4096] }},
		{"ends at page", func(d *damage) { d.data = d.data[:len(d.data)-1] }},
		{"page 1 is outside", func(d *damage) { d.setMeta(16, 1) }},
		{"is outside the db", func(d *damage) { d.setMeta(16, 1<<30) }},
		{"has flags 0x4", func(d *damage) { // a meta page as the root
			copy(d.page(3), d.page(0))
			le.PutUint64(d.page(3), 3)
			d.setMeta(16, 3)
		}},
		{"says that it is page", func(d *damage) { d.leaf()[0]++ }},
		{"do not fit into the db", func(d *damage) { le.PutUint32(d.leaf()[12:], 1<<31) }},
		{"two owners", func(d *damage) { // a cycle
			b := d.branch()
			le.PutUint64(element(b, 0)[8:], le.Uint64(b))
		}},
		{"two owners", func(d *damage) { // one page under two parents
			b := d.branch()
			copy(element(b, 1)[8:], element(b, 0)[8:])
		}},
		{"is empty", func(d *damage) { le.PutUint16(d.leaf()[10:], 0) }},
		{"lies outside the page", func(d *damage) { le.PutUint16(d.leaf()[10:], 0xffff) }},
		{"lies outside the page", func(d *damage) { le.PutUint32(element(d.leaf(), 0)[4:], 1<<31) }},
		{"lies outside the page", func(d *damage) { le.PutUint32(element(d.leaf(), 0)[12:], 1<<31) }},
		{"lies outside the page", func(d *damage) { le.PutUint32(element(d.branch(), 0)[4:], 0) }},
		{"not the db of an etcd member", func(d *damage) { element(d.leaf(), 0)[0] = bucketElement }},
		{"out of order", func(d *damage) { // the first two rows change places
			p := d.leaf()
			a, b := element(p, 0), element(p, 1)
			pa, pb := le.Uint32(a[4:])+16, le.Uint32(b[4:])
			le.PutUint32(a[4:], pb+16)
			le.PutUint32(b[4:], pa-32)
		}},
		{"freelist: page 1 is outside", func(d *damage) { d.setMeta(32, 1) }},
		{"want a freelist", func(d *damage) { // a free page that is no freelist
			d.setMeta(40, d.meta.highWater+1)
			d.setMeta(32, d.meta.highWater)
			p := make([]byte, d.meta.pageSize)
			le.PutUint64(p, d.meta.highWater)
			d.data = append(d.data, p...)
		}},
	} {
		d := &damage{data: append([]byte(nil), whole...)}
		var err error
		if d.meta, err = currentMeta(d.data); err != nil {
			t.Fatal(err)
		}
		c.damage(d)
		_, err = OpenBytes(t.TempDir(), d.data)
		if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
	}
}

// The list of free pages is part of a file that was written with it; bbolt would hand out what it names.
func TestDamagedFreelistIsRefused(t *testing.T) {
	path := t.TempDir() + "/db"
	db, err := bolt.Open(path, 0o600, &bolt.Options{PageSize: 4096})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := db.Update(makeBuckets); err != nil {
			t.Fatal(err)
		}
		err := db.Update(func(tx *bolt.Tx) error {
			return tx.Bucket([]byte("key")).Put(appendRowKey(nil, Revision{Main: 2}, false), []byte{10, 1, 'a'})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if s := openFile(t, path); s.Revision() != 2 {
		t.Errorf("revision %d of a file with a freelist, want 2", s.Revision())
	}
	b, err := NewBackend(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	m, _, err := readFileImage(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	b.image = m
	whole := fileBytes(t, b)
	meta, err := currentMeta(whole)
	if err != nil {
		t.Fatal(err)
	}
	inUse := fmt.Sprintf("page %d is outside the db, in use", meta.root)
	for want, change := range map[string]func(list []byte){
		inUse:             func(list []byte) { binary.LittleEndian.PutUint64(list[16:], meta.root) },
		"page 0 is":       func(list []byte) { binary.LittleEndian.PutUint64(list[16:], 0) },
		"do not fit":      func(list []byte) { copy(list[10:], []byte{0xff, 0xfe}) },
		"want a freelist": func(list []byte) { list[8] = leafPage },
	} {
		data := append([]byte(nil), whole...)
		change(data[meta.freelist*meta.pageSize:])
		if _, err := OpenBytes(t.TempDir(), data); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

func TestSnapshotSumIsChecked(t *testing.T) {
	data := append(largeFile(t), make([]byte, 32)...)
	_, err := OpenBytes(t.TempDir(), data)
	if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "SHA-256") {
		t.Errorf("a snapshot with a wrong sum: %v", err)
	}
}

// Whatever a stranger's file holds, it is refused or read: no panic, no hang, no dead process. What this
// test cannot see is a wrong value, which only a checksum of the whole would show.
func TestNoFileKillsTheProcess(t *testing.T) {
	dir := t.TempDir()
	whole := largeFile(t)
	use := func(data []byte) {
		b, err := OpenBytes(dir, data)
		if err != nil {
			return
		}
		defer b.Close()
		s, err := Open(b)
		if err != nil {
			return
		}
		put(s, "another", "value")
		if s.Commit() == nil {
			_, _, _ = s.HashKV(0) // only that it returns
		}
	}
	for n := 0; n < len(whole); n += imagePage / 2 {
		use(whole[:n])
	}
	rapid.Check(t, func(t *rapid.T) {
		data := append([]byte(nil), whole...)
		for range rapid.IntRange(1, 4).Draw(t, "bytes") {
			page := rapid.IntRange(0, len(data)/imagePage-1).Draw(t, "page")
			// Headers and elements stand at the beginning of a page.
			at := rapid.OneOf(rapid.IntRange(0, 64), rapid.IntRange(0, imagePage-1)).Draw(t, "at")
			data[page*imagePage+at] = rapid.Byte().Draw(t, "byte")
		}
		use(data)
	})
}

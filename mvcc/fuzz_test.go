package mvcc

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	bolt "go.etcd.io/bbolt"
)

// FuzzRowKey: a row key is refused, or is the encoding of what was read from it; and keys sort as revisions do.
func FuzzRowKey(f *testing.F) {
	f.Add(appendRowKey(nil, Revision{5, 0}, false), appendRowKey(nil, Revision{4, 0}, true))
	f.Add(appendRowKey(nil, Revision{maxRevision, maxRevision}, true), []byte("main_sub"))
	f.Add(bytes.Repeat([]byte{0xff}, tombstoneBytes), []byte{})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		revA, deadA, errA := parseRowKey(a)
		if errA == nil && !bytes.Equal(appendRowKey(nil, revA, deadA), a) {
			t.Fatalf("%x was read as %v, tombstone %v", a, revA, deadA)
		}
		revB, deadB, errB := parseRowKey(b)
		if errA != nil || errB != nil || deadA || deadB {
			return
		}
		if bytes.Compare(a, b) != revA.Compare(revB) {
			t.Fatalf("%x and %x sort unlike %v and %v", a, b, revA, revB)
		}
	})
}

// FuzzKeyValue: a value is refused, or means the same when it is written again.
func FuzzKeyValue(f *testing.F) {
	f.Add(AppendKeyValue(nil, &KeyValue{[]byte("a"), []byte("1"), 5, 5, 1, 0}))
	f.Add(AppendKeyValue(nil, &KeyValue{[]byte("k"), nil, 1, maxRevision, -1, 7}))
	f.Add([]byte{0x0a, 0xff})
	f.Add([]byte{0x3a, 0x01, 0x00})
	f.Fuzz(func(t *testing.T, value []byte) {
		kv, err := ParseKeyValue(value)
		if err != nil {
			return
		}
		again, err := ParseKeyValue(AppendKeyValue(nil, &kv))
		if len(kv.Key) == 0 { // an empty field is left out, and then nil
			kv.Key = nil
		}
		if len(kv.Value) == 0 {
			kv.Value = nil
		}
		if err != nil || !reflect.DeepEqual(again, kv) {
			t.Fatalf("%x holds %+v, and written again %+v, %v", value, kv, again, err)
		}
		for _, tombstone := range []bool{false, true} {
			c, err := parseRow(appendRowKey(nil, Revision{9, 1}, tombstone), value)
			if err != nil || c.Delete != tombstone {
				t.Fatalf("a row with %x: %+v, %v", value, c, err)
			}
			back, err := ParseKeyValue(c.rowValue(nil))
			if err != nil || !bytes.Equal(back.Key, kv.Key) {
				t.Fatalf("the row of %q keeps %q", kv.Key, back.Key)
			}
		}
	})
}

// rowsOf cuts data into rows: a byte says how long the key is, the next how long the value.
func rowsOf(data []byte, fn func(key, value []byte)) {
	for len(data) >= 2 {
		k, v := int(data[0]), int(data[1])
		data = data[2:]
		k = min(k, len(data))
		v = min(v, len(data)-k)
		fn(data[:k], data[k:k+v])
		data = data[k+v:]
	}
}

// appendRows is the inverse of rowsOf.
func appendRows(data []byte, rows ...[]byte) []byte {
	for i := 0; i+1 < len(rows); i += 2 {
		data = append(append(append(data, byte(len(rows[i])), byte(len(rows[i+1]))), rows[i]...), rows[i+1]...)
	}
	return data
}

// useStore does with a store what a member does, and wants no error but that the file is damaged.
func useStore(t *testing.T, s *Store) {
	put(s, "afterwards", "1")
	txn := s.Write()
	txn.DeleteRange([]byte{}, []byte{}, true)
	txn.End()
	if s.Revision() > 1 && s.Revision() > s.CompactRevision() {
		_ = s.Compact(s.Revision()) // a future or compacted revision is refused
	}
	for range 50 {
		if done, err := s.CompactStep(20); done || err != nil {
			break
		}
	}
	_, err := s.Range([]byte{}, []byte{}, RangeOptions{})
	_, histErr := s.History([]byte{}, []byte{}, s.CompactRevision(), s.Revision())
	for _, err := range []error{err, histErr, s.Commit()} {
		if err != nil && !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrCompacted) {
			t.Fatal(err)
		}
	}
	s.View()
	s.Hash()
}

// FuzzRows: whatever rows the buckets key and meta hold, a store refuses them or lives with them.
func FuzzRows(f *testing.F) {
	kv := func(key string, rev, create, version int64) []byte {
		return AppendKeyValue(nil, &KeyValue{[]byte(key), []byte("v"), create, rev, version, 0})
	}
	row := func(main, sub int64, tombstone bool) []byte {
		return appendRowKey(nil, Revision{main, sub}, tombstone)
	}
	meta := func(name string, value []byte) []byte { return appendRows(nil, []byte(name), value) }
	f.Add(appendRows(nil, row(2, 0, false), kv("a", 2, 2, 1), row(3, 0, true), kv("a", 3, 0, 0)), []byte{})
	f.Add(appendRows(nil, row(3, 0, true), kv("a", 3, 0, 0), row(4, 1, false), kv("a", 4, 2, 7)),
		meta(metaScheduledCompact, row(3, 0, false)))
	f.Add([]byte{}, meta(metaConsistentIndex, bytes.Repeat([]byte{0xff}, 8)))
	f.Add(appendRows(nil, row(maxRevision, 0, false), kv("z", maxRevision, 1, 1)),
		append(meta(metaFinishedCompact, row(9, 0, false)), meta(metaTerm, []byte("12345678"))...))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, keys, meta []byte) {
		b, err := NewBackend(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		err = b.update(func(tx *bolt.Tx) error {
			for name, rows := range map[string][]byte{bucketKey: keys, bucketMeta: meta} {
				bucket := tx.Bucket([]byte(name))
				rowsOf(rows, func(k, v []byte) { _ = bucket.Put(k, v) }) // an empty key is refused
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		s, err := Open(b)
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Fatal(err)
			}
			return
		}
		useStore(t, s)
	})
}

// FuzzPages: bytes of pages are changed behind bbolt's back, and the sums of its meta pages are right: the file is
// refused or can be used, and nothing panics, hangs or dies.
func FuzzPages(f *testing.F) {
	whole := largeFile(f)
	meta, err := currentMeta(whole)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte{3, 0, 0, 9})
	f.Add([]byte{0, 0, 32, 7, 1, 0, 32, 7, 5, 0, 10, 0xff})
	f.Add([]byte{byte(meta.root), 0, 16, 1, byte(meta.root), 0, 20, 0xff})
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, changes []byte) {
		d := &damage{data: bytes.Clone(whole), meta: meta}
		for ; len(changes) >= 4; changes = changes[4:] {
			page := d.page(uint64(changes[0]) % meta.highWater)
			page[(int(changes[1])<<8|int(changes[2]))%len(page)] = changes[3]
		}
		d.reseal()
		b, err := OpenBytes(dir, d.data)
		if err != nil {
			return
		}
		defer b.Close()
		if s, err := Open(b); err == nil {
			useStore(t, s)
		}
	})
}

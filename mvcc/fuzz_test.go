package mvcc

import (
	"bytes"
	"reflect"
	"testing"
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

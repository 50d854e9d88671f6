package lease

import (
	"bytes"
	"testing"
)

func TestRowIsEtcds(t *testing.T) {
	r := New(Config{})
	_, row, err := r.Grant(0x3cf19e2cb1a5d204, 100, 0)
	want := []byte{0x08, 0x84, 0xa4, 0x97, 0x8d, 0xcb, 0xc5, 0xe7, 0xf8, 0x3c, 0x10, 0x64}
	if err != nil || !bytes.Equal(row.Key, []byte{0x3c, 0xf1, 0x9e, 0x2c, 0xb1, 0xa5, 0xd2, 0x04}) ||
		!bytes.Equal(row.Value, want) {
		t.Errorf("row %x = %x, want %x, %v", row.Key, row.Value, want, err)
	}
	if err := New(Config{}).Restore(Row{rowKey(7), row.Value}); err == nil {
		t.Error("a row was taken for another lease")
	}
}

// FuzzRow: whatever is in a row, reading it ends in an error or in a lease that writes the same row again.
func FuzzRow(f *testing.F) {
	for _, l := range []lease{{id: 1, ttl: 60}, {id: 1 << 62, ttl: TTLMax, remaining: 5}, {id: -1, ttl: 1}} {
		row := rowOf(&l)
		f.Add(row.Key, row.Value)
	}
	f.Add([]byte{1}, []byte{0x08, 0xff})
	f.Add(rowKey(1), []byte{0x08, 0x01, 0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01})
	f.Fuzz(func(t *testing.T, key, value []byte) {
		l, err := parseRow(Row{key, value})
		if err != nil {
			return
		}
		again, err := parseRow(rowOf(&l))
		if err != nil || again != l {
			t.Fatalf("%x = %x holds %+v, and written again %+v, %v", key, value, l, again, err)
		}
	})
}

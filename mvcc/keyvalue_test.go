package mvcc

import (
	"encoding/hex"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

func TestRowsAreEtcdsBytes(t *testing.T) {
	for _, c := range []struct {
		name, row, value string
		change           change
	}{
		{
			"put a=1 as the first change of revision 5",
			"00000000000000055f0000000000000000", "0a01611005180520012a0131",
			change{Revision{5, 0}, Event{KV: KeyValue{
				Key: []byte("a"), Value: []byte("1"), CreateRevision: 5, ModRevision: 5, Version: 1,
			}}},
		},
		{
			"tombstone of foo in revision 4",
			"00000000000000045f000000000000000074", "0a03666f6f",
			change{Revision{4, 0}, Event{Delete: true, KV: KeyValue{Key: []byte("foo"), ModRevision: 4}}},
		},
	} {
		if got := hex.EncodeToString(appendRowKey(nil, c.change.rev, c.change.Delete)); got != c.row {
			t.Errorf("%s: row key %s, want %s", c.name, got, c.row)
		}
		if got := hex.EncodeToString(c.change.rowValue(nil)); got != c.value {
			t.Errorf("%s: value %s, want %s", c.name, got, c.value)
		}
	}
}

func drawKeyValue(t *rapid.T) KeyValue {
	number := rapid.Int64()
	return KeyValue{
		Key:            rapid.SliceOfN(rapid.Byte(), 1, 20).Draw(t, "key"),
		Value:          rapid.SliceOfN(rapid.Byte(), 1, 300).Draw(t, "value"),
		CreateRevision: number.Draw(t, "create"), ModRevision: number.Draw(t, "mod"),
		Version: number.Draw(t, "version"), Lease: number.Draw(t, "lease"),
	}
}

func TestKeyValueRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawKeyValue(t)
		got, err := ParseKeyValue(AppendKeyValue(nil, &want))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v, %v, want %+v", got, err, want)
		}
	})
}

func TestCutKeyValueIsRefused(t *testing.T) {
	whole := AppendKeyValue(nil, &KeyValue{Key: []byte("a"), Value: []byte("1"), Lease: 1 << 40})
	ends := map[int]bool{0: true, 3: true, 6: true, len(whole): true} // between two fields
	for n := range len(whole) + 1 {
		if _, err := ParseKeyValue(whole[:n]); (err == nil) != ends[n] {
			t.Errorf("%d of %d bytes: error %v", n, len(whole), err)
		}
	}
}

func TestRowKeyOrderIsRevisionOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.Int64Range(0, 1<<40)
		a := Revision{number.Draw(t, "main"), number.Draw(t, "sub")}
		b := Revision{rapid.OneOf(rapid.Just(a.Main), number).Draw(t, "main"), number.Draw(t, "sub")}
		ka, kb := string(appendRowKey(nil, a, false)), string(appendRowKey(nil, b, true))
		if (a.Compare(b) < 0) != (ka < kb) && a != b {
			t.Fatalf("%v and %v sort differently as %x and %x", a, b, ka, kb)
		}
		got, tombstone, err := parseRowKey([]byte(kb))
		if got != b || !tombstone || err != nil {
			t.Fatalf("%x parsed as %v, %v, %v, want %v", kb, got, tombstone, err, b)
		}
	})
}

func TestBadRowKeysAreRefused(t *testing.T) {
	for _, b := range []string{"", "short", "00000000_00000000x", "00000000-00000000", "\xff0000000_00000000"} {
		if _, _, err := parseRowKey([]byte(b)); err == nil {
			t.Errorf("%q was taken for a revision", b)
		}
	}
}

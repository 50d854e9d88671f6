package snap

import (
	"bytes"
	"encoding/hex"
	"os"
	"reflect"
	"slices"
	"testing"

	"etcdscope/raft"
)

// TestGolden: the smallest snapshot, as etcd 3.7.3 wrote it.
func TestGolden(t *testing.T) {
	want, err := hex.DecodeString("08d2d9e2a60512100a027b7d120a0a040801280010011801")
	check(t, err)
	s := raft.Snapshot{
		Meta: raft.SnapshotMeta{Index: 1, Term: 1, Conf: raft.ConfState{Voters: []raft.ID{1}}},
		Data: []byte("{}"),
	}
	if got := Encode(&s); !bytes.Equal(got, want) {
		t.Errorf("encoded\n%x\nwant\n%x", got, want)
	}
	got, err := Decode(want)
	check(t, err)
	if !reflect.DeepEqual(got, s) {
		t.Errorf("decoded %+v, want %+v", got, s)
	}
	if name := Name(s.Meta); name != "0000000000000001-0000000000000001.snap" {
		t.Errorf("name %s", name)
	}
}

// TestRealFile: a file of a running etcd 3.7.3 is written again byte for byte, from what it says about the members.
func TestRealFile(t *testing.T) {
	const name = "0000000000000002-0000000000000033.snap"
	data, err := os.ReadFile("testdata/" + name)
	check(t, err)
	s, err := Decode(data)
	check(t, err)
	if Name(s.Meta) != name {
		t.Errorf("the file says %s", Name(s.Meta))
	}
	m, err := DecodeMembership(s.Data)
	check(t, err)
	want := Membership{Version: "3.7.0", Members: []Member{{
		ID: 0x1506f11b88fb91be, Name: "s1",
		PeerURLs: []string{"http://127.0.0.1:23800"}, ClientURLs: []string{"http://127.0.0.1:23790"},
	}}}
	if !reflect.DeepEqual(m, want) {
		t.Errorf("membership %+v, want %+v", m, want)
	}
	s.Data, err = m.Encode()
	check(t, err)
	if got := Encode(&s); !bytes.Equal(got, data) {
		t.Errorf("encoded again:\n%s\nwant\n%s", got, data)
	}
}

// TestMembership: learners, members that have not said their names, removed members, and more than the history holds.
func TestMembership(t *testing.T) {
	m := Membership{
		Members: []Member{
			{ID: 3, PeerURLs: []string{"http://a:1", "http://b:1"}, Learner: true},
			{ID: 0xff, PeerURLs: []string{"http://c:1/?x=<&>"}, Name: "c", ClientURLs: []string{"http://c:2"}},
		},
	}
	for _, removed := range []uint64{0, 1, 1200} {
		m.Removed = []uint64{1, 0xfffffffffffffff0}
		for id := range removed {
			m.Removed = slices.Insert(m.Removed, len(m.Removed)-1, 1000+id)
		}
		data, err := m.Encode()
		check(t, err)
		got, err := DecodeMembership(data)
		check(t, err)
		slices.Sort(got.Removed)
		if !reflect.DeepEqual(got, m) {
			t.Fatalf("%d removed: got %+v, want %+v", removed, got, m)
		}
	}
	for _, bad := range []string{
		"", "[]", `{"Root":7}`, `{"Root":{"Children":{"0":{"Children":{"members":{"Children":{"x":null}}}}}}}`,
		`{"Root":{"Children":{"0":{"Children":{"members":{"Children":{"1":{}}}}}}}}`,
		`{"Root":{"Children":{"0":{"Children":{"removed_members":{"Children":{"-1":{}}}}}}}}`,
	} {
		if m, err := DecodeMembership([]byte(bad)); err == nil {
			t.Errorf("%s: read as %+v", bad, m)
		}
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

package snap

import (
	"reflect"
	"testing"

	"etcdscope/raft"
)

// FuzzDecode: what can be read as a snapshot file is written and read again as the same.
func FuzzDecode(f *testing.F) {
	conf := raft.ConfState{Voters: []raft.ID{1}, VotersOutgoing: []raft.ID{1, 2}, AutoLeave: true}
	f.Add(Encode(&raft.Snapshot{Meta: raft.SnapshotMeta{Index: 1 << 40, Term: 7, Conf: conf}, Data: []byte("{}")}))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Decode(data)
		if err != nil {
			return
		}
		again, err := Decode(Encode(&s))
		if err != nil || !reflect.DeepEqual(again, s) {
			t.Fatalf("%+v is read again as %+v, %v", s, again, err)
		}
	})
}

// FuzzMembership: what can be read as a membership is written and read again as the same.
func FuzzMembership(f *testing.F) {
	f.Add([]byte(`{"Root":{"Children":{"0":{"Children":{"removed_members":{"Children":{"9":{}}},` +
		`"version":{"Value":"3.7.0"}}}}}}`))
	f.Add([]byte(`{"Root":{"Children":{"0":{"Children":{"members":{"Children":{"1":{"Children":{` +
		`"attributes":{"Value":"{}"},"raftAttributes":{"Value":"{}"}}}}}}}}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := DecodeMembership(data)
		if err != nil {
			return
		}
		data, err = m.Encode()
		check(t, err)
		again, err := DecodeMembership(data)
		check(t, err)
		if data2, err := again.Encode(); err != nil || string(data) != string(data2) {
			t.Fatalf("%+v is read again as %+v, %v", m, again, err)
		}
	})
}

package wal

import (
	"errors"
	"strings"
	"testing"

	"etcdscope/cluster/disk"
	"etcdscope/raft"
	"etcdscope/raft/raftpb"
)

// TestImpossibleRecords: records whose checksum is right, but which no member writes there. A record's type is not
// covered by the checksum, so some of them are one flipped bit away.
func TestImpossibleRecords(t *testing.T) {
	state := func(term raft.Term, vote raft.ID, commit raft.Index) []byte {
		return raftpb.AppendHardState(nil, raft.HardState{Term: term, Vote: vote, Commit: commit})
	}
	for _, tc := range []struct {
		want string
		kind RecordType
		data []byte
	}{
		{"hard state has no term", StateType, state(0, 1, 0)[2:]},
		{"hard state has no term", StateType, raftpb.AppendEntryHead(nil, &raft.Entry{Term: 3, Index: 2})},
		{"configuration change without data", EntryType, state(1, 3, 2)},
		{"configuration change without data", EntryType, state(0, 3, 2)[2:4]},
		{"type is not known", 6, nil},
		{"metadata record stands only", MetadataType, appendMetadata(nil, Metadata{1, 2})},
		{"crc record stands only", CRCType, nil},
		{"needs a configuration", SnapshotType, []byte{8, 1, 16, 1}},
		{"field that etcd does not write", StateType, []byte{8, 9, 32, 1}},
		{"not valid protobuf", StateType, []byte{8}},
		{"field that etcd does not write there", EntryType, []byte{13, 0, 0, 0, 0}},
		{"not valid protobuf", SnapshotType, []byte{26, 2, 10, 1}},
		{"field that etcd does not write there", SnapshotType, []byte{26, 2, 48, 1}},
		{"entries are missing before this one", EntryType, []byte{16, 3, 24, 7}},
		{"commit index is beyond the last entry", StateType, state(3, 1, 2)},
		{"different terms", SnapshotType, []byte{8, 1, 16, 9, 26, 2, 8, 1}},
		{"entries are missing before this one", EntryType, []byte{8, 0, 16, 3, 24, 7}},
	} {
		d := disk.New()
		w, err := Create(d, Metadata{NodeID: 1, ClusterID: 2}, Options{})
		check(t, err)
		_, err = w.Save(&raft.HardState{Term: 3, Vote: 1, Commit: 1}, []raft.Entry{{Term: 3, Index: 1}})
		check(t, err)
		check(t, w.SaveSnapshot(raft.SnapshotMeta{Index: 1, Term: 3, Conf: raft.ConfState{Voters: []raft.ID{1}}}))
		_, at := w.Tail()
		w.buf = w.buf[:0]
		w.appendRecord(RecordInfo{Type: tc.kind}, tc.data, nil)
		check(t, errors.Join(w.flush(), w.Sync()))
		_, damage := open(t, d)
		if damage == nil || damage.Offset != at || !strings.Contains(damage.Reason, tc.want) {
			t.Errorf("%v %x: %v, want %q at %d", tc.kind, tc.data, damage, tc.want, at)
		}
	}
}

// TestPackedConf: lists in a configuration are read in both forms of protobuf.
func TestPackedConf(t *testing.T) {
	c, err := raftpb.DecodeConfState([]byte{10, 2, 1, 2, 8, 3, 16, 4, 24, 5, 32, 6, 40, 1})
	if err != nil || len(c.Voters) != 3 || c.Voters[2] != 3 || c.Learners[0] != 4 || c.VotersOutgoing[0] != 5 ||
		c.LearnersNext[0] != 6 || !c.AutoLeave {
		t.Errorf("%+v, %v", c, err)
	}
	if _, err := raftpb.DecodeConfState([]byte{10, 1, 0x80}); !errors.Is(err, raftpb.ErrMalformed) {
		t.Error(err)
	}
}

// TestOtherMember: a segment that continues the chain but names another member.
func TestOtherMember(t *testing.T) {
	d := disk.New()
	w, err := Create(d, Metadata{NodeID: 1, ClusterID: 2}, Options{})
	check(t, err)
	w.meta.NodeID = 5
	check(t, w.cut())
	if _, damage := open(t, d); damage == nil || !strings.Contains(damage.Reason, "another member's") {
		t.Error(damage)
	}
}

// TestHeadIsNotTorn: a segment gets its name when its head is durable; without it, it is refused.
func TestHeadIsNotTorn(t *testing.T) {
	d := disk.New()
	w := writeGolden(t, d)
	name, _ := w.Tail()
	for n := range int64(40) {
		c := d.Clone()
		check(t, c.Truncate(name, n))
		check(t, c.SyncFile(name))
		if _, damage := open(t, c); damage == nil || damage.File != name {
			t.Errorf("cut at %d: %v", n, damage)
		}
	}
}

// TestOpenSyncsDirectory: a member that acts on a file whose name was not durable must not lose it.
func TestOpenSyncsDirectory(t *testing.T) {
	d := disk.New()
	w, err := Create(d, Metadata{NodeID: 1, ClusterID: 2}, Options{})
	check(t, err)
	name, _ := w.Tail()
	check(t, errors.Join(d.Rename(name, "1.tmp"), d.SyncDir(), d.Rename("1.tmp", name)))
	d.Crash()
	_, _, err = Open(d, Options{})
	check(t, err)
	d.Poweroff(nil)
	if !Exist(d) {
		t.Error("the power cut took the segment back")
	}
}

// TestWhereToCut: etcd looks at what its buffer has flushed, so commit indexes that were not synced do not fill
// a segment. The next segment is named after the entry behind the last one, or behind the snapshot.
func TestWhereToCut(t *testing.T) {
	d := disk.New()
	w, err := Create(d, Metadata{NodeID: 1, ClusterID: 2}, Options{SegmentSize: 120})
	check(t, err)
	tail := func(want string) {
		t.Helper()
		if name, size := w.Tail(); name != want {
			t.Errorf("tail %s with %d bytes, want %s", name, size, want)
		}
	}
	first := segmentName(0, 0)
	for i := range raft.Index(4) {
		_, err = w.Save(&raft.HardState{Term: 1, Commit: i}, nil)
		check(t, err)
	}
	_, err = w.Save(nil, []raft.Entry{{Term: 1, Index: 1}, {Term: 1, Index: 2}, {Term: 1, Index: 3}})
	check(t, err)
	tail(first)
	conf := raft.ConfState{Voters: []raft.ID{1}}
	check(t, w.SaveSnapshot(raft.SnapshotMeta{Index: 8, Term: 1, Conf: conf}))
	tail(first)
	_, err = w.Save(&raft.HardState{Term: 1, Commit: 8}, nil)
	check(t, err)
	tail(segmentName(1, 9))
}

// TestFirstEntryAsState: the first entry of a log, with one bit of its type flipped, reads as a hard state that has no
// term.
func TestFirstEntryAsState(t *testing.T) {
	d := disk.New()
	w, err := Create(d, Metadata{NodeID: 1, ClusterID: 2}, Options{})
	check(t, err)
	w.buf = w.buf[:0]
	w.appendRecord(RecordInfo{Type: StateType}, raftpb.AppendEntryHead(nil, &raft.Entry{Term: 1, Index: 1}), nil)
	check(t, errors.Join(w.flush(), w.Sync()))
	if _, damage := open(t, d); damage == nil || !strings.Contains(damage.Reason, "the hard state has no term") {
		t.Error(damage)
	}
	w.buf = w.buf[:0]
	w.appendRecord(RecordInfo{Type: EntryType}, raftpb.AppendEntryHead(nil, &raft.Entry{Term: 1, Index: 1}), nil)
	check(t, errors.Join(w.flush(), w.Sync()))
	if n, err := Verify(d); n != 3 || err == nil {
		t.Errorf("%d records, %v", n, err)
	}
}

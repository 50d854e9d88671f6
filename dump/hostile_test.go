package dump

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"etcdscope/mvcc"
	"etcdscope/raft"
	"etcdscope/raft/snap"
	"etcdscope/raft/wal"
	"etcdscope/tui/frame"

	bolt "go.etcd.io/bbolt"
	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"google.golang.org/protobuf/proto"
)

// hostile is what a terminal must not get: escapes, control bytes in one byte and in two, a change of direction, bytes
// that are not UTF-8, marks that stick to their neighbours.
const hostile = "a\x1b[2J\x07\r\n\u009b31m\u202egnp\xff\xfee\u0301\u200b"

// harmless fails if a terminal would do anything but show the text.
func harmless(t testing.TB, text string) {
	t.Helper()
	for _, line := range strings.Split(text, "\n") {
		if frame.Safe(line) != line {
			t.Errorf("not safe to print: %q", line)
		}
	}
}

// hostileDir is a data directory in which every string is hostile.
func hostileDir(t testing.TB) string {
	dir := t.TempDir()
	for _, sub := range []string{"wal", "snap"} {
		check(t, os.MkdirAll(filepath.Join(dir, "member", sub), 0o700))
	}
	d, err := wal.OpenDir(filepath.Join(dir, "member/wal"))
	check(t, err)
	w, err := wal.Create(d, wal.Metadata{NodeID: 1, ClusterID: 2}, wal.Options{SegmentSize: 4096})
	check(t, err)
	text := []byte(hostile)
	var entries []raft.Entry
	for _, r := range []*pb.InternalRaftRequest{
		{Put: &pb.PutRequest{Key: text, Value: bytes.Repeat(text, 9)}},
		{DeleteRange: &pb.DeleteRangeRequest{Key: text, RangeEnd: text[:3]}},
		{Txn: &pb.TxnRequest{
			Compare: []*pb.Compare{{Key: text, Target: pb.Compare_VALUE, TargetUnion: &pb.Compare_Value{Value: text}}},
			Success: []*pb.RequestOp{{Request: &pb.RequestOp_RequestRange{RequestRange: &pb.RangeRequest{Key: text}}}},
		}},
		{AuthRoleDelete: &pb.AuthRoleDeleteRequest{Role: strings.ToValidUTF8(hostile, "?")}},
	} {
		data, err := proto.Marshal(r)
		check(t, err)
		entries = append(entries, raft.Entry{Term: 1, Index: raft.Index(len(entries) + 1), Data: data})
	}
	c := raft.ConfChange{V1: true, Changes: []raft.ConfChangeSingle{{Node: 2}}, Context: text}
	kind, data := c.Encode()
	entries = append(entries,
		raft.Entry{Term: 1, Index: 5, Type: kind, Data: data}, raft.Entry{Term: 1, Index: 6, Data: text})
	_, err = w.Save(&raft.HardState{Term: 1, Vote: 1, Commit: 5}, entries)
	check(t, err)
	check(t, d.Close())

	files, err := wal.OpenDir(filepath.Join(dir, "member/snap"))
	check(t, err)
	member := snap.Member{ID: 1, Name: hostile, PeerURLs: []string{hostile}, ClientURLs: []string{""}}
	data, err = snap.Membership{Members: []snap.Member{member}}.Encode()
	check(t, err)
	check(t, snap.Save(files, &raft.Snapshot{Meta: raft.SnapshotMeta{Index: 1, Term: 1}, Data: data}))
	check(t, files.Close())
	hostileDB(t, filepath.Join(dir, "member/snap/db"))
	return dir
}

// hostileDB is a database with rows of every kind, decodable or not. The lock on it is held until the test ends.
func hostileDB(t testing.TB, path string) {
	db, err := bolt.Open(path, 0o600, nil)
	check(t, err)
	t.Cleanup(func() { check(t, db.Close()) })
	text := []byte(hostile)
	check(t, db.Update(func(tx *bolt.Tx) error {
		names := strings.Fields("alarm auth authRoles authUsers cluster key lease members meta")
		for _, name := range append(names, hostile) {
			b, err := tx.CreateBucket([]byte(name))
			check(t, err)
			check(t, b.Put(text, text))
			check(t, b.Put([]byte("confState"), text))
			check(t, b.Put([]byte("term"), text[:8]))
		}
		kv := mvcc.AppendKeyValue(nil, &mvcc.KeyValue{Key: text, Value: text, ModRevision: 2, CreateRevision: 2, Version: 1})
		return tx.Bucket([]byte("key")).Put([]byte("\x00\x00\x00\x00\x00\x00\x00\x02_\x00\x00\x00\x00\x00\x00\x00\x00"), kv)
	}))
}

// TestHostile: whatever strings the files hold, what is printed is harmless; and a database that a member has locked
// can be read.
func TestHostile(t *testing.T) {
	dir := hostileDir(t)
	for _, o := range []Options{{}, {Raw: true}, {JSON: true}, {JSON: true, Raw: true}} {
		var out bytes.Buffer
		check(t, WAL(&out, dir, o))
		if err := DB(&out, dir, o); err == nil || strings.Contains(err.Error(), "try again") {
			t.Errorf("a database with rows that cannot be decoded: %v", err)
		}
		harmless(t, out.String())
		if n := strings.Count(out.String(), "\n"); n < 40 {
			t.Errorf("only %d lines:\n%s", n, out.String())
		}
	}
}

// FuzzText: rows and entries of any bytes give text that is harmless, and never a panic.
func FuzzText(f *testing.F) {
	f.Add("lease", []byte("\x00\x00\x00\x00\x00\x00\x00\x01"), []byte("\x08\x01\x10\x3c"))
	f.Add("key", []byte("\x00\x00\x00\x00\x00\x00\x00\x02_\x00\x00\x00\x00\x00\x00\x00\x00"), []byte(hostile))
	data, err := proto.Marshal(&pb.InternalRaftRequest{Put: &pb.PutRequest{Key: []byte(hostile), Lease: 1}})
	check(f, err)
	f.Add("meta", []byte("term"), data)
	f.Fuzz(func(t *testing.T, bucket string, k, v []byte) {
		r, _ := decodeRow(bucket, k, v)
		texts := []string{safe(r.Text)}
		for kind := range raft.EntryConfChangeV2 + 1 {
			e := raft.Entry{Type: kind, Term: 1, Index: 1, Data: v}
			texts = append(texts, safe(entryText(&e)), string(asciiJSON(requestJSON(&e))))
		}
		for _, text := range texts {
			if frame.Safe(text) != text || strings.Contains(text, "\n") {
				t.Errorf("not safe to print: %q", text)
			}
		}
	})
}

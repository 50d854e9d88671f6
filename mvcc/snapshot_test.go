package mvcc

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func snapshotOf(t testing.TB, b *Backend) []byte {
	t.Helper()
	var buf bytes.Buffer
	n, err := b.WriteSnapshot(&buf)
	if err != nil || n != int64(buf.Len()) || n%512 != sha256.Size {
		t.Fatalf("a snapshot of %d bytes, said %d, %v", buf.Len(), n, err)
	}
	return buf.Bytes()
}

func TestSnapshotStatusOfRealFile(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "etcd-3.7.3-snapshot.db"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := ReadSnapshotStatus(t.TempDir(), data)
	want := SnapshotStatus{Hash: 36768908, Revision: 5, TotalKey: 2, TotalSize: 20480, Version: "3.7.0"}
	if err != nil || got != want {
		t.Errorf("status %+v, %v, etcdutl printed %+v", got, err, want)
	}
}

func TestSnapshotStatusIsOfContent(t *testing.T) {
	s := newStore(t, t.TempDir())
	for i := range 500 {
		put(s, fmt.Sprint("key", i%50), strings.Repeat("v", i))
	}
	del(s, "key7")
	commit(t, s)
	status := func() SnapshotStatus {
		t.Helper()
		st, err := ReadSnapshotStatus(t.TempDir(), snapshotOf(t, s.Backend()))
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	before := status()
	if before.TotalKey != 49 || before.Revision != 502 || before.Version != "3.7.0" {
		t.Errorf("status %+v, want 49 keys at revision 502", before)
	}
	compact(t, s, 502, 100)
	compacted := status()
	for done := false; !done; {
		var err error
		if done, err = s.DefragStep(7); err != nil {
			t.Fatal(err)
		}
	}
	after := status()
	if compacted.Hash == before.Hash || after.Hash != compacted.Hash || after.TotalSize >= compacted.TotalSize {
		t.Errorf("before %+v, compacted %+v, defragmented %+v", before, compacted, after)
	}
}

func TestRestoredSnapshot(t *testing.T) {
	s := newStore(t, t.TempDir())
	s.SetRow(BucketMembers, "1", []byte("{}"))
	s.SetRow(BucketMembersRemoved, "2", []byte("removed"))
	for i := range 10 {
		put(s, fmt.Sprint("key", i%3), fmt.Sprint(i))
	}
	s.SetConsistentIndex(99, 7)
	commit(t, s)
	b, err := OpenBytes(t.TempDir(), snapshotOf(t, s.Backend()))
	if err != nil {
		t.Fatal(err)
	}
	members := []Member{
		{ID: 0xbeef, Name: "n1", PeerURLs: []string{"http://n1:2380"}},
		{ID: 0xcafe, Name: "n2", PeerURLs: []string{"http://n2:2380"}},
	}
	o := RestoreOptions{Members: members, BumpRevision: 1000, MarkCompacted: true}
	if err := b.RestoreSnapshot(o); err != nil {
		t.Fatal(err)
	}
	r := openBackend(t, b)
	if r.Revision() != 1011 || r.CompactRevision() != 1011 || r.ConsistentIndex() != 2 || r.ConsistentTerm() != 1 {
		t.Errorf("revision %d, compacted %d, index %d, term %d, want 1011, 1011, 2, 1",
			r.Revision(), r.CompactRevision(), r.ConsistentIndex(), r.ConsistentTerm())
	}
	if _, err := r.History([]byte("key1"), nil, 11, 1011); !errors.Is(err, ErrCompacted) {
		t.Errorf("a watcher of the old cluster goes on: %v", err)
	}
	if got := get(t, r, "key0") + get(t, r, "key1") + get(t, r, "key2"); got != "978" {
		t.Errorf("the keys are %s, want 9, 7, 8", got)
	}
	var rows []string
	for _, bucket := range []Bucket{BucketMembers, BucketMembersRemoved} {
		if err := r.Rows(bucket, func(k, v []byte) error {
			rows = append(rows, fmt.Sprintf("%s=%s", k, v))
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	want := `beef={"id":48879,"peerURLs":["http://n1:2380"],"name":"n1"} ` +
		`cafe={"id":51966,"peerURLs":["http://n2:2380"],"name":"n2"}`
	if got := strings.Join(rows, " "); got != want {
		t.Errorf("members\n%s, want\n%s", got, want)
	}
	conf, _, err := r.Meta("confState")
	if string(conf) != `{"voters":[48879,51966],"auto_leave":false}` || err != nil {
		t.Errorf("confState %s, %v", conf, err)
	}
	put(r, "key1", "next")
	if r.Revision() != 1012 {
		t.Errorf("the first write has revision %d, want 1012", r.Revision())
	}
	compact(t, s, 5, 3)
	for _, wrong := range []RestoreOptions{
		{},
		{Members: members, BumpRevision: -1},
		{Members: members, BumpRevision: 1},
		{Members: members, MarkCompacted: true},
		{Members: members, BumpRevision: maxRevision, MarkCompacted: true},
	} {
		if err := s.Backend().RestoreSnapshot(wrong); err == nil {
			t.Errorf("restored with %+v", wrong)
		}
	}
}

func TestDamagedSnapshot(t *testing.T) {
	s := newStore(t, t.TempDir())
	put(s, "a", "1")
	commit(t, s)
	data := snapshotOf(t, s.Backend())
	for at := 0; at < len(data); at += 997 {
		bad := bytes.Clone(data)
		bad[at] ^= 1
		if _, err := OpenBytes(t.TempDir(), bad); !errors.Is(err, ErrDamaged) {
			t.Errorf("bit flipped at %d: %v", at, err)
		}
	}
}

// FuzzSnapshot: whatever is in a file, it is refused or read; nothing panics or hangs.
func FuzzSnapshot(f *testing.F) {
	s := newStore(f, f.TempDir())
	for i := range 30 {
		put(s, fmt.Sprint("key", i), "value")
	}
	if err := s.Commit(); err != nil {
		f.Fatal(err)
	}
	data := snapshotOf(f, s.Backend())
	f.Add(data[:len(data)-sha256.Size])
	f.Add(data)
	f.Add([]byte("short"))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		b, err := OpenBytes(dir, data)
		if err != nil {
			return
		}
		defer b.Close()
		if s, err := Open(b); err == nil {
			if _, _, err := s.HashKV(0); err != nil {
				t.Errorf("a file that was opened has no hash: %v", err)
			}
		}
		if _, err := ReadSnapshotStatus(dir, data); err != nil && !errors.Is(err, ErrDamaged) {
			t.Errorf("status: %v", err)
		}
	})
}

package mvcc

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The files under testdata were written by real etcd 3.7.3; the hashes were printed by etcdutl hashkv and
// etcdctl endpoint hashkv.

// unpackDB unpacks the db file of a data directory in a tar file.
func unpackDB(t testing.TB, archive string) string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", archive))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	zipped, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for files := tar.NewReader(zipped); ; {
		head, err := files.Next()
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(head.Name, "member/snap/db") {
			continue
		}
		data, err := io.ReadAll(files)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "db")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
}

// openFile opens a store over a copy of a file.
func openFile(t testing.TB, path string) *Store {
	t.Helper()
	b, err := OpenFile(t.TempDir(), path)
	if err != nil {
		t.Fatal(err)
	}
	return openBackend(t, b)
}

func openBackend(t testing.TB, b *Backend) *Store {
	t.Helper()
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	s, err := Open(b)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRealFilesHashAlike(t *testing.T) {
	small, large := unpackDB(t, "etcd-3.7.3-datadir.tgz"), unpackDB(t, "single-v3.7.3.tar.gz")
	for _, c := range []struct {
		path           string
		rev, compacted int64
		hash           uint32
	}{
		{small, 5, 4, 4141605018},
		{filepath.Join("testdata", "etcd-3.7.3-snapshot.db"), 5, 4, 4141605018},
		{large, 54, 15, 2838967082},
		{large, 39, 15, 1200911919},
	} {
		s := openFile(t, c.path)
		hash, compacted, err := s.HashKV(c.rev)
		if err != nil || hash != c.hash || compacted != c.compacted {
			t.Errorf("%s at %d: hash %d, compacted %d, error %v, want %d, %d",
				c.path, c.rev, hash, compacted, err, c.hash, c.compacted)
		}
		if _, _, err := s.HashKV(s.Revision() + 1); !errors.Is(err, ErrFutureRev) {
			t.Errorf("hash of a future revision: %v", err)
		}
		if _, _, err := s.HashKV(s.CompactRevision() - 1); !errors.Is(err, ErrCompacted) {
			t.Errorf("hash of a compacted revision: %v", err)
		}
	}
}

func TestRealFileRows(t *testing.T) {
	s := openFile(t, unpackDB(t, "single-v3.7.3.tar.gz"))
	if s.Revision() != 54 || s.CompactRevision() != 15 || s.ConsistentIndex() != 170 || s.ConsistentTerm() != 2 {
		t.Errorf("revision %d, compacted %d, consistent index %d, term %d, want 54, 15, 170, 2",
			s.Revision(), s.CompactRevision(), s.ConsistentIndex(), s.ConsistentTerm())
	}
	version, ok, err := s.Meta("storageVersion")
	if string(version) != "3.7.0" || !ok || err != nil {
		t.Errorf("storageVersion %q, %v, %v", version, ok, err)
	}
	var lines []string
	err = s.rows(Revision{}, func(row, value []byte) error {
		c, err := parseRow(row, value)
		if err != nil {
			return err
		}
		if again := c.rowValue(nil); !bytes.Equal(again, value) {
			t.Errorf("revision %v: encoded as %x, etcd has %x", c.rev, again, value)
		}
		lines = append(lines, dumpLine(c))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(lines)
	want, err := os.ReadFile(filepath.Join("testdata", "d-dumpdb-iter-key.txt"))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(want), "[stdout]\n")
	before, _, _ := strings.Cut(after, "[stderr]")
	if got := strings.Join(lines, "\n") + "\n"; got != before {
		t.Errorf("got\n%s\netcd-dump-db printed\n%s", got, before)
	}
}

// dumpLine prints a row as etcd-dump-db iterate-bucket --decode does.
func dumpLine(c change) string {
	mod := c.KV.ModRevision
	if c.Delete {
		mod = 0
	}
	at := fmt.Sprintf("Revision:{Main:%d Sub:%d} tombstone:%v", c.rev.Main, c.rev.Sub, c.Delete)
	return fmt.Sprintf("rev={%s}, value=[key %q | val %q | created %d | mod %d | ver %d]",
		at, c.KV.Key, c.KV.Value, c.KV.CreateRevision, mod, c.KV.Version)
}

// What etcdctl answered when this member stood at revision 22, asked of its file at revision 54.
func TestRealFilePast(t *testing.T) {
	s := openFile(t, unpackDB(t, "single-v3.7.3.tar.gz"))
	for _, c := range []struct {
		key, end string
		o        RangeOptions
		want     string
		more     bool
		count    int64
	}{
		{"foo", "", RangeOptions{}, "foo=bar3", false, 1},
		{"missing", "", RangeOptions{}, "", false, 0},
		{"k/", "k0", RangeOptions{Limit: 3}, "k/01=v01 k/02=v02 k/03=v03", true, 12},
		{"k/", "k0", RangeOptions{CountOnly: true}, "", false, 12},
		{"k/03", "k/06", RangeOptions{}, "k/03=v03 k/04=v04 k/05=v05", false, 3},
		{"k/10", "\x00", RangeOptions{}, "k/10=v10 k/11=v11 k/12=v12 stdinkey=from stdin\n", false, 4},
		{"k/10", "\x00", RangeOptions{KeysOnly: true}, "k/10= k/11= k/12= stdinkey=", false, 4},
		{"k/06", "k/03", RangeOptions{}, "", false, 0},
	} {
		end := []byte(c.end)
		switch c.end {
		case "":
			end = nil
		case "\x00":
			end = []byte{}
		}
		c.o.Rev = 22
		res, err := s.Range([]byte(c.key), end, c.o)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, kv := range res.KVs {
			got = append(got, fmt.Sprintf("%s=%s", kv.Key, kv.Value))
		}
		if strings.Join(got, " ") != c.want || res.More != c.more || res.Count != c.count || res.Rev != 54 {
			t.Errorf("get %q %q %+v: %q more=%v count=%d rev=%d, want %q more=%v count=%d",
				c.key, c.end, c.o, got, res.More, res.Count, res.Rev, c.want, c.more, c.count)
		}
	}
	kv, ok := s.View().Get("foo", 22)
	if !ok || kv.CreateRevision != 2 || kv.ModRevision != 9 || kv.Version != 8 || string(kv.Value) != "bar3" {
		t.Errorf("view of foo at 22: %+v, %v", kv, ok)
	}
	keys, err := s.Range([]byte("foo"), nil, RangeOptions{Rev: 22, KeysOnly: true})
	if err != nil || fmt.Sprint(keys.KVs) != "[{[102 111 111] [] 2 9 8 0}]" {
		t.Errorf("index of foo at 22: %+v, %v", keys, err)
	}
	if _, ok := s.View().Get("foo", 14); ok {
		t.Error("view of foo at 14: that is compacted")
	}
	if _, ok := s.View().Get("foo", 54); ok {
		t.Error("view of foo at 54: etcd deleted it there")
	}
	if _, err := s.Range([]byte("foo"), nil, RangeOptions{Rev: 3}); !errors.Is(err, ErrCompacted) {
		t.Errorf("get foo --rev 3: %v", err)
	}
	if _, err := s.Range([]byte("foo"), nil, RangeOptions{Rev: 99999}); !errors.Is(err, ErrFutureRev) {
		t.Errorf("get foo --rev 99999: %v", err)
	}
}

// The same writes give the same bytes: replayed into an empty store, the history of the real member hashes
// as etcd did before it compacted.
func TestReplayHashesLikeEtcd(t *testing.T) {
	real := openFile(t, unpackDB(t, "single-v3.7.3.tar.gz"))
	b, err := NewBackend(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := openBackend(t, b)
	if hash, compacted, err := s.HashKV(0); hash != 1084519789 || compacted != -1 || err != nil {
		t.Errorf("hash of an empty store %d, compacted %d, %v, etcd has 1084519789, -1", hash, compacted, err)
	}
	// Revisions 2 to 9 were compacted; etcdctl watch had shown them before.
	for _, value := range []string{"bar", "bar2", "bar2", "bar2", "bar2", "bar2", "bar3", "bar3"} {
		txn := s.Write()
		txn.Put([]byte("foo"), []byte(value), 0, false)
		txn.End()
	}
	events, err := real.History([]byte{}, []byte{}, 15, 39)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"stdinkey", "k/01", "k/02", "k/03", "k/04"} { // 10 to 14: below the compaction
		kv, _ := real.View().Get(key, 15)
		events = append(events, Event{KV: kv})
	}
	slices.SortStableFunc(events, func(a, b Event) int { return int(a.KV.ModRevision - b.KV.ModRevision) })
	var txn *Txn
	for i, e := range events {
		if i == 0 || e.KV.ModRevision != events[i-1].KV.ModRevision {
			txn = s.Write()
		}
		if e.Delete {
			txn.DeleteRange(e.KV.Key, nil, false)
		} else {
			txn.Put(e.KV.Key, e.KV.Value, e.KV.Lease, false)
		}
		if i == len(events)-1 || e.KV.ModRevision != events[i+1].KV.ModRevision {
			txn.End()
		}
	}
	for _, committed := range []bool{false, true} {
		for rev, want := range map[int64]uint32{39: 3642793962, 5: 3960153228} {
			if got, _, err := s.HashKV(rev); got != want || err != nil {
				t.Errorf("hash at %d (committed %v): %d, %v, etcd had %d", rev, committed, got, err, want)
			}
		}
		if err := s.Commit(); err != nil {
			t.Fatal(err)
		}
	}
}

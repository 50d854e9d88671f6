package dump

import (
	"bytes"
	"strings"
	"testing"

	"etcdscope/raft"
	"etcdscope/raft/wal"
)

// TestReplaced: a new leader replaces entries that only this member had; the log still holds both.
func TestReplaced(t *testing.T) {
	dir := t.TempDir()
	d, err := wal.OpenDir(dir)
	check(t, err)
	w, err := wal.Create(d, wal.Metadata{NodeID: 1, ClusterID: 2}, wal.Options{SegmentSize: 4096})
	check(t, err)
	for _, save := range []struct {
		term raft.Term
		from raft.Index
		n    int
	}{{1, 1, 4}, {2, 3, 1}, {3, 3, 2}, {3, 5, 1}} {
		var entries []raft.Entry
		for i := range save.n {
			entries = append(entries, raft.Entry{Term: save.term, Index: save.from + raft.Index(i)})
		}
		_, err := w.Save(&raft.HardState{Term: save.term, Vote: 1}, entries)
		check(t, err)
	}
	check(t, d.Close())
	var out bytes.Buffer
	check(t, WAL(&out, dir, Options{Types: []string{"entry"}}))
	var got []string
	for _, line := range strings.Split(out.String(), "\n") {
		if f := strings.Fields(line); len(f) > 6 && f[3] == "entry" {
			got = append(got, f[5]+"/"+f[4]+flag("-", strings.HasSuffix(line, "(replaced further down)")))
		}
	}
	if want := "1/1 2/1 3/1- 4/1- 3/2- 3/3 4/3 5/3"; strings.Join(got, " ") != want {
		t.Errorf("%v, want %s\n%s", got, want, out.String())
	}
}

package interop

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"etcdscope/cluster"
	"etcdscope/mvcc"
	"etcdscope/raft"
)

// TestRealTools: etcd's own programs read the files of runs with faults, transactions, leases, compactions,
// defragmentations, snapshots and membership changes, taken between the incidents and at the end, and say of them what
// we know.
func TestRealTools(t *testing.T) {
	for _, profile := range cluster.ProfileNames() {
		for _, nodes := range []int{1, 3} {
			t.Run(fmt.Sprintf("%s/nodes=%d", profile, nodes), func(t *testing.T) {
				moments := []int{0, 23, 26, 30, 51} // by the number of the write before
				var said strings.Builder
				r := eventful(t, cluster.Config{Seed: 11, Nodes: nodes, Profile: profile}, func(r run, i int) {
					if slices.Contains(moments, i) || !r.View().Members[0].Up {
						said.WriteString(checkFiles(t, exported(r, raft.ID(i%nodes+1)), nil))
					}
				})
				dir := t.TempDir()
				check(t, r.Export(dir))
				for _, m := range r.View().Members {
					said.WriteString(checkFiles(t, filepath.Join(dir, fmt.Sprint("n", m.ID)), m))
				}
				sameHashes(t, r, dir)
				defragged(t, filepath.Join(dir, "n1"))
				checkHistory(t, r.View(), nodes, said.String())
			})
		}
	}
}

// exported is the data directory of a member as it is now.
func exported(r run, id raft.ID) string {
	dir := filepath.Join(r.t.TempDir(), "n")
	r.do(fmt.Sprintf("export n%d %s", id, strconv.Quote(dir)))
	return dir
}

// checkHistory fails when the incidents did not leave what they are for.
func checkHistory(t *testing.T, v *cluster.View, nodes int, said string) {
	t.Helper()
	kinds := []string{
		"put:<", "delete_range:<", "txn:<", "lease_grant:<", "lease_revoke:<", "compaction:<", "alarm:<", "Snapshot:\nterm=",
	}
	if nodes > 1 {
		kinds = append(kinds, "cluster_member_attr_set:<", "\tconf\t")
	}
	for _, what := range kinds {
		if !strings.Contains(said, what) {
			t.Errorf("no tool was asked about %q", what)
		}
	}
	m := v.Members[0]
	if m.Store.CompactRevision < 30 || m.Store.Revision < 60 || m.Saved == 0 {
		t.Errorf("n1 is at revision %d, compacted %d, snapshot %d", m.Store.Revision, m.Store.CompactRevision, m.Saved)
	}
	if nodes == 1 {
		return
	}
	var ids []uint64
	for _, one := range m.Members {
		ids = append(ids, one.ID)
	}
	if !slices.Equal(ids, []uint64{1, 2, 4}) || !slices.Equal(m.Removed, []uint64{3}) {
		t.Errorf("the members are %v, removed %v", ids, m.Removed)
	}
}

// checkFiles lets every tool read a data directory, and returns what one said of the log. The member, if it is given,
// has committed all that it applied.
func checkFiles(t *testing.T, dir string, m *cluster.MemberView) (said string) {
	t.Helper()
	said = checkDumpLogs(t, dir)
	checkDumpDB(t, dbOf(dir))
	checkDB(t, dbOf(dir))
	if m == nil || m.Store == nil {
		return said
	}
	store := openOurStore(t, t.TempDir(), dbOf(dir))
	if store.Revision() != m.Store.Revision || store.CompactRevision() != m.Store.CompactRevision {
		t.Errorf("n%d is at revision %d, its file at %d", m.ID, m.Store.Revision, store.Revision())
	}
	check(t, store.Backend().Close())
	return said
}

// checkDB lets bbolt and etcdutl read a db or snapshot file: its pages, its status, its hash at the newest, the oldest
// and a revision between.
func checkDB(t *testing.T, path string) {
	t.Helper()
	sameText(t, "bbolt check", bbolt.run(t, "check", path), "OK\n")
	sameText(t, "snapshot status", etcdutl.run(t, "snapshot", "status", path, "-w", "json"), statusText(t, path))
	store := openOurStore(t, t.TempDir(), path)
	newest, oldest := store.Revision(), max(store.CompactRevision(), 1)
	for _, rev := range []int64{0, oldest, (oldest + newest) / 2} {
		hash, compacted, err := store.HashKV(rev)
		check(t, err)
		got := etcdutl.run(t, "hashkv", path, "--rev", fmt.Sprint(rev))
		if rev == 0 {
			rev = newest
		}
		sameText(t, "hashkv", got, fmt.Sprintf("%d, %d, %d\n", hash, rev, compacted))
	}
	check(t, store.Backend().Close())
}

// statusText is what etcdutl snapshot status -w json must print.
func statusText(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Clean(path))
	check(t, err)
	s, err := mvcc.ReadSnapshotStatus(t.TempDir(), data)
	check(t, err)
	out, err := json.Marshal(struct {
		Hash      uint32 `json:"hash"`
		Revision  int64  `json:"revision"`
		TotalKey  int    `json:"totalKey"`
		TotalSize int64  `json:"totalSize"`
		Version   string `json:"version"`
	}(s))
	check(t, err)
	return string(out) + "\n"
}

// sameHashes asks the members of a run for their hashes, as etcdctl endpoint hashkv does; etcdutl must compute the same
// from their files.
func sameHashes(t *testing.T, r run, dir string) {
	t.Helper()
	r.do("endpoint hashkv", "run 1s")
	compared := 0
	for _, op := range r.View().Ops {
		if h := op.HashKV; h != nil {
			got := etcdutl.run(t, "hashkv", dbOf(filepath.Join(dir, fmt.Sprint("n", op.Via))))
			sameText(t, "hashkv", got, fmt.Sprintf("%d, %d, %d\n", h.Hash, h.Revision, h.CompactRevision))
			compared++
		}
	}
	if want := len(r.View().Members[0].Members); compared != want {
		t.Errorf("%d of %d members have told their hash", compared, want)
	}
}

// defragged lets etcdutl rewrite a file of ours: the same rows come out, and ours opens it again.
func defragged(t *testing.T, dir string) {
	t.Helper()
	before := readDB(t, dbOf(dir))
	etcdutl.run(t, "defrag", "--data-dir", dir)
	after := readDB(t, dbOf(dir))
	if before.hash != after.hash {
		t.Error("the defragmented file holds something else")
	}
	for bucket, rows := range before.rows {
		sameText(t, "defragmented "+bucket, lines(after.rows[bucket]), lines(rows))
	}
	checkDB(t, dbOf(dir))
}

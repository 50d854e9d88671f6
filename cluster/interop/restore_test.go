package interop

import (
	"fmt"
	"path/filepath"
	"strconv"
	"testing"

	"etcdscope/cluster"
)

// TestRestore: out of a snapshot file of ours, etcdutl and we make the data directory of another cluster. They hold the
// same keys at the same revisions with the same hash, and a real etcd starts on both and goes on.
func TestRestore(t *testing.T) {
	for nodes, profile := range map[int]string{1: "paper", 3: "etcd"} {
		for _, bump := range []int{0, 1000} {
			t.Run(fmt.Sprintf("nodes=%d/bump=%d", nodes, bump), func(t *testing.T) {
				r := eventful(t, cluster.Config{Seed: 5, Nodes: nodes, Profile: profile}, nil)
				file := saved(t, r)
				revision := r.View().Members[0].Store.Revision
				theirs := restoredByEtcd(t, file, bump)
				ours := restoredByUs(t, r, file, nodes, bump)
				m := r.View().Members[0]
				if m.Store.Revision != revision+int64(bump) {
					t.Fatalf("the snapshot was of revision %d, the restored member is at %d", revision, m.Store.Revision)
				}
				sameText(t, "hashkv", etcdutl.run(t, "hashkv", dbOf(ours)), etcdutl.run(t, "hashkv", dbOf(theirs)))
				checkFiles(t, ours, m)
				compareWithEtcd(t, m, startEtcd(t, ours, nodes > 1))
				compareWithEtcd(t, m, startEtcd(t, theirs, false))
			})
		}
	}
}

// saved is a snapshot of n1 that every tool has read.
func saved(t *testing.T, r run) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "backup.db")
	r.do("snapshot save "+strconv.Quote(file)+" --via n1", "run 2s")
	readCopies(t, file)
	return file
}

// bumped are the flags of a restore.
func bumped(n int) []string {
	if n == 0 {
		return nil
	}
	return []string{"--bump-revision", strconv.Itoa(n), "--mark-compacted"}
}

func restoredByEtcd(t *testing.T, file string, bump int) string {
	t.Helper()
	dir, peer := filepath.Join(t.TempDir(), "etcd"), "http://127.0.0.1:2380"
	args := []string{
		"snapshot", "restore", file, "--data-dir", dir, "--name", "n1",
		"--initial-cluster", "n1=" + peer, "--initial-advertise-peer-urls", peer,
	}
	etcdutl.run(t, append(args, bumped(bump)...)...)
	return dir
}

func restoredByUs(t *testing.T, r run, file string, nodes, bump int) string {
	t.Helper()
	command := fmt.Sprintf("snapshot restore %s --nodes %d", strconv.Quote(file), nodes)
	for _, flag := range bumped(bump) {
		command += " " + flag
	}
	r.do(command)
	r.lead()
	r.do("run 2s")
	r.fine()
	return exported(r, 1)
}

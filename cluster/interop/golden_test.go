package interop

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// archives are data directories that real members wrote, and the folder inside.
var archives = []struct{ file, root string }{
	{"etcd-3.7.3-datadir.tgz", "data"},
	{"single-v3.7.3.tar.gz", "single"},
	{"single-snapcount50-v3.7.3.tar.gz", "single"},
	{"single-v3.6.16.tar.gz", "s36"},
}

// archived unpacks one of them and returns its data directory.
func archived(t *testing.T, file, root string) string {
	t.Helper()
	dir := t.TempDir()
	unpack(t, filepath.Join("..", "..", "raft", "wal", "testdata", file), dir)
	return filepath.Join(dir, root)
}

// TestGoldenTools: of every real data directory the dump tools say what we read there; of the one whose outputs were
// kept, they say just that.
func TestGoldenTools(t *testing.T) {
	for _, a := range archives {
		t.Run(a.file, func(t *testing.T) {
			dir := archived(t, a.file, a.root)
			checkDumpLogs(t, dir)
			checkDumpDB(t, dbOf(dir))
			if a.file == "single-v3.7.3.tar.gz" {
				keptOutputs(t, dir)
			}
		})
	}
}

// keptOutputs compares with what the tools printed on the machine that wrote the directory.
func keptOutputs(t *testing.T, dir string) {
	t.Helper()
	for _, c := range []struct {
		file string
		out  string
	}{
		{"d-dump-logs.txt", dumpLogs.run(t, dir)},
		{"d-dump-logs-raw.txt", dumpLogs.run(t, "-raw", dir)},
		{"d-dumpdb-iter-key.txt", dumpDB.run(t, "iterate-bucket", dbOf(dir), "key", "--decode")},
		{"d-dumpdb-iter-lease.txt", dumpDB.run(t, "iterate-bucket", dbOf(dir), "lease", "--decode")},
		{"d-dumpdb-iter-meta.txt", dumpDB.run(t, "iterate-bucket", dbOf(dir), "meta", "--decode")},
		{"d-dumpdb-list-bucket.txt", dumpDB.run(t, "list-bucket", dbOf(dir))},
		{"d-utl-hashkv.txt", etcdutl.run(t, "hashkv", dbOf(dir))},
		{"d-bbolt-check.txt", bbolt.run(t, "check", dbOf(dir))},
	} {
		sameText(t, c.file, c.out, kept(t, c.file))
	}
}

// kept is the standard output that a file of testdata/golden holds.
func kept(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "golden", file))
	check(t, err)
	_, out, _ := strings.Cut(string(data), "[stdout]\n")
	out, _, _ = strings.Cut(out, "[stderr]\n")
	return out
}

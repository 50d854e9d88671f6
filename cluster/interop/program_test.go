package interop

import (
	"bytes"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// program is one of etcd's own programs. The go command builds it out of the module in dir, once, and keeps it in its
// cache. The dump tools are those of 3.6.8, the newest that the module proxy has; they read directories of 3.7.3
// (TestGoldenTools).
type program struct {
	name string
	path func() (string, error)
}

func newProgram(dir, name string) program {
	return program{name, sync.OnceValues(func() (string, error) {
		cmd := exec.Command("go", "tool", "-n", name)
		cmd.Dir = dir
		out, err := cmd.Output()
		return strings.TrimSpace(string(out)), err
	})}
}

var (
	dumpLogs = newProgram("tools", "etcd-dump-logs")
	dumpDB   = newProgram("tools", "etcd-dump-db")
	etcdutl  = newProgram(".", "etcdutl")
	bbolt    = newProgram(".", "bbolt")
)

// run returns what the program prints; one that does not end with 0 fails the test.
func (p program) run(t *testing.T, args ...string) string {
	t.Helper()
	path, err := p.path()
	check(t, err)
	cmd := exec.CommandContext(t.Context(), path, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s%s", p.name, strings.Join(args, " "), err, out, stderr.Bytes())
	}
	return string(out)
}

// sameText fails with the first line that differs.
func sameText(t *testing.T, what, got, want string) {
	t.Helper()
	if got == want {
		return
	}
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(a), len(b)) {
		var x, y string
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		if x != y {
			t.Fatalf("%s: line %d is\n%s\nand not\n%s", what, i+1, x, y)
		}
	}
}

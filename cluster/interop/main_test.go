package interop

import (
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"testing"

	"go.uber.org/zap"
)

// effort multiplies what the tests do: INTEROP_EFFORT=20 go test.
var effort = 1

// silent is the logger of everything that is etcd's.
var silent = zap.NewNop()

func TestMain(m *testing.M) {
	flag.Parse()
	if err := configure(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	os.Exit(m.Run())
}

// configure reads the environment. Failing inputs of rapid are printed with their seed, and not kept as files.
func configure() error {
	if text := os.Getenv("INTEROP_EFFORT"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return fmt.Errorf("INTEROP_EFFORT=%s: write a number from 1 on", text)
		}
		effort = n
	}
	const memory = "/dev/shm" // thousands of small files, each synced by etcd
	if info, err := os.Stat(memory); err == nil && info.IsDir() && os.Getenv("TMPDIR") == "" {
		if err := os.Setenv("TMPDIR", memory); err != nil {
			return err
		}
	}
	if err := flag.Set("rapid.nofailfile", "true"); err != nil {
		return err
	}
	flag.Visit(func(f *flag.Flag) { checksGiven = checksGiven || f.Name == "rapid.checks" })
	return setChecks(300)
}

// checksGiven says that the command line decides how many runs rapid makes.
var checksGiven bool

// setChecks lets rapid make n runs, times the effort.
func setChecks(n int) error {
	if checksGiven {
		return nil
	}
	return flag.Set("rapid.checks", strconv.Itoa(n*effort))
}

// checks is setChecks until the test ends. Such a test collects garbage less often: etcd's stores begin with large maps
// and channels that soon are some. Benchmarks are left alone.
func checks(t *testing.T, n int) {
	before, percent := flag.Lookup("rapid.checks").Value.String(), debug.SetGCPercent(400)
	check(t, setChecks(n))
	t.Cleanup(func() {
		debug.SetGCPercent(percent)
		check(t, flag.Set("rapid.checks", before))
	})
}

// failer is what a test and a run of rapid have in common.
type failer interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// check ends a test with an error. Helper is called only then: it looks at the stack, which a benchmark would measure.
func check(tb failer, err error) {
	if err != nil {
		tb.Helper()
		tb.Fatal(err)
	}
}

// runDir makes a directory for one run of a property. A run that fails leaves locked files behind, for which the next
// would wait forever in the same place.
func runDir(t failer, root string) string {
	t.Helper()
	dir, err := os.MkdirTemp(root, "")
	check(t, err)
	return dir
}

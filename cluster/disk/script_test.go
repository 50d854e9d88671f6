package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

// TestScripts runs testdata/script: each command acts on the disk and prints what changed for a reader.
func TestScripts(t *testing.T) {
	datadriven.Walk(t, "testdata/script", func(t *testing.T, path string) {
		s := &scripted{disks: map[string]*Disk{}, marks: map[string]Mark{}, d: New()}
		datadriven.RunTest(t, path, func(t *testing.T, td *datadriven.TestData) string {
			out, err := s.run(td)
			if err != nil {
				return "error: " + err.Error() + "\n"
			}
			return out
		})
	})
}

// scripted is the state of one script.
type scripted struct {
	d     *Disk
	disks map[string]*Disk
	marks map[string]Mark
}

func (s *scripted) run(td *datadriven.TestData) (string, error) {
	arg := func(i int) string {
		if i >= len(td.CmdArgs) {
			td.Fatalf(nil, "%s: argument %d is missing", td.Cmd, i)
		}
		return td.CmdArgs[i].Key
	}
	num := func(i int) int64 {
		n, err := strconv.ParseInt(arg(i), 10, 64)
		if err != nil {
			return -1
		}
		return n
	}
	switch td.Cmd {
	case "create":
		return "", s.d.Create(arg(0))
	case "write":
		return "", s.d.WriteAt(arg(0), num(1), unfold(arg(2)))
	case "truncate":
		return "", s.d.Truncate(arg(0), num(1))
	case "rename":
		return "", s.d.Rename(arg(0), arg(1))
	case "remove":
		return "", s.d.Remove(arg(0))
	case "sync":
		return "", s.d.SyncFile(arg(0))
	case "syncdir":
		return "", s.d.SyncDir()
	case "begin":
		s.marks[arg(0)] = s.d.Begin()
	case "complete":
		return "", s.d.Complete(s.marks[arg(0)])
	case "crash":
		s.d.Crash()
	case "poweroff":
		return s.poweroff(td), nil
	case "clone":
		s.disks[arg(0)] = s.d.Clone()
	case "use":
		s.disks[arg(1)], s.d = s.d, s.disks[arg(0)]
	case "break":
		return s.broken(td), nil
	case "repair":
		name := ""
		if len(td.CmdArgs) > 0 {
			name = arg(0)
		}
		s.d.Repair(name)
		return s.faults(), nil
	case "flip":
		return "", s.d.FlipBit(arg(0), num(1), uint(num(2)))
	case "wipe":
		s.d.Wipe()
	case "synctime":
		return fmt.Sprintln(s.d.SyncTime(arg(0), 10_000)), nil
	case "files":
		return s.files(), nil
	case "read":
		p, err := s.d.ReadFile(arg(0))
		return fold(p) + "\n", err
	default:
		return "", errors.New("unknown command")
	}
	return "", nil
}

// poweroff takes the draws as arguments: "poweroff 1 0" lets the first dirty sector survive and loses the second.
func (s *scripted) poweroff(td *datadriven.TestData) string {
	var draw func(int) int
	i := 0
	if len(td.CmdArgs) > 0 {
		draw = func(n int) int {
			i++
			v, _ := strconv.Atoi(td.CmdArgs[(i-1)%len(td.CmdArgs)].Key)
			return v % n
		}
	}
	return fmt.Sprintf("torn=%v draws=%d\n", s.d.Poweroff(draw), i)
}

var faultKinds = map[string]FaultKind{
	"slow": Slow, "full": Full, "syncerror": SyncError, "lostsync": LostSync, "torn": Torn, "misdirect": Misdirect,
}

// broken takes "break KIND [file=NAME] [n=N] [kept]" and lists all faults.
func (s *scripted) broken(td *datadriven.TestData) string {
	f := Fault{Kind: faultKinds[td.CmdArgs[0].Key], Kept: td.HasArg("kept")}
	var t testing.T
	td.MaybeScanArgs(&t, "file", &f.File)
	td.MaybeScanArgs(&t, "n", &f.N)
	s.d.Break(f)
	return s.faults()
}

func (s *scripted) faults() string {
	var b strings.Builder
	for _, f := range s.d.Faults() {
		for name, kind := range faultKinds {
			if kind == f.Kind {
				fmt.Fprintf(&b, "%s file=%q n=%d kept=%v\n", name, f.File, f.N, f.Kept)
			}
		}
	}
	return b.String()
}

func (s *scripted) files() string {
	var b strings.Builder
	for _, f := range s.d.Files() {
		fmt.Fprintf(&b, "%-10s size=%d written=%d synced=%d\n", f.Name, f.Size, f.Written, f.Synced)
	}
	return b.String()
}

// unfold reads "a*600+b*3" as 600 a's and 3 b's; '.' is a zero byte.
func unfold(text string) []byte {
	var out []byte
	for _, part := range strings.Split(text, "+") {
		what, times, found := strings.Cut(part, "*")
		n := 1
		if found {
			n, _ = strconv.Atoi(times)
		}
		out = append(out, strings.Repeat(what, n)...)
	}
	for i := range out {
		if out[i] == '.' {
			out[i] = 0
		}
	}
	return out
}

// fold is the inverse of unfold: runs of four and more are counted.
func fold(p []byte) string {
	var parts []string
	plain := ""
	for len(p) > 0 {
		n := 1
		for n < len(p) && p[n] == p[0] {
			n++
		}
		c := string(p[:1])
		if p[0] == 0 {
			c = "."
		}
		if n < 4 {
			plain += strings.Repeat(c, n)
		} else {
			if plain != "" {
				parts = append(parts, plain)
			}
			plain = ""
			parts = append(parts, fmt.Sprintf("%s*%d", c, n))
		}
		p = p[n:]
	}
	if plain != "" {
		parts = append(parts, plain)
	}
	return strings.Join(parts, "+")
}

// TestErrors: the errors are those of a file system.
func TestErrors(t *testing.T) {
	d := New()
	if err := d.Create("a"); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		err, want error
	}{
		"create twice":    {d.Create("a"), fs.ErrExist},
		"create path":     {d.Create("x/y"), fs.ErrInvalid},
		"rename to path":  {d.Rename("a", "../a"), fs.ErrInvalid},
		"rename missing":  {d.Rename("b", "c"), fs.ErrNotExist},
		"remove missing":  {d.Remove("b"), fs.ErrNotExist},
		"write missing":   {d.WriteAt("b", 0, []byte("x")), fs.ErrNotExist},
		"write before 0":  {d.WriteAt("a", -1, []byte("x")), fs.ErrInvalid},
		"truncate to < 0": {d.Truncate("a", -1), fs.ErrInvalid},
		"sync missing":    {d.SyncFile("b"), fs.ErrNotExist},
	} {
		if !errors.Is(tc.err, tc.want) {
			t.Errorf("%s: %v, want %v", name, tc.err, tc.want)
		}
	}
}

package dump

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

// TestText runs testdata/text: what is printed of real files. A command is "wal" or "db", an archive or a path below
// the root of the project, and options.
func TestText(t *testing.T) {
	dirs, outer := map[string]string{}, t
	datadriven.Walk(t, "testdata/text", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, td *datadriven.TestData) string {
			name := td.CmdArgs[0].Key
			if archives[name] != "" && dirs[name] == "" {
				dirs[name] = unpack(outer, name)
			}
			dir := dirs[name]
			if dir == "" {
				dir = filepath.Join("..", name)
			}
			return printed(t, td, dir)
		})
	})
}

// printed carries out one command.
func printed(t *testing.T, td *datadriven.TestData, dir string) string {
	var o Options
	for _, a := range td.CmdArgs[1:] {
		var err error
		switch a.Key {
		case "json":
			o.JSON = true
		case "raw":
			o.Raw = true
		case "start-index":
			_, err = fmt.Sscan(a.Vals[0], &o.StartIndex)
		case "limit":
			_, err = fmt.Sscan(a.Vals[0], &o.Limit)
		case "type":
			o.Types = a.Vals
		case "bucket":
			o.Buckets = a.Vals
		default:
			t.Fatalf("unknown option %s", a.Key)
		}
		check(t, err)
	}
	var out bytes.Buffer
	err := map[string]func() error{
		"wal": func() error { return WAL(&out, dir, o) },
		"db":  func() error { return DB(&out, dir, o) },
	}[td.Cmd]()
	if err != nil {
		fmt.Fprintf(&out, "error: %s\n", strings.ReplaceAll(err.Error(), dir, "DIR"))
	}
	return out.String()
}

// TestDumpLogs: term, index and type of every entry are those that etcd-dump-logs prints of the same directory.
func TestDumpLogs(t *testing.T) {
	golden, err := os.ReadFile("../raft/wal/testdata/dump/d-dump-logs.txt")
	check(t, err)
	_, golden, _ = bytes.Cut(golden, []byte("index\ttype\tdata\n"))
	var out bytes.Buffer
	check(t, WAL(&out, unpack(t, "single"), Options{JSON: true, Types: []string{"entry"}}))
	want := strings.Split(string(golden), "\n")
	n := 0
	for d := json.NewDecoder(&out); d.More(); n++ {
		var r recordJSON
		check(t, d.Decode(&r))
		kind := map[string]string{"normal": "norm", "confChange": "conf"}[r.EntryType]
		line := fmt.Sprintf("%4d\t%10d\t%s\t", *r.Term, *r.Index, kind)
		if !strings.HasPrefix(want[n], line) {
			t.Errorf("%q, want %q", line, want[n])
		}
		if kind == "norm" && (r.Request == nil) != (want[n] == line) {
			t.Errorf("entry %d has the request %s, want %q", *r.Index, r.Request, want[n])
		}
	}
	if n != 170 {
		t.Errorf("%d entries, want 170", n)
	}
}

// TestDumpDB: every row of the bucket key is the one that etcd-dump-db prints of the same directory; it begins with the
// newest.
func TestDumpDB(t *testing.T) {
	golden, err := os.ReadFile("../mvcc/testdata/d-dumpdb-iter-key.txt")
	check(t, err)
	_, golden, _ = bytes.Cut(golden, []byte("[stdout]\n"))
	golden, _, _ = bytes.Cut(golden, []byte("[stderr]"))
	want := strings.Split(strings.TrimSpace(string(golden)), "\n")
	var out bytes.Buffer
	check(t, DB(&out, unpack(t, "single"), Options{JSON: true, Buckets: []string{"key"}}))
	n := len(want)
	for d := json.NewDecoder(&out); d.More() && n > 0; {
		n--
		var r rowJSON
		check(t, d.Decode(&r))
		line := fmt.Sprintf("rev={Revision:{Main:%d Sub:%d} tombstone:%v}, ", r.Main, r.Sub, r.Tombstone) +
			fmt.Sprintf("value=[key %q | val %q | created %d | mod %d | ver %d]",
				r.KV.Key, r.KV.Value, r.KV.CreateRevision, r.KV.ModRevision, r.KV.Version)
		if line != want[n] {
			t.Errorf("row %d is\n%s\nwant\n%s", n, line, want[n])
		}
	}
	if n != 0 || out.Len() > 0 {
		t.Errorf("%d rows are missing, %d bytes too many", n, out.Len())
	}
}

// TestNothingChanges: a dump leaves the directory as it was, also one that is damaged.
func TestNothingChanges(t *testing.T) {
	dir := unpack(t, "snapcount50")
	segment := filepath.Join(dir, "member/wal/0000000000000000-0000000000000000.wal")
	for _, damage := range []func(){
		func() {},
		func() { check(t, os.Truncate(segment, 17_000)) },
		func() {
			check(t, os.WriteFile(filepath.Join(dir, "member/snap/0000000000000002-0000000000000033.snap"), nil, 0o600))
		},
	} {
		damage()
		before := listing(t, dir)
		var out bytes.Buffer
		var damaged Damaged
		if err := WAL(&out, dir, Options{}); err != nil && !errors.As(err, &damaged) {
			t.Error(err)
		}
		check(t, DB(&out, dir, Options{}))
		if after := listing(t, dir); after != before {
			t.Errorf("before:\n%s\nafter:\n%s", before, after)
		}
	}
}

// listing says all about the files below a directory but their bytes, which a write would date.
func listing(t *testing.T, dir string) string {
	var b strings.Builder
	check(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		check(t, err)
		info, err := os.Stat(path)
		check(t, err)
		_, err = fmt.Fprintln(&b, path, info.Size(), info.Mode(), info.ModTime().UnixNano())
		return err
	}))
	return b.String()
}

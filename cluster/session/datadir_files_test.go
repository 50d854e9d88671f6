package session

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"etcdscope/cluster"
)

// TestDataDirIsConfiguration: a session that begins with files is a function of them: again, saved and loaded, shared,
// undone and gone back in it is the same.
func TestDataDirIsConfiguration(t *testing.T) {
	dir := keptDir(t, cluster.Config{Seed: 1})
	play := func() *Session {
		s := keeping(t, dir, cluster.Config{Seed: 2})
		s.Keep(nil)
		exec(t, s, "run 1s", "put x 3", "run 500ms", "crash n1", "run 500ms")
		return s
	}
	a, b := play(), play()
	for _, m := range a.View().Members {
		if m.Inc < 2 {
			t.Errorf("n%d lives its life %d again: an entry of the session before could answer a request", m.ID, m.Inc)
		}
	}
	if a.EventHash() != b.EventHash() || a.StateHash() != b.StateHash() {
		t.Error("the same files and commands make two histories")
	}
	c, err := Load("saved", strings.NewReader(saved(t, a)), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	closing(t, c)
	d, err := Open(codeOf(t, a), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	closing(t, d)
	exec(t, b, "undo", "goto 0", "goto 100", "branch A")
	for name, s := range map[string]*Session{"loaded": c, "shared": d, "gone back": b} {
		if a.StateHash() != s.StateHash() {
			t.Errorf("%s: another state", name)
		}
	}
	exec(t, a, "reset", "run 1s")
	if kv, ok := a.View().Leader().Store.Get("x", 0); !ok || string(kv.Value) != "1" || len(a.Violations()) > 0 {
		t.Errorf("after a reset x is %q, %v", kv.Value, a.Violations())
	}
}

// TestDataDirGrows: members that came and went, and the number of founders, are found in the files.
func TestDataDirGrows(t *testing.T) {
	for _, profile := range cluster.ProfileNames() {
		dir := keptDir(t, cluster.Config{Seed: 1, Profile: profile})
		for round, line := range []string{"member add", "start n4", "member remove n1", "member add --learner", "start n5"} {
			s := keeping(t, dir, cluster.Config{Seed: uint64(round), Profile: profile})
			if n := s.Config().Nodes; n != 3 {
				t.Errorf("%s, before %q: %d founders", profile, line, n)
			}
			exec(t, s, "run 5s", line, "run 3s")
			for _, v := range s.Violations() {
				t.Errorf("%s, after %q: %s", profile, line, v.Sentence)
			}
			shut(t, s)
		}
		s := keeping(t, dir, cluster.Config{Profile: profile})
		exec(t, s, "run 5s")
		var up []string
		for _, m := range s.View().Members {
			if m.Up {
				up = append(up, fmt.Sprintf("n%d", m.ID))
			}
		}
		if got := strings.Join(up, " "); got != "n2 n3 n4 n5" {
			t.Errorf("%s: up are %s", profile, got)
		}
	}
}

// TestDataDirDamage: a member whose files were changed says why it does not start, the others run, and what it had is
// still there afterwards.
func TestDataDirDamage(t *testing.T) {
	for _, c := range []struct{ file, down string }{
		{"n2/member/snap/db", "backend: "},
		{"n2/member/wal/0000000000000000-0000000000000000.wal", "WAL: "},
		{"n2", downMissing},
	} {
		dir := keptDir(t, cluster.Config{Seed: 1})
		file := filepath.Join(dir, filepath.FromSlash(c.file))
		var want []byte
		if c.down == downMissing {
			must(t, os.RemoveAll(file))
		} else {
			want = spoil(t, file)
		}
		s := keeping(t, dir, cluster.Config{Seed: 3})
		n2 := s.View().Members[1]
		if n2.Up || !strings.HasPrefix(n2.Down, c.down) {
			t.Errorf("%s: n2 is up (%v), down because of %q", c.file, n2.Up, n2.Down)
		}
		exec(t, s, "run 1s", "put x 3", "restart n2", "run 1s")
		if kv, _ := s.View().Leader().Store.Get("x", 0); string(kv.Value) != "3" || s.View().Members[1].Up {
			t.Errorf("%s: x is %q, n2 is up: %v", c.file, kv.Value, s.View().Members[1].Up)
		}
		for _, v := range s.Violations() {
			t.Errorf("%s: %s", c.file, v.Sentence)
		}
		shut(t, s)
		got, err := os.ReadFile(file)
		if c.down != downMissing && (err != nil || !bytes.Equal(got, want)) {
			t.Errorf("%s: its bytes are others now (%v)", c.file, err)
		}
	}
}

// downMissing is why a member is down whose directory was deleted.
const downMissing = "its data directory is missing"

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// spoil changes a byte in the middle of a log, or both meta pages of a database, and returns all of the file.
func spoil(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	must(t, err)
	if filepath.Base(file) == "db" {
		data[20] ^= 0x55
		data[4096+20] ^= 0x55
	} else {
		data[len(bytes.TrimRight(data, "\x00"))/2] ^= 0x55
	}
	must(t, os.WriteFile(file, data, 0o600))
	return data
}

// TestDataDirRefused: what is not ours is left alone, and said to be what it is.
func TestDataDirRefused(t *testing.T) {
	rename := func(from, to string) func(*testing.T, string) {
		return func(t *testing.T, dir string) { must(t, os.Rename(filepath.Join(dir, from), filepath.Join(dir, to))) }
	}
	for _, c := range []struct {
		name   string
		change func(t *testing.T, dir string)
		nodes  int
		want   string
	}{
		{"strange file", func(t *testing.T, dir string) {
			must(t, os.WriteFile(filepath.Join(dir, "notes.txt"), nil, 0o600))
		}, 0, `it holds "notes.txt"`},
		{"one member's", func(t *testing.T, dir string) {
			must(t, os.CopyFS(dir, os.DirFS(filepath.Join(dir, "n1"))))
		}, 0, "it is the data directory of one member"},
		{"wrong place", rename("n3", "n5"), 0, "n5: its log is that of n3: put it back into n3"},
		{"strange in member", rename("n1/member/wal", "n1/wal"), 0, `n1 holds "wal"`},
		{"wrong kind", rename("n1/member/snap/db", "n1/member/wal/db"), 0, "no member keeps such a file there"},
		{"link", func(t *testing.T, dir string) {
			must(t, os.RemoveAll(filepath.Join(dir, "n1")))
			must(t, os.Symlink(filepath.Join(dir, "n2"), filepath.Join(dir, "n1")))
		}, 0, "n1 is no directory"},
		{"two clusters", func(t *testing.T, dir string) {
			other := keptDir(t, cluster.Config{Seed: 9})
			must(t, os.RemoveAll(filepath.Join(dir, "n1")))
			must(t, os.Rename(filepath.Join(other, "n1"), filepath.Join(dir, "n1")))
		}, 0, "n2 is a member of cluster 1, n1 one of cluster 9"},
		{"all damaged", func(t *testing.T, dir string) {
			for id := range 3 {
				spoil(t, filepath.Join(dir, fmt.Sprintf("n%d/member/snap/db", id+1)))
			}
		}, 0, "no member's files can be read: n1: "},
		{"other number", func(*testing.T, string) {}, 5, "it holds a cluster that 3 members founded, not 5"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := keptDir(t, cluster.Config{Seed: 1})
			c.change(t, dir)
			d, err := OpenDataDir(dir)
			if err == nil {
				err = d.Begin(&cluster.Config{}, c.nodes, Options{Dir: t.TempDir()})
			}
			got := fmt.Sprint(err)
			if !strings.Contains(got, "data directory "+dir+": ") || !strings.Contains(got, c.want) {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// TestDataDirWrittenWhole: wherever the program dies while it writes, the next session finds all old files or all new
// ones.
func TestDataDirWrittenWhole(t *testing.T) {
	for moved := -1; moved <= 3; moved++ {
		dir := keptDir(t, cluster.Config{Seed: 1})
		s := keeping(t, dir, cluster.Config{Seed: 2})
		exec(t, s, "run 1s", "put x new", "run 1s")
		place := unfinished
		if moved >= 0 {
			place = finished
		}
		must(t, s.Export(filepath.Join(dir, place)))
		s.Keep(nil)
		for id := 1; id <= moved; id++ {
			name := fmt.Sprintf("n%d", id)
			must(t, os.RemoveAll(filepath.Join(dir, name)))
			must(t, os.Rename(filepath.Join(dir, place, name), filepath.Join(dir, name)))
		}
		if moved < 3 && moved >= 0 { // the next one is deleted and not replaced yet
			must(t, os.RemoveAll(filepath.Join(dir, fmt.Sprintf("n%d", moved+1))))
		}
		want := "new"
		if moved < 0 {
			want = "1"
		}
		next := keeping(t, dir, cluster.Config{Seed: 3})
		for _, m := range next.View().Members {
			if kv, _ := m.Store.Get("x", 0); !m.Up || string(kv.Value) != want {
				t.Errorf("%d moved: n%d is up (%v) and has %q, want %q", moved, m.ID, m.Up, kv.Value, want)
			}
		}
		shut(t, next)
	}
}

// TestDataDirOfTwo: of two sessions over one directory the second to end leaves the first one's files alone, and says
// where its own are.
func TestDataDirOfTwo(t *testing.T) {
	dir := keptDir(t, cluster.Config{Seed: 1})
	a, b := keeping(t, dir, cluster.Config{Seed: 2}), keeping(t, dir, cluster.Config{Seed: 3})
	exec(t, a, "run 1s", "put x a", "run 1s")
	exec(t, b, "run 1s", "put x b", "run 1s")
	shut(t, a)
	if err := b.Close(); err == nil || !strings.Contains(err.Error(), "the files of this session are in unsaved-1 there") {
		t.Errorf("got %v", err)
	}
	for place, want := range map[string]string{dir: "a", filepath.Join(dir, "unsaved-1"): "b"} {
		s := keeping(t, place, cluster.Config{})
		if kv, _ := s.View().Members[0].Store.Get("x", 0); string(kv.Value) != want {
			t.Errorf("%s: x is %q, want %s", place, kv.Value, want)
		}
		s.Keep(nil)
	}
}

// TestDataDirStays: a session that begins again with another seed keeps its directory; one that is loaded in its place
// is another, and the files are those of before.
func TestDataDirStays(t *testing.T) {
	dir := keptDir(t, cluster.Config{Seed: 1})
	file := filepath.Join(t.TempDir(), "other")
	other := begin(t, cluster.Config{Seed: 4}, Options{})
	exec(t, other, "run 1s", "put x other", "run 1s", "save "+file)
	s := keeping(t, dir, cluster.Config{Seed: 2})
	exec(t, s, "seed 5", "run 1s", "put x kept", "run 1s", "load "+file)
	if kv, _ := s.View().Members[0].Store.Get("x", 0); string(kv.Value) != "other" {
		t.Errorf("loaded: x is %q", kv.Value)
	}
	shut(t, s)
	next := keeping(t, dir, cluster.Config{})
	if kv, _ := next.View().Members[0].Store.Get("x", 0); string(kv.Value) != "kept" {
		t.Errorf("x is %q", kv.Value)
	}
}

// TestDataDirAfterPanic: a panic that the session has caught does not keep it from writing.
func TestDataDirAfterPanic(t *testing.T) {
	dir := keptDir(t, cluster.Config{Seed: 1})
	s := keeping(t, dir, cluster.Config{Seed: 2})
	exec(t, s, "run 1s", "put x new", "run 1s")
	err := s.panicked(&crash{cause: "on purpose"}, s.Pos()+1, "a test was run")
	if err == nil {
		t.Fatal("no error")
	}
	shut(t, s)
	next := keeping(t, dir, cluster.Config{})
	if kv, _ := next.View().Members[0].Store.Get("x", 0); string(kv.Value) != "new" {
		t.Errorf("x is %q", kv.Value)
	}
}

// TestStop ends a run in the middle, and another can be begun.
func TestStop(t *testing.T) {
	left := 100
	o := Options{Stop: func() bool { left--; return left < 0 }}
	s := begin(t, cluster.Config{}, o)
	if _, err := s.Exec("run 60s"); !errors.Is(err, ErrStopped) || s.Pos() != 100 {
		t.Errorf("at event %d: %v", s.Pos(), err)
	}
}

// TestTooLarge: what could not be read again is not written.
func TestTooLarge(t *testing.T) {
	s := begin(t, cluster.Config{Nodes: 1}, Options{})
	noise := make([]byte, 7<<20)
	for i, x := 0, uint32(1); i < len(noise); i++ {
		x = x*1664525 + 1013904223
		noise[i] = byte(x >> 24)
	}
	f := cluster.Deflate("x", int64(len(noise)), noise)
	s.config.DataDir = &cluster.DataDir{Last: 1, Members: []cluster.MemberFiles{{ID: 1, Files: []cluster.DataFile{f}}}}
	if _, err := s.ShareCode(); err == nil || !strings.Contains(err.Error(), "and a share code holds") {
		t.Error(err)
	}
	var out bytes.Buffer
	if err := s.Save(&out); err == nil || out.Len() > 0 {
		t.Errorf("%v after %d bytes", err, out.Len())
	}
}

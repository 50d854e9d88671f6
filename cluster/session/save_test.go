package session

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"path/filepath"
	"strings"
	"testing"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
)

// forked is a session with three branches, marks, and commands that no line of the language gives.
func forked(t testing.TB) *Session {
	t.Helper()
	s := begin(t, cluster.Config{
		Seed: 9, Nodes: 3, Off: []string{"prevote"}, Timing: cluster.Timing{Fsync: 7 * clock.Millisecond},
	}, Options{})
	run := func(line string) {
		t.Helper()
		if _, err := s.Exec(line); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	run("run 500ms")
	run("put x 1")
	run("run 100ms")
	run("mark before")
	odd := cluster.Command{Kind: cluster.ClientPut, Text: "typed by nobody"}
	odd.Op = &cluster.OpSpec{Key: []byte("\x00\xff\n"), Value: []byte{}}
	if err := s.Do(odd); err != nil {
		t.Fatal(err)
	}
	run("crash n2")
	run("run 300ms")
	run("goto before")
	run("delay n1->n3 4")
	run("run 200ms")
	run("fork what-if")
	run("poweroff n1")
	run("step 20")
	run("restart n1")
	run("run 600ms")
	run("back 40")
	return s
}

func codeOf(t testing.TB, s *Session) string {
	t.Helper()
	code, err := s.ShareCode()
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func saved(t testing.TB, s *Session) string {
	t.Helper()
	var b bytes.Buffer
	if err := s.Save(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestSaveAndLoad compares every branch, every mark and every moment's hash with the original's.
func TestSaveAndLoad(t *testing.T) {
	s := forked(t)
	if !s.Unsaved() {
		t.Error("commands were given, but nothing is unsaved")
	}
	text := saved(t, s)
	if s.Unsaved() {
		t.Error("still unsaved after Save")
	}
	l, err := Load("test.session", strings.NewReader(text), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	closing(t, l)
	if now(l) != now(s) || l.Pos() != s.Pos() {
		t.Errorf("loaded at event %d %x, saved at event %d %x", l.Pos(), now(l), s.Pos(), now(s))
	}
	if got := saved(t, l); got != text {
		t.Errorf("saved again:\n%s\nwant\n%s", got, text)
	}
	for _, b := range s.Branches() {
		for _, x := range []*Session{s, l} {
			if err := x.Switch(b.Name); err != nil {
				t.Fatal(err)
			}
			seek(t, x, x.End())
		}
		if now(l) != now(s) {
			t.Errorf("branch %s ends with %x, want %x", b.Name, now(l), now(s))
		}
		if a, b := fmt.Sprint(s.Marks()), fmt.Sprint(l.Marks()); a != b {
			t.Errorf("marks %s, want %s", b, a)
		}
	}
	if a, b := fmt.Sprint(s.Branches()), fmt.Sprint(l.Branches()); a != b {
		t.Errorf("branches %s, want %s", b, a)
	}
}

// TestShareCode opens codes of moments on several branches, also one that a mail program has wrapped.
func TestShareCode(t *testing.T) {
	s := forked(t)
	for _, b := range s.Branches() {
		if err := s.Switch(b.Name); err != nil {
			t.Fatal(err)
		}
		code := codeOf(t, s)
		if strings.ContainsAny(code, "\n ") || len(code) > 600 {
			t.Errorf("a code of %d characters: %s", len(code), code)
		}
		o, err := Open(" "+code[:20]+"\n  "+code[20:]+"\n", Options{Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		closing(t, o)
		if now(o) != now(s) || o.Pos() != s.Pos() || len(o.Branches()) != 1 {
			t.Errorf("branch %s: opened at event %d %x, want event %d %x", b.Name, o.Pos(), now(o), s.Pos(), now(s))
		}
	}
}

// TestBadCodes says what is wrong with a code in a sentence for each kind of damage.
func TestBadCodes(t *testing.T) {
	code := codeOf(t, forked(t))
	for _, c := range []struct{ name, code, want string }{
		{"empty", "", `want one that begins with "es1-"`},
		{"foreign", "hello", `want one that begins with "es1-"`},
		{"newer", "es2-" + code[4:], "made by another version"},
		{"cut off", code[:len(code)-9], "its end is missing"},
		{"cut off in a group", code[:len(code)-(len(code)-4)%4-3], "its end is missing"},
		{"only the prefix", "es1-", "its end is missing"},
		{"two codes", code + "AAAA", "something was added"},
		{"one character", code[:40] + swap(code[40]) + code[41:], "damaged on the way"},
		{"a star", code[:40] + "*" + code[41:], "damaged on the way"},
	} {
		s, err := Open(c.code, Options{Dir: t.TempDir()})
		if err == nil {
			t.Errorf("%s: opened", c.name)
			closing(t, s)
		} else if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want something like %q", c.name, err, c.want)
		}
	}
}

func swap(b byte) string {
	if b == 'A' {
		return "B"
	}
	return "A"
}

// reseal puts the right checksum under a changed text.
func reseal(text string) string {
	body, _, _ := cutLast(text, "\nsum ")
	return body + fmt.Sprintf("\nsum %08x\n", crc32.ChecksumIEEE([]byte(body+"\n")))
}

// TestBadFiles wants name, line and what to write instead.
func TestBadFiles(t *testing.T) {
	good := saved(t, forked(t))
	for _, c := range []struct{ old, new, want string }{
		{"etcdscope session 1", "etcdscope session 2", "f:1: format \"2\""},
		{"etcdscope session 1", "# hello", "f:1: want a first line"},
		{"engine 1", "engine 0", "f:2: engine \"0\""},
		{`"nodes":3`, `"nodes":77`, "f:3: config: nodes 77: want 1 to 9"},
		{`"fsync":7000`, `"fsync":9000000000000000000`, "f:3: config: want times"},
		{`"nodes":3`, `"node":3`, "f:3: config: json: unknown field"},
		{"put x 1", "putt x 1", "f:8: unknown command"},
		{"put x 1", "run 5s", "is no command of the world"},
		{`from "A" after`, `from "Z" after`, "want a parent above"},
		{"\nat ", "\nhat ", "want engine, config"},
		{"put x 1", "put x 2", "recorded by another version"},
		{`branch "B"`, `branch "A"`, "there is one already"},
		{"@", "@9", "want"},
	} {
		text := strings.Replace(good, c.old, c.new, 1)
		s, err := Load("f", strings.NewReader(reseal(text)), Options{Dir: t.TempDir()})
		if err == nil {
			closing(t, s)
			t.Errorf("%q instead of %q: loaded", c.new, c.old)
		} else if !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "f:") {
			t.Errorf("%q instead of %q: %v; want something like %q", c.new, c.old, err, c.want)
		}
	}
	changed := strings.Replace(good, "put x 1", "put x 2", 1)
	for _, text := range []string{"", good[:len(good)/2], good[:len(good)-1], changed} {
		if _, err := parseSave("f", text, fileLimits); err == nil || !strings.HasPrefix(err.Error(), "f:") {
			t.Errorf("a damaged file of %d bytes: %v", len(text), err)
		}
	}
}

// TestLimits refuses what would take too long before anything runs.
func TestLimits(t *testing.T) {
	const head = "etcdscope session 1\nengine 1\nconfig {\"seed\":1}\nbranch \"A\"\n"
	var many strings.Builder
	for i := range 20 {
		fmt.Fprintf(&many, "@%d heal\n", i)
	}
	small := limits{bytes: 2000, commands: 10, events: 1000}
	for _, x := range [][2]string{
		{"end 1001 0 0\nat \"A\" 0 0\n", "f:5: end: want an event from 0 to 1000"},
		{"end 900 0 0\nbranch \"B\" from \"A\" after 0\nend 900 0 0\nat \"A\" 0 0\n", "1800 events to replay"},
		{"end 900 0 0\n" + many.String() + "at \"A\" 0 0\n", "f:16: more than 10 commands"},
		{strings.Repeat("# long\n", 400), "longer than 2000 bytes"},
		{"end 900 0 0\n", "want a line `at"},
	} {
		text, want := head+x[0], x[1]
		text += fmt.Sprintf("sum %08x\n", crc32.ChecksumIEEE([]byte(text)))
		if _, err := parseSave("f", text, small); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want something like %q", err, want)
		}
	}
}

// TestFiles saves and loads through the language.
func TestFiles(t *testing.T) {
	s := forked(t)
	want := now(s)
	name := filepath.Join(t.TempDir(), "my session")
	for _, line := range []string{"save '" + name + "'", "seed 3", "load '" + name + "'"} {
		if _, err := s.Exec(line); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	if now(s) != want {
		t.Errorf("%x after saving and loading, want %x", now(s), want)
	}
	if _, err := s.Exec("load " + filepath.Join(t.TempDir(), "missing")); err == nil {
		t.Error("a file that is not there was loaded")
	}
	if now(s) != want {
		t.Error("a load that failed changed the session")
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(saved(f, forked(f)))
	f.Add("etcdscope session 1\nengine 1\nconfig {\"seed\":1}\nbranch \"A\"\nend 3 0 0\n@0 put x 1\nat \"A\" 0 0\n")
	for _, line := range []string{
		`= {"Kind":1,"Members":[18446744073709551615]}`, `= {"Kind":24}`, `= {"Kind":11,"From":1,"To":2,"For":-5}`,
		"disk flip n1 wal 40", "disk fill n1 db 9", "slow-disk n1 1s", "wipe n1", `= {"Kind":200,"Disk":{"Verb":9}}`,
	} {
		f.Add("etcdscope session 1\nengine 1\nconfig {\"seed\":1}\nbranch \"A\"\nend 9 0 0\n@0 " + line + "\nat \"A\" 9 0\n")
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		small := limits{bytes: 1 << 16, commands: 100, events: 2000}
		for _, x := range []string{text, reseal(text)} {
			if s, err := load("f", x, Options{Dir: dir}, small); err == nil {
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

func FuzzOpen(f *testing.F) {
	f.Add(codeOf(f, forked(f)))
	f.Add("es1-AAAA")
	f.Add(reseal(forked(f).moments()))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		small := limits{bytes: 1 << 16, commands: 100, events: 2000}
		for _, code := range []string{text, pack(text)} {
			if s, err := open(code, Options{Dir: dir}, small); err == nil {
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

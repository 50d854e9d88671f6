package session

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"etcdscope/cluster"
)

// TestBackup saves a snapshot, looks at it, and starts another cluster with it, which a saved session brings back.
func TestBackup(t *testing.T) {
	s := begin(t, cluster.Config{Nodes: 3, Seed: 1}, Options{})
	file := filepath.Join(t.TempDir(), "backup.db")
	exec := func(lines ...string) (out string) {
		for _, line := range lines {
			var err error
			if out, err = s.Exec(line); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
		}
		return out
	}
	exec("run until size(leaders()) == 1 max 5s", "put x 1", "put y 2", "del x", "run 500ms", "snapshot save "+file)
	if _, err := os.Stat(file); err == nil {
		t.Error("the file is there before the database has come")
	}
	exec("run 1s")
	if got := exec("snapshot status " + file); !strings.Contains(got, "revision 4, 1 keys") {
		t.Errorf("status: %s", got)
	}
	exec("snapshot restore "+file+" --nodes 5 --bump-revision 100 --mark-compacted", "run 3s")
	var saved bytes.Buffer
	if err := s.Save(&saved); err != nil {
		t.Fatal(err)
	}
	back, err := Load("saved", &saved, Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := back.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, s := range []*Session{s, back} {
		for _, m := range s.View().Members {
			if kv, ok := m.Store.Get("y", 0); !ok || string(kv.Value) != "2" || m.Store.Revision != 104 {
				t.Errorf("n%d: y = %q (%v) at revision %d", m.ID, kv.Value, ok, m.Store.Revision)
			}
		}
		if n := len(s.View().Members); n != 5 {
			t.Errorf("%d members", n)
		}
		for _, v := range s.Violations() {
			t.Errorf("%s: %s", v.Name, v.Sentence)
		}
	}
	if s.StateHash() != back.StateHash() {
		t.Error("the saved session comes back in another state")
	}
}

// TestBrokenBackup: a member that dies while it sends its database leaves no file, and a damaged file is refused.
func TestBrokenBackup(t *testing.T) {
	s := begin(t, cluster.Config{Nodes: 1, Seed: 1}, Options{})
	file := filepath.Join(t.TempDir(), "backup.db")
	for _, line := range []string{
		"run until size(leaders()) == 1 max 5s", "put x 1", "run 500ms", "snapshot save " + file, "run 20ms", "crash n1",
		"restart n1", "run 2s",
	} {
		if _, err := s.Exec(line); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("half a database was written")
	}
	if err := os.WriteFile(file, bytes.Repeat([]byte("x"), 9000), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"snapshot status " + file, "snapshot restore " + file, "snapshot restore " + file + "no",
	} {
		out, err := s.Exec(line)
		if err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %q, %v", line, out, err)
		}
	}
	if s.View().Leader() == nil {
		t.Error("the session did not survive a refused restore")
	}
}

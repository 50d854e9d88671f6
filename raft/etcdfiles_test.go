package raft_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	etcd "go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/rafttest"
)

// TestEtcdInteractionFiles plays the files with which etcd tests its own raft, and compares the state of every node
// after every command. No file is left out. The files come with the module that the tests need anyway, so no
// network is used.
func TestEtcdInteractionFiles(t *testing.T) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "go.etcd.io/raft/v3").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)), "testdata", "*.txt"))
	if err != nil || len(files) < 28 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) { playEtcdFile(t, file) })
	}
}

func playEtcdFile(t *testing.T, file string) {
	env := rafttest.NewInteractionEnv(&rafttest.InteractionOpts{
		SetRandomizedElectionTimeout: func(node *etcd.RawNode, timeout int) {
			(&shadow{t: t, node: node}).set("randomizedElectionTimeout", timeout)
		},
	})
	ours := &mirror{t: t}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	datadriven.RunTestFromString(t, string(text), func(t *testing.T, d *datadriven.TestData) string {
		text := env.Handle(t, *d)
		ours.play(d)
		if diff := ours.compare(env); len(diff) > 0 {
			t.Fatalf("%s: after %s %v\n%s", d.Pos, d.Cmd, d.CmdArgs, strings.Join(diff, "\n"))
		}
		return text
	})
}

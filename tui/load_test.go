package tui

import (
	"path/filepath"
	"testing"

	"etcdscope/cluster"
)

// TestLoadOfASmallerCluster holds that a selection does not outlive its member: a load may bring fewer of them.
func TestLoadOfASmallerCluster(t *testing.T) {
	file := filepath.Join(t.TempDir(), "one")
	small := sandbox(t, 80, 24)
	small.write("put x 1").write("run 600ms").write("save " + file)
	if n := len(small.view().Members); n != 5 {
		t.Fatalf("%d members", n)
	}
	big := paused(t, cluster.Config{Seed: 3, Nodes: 9}, 80, 24)
	big.write("run 400ms").press("9", "c").press("9", "m").write("load " + file).press("y")
	if n := len(big.view().Members); n != 5 || int(big.m.selected) != 5 || big.m.message != 0 {
		t.Fatalf("%d members, n%d and message %d selected", n, big.m.selected, big.m.message)
	}
	big.press("x", "p", "r", "w", "esc", "v", "4")
	big.text()
	if big.view().Members[4].Down != "" {
		t.Fatalf("n5 is down after its restart: %s", big.view().Members[4].Down)
	}
}

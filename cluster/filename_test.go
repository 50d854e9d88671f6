package cluster

import (
	"testing"

	"etcdscope/raft"
)

// TestShortFileNames: a file is understood by the name that the panes draw, and a fault is that of this one file.
func TestShortFileNames(t *testing.T) {
	c := start(t, Config{Seed: 1, Nodes: 1})
	m := c.member(1)
	for _, verb := range []DiskVerb{DiskFill, DiskFlip, DiskRepair} {
		var e Event
		cmd := Command{Kind: Disk, Members: []raft.ID{1}, Disk: DiskSpec{Verb: verb, File: "0-0.wal", N: 10}}
		if err := c.Do(cmd, &e); err != nil || e.Note != "" {
			t.Fatal(verb, err, e.Note)
		}
		switch faults := m.disk.Faults(); {
		case verb == DiskRepair && len(faults) != 0:
			t.Errorf("after the repair there is %v", faults)
		case verb == DiskFill && (len(faults) != 1 || faults[0].File != "0000000000000000-0000000000000000.wal"):
			t.Errorf("the fault is %v", faults)
		}
	}
	var e Event
	missing := Command{Kind: Disk, Members: []raft.ID{1}, Disk: DiskSpec{Verb: DiskFlip, File: "1-0.wal"}}
	if err := c.Do(missing, &e); err == nil {
		t.Error("a bit flips in a file that is not there")
	}
}

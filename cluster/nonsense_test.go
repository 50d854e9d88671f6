package cluster

import (
	"testing"

	"etcdscope/cluster/clock"
	"etcdscope/raft"
)

// TestNonsense: a command that comes from a file may hold anything. It is refused or does something; it never panics.
func TestNonsense(t *testing.T) {
	ids := []raft.ID{0, 1, 3, 4, 1 << 40, ^raft.ID(0)}
	members := [][]raft.ID{nil}
	for _, id := range ids {
		members = append(members, []raft.ID{id}, []raft.ID{1, id, id})
	}
	for _, c := range strangeWorlds(t) {
		for kind := range CommandKind(80) {
			for i, list := range members {
				cmds := []Command{
					{Kind: kind, Members: list, Groups: [][]raft.ID{list, list}, From: ids[i%6], To: ids[(i+1)%6]},
					{Kind: kind, Members: list, Op: &OpSpec{}, For: -5, Percent: -1, Ticks: -1, Rate: -7},
					{
						Kind: kind, Members: list, Op: &OpSpec{
							Key: []byte("k"), Via: ids[i%6], Client: -1, Rev: -1, Limit: -1, TTL: -1, Lease: "x", Lock: "x",
						}, Disk: DiskSpec{Verb: 250, N: -5, Bit: 99}, For: 1 << 62, Ticks: 1 << 30,
						Msg: 1 << 63, Flag: "no", Value: "no", Rule: "no",
					},
				}
				for verb := range AuthVerb(20) {
					cmds = append(cmds, Command{Kind: kind, Op: &OpSpec{Auth: &AuthSpec{Verb: verb, User: "root"}, User: "x"}})
				}
				if kind >= Disk && kind <= Wipe {
					cmds = append(cmds, badDisks(kind, list)...)
				}
				for j := range cmds {
					nonsense(t, c, &cmds[j])
				}
			}
		}
	}
}

// strangeWorlds are a usual one, one whose members are being restored, and one with a member that compares its keys
// with the others' before it takes part.
func strangeWorlds(t *testing.T) []*Cluster {
	t.Helper()
	file, _ := savedFile(t)
	restoring := start(t, Config{Nodes: 3, Seed: 1, Restore: &Restore{Snapshot: file}})
	checking := start(t, Config{Nodes: 3, Seed: 1, Flags: Flags{InitialCorruptCheck: true}})
	var e Event
	restoring.Step(&e)
	runUntil(t, checking, 10*clock.Second, func() bool { return checking.leader() != raft.None })
	order(t, checking, Restart, []raft.ID{2})
	if restoring.member(1).restoring == nil || !checking.member(2).checking {
		t.Fatal("the worlds are not what they are to be")
	}
	return []*Cluster{start(t, Config{Nodes: 3, Seed: 1}), restoring, checking}
}

func badDisks(kind CommandKind, list []raft.ID) (out []Command) {
	for verb := range DiskVerb(9) {
		for i, file := range []string{"", "wal", "snap", "db", "../x"} {
			spec := DiskSpec{Verb: verb, File: file, N: int64(i)*7 - 1}
			cmd := Command{Kind: kind, Members: list, Disk: spec}
			out = append(out, cmd)
			cmd.For = 7
			out = append(out, cmd)
		}
	}
	return out
}

// nonsense gives a command to a clone, and lets a little happen.
func nonsense(t *testing.T, c *Cluster, cmd *Command) {
	t.Helper()
	defer func() {
		if r := recover(); r != nil {
			t.Fatalf("%+v: %v", *cmd, r)
		}
	}()
	d, err := c.Clone()
	if err != nil {
		t.Fatal(err)
	}
	defer closeCluster(t, d)
	var e Event
	before := d.now
	if d.Do(*cmd, &e) == nil {
		e.Sentence()
		for range 3 {
			d.Step(&e)
		}
		d.View()
	}
	if d.now < before {
		t.Fatalf("%+v: time went back to %v", *cmd, d.now)
	}
}

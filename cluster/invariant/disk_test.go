package invariant_test

import (
	"testing"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/raft"
)

// diskFault draws what goes wrong next with somebody's disk, and repairs as often as it breaks.
func (d *driver) diskFault() []cluster.Command {
	draw := clock.Draw(d.seed, 98, 0, 0, d.steps)
	id := []raft.ID{raft.ID(draw>>8%uint64(d.nodes) + 1)}
	file := []string{"", "wal", "db"}[draw>>16%3]
	spec := cluster.DiskSpec{File: file}
	switch draw % 8 {
	case 0:
		spec.Verb, spec.N = cluster.DiskFill, int64(draw>>20%20000)
	case 1:
		spec.Verb, spec.Kept = cluster.DiskFsyncError, draw>>20%2 == 0
	case 2:
		if d.c.View().Member(uint64(id[0])).Down == "power off" {
			return nil
		}
		spec.Verb, spec.N = cluster.DiskTear, int64(draw>>20%5)-1
		return []cluster.Command{
			{Kind: cluster.Disk, Members: id, Disk: spec}, {Kind: cluster.Poweroff, Members: id},
		}
	case 3:
		return []cluster.Command{{
			Kind: cluster.SlowDisk, Members: id, Disk: cluster.DiskSpec{File: file},
			For: clock.Time(draw>>20%400) * clock.Millisecond,
		}}
	default:
		return d.recovery()
	}
	return []cluster.Command{{Kind: cluster.Disk, Members: id, Disk: spec}}
}

// recovery repairs every disk and starts those again that are down. Their power is cut first: after a failed fsync the
// page cache holds what the platter does not, and a restart would believe it.
func (d *driver) recovery() []cluster.Command {
	var cmds []cluster.Command
	for _, m := range d.c.View().Members {
		id := []raft.ID{m.ID}
		cmds = append(cmds, cluster.Command{
			Kind: cluster.Disk, Members: id, Disk: cluster.DiskSpec{Verb: cluster.DiskRepair},
		})
		if m.Up {
			continue
		}
		if m.Down != "power off" {
			cmds = append(cmds, cluster.Command{Kind: cluster.Poweroff, Members: id})
		}
		cmds = append(cmds, cluster.Command{Kind: cluster.Restart, Members: id})
	}
	return cmds
}

// TestBadDisksLoseNothing: members whose disks are slow, full, torn or say EIO stop or wait; no invariant is broken,
// and none of them refuses what its disk holds when it starts again.
func TestBadDisksLoseNothing(t *testing.T) {
	stopped := 0
	for seed := range uint64(16) {
		d := newDriver(t, cluster.Config{Seed: seed, Nodes: int(seed%5) + 1, Profile: cluster.ProfileNames()[seed%2]}, true)
		for range 40 {
			for range 100 {
				d.step(false)
			}
			for _, cmd := range d.diskFault() {
				d.order(cmd)
			}
			for _, m := range d.c.View().Members {
				if !m.Up && m.Down != "power off" {
					stopped++
				}
			}
		}
		for _, cmd := range d.recovery() {
			d.order(cmd)
		}
		for _, m := range d.c.View().Members {
			if !m.Up {
				t.Errorf("seed %d: n%d does not start: %s", seed, m.ID, m.Down)
			}
		}
	}
	if stopped < 20 {
		t.Errorf("only %d members were seen down for a disk's error: the runs show little", stopped)
	}
}

// order gives a command and checks the event.
func (d *driver) order(cmd cluster.Command) {
	d.t.Helper()
	var e cluster.Event
	if err := d.c.Do(cmd, &e); err != nil {
		d.t.Fatalf("seed %d, %v: %v", d.seed, cmd.Kind, err)
	}
	for _, v := range d.checker.Check(&e, d.c.View) {
		d.t.Fatalf("seed %d, event %d, %s: %s\n%s", d.seed, e.ID, v.Name, v.Detail, e.Sentence())
	}
}

// TestRetriedFsync: a member that syncs again after EIO acknowledges what its disk does not hold (mutation 37), and the
// power takes it. With the rule in force it stops, and nothing is broken.
func TestRetriedFsync(t *testing.T) {
	for _, off := range [][]string{nil, {"stop-on-fsync-error"}} {
		d := newDriver(t, cluster.Config{Seed: 3, Nodes: 1, Off: off}, true)
		var e cluster.Event
		broken := map[string]bool{}
		follow := func(until clock.Time) {
			for d.c.Now() < until && d.c.Step(&e) {
				for _, v := range d.checker.Check(&e, d.c.View) {
					broken[v.Name] = true
				}
			}
		}
		follow(clock.Second)
		n1 := []raft.ID{1}
		d.order(cluster.Command{Kind: cluster.Disk, Members: n1, Disk: cluster.DiskSpec{Verb: cluster.DiskFsyncError}})
		d.order(cluster.Command{Kind: cluster.ClientPut, Op: &cluster.OpSpec{Key: []byte("x"), Value: []byte("1")}})
		follow(1050 * clock.Millisecond) // before the backend commits it
		acked := d.c.View().Ops[0].State == cluster.OpDone
		for _, kind := range []cluster.CommandKind{cluster.Poweroff, cluster.Restart} {
			d.order(cluster.Command{Kind: kind, Members: n1})
		}
		follow(3 * clock.Second)
		_, kept := d.c.View().Member(1).Store.Get("x", 0)
		if retried := len(off) > 0; acked != retried || broken["stop_on_disk_error"] != retried || kept {
			t.Errorf("off %v: acknowledged %v, kept %v, broken %v", off, acked, kept, broken)
		}
	}
}

package cluster

import (
	"fmt"
	"strings"
	"testing"

	"etcdscope/cluster/clock"
	"etcdscope/mvcc"
	"etcdscope/raft"
)

// chaos steps a cluster with a writing client and one fault every 150 events, all drawn from the seed.
type chaos struct {
	writer
	steps uint64
	seed  uint64
}

func (x *chaos) step(t testing.TB, e *Event) {
	x.steps++
	if cmd := x.storeCommand(); x.steps%50 == 25 && x.c.Do(cmd, e) == nil {
		return
	}
	if x.steps%150 != 0 {
		x.writer.step(t, e)
		return
	}
	draw := clock.Draw(x.seed, 99, 0, 0, x.steps)
	n := uint64(len(x.c.members))
	a, b := raft.ID(draw>>8%n+1), raft.ID(draw>>16%n+1)
	var cmd Command
	switch draw % 12 {
	case 8:
		cmd = Command{Kind: ClientMemberAdd, Op: &OpSpec{Member: &MemberSpec{Learner: draw>>24%2 == 0}}}
	case 9:
		cmd = Command{Kind: ClientMemberRemove, Op: &OpSpec{Member: &MemberSpec{ID: a}}}
	case 10:
		cmd = Command{Kind: ClientMemberPromote, Op: &OpSpec{Member: &MemberSpec{ID: raft.ID(n)}}}
	case 11:
		cmd = Command{Kind: Restart, Members: []raft.ID{raft.ID(n)}}
	case 0:
		cmd = Command{Kind: Crash, Members: []raft.ID{a}}
	case 1:
		cmd = Command{Kind: Poweroff, Members: []raft.ID{a}}
	case 2, 3:
		cmd = Command{Kind: Restart, Members: everybody(x.c)[:n-1]}
	case 4:
		cmd = Command{Kind: Partition, Groups: [][]raft.ID{{a, b}}}
	case 5:
		cmd = Command{Kind: Heal}
	case 6:
		cmd = Command{Kind: Hold, From: a, To: b}
	case 7:
		cmd = Command{Kind: Duplicate, From: a}
	}
	if x.c.Do(cmd, e) != nil {
		x.writer.step(t, e)
	}
}

// storeCommand is one about leases, compaction, watches, files, clocks or flags; some make no sense and are refused.
func (x *chaos) storeCommand() Command {
	draw := clock.Draw(x.seed, 98, 0, 0, x.steps)
	a := raft.ID(draw>>8%uint64(len(x.c.members)) + 1)
	key := fmt.Appendf(nil, "k%d", draw>>16%100)
	put := mvcc.Op{Put: &mvcc.PutOp{Key: key, Value: []byte("t")}}
	switch draw % 16 {
	case 0, 1:
		return Command{Kind: LeaseGrant, Op: &OpSpec{TTL: 1, Tag: "l"}}
	case 2, 3:
		return Command{Kind: ClientPut, Op: &OpSpec{Key: key, Value: []byte("v"), Lease: "l"}}
	case 4:
		return Command{Kind: LeaseKeepAlive, Op: &OpSpec{Lease: "l", Once: draw>>32%2 == 0, Tag: "k"}}
	case 5:
		return Command{Kind: LeaseRevoke, Op: &OpSpec{Lease: "l"}}
	case 6:
		return Command{Kind: ClientCompact, Op: &OpSpec{Now: true, Physical: draw>>32%2 == 0}}
	case 7:
		return Command{Kind: Defrag, Members: []raft.ID{a}}
	case 8:
		return Command{Kind: SetClock, Members: []raft.ID{a}, Rate: int64(draw>>32%3*750 + 500)}
	case 9:
		return Command{Kind: AlarmDisarm, Op: &OpSpec{}}
	case 10:
		flags := []string{
			"quota-backend-bytes 30000", "corrupt-check-time 1s", "auto-compaction-retention 1s",
			"quota-backend-bytes 0", "compact-hash-check-time 1s",
		}
		name, value, _ := strings.Cut(flags[draw>>32%uint64(len(flags))], " ")
		return Command{Kind: SetFlag, Flag: name, Value: value}
	case 12:
		return Command{Kind: ClientWatch, Op: &OpSpec{Key: []byte("k"), End: []byte("l"), Rev: 1, Tag: "w"}}
	case 13:
		return Command{Kind: SlowWatch + CommandKind(draw>>32%2), Op: &OpSpec{Tag: "w"}}
	case 14:
		return Command{Kind: WatchProgress, Op: &OpSpec{Tag: "w"}}
	case 15:
		if !x.c.config.On(ruleWipedStaysOut) {
			return Command{Kind: Wipe, Members: []raft.ID{a}}
		}
	}
	return Command{Kind: ClientTxn, Op: &OpSpec{Txn: &mvcc.TxnRequest{Success: []mvcc.Op{put}}}}
}

// frequent lets a few entries do for what etcd does after thousands.
var frequent = Flags{SnapshotCount: 5, SnapshotCatchUpEntries: 3, WALSegmentBytes: 2000}

// TestSameSeedSameHistory runs the same faults twice and compares the fingerprints of history and of state.
func TestSameSeedSameHistory(t *testing.T) {
	var hashes [2][2]uint64
	for i := range hashes {
		c := start(t, Config{Seed: 5, Flags: frequent})
		x := chaos{writer: writer{c: c}, seed: 5}
		var e Event
		for range 10_000 {
			x.step(t, &e)
		}
		hashes[i] = [2]uint64{c.EventHash(), c.StateHash()}
	}
	if hashes[0] != hashes[1] {
		t.Fatalf("two runs of one seed differ: %x and %x", hashes[0], hashes[1])
	}
}

// TestCloneGoesItsOwnWay runs a clone beside the original: without interference both live through the same, and
// what is done to one is not felt by the other.
func TestCloneGoesItsOwnWay(t *testing.T) {
	c := start(t, Config{Seed: 3, Flags: frequent})
	x := chaos{writer: writer{c: c}, seed: 3}
	var e Event
	for range 30 {
		for range 170 {
			x.step(t, &e)
		}
		d, err := c.Clone()
		if err != nil {
			t.Fatal(err)
		}
		y := x
		y.c = d
		disturbed, err := c.Clone()
		if err != nil {
			t.Fatal(err)
		}
		z := chaos{writer: writer{c: disturbed, n: 5000}, seed: 77, steps: x.steps}
		for range 300 {
			z.step(t, &e)
			y.step(t, &e)
		}
		for range 300 {
			x.step(t, &e)
		}
		if c.EventHash() != d.EventHash() || c.StateHash() != d.StateHash() {
			t.Fatalf("at event %d the clone has lived another history", c.Events())
		}
		closeCluster(t, d)
		closeCluster(t, disturbed)
	}
}

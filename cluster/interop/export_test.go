package interop

import (
	"bytes"
	"fmt"
	"path/filepath"
	"testing"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/server/v3/lease"
	"go.etcd.io/etcd/server/v3/storage/schema"
	"google.golang.org/protobuf/proto"

	"etcdscope/cluster"
	"etcdscope/mvcc"
	"etcdscope/raft"
	"etcdscope/raft/wal"
)

// replayed is a data directory that was opened by both sides, with every committed entry applied to both stores.
type replayed struct {
	outcome
	ours *mvcc.Store
	etcd *etcdStore
}

// replay opens a member's data directory as the member does: WAL, database, and the entries between consistent index
// and commit index. Each side has a directory of its own, since opening a log may repair it.
func replay(t *testing.T, c *cluster.Cluster, member raft.ID, what string) replayed {
	t.Helper()
	mine, dir := filepath.Join(t.TempDir(), "ours"), filepath.Join(t.TempDir(), "etcd")
	check(t, c.Export(member, mine))
	check(t, c.Export(member, dir))
	d, err := wal.OpenDir(walOf(mine))
	check(t, err)
	_, ours := openOurs(t, d, wal.Options{})
	check(t, d.Close())
	w, etcd := openEtcd(walOf(dir))
	if _, err := judge(ours, etcd); err != nil || w == nil {
		t.Fatalf("%s: WAL: %v, ours %v\netcd %v", what, err, ours, etcd)
	}
	check(t, w.Close())
	checkFile(t, dbOf(dir))
	r := replayed{outcome: ours, ours: openOurStore(t, t.TempDir(), dbOf(mine))}
	r.etcd = openEtcdStore(dbOf(dir))
	index, term := schema.ReadConsistentIndex(r.etcd.backend.ReadTx())
	if index != r.ours.ConsistentIndex() || term != r.ours.ConsistentTerm() {
		t.Fatalf("%s: etcd reads consistent index %d/t%d", what, index, term)
	}
	for i := range etcd.entries {
		if e := &etcd.entries[i]; uint64(e.Index) > index && e.Index <= etcd.state.Commit {
			r.apply(t, e)
		}
	}
	return r
}

// apply carries out one entry on both stores.
func (r *replayed) apply(t *testing.T, e *raft.Entry) {
	t.Helper()
	var req etcdserverpb.InternalRaftRequest
	check(t, proto.Unmarshal(e.Data, &req))
	ours, etcd := r.ours.Write(), r.etcd.write()
	switch {
	case req.Put != nil:
		ours.Put(req.Put.Key, req.Put.Value, req.Put.Lease, false)
		etcd.Put(req.Put.Key, req.Put.Value, lease.LeaseID(req.Put.Lease))
	case req.DeleteRange != nil:
		end := req.DeleteRange.RangeEnd
		switch {
		case len(end) == 0:
			end = nil
		case len(end) == 1 && end[0] == 0:
			end = []byte{}
		}
		ours.DeleteRange(req.DeleteRange.Key, end, false)
		etcd.DeleteRange(req.DeleteRange.Key, end)
	case len(e.Data) > 0:
		t.Fatalf("entry %d holds %v", e.Index, &req)
	}
	etcd.End()
	ours.End()
}

func (r *replayed) close(t *testing.T) {
	t.Helper()
	r.etcd.close(t)
	check(t, r.ours.Backend().Close())
}

// compareView reads from etcd's store what a member of the run shows, every key at every revision that both have.
func (r *replayed) compareView(t *testing.T, v *mvcc.View, what string) (read int) {
	t.Helper()
	keys := v.Keys(1 << 20)
	for rev := int64(1); rev <= min(v.Revision, r.etcd.kv.Rev()); rev++ {
		for _, k := range keys {
			kv, ok := v.Get(k.Key, rev)
			res, err := rangeEtcd(r.etcd.kv, []byte(k.Key), nil, mvcc.RangeOptions{Rev: rev})
			check(t, err)
			if ok != (len(res.KVs) == 1) || ok && !sameKV(kv, res.KVs[0]) {
				t.Fatalf("%s: %s at %d is %+v, etcd reads %+v", what, k.Key, rev, kv, res.KVs)
			}
			read++
		}
	}
	return read
}

// world is a cluster that a client keeps busy.
type world struct {
	*cluster.Cluster
	rounds int
}

func (w *world) do(t *testing.T, cmd cluster.Command) {
	t.Helper()
	var e cluster.Event
	check(t, w.Do(cmd, &e))
}

// steps makes n events, with a write for every tenth.
func (w *world) steps(t *testing.T, n int) {
	t.Helper()
	var e cluster.Event
	for i := range n {
		if i%10 == 0 {
			w.rounds++
			op := &cluster.OpSpec{Key: fmt.Append(nil, "k", w.rounds%13)}
			op.Value = bytes.Repeat(fmt.Append(nil, w.rounds, "."), w.rounds%200)
			cmd := cluster.Command{Kind: cluster.ClientPut, Op: op}
			if w.rounds%7 == 0 {
				op.Value, op.End = nil, []byte("k5")
				cmd.Kind = cluster.ClientDelete
			}
			w.do(t, cmd)
		}
		if !w.Step(&e) {
			t.Fatal("nothing happens any more")
		}
	}
}

// TestExport: the data directory of every member of a run with crashes and power cuts, taken at any event, is read by
// etcd: its log, its file, and after the committed entries every key at every revision.
func TestExport(t *testing.T) {
	c, err := cluster.New(cluster.Config{
		Seed: 7, Nodes: 3, Flags: cluster.Flags{WALSegmentBytes: 20_000},
	}, t.TempDir())
	check(t, err)
	w := &world{Cluster: c}
	read, repaired := 0, 0
	for round := range 12 * min(effort, 10) {
		w.steps(t, 257)
		victim := raft.ID(round%3 + 1)
		switch round % 4 {
		case 1:
			w.do(t, cluster.Command{Kind: cluster.Crash, Members: []raft.ID{victim}})
		case 2:
			w.do(t, cluster.Command{Kind: cluster.Poweroff, Members: []raft.ID{1, 2, 3}})
		}
		for id := raft.ID(1); id <= 3; id++ {
			what := fmt.Sprintf("event %d, member %d", c.Events(), id)
			r := replay(t, c, id, what)
			if r.metadata != (wal.Metadata{NodeID: uint64(id), ClusterID: 7}) {
				t.Errorf("%s: %+v", what, r.metadata)
			}
			if r.class == torn {
				repaired++
			}
			if m := c.View().Member(uint64(id)); m.Store != nil {
				read += r.compareView(t, m.Store, what)
			}
			read += compareAll(t, r.ours, r.etcd)
			r.close(t)
		}
		w.do(t, cluster.Command{Kind: cluster.Restart, Members: []raft.ID{1, 2, 3}})
	}
	check(t, c.Close())
	t.Logf("%d reads, %d torn tails", read, repaired)
	if read < 1000 {
		t.Error("the run shows nothing")
	}
}

package cluster

import (
	"errors"
	"fmt"

	"etcdscope/mvcc"
	"etcdscope/raft"
)

// Restore is a snapshot file that a new cluster begins with (etcdutl snapshot restore).
type Restore struct {
	Snapshot      []byte `json:"snapshot"`               // the content of the file
	BumpRevision  int64  `json:"bumpRevision,omitempty"` // how far the revision jumps: no watcher takes the past for new
	MarkCompacted bool   `json:"markCompacted,omitempty"`
}

// restored says whether the cluster began with a snapshot.
func (c *Config) restored() bool { return c.Restore != nil }

// clusterID tells clusters apart. A restored one is another cluster: no member of the first may talk to it.
func (c *Config) clusterID() uint64 {
	switch {
	case c.DataDir != nil:
		return c.DataDir.Cluster
	case !c.restored():
		return c.Seed
	}
	h := fingerprint(c.Seed)
	h.text(string(c.Restore.Snapshot))
	return uint64(h)
}

// checkRestore refuses a snapshot that cannot be restored, before anything is made of it.
func (c *Config) checkRestore(dir string) error {
	if !c.restored() {
		return nil
	}
	b, err := mvcc.OpenBytes(dir, c.Restore.Snapshot)
	if err == nil {
		err = errors.Join(b.RestoreSnapshot(c.restoreOptions()), b.Close())
	}
	if err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	return nil
}

// restoreOptions say what becomes of the database: that of a member of the new cluster.
func (c *Config) restoreOptions() mvcc.RestoreOptions {
	o := mvcc.RestoreOptions{BumpRevision: c.Restore.BumpRevision, MarkCompacted: c.Restore.MarkCompacted}
	for i := range c.Nodes {
		o.Members = append(o.Members, founder(raft.ID(i+1)))
	}
	return o
}

// restoredSnapshot is the snapshot that the log of a restored cluster begins with: its founders, at the last of their
// entries.
func (c *Config) restoredSnapshot() *raft.Snapshot {
	var s membership
	meta := raft.SnapshotMeta{Index: raft.Index(c.Nodes), Term: 1}
	for i := range c.Nodes {
		s.put(founder(raft.ID(i + 1)))
		meta.Conf.Voters = append(meta.Conf.Voters, raft.ID(i+1))
	}
	return &raft.Snapshot{Meta: meta, Data: s.encode()}
}

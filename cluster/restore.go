package cluster

import (
	"errors"
	"fmt"

	"etcdscope/mvcc"
	"etcdscope/raft"
	"etcdscope/raft/snap"
	"etcdscope/raft/wal"
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
	b, err := c.restoredBackend(dir)
	if err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	return b.Close()
}

// restoredBackend makes the database of a member of the new cluster.
func (c *Config) restoredBackend(dir string) (*mvcc.Backend, error) {
	b, err := mvcc.OpenBytes(dir, c.Restore.Snapshot)
	if err != nil {
		return nil, err
	}
	o := mvcc.RestoreOptions{BumpRevision: c.Restore.BumpRevision, MarkCompacted: c.Restore.MarkCompacted}
	for i := range c.Nodes {
		o.Members = append(o.Members, founder(raft.ID(i+1)))
	}
	if err := b.RestoreSnapshot(o); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// restore makes the data directory of a founder of a restored cluster: the database, a log of one entry for each
// founder, and a snapshot that says so.
func (c *Cluster) restore(m *member, log *wal.WAL) (err error) {
	if int(m.id) > c.config.Nodes {
		m.backend, err = mvcc.NewBackend(c.dir)
		return err
	}
	if m.backend, err = c.config.restoredBackend(c.dir); err != nil {
		return err
	}
	if err := c.bootstrap(m, log); err != nil {
		return err
	}
	var s membership
	meta := raft.SnapshotMeta{Index: raft.Index(c.config.Nodes), Term: 1}
	for i := range c.config.Nodes {
		s.put(founder(raft.ID(i + 1)))
		meta.Conf.Voters = append(meta.Conf.Voters, raft.ID(i+1))
	}
	if err := snap.Save(m.disk, &raft.Snapshot{Meta: meta, Data: s.encode()}); err != nil {
		return err
	}
	return log.SaveSnapshot(meta)
}

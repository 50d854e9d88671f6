package cluster

import (
	"encoding/json"
	"fmt"

	"etcdscope/mvcc"
	"etcdscope/raft"
	"etcdscope/raft/wal"
)

// format makes the data directory of a member that starts for the first time.
func (m *member) format(c *Cluster) error {
	log, err := wal.Create(m.disk, m.metadata(c), c.walOptions())
	if err != nil {
		return err
	}
	backend, err := mvcc.NewBackend(c.dir)
	m.backend = backend
	switch {
	case err != nil:
		return err
	case c.config.bootstraps():
		return c.bootstrap(m, log)
	}
	return c.founding(m)
}

// bootstraps says whether the log begins with the founding members, as etcd's does. In the paper, and in profile paper,
// the first configuration is known beforehand and the log begins empty.
func (c *Config) bootstraps() bool {
	if c.DataDir != nil {
		return c.DataDir.Founders
	}
	return c.Profile == profileEtcd || c.restored()
}

// bootstrap writes the beginning of etcd's log (RawNode.Bootstrap): one committed entry of term 1 for each founder. Who
// joins later gets them from the leader.
func (c *Cluster) bootstrap(m *member, log *wal.WAL) error {
	if int(m.id) > c.config.Nodes {
		return nil
	}
	if err := c.writeFounders(log); err != nil {
		return err
	}
	return log.Sync()
}

func (c *Cluster) writeFounders(log *wal.WAL) error {
	var entries []raft.Entry
	for i := range c.config.Nodes {
		x := founder(raft.ID(i + 1))
		text, err := json.Marshal(x)
		if err != nil {
			return fmt.Errorf("member %d: %w", x.ID, err)
		}
		add := []raft.ConfChangeSingle{{Type: raft.ConfChangeAddNode, Node: raft.ID(x.ID)}}
		change := raft.ConfChange{V1: true, Changes: add, Context: text}
		t, data := change.Encode()
		entries = append(entries, raft.Entry{Term: 1, Index: raft.Index(i + 1), Type: t, Data: data})
	}
	_, err := log.Save(&raft.HardState{Term: 1, Commit: raft.Index(len(entries))}, entries)
	return err
}

// founding writes the first configuration into a new database: who joins later is told it too, as etcd's
// --initial-cluster does.
func (c *Cluster) founding(m *member) error {
	store, err := mvcc.Open(m.backend)
	if err != nil {
		return err
	}
	var s membership
	for _, id := range c.firstConf().Voters {
		s.put(founder(id))
		if err := s.save(uint64(id), store); err != nil {
			return err
		}
	}
	if err := saveConf(c.firstConf(), store); err != nil {
		return err
	}
	return store.Commit()
}

// founder is a member that is there from the beginning.
func founder(id raft.ID) mvcc.Member {
	n := uint64(id)
	return mvcc.Member{ID: n, Name: name(id), PeerURLs: []string{peerURL(n)}, ClientURLs: []string{clientURL(n)}}
}

// firstConf is the configuration that was known before the log began.
func (c *Cluster) firstConf() (conf raft.ConfState) {
	if c.config.bootstraps() {
		return conf
	}
	for i := range c.config.Nodes {
		conf.Voters = append(conf.Voters, raft.ID(i+1))
	}
	return conf
}

func (m *member) metadata(c *Cluster) wal.Metadata {
	return wal.Metadata{NodeID: uint64(m.id), ClusterID: c.config.clusterID()}
}

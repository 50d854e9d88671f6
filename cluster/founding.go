package cluster

import (
	"etcdscope/mvcc"
	"etcdscope/raft"
	"etcdscope/raft/wal"
)

// format makes the data directory of a member that starts for the first time.
func (m *member) format(c *Cluster) error {
	if _, err := wal.Create(m.disk, m.metadata(c), c.walOptions()); err != nil {
		return err
	}
	backend, err := mvcc.NewBackend(c.dir)
	m.backend = backend
	if err != nil {
		return err
	}
	return c.founding(m)
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
		n := uint64(id)
		s.put(mvcc.Member{ID: n, Name: name(id), PeerURLs: []string{peerURL(n)}, ClientURLs: []string{clientURL(n)}})
		if err := s.save(n, store); err != nil {
			return err
		}
	}
	if err := saveConf(c.firstConf(), store); err != nil {
		return err
	}
	return store.Commit()
}

// firstConf is the configuration that the cluster began with.
func (c *Cluster) firstConf() (conf raft.ConfState) {
	for i := range c.config.Nodes {
		conf.Voters = append(conf.Voters, raft.ID(i+1))
	}
	return conf
}

func (m *member) metadata(c *Cluster) wal.Metadata {
	return wal.Metadata{NodeID: uint64(m.id), ClusterID: c.config.Seed}
}

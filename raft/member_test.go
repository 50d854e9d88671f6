package raft_test

import (
	"slices"

	"etcdscope/raft"
)

// member is one node with the driver around it: a disk, Readys that are not durable, a state machine.
type member struct {
	node    *raft.Node
	cfg     raft.Config
	disk    raft.Persisted // what is synced
	queue   []raft.Ready   // handed out, not durable
	pending []raft.Entry   // handed out, not applied
	applied []raft.Entry   // what the state machine took, except what came by snapshot
	conf    raft.ConfState // after applied
	at      raft.SnapshotMeta
	down    bool
}

// boot starts the node from its disk, with a state machine that knows everything up to applied.
func (m *member) boot(applied raft.Index) error {
	m.disk.Applied = max(applied, m.disk.Snapshot.Index)
	m.conf, m.at = m.disk.Snapshot.Conf, m.disk.Snapshot
	m.applied = nil
	for _, e := range m.disk.Entries {
		if e.Index <= m.disk.Applied {
			m.take(e)
		}
	}
	node, err := raft.New(m.cfg, m.disk)
	if err != nil {
		return err
	}
	m.node, m.down, m.queue, m.pending = node, false, nil, nil
	return nil
}

// take applies an entry to the state machine, without telling the node.
func (m *member) take(e raft.Entry) {
	if c, err := raft.DecodeConfChange(e.Type, e.Data); err == nil {
		if next, err := m.conf.Change(c); err == nil {
			m.conf = next
		}
	}
	m.applied = append(m.applied, e)
	m.at = raft.SnapshotMeta{Index: e.Index, Term: e.Term, Conf: m.conf}
}

// apply applies the oldest pending entry and puts its configuration into force.
func (m *member) apply() raft.Entry {
	e := m.pending[0]
	m.pending = m.pending[1:]
	m.take(e)
	if c, err := raft.DecodeConfChange(e.Type, e.Data); err == nil {
		if conf, err := m.node.ApplyConfChange(c); err == nil {
			m.conf, m.at.Conf = conf, conf
		}
	}
	return e
}

// persist writes a Ready to disk, as a WAL does: snapshot, truncate, append, state. A snapshot also replaces the
// state machine.
func (m *member) persist(rd raft.Ready) {
	persist(&m.disk, rd)
	if rd.Snapshot == nil {
		return
	}
	m.at, m.conf = rd.Snapshot.Meta, rd.Snapshot.Meta.Conf
	m.pending = slices.DeleteFunc(m.pending, func(e raft.Entry) bool { return e.Index <= m.at.Index })
}

func persist(disk *raft.Persisted, rd raft.Ready) {
	if rd.Snapshot != nil {
		disk.Snapshot, disk.Entries = rd.Snapshot.Meta, nil
		disk.HardState.Commit = max(disk.HardState.Commit, rd.Snapshot.Meta.Index)
	}
	if len(rd.Entries) > 0 {
		keep := rd.Entries[0].Index - 1 - disk.Snapshot.Index
		disk.Entries = append(slices.Clip(disk.Entries[:keep]), rd.Entries...)
	}
	if rd.HardState != nil {
		disk.HardState = *rd.HardState
	}
}

// compact takes a snapshot of the state machine, keeps it on disk, and discards the log up to index.
func (m *member) compact(index raft.Index) {
	meta := m.at
	if last := m.disk.Snapshot.Index + raft.Index(len(m.disk.Entries)); meta.Index <= last {
		m.disk.Entries = slices.Clone(m.disk.Entries[meta.Index-m.disk.Snapshot.Index:])
		m.disk.Snapshot = meta
		m.disk.HardState.Commit = max(m.disk.HardState.Commit, meta.Index)
	}
	m.node.OfferSnapshot(meta)
	m.node.Compact(index)
}

// holds says whether the disk holds the entry, or a snapshot of something behind it.
func (m *member) holds(i raft.Index, t raft.Term) bool {
	if i <= m.disk.Snapshot.Index {
		return true
	}
	at := i - m.disk.Snapshot.Index - 1
	return at < raft.Index(len(m.disk.Entries)) && m.disk.Entries[at].Term == t
}

// lastOnDisk is the last index that the disk holds.
func (m *member) lastOnDisk() raft.Index {
	return m.disk.Snapshot.Index + raft.Index(len(m.disk.Entries))
}

package cluster

import "etcdscope/raft"

// wantSnapshot begins a snapshot when enough entries were applied since the last (etcd --snapshot-count).
func (m *member) wantSnapshot(c *Cluster, e *Event) {
	if m.saving.Index > 0 || int(m.applied-m.saved) <= c.config.Flags.snapshotCount() {
		return
	}
	m.saving.Index = m.applied
	c.after(0, item{kind: SnapshotSave, member: m.id, inc: m.inc, cause: e.ID})
}

// snapshotSave commits the backend, so that the database is at least as new as the snapshot, and writes the snapshot
// file.
func (m *member) snapshotSave(c *Cluster, e *Event) bool {
	if m.batch || m.installing { // they come first
		c.after(c.config.Timing.Fsync, item{kind: SnapshotSave, member: m.id, inc: m.inc, cause: e.Causes[0]})
		return false
	}
	if err := m.store.Commit(); err != nil {
		e.Note = err.Error()
		m.kill(c, "backend: "+err.Error(), e.ID)
		return true
	}
	m.saving = raft.SnapshotMeta{
		Index: m.applied, Term: raft.Term(m.store.ConsistentTerm()), Conf: m.node.View().Conf,
	}
	e.Term, e.Index, m.dirty = m.saving.Term, m.saving.Index, true
	c.after(m.fsyncTime(c, snapFiles), item{kind: SnapshotDone, member: m.id, inc: m.inc, cause: e.ID})
	return true
}

// snapshotDone is the moment at which the file is durable. Then, and not before, the WAL names it: a record without its
// file would leave a member that cannot start.
func (m *member) snapshotDone(c *Cluster, e *Event) bool {
	meta := m.saving
	m.saving = raft.SnapshotMeta{}
	e.Term, e.Index, m.dirty = meta.Term, meta.Index, true
	if meta.Index <= m.saved { // a leader's was newer
		return true
	}
	if err := m.wal.SaveSnapshot(meta); err != nil {
		e.Note = err.Error()
		m.kill(c, "WAL: "+err.Error(), e.ID)
		return true
	}
	m.saved = meta.Index
	return true
}

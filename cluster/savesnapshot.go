package cluster

import (
	"errors"
	"strings"

	"etcdscope/cluster/clock"
	"etcdscope/raft"
	"etcdscope/raft/snap"
	"etcdscope/raft/wal"
)

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
	if m.batch || m.installing || m.defrag != nil { // they come first
		c.after(c.config.Timing.Fsync, item{kind: SnapshotSave, member: m.id, inc: m.inc, cause: e.Causes[0]})
		return false
	}
	if err := m.store.Commit(); err != nil {
		m.fail(c, "backend: ", err, e)
		return true
	}
	m.saving = m.snapshotNow()
	e.Term, e.Index = m.saving.Term, m.saving.Index
	if !m.writeSnapshot(c, &raft.Snapshot{Meta: m.saving, Data: m.membership.encode()}, e) {
		return true
	}
	if !c.config.On(ruleSnapshotFileFirst) {
		if err := m.wal.SaveSnapshot(m.saving); err != nil {
			m.fail(c, "WAL: ", err, e)
			return true
		}
		if m.releaseFiles(c, m.saving.Index, e); !m.up {
			return true
		}
	}
	c.after(m.fsyncTime(c, snapFiles), item{kind: SnapshotDone, member: m.id, inc: m.inc, cause: e.ID})
	return true
}

// snapshotNow describes what is applied.
func (m *member) snapshotNow() raft.SnapshotMeta {
	return raft.SnapshotMeta{
		Index: m.applied, Term: raft.Term(m.store.ConsistentTerm()), Conf: m.node.View().Conf,
	}
}

// writeSnapshot puts a snapshot file into the page cache; false means that the disk refused and the member is down.
func (m *member) writeSnapshot(c *Cluster, s *raft.Snapshot, e *Event) bool {
	m.dirty = true
	if _, err := snap.Write(m.disk, s); err != nil {
		m.fail(c, "snapshot: ", err, e)
		return false
	}
	return true
}

// fail stops a member that cannot trust its disk.
func (m *member) fail(c *Cluster, what string, err error, e *Event) {
	e.Note, e.Failed = err.Error(), true
	m.kill(c, what+err.Error(), e.ID)
}

// snapshotDone is the moment at which the file is durable. Then, and not before, the WAL names it: a record without its
// file would leave a member that cannot start. What neither file is needed for is released.
func (m *member) snapshotDone(c *Cluster, e *Event) bool {
	meta := m.saving
	m.saving = raft.SnapshotMeta{}
	e.Term, e.Index, m.dirty = meta.Term, meta.Index, true
	if meta.Index <= m.saved { // a leader's was newer
		return true
	}
	if err := m.nameSnapshot(meta); err != nil {
		m.fail(c, "WAL: ", err, e)
		return true
	}
	m.releaseFiles(c, meta.Index, e)
	return true
}

// nameSnapshot makes the file of a snapshot durable and writes its record.
func (m *member) nameSnapshot(meta raft.SnapshotMeta) error {
	if err := snap.Sync(m.disk, snap.Name(meta)); err != nil {
		return err
	}
	if err := m.wal.SaveSnapshot(meta); err != nil {
		return err
	}
	m.saved = meta.Index
	return nil
}

// fileSnapshot writes the file of a leader's snapshot; the WAL is written when that is durable.
func (m *member) fileSnapshot(c *Cluster, e *Event) bool {
	s := m.toWrite[0].snapshot
	e.Kind, e.Term, e.Index = SnapshotSave, s.Meta.Term, s.Meta.Index
	if m.writeSnapshot(c, s, e) {
		m.filing = e.ID
		c.after(m.fsyncTime(c, snapFiles), item{kind: WALWrite, member: m.id, inc: m.inc, cause: e.ID})
	}
	return true
}

// purgeEvery is how often etcd looks for files that nobody needs (purgeFileInterval).
const purgeEvery = 30 * clock.Second

// releaseFiles lets go of segments and databases before index and plans to remove what is too much.
func (m *member) releaseFiles(c *Cluster, index raft.Index, e *Event) {
	m.wal.Release(index)
	if _, err := snap.ReleaseDBs(m.disk, index); err != nil {
		m.fail(c, "snapshot: ", err, e)
		return
	}
	m.wantPurge(c, e.ID)
}

// wantPurge plans the next round when there are more files of a kind than etcd keeps (--max-wals, --max-snapshots).
func (m *member) wantPurge(c *Cluster, by uint64) {
	segments, snapshots := 0, len(snap.List(m.disk))
	for _, name := range m.disk.Names() {
		if strings.HasSuffix(name, ".wal") {
			segments++
		}
	}
	if m.purgeDue || max(segments, snapshots) <= snap.MaxFiles {
		return
	}
	m.purgeDue = true
	c.queue.Push((c.now/purgeEvery+1)*purgeEvery, item{kind: FilePurge, member: m.id, inc: m.inc, cause: by})
}

// purge removes old files.
func (m *member) purge(c *Cluster, e *Event) bool {
	m.purgeDue, m.dirty = false, true
	segments, err := m.wal.Purge(snap.MaxFiles)
	if err != nil {
		m.fail(c, "WAL: ", err, e)
		return true
	}
	files, err := snap.Purge(m.disk, snap.MaxFiles)
	if err != nil {
		m.fail(c, "snapshot: ", err, e)
		return true
	}
	e.N = len(segments) + len(files)
	e.Note = strings.Join(append(segments, files...), ", ")
	return e.N > 0
}

// openLog opens the WAL where etcd does: behind the newest snapshot that it names and whose file can be read.
func (m *member) openLog(c *Cluster) (*wal.WAL, wal.Recovered, error) {
	log, found, err := wal.Open(m.disk, c.walOptions())
	if err != nil || found.Snapshot.Index == 0 {
		return log, found, err
	}
	if _, err := snap.Read(m.disk, snap.Name(found.Snapshot)); err == nil {
		return log, found, nil
	}
	records, err := wal.ValidSnapshotEntries(m.disk, c.walOptions())
	if err != nil {
		return nil, found, err
	}
	newest, _, err := snap.LoadNewestAvailable(m.disk, records)
	if err != nil && !errors.Is(err, snap.ErrNoSnapshot) {
		return nil, found, err
	}
	return wal.OpenAt(m.disk, newest.Meta, c.walOptions())
}

// encode is the membership as a snapshot file holds it.
func (s *membership) encode() []byte {
	out := snap.Membership{Removed: s.removed}
	for _, m := range s.members {
		out.Members = append(out.Members, snap.Member{
			ID: m.ID, PeerURLs: m.PeerURLs, Learner: m.IsLearner, Name: m.Name, ClientURLs: m.ClientURLs,
		})
	}
	data, err := out.Encode()
	if err != nil {
		panic("a membership is plain data: " + err.Error())
	}
	return data
}

// walOptions are the settings of the member's log.
func (c *Cluster) walOptions() wal.Options {
	return wal.Options{SegmentSize: c.config.Flags.WALSegmentBytes, Rules: c.config.ruleSet().wal}
}

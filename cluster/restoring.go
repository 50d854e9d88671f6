package cluster

import (
	"fmt"

	"etcdscope/cluster/clock"
	"etcdscope/mvcc"
	"etcdscope/raft"
	"etcdscope/raft/snap"
	"etcdscope/raft/wal"
)

// restoring is etcdutl snapshot restore at work on a member's data directory, a process before the member's own. What
// it leaves when it is stopped is what the member would start on.
type restoring struct {
	step int      // of restoreSteps: what comes next
	log  *wal.WAL // nil until it is made
}

func (r *restoring) clone(d wal.Disk) *restoring {
	if r == nil {
		return nil
	}
	n := *r
	if r.log != nil {
		n.log = r.log.Clone(d)
	}
	return &n
}

// restoreSteps are what etcdutl does, in its order, and how it is told; N is how many founders there are. One
// transaction makes the database that of the new cluster: etcdutl needs four, the last of them behind the WAL.
var restoreSteps = [...]struct {
	file     string // whose fsync the step waits for
	sentence string
	do       func(*member, *Cluster) error
}{
	{mvcc.DeviceFile, "the snapshot is copied to the database of %s, and its checksum is right", (*member).restoreCopy},
	{mvcc.DeviceFile, "the database of %s is that of a member of the new cluster", (*member).restoreRows},
	{"wal", "the WAL of %s is made", (*member).restoreLog},
	{"wal", "the WAL of %s gets an entry for each founder (page cache)", (*member).restoreEntries},
	{"wal", "the entries of the founders are on the platter of %s", (*member).restoreSync},
	{snapFiles, "the snapshot file of %s is written (page cache)", (*member).restoreFile},
	{snapFiles, "the snapshot file of %s is on the platter, and its WAL names it", (*member).restoreRecord},
}

// DownRestoring is why a member is down whose data directory is being made of a snapshot.
const DownRestoring = "being restored"

// restores says whether the data directory of a member comes from the snapshot: that of a founder which never ran.
func (c *Cluster) restores(m *member) bool {
	return c.config.restored() && int(m.id) <= c.config.Nodes && !m.ran
}

// beginRestore starts the tool in an empty directory.
func (m *member) beginRestore(c *Cluster, by uint64) {
	m.restoring, m.down, m.dirty = &restoring{}, DownRestoring, true
	m.nextRestoreStep(c, by)
}

func (m *member) nextRestoreStep(c *Cluster, by uint64) {
	after := c.config.Timing.Apply // to start the member
	if at := m.restoring.step; at < len(restoreSteps) {
		after = m.fsyncTime(c, restoreSteps[at].file)
	}
	c.after(after, item{kind: RestoreStep, member: m.id, inc: m.inc, cause: by})
}

// restoreStep does what is next; when nothing is left the member starts.
func (m *member) restoreStep(c *Cluster, e *Event) bool {
	r := m.restoring
	e.N, m.dirty = r.step, true
	if r.step == len(restoreSteps) {
		m.restoring = nil
		m.start(c)
		e.Inc, e.Note = m.inc, m.down
		return true
	}
	if err := restoreSteps[r.step].do(m, c); err != nil {
		m.fail(c, "restore: ", err, e)
		return true
	}
	r.step++
	m.nextRestoreStep(c, e.ID)
	return true
}

// stopRestore ends the tool. A copy that was under way is short, and so is one that the power cut met before its fsync.
func (m *member) stopRestore(c *Cluster, why string) {
	copied := m.restoring.step
	m.restoring = nil
	c.queue.RemoveIf(func(it *clock.Item[item]) bool { return it.What.kind == RestoreStep && it.What.member == m.id })
	if copied > 1 || copied == 1 && why != downPower {
		return
	}
	whole := c.config.Restore.Snapshot
	draw := clock.Draw(c.config.Seed, clock.ForTear, uint64(m.id), uint64(m.inc), c.events)
	short, err := mvcc.AsFound(c.dir, whole[:draw%uint64(len(whole))])
	if err == nil && m.backend != nil {
		err = m.backend.Close()
	}
	if m.backend = short; err != nil {
		m.down = err.Error()
	}
}

// unfinished is why a member does not start on what a stopped restore left.
func unfinished(id raft.ID, found string) string {
	return fmt.Sprintf("the restore did not end (%s): wipe %s and restart it", found, name(id))
}

func (m *member) restoreCopy(c *Cluster) (err error) {
	m.backend, err = mvcc.OpenBytes(c.dir, c.config.Restore.Snapshot)
	if err == nil {
		m.backend.On(m.disk)
	}
	return err
}

func (m *member) restoreRows(c *Cluster) error {
	return m.backend.RestoreSnapshot(c.config.restoreOptions())
}

func (m *member) restoreLog(c *Cluster) (err error) {
	m.restoring.log, err = wal.Create(m.disk, m.metadata(c), c.walOptions())
	return err
}

func (m *member) restoreEntries(c *Cluster) error { return c.writeFounders(m.restoring.log) }

func (m *member) restoreSync(*Cluster) error { return m.restoring.log.Sync() }

func (m *member) restoreFile(c *Cluster) error {
	_, err := snap.Write(m.disk, c.config.restoredSnapshot())
	return err
}

func (m *member) restoreRecord(c *Cluster) error {
	meta := c.config.restoredSnapshot().Meta
	if err := snap.Sync(m.disk, snap.Name(meta)); err != nil {
		return err
	}
	return m.restoring.log.SaveSnapshot(meta)
}

package cluster

import "etcdscope/raft"

// write puts the records of the oldest waiting Ready into the page cache. Readys without records that wait
// behind it follow; one that needs no fsync is durable enough at once when nothing is unsynced before it.
func (m *member) write(c *Cluster, e *Event) bool {
	if len(m.toWrite) == 0 || m.filing != 0 && e.Causes[0] != m.filing {
		return false
	}
	if m.toWrite[0].snapshot != nil && m.filing == 0 {
		return m.fileSnapshot(c, e)
	}
	p := m.toWrite[0]
	m.toWrite = m.toWrite[1:]
	e.Causes[0], e.N = p.by, len(p.entries)
	if n := len(p.entries); n > 0 {
		e.Term, e.Index = p.entries[n-1].Term, p.entries[n-1].Index
		e.Op, _ = c.proposals.get(e.Term, e.Index)
	} else if p.hard != nil {
		e.Term = p.hard.Term
	}
	if err := m.save(&p, e); err != nil {
		m.fail(c, "WAL: ", err, e)
		return true
	}
	m.dirty = true
	p.by, p.op = e.ID, e.Op
	m.unsynced = append(m.unsynced, p)
	for len(m.toWrite) > 0 && !m.toWrite[0].records() {
		m.unsynced = append(m.unsynced, m.toWrite[0])
		m.toWrite = m.toWrite[1:]
	}
	m.release(c, e, 0)
	m.wantFsync(c)
	if m.filing != 0 {
		m.filing = 0
		for range m.toWrite { // they waited for the file
			c.after(0, item{kind: WALWrite, member: m.id, inc: m.inc, cause: e.ID})
		}
	}
	return true
}

// save writes what the WAL must hold of a Ready: a snapshot first, for the log begins behind it.
func (m *member) save(p *pending, e *Event) error {
	if p.snapshot != nil {
		e.Snapshot = p.snapshot.Meta.Index
		if err := m.nameSnapshot(p.snapshot.Meta); err != nil {
			return err
		}
	}
	sync, err := m.wal.Save(p.hard, p.entries)
	p.mustSync = sync || p.snapshot != nil
	return err
}

// wantFsync starts an fsync if something needs one and none is running.
func (m *member) wantFsync(c *Cluster) {
	if m.syncing || len(m.unsynced) == 0 {
		return
	}
	m.syncing = true
	first := &m.unsynced[0]
	c.after(0, item{kind: FsyncStart, member: m.id, inc: m.inc, cause: first.by, op: first.op})
}

// fsyncStart fixes what this fsync will make durable: everything written until now.
func (m *member) fsyncStart(c *Cluster, e *Event) bool {
	if len(m.unsynced) == 0 {
		m.syncing = false
		return false
	}
	last := &m.unsynced[len(m.unsynced)-1]
	e.Causes[0], e.Op = last.by, last.op
	e.Index = lastIndex(m.unsynced)
	m.mark, m.markSeq, m.dirty = m.disk.Begin(), last.seq, true
	c.after(m.fsyncTime(c, m.tail()), item{kind: FsyncDone, member: m.id, inc: m.inc, cause: e.ID, op: e.Op})
	return true
}

// fsyncDone makes it durable: the node counts its own copy and promises leave.
func (m *member) fsyncDone(c *Cluster, e *Event) bool {
	if err := m.disk.Complete(m.mark); err != nil {
		return m.fsyncFailed(c, e, err)
	}
	m.syncing, m.dirty = false, true
	m.synced = m.markSeq
	covered := 0
	for covered < len(m.unsynced) && m.unsynced[covered].seq <= m.markSeq {
		covered++
	}
	e.Index = lastIndex(m.unsynced[:covered])
	m.release(c, e, m.markSeq)
	m.drain(c, e)
	m.wantApply(c)
	m.wantFsync(c)
	return true
}

// records says whether a Ready has something for the WAL.
func (p *pending) records() bool { return p.hard != nil || len(p.entries) > 0 || p.snapshot != nil }

// release lets go of the Readys that are durable, and of those behind them that need no fsync of their own. One with a
// snapshot waits until that is installed.
func (m *member) release(c *Cluster, e *Event, seq uint64) {
	n := 0
	for n < len(m.unsynced) && m.unsynced[n].snapshot == nil &&
		(m.unsynced[n].seq <= m.synced || !m.unsynced[n].mustSync) {
		n++
	}
	if n < len(m.unsynced) && m.unsynced[n].snapshot != nil && m.unsynced[n].seq <= m.synced {
		m.wantInstall(c, e.ID)
	}
	if n == 0 {
		return
	}
	m.node.Durable(m.unsynced[n-1].seq)
	for i := range m.unsynced[:n] {
		c.send(m, m.unsynced[i].afterSync, e)
	}
	m.unsynced = m.unsynced[n:]
	if seq == 0 {
		m.drain(c, e)
	}
}

func lastIndex(list []pending) raft.Index {
	for i := len(list) - 1; i >= 0; i-- {
		if n := len(list[i].entries); n > 0 {
			return list[i].entries[n-1].Index
		}
	}
	return 0
}

package cluster

import (
	"fmt"
	"slices"

	"etcdscope/cluster/clock"
	"etcdscope/cluster/network"
	"etcdscope/mvcc"
	"etcdscope/raft"
)

// memorySnapshots is after how many entries etcd takes a snapshot for those who are behind. It costs nothing: what is
// sent is the database of the moment of sending.
const memorySnapshots = 100

// snapDB is a database that came from a leader and has not replaced the member's own yet (etcd's NNN.snap.db).
type snapDB struct {
	index raft.Index
	file  *mvcc.Backend
}

func (d *snapDB) name() string { return fmt.Sprintf("%016x.snap.db", uint64(d.index)) }

// offer lets Raft send a snapshot of what is applied, and discards what nobody needs: all but the newest entries, which
// a follower that is not far behind can still get one by one. While somebody receives a snapshot nothing is discarded,
// or it would need the next one as soon as it has this one.
func (m *member) offer(c *Cluster) {
	every := min(memorySnapshots, c.config.Flags.snapshotCount())
	if int(m.applied-m.offered) <= every {
		return
	}
	m.node.OfferSnapshot(m.snapshotNow())
	m.offered = m.applied
	sending := func(p raft.Progress) bool {
		return p.State == raft.SnapshotSend && c.config.On(ruleKeepWhileSending)
	}
	keep := raft.Index(c.config.Flags.catchUp())
	if !c.config.On(ruleKeepCatchUp) {
		keep = 0
	}
	if m.applied > keep && !slices.ContainsFunc(m.node.View().Progress, sending) {
		m.node.Compact(m.applied - keep)
	}
}

// attach puts the state machine into a snapshot message: not as of the index that Raft offered, but as of now (etcd
// createMergedSnapshotMessage).
func (m *member) attach(c *Cluster, msg *Message) error {
	if m.defrag != nil {
		return mvcc.ErrDefragmenting // Raft tries again
	}
	if err := m.store.Commit(); err != nil {
		return err
	}
	file, err := m.backend.Clone()
	if err != nil {
		return err
	}
	file.Settle()
	meta := msg.Snapshot.Meta
	if c.config.On(ruleSnapshotOfNow) {
		meta = m.snapshotNow()
	}
	msg.Snapshot = &raft.Snapshot{Meta: meta, Data: m.membership.encode()}
	msg.db, msg.Size = file, file.Size()
	return nil
}

// streamTime is how long a link needs for a database.
func (c *Cluster) streamTime(bytes int64) clock.Time {
	return clock.Time(bytes) * clock.Second / clock.Time(c.config.Timing.SnapshotRate)
}

// receive takes the whole stream in: the database goes to a file of its own first.
func (m *member) receive(c *Cluster, msg *Message, e *Event) {
	m.receiving = append(m.receiving, msg)
	c.after(m.fsyncTime(c, snapFiles), item{kind: SnapshotReceived, member: m.id, inc: m.inc, msg: msg, cause: e.ID})
}

// snapshotReceived is the moment at which that file is durable: only now Raft gets the message.
func (m *member) snapshotReceived(c *Cluster, it *item, e *Event) bool {
	msg := it.msg
	m.receiving = slices.DeleteFunc(m.receiving, func(x *Message) bool { return x == msg })
	db := snapDB{msg.Snapshot.Meta.Index, msg.db}
	at := slices.IndexFunc(m.snapDBs, func(d snapDB) bool { return d.index == db.index })
	if at >= 0 {
		m.snapDBs = slices.Clone(m.snapDBs)
		m.snapDBs[at] = db
	} else {
		m.snapDBs = append(slices.Clip(m.snapDBs), db)
	}
	e.Index, e.Note = db.index, db.name()
	m.inbox = append(m.inbox, arrival{msg, e.ID})
	m.dirty = true
	c.after(c.config.Timing.Handle, item{kind: Handle, member: m.id, inc: m.inc, cause: e.ID})
	c.report(msg, network.Arrives, e.ID)
	return true
}

// report tells the sender of a message what became of it, as its connection does.
func (c *Cluster) report(msg *Message, fate network.Fate, by uint64) {
	delay := (c.config.Timing.LinkMin + c.config.Timing.LinkMax) / 2
	c.after(delay, item{kind: PeerReport, member: msg.From, inc: msg.SenderInc, msg: msg, fate: fate, cause: by})
}

// lost reports what a sender notices: a broken stream, and that nobody takes its connection. A cut or lossy link
// swallows messages in silence.
func (c *Cluster) lost(msg *Message, receiverDown bool, by uint64) {
	switch {
	case msg.Type == raft.MsgSnap:
		c.report(msg, network.LostCut, by)
	case msg.Type == raft.MsgApp && receiverDown && c.member(msg.From).optimistic(msg):
		c.report(msg, network.LostCut, by)
	}
}

// optimistic says whether the member that sent msg sends ahead to its receiver.
func (m *member) optimistic(msg *Message) bool {
	if !m.up || m.inc != msg.SenderInc {
		return false
	}
	for _, p := range m.node.View().Progress {
		if p.ID == msg.To {
			return p.State == raft.Replicate
		}
	}
	return false
}

// peerReport is such news reaching the sender.
func (m *member) peerReport(c *Cluster, it *item, e *Event) bool {
	e.Peer = it.msg.To
	if it.msg.Type == raft.MsgSnap {
		e.Index = it.msg.Snapshot.Meta.Index
		m.node.ReportSnapshot(it.msg.To, it.fate == network.Arrives)
		e.Note = noteArrived
		if it.fate != network.Arrives {
			e.Note = noteBroken
		}
	} else {
		m.node.ReportUnreachable(it.msg.To)
		e.Note = noteUnreachable
	}
	m.drain(c, e)
	return true
}

const (
	noteArrived     = "snapshot arrived"
	noteBroken      = "snapshot stream broken"
	noteUnreachable = "connection refused"
)

// wantInstall lets the received database replace the own one, once the WAL says so durably, commit index included: a
// database that is newer than its log keeps the member down. A running backend commit ends first.
func (m *member) wantInstall(c *Cluster, by uint64) {
	if m.installing || m.batch || m.defrag != nil || len(m.unsynced) == 0 || m.unsynced[0].snapshot == nil ||
		m.unsynced[0].seq > m.synced {
		return
	}
	m.installing = true
	c.after(c.config.Timing.Apply, item{kind: SnapshotInstall, member: m.id, inc: m.inc, cause: by})
}

// install replaces the state machine (etcd applySnapshot): the file is renamed, index, watchers and membership are read
// anew. Whatever was committed before and not applied is in it.
func (m *member) install(c *Cluster, e *Event) bool {
	m.installing = false
	if m.batch || m.defrag != nil || len(m.unsynced) == 0 || m.unsynced[0].snapshot == nil {
		return false
	}
	meta := m.unsynced[0].snapshot.Meta
	e.Term, e.Index = meta.Term, meta.Index
	if err := m.takeDB(c, meta.Index); err != nil {
		m.fail(c, "backend: ", err, e)
		return true
	}
	m.hub.Restore(m.store)
	m.wantCompact(c, e.ID)
	m.committed = slices.DeleteFunc(slices.Clone(m.committed), func(x raft.Entry) bool { return x.Index <= meta.Index })
	m.applied, m.offered, m.batchDue = meta.Index, meta.Index, false
	e.Rev = m.store.Revision()
	m.unsynced[0].snapshot = nil
	if m.releaseFiles(c, meta.Index, e); !m.up {
		return true
	}
	m.release(c, e, 0)
	m.drain(c, e)
	m.afterConf(c, e)
	m.serveReads(c, e)
	m.serveEarly(c, e)
	m.pushWatches(c, e)
	m.wantApply(c)
	return true
}

// takeDB makes a received database the member's own.
func (m *member) takeDB(c *Cluster, index raft.Index) error {
	at := slices.IndexFunc(m.snapDBs, func(d snapDB) bool { return d.index == index })
	if at < 0 {
		return fmt.Errorf("there is no database for the snapshot at index %d", index)
	}
	file, err := m.snapDBs[at].file.Clone() // the message may be delivered again
	if err != nil {
		return err
	}
	old := m.backend
	m.backend = file
	if err := m.openStore(c); err != nil {
		return err
	}
	m.snapDBs = slices.DeleteFunc(slices.Clone(m.snapDBs), func(d snapDB) bool { return d.index <= index })
	return old.Close()
}

// openStore reads what the database file holds.
func (m *member) openStore(c *Cluster) (err error) {
	m.backend.On(m.disk)
	if m.store, err = mvcc.OpenWith(m.backend, c.config.ruleSet().mvcc); err != nil {
		return err
	}
	if m.membership, err = loadMembership(m.store); err != nil {
		return err
	}
	return m.openUpkeep(c)
}

package cluster

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	"go.etcd.io/etcd/api/v3/etcdserverpb"

	"etcdscope/cluster/clock"
	"etcdscope/mvcc"
	"etcdscope/raft"
	"etcdscope/watch"
)

// wantApply schedules the next entry unless one is under way or a backend commit holds the batch transaction.
func (m *member) wantApply(c *Cluster) {
	if m.applying || m.batch || len(m.committed) == 0 {
		return
	}
	m.applying = true
	next := &m.committed[0]
	op, _ := c.proposals.get(next.Term, next.Index)
	c.after(c.config.Timing.Apply, item{kind: Apply, member: m.id, inc: m.inc, op: op, cause: m.knownBy})
}

// apply changes the store by one committed entry, exactly once and in order; the consistent index moves with it.
func (m *member) apply(c *Cluster, e *Event) bool {
	m.applying = false
	if len(m.committed) == 0 || m.batch {
		return false
	}
	entry := m.committed[0]
	m.committed = m.committed[1:]
	e.Term, e.Index = entry.Term, entry.Index
	m.store.SetConsistentIndex(uint64(entry.Index), uint64(entry.Term))
	id, r := m.carry(c, &entry, e)
	if err := errors.Join(m.store.Err(), m.hub.Err()); err != nil { // a file that cannot be read stops the member
		e.Note = err.Error()
		m.kill(c, "backend: "+err.Error(), e.ID)
		return true
	}
	if r != nil {
		m.answer(c, id, r, e)
	}
	e.Rev, e.Hash = m.store.Revision(), m.store.Digest()
	m.applied = entry.Index
	m.node.Applied(entry.Index)
	m.offer(c)
	m.drain(c, e)
	m.wantSnapshot(c, e)
	m.serveReads(c, e)
	m.pushWatches(c, e)
	m.wantBatch(c, e)
	m.wantApply(c)
	return true
}

// carry does what an entry says: a change of the configuration, or a request to the store.
func (m *member) carry(c *Cluster, entry *raft.Entry, e *Event) (uint64, *reply) {
	if entry.Type != raft.EntryNormal {
		return m.configure(c, entry, e)
	}
	return m.effect(entry, e)
}

// effect carries out one entry's request and returns the answer for whoever waits for it here.
func (m *member) effect(entry *raft.Entry, e *Event) (uint64, *reply) {
	if len(entry.Data) == 0 {
		return 0, nil
	}
	var req etcdserverpb.InternalRaftRequest
	if err := proto.Unmarshal(entry.Data, &req); err != nil {
		e.Note = fmt.Sprintf("entry %d holds no request: %v", entry.Index, err)
		return 0, nil
	}
	switch {
	case req.Put != nil:
		return req.Header.GetID(), m.put(req.Put, e)
	case req.ClusterMemberAttrSet != nil:
		if err := m.published(req.ClusterMemberAttrSet); err != nil {
			e.Note = err.Error()
		}
	case req.DeleteRange != nil:
		return req.Header.GetID(), m.deleteRange(req.DeleteRange, e)
	}
	return 0, nil
}

func (m *member) put(r *etcdserverpb.PutRequest, e *Event) *reply {
	txn := m.store.Write()
	prev := txn.Put(r.Key, r.Value, r.Lease, r.PrevKv)
	m.end(txn, e)
	out := &reply{rev: m.store.Revision()}
	if prev != nil && r.PrevKv {
		out.prev = []mvcc.KeyValue{*prev}
	}
	return out
}

func (m *member) deleteRange(r *etcdserverpb.DeleteRangeRequest, e *Event) *reply {
	txn := m.store.Write()
	deleted, prev := txn.DeleteRange(r.Key, rangeEnd(r.RangeEnd), r.PrevKv)
	m.end(txn, e)
	return &reply{rev: m.store.Revision(), count: deleted, prev: prev}
}

// end closes a transaction: synced watchers are told in the same event, so nobody reads the revision before.
func (m *member) end(txn *mvcc.Txn, e *Event) {
	events := txn.End()
	e.N += len(events)
	if len(events) > 0 {
		m.hub.Notify(m.store.Revision(), events)
	}
}

// rangeEnd turns etcd's range_end into the store's: empty is the single key, a zero byte is everything above.
func rangeEnd(end []byte) []byte {
	switch {
	case len(end) == 0:
		return nil
	case len(end) == 1 && end[0] == 0:
		return []byte{}
	}
	return end
}

// wantBatch schedules the backend commit: on the next beat of the batch interval, or at once at the limit.
func (m *member) wantBatch(c *Cluster, e *Event) {
	if m.batch || m.batchDue && m.store.Pending() < c.config.Timing.BatchLimit || m.store.Pending() == 0 {
		return
	}
	at := (c.now/c.config.Timing.BatchInterval + 1) * c.config.Timing.BatchInterval
	if m.store.Pending() >= c.config.Timing.BatchLimit {
		at = c.now
	}
	m.batchDue = true
	c.queue.Push(at, item{kind: BatchStart, member: m.id, inc: m.inc, cause: e.ID})
}

// batchStart locks the batch transaction: nothing is applied until the commit is done.
func (m *member) batchStart(c *Cluster, e *Event) bool {
	if m.batch || m.store.Pending() == 0 {
		return false
	}
	m.batch, m.batchDue, m.dirty = true, false, true
	e.N = m.store.Pending()
	c.after(m.fsyncTime(c, mvcc.DeviceFile), item{kind: BatchDone, member: m.id, inc: m.inc, cause: e.ID})
	return true
}

// batchDone is the moment of the bbolt commit: dying before it leaves the file of the commit before.
func (m *member) batchDone(c *Cluster, e *Event) bool {
	e.N = m.store.Pending()
	if err := m.store.Commit(); err != nil {
		e.Note = err.Error()
		m.kill(c, "backend: "+err.Error(), e.ID)
		return true
	}
	m.batch, m.dirty = false, true
	m.wantInstall(c, e.ID)
	m.wantApply(c)
	return true
}

// watchSync is one round for watchers that are behind.
func (m *member) watchSync(c *Cluster, e *Event) bool {
	m.syncDue = false
	if !m.hub.NeedsSync() {
		return false
	}
	m.hub.Sync()
	m.dirty = true
	m.pushWatches(c, e)
	return true
}

// pushWatches sends what watchers have waiting to their clients and schedules the next round if one is needed.
func (m *member) pushWatches(c *Cluster, e *Event) {
	for _, id := range m.hub.Waiting() {
		s := m.stream(id)
		if s == nil {
			continue
		}
		responses := m.hub.Take(id)
		c.after(c.config.Timing.Client, item{
			kind: WatchEvent, member: m.id, inc: m.inc, op: s.op, cause: e.ID, reply: &reply{batches: responses},
		})
	}
	if !m.syncDue && m.hub.NeedsSync() {
		m.syncDue = true
		c.after(c.config.Timing.WatchSync, item{kind: WatchSync, member: m.id, inc: m.inc, cause: e.ID})
	}
}

// stream is a client's watch on this member.
type stream struct {
	id watch.ID
	op OpID
}

func (m *member) stream(id watch.ID) *stream {
	for i := range m.streams {
		if m.streams[i].id == id {
			return &m.streams[i]
		}
	}
	return nil
}

// reply is an answer on its way to a client.
type reply struct {
	rev     int64
	kvs     []mvcc.KeyValue
	count   int64
	prev    []mvcc.KeyValue
	err     string
	unknown bool // the connection broke: the request may have taken effect
	batches []watch.Response
	created watch.ID // a watch was created
	members []mvcc.Member
}

// waiter is a client request that a member holds until its entry is applied or a leader is known.
type waiter struct {
	id uint64 // request ID, the header of the entry
	op OpID
}

// read is a linearizable read: first on its way to be confirmed, then waiting for the index to be applied.
type read struct {
	id        uint64
	op        OpID
	asked     clock.Time
	confirmed bool
	index     raft.Index
}

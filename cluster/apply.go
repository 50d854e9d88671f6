package cluster

import (
	"errors"
	"slices"

	"etcdscope/cluster/clock"
	"etcdscope/mvcc"
	"etcdscope/raft"
	"etcdscope/watch"
)

// wantApply schedules the next entry unless one is under way or a backend commit holds the batch transaction.
func (m *member) wantApply(c *Cluster) {
	if m.applying || m.batch || m.defrag != nil || len(m.committed) == 0 || m.confWaits() {
		return
	}
	m.applying = true
	next := &m.committed[0]
	op, _ := c.proposals.get(next.Term, next.Index)
	c.after(c.config.Timing.Apply, item{kind: Apply, member: m.id, inc: m.inc, op: op, cause: m.knownBy})
}

// changesConf says whether an entry holds a change of the configuration.
func changesConf(e raft.Entry) bool { return e.Type != raft.EntryNormal }

// confWaits says whether the next entry is a configuration change that may not take effect yet: entries are not durable
// that left before anybody could hear that it is committed. The database would tell of voters who do not know that they
// are, and after a power cut their logs could be longer than the one beside it: nobody could ever be elected. etcd
// begins again with the configuration of its log.
func (m *member) confWaits() bool {
	waits := func(p pending) bool {
		return p.seq <= m.confAfter && p.seq > m.synced && len(p.entries) > 0
	}
	return changesConf(m.committed[0]) && (slices.ContainsFunc(m.toWrite, waits) || slices.ContainsFunc(m.unsynced, waits))
}

// apply changes the store by one committed entry, exactly once and in order; the consistent index moves with it.
func (m *member) apply(c *Cluster, e *Event) bool {
	m.applying = false
	if len(m.committed) == 0 || m.batch || m.defrag != nil {
		return false
	}
	if !c.config.On(ruleApplyInOrder) {
		m.overtake()
	}
	entry := m.committed[0]
	m.committed = m.committed[1:]
	e.Term, e.Index = entry.Term, entry.Index
	m.store.SetConsistentIndex(uint64(entry.Index), uint64(entry.Term))
	id, r := m.carry(c, &entry, e)
	if err := errors.Join(m.store.Err(), m.hub.Err(), m.broken); err != nil { // the member cannot go on with its file
		m.fail(c, "backend: ", err, e)
		return true
	}
	if r != nil {
		m.answer(c, id, r, e)
	}
	e.Rev, e.Hash, e.Auth = m.store.Revision(), m.store.Digest(), m.auth.Digest()
	m.applied = entry.Index
	m.node.Applied(entry.Index)
	m.offer(c)
	m.drain(c, e)
	m.wantSnapshot(c, e)
	m.serveReads(c, e)
	m.serveEarly(c, e)
	m.pushWatches(c, e)
	m.wantBatch(c, e)
	m.wantApply(c)
	return true
}

// overtake lets the second of the waiting entries take effect before the first.
func (m *member) overtake() {
	if len(m.committed) < 2 {
		return
	}
	a, b := &m.committed[0], &m.committed[1]
	if a.Type == raft.EntryNormal && b.Type == raft.EntryNormal {
		a.Data, b.Data = b.Data, a.Data
	}
}

// carry does what an entry says: a change of the configuration, or a request to the store.
func (m *member) carry(c *Cluster, entry *raft.Entry, e *Event) (uint64, *reply) {
	if entry.Type != raft.EntryNormal {
		return m.configure(c, entry, e)
	}
	return m.effect(c, entry, e)
}

// wantBatch schedules the backend commit: on the next beat of the batch interval, or at once when the batch is full,
// deletes rows, which its buffer cannot hide from readers, or changes users or roles.
func (m *member) wantBatch(c *Cluster, e *Event) {
	pending := m.store.Pending()
	if m.batch || m.defrag != nil || pending == 0 {
		return
	}
	now := pending >= c.config.Timing.BatchLimit || m.store.CommitDue() || m.commitNow
	if m.batchDue && !now {
		return
	}
	at := (c.now/c.config.Timing.BatchInterval + 1) * c.config.Timing.BatchInterval
	if now {
		at = c.now
	}
	m.batchDue = true
	c.queue.Push(at, item{kind: BatchStart, member: m.id, inc: m.inc, cause: e.ID})
}

// batchStart locks the batch transaction: nothing is applied until the commit is done.
func (m *member) batchStart(c *Cluster, e *Event) bool {
	m.batchDue = false
	if m.batch || m.defrag != nil || m.store.Pending() == 0 {
		return false
	}
	m.batch, m.commitNow, m.dirty = true, false, true
	e.N = m.store.Pending()
	c.after(m.fsyncTime(c, mvcc.DeviceFile), item{kind: BatchDone, member: m.id, inc: m.inc, cause: e.ID})
	return true
}

// batchDone is the moment of the bbolt commit: dying before it leaves the file of the commit before. With every rule
// in force one transaction holds the whole batch.
func (m *member) batchDone(c *Cluster, e *Event) bool {
	e.N = m.store.Pending()
	done, err := m.store.CommitStep()
	if err != nil {
		m.fail(c, "backend: ", err, e)
		return true
	}
	m.dirty = true
	if !done {
		c.after(c.config.Timing.Fsync, item{kind: BatchDone, member: m.id, inc: m.inc, cause: e.ID})
		return true
	}
	m.batch = false
	m.wantInstall(c, e.ID)
	m.wantApply(c)
	return true
}

// watchSync is one round for watchers that are behind.
func (m *member) watchSync(c *Cluster, e *Event) bool {
	m.syncDue = false
	if !m.hub.NeedsSync() || m.defrag != nil {
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
		if s == nil || c.slow(s.op) {
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
	hash    mvcc.RevisionHash
	token   string // of a login
	Answer
}

// waiter is a client request that a member holds until its entry is applied or a leader is known.
type waiter struct {
	id  uint64 // request ID, the header of the entry
	op  OpID
	err string // what the client is told when that is applied; empty: the result

	checked uint64 // of a login: the revision of users and roles in which the password was right
}

// read is a linearizable read: first on its way to be confirmed, then waiting for the index to be applied.
type read struct {
	id        uint64
	op        OpID
	asked     clock.Time
	confirmed bool
	index     raft.Index
}

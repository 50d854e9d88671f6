package cluster

import (
	"errors"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"

	"etcdscope/cluster/clock"
	"etcdscope/mvcc"
)

// compactSleep is how long etcd rests between two batches of a compaction.
const compactSleep = 10 * clock.Millisecond

// compact gives up the history before a revision. The mark is in the file before anything is deleted; the rows go
// in batches behind it, and a client that wants to see them gone waits for the last.
func (m *member) compact(c *Cluster, r *pb.CompactionRequest, id uint64, e *Event) *reply {
	if err := m.store.Compact(r.Revision); err != nil {
		if !errors.Is(err, mvcc.ErrCompacted) && !errors.Is(err, mvcc.ErrFutureRev) {
			m.broken = err
		}
		return m.refusal(err, e)
	}
	m.wantCompact(c, e.ID)
	if r.Physical && m.store.Compacting() {
		m.physical = append(m.physical, id)
		return nil
	}
	return m.compacted(r.Revision)
}

func (m *member) compacted(rev int64) *reply {
	return &reply{rev: m.store.Revision(), Answer: Answer{Compacted: rev}}
}

// wantCompact schedules the next batch of a compaction, if one is left to do.
func (m *member) wantCompact(c *Cluster, by uint64) {
	if !m.compacting && m.store.Compacting() {
		m.compacting = true
		at := c.config.Timing.Fsync + compactSleep
		c.after(at, item{kind: CompactBatch, member: m.id, inc: m.inc, cause: by})
	}
}

// compactBatch deletes one batch in one transaction of the file; dying before leaves the file of the batch before.
func (m *member) compactBatch(c *Cluster, e *Event) bool {
	m.compacting = false
	if m.batch || m.defrag != nil {
		m.wantCompact(c, e.Causes[0])
		return false
	}
	if !m.store.Compacting() {
		return false
	}
	done, err := m.store.CompactStep(c.config.Flags.CompactionBatchLimit)
	if err != nil {
		m.fail(c, "backend: ", err, e)
		return true
	}
	m.dirty = true
	e.Rev = m.store.CompactRevision()
	m.wantCompact(c, e.ID)
	if !done {
		return true
	}
	e.Note = "the compaction is finished"
	for _, id := range m.physical {
		m.answer(c, id, m.compacted(e.Rev), e)
	}
	m.physical = nil
	return true
}

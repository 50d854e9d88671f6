package cluster

import (
	"slices"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"

	"etcdscope/cluster/clock"
	"etcdscope/raft"
)

// etcd's numbers of the auto-compactor (v3compactor).
const (
	compactAtMost = 3600 * clock.Second // a periodic compactor compacts at least so often
	compactParts  = 10                  // it looks so often within that time
	revisionEvery = 300 * clock.Second  // between two looks in the mode revision
)

// compactor is what a member remembers for its auto-compaction.
type compactor struct {
	at      clock.Time // of the next look; 0: none is planned
	revs    []int64    // periodic: the revisions at the last looks, oldest first
	last    int64      // the revision that was compacted last
	success clock.Time // when that was, by the member's clock
	warm    bool       // the retention has passed once
}

// planCompactor schedules the next look, and with fresh starts as after a start of the member.
func (m *member) planCompactor(c *Cluster, fresh bool, by uint64) {
	if fresh {
		m.auto = compactor{success: m.clock.At(c.now)}
		if c.config.Flags.AutoCompactionRetention > 0 && c.config.Flags.mode() == modePeriodic {
			m.auto.revs = []int64{m.store.Revision()}
		}
	}
	m.auto.at = m.plan(c, AutoCompact, c.config.Flags.compactorEvery(), 0, by)
}

// compactorEvery is how often the compactor looks; 0 is never.
func (f *Flags) compactorEvery() clock.Time {
	switch {
	case f.AutoCompactionRetention == 0:
		return 0
	case f.mode() == modeRevision:
		return revisionEvery
	}
	return max(1, min(clock.Time(f.AutoCompactionRetention), compactAtMost)/compactParts)
}

// autoCompact is one look of the compactor: every member takes it, and the leader may ask for a compaction.
func (m *member) autoCompact(c *Cluster, e *Event) bool {
	if !due(&m.auto.at, c.now) {
		return false
	}
	rev := m.autoRevision(c)
	m.planCompactor(c, false, 0)
	if rev <= 0 || rev == m.auto.last || m.node.View().Role != raft.Leader {
		return false
	}
	m.auto.warm, m.auto.last, m.auto.success = true, rev, m.clock.At(c.now)
	e.Rev, m.dirty = rev, true
	m.propose(&pb.InternalRaftRequest{Compaction: &pb.CompactionRequest{Revision: rev}})
	m.drain(c, e)
	return true
}

// autoRevision is the revision that the flags let go of; 0 is none. A periodic compactor waits its whole retention
// for the first time, and then compacts at least every hour.
func (m *member) autoRevision(c *Cluster) int64 {
	f := &c.config.Flags
	if f.mode() == modeRevision {
		return m.store.Revision() - f.AutoCompactionRetention
	}
	rev := m.auto.revs[0]
	keep := int(clock.Time(f.AutoCompactionRetention)/f.compactorEvery()) + 1
	m.auto.revs = append(slices.Clip(m.auto.revs), m.store.Revision())
	if len(m.auto.revs) > keep {
		m.auto.revs = m.auto.revs[1:]
	}
	wait := clock.Time(f.AutoCompactionRetention)
	if m.auto.warm {
		wait = min(wait, compactAtMost)
	}
	if m.clock.At(c.now)-m.auto.success < wait {
		return 0
	}
	return rev
}

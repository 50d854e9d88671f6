package cluster

import (
	"slices"

	"etcdscope/cluster/clock"
	"etcdscope/mvcc"
	"etcdscope/mvcc/auth"
	"etcdscope/mvcc/lease"
	"etcdscope/raft"
	"etcdscope/raft/wal"
)

// upkeep is what a member keeps and does beside Raft and single requests: leases, alarms, and the work on its file.
type upkeep struct {
	lessor   *lease.Lessor
	leaseAt  clock.Time // when leases are looked at next; 0: nothing is planned
	revokes  []lease.ID // found expired, to be proposed
	revoking []lease.ID // proposed
	renewals []renewal  // keep-alives that came too late
	asking   uint64     // a ReadIndex that shall say whether the member still leads
	sure     bool       // it does

	alarms []Alarm // in order of kind, then member

	auth      *auth.Store
	earlier   []OpID // requests that came before their tokens
	commitNow bool   // users or roles have changed: the batch ends at once

	compacting bool       // the next batch is scheduled
	physical   []uint64   // requests that wait for the end of a compaction
	defrag     *defragRun // nil: none is running

	auto             compactor
	check            *hashCheck // the comparison that is under way
	checkAt, judgeAt clock.Time // when the next ones begin; 0: never

	ticked clock.Time // when the member's clock ticked last
	broken error      // the file cannot be used any more
}

// openUpkeep reads what the file keeps beside keys, and gives leases their keys back.
func (m *member) openUpkeep(c *Cluster) error {
	m.lessor = lease.New(lease.Config{
		MinTTL: lease.MinTTL(c.config.Timing.ElectionMin, lease.Time(c.config.Timing.Tick), lease.Time(clock.Second)),
		Member: uint64(m.id), Rules: c.config.ruleSet().lease,
	})
	m.alarms, m.revokes, m.revoking, m.leaseAt, m.physical, m.check = nil, nil, nil, 0, nil, nil
	if err := m.openAuth(c); err != nil {
		return err
	}
	if m.store.ConsistentIndex() == 0 {
		return nil // nothing was ever saved
	}
	err := m.store.Rows(mvcc.BucketLease, func(k, v []byte) error {
		return m.lessor.Restore(lease.Row{Key: k, Value: v})
	})
	if err != nil {
		return err
	}
	if err := m.store.Rows(mvcc.BucketAlarm, m.restoreAlarm); err != nil {
		return err
	}
	return m.store.Leased(func(key []byte, id int64) error {
		m.lessor.Assign(string(key), lease.ID(id))
		return nil
	})
}

// beginUpkeep takes up the work on the file, and what the flags want done from time to time.
func (m *member) beginUpkeep(c *Cluster, by uint64) {
	m.ticked = c.now
	m.wantCompact(c, by)
	m.planChecks(c, by)
	m.planCompactor(c, true, by)
}

// startsAt is the index up to which a starting member takes entries as applied: all that its file has.
func (m *member) startsAt(c *Cluster, found *wal.Recovered) raft.Index {
	saved := raft.Index(m.store.ConsistentIndex())
	switch {
	case !c.config.On(ruleConsistentIndex):
		return min(saved, found.Snapshot.Index)
	case !c.config.On(ruleReplayLog):
		return max(saved, found.HardState.Commit)
	}
	return saved
}

func (u *upkeep) clone() upkeep {
	n := *u
	if u.lessor != nil {
		n.lessor, n.auth = u.lessor.Clone(), u.auth.Clone()
	}
	n.revokes, n.revoking = slices.Clone(u.revokes), slices.Clone(u.revoking)
	n.alarms, n.renewals, n.physical = slices.Clone(u.alarms), slices.Clone(u.renewals), slices.Clone(u.physical)
	if u.defrag != nil {
		run := *u.defrag
		n.defrag = &run
	}
	return n
}

// localNow is what the member's clock shows, as leases count it.
func (m *member) localNow(c *Cluster) lease.Time { return lease.Time(m.clock.At(c.now)) }

// UpkeepView is what a member keeps beside keys, and how far the work on its file is.
type UpkeepView struct {
	Leases   *lease.View // nil while down; LeaseList describes them at a moment
	Expiring []lease.ID  // found expired by this leader, and not revoked yet
	Clock    LocalClock
	Alarms   []Alarm
	Auth     *auth.View // nil while down
	Quota    int64      // of the db file, in bytes; negative: no limit
	Defrag   DefragView
}

// DefragView is a defragmentation that blocks a member; Total is 0 while none runs. A compaction's progress stands in
// the view of the store.
type DefragView struct{ Rows, Total int }

// LeaseList describes the member's leases at a true time, in order of expiry; nil while it is down.
func (u *UpkeepView) LeaseList(at clock.Time) []lease.Lease {
	if u.Leases == nil {
		return nil
	}
	return u.Leases.Leases(lease.Time(u.Clock.At(at)))
}

// HasLease says whether there is a lease; false while the member is down.
func (u *UpkeepView) HasLease(id int64) bool {
	if u.Leases == nil {
		return false
	}
	_, ok := u.Leases.TimeToLive(lease.ID(id), 0)
	return ok
}

// AuthDigest is a fingerprint of users and roles; 0 while nobody ever changed them, or the member is down.
func (u *UpkeepView) AuthDigest() uint64 {
	if u.Auth == nil {
		return 0
	}
	return u.Auth.Digest
}

// upkeepView returns it as an immutable value.
func (m *member) upkeepView(c *Config) UpkeepView {
	v := UpkeepView{Clock: m.clock, Alarms: slices.Clone(m.alarms), Quota: c.Flags.quota()}
	if m.up {
		v.Leases, v.Auth = m.lessor.View(), m.auth.View()
		v.Expiring = slices.Concat(m.revoking, m.revokes)
	}
	if m.defrag != nil {
		v.Defrag = DefragView{Rows: m.defrag.done, Total: m.defrag.total}
	}
	return v
}

// upkeep folds a member's upkeep into a fingerprint.
func (h *fingerprint) upkeep(m *member) {
	h.num(m.lessor.Hash())
	h.num(uint64(m.leaseAt))
	for _, id := range slices.Concat(m.revoking, m.revokes) {
		h.num(uint64(id))
	}
	for _, a := range m.alarms {
		h.num(uint64(a.Kind)<<32 | uint64(a.Member))
	}
	if known := m.auth.Hash(); known != 0 {
		h.num(known)
	}
	for _, id := range m.earlier {
		h.num(uint64(id))
	}
	if m.defrag != nil {
		h.num(uint64(m.defrag.done)<<32 | uint64(m.defrag.total))
	}
}

// keepUp is what happens to a member beside Raft and requests.
func (m *member) keepUp(c *Cluster, it *item, e *Event) bool {
	switch it.kind {
	case LeaseCheck:
		return m.leaseCheck(c, e)
	case LeaseExpire:
		return m.leaseExpire(c, e)
	case CompactBatch:
		return m.compactBatch(c, e)
	case DefragStep:
		return m.defragStep(c, e)
	case AutoCompact:
		return m.autoCompact(c, e)
	case CorruptCheck:
		return m.corruptCheck(c, it, e)
	case InitialCheck:
		return m.initialCheckDone(c, e)
	case PeerRequest:
		return m.peerRequest(c, it, e)
	case PeerResponse:
		return m.peerResponse(c, it, e)
	}
	return false
}

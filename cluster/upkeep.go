package cluster

import (
	"slices"

	"etcdscope/cluster/clock"
	"etcdscope/mvcc"
	"etcdscope/mvcc/lease"
)

// upkeep is what a member keeps and does beside Raft and single requests: leases, alarms, and the work on its file.
type upkeep struct {
	lessor   *lease.Lessor
	leaseAt  clock.Time // when leases are looked at next; 0: nothing is planned
	revokes  []lease.ID // found expired, to be proposed
	revoking []lease.ID // proposed

	alarms []Alarm // in order of kind, then member

	defrag *defragRun // nil: none is running
}

// openUpkeep reads what the file keeps beside keys, and gives leases their keys back.
func (m *member) openUpkeep(c *Cluster) error {
	m.lessor = lease.New(lease.Config{
		MinTTL: lease.MinTTL(c.config.Timing.ElectionMin, lease.Time(c.config.Timing.Tick), lease.Time(clock.Second)),
		Member: uint64(m.id),
	})
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

func (u *upkeep) clone() upkeep {
	n := *u
	if u.lessor != nil {
		n.lessor = u.lessor.Clone()
	}
	n.revokes, n.revoking = slices.Clone(u.revokes), slices.Clone(u.revoking)
	n.alarms = slices.Clone(u.alarms)
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
	Quota    int64 // of the db file, in bytes; negative: no limit
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

// upkeepView returns it as an immutable value.
func (m *member) upkeepView(c *Config) UpkeepView {
	v := UpkeepView{Clock: m.clock, Alarms: slices.Clone(m.alarms), Quota: c.Flags.quota()}
	if m.up {
		v.Leases = m.lessor.View()
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
	if m.defrag != nil {
		h.num(uint64(m.defrag.done)<<32 | uint64(m.defrag.total))
	}
}

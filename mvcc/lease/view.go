package lease

import (
	"cmp"
	"slices"

	"github.com/google/btree"
)

// Lease is what may be drawn or asked of one lease.
type Lease struct {
	ID         ID
	TTL        int64    // granted, seconds
	Checkpoint int64    // seconds left at the last checkpoint; 0: none since the last renewal
	Remaining  int64    // whole seconds left, not below 0; the granted time where time is not counted
	Expiry     Time     // Forever where time is not counted
	Keys       []string // sorted
}

// View is a lessor at one moment. It stays valid when the lessor moves on.
type View struct {
	Primary bool
	Len     int

	second Time
	leases *btree.BTreeG[*lease] // never changed
	keys   *btree.BTreeG[attachment]
}

// View returns what may be drawn; it is immutable and cheap (O(1): it shares the trees).
func (r *Lessor) View() *View {
	if r.view == nil {
		r.lineage = new(lineage)
		r.view = &View{
			Primary: r.primary, Len: r.leases.Len(), second: r.config.Second,
			leases: r.leases.Clone(), keys: r.keys.Clone(),
		}
	}
	return r.view
}

// TimeToLive describes a lease; ok is false when there is none.
func (v *View) TimeToLive(id ID, now Time) (Lease, bool) {
	l, ok := v.leases.Get(&lease{id: id})
	if !ok {
		return Lease{}, false
	}
	return v.describe(l, now), true
}

// Leases lists all leases in order of expiry, then ID, as etcd does.
func (v *View) Leases(now Time) []Lease {
	all := make([]Lease, 0, v.Len)
	v.leases.Ascend(func(l *lease) bool {
		all = append(all, v.describe(l, now))
		return true
	})
	slices.SortStableFunc(all, func(a, b Lease) int { return cmp.Compare(a.Expiry, b.Expiry) })
	return all
}

func (v *View) describe(l *lease, now Time) Lease {
	d := Lease{ID: l.id, TTL: l.ttl, Checkpoint: l.remaining, Remaining: l.ttl, Expiry: l.expiry}
	if l.expiry != Forever {
		d.Remaining = max(0, int64((l.expiry-now)/v.second))
	}
	v.keys.AscendGreaterOrEqual(attachment{id: l.id}, func(a attachment) bool {
		if a.id == l.id {
			d.Keys = append(d.Keys, a.key)
		}
		return a.id == l.id
	})
	return d
}

// TimeToLive describes a lease as View.TimeToLive does.
func (r *Lessor) TimeToLive(id ID, now Time) (Lease, bool) { return r.View().TimeToLive(id, now) }

// Leases lists all leases as View.Leases does.
func (r *Lessor) Leases(now Time) []Lease { return r.View().Leases(now) }

package lease

import (
	"cmp"
	"slices"
)

// etcd's numbers of the revoke loop and of a promotion (lease/lessor.go).
const (
	RevokeBatch  = 500  // leases that one round proposes to revoke
	retrySeconds = 3    // until an unanswered revoke is proposed again
	crowd        = 1000 // leases from which on a promotion spreads them
	perSecond    = 750  // leases that may then expire in one second
)

// Primary says whether the member counts time.
func (r *Lessor) Primary() bool { return r.primary }

// counts is whether leases have deadlines here: nobody but the leader may find one expired.
func (r *Lessor) counts() bool { return r.primary || r.config.Rules.EverybodyExpires }

// refresh gives a lease its time anew, and extend on top.
func (r *Lessor) refresh(l *lease, now, extend Time) { r.expireAt(l, now+extend+r.seconds(l.left())) }

func (r *Lessor) expireAt(l *lease, at Time) {
	l.expiry = at
	r.deadlines.move(l, &l.due, at)
}

// Promote makes the member count time: it leads, and has applied the first entry of its term. No client could renew
// while there was no leader, so every lease gets what it had left and an election timeout more. A crowd of leases is
// spread, or their revokes would stop everything else.
func (r *Lessor) Promote(electionTimeout, now Time) {
	r.primary, r.view = true, nil
	if r.config.Rules.PromoteWithoutExtension {
		electionTimeout = 0
	}
	all := r.all()
	for i, l := range all {
		l = r.own(l)
		if r.config.Rules.PromoteToFullTTL {
			l.remaining = 0
		}
		r.refresh(l, now, electionTimeout)
		r.plan(l, now)
		all[i] = l
	}
	if len(all) >= crowd {
		r.spread(all)
	}
}

// spread puts deadlines off until no second has more than etcd likes.
func (r *Lessor) spread(all []*lease) {
	slices.SortStableFunc(all, func(a, b *lease) int { return cmp.Compare(a.expiry, b.expiry) })
	for i := perSecond; i < len(all); i++ {
		if earliest := all[i-perSecond].expiry + r.config.Second; all[i].expiry < earliest {
			r.expireAt(all[i], earliest)
		}
	}
}

// Demote makes the member stop counting time: it does not lead any more.
func (r *Lessor) Demote() {
	if r.primary, r.view = false, nil; r.counts() {
		return
	}
	for _, l := range r.all() {
		l = r.own(l)
		l.expiry, l.due, l.checkpoint = Forever, Forever, Forever
	}
	r.deadlines, r.checkpoints = newQueue(), newQueue()
}

// Renew gives a lease its whole time to live again and returns it, in seconds. clear says that a checkpoint of 0
// must be proposed: other members still know of less time. Errors are ErrNotPrimary, ErrNotFound, and ErrExpired
// when it is too late: the answer then waits until the revoke was applied, and is ErrNotFound.
func (r *Lessor) Renew(id ID, now Time) (ttl int64, clear bool, err error) {
	if !r.primary {
		return 0, false, ErrNotPrimary
	}
	l := r.find(id)
	switch {
	case l == nil:
		return 0, false, ErrNotFound
	case l.expiry <= now:
		return 0, false, ErrExpired
	}
	l = r.own(l)
	r.expireAt(l, now+r.seconds(l.ttl))
	r.planFrom(l, l.ttl, now)
	return l.ttl, l.remaining > 0, nil
}

// Expired returns up to limit leases (0: RevokeBatch) whose time is over, the longest over first. Each comes again
// after three seconds, unless it was revoked.
func (r *Lessor) Expired(now Time, limit int) (ids []ID) {
	if limit <= 0 {
		limit = RevokeBatch
	}
	for len(ids) < limit {
		l, at := r.first(r.deadlines, (*lease).dueAt)
		if l == nil || at > now {
			break
		}
		ids = append(ids, l.id)
		l = r.own(l)
		r.deadlines.putOff(l, &l.due, now+min(retrySeconds*r.config.Second, Forever-now))
	}
	return ids
}

// NextExpiry is when Expired has something to return; ok is false when that is never.
func (r *Lessor) NextExpiry() (at Time, ok bool) {
	l, at := r.first(r.deadlines, (*lease).dueAt)
	return at, l != nil
}

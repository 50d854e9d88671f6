package lease

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
func (r *Lessor) refresh(l *lease, now, extend Time) {
	l.expiry = now + extend + r.seconds(l.left())
	l.due = l.expiry
}

// Promote makes the member count time: it leads, and has applied the first entry of its term. No client could renew
// while there was no leader, so every lease gets what it had left and an election timeout more. A crowd of leases is
// spread, or their revokes would stop everything else.
func (r *Lessor) Promote(electionTimeout, now Time) {
	r.primary, r.view = true, nil
	if r.config.Rules.PromoteWithoutExtension {
		electionTimeout = 0
	}
	var all []lease
	r.leases.Ascend(func(l lease) bool {
		all = append(all, l)
		return true
	})
	for i := range all {
		l := &all[i]
		if r.config.Rules.PromoteToFullTTL {
			l.remaining = 0
		}
		r.refresh(l, now, electionTimeout)
		r.plan(l, now)
		r.put(*l)
	}
	if len(all) >= crowd {
		r.spread()
	}
}

// spread puts deadlines off until no second has more than etcd likes.
func (r *Lessor) spread() {
	order := make([]moment, 0, r.deadlines.Len())
	r.deadlines.Ascend(func(m moment) bool {
		order = append(order, m)
		return true
	})
	for i := perSecond; i < len(order); i++ {
		earliest := order[i-perSecond].at + r.config.Second
		if order[i].at >= earliest {
			continue
		}
		order[i].at = earliest
		l, _ := r.find(order[i].id)
		l.expiry, l.due = earliest, earliest
		r.put(l)
	}
}

// Demote makes the member stop counting time: it does not lead any more.
func (r *Lessor) Demote() {
	if r.primary, r.view = false, nil; r.counts() {
		return
	}
	var all []lease
	r.leases.Ascend(func(l lease) bool {
		all = append(all, l)
		return true
	})
	for _, l := range all {
		l.expiry, l.due, l.checkpoint = Forever, 0, 0
		r.put(l)
	}
}

// Renew gives a lease its whole time to live again and returns it, in seconds. clear says that a checkpoint of 0
// must be proposed: other members still know of less time. Errors are ErrNotPrimary, ErrNotFound, and ErrExpired
// when it is too late: the answer then waits until the revoke was applied, and is ErrNotFound.
func (r *Lessor) Renew(id ID, now Time) (ttl int64, clear bool, err error) {
	if !r.primary {
		return 0, false, ErrNotPrimary
	}
	l, ok := r.find(id)
	switch {
	case !ok:
		return 0, false, ErrNotFound
	case l.expiry <= now:
		return 0, false, ErrExpired
	}
	l.expiry = now + r.seconds(l.ttl)
	l.due = l.expiry
	r.planFrom(&l, l.ttl, now)
	r.put(l)
	return l.ttl, l.remaining > 0, nil
}

// Expired returns up to limit leases (0: RevokeBatch) whose time is over, the longest over first. Each comes again
// after three seconds, unless it was revoked.
func (r *Lessor) Expired(now Time, limit int) (ids []ID) {
	if limit <= 0 {
		limit = RevokeBatch
	}
	r.deadlines.Ascend(func(m moment) bool {
		if m.at > now || len(ids) == limit {
			return false
		}
		ids = append(ids, m.id)
		return true
	})
	for _, id := range ids {
		l, _ := r.find(id)
		l.due = now + retrySeconds*r.config.Second
		r.put(l)
	}
	return ids
}

// NextExpiry is when Expired has something to return; ok is false when that is never.
func (r *Lessor) NextExpiry() (at Time, ok bool) {
	m, ok := r.deadlines.Min()
	return m.at, ok
}

package cluster

import (
	"errors"
	"fmt"
	"math"
	"slices"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"

	"etcdscope/cluster/clock"
	"etcdscope/mvcc"
	"etcdscope/mvcc/lease"
	"etcdscope/raft"
)

// etcd's numbers of the loop that revokes leases (lessor.go, server.go).
const (
	leaseBeat   = 500 * clock.Millisecond // between two looks at the leases
	revokesOpen = 16                      // revokes that are proposed at a time
	activeTicks = 3                       // a leader that has not ticked for longer asks whether it still leads
)

// grant adds a lease.
func (m *member) grant(c *Cluster, r *pb.LeaseGrantRequest, e *Event) *reply {
	id := lease.ID(r.ID)
	if !c.config.On(ruleDeterministic) {
		id = lease.ID(m.requestID() & math.MaxInt64)
	}
	ttl, row, err := m.lessor.Grant(id, r.TTL, m.localNow(c))
	if err != nil {
		return m.refusal(err, e)
	}
	m.store.SetRow(mvcc.BucketLease, string(row.Key), row.Value)
	m.wantLeaseCheck(c, e.ID)
	answer := &LeaseAnswer{ID: id, TTL: ttl, Granted: ttl}
	return &reply{rev: m.store.Revision(), Answer: Answer{Lease: answer}}
}

// revoke ends a lease: its keys and its row leave the store as one revision and in one transaction of the file.
func (m *member) revoke(c *Cluster, id lease.ID, e *Event) *reply {
	keys, row, err := m.lessor.Revoke(id)
	m.revokes = slices.DeleteFunc(m.revokes, func(r lease.ID) bool { return r == id })
	m.revoking = slices.DeleteFunc(m.revoking, func(r lease.ID) bool { return r == id })
	m.wantExpire(c, e.ID)
	if err != nil {
		return m.refusal(err, e)
	}
	txn := m.store.Write()
	for _, key := range keys {
		txn.DeleteRange([]byte(key), nil, false)
	}
	m.store.DeleteRow(mvcc.BucketLease, string(row.Key))
	m.follow(txn.End(), e)
	e.Leases, e.Expires = append(e.Leases, id), true
	m.endRenewals(c, id, e)
	return &reply{rev: m.store.Revision(), Answer: Answer{Lease: &LeaseAnswer{ID: id}}}
}

// checkpoint notes how much is left of leases, so that the next leader knows.
func (m *member) checkpoint(c *Cluster, r *pb.LeaseCheckpointRequest, e *Event) *reply {
	for _, cp := range r.Checkpoints {
		at := lease.Checkpoint{ID: lease.ID(cp.ID), Remaining: cp.Remaining_TTL}
		row, err := m.lessor.Checkpoint(at, m.localNow(c))
		if err != nil {
			continue // the lease is gone
		}
		m.store.SetRow(mvcc.BucketLease, string(row.Key), row.Value)
		e.Leases = append(e.Leases, at.ID)
	}
	m.wantLeaseCheck(c, e.ID)
	return &reply{rev: m.store.Revision()}
}

// promote lets the leader count the time of leases, now that it has applied an empty entry and so knows all that
// was committed before.
func (m *member) promote(c *Cluster, e *Event) {
	if m.node.View().Role != raft.Leader {
		return
	}
	t := c.config.Timing
	m.lessor.Promote(lease.Time(t.ElectionMin)*lease.Time(t.Tick), m.localNow(c))
	m.wantLeaseCheck(c, e.ID)
	if e.Promoted = true; m.lessor.Len() > 0 {
		e.Note = fmt.Sprintf("counts the time of %s from now on", plural(m.lessor.Len(), "lease", "leases"))
	}
}

// demote stops counting: somebody else does. What was found expired is still on its way, as in etcd.
func (m *member) demote(c *Cluster, e *Event) {
	m.lessor.Demote()
	m.revoking, m.leaseAt, m.sure = nil, 0, false
	m.wantLeaseCheck(c, e.ID) // of members that all count, where that rule is off
}

// wantLeaseCheck plans the next look at leases, on a beat of the member's own clock.
func (m *member) wantLeaseCheck(c *Cluster, by uint64) {
	next, ok := m.lessor.NextExpiry()
	if at, due := m.lessor.NextCheckpoint(); due && (!ok || at < next) {
		next, ok = at, true
	}
	if !ok || next > math.MaxInt64/4 {
		return
	}
	soonest, runs := m.clock.nextBeat(c.now, leaseBeat)
	at, reached := m.clock.when((clock.Time(next) + leaseBeat - 1) / leaseBeat * leaseBeat)
	if !runs || !reached {
		return
	}
	if at = max(at, soonest); m.leaseAt != 0 && m.leaseAt <= at {
		return
	}
	m.leaseAt = at
	c.queue.Push(at, item{kind: LeaseCheck, member: m.id, inc: m.inc, cause: by})
}

// leaseCheck looks for what has expired and for checkpoints that are due.
func (m *member) leaseCheck(c *Cluster, e *Event) bool {
	if m.leaseAt == 0 || m.leaseAt > c.now {
		return false // another look is planned instead
	}
	m.leaseAt = 0
	now := m.localNow(c)
	ids, due := m.lessor.Expired(now, 0), m.lessor.DueCheckpoints(now, 0)
	m.wantLeaseCheck(c, e.ID)
	if len(ids)+len(due) == 0 {
		return false
	}
	e.N = len(ids)
	if len(due) > 0 {
		m.propose(checkpoints(due))
	}
	if !c.config.On("lease-only-leader-expires") {
		m.revokeAlone(c, ids, e)
		return true
	}
	for _, id := range ids {
		m.revoking = slices.DeleteFunc(m.revoking, func(r lease.ID) bool { return r == id })
		if !slices.Contains(m.revokes, id) {
			m.revokes = append(m.revokes, id)
		}
	}
	m.wantExpire(c, e.ID)
	m.drain(c, e)
	return true
}

func checkpoints(due []lease.Checkpoint) *pb.InternalRaftRequest {
	req := &pb.LeaseCheckpointRequest{}
	for _, cp := range due {
		req.Checkpoints = append(req.Checkpoints, &pb.LeaseCheckpoint{ID: int64(cp.ID), Remaining_TTL: cp.Remaining})
	}
	return &pb.InternalRaftRequest{LeaseCheckpoint: req}
}

// revokeAlone is what a member does that trusts its own clock: it deletes without asking the log.
func (m *member) revokeAlone(c *Cluster, ids []lease.ID, e *Event) {
	for _, id := range ids {
		m.revoke(c, id, e)
	}
	e.Rev, e.Hash, e.Auth = m.store.Revision(), m.store.Digest(), m.auth.Digest()
	m.dirty = true
	m.pushWatches(c, e)
	m.wantBatch(c, e)
}

// wantExpire schedules the proposals for what was found expired.
func (m *member) wantExpire(c *Cluster, by uint64) {
	if len(m.revokes) > 0 && len(m.revoking) < revokesOpen {
		c.after(c.config.Timing.Handle, item{kind: LeaseExpire, member: m.id, inc: m.inc, cause: by})
	}
}

// leaseExpire proposes revokes. Messages that have arrived come first: one of them may say that another leads.
func (m *member) leaseExpire(c *Cluster, e *Event) bool {
	switch {
	case len(m.revokes) == 0:
		return false
	case len(m.inbox) > 0:
		m.wantExpire(c, e.Causes[0])
		return false
	case c.config.On(ruleRevokeByLeader) && !m.leadsForSure(c, e):
		return true
	}
	for len(m.revokes) > 0 && len(m.revoking) < revokesOpen {
		id := m.revokes[0]
		m.revokes = m.revokes[1:]
		req := &pb.InternalRaftRequest{LeaseRevoke: &pb.LeaseRevokeRequest{ID: int64(id)}}
		if m.proposeAs(req, m.self()) != 0 {
			m.revoking, e.Leases = append(m.revoking, id), append(e.Leases, id)
		}
	}
	e.N = len(e.Leases)
	m.drain(c, e)
	return true
}

// What a leader says whose leases have expired while it was away.
const (
	noteNotLeader = "no longer the leader: revokes nothing"
	noteWasAway   = "was away: asks a majority whether it still leads"
)

// leadsForSure says whether the member may act as leader on time that has passed: one that has not ticked for a
// while asks a majority first, because it may have been replaced without knowing.
func (m *member) leadsForSure(c *Cluster, e *Event) bool {
	switch {
	case m.node.View().Role != raft.Leader:
		m.revokes, e.Note = nil, noteNotLeader
		return false
	case m.active(c) || m.sure:
		m.sure = false
		return true
	case m.asking == 0:
		m.asking = m.requestID()
		e.Note = noteWasAway
		_ = m.node.ReadIndex(m.asking) // one that is dropped is asked again when the leases come up again
		m.drain(c, e)
	}
	return false
}

// active says whether the member's clock has ticked lately.
func (m *member) active(c *Cluster) bool { return c.now-m.ticked <= activeTicks*c.config.Timing.Tick }

// confirmed goes on with revokes when a majority has said that the member leads.
func (m *member) confirmed(c *Cluster, rs raft.ReadState, e *Event) {
	if m.asking != 0 && rs.Context == m.asking {
		m.asking, m.sure = 0, true
		m.wantExpire(c, e.ID)
	}
}

// askLeader asks the leader about a lease: only it counts time. Others pass the question on over HTTP.
func (m *member) askLeader(c *Cluster, o *Op, e *Event) {
	if _, i := c.op(o.ID); m.auth.Enabled() && o.Spec.Keys {
		c.update(i, func(o *Op) { o.checked = m.auth.Revision() })
	}
	if lead := m.node.View().Lead; lead != m.id {
		c.peer(m.id, lead, item{kind: PeerRequest, op: o.ID, cause: e.ID})
		return
	}
	if r := m.leaseAnswer(c, o, m.id, e); r != nil {
		c.respond(o.ID, m.id, r, e.ID)
	}
}

// leaseAnswer is the leader's answer about a lease for the member from; nil when it comes later.
func (m *member) leaseAnswer(c *Cluster, o *Op, from raft.ID, e *Event) *reply {
	r := &reply{rev: m.store.Revision(), Answer: Answer{Lease: &LeaseAnswer{ID: o.lease}}}
	if o.Kind == LeaseTimeToLive {
		r.Lease.TTL = -1
		if l, ok := m.lessor.TimeToLive(o.lease, m.localNow(c)); ok && m.lessor.Primary() {
			r.Lease.TTL, r.Lease.Granted = l.Remaining, l.TTL
			if o.Spec.Keys {
				r.Lease.Keys = l.Keys
			}
		}
		return r
	}
	ttl, clearIt, err := m.lessor.Renew(o.lease, m.localNow(c))
	switch {
	case errors.Is(err, lease.ErrNotPrimary) || !m.active(c):
		c.retryRenewal(o, from, e)
		return nil
	case errors.Is(err, lease.ErrExpired): // it has still to be revoked
		m.renewals = append(m.renewals, renewal{o.ID, o.lease, from})
		return nil
	case err == nil:
		r.Lease.TTL, r.Lease.Granted = ttl, ttl
		e.Leases = append(e.Leases, o.lease)
		m.wantLeaseCheck(c, e.ID)
	}
	if clearIt {
		m.propose(checkpoints([]lease.Checkpoint{{ID: o.lease}}))
		m.drain(c, e)
	}
	return r
}

// renewal is a keep-alive that came too late and waits for the revoke.
type renewal struct {
	op   OpID
	id   lease.ID
	from raft.ID
}

// endRenewals answers keep-alives of a lease that is gone.
func (m *member) endRenewals(c *Cluster, id lease.ID, e *Event) {
	m.renewals = slices.DeleteFunc(m.renewals, func(w renewal) bool {
		if w.id != id {
			return false
		}
		r := &reply{rev: m.store.Revision(), Answer: Answer{Lease: &LeaseAnswer{ID: id}}}
		if w.from == m.id {
			c.respond(w.op, m.id, r, e.ID)
		} else {
			c.peer(m.id, w.from, item{kind: PeerResponse, op: w.op, cause: e.ID, reply: r})
		}
		return true
	})
}

package cluster

import (
	"fmt"
	"slices"
	"strconv"

	"etcdscope/mvcc"
	"etcdscope/mvcc/lease"
	"etcdscope/raft"
)

// serveLocal answers what a member can answer alone; it is false for requests that need Raft or the leader.
func (m *member) serveLocal(c *Cluster, o *Op, e *Event) bool {
	if !o.local(c.config) {
		return false
	}
	if _, away := m.turnedAway(c, o, e); away {
		return true
	}
	switch o.Kind {
	case ClientGet, ClientMemberList:
		c.respond(o.ID, m.id, m.readNow(c, o), e.ID)
	case LeaseList:
		r := &reply{rev: m.store.Revision()}
		for _, l := range m.lessor.Leases(m.localNow(c)) {
			r.Leases = append(r.Leases, l.ID)
		}
		c.respond(o.ID, m.id, r, e.ID)
	case EndpointStatus:
		c.respond(o.ID, m.id, &reply{rev: m.store.Revision(), Answer: Answer{Status: m.status(c)}}, e.ID)
	case EndpointHashKV:
		c.respond(o.ID, m.id, m.hashKV(o.Spec.Rev), e.ID)
	case ClientSnapshot:
		m.sendBackup(c, o, e)
	case Defrag:
		m.startDefrag(c, o, e)
	}
	return true
}

// local says whether a member answers without asking anybody.
func (o *Op) local(c *Config) bool {
	switch o.Kind {
	case ClientGet:
		return o.Spec.Serializable
	case ClientMemberList:
		return o.Spec.Serializable || !c.On(ruleMemberListLinearizable)
	case LeaseList, EndpointStatus, EndpointHashKV, ClientSnapshot, Defrag:
		return true
	}
	return false
}

// stall keeps a request that needs the store until a defragmentation is over.
func (m *member) stall(o *Op) bool {
	if m.defrag == nil || o.Kind == EndpointStatus || o.logged() {
		return false
	}
	m.defrag.stalled = append(slices.Clip(m.defrag.stalled), o.ID)
	return true
}

// status is how the member describes itself.
func (m *member) status(c *Cluster) *Status {
	v := m.node.View()
	s := &Status{
		ID: m.id, Size: m.backend.Size(), SizeInUse: m.backend.SizeInUse(), Quota: c.config.Flags.quota(),
		Leader: v.Lead, Learner: m.membership.learner(m.id), Term: v.Term, Commit: v.Commit, Applied: m.applied,
	}
	if v.Lead == raft.None {
		s.Errors = append(s.Errors, "etcdserver: no leader")
	}
	for _, a := range m.alarms {
		s.Errors = append(s.Errors, fmt.Sprintf("memberID:%d alarm:%v ", uint64(a.Member), a.Kind))
	}
	return s
}

// hashKV is the hash of the keys at a revision.
func (m *member) hashKV(rev int64) *reply {
	r := &reply{rev: m.store.Revision()}
	hash, compacted, err := m.store.HashKV(rev)
	if err != nil {
		r.err = wireError(err)
		return r
	}
	if rev == 0 {
		rev = r.rev
	}
	r.HashKV = &mvcc.RevisionHash{Hash: hash, CompactRevision: compacted, Revision: rev}
	return r
}

// readNow reads the local store, if whoever asks may.
func (m *member) readNow(c *Cluster, o *Op) *reply {
	if _, err := m.admits(c, o); err != nil {
		return &reply{err: wireError(err), rev: m.store.Revision()}
	}
	switch o.Kind {
	case ClientMemberList:
		return &reply{rev: m.store.Revision(), members: m.membership.members}
	case ClientTxn:
		res, _, err := m.store.Apply(o.Spec.Txn, m.hasLease)
		if err != nil {
			return &reply{err: wireError(err), rev: m.store.Revision()}
		}
		return &reply{rev: res.Rev, Answer: Answer{Txn: &res}}
	}
	res, err := m.store.Range(o.Spec.Key, o.Spec.End, o.Spec.rangeOptions())
	if err != nil {
		return &reply{err: wireError(err), rev: res.Rev}
	}
	return &reply{rev: res.Rev, kvs: res.KVs, count: res.Count, Answer: Answer{More: res.More}}
}

// leaseNamed is the lease that an ID in hex or a tag means, of a grant or of a lock or election with its session; 0
// when there is no such tag and no such ID.
func (c *Cluster) leaseNamed(text string) lease.ID {
	if text == "" {
		return 0 // a grant without a tag is not meant
	}
	for _, o := range slices.Backward(c.ops) {
		switch {
		case o.Spec.Tag != text:
		case o.Kind == LeaseGrant && o.Lease != nil:
			return o.Lease.ID
		case o.Claim != nil && o.Claim.Lease != 0:
			return o.Claim.Lease
		}
	}
	id, err := strconv.ParseInt(text, 16, 64)
	if err != nil {
		return 0
	}
	return lease.ID(id)
}

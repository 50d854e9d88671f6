package cluster

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"

	"etcdscope/mvcc"
	"etcdscope/mvcc/auth"
	"etcdscope/mvcc/lease"
	"etcdscope/raft"
)

// effect carries out one entry's request and returns the answer for whoever waits for it here.
func (m *member) effect(c *Cluster, entry *raft.Entry, e *Event) (uint64, *reply) {
	if len(entry.Data) == 0 {
		m.promote(c, e)
		return 0, nil
	}
	var req pb.InternalRaftRequest
	if err := proto.Unmarshal(entry.Data, &req); err != nil {
		e.Note = fmt.Sprintf("entry %d holds no request: %v", entry.Index, err)
		return 0, nil
	}
	id := req.Header.GetID()
	return id, m.dispatch(c, &req, id, e)
}

// answerEarly tells clients that their writes are done as soon as they are committed, where the rule to wait for the
// store is off.
func (m *member) answerEarly(c *Cluster, committed []raft.Entry, e *Event) {
	if len(m.waiting) == 0 || c.config.On(ruleAckAfterApply) {
		return
	}
	for i := range committed {
		var req pb.InternalRaftRequest
		if err := proto.Unmarshal(committed[i].Data, &req); err == nil && (req.Put != nil || req.DeleteRange != nil) {
			m.answer(c, req.Header.GetID(), &reply{rev: m.store.Revision()}, e)
		}
	}
}

// dispatch is etcd's chain of appliers: an alarm of corruption stops nearly everything, one of space what would grow
// the store; then rights are looked at; the quota is looked at before and told of after the request is carried out.
func (m *member) dispatch(c *Cluster, req *pb.InternalRaftRequest, id uint64, e *Event) *reply {
	var txn *mvcc.TxnRequest
	if req.Txn != nil {
		txn = parseTxn(req.Txn)
	}
	price := cost(req, txn)
	who := auth.Info{User: req.Header.GetUsername(), Revision: req.Header.GetAuthRevision()}
	switch {
	case len(m.alarms) == 0:
	case m.alarmed(Corrupt) && changesStore(req):
		return m.refusal(errCorrupt, e)
	case m.alarmed(NoSpace) && price > 0:
		return m.refusal(errNoSpace, e)
	}
	if err := m.mayAt(c, applied, req, who); err != nil {
		return m.refusal(err, e)
	}
	room := m.room(c, price)
	if !room && !c.config.On(ruleQuotaByAlarm) {
		return m.refusal(errNoSpace, e)
	}
	r := m.carryOut(c, req, txn, id, e)
	if !room && r.err == "" {
		r.err = errNoSpace.Error()
		m.noRoom(id)
	}
	return r
}

// changesStore says whether a request is one that a corrupt cluster refuses.
func changesStore(req *pb.InternalRaftRequest) bool {
	return req.Alarm == nil && req.LeaseCheckpoint == nil && req.ClusterMemberAttrSet == nil &&
		req.Authenticate == nil && !aboutAuth(req)
}

// noRoom raises the alarm because a request that was applied found no room; whoever waits for it is told when the
// alarm stands.
func (m *member) noRoom(id uint64) {
	if m.alarmed(NoSpace) {
		return
	}
	raised := m.propose(activation(Alarm{m.id, NoSpace}))
	for i := range m.waiting {
		if w := &m.waiting[i]; w.id == id && raised != 0 {
			w.id, w.err = raised, errNoSpace.Error()
		}
	}
}

// refusal is an answer that nothing was done. It must be the same on every member.
func (m *member) refusal(err error, e *Event) *reply {
	e.Note = wireError(err)
	return &reply{rev: m.store.Revision(), err: e.Note}
}

// carryOut is the applier at the end of the chain: it changes the store.
func (m *member) carryOut(c *Cluster, req *pb.InternalRaftRequest, txn *mvcc.TxnRequest, id uint64, e *Event) *reply {
	switch {
	case req.Put != nil:
		return m.put(c, req.Put, id, e)
	case req.DeleteRange != nil:
		return m.deleteRange(req.DeleteRange, e)
	case txn != nil:
		return m.transact(c, txn, id, e)
	case req.Compaction != nil:
		return m.compact(c, req.Compaction, id, e)
	case req.LeaseGrant != nil:
		return m.grant(c, req.LeaseGrant, e)
	case req.LeaseRevoke != nil:
		return m.revoke(c, lease.ID(req.LeaseRevoke.ID), e)
	case req.LeaseCheckpoint != nil:
		return m.checkpoint(c, req.LeaseCheckpoint, e)
	case req.Alarm != nil:
		return m.alarm(req.Alarm, e)
	case req.ClusterMemberAttrSet != nil:
		if err := m.published(req.ClusterMemberAttrSet); err != nil {
			e.Note = err.Error()
		}
	case req.Authenticate != nil:
		return m.authenticate(c, req.Authenticate, e.Index, e)
	case aboutAuth(req):
		return m.keep(c, req, id, e)
	}
	return &reply{rev: m.store.Revision()}
}

// put stores a value. One that asks for nothing special needs no transaction around it.
func (m *member) put(c *Cluster, r *pb.PutRequest, id uint64, e *Event) *reply {
	if r.Lease != 0 || r.IgnoreValue || r.IgnoreLease {
		out := m.transact(c, &mvcc.TxnRequest{Success: []mvcc.Op{{Put: parsePut(r)}}}, id, e)
		if out.Txn != nil && len(out.Txn.Results) == 1 && out.Txn.Results[0].Put.Prev != nil {
			out.prev = []mvcc.KeyValue{*out.Txn.Results[0].Put.Prev}
		}
		out.Txn = nil
		return out
	}
	txn := m.store.Write()
	prev := txn.Put(r.Key, r.Value, 0, r.PrevKv)
	m.follow(txn.End(), e)
	out := &reply{rev: m.store.Revision()}
	if prev != nil && r.PrevKv {
		out.prev = []mvcc.KeyValue{*prev}
	}
	return out
}

func (m *member) deleteRange(r *pb.DeleteRangeRequest, e *Event) *reply {
	txn := m.store.Write()
	deleted, prev := txn.DeleteRange(r.Key, rangeEnd(r.RangeEnd), r.PrevKv)
	m.follow(txn.End(), e)
	return &reply{rev: m.store.Revision(), count: deleted, prev: prev}
}

// transact does a transaction. Members at which nobody waits for the answer leave out the reads, as etcd's do: that
// all members refuse it alike is the work of the check before.
func (m *member) transact(c *Cluster, r *mvcc.TxnRequest, id uint64, e *Event) *reply {
	if !c.config.On("txn-check-phase") && !m.awaited(id) {
		r = withoutReads(r)
	}
	res, events, err := m.store.Apply(r, m.hasLease)
	m.follow(events, e)
	if err != nil {
		return m.refusal(err, e)
	}
	return &reply{rev: m.store.Revision(), Answer: Answer{Txn: &res}}
}

func (m *member) hasLease(id int64) bool { return m.lessor.Exists(lease.ID(id)) }

// awaited says whether somebody waits here for the answer to a request.
func (m *member) awaited(id uint64) bool {
	for i := range m.waiting {
		if m.waiting[i].id == id {
			return true
		}
	}
	return false
}

func withoutReads(r *mvcc.TxnRequest) *mvcc.TxnRequest {
	return &mvcc.TxnRequest{Compare: r.Compare, Success: writesOf(r.Success), Failure: writesOf(r.Failure)}
}

func writesOf(ops []mvcc.Op) []mvcc.Op {
	var out []mvcc.Op
	for _, op := range ops {
		switch {
		case op.Range != nil:
		case op.Txn != nil:
			out = append(out, mvcc.Op{Txn: withoutReads(op.Txn)})
		default:
			out = append(out, op)
		}
	}
	return out
}

// follow tells leases and watchers of changes, in the same event, so nobody reads the revision before.
func (m *member) follow(events []mvcc.Event, e *Event) {
	e.N += len(events)
	if len(events) == 0 {
		return
	}
	if m.lessor.Len() > 0 {
		for i := range events {
			m.lessor.Assign(string(events[i].KV.Key), lease.ID(events[i].KV.Lease))
		}
	}
	m.hub.Notify(m.store.Revision(), events)
}

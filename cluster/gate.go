package cluster

import (
	"errors"
	"strings"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"

	"etcdscope/mvcc"
	"etcdscope/mvcc/auth"
	"etcdscope/mvcc/lease"
)

// The refusals of the write path, with etcd's texts.
var (
	errTooManyRequests = errors.New("etcdserver: too many requests")
	errTooLarge        = errors.New("etcdserver: request is too large")
	errNoSpace         = errors.New("etcdserver: mvcc: database space exceeded")
	errCorrupt         = errors.New("etcdserver: corrupt cluster")
)

// maxGap is how many entries may be committed and not applied before a member takes no more requests (etcd).
const maxGap = 5000

// wireError is an error as a client of etcd reads it.
func wireError(err error) string {
	text := err.Error()
	if strings.HasPrefix(text, "mvcc: ") {
		return "etcdserver: " + text
	}
	return text
}

// validate refuses what no member takes, whatever its state.
func (o *Op) validate(f *Flags) error {
	s := o.Spec
	switch o.Kind {
	case ClientPut:
		p := mvcc.PutOp{
			Key: s.Key, Value: s.Value, Lease: int64(o.lease), IgnoreValue: s.IgnoreValue, IgnoreLease: s.IgnoreLease,
		}
		return p.Validate()
	case ClientTxn:
		return s.Txn.Validate(f.MaxTxnOps)
	case ClientGet, ClientDelete:
		if len(s.Key) == 0 {
			return mvcc.ErrEmptyKey
		}
	case LeaseGrant:
		if s.TTL > lease.TTLMax {
			return lease.ErrTTLTooLarge
		}
	}
	return nil
}

// cost is what the quota reckons for a request; 0 is nothing that grows the store.
func cost(req *pb.InternalRaftRequest, txn *mvcc.TxnRequest) int64 {
	switch {
	case req.Put != nil:
		return mvcc.PutCost(req.Put.Key, req.Put.Value)
	case txn != nil:
		return txn.Cost()
	case req.LeaseGrant != nil:
		return mvcc.LeaseCost()
	}
	return 0
}

// specCost is cost for a request that is not encoded yet.
func (o *Op) specCost() int64 {
	switch o.Kind {
	case ClientPut:
		return mvcc.PutCost(o.Spec.Key, o.Spec.Value)
	case ClientTxn:
		return o.Spec.Txn.Cost()
	case LeaseGrant:
		return mvcc.LeaseCost()
	}
	return 0
}

// room says whether the member's own file has room for a request. Members may differ.
func (m *member) room(c *Cluster, cost int64) bool {
	return cost == 0 || mvcc.QuotaAllows(c.config.Flags.quota(), m.backend.Size(), cost)
}

// admit refuses a proposal of which the member has too many already, or which is too large.
func (m *member) admit(c *Cluster, data []byte) error {
	gap := int64(m.node.View().Commit) - int64(m.applied)
	switch {
	case gap > maxGap && c.config.On(ruleBackpressure):
		return errTooManyRequests
	case len(data) > c.config.Flags.maxRequest():
		return errTooLarge
	}
	return nil
}

// propose hands a request of the member itself to Raft and returns its ID; 0 when Raft did not take it.
func (m *member) propose(req *pb.InternalRaftRequest) uint64 { return m.proposeAs(req, auth.Info{}) }

// proposeAs is propose on somebody's behalf.
func (m *member) proposeAs(req *pb.InternalRaftRequest, who auth.Info) uint64 {
	id := m.requestID()
	data, err := encodeRequest(req, id, who)
	if err != nil || m.node.Propose(data) != nil {
		return 0
	}
	return id
}

// full refuses a request for which the member's file has no room, and raises the alarm; the client is told when the
// alarm stands.
func (m *member) full(o *Op, w waiter) bool {
	id := m.propose(activation(Alarm{m.id, NoSpace}))
	if id == 0 {
		return false
	}
	w.id, w.err = id, errNoSpace.Error()
	m.waiting = append(m.waiting, w)
	return true
}

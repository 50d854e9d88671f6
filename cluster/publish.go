package cluster

import (
	"google.golang.org/protobuf/proto"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/membershippb"

	"etcdscope/raft"
)

// publish tells the cluster the name of a member that was added without one, as etcd's server does at its start. It
// is asked again until it is applied: the proposal may be lost.
func (m *member) publish(c *Cluster, e *Event) {
	self := m.membership.member(uint64(m.id))
	if self == nil || self.Name != "" || c.now < m.publishNext || m.node.View().Lead == raft.None {
		return
	}
	m.publishNext = c.now + c.config.Timing.Request
	req := &etcdserverpb.InternalRaftRequest{
		Header: &etcdserverpb.RequestHeader{ID: m.requestID()},
		ClusterMemberAttrSet: &membershippb.ClusterMemberAttrSetRequest{
			Member_ID: uint64(m.id),
			MemberAttributes: &membershippb.Attributes{
				Name: name(m.id), ClientUrls: []string{clientURL(uint64(m.id))},
			},
		},
	}
	data, err := proto.MarshalOptions{Deterministic: true}.Marshal(req)
	if err == nil {
		_ = m.node.Propose(data) // a dropped one is asked again
		e.Note = "publishes its name"
	}
}

// published notes a member's name; one that is gone has none.
func (m *member) published(r *membershippb.ClusterMemberAttrSetRequest) error {
	have := m.membership.member(r.GetMember_ID())
	if have == nil || r.MemberAttributes == nil {
		return nil
	}
	x := *have
	x.Name, x.ClientURLs = r.MemberAttributes.Name, r.MemberAttributes.ClientUrls
	m.membership.put(x)
	return m.membership.save(x.ID, m.store)
}

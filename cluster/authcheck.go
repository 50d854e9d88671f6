package cluster

import (
	pb "go.etcd.io/etcd/api/v3/etcdserverpb"

	"etcdscope/mvcc/auth"
	"etcdscope/mvcc/lease"
)

// The rules about users and roles that the server follows, by name. Each is read at the one place where it acts.
const (
	ruleAuthAtApply    = "auth-at-apply"
	rulePasswordHashed = "password-hashed-first"
)

var authRules = []Rule{
	{
		Name:     ruleAuthAtApply,
		Sentence: "Who may do what is looked at when an entry is applied, by users and roles that all members share.",
		Source:   "etcd authApplierV3; issues 14571, 11651",
	},
	{
		Name:     rulePasswordHashed,
		Sentence: "A password is hashed, with its random salt, by the member that is asked, before it goes to the log.",
		Source:   "etcd EtcdServer.UserAdd",
	},
}

// who says on whose behalf a client asks, by the token that it shows; without one it is nobody.
func (m *member) who(c *Cluster, o *Op) (auth.Info, error) {
	if !m.auth.Enabled() || o.token == "" {
		return auth.Info{}, nil
	}
	return m.auth.Who(o.token, auth.Time(m.localNow(c)))
}

// admits looks at what a client may ask, in the places where etcd's server does: some requests are for administrators,
// some for whoever says his name. Reads are looked at in full; writes will be when they are applied.
func (m *member) admits(c *Cluster, o *Op) (auth.Info, error) {
	who, err := m.who(c, o)
	switch {
	case err != nil || !m.auth.Enabled():
	case o.forAdmins():
		err = m.auth.MayAdminister(who)
	case o.forNames() && who == auth.Info{}:
		err = auth.ErrUserEmpty
	case o.Kind == ClientGet || o.Kind == ClientWatch:
		err = m.auth.MayRange(who, o.Spec.Key, wireEnd(o.Spec.End))
	case o.Kind == ClientTxn && !o.logged():
		err = m.mayTxn(wireTxn(o.Spec.Txn), who)
	case o.Kind == LeaseKeepAlive:
		err = m.mayLease(o.lease, who)
	case o.Kind == LeaseTimeToLive && o.Spec.Keys:
		err = m.mayRead(who, m.lessor.Keys(o.lease))
	case o.Kind == LeaseList:
		for _, l := range m.lessor.Leases(0) {
			if err == nil {
				err = m.mayRead(who, l.Keys)
			}
		}
	}
	return who, err
}

// forAdmins says whether only administrators may ask.
func (o *Op) forAdmins() bool {
	switch o.Kind {
	case ClientCompact, Defrag, EndpointHashKV, ClientSnapshot:
		return true
	}
	return o.Kind.changesMembers() || o.Kind == AlarmDisarm && o.listed
}

// forNames says whether whoever asks must say who he is.
func (o *Op) forNames() bool {
	switch o.Kind {
	case LeaseGrant, LeaseRevoke, LeaseTimeToLive, LeaseKeepAlive, LeaseList, AlarmList, AlarmDisarm, EndpointStatus,
		ClientMemberList:
		return true
	}
	return false
}

// turnedAway answers for a request that a client may not make.
func (m *member) turnedAway(c *Cluster, o *Op, e *Event) (who auth.Info, away bool) {
	who, err := m.admits(c, o)
	if err == nil {
		return who, false
	}
	e.Note = wireError(err)
	c.respond(o.ID, m.id, &reply{rev: m.store.Revision(), err: e.Note}, e.ID)
	return who, true
}

// place is where the rights to a request may be looked at.
type place bool

const (
	proposed place = false
	applied  place = true
)

// mayAt looks at the rights to a request when it is applied, or, where that rule is off, when it is proposed.
func (m *member) mayAt(c *Cluster, at place, req *pb.InternalRaftRequest, who auth.Info) error {
	if !m.auth.Enabled() || at != place(c.config.On(ruleAuthAtApply)) {
		return nil
	}
	return m.may(req, who)
}

// may says whether a request is allowed (etcd authApplierV3). It must say the same on every member.
func (m *member) may(req *pb.InternalRaftRequest, who auth.Info) error {
	switch {
	case req.Put != nil:
		return m.mayPut(req.Put, who)
	case req.DeleteRange != nil:
		return m.mayDelete(req.DeleteRange, who)
	case req.Txn != nil:
		return m.mayTxn(req.Txn, who)
	case req.LeaseRevoke != nil:
		return m.mayLease(lease.ID(req.LeaseRevoke.ID), who)
	case req.AuthUserGet != nil && req.AuthUserGet.Name == who.User:
		return nil
	case req.AuthRoleGet != nil && m.auth.HasRole(who.User, req.AuthRoleGet.Role):
		return nil
	case aboutAuth(req) && req.AuthStatus == nil:
		return m.auth.MayAdminister(who)
	}
	return nil
}

// aboutAuth says whether a request is one about users and roles; a login is none.
func aboutAuth(r *pb.InternalRaftRequest) bool {
	return r.AuthEnable != nil || r.AuthDisable != nil || r.AuthStatus != nil ||
		r.AuthUserAdd != nil || r.AuthUserDelete != nil || r.AuthUserGet != nil || r.AuthUserList != nil ||
		r.AuthUserChangePassword != nil || r.AuthUserGrantRole != nil || r.AuthUserRevokeRole != nil ||
		r.AuthRoleAdd != nil || r.AuthRoleDelete != nil || r.AuthRoleGet != nil || r.AuthRoleList != nil ||
		r.AuthRoleGrantPermission != nil || r.AuthRoleRevokePermission != nil
}

func (m *member) mayPut(r *pb.PutRequest, who auth.Info) error {
	err := m.auth.MayPut(who, r.Key)
	if err == nil {
		err = m.mayLease(lease.ID(r.Lease), who)
	}
	if err == nil && r.PrevKv {
		err = m.auth.MayRange(who, r.Key, nil)
	}
	return err
}

func (m *member) mayDelete(r *pb.DeleteRangeRequest, who auth.Info) error {
	err := m.auth.MayDelete(who, r.Key, r.RangeEnd)
	if err == nil && r.PrevKv {
		err = m.auth.MayRange(who, r.Key, r.RangeEnd)
	}
	return err
}

// mayTxn looks at both branches, whichever will be taken: the answer would tell of what may not be read.
func (m *member) mayTxn(r *pb.TxnRequest, who auth.Info) error {
	for _, x := range r.Compare {
		if err := m.auth.MayRange(who, x.Key, x.RangeEnd); err != nil {
			return err
		}
	}
	for _, branch := range [][]*pb.RequestOp{r.Success, r.Failure} {
		for _, op := range branch {
			if err := m.mayOp(op, who); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *member) mayOp(op *pb.RequestOp, who auth.Info) error {
	switch {
	case op.GetRequestRange() != nil:
		r := op.GetRequestRange()
		return m.auth.MayRange(who, r.Key, r.RangeEnd)
	case op.GetRequestPut() != nil:
		return m.mayPut(op.GetRequestPut(), who)
	case op.GetRequestDeleteRange() != nil:
		return m.mayDelete(op.GetRequestDeleteRange(), who)
	case op.GetRequestTxn() != nil:
		return m.mayTxn(op.GetRequestTxn(), who)
	}
	return nil
}

// mayLease says whether somebody may end or renew a lease, or give it another key: who cannot write all of its keys
// could not revoke it.
func (m *member) mayLease(id lease.ID, who auth.Info) error {
	if m.auth.MayAdminister(who) == nil {
		return nil
	}
	for _, key := range m.lessor.Keys(id) {
		if err := m.auth.MayPut(who, []byte(key)); err != nil {
			return err
		}
	}
	return nil
}

// mayRead says whether somebody may read all keys of a lease.
func (m *member) mayRead(who auth.Info, keys []string) error {
	if m.auth.MayAdminister(who) == nil {
		return nil
	}
	for _, key := range keys {
		if err := m.auth.MayRange(who, []byte(key), nil); err != nil {
			return err
		}
	}
	return nil
}

// self is on whose behalf a member revokes leases that have expired.
func (m *member) self() auth.Info {
	if !m.auth.Enabled() {
		return auth.Info{}
	}
	return auth.Info{User: auth.Root, Revision: m.auth.Revision()}
}

package cluster

import (
	"cmp"
	"encoding/base64"
	"fmt"

	"go.etcd.io/etcd/api/v3/authpb"
	pb "go.etcd.io/etcd/api/v3/etcdserverpb"

	"etcdscope/cluster/clock"
	"etcdscope/mvcc"
	"etcdscope/mvcc/auth"
	"etcdscope/raft"
)

// AuthVerb is what a client wants of users and roles.
type AuthVerb uint8

// What may be asked of users and roles.
const (
	AuthEnable AuthVerb = iota + 1
	AuthDisable
	AuthStatus
	UserAdd
	UserDelete
	UserGet
	UserList
	UserPasswd
	UserGrantRole
	UserRevokeRole
	RoleAdd
	RoleDelete
	RoleGet
	RoleList
	RoleGrantPermission
	RoleRevokePermission
)

// authVerbs are etcdctl's words.
var authVerbs = [...]string{
	AuthEnable: "auth enable", AuthDisable: "auth disable", AuthStatus: "auth status",
	UserAdd: "user add", UserDelete: "user delete", UserGet: "user get", UserList: "user list",
	UserPasswd: "user passwd", UserGrantRole: "user grant-role", UserRevokeRole: "user revoke-role",
	RoleAdd: "role add", RoleDelete: "role delete", RoleGet: "role get", RoleList: "role list",
	RoleGrantPermission: "role grant-permission", RoleRevokePermission: "role revoke-permission",
}

// String is the command of etcdctl.
func (v AuthVerb) String() string {
	if int(v) < len(authVerbs) {
		return authVerbs[v]
	}
	return "?"
}

// asks says whether a request changes nothing.
func (v AuthVerb) asks() bool {
	return v == AuthStatus || v == UserGet || v == UserList || v == RoleGet || v == RoleList
}

// AuthSpec is a request about users and roles; the keys of a permission are those of OpSpec.
type AuthSpec struct {
	Verb       AuthVerb
	User, Role string
	Password   string
	NoPassword bool
	Access     auth.Access
}

// AuthAnswer is what a request about users and roles brought.
type AuthAnswer struct {
	Enabled     bool
	Revision    uint64
	Names       []string          // of user list and role list; of user get: the roles
	Permissions []auth.Permission // of role get
}

// authRequest is a request about users and roles as etcd's protocol has it. A password is hashed before the log: all
// members then keep the same hash, and no WAL has the password.
func (m *member) authRequest(c *Cluster, s *OpSpec, id uint64) (*pb.InternalRaftRequest, error) {
	a, req := s.Auth, &pb.InternalRaftRequest{}
	password, hashed, err := a.Password, "", error(nil)
	if password != "" && c.config.On(rulePasswordHashed) {
		var hash []byte
		hash, err = m.hash(c, password, id)
		password, hashed = "", base64.StdEncoding.EncodeToString(hash)
	}
	switch a.Verb {
	case AuthEnable:
		req.AuthEnable = &pb.AuthEnableRequest{}
	case AuthDisable:
		req.AuthDisable = &pb.AuthDisableRequest{}
	case AuthStatus:
		req.AuthStatus = &pb.AuthStatusRequest{}
	case UserAdd:
		options := &authpb.UserAddOptions{NoPassword: a.NoPassword}
		req.AuthUserAdd = &pb.AuthUserAddRequest{
			Name: a.User, Password: password, HashedPassword: hashed, Options: options,
		}
	case UserPasswd:
		req.AuthUserChangePassword = &pb.AuthUserChangePasswordRequest{
			Name: a.User, Password: password, HashedPassword: hashed,
		}
	case UserDelete:
		req.AuthUserDelete = &pb.AuthUserDeleteRequest{Name: a.User}
	case UserGet:
		req.AuthUserGet = &pb.AuthUserGetRequest{Name: a.User}
	case UserList:
		req.AuthUserList = &pb.AuthUserListRequest{}
	case UserGrantRole:
		req.AuthUserGrantRole = &pb.AuthUserGrantRoleRequest{User: a.User, Role: a.Role}
	case UserRevokeRole:
		req.AuthUserRevokeRole = &pb.AuthUserRevokeRoleRequest{Name: a.User, Role: a.Role}
	default:
		roleRequest(req, s)
	}
	return req, err
}

// roleRequest is the part of authRequest about roles.
func roleRequest(req *pb.InternalRaftRequest, s *OpSpec) {
	switch a := s.Auth; a.Verb {
	case RoleAdd:
		req.AuthRoleAdd = &pb.AuthRoleAddRequest{Name: a.Role}
	case RoleDelete:
		req.AuthRoleDelete = &pb.AuthRoleDeleteRequest{Role: a.Role}
	case RoleGet:
		req.AuthRoleGet = &pb.AuthRoleGetRequest{Role: a.Role}
	case RoleList:
		req.AuthRoleList = &pb.AuthRoleListRequest{}
	case RoleGrantPermission:
		req.AuthRoleGrantPermission = &pb.AuthRoleGrantPermissionRequest{Name: a.Role, Perm: &authpb.Permission{
			PermType: authpb.Permission_Type(a.Access), Key: s.Key, RangeEnd: wireEnd(s.End),
		}}
	case RoleRevokePermission:
		req.AuthRoleRevokePermission = &pb.AuthRoleRevokePermissionRequest{
			Role: a.Role, Key: s.Key, RangeEnd: wireEnd(s.End),
		}
	}
}

// hash hashes a password with a salt of the member's own.
func (m *member) hash(c *Cluster, password string, request uint64) ([]byte, error) {
	var salt [auth.SaltBytes]byte
	for i := range salt {
		salt[i] = byte(clock.Draw(c.config.Seed, clock.ForSalt, uint64(m.id), request, uint64(i)))
	}
	return auth.HashPassword(password, salt, c.config.Flags.bcryptCost())
}

// authenticate applies a login: the password was right when the member that was asked looked at it, and all members
// keep the token.
func (m *member) authenticate(c *Cluster, r *pb.InternalAuthenticateRequest, index raft.Index, e *Event) *reply {
	token, err := m.auth.Authenticate(r.Name, r.SimpleToken, uint64(index), auth.Time(m.localNow(c)))
	if err != nil {
		return m.refusal(err, e)
	}
	return &reply{rev: m.store.Revision(), token: token}
}

// keep applies a request about users and roles.
func (m *member) keep(c *Cluster, req *pb.InternalRaftRequest, id uint64, e *Event) *reply {
	out := &reply{rev: m.store.Revision()}
	answer, rows, err := m.changeAuth(c, req, id)
	if err != nil {
		return m.refusal(err, e)
	}
	for _, r := range rows {
		if r.Value == nil {
			m.store.DeleteRow(mvcc.Bucket(r.Bucket), string(r.Key))
		} else {
			m.store.SetRow(mvcc.Bucket(r.Bucket), string(r.Key), r.Value)
		}
	}
	if len(rows) > 0 {
		m.commitNow = true
		e.Note = fmt.Sprintf("auth revision %d", m.auth.Revision())
	}
	answer.Enabled, answer.Revision = m.auth.Enabled(), m.auth.Revision()
	out.Auth = answer
	return out
}

// changeAuth hands a request to the store of users and roles.
func (m *member) changeAuth(c *Cluster, req *pb.InternalRaftRequest, id uint64) (*AuthAnswer, []auth.Row, error) {
	answer, rows, err := &AuthAnswer{}, []auth.Row(nil), error(nil)
	switch s := m.auth; {
	case req.AuthEnable != nil:
		rows, err = s.Enable()
	case req.AuthDisable != nil:
		rows = s.Disable()
	case req.AuthUserAdd != nil:
		r := req.AuthUserAdd
		var hash []byte
		if hash, err = m.passwordOf(c, r.Password, r.HashedPassword, id); err == nil {
			rows, err = s.UserAdd(r.Name, hash, r.Options.GetNoPassword())
		}
	case req.AuthUserChangePassword != nil:
		r := req.AuthUserChangePassword
		var hash []byte
		if hash, err = m.passwordOf(c, r.Password, r.HashedPassword, id); err == nil {
			rows, err = s.UserChangePassword(r.Name, hash)
		}
	case req.AuthUserDelete != nil:
		rows, err = s.UserDelete(req.AuthUserDelete.Name)
	case req.AuthUserGet != nil:
		answer.Names, err = s.UserGet(req.AuthUserGet.Name)
	case req.AuthUserList != nil:
		answer.Names = s.UserList()
	case req.AuthUserGrantRole != nil:
		rows, err = s.UserGrantRole(req.AuthUserGrantRole.User, req.AuthUserGrantRole.Role)
	case req.AuthUserRevokeRole != nil:
		rows, err = s.UserRevokeRole(req.AuthUserRevokeRole.Name, req.AuthUserRevokeRole.Role)
	default:
		return m.changeRoles(req, answer)
	}
	return answer, rows, err
}

// changeRoles is the part of changeAuth about roles.
func (m *member) changeRoles(
	req *pb.InternalRaftRequest, answer *AuthAnswer,
) (_ *AuthAnswer, rows []auth.Row, err error) {
	switch s := m.auth; {
	case req.AuthRoleAdd != nil:
		rows, err = s.RoleAdd(req.AuthRoleAdd.Name)
	case req.AuthRoleDelete != nil:
		rows, err = s.RoleDelete(req.AuthRoleDelete.Role)
	case req.AuthRoleGet != nil:
		answer.Permissions, err = s.RoleGet(req.AuthRoleGet.Role)
	case req.AuthRoleList != nil:
		answer.Names = s.RoleList()
	case req.AuthRoleGrantPermission != nil:
		rows, err = s.RoleGrantPermission(req.AuthRoleGrantPermission.Name, parsePermission(req.AuthRoleGrantPermission.Perm))
	case req.AuthRoleRevokePermission != nil:
		r := req.AuthRoleRevokePermission
		rows, err = s.RoleRevokePermission(r.Role, r.Key, r.RangeEnd)
	}
	return answer, rows, err
}

func parsePermission(p *authpb.Permission) *auth.Permission {
	if p == nil {
		return nil
	}
	return &auth.Permission{Access: auth.Access(p.PermType), Key: p.Key, End: p.RangeEnd}
}

// passwordOf is the hash that a request brings. One that brings the password itself, as servers before 3.5 wrote it, is
// hashed now, by every member on its own.
func (m *member) passwordOf(c *Cluster, password, hashed string, request uint64) ([]byte, error) {
	if password != "" && hashed == "" {
		return m.hash(c, password, request)
	}
	hash, err := base64.StdEncoding.DecodeString(hashed)
	if err != nil {
		return nil, auth.ErrNoPasswordUser
	}
	return hash, nil
}

// openAuth reads users and roles from the file: of the member's own when it starts, of a leader's after a snapshot.
func (m *member) openAuth(c *Cluster) error {
	rows := func(b auth.Bucket, row func(k, v []byte) error) error { return m.store.Rows(mvcc.Bucket(b), row) }
	if m.auth != nil && m.node != nil {
		return m.auth.Recover(rows)
	}
	cfg := auth.Config{Second: auth.Time(clock.Second), Rules: c.config.ruleSet().auth}
	if m.auth = auth.New(cfg); m.store.ConsistentIndex() == 0 {
		return nil // nothing was ever saved
	}
	s, err := auth.Open(cfg, rows)
	m.auth = cmp.Or(s, m.auth)
	return err
}

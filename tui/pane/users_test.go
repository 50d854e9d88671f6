package pane

import (
	"testing"

	"go.etcd.io/etcd/api/v3/authpb"
	"go.etcd.io/etcd/api/v3/etcdserverpb"

	"etcdscope/mvcc/auth"
)

// TestInspectorUsers draws who may do what, with names that a stranger chose.
func TestInspectorUsers(t *testing.T) {
	w := electing(t)
	w.member(1).Auth = &auth.View{
		Enabled: true, Revision: 12, Tokens: 2, Digest: 1,
		Users: []auth.User{
			{Name: "alice", Roles: []string{"jobs", "reader"}},
			{Name: "robot\x1b[2J", NoPassword: true},
			{Name: "root", Roles: []string{"root"}},
		},
		Roles: []auth.Role{
			{Name: "jobs", Permissions: []auth.Permission{
				{Access: auth.ReadWrite, Key: []byte("job/"), End: []byte("job0")},
				{Access: auth.Write, Key: []byte("log"), End: []byte{0}},
			}},
			{Name: "reader", Permissions: []auth.Permission{{Access: auth.Read, Key: []byte("x\x00")}, {Access: 7}}},
			{Name: "root"},
		},
	}
	s := w.scene()
	s.Selected = 1
	golden(t, "inspect-users", draw(NewInspector(), s, 110, 24))
	s.Lang = "zh"
	golden(t, "inspect-users-zh", draw(NewInspector(), s, 60, 34))
}

// TestAuthRequests names every request about users and roles.
func TestAuthRequests(t *testing.T) {
	type request = etcdserverpb.InternalRaftRequest
	for want, r := range map[string]*request{
		"":              {Put: &etcdserverpb.PutRequest{}},
		"login a":       {Authenticate: &etcdserverpb.InternalAuthenticateRequest{Name: "a", SimpleToken: "secret"}},
		"auth enable":   {AuthEnable: &etcdserverpb.AuthEnableRequest{}},
		"auth disable":  {AuthDisable: &etcdserverpb.AuthDisableRequest{}},
		"auth status":   {AuthStatus: &etcdserverpb.AuthStatusRequest{}},
		"user add a":    {AuthUserAdd: &etcdserverpb.AuthUserAddRequest{Name: "a", Password: "secret"}},
		"user delete a": {AuthUserDelete: &etcdserverpb.AuthUserDeleteRequest{Name: "a"}},
		"user passwd a": {AuthUserChangePassword: &etcdserverpb.AuthUserChangePasswordRequest{Name: "a", Password: "p"}},
		"user a +r":     {AuthUserGrantRole: &etcdserverpb.AuthUserGrantRoleRequest{User: "a", Role: "r"}},
		"user a -r":     {AuthUserRevokeRole: &etcdserverpb.AuthUserRevokeRoleRequest{Name: "a", Role: "r"}},
		"user get":      {AuthUserGet: &etcdserverpb.AuthUserGetRequest{Name: "a"}},
		"role add r":    {AuthRoleAdd: &etcdserverpb.AuthRoleAddRequest{Name: "r"}},
		"role delete r": {AuthRoleDelete: &etcdserverpb.AuthRoleDeleteRequest{Role: "r"}},
		"role get":      {AuthRoleList: &etcdserverpb.AuthRoleListRequest{}},
		"role r may more": {AuthRoleGrantPermission: &etcdserverpb.AuthRoleGrantPermissionRequest{
			Name: "r", Perm: &authpb.Permission{},
		}},
		"role r may less": {AuthRoleRevokePermission: &etcdserverpb.AuthRoleRevokePermissionRequest{Role: "r"}},
	} {
		if got := authRequest(r); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

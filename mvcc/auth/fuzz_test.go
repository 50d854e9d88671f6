package auth

import (
	"strings"
	"testing"

	"go.etcd.io/etcd/api/v3/authpb"
)

// FuzzRows opens files with any users and roles in them, and lets them be used: whatever stands there, nothing panics
// or hangs. Such a file may come with a data directory or a snapshot.
func FuzzRows(f *testing.F) {
	user := encode(&authpb.User{Name: []byte("a"), Roles: []string{"r", "root", "r"}})
	role := encode(&authpb.Role{Name: []byte("r"), KeyPermission: []*authpb.Permission{
		{PermType: authpb.READWRITE, Key: []byte("k"), RangeEnd: []byte("a")},
		{PermType: 7, RangeEnd: []byte{0}},
	}})
	hash := "$2a$31$" + strings.Repeat("a", 53)
	f.Add("authRevision", []byte("12345678"), "a", user, "r", role)
	f.Add("authEnabled", []byte{1}, "root", encode(&authpb.User{Name: []byte(Root), Password: []byte(hash)}), "", []byte{})
	f.Fuzz(func(t *testing.T, key string, value []byte, name string, user []byte, role string, perms []byte) {
		s, err := Open(Config{}, func(b Bucket, row func(key, value []byte) error) error {
			switch b {
			case BucketUsers:
				return row([]byte(name), user)
			case BucketRoles:
				return row([]byte(role), perms)
			}
			return row([]byte(key), value)
		})
		if err != nil {
			return
		}
		use(s, name, role)
		if s.Clone().Digest() != s.Digest() {
			t.Error("a clone has another digest")
		}
	})
}

// use does everything that a member may be asked for.
func use(s *Store, name, role string) {
	who := Info{User: name, Revision: s.Revision()}
	_, _ = s.Enable()
	_, _ = s.CheckPassword(name, "pw")
	_, _ = s.Authenticate(name, "prefix", 1, 1)
	_, _ = s.Who("prefix.1", 2)
	_, _, _ = s.MayRange(who, []byte("k"), []byte{0}), s.MayPut(who, nil), s.MayDelete(who, []byte("k"), []byte("a"))
	_ = s.MayAdminister(who)
	_, _ = s.UserGrantRole(name, role)
	_, _ = s.UserGet(name)
	_, _ = s.RoleGet(role)
	_, _ = s.RoleGrantPermission(role, &Permission{Key: []byte("k"), End: []byte("z")})
	_, _ = s.RoleRevokePermission(role, []byte("k"), []byte("z"))
	_, _ = s.UserRevokeRole(name, role)
	_, _ = s.RoleDelete(role)
	_, _ = s.UserDelete(name)
	_, _ = s.UserList(), s.RoleList()
	_ = s.View()
	s.Disable()
}

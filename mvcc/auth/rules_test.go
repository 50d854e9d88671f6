package auth

import (
	"errors"
	"testing"

	"go.etcd.io/etcd/api/v3/authpb"
)

// TestStaleRights: a member that was given a snapshot, and reckons by the users that it had before, refuses what the
// others allow, until users or roles change the next time.
func TestStaleRights(t *testing.T) {
	leader, f := New(Config{}), file{}
	do := func(rows []Row, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		f.write(rows)
	}
	do(leader.UserAdd(Root, nil, true))
	do(leader.UserGrantRole(Root, Root))
	do(leader.UserAdd("alice", nil, true))
	do(leader.RoleAdd("r"))
	do(leader.RoleGrantPermission("r", &Permission{Access: Write, Key: []byte("k")}))
	do(leader.UserGrantRole("alice", "r"))
	do(leader.Enable())
	for _, on := range []bool{true, false} {
		var rules Rules
		if err := rules.Switch("auth-cache-renewed", on); err != nil {
			t.Fatal(err)
		}
		s := New(Config{}) // it runs, and has applied nothing yet
		s.SetRules(rules)
		if err := s.Recover(f.read); err != nil || s.Digest() != leader.Digest() {
			t.Fatal("other users and roles", err)
		}
		who := Info{User: "alice", Revision: s.Revision()}
		if err := s.MayPut(who, []byte("k")); on != (err == nil) || !on && !errors.Is(err, ErrPermissionDenied) {
			t.Errorf("with the rule %v: %v", on, err)
		}
		if _, err := s.RoleAdd("s"); err != nil {
			t.Fatal(err)
		}
		who.Revision++
		if err := s.MayPut(who, []byte("k")); err != nil {
			t.Errorf("after the next change: %v", err)
		}
	}
	if err := (&Rules{}).Switch("no-such-rule", false); err == nil {
		t.Error("there is no such rule")
	}
}

// TestUnknownAccess: what a file allows in words of a later time, nobody may do.
func TestUnknownAccess(t *testing.T) {
	role := &authpb.Role{Name: []byte("r"), KeyPermission: []*authpb.Permission{{PermType: 7, Key: []byte("k")}}}
	user := &authpb.User{Name: []byte("alice"), Roles: []string{"r"}}
	f := file{}
	f.write([]Row{roleRow(role), userRow(user), enabledRow(true), revisionRow(9)})
	s, err := Open(Config{}, f.read)
	if err != nil {
		t.Fatal(err)
	}
	who := Info{User: "alice", Revision: 9}
	for _, err := range []error{s.MayPut(who, []byte("k")), s.MayRange(who, []byte("k"), nil)} {
		if !errors.Is(err, ErrPermissionDenied) {
			t.Error(err)
		}
	}
}

// TestDamagedRows: a file whose rows cannot be right is refused.
func TestDamagedRows(t *testing.T) {
	for _, row := range []Row{
		{BucketAuth, []byte(keyRevision), []byte{1}},
		{BucketUsers, []byte("a"), []byte{0xff}},
		{BucketUsers, []byte("a"), []byte{}},
		{BucketRoles, []byte("a"), []byte{0xff}},
		{BucketRoles, []byte("a"), []byte{}},
	} {
		f := file{}
		f.write([]Row{row})
		if s, err := Open(Config{}, f.read); err == nil || s != nil {
			t.Errorf("%s %q %q was taken", row.Bucket, row.Key, row.Value)
		}
	}
}

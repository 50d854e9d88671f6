package auth

import (
	"bytes"
	"slices"

	"go.etcd.io/etcd/api/v3/authpb"
)

// Permission lets a role read or write a key or a range of keys; End is as in etcd's protocol.
type Permission struct {
	Access   Access
	Key, End []byte
}

// Access is what a permission allows; the numbers are etcd's.
type Access uint8

// The kinds of access.
const (
	Read Access = iota
	Write
	ReadWrite
)

// String is etcd's name of the access.
func (a Access) String() string { return authpb.Permission_Type(a).String() }

// RoleAdd adds a role that may do nothing. Errors are ErrRoleEmpty and ErrRoleAlreadyExist.
func (s *Store) RoleAdd(name string) ([]Row, error) {
	switch {
	case name == "":
		return nil, ErrRoleEmpty
	case s.roles.get(name) != nil:
		return nil, ErrRoleAlreadyExist
	}
	return s.putRole(&authpb.Role{Name: []byte(name)}), nil
}

// RoleDelete removes a role and takes it from all users. Errors are ErrRoleNotFound, and ErrInvalidAuthMgmt for root
// while authentication is enabled.
func (s *Store) RoleDelete(name string) ([]Row, error) {
	switch {
	case s.enabled && name == Root:
		return nil, ErrInvalidAuthMgmt
	case s.roles.get(name) == nil:
		return nil, ErrRoleNotFound
	}
	s.roles = s.roles.without(name)
	rows := []Row{{Bucket: BucketRoles, Key: []byte(name)}}
	for _, u := range s.users {
		if slices.Contains(u.Roles, name) {
			u = withRoles(u, without(u.Roles, name))
			s.users = s.users.with(u)
			rows = append(rows, userRow(u))
		}
	}
	return s.commit(rows...), nil
}

// RoleGrantPermission lets a role do more, or something else with the same keys. Errors are ErrPermissionNotGiven,
// ErrInvalidAuthMgmt for no range of keys, and ErrRoleNotFound.
func (s *Store) RoleGrantPermission(name string, p *Permission) ([]Row, error) {
	if p == nil {
		return nil, ErrPermissionNotGiven
	}
	r := s.roles.get(name)
	switch {
	case !p.valid():
		return nil, ErrInvalidAuthMgmt
	case r == nil:
		return nil, ErrRoleNotFound
	}
	next := &authpb.Role{Name: r.Name, KeyPermission: slices.Clone(r.KeyPermission)}
	one := &authpb.Permission{PermType: authpb.Permission_Type(p.Access), Key: p.Key, RangeEnd: p.End}
	// etcd looks at the first permission with this key only: of several ranges from one key all but the first are
	// granted a second time, not changed.
	at, _ := slices.BinarySearchFunc(next.KeyPermission, p.Key, func(x *authpb.Permission, key []byte) int {
		return bytes.Compare(x.Key, key)
	})
	if at < len(next.KeyPermission) && sameRange(next.KeyPermission[at], p.Key, p.End) {
		next.KeyPermission[at] = one
		return s.putRole(next), nil
	}
	next.KeyPermission = append(next.KeyPermission, one)
	sortByKey(next.KeyPermission)
	return s.putRole(next), nil
}

// RoleRevokePermission takes a permission from a role. Errors are ErrRoleNotFound and ErrPermissionNotGranted.
func (s *Store) RoleRevokePermission(name string, key, end []byte) ([]Row, error) {
	r := s.roles.get(name)
	if r == nil {
		return nil, ErrRoleNotFound
	}
	left := slices.DeleteFunc(slices.Clone(r.KeyPermission), func(p *authpb.Permission) bool {
		return sameRange(p, key, end)
	})
	if len(left) == len(r.KeyPermission) {
		return nil, ErrPermissionNotGranted
	}
	return s.putRole(&authpb.Role{Name: r.Name, KeyPermission: left}), nil
}

// RoleGet lists what a role may do. The role root, if it was added, may do everything. The error is ErrRoleNotFound.
func (s *Store) RoleGet(name string) ([]Permission, error) {
	r := s.roles.get(name)
	switch {
	case r == nil:
		return nil, ErrRoleNotFound
	case name == Root:
		return []Permission{{Access: ReadWrite, End: []byte{0}}}, nil
	}
	return permissions(r), nil
}

// RoleList lists the names of all roles, sorted.
func (s *Store) RoleList() []string { return s.roles.names() }

// putRole stores a role and makes the next revision.
func (s *Store) putRole(r *authpb.Role) []Row {
	s.roles = s.roles.with(r)
	return s.commit(roleRow(r))
}

func sameRange(p *authpb.Permission, key, end []byte) bool {
	return bytes.Equal(p.Key, key) && bytes.Equal(p.RangeEnd, end)
}

func permissions(r *authpb.Role) []Permission {
	out := make([]Permission, len(r.KeyPermission))
	for i, p := range r.KeyPermission {
		out[i] = Permission{Access: Access(p.PermType), Key: p.Key, End: p.RangeEnd}
	}
	return out
}

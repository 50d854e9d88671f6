package auth

import (
	"slices"

	"go.etcd.io/etcd/api/v3/authpb"
)

// UserAdd adds a user with the hash of a password, or one that can never log in with one. Errors are ErrUserEmpty and
// ErrUserAlreadyExist.
func (s *Store) UserAdd(name string, hash []byte, noPassword bool) ([]Row, error) {
	switch {
	case name == "":
		return nil, ErrUserEmpty
	case s.users.get(name) != nil:
		return nil, ErrUserAlreadyExist
	case noPassword:
		hash = nil
	}
	return s.putUser(&authpb.User{
		Name: []byte(name), Password: hash, Options: &authpb.UserAddOptions{NoPassword: noPassword},
	}), nil
}

// UserDelete removes a user; his tokens are worth nothing any more. Errors are ErrUserNotFound, and ErrInvalidAuthMgmt
// for root while authentication is enabled.
func (s *Store) UserDelete(name string) ([]Row, error) {
	switch {
	case s.enabled && name == Root:
		return nil, ErrInvalidAuthMgmt
	case s.users.get(name) == nil:
		return nil, ErrUserNotFound
	}
	s.users = s.users.without(name)
	s.forget(name)
	return s.commit(Row{Bucket: BucketUsers, Key: []byte(name)}), nil
}

// UserChangePassword gives a user another password; his tokens are worth nothing any more. The error is
// ErrUserNotFound.
func (s *Store) UserChangePassword(name string, hash []byte) ([]Row, error) {
	u := s.users.get(name)
	if u == nil {
		return nil, ErrUserNotFound
	}
	next := &authpb.User{Name: u.Name, Password: hash, Roles: u.Roles, Options: u.Options}
	if u.Options.GetNoPassword() {
		next.Password = nil
	}
	s.forget(name)
	return s.putUser(next), nil
}

// UserGrantRole gives a user a role; one that he has changes nothing. The role root need not exist. Errors are
// ErrUserNotFound and ErrRoleNotFound.
func (s *Store) UserGrantRole(name, role string) ([]Row, error) {
	u := s.users.get(name)
	switch {
	case u == nil:
		return nil, ErrUserNotFound
	case role != Root && s.roles.get(role) == nil:
		return nil, ErrRoleNotFound
	}
	at, has := slices.BinarySearch(u.Roles, role)
	if has {
		return nil, nil
	}
	return s.putUser(withRoles(u, slices.Insert(slices.Clone(u.Roles), at, role))), nil
}

// UserRevokeRole takes a role from a user. Errors are ErrUserNotFound, ErrRoleNotGranted, and ErrInvalidAuthMgmt for
// root's role root while authentication is enabled.
func (s *Store) UserRevokeRole(name, role string) ([]Row, error) {
	u := s.users.get(name)
	switch {
	case s.enabled && name == Root && role == Root:
		return nil, ErrInvalidAuthMgmt
	case u == nil:
		return nil, ErrUserNotFound
	case !slices.Contains(u.Roles, role):
		return nil, ErrRoleNotGranted
	}
	return s.putUser(withRoles(u, without(u.Roles, role))), nil
}

// UserGet lists the roles of a user, sorted. The error is ErrUserNotFound.
func (s *Store) UserGet(name string) ([]string, error) {
	u := s.users.get(name)
	if u == nil {
		return nil, ErrUserNotFound
	}
	return u.Roles, nil
}

// UserList lists the names of all users, sorted.
func (s *Store) UserList() []string { return s.users.names() }

// HasRole says whether there is such a user with such a role.
func (s *Store) HasRole(user, role string) bool {
	u := s.users.get(user)
	return u != nil && slices.Contains(u.Roles, role)
}

// putUser stores a user and makes the next revision.
func (s *Store) putUser(u *authpb.User) []Row {
	s.users = s.users.with(u)
	return s.commit(userRow(u))
}

func withRoles(u *authpb.User, roles []string) *authpb.User {
	return &authpb.User{Name: u.Name, Password: u.Password, Options: u.Options, Roles: roles}
}

func without(roles []string, role string) []string {
	return slices.DeleteFunc(slices.Clone(roles), func(r string) bool { return r == role })
}

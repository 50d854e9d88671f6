package auth

// Info says on whose behalf something is asked, and how new the users and roles were by which he was known. The zero
// value is nobody.
type Info struct {
	User     string
	Revision uint64
}

// MayPut says whether a key may be written. Errors, also of the two below, are ErrUserEmpty for nobody,
// ErrAuthOldRevision when users and roles have changed since, and ErrPermissionDenied.
func (s *Store) MayPut(who Info, key []byte) error { return s.may(who, key, nil, Write) }

// MayRange says whether a range of keys may be read; end is as in etcd's protocol.
func (s *Store) MayRange(who Info, key, end []byte) error { return s.may(who, key, end, Read) }

// MayDelete says whether a range of keys may be deleted; end is as in etcd's protocol.
func (s *Store) MayDelete(who Info, key, end []byte) error { return s.may(who, key, end, Write) }

func (s *Store) may(who Info, key, end []byte, a Access) error {
	switch {
	case !s.enabled:
		return nil
	case who.Revision == 0:
		return ErrUserEmpty
	case who.Revision < s.revision:
		return ErrAuthOldRevision
	}
	u := s.users.get(who.User)
	if u != nil && (isRoot(u) || s.covered(who.User, key, end, a)) {
		return nil
	}
	return ErrPermissionDenied
}

// MayAdminister says whether users, roles and members may be changed, whatever the revision. Errors are ErrUserEmpty,
// ErrUserNotFound and ErrPermissionDenied.
func (s *Store) MayAdminister(who Info) error {
	if !s.enabled {
		return nil
	}
	if who.User == "" {
		return ErrUserEmpty
	}
	switch u := s.users.get(who.User); {
	case u == nil:
		return ErrUserNotFound
	case !isRoot(u):
		return ErrPermissionDenied
	}
	return nil
}

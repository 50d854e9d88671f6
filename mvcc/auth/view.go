package auth

// View is a store at one moment. It stays valid when the store moves on.
type View struct {
	Enabled  bool
	Revision uint64
	Users    []User // in order of name
	Roles    []Role // in order of name
	Tokens   int    // that the member keeps; some may have expired
	Digest   uint64 // of all that is replicated
}

// User is what may be drawn or asked of one user.
type User struct {
	Name       string
	Roles      []string // sorted
	NoPassword bool
}

// Role is what may be drawn or asked of one role.
type Role struct {
	Name        string
	Permissions []Permission
}

// View returns what may be drawn; it is immutable.
func (s *Store) View() *View {
	if s.view != nil {
		return s.view
	}
	v := &View{Enabled: s.enabled, Revision: s.revision, Tokens: len(s.tokens), Digest: s.digest}
	for _, u := range s.users {
		v.Users = append(v.Users, User{string(u.Name), u.Roles, u.Options.GetNoPassword()})
	}
	for _, r := range s.roles {
		v.Roles = append(v.Roles, Role{string(r.Name), permissions(r)})
	}
	s.view = v
	return v
}

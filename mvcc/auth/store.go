package auth

import (
	"cmp"
	"slices"

	"go.etcd.io/etcd/api/v3/authpb"
)

// Root is the name of the user who must be there before authentication is enabled, and of the role that may do all.
const Root = "root"

// Time is a moment of the caller's virtual time.
type Time int64

// TokenTTL is how long etcd keeps a token that nobody uses, in seconds.
const TokenTTL = 300

// Config of a store; zero values are etcd's.
type Config struct {
	Second Time // units of Time in a second; 0: 1,000,000
	Rules  Rules
}

const defaultSecond = 1_000_000

// Store holds the users and roles of one member.
type Store struct {
	config   Config
	enabled  bool
	revision uint64
	users    book[*authpb.User]
	roles    book[*authpb.Role]

	rights []rights // what the roles of each user add up to, in order of name
	tokens []token  // in order of text

	digest uint64 // of what is replicated; 0: nothing was ever changed
	view   *View  // of this very state; nil after a change
}

// firstRevision is that of a store in which nothing was ever changed.
const firstRevision = 1

// New returns a store without users and roles that lets everybody do everything.
func New(c Config) *Store {
	c.Second = cmp.Or(c.Second, defaultSecond)
	return &Store{config: c, revision: firstRevision}
}

// Clone returns an independent copy; both share what neither changes.
func (s *Store) Clone() *Store {
	c := *s
	c.tokens = slices.Clone(s.tokens)
	return &c
}

// SetRules switches rules on or off from now on; what was done under the old ones stays.
func (s *Store) SetRules(rules Rules) { s.config.Rules = rules }

// Enabled says whether clients must say who they are.
func (s *Store) Enabled() bool { return s.enabled }

// Revision counts the changes of users and roles.
func (s *Store) Revision() uint64 { return s.revision }

// Enable lets nobody do anything any more without saying who he is. That must leave somebody who may change users and
// roles. Errors are ErrRootUserNotExist and ErrRootRoleNotExist.
func (s *Store) Enable() ([]Row, error) {
	if s.enabled {
		return nil, nil
	}
	root := s.users.get(Root)
	switch {
	case root == nil:
		return nil, ErrRootUserNotExist
	case !isRoot(root):
		return nil, ErrRootRoleNotExist
	}
	s.enabled = true
	s.renew()
	s.changed()
	return []Row{enabledRow(true)}, nil
}

// Disable lets everybody do everything again, and forgets all tokens.
func (s *Store) Disable() []Row {
	if !s.enabled {
		return nil
	}
	s.enabled, s.tokens = false, nil
	return s.commit(enabledRow(false))
}

// commit makes the next revision of a change. Whatever it was, all rights are reckoned anew.
func (s *Store) commit(rows ...Row) []Row {
	s.revision++
	s.renew()
	s.changed()
	return append(rows, revisionRow(s.revision))
}

func (s *Store) changed() {
	s.digest, s.view = s.reckon(), nil
}

// isRoot says whether a user has the role that may do all.
func isRoot(u *authpb.User) bool {
	_, ok := slices.BinarySearch(u.Roles, Root)
	return ok
}

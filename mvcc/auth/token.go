package auth

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// token is what a user shows who has logged in. A member keeps its tokens in memory only.
type token struct {
	text, user string
	expiry     Time
}

// letters are those of which a token is made; etcd's are the same, and 16 of them.
const (
	letters     = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	tokenLength = 16
)

// TokenPrefix makes the letters of a token; draw gives one random number for each.
func TokenPrefix(draw func(i int) uint64) string {
	var b [tokenLength]byte
	for i := range b {
		b[i] = letters[draw(i)%uint64(len(letters))]
	}
	return string(b[:])
}

// CheckPassword compares a password with the one of a user, and says which revision it looked at. Errors are
// ErrAuthNotEnabled, ErrAuthFailed and ErrNoPasswordUser.
func (s *Store) CheckPassword(user, password string) (revision uint64, err error) {
	u := s.users.get(user)
	switch {
	case !s.enabled:
		return 0, ErrAuthNotEnabled
	case u == nil:
		return 0, ErrAuthFailed
	case u.Options.GetNoPassword():
		return 0, ErrNoPasswordUser
	case !matches(u.Password, password):
		return 0, ErrAuthFailed
	}
	return s.revision, nil
}

// Authenticate gives a user a token whose password was found right; index is that of the log entry, so that no two
// tokens are the same. Errors are ErrAuthNotEnabled and ErrAuthFailed.
func (s *Store) Authenticate(user, prefix string, index uint64, now Time) (string, error) {
	u := s.users.get(user)
	switch {
	case !s.enabled:
		return "", ErrAuthNotEnabled
	case u == nil || u.Options.GetNoPassword():
		return "", ErrAuthFailed
	}
	s.tokens = slices.DeleteFunc(s.tokens, func(t token) bool { return now > t.expiry })
	text := fmt.Sprintf("%s.%d", prefix, index)
	at, _ := s.token(text)
	s.tokens = slices.Insert(s.tokens, at, token{text, user, now + TokenTTL*s.config.Second})
	s.view = nil
	return text, nil
}

// TokenIndex is the index of the log entry that made a token: a member that has not applied it does not know the
// token yet. It is false for what cannot be a token.
func TokenIndex(text string) (index uint64, ok bool) {
	prefix, number, _ := strings.Cut(text, ".")
	index, err := strconv.ParseUint(number, 10, 64)
	return index, err == nil && prefix != text
}

// Who says who shows a token, and keeps it for another while. The error is ErrInvalidAuthToken.
func (s *Store) Who(text string, now Time) (Info, error) {
	i, ok := s.token(text)
	if !ok || now > s.tokens[i].expiry {
		return Info{}, ErrInvalidAuthToken
	}
	s.tokens[i].expiry = now + TokenTTL*s.config.Second
	return Info{User: s.tokens[i].user, Revision: s.revision}, nil
}

func (s *Store) token(text string) (int, bool) {
	return slices.BinarySearchFunc(s.tokens, text, func(t token, text string) int { return cmp.Compare(t.text, text) })
}

// forget makes the tokens of a user worthless.
func (s *Store) forget(user string) {
	s.tokens = slices.DeleteFunc(s.tokens, func(t token) bool { return t.user == user })
}

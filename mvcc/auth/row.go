package auth

import (
	"encoding/binary"
	"errors"
	"fmt"

	"go.etcd.io/etcd/api/v3/authpb"
	"google.golang.org/protobuf/proto"
)

// Bucket names a bucket of etcd's file.
type Bucket string

// The buckets that hold users and roles.
const (
	BucketAuth  Bucket = "auth"
	BucketUsers Bucket = "authUsers"
	BucketRoles Bucket = "authRoles"
)

// Row is a row of one of the buckets; one without a value is to be deleted.
type Row struct {
	Bucket     Bucket
	Key, Value []byte
}

// The rows of the bucket auth.
const (
	keyEnabled  = "authEnabled"  // 1 byte
	keyRevision = "authRevision" // 8 bytes big-endian
)

func enabledRow(on bool) Row {
	value := []byte{0}
	if on {
		value[0] = 1
	}
	return Row{BucketAuth, []byte(keyEnabled), value}
}

func revisionRow(revision uint64) Row {
	return Row{BucketAuth, []byte(keyRevision), binary.BigEndian.AppendUint64(nil, revision)}
}

func userRow(u *authpb.User) Row { return Row{BucketUsers, u.Name, encode(u)} }
func roleRow(r *authpb.Role) Row { return Row{BucketRoles, r.Name, encode(r)} }

// encode never returns nil: a row without a value would be deleted.
func encode(m proto.Message) []byte {
	data, err := proto.MarshalOptions{Deterministic: true}.MarshalAppend([]byte{}, m)
	if err != nil {
		panic(fmt.Sprintf("a user or a role is plain data: %v", err))
	}
	return data
}

// Rows hands out the rows of a bucket of a file, in order of key.
type Rows func(b Bucket, row func(key, value []byte) error) error

// Open returns a store with the users and roles of its member's file.
func Open(c Config, rows Rows) (*Store, error) {
	s := New(c)
	err := errors.Join(rows(BucketAuth, s.readState), rows(BucketUsers, s.readUser), rows(BucketRoles, s.readRole))
	if err != nil {
		return nil, err
	}
	s.renew()
	s.changed()
	return s, nil
}

// Recover replaces all users and roles by those of a leader's file. Tokens stay, as in etcd.
func (s *Store) Recover(rows Rows) error {
	next, err := Open(s.config, rows)
	if err != nil {
		return err
	}
	s.enabled, s.revision, s.users, s.roles = next.enabled, next.revision, next.users, next.roles
	if !s.config.Rules.StaleRights {
		s.rights = next.rights
	}
	s.changed()
	return nil
}

func (s *Store) readState(key, value []byte) error {
	switch string(key) {
	case keyEnabled:
		s.enabled = len(value) == 1 && value[0] == 1
	case keyRevision:
		if len(value) != 8 {
			return fmt.Errorf("auth row %s: %d bytes, want 8", key, len(value))
		}
		s.revision = max(firstRevision, binary.BigEndian.Uint64(value))
	}
	return nil
}

func (s *Store) readUser(key, value []byte) error {
	u := new(authpb.User)
	if err := proto.Unmarshal(value, u); err != nil {
		return fmt.Errorf("user row %q: %w", key, err)
	}
	if string(u.Name) != string(key) {
		return fmt.Errorf("user row %q holds user %q", key, u.Name)
	}
	s.users = append(s.users, u)
	return nil
}

func (s *Store) readRole(key, value []byte) error {
	r := new(authpb.Role)
	if err := proto.Unmarshal(value, r); err != nil {
		return fmt.Errorf("role row %q: %w", key, err)
	}
	if string(r.Name) != string(key) {
		return fmt.Errorf("role row %q holds role %q", key, r.Name)
	}
	s.roles = append(s.roles, r)
	return nil
}

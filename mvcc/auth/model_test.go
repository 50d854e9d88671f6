package auth

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// model is a naive store: what each role may do, and who has which roles, as lists that are searched.
type model struct {
	revision uint64
	enabled  bool
	users    map[string][]string
	roles    map[string][]Permission
}

// holds says whether a point of the order of keys is in a range of etcd's protocol.
func holds(key, end, point []byte) bool {
	switch {
	case len(end) == 0:
		return bytes.Equal(key, point)
	case openEnded(end):
		return bytes.Compare(point, key) >= 0
	}
	return bytes.Compare(point, key) >= 0 && bytes.Compare(point, end) < 0
}

// may says whether every point of a range is in some permission. Whether it is changes only where a range begins or
// ends, so those are the points that are looked at.
func (m *model) may(user string, key, end []byte, a Access) bool {
	roles, known := m.users[user]
	if !m.enabled || slices.Contains(roles, Root) {
		return true
	}
	var perms []Permission
	points := [][]byte{key}
	for _, name := range roles {
		for _, p := range m.roles[name] {
			if p.Access == a || p.Access == ReadWrite {
				perms = append(perms, p)
				points = append(points, p.Key, p.End, append(bytes.Clone(p.Key), 0))
			}
		}
	}
	if openEnded(end) {
		points = append(points, []byte("\xff\xff\xff\xff")) // behind all
	}
	return known && !slices.ContainsFunc(points, func(point []byte) bool {
		asked := bytes.Equal(point, key) || len(end) > 0 && holds(key, end, point)
		return asked && !slices.ContainsFunc(perms, func(p Permission) bool { return holds(p.Key, p.End, point) })
	})
}

var (
	someKey  = rapid.Custom(func(t *rapid.T) []byte { return []byte(rapid.StringMatching(`[a-c]{1,2}`).Draw(t, "key")) })
	someUser = rapid.SampledFrom([]string{Root, "alice", "bob"})
	someRole = rapid.SampledFrom([]string{Root, "r", "s"})
)

// someRange draws a key, a range, or everything from a key on.
func someRange(t *rapid.T) (key, end []byte) {
	key = someKey.Draw(t, "key")
	switch rapid.IntRange(0, 3).Draw(t, "shape") {
	case 0:
		return key, nil
	case 1:
		return key, []byte{0}
	}
	end = someKey.Draw(t, "end")
	if bytes.Compare(end, key) < 0 {
		key, end = end, key
	}
	return key, end
}

// TestModel: whatever changes users and roles, the same is allowed as by looking through all permissions; a clone goes
// its own way; and a restart finds the same users and roles.
func TestModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, f := New(Config{}), file{}
		m := &model{revision: 1, users: map[string][]string{}, roles: map[string][]Permission{}}
		change := func(t *rapid.T) {
			kept, before := s.Clone(), s.Digest()
			view := fmt.Sprintf("%+v", *s.View())
			old := s.View()
			rows, err := m.change(t, s)
			f.write(rows)
			if s.Revision() != m.revision {
				t.Fatalf("revision %d after %v, want %d", s.Revision(), err, m.revision)
			}
			if kept.Digest() != before || fmt.Sprintf("%+v", *kept.View()) != view || fmt.Sprintf("%+v", *old) != view {
				t.Fatal("a clone or a view has changed with the original")
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"change": change, "changes": change,
			"restart": func(t *rapid.T) {
				again, err := Open(Config{}, f.read)
				if err != nil || again.Digest() != s.Digest() {
					t.Fatalf("other users and roles after a restart: %v", err)
				}
				s = again
			},
			"": func(t *rapid.T) {
				key, end := someRange(t)
				for _, user := range []string{Root, "alice", "bob"} {
					who := Info{User: user, Revision: s.Revision()}
					if got := s.MayRange(who, key, end) == nil; got != m.may(user, key, end, Read) {
						t.Fatalf("%s may read %q to %q: %v", user, key, end, got)
					}
					if got := s.MayDelete(who, key, end) == nil; got != m.may(user, key, end, Write) {
						t.Fatalf("%s may delete %q to %q: %v", user, key, end, got)
					}
				}
			},
		})
	})
}

// change does one random thing to the store, and to the model if the store says that it is done.
func (m *model) change(t *rapid.T, s *Store) (rows []Row, err error) {
	user, role := someUser.Draw(t, "user"), someRole.Draw(t, "role")
	key, end := someRange(t)
	perm := Permission{Access(rapid.IntRange(0, 2).Draw(t, "access")), key, end}
	done := func() {}
	switch rapid.SampledFrom([]string{
		"useradd", "userdel", "grant", "grant", "revoke", "roleadd", "roledel", "permit", "permit", "permit", "forbid",
		"enable", "disable",
	}).Draw(t, "what") {
	case "useradd":
		rows, err = s.UserAdd(user, []byte("hash"), false)
		done = func() { m.users[user] = nil }
	case "userdel":
		rows, err = s.UserDelete(user)
		done = func() { delete(m.users, user) }
	case "grant":
		rows, err = s.UserGrantRole(user, role)
		done = func() { m.users[user] = append(slices.Clone(m.users[user]), role) }
	case "revoke":
		rows, err = s.UserRevokeRole(user, role)
		done = func() { m.users[user] = without(m.users[user], role) }
	case "roleadd":
		rows, err = s.RoleAdd(role)
		done = func() { m.roles[role] = nil }
	case "roledel":
		rows, err = s.RoleDelete(role)
		done = func() {
			delete(m.roles, role)
			for u := range m.users {
				m.users[u] = without(m.users[u], role)
			}
		}
	case "permit":
		rows, err = s.RoleGrantPermission(role, &perm)
		done = func() { m.roles[role], _ = s.permits(role) }
	case "forbid":
		rows, err = s.RoleRevokePermission(role, key, end)
		done = func() {
			m.roles[role] = slices.DeleteFunc(m.roles[role], func(p Permission) bool {
				return bytes.Equal(p.Key, key) && bytes.Equal(p.End, end)
			})
		}
	case "enable":
		rows, err = s.Enable()
		if m.enabled = s.Enabled(); rows != nil {
			return rows, err
		}
	case "disable":
		rows = s.Disable()
		m.enabled = false
	}
	if rows != nil {
		m.revision++
		done()
	}
	return rows, err
}

// permits lists the permissions of a role as they are kept, also of root.
func (s *Store) permits(role string) ([]Permission, error) {
	r := s.roles.get(role)
	if r == nil {
		return nil, ErrRoleNotFound
	}
	return permissions(r), nil
}

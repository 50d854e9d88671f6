package auth

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

// file is what the rows of a store are in its member's file.
type file map[Bucket]map[string][]byte

func (f file) write(rows []Row) {
	for _, r := range rows {
		if f[r.Bucket] == nil {
			f[r.Bucket] = map[string][]byte{}
		}
		if r.Value == nil {
			delete(f[r.Bucket], string(r.Key))
		} else {
			f[r.Bucket][string(r.Key)] = r.Value
		}
	}
}

func (f file) read(b Bucket, fn func(k, v []byte) error) error {
	keys := make([]string, 0, len(f[b]))
	for k := range f[b] {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		if err := fn([]byte(k), f[b][k]); err != nil {
			return err
		}
	}
	return nil
}

// script runs the commands of testdata/store on one store. Time is in seconds.
type script struct {
	store *Store
	file  file
}

// TestStore plays testdata/store. One line is one command; what it answers follows it.
func TestStore(t *testing.T) {
	datadriven.Walk(t, "testdata/store", func(t *testing.T, path string) {
		s := &script{store: New(Config{Second: 1}), file: file{}}
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			var out strings.Builder
			for line := range strings.Lines(d.Input) {
				words := strings.Fields(line)
				if err := s.line(t, &out, words); err != nil {
					fmt.Fprintf(&out, "%s: %v\n", strings.Join(words, " "), err)
				}
			}
			return out.String()
		})
	})
}

// line carries out a command; ranges of keys are KEY, KEY..END or KEY.. up to the end of all keys.
func (s *script) line(t *testing.T, out *strings.Builder, words []string) error {
	if rows, changed, err := s.change(words); changed {
		s.file.write(rows)
		return err
	}
	w := append(words, "", "", "")
	switch w[0] {
	case "login":
		if _, err := s.store.CheckPassword(w[1], w[2]); err != nil {
			return err
		}
		text, err := s.store.Authenticate(w[1], TokenPrefix(func(i int) uint64 { return uint64(i) }), number(w[3]), 0)
		if err == nil {
			fmt.Fprintln(out, text)
		}
		return err
	case "who":
		who, err := s.store.Who(w[1], Time(number(w[2])))
		if err == nil {
			fmt.Fprintf(out, "%s, revision %d\n", who.User, who.Revision)
		}
		return err
	case "may":
		return s.may(out, w)
	case "get":
		return s.get(out, w)
	case "restart":
		next, err := Open(s.store.config, s.file.read)
		s.store = next
		return err
	case "rows":
		for _, b := range []Bucket{BucketAuth, BucketUsers, BucketRoles} {
			_ = s.file.read(b, func(k, v []byte) error {
				fmt.Fprintf(out, "%s %q %q\n", b, k, v)
				return nil
			})
		}
		return nil
	}
	t.Fatalf("unknown command %q", words)
	return nil
}

// change carries out a command that writes rows.
func (s *script) change(words []string) (rows []Row, changed bool, err error) {
	w := append(words, "", "", "")
	key, end := keys(w[3])
	access := Access(slices.Index([]string{"READ", "WRITE", "READWRITE"}, w[2]))
	switch w[0] {
	case "enable":
		rows, err = s.store.Enable()
	case "disable":
		rows = s.store.Disable()
	case "useradd":
		hash, _ := HashPassword(w[2], [SaltBytes]byte{}, MinCost)
		rows, err = s.store.UserAdd(w[1], hash, w[2] == "")
	case "userdel":
		rows, err = s.store.UserDelete(w[1])
	case "passwd":
		hash, _ := HashPassword(w[2], [SaltBytes]byte{1}, MinCost)
		rows, err = s.store.UserChangePassword(w[1], hash)
	case "grant":
		rows, err = s.store.UserGrantRole(w[1], w[2])
	case "revoke":
		rows, err = s.store.UserRevokeRole(w[1], w[2])
	case "roleadd":
		rows, err = s.store.RoleAdd(w[1])
	case "roledel":
		rows, err = s.store.RoleDelete(w[1])
	case "permit":
		rows, err = s.store.RoleGrantPermission(w[1], &Permission{access, key, end})
	case "forbid":
		key, end = keys(w[2])
		rows, err = s.store.RoleRevokePermission(w[1], key, end)
	default:
		return nil, false, nil
	}
	return rows, true, err
}

// may asks whether a user may do something with a range of keys, with the newest revision or an older one.
func (s *script) may(out *strings.Builder, w []string) (err error) {
	who := Info{User: w[1], Revision: s.store.Revision()}
	if w[4] != "" {
		who.Revision = number(w[4])
	}
	key, end := keys(w[3])
	switch w[2] {
	case "put":
		err = s.store.MayPut(who, key)
	case "read":
		err = s.store.MayRange(who, key, end)
	case "delete":
		err = s.store.MayDelete(who, key, end)
	case "administer":
		err = s.store.MayAdminister(who)
	default:
		return fmt.Errorf("nobody can %s", w[2])
	}
	if err == nil {
		fmt.Fprintf(out, "%s: yes\n", strings.TrimSpace(strings.Join(w[:5], " ")))
	}
	return err
}

func (s *script) get(out *strings.Builder, w []string) (err error) {
	switch w[1] {
	case "user":
		var roles []string
		if roles, err = s.store.UserGet(w[2]); err == nil {
			fmt.Fprintln(out, roles)
		}
	case "role":
		var list []Permission
		if list, err = s.store.RoleGet(w[2]); err == nil {
			for _, p := range list {
				fmt.Fprintf(out, "%v %q %q\n", p.Access, p.Key, p.End)
			}
		}
	default:
		v := s.store.View()
		fmt.Fprintf(out, "enabled %v, revision %d, users %v, roles %v, tokens %d\n",
			v.Enabled, v.Revision, s.store.UserList(), s.store.RoleList(), v.Tokens)
	}
	return err
}

func keys(text string) (key, end []byte) {
	first, last, ranges := strings.Cut(text, "..")
	switch {
	case !ranges:
		return []byte(first), nil
	case last == "":
		return []byte(first), []byte{0}
	}
	return []byte(first), []byte(last)
}

func number(text string) (n uint64) {
	_, _ = fmt.Sscan(text, &n)
	return n
}

package interop

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.etcd.io/etcd/api/v3/authpb"
	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	etcdauth "go.etcd.io/etcd/server/v3/auth"
	"go.etcd.io/etcd/server/v3/storage/backend"
	"go.etcd.io/etcd/server/v3/storage/schema"
	"google.golang.org/grpc/metadata"
	"pgregory.net/rapid"

	"etcdscope/mvcc/auth"
)

// authPair is our users and roles beside etcd's, each with its file.
type authPair struct {
	ours    *auth.Store
	rows    map[auth.Bucket]map[string]string
	etcd    etcdauth.AuthStore
	backend backend.Backend
	index   uint64 // of the entry that is applied
	tokens  []string

	password string // of the next user
}

// TestAuthAgainstEtcd lets both change users and roles at random: they refuse the same, in the same words, have the
// same revisions, tokens and rows, and allow the same.
func TestAuthAgainstEtcd(t *testing.T) {
	checks(t, 100)
	root := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		p := newAuthPair(t, filepath.Join(runDir(t, root), "db"))
		t.Repeat(map[string]func(*rapid.T){
			"change": p.change, "changes": p.change, "more changes": p.change,
			"login":   p.login,
			"restart": p.restart,
			"": func(t *rapid.T) {
				p.compareRows(t)
				p.compareRights(t)
				p.compareTokens(t)
			},
		})
		check(t, errors.Join(p.etcd.Close(), p.backend.Close()))
	})
}

// TestRightsAgainstEtcd gives somebody permissions at random, and asks both about many ranges.
func TestRightsAgainstEtcd(t *testing.T) {
	checks(t, 200)
	root := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		p := newAuthPair(t, filepath.Join(runDir(t, root), "db"))
		for _, words := range [][3]string{
			{"user add", "root", ""},
			{"user grant-role", "root", "root"},
			{"user add", "alice", ""},
			{"role add", "", "r"},
			{"role add", "", "s"},
			{"user grant-role", "alice", "r"},
			{"user grant-role", "alice", "s"},
			{"enable", "", ""},
		} {
			p.both(t, words[0], words[1], words[2], true, &auth.Permission{})
		}
		for range rapid.IntRange(1, 6).Draw(t, "permissions") {
			key, end := properRange(t)
			access := auth.Access(rapid.IntRange(0, 2).Draw(t, "access"))
			role := rapid.SampledFrom([]string{"r", "s"}).Draw(t, "role")
			p.both(t, "role grant-permission", "", role, true, &auth.Permission{Access: access, Key: key, End: end})
		}
		for range 30 {
			p.compareRights(t)
		}
		check(t, errors.Join(p.etcd.Close(), p.backend.Close()))
	})
}

func newAuthPair(t failer, path string) *authPair {
	p := &authPair{ours: auth.New(auth.Config{}), backend: openEtcdBackend(path)}
	p.rows = map[auth.Bucket]map[string]string{auth.BucketAuth: {}, auth.BucketUsers: {}, auth.BucketRoles: {}}
	p.open(t)
	return p
}

// open starts etcd's store on its file. Simple tokens wait for no index.
func (p *authPair) open(t failer) {
	applied := make(chan struct{})
	close(applied)
	tokens, err := etcdauth.NewTokenProvider(silent, "simple", func(uint64) <-chan struct{} { return applied }, time.Hour)
	check(t, err)
	p.etcd = etcdauth.NewAuthStore(silent, schema.NewAuthBackend(silent, p.backend), tokens, auth.MinCost)
}

func (p *authPair) restart(t *rapid.T) {
	check(t, p.etcd.Close())
	p.open(t)
	var err error
	p.ours, err = auth.Open(auth.Config{}, func(b auth.Bucket, fn func(k, v []byte) error) error {
		var keys []string
		for k := range p.rows[b] {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			if err := fn([]byte(k), []byte(p.rows[b][k])); err != nil {
				return err
			}
		}
		return nil
	})
	check(t, err)
	p.tokens = nil // a store that runs in no server keeps its own: they are what a restart loses
}

// sameAuthError is what a client reads of etcd's errors (server/etcdserver/api/v3rpc/util.go).
var sameAuthError = map[error]error{
	etcdauth.ErrRootUserNotExist:     rpctypes.ErrGRPCRootUserNotExist,
	etcdauth.ErrRootRoleNotExist:     rpctypes.ErrGRPCRootRoleNotExist,
	etcdauth.ErrUserAlreadyExist:     rpctypes.ErrGRPCUserAlreadyExist,
	etcdauth.ErrUserEmpty:            rpctypes.ErrGRPCUserEmpty,
	etcdauth.ErrUserNotFound:         rpctypes.ErrGRPCUserNotFound,
	etcdauth.ErrRoleAlreadyExist:     rpctypes.ErrGRPCRoleAlreadyExist,
	etcdauth.ErrRoleNotFound:         rpctypes.ErrGRPCRoleNotFound,
	etcdauth.ErrRoleEmpty:            rpctypes.ErrGRPCRoleEmpty,
	etcdauth.ErrAuthFailed:           rpctypes.ErrGRPCAuthFailed,
	etcdauth.ErrPermissionNotGiven:   rpctypes.ErrGRPCPermissionNotGiven,
	etcdauth.ErrPermissionDenied:     rpctypes.ErrGRPCPermissionDenied,
	etcdauth.ErrRoleNotGranted:       rpctypes.ErrGRPCRoleNotGranted,
	etcdauth.ErrPermissionNotGranted: rpctypes.ErrGRPCPermissionNotGranted,
	etcdauth.ErrAuthNotEnabled:       rpctypes.ErrGRPCAuthNotEnabled,
	etcdauth.ErrInvalidAuthToken:     rpctypes.ErrGRPCInvalidAuthToken,
	etcdauth.ErrInvalidAuthMgmt:      rpctypes.ErrGRPCInvalidAuthMgmt,
	etcdauth.ErrAuthOldRevision:      rpctypes.ErrGRPCAuthOldRevision,
}

// sameErrors ends the test unless both sides refuse, or neither does, in the same words.
func sameErrors(t failer, what string, ours, etcd error) {
	t.Helper()
	text := func(err error) string {
		if known := sameAuthError[err]; known != nil {
			err = known
		}
		if err == nil {
			return ""
		}
		return rpctypes.ErrorDesc(err)
	}
	if text(ours) != text(etcd) {
		t.Fatalf("%s: ours %v\netcd %v", what, ours, etcd)
	}
}

var (
	authUser = rapid.SampledFrom([]string{"root", "alice", "bob", ""})
	authRole = rapid.SampledFrom([]string{"root", "r", "s", ""})
	authKey  = rapid.StringMatching(`[a-c]{0,2}`)
)

// change does one thing on both sides.
func (p *authPair) change(t *rapid.T) {
	p.index++
	user, role := authUser.Draw(t, "user"), authRole.Draw(t, "role")
	password, noPassword := rapid.SampledFrom([]string{"x", "y"}).Draw(t, "password"), rapid.Bool().Draw(t, "no password")
	perm := &auth.Permission{
		Access: auth.Access(rapid.IntRange(0, 2).Draw(t, "access")), Key: []byte(authKey.Draw(t, "key")), End: someEnd(t),
	}
	what := rapid.SampledFrom([]string{
		"user add", "user add", "user delete", "user passwd", "user grant-role", "user grant-role", "user revoke-role",
		"role add", "role add", "role delete", "role grant-permission", "role grant-permission", "role grant-permission",
		"role revoke-permission", "enable", "enable", "disable",
	}).Draw(t, "what")
	p.password = password
	p.both(t, what, user, role, noPassword, perm)
}

// both lets both sides make the same change, and keeps the rows of ours.
func (p *authPair) both(t failer, what, user, role string, noPassword bool, perm *auth.Permission) {
	t.Helper()
	hash := hashOf(t, p.password)
	rows, ours := p.changeOurs(what, user, role, hash, noPassword, perm)
	etcd := p.changeEtcd(what, user, role, hash, noPassword, perm)
	for _, r := range rows {
		if r.Value == nil {
			delete(p.rows[r.Bucket], string(r.Key))
		} else {
			p.rows[r.Bucket][string(r.Key)] = string(r.Value)
		}
	}
	sameErrors(t, fmt.Sprintf("%s user %q role %q %v", what, user, role, perm), ours, etcd)
}

func hashOf(t failer, password string) []byte {
	hash, err := auth.HashPassword(password, [auth.SaltBytes]byte{3, 1, 4}, auth.MinCost)
	check(t, err)
	return hash
}

// someEnd draws the end of a range: none, everything behind, or a key.
func someEnd(t *rapid.T) []byte {
	switch rapid.IntRange(0, 3).Draw(t, "shape") {
	case 0:
		return nil
	case 1:
		return []byte{0}
	}
	return []byte(authKey.Draw(t, "end"))
}

// properRange draws a range with keys in it.
func properRange(t *rapid.T) (key, end []byte) {
	key, end = []byte(rapid.StringMatching(`[a-c]{1,2}`).Draw(t, "key")), someEnd(t)
	if len(end) > 0 && end[0] != 0 && bytes.Compare(key, end) >= 0 {
		end = nil
	}
	return key, end
}

func (p *authPair) changeOurs(
	what, user, role string, hash []byte, noPassword bool, perm *auth.Permission,
) ([]auth.Row, error) {
	switch what {
	case "user add":
		return p.ours.UserAdd(user, hash, noPassword)
	case "user delete":
		return p.ours.UserDelete(user)
	case "user passwd":
		return p.ours.UserChangePassword(user, hash)
	case "user grant-role":
		return p.ours.UserGrantRole(user, role)
	case "user revoke-role":
		return p.ours.UserRevokeRole(user, role)
	case "role add":
		return p.ours.RoleAdd(role)
	case "role delete":
		return p.ours.RoleDelete(role)
	case "role grant-permission":
		return p.ours.RoleGrantPermission(role, perm)
	case "role revoke-permission":
		return p.ours.RoleRevokePermission(role, perm.Key, perm.End)
	case "enable":
		return p.ours.Enable()
	}
	return p.ours.Disable(), nil
}

func (p *authPair) changeEtcd(
	what, user, role string, hash []byte, noPassword bool, perm *auth.Permission,
) (err error) {
	hashed := base64.StdEncoding.EncodeToString(hash)
	switch what {
	case "user add":
		options := &authpb.UserAddOptions{NoPassword: noPassword}
		_, err = p.etcd.UserAdd(&pb.AuthUserAddRequest{Name: user, HashedPassword: hashed, Options: options})
	case "user delete":
		_, err = p.etcd.UserDelete(&pb.AuthUserDeleteRequest{Name: user})
	case "user passwd":
		_, err = p.etcd.UserChangePassword(&pb.AuthUserChangePasswordRequest{Name: user, HashedPassword: hashed})
	case "user grant-role":
		_, err = p.etcd.UserGrantRole(&pb.AuthUserGrantRoleRequest{User: user, Role: role})
	case "user revoke-role":
		_, err = p.etcd.UserRevokeRole(&pb.AuthUserRevokeRoleRequest{Name: user, Role: role})
	case "role add":
		_, err = p.etcd.RoleAdd(&pb.AuthRoleAddRequest{Name: role})
	case "role delete":
		_, err = p.etcd.RoleDelete(&pb.AuthRoleDeleteRequest{Role: role})
	case "role grant-permission":
		_, err = p.etcd.RoleGrantPermission(&pb.AuthRoleGrantPermissionRequest{Name: role, Perm: &authpb.Permission{
			PermType: authpb.Permission_Type(perm.Access), Key: perm.Key, RangeEnd: perm.End,
		}})
	case "role revoke-permission":
		_, err = p.etcd.RoleRevokePermission(&pb.AuthRoleRevokePermissionRequest{
			Role: role, Key: perm.Key, RangeEnd: perm.End,
		})
	case "enable":
		err = p.etcd.AuthEnable()
	case "disable":
		p.etcd.AuthDisable()
	}
	return err
}

// login lets somebody log in on both sides, if both say that the password is right.
func (p *authPair) login(t *rapid.T) {
	p.index++
	user, password := authUser.Draw(t, "user"), rapid.SampledFrom([]string{"x", "y"}).Draw(t, "password")
	rev, ours := p.ours.CheckPassword(user, password)
	etcdRev, etcd := p.etcd.CheckPassword(user, password)
	sameErrors(t, "the password of "+user, ours, etcd)
	if rev != etcdRev {
		t.Fatalf("the password is of revision %d, etcd's of %d", rev, etcdRev)
	}
	prefix := auth.TokenPrefix(func(i int) uint64 { return uint64(i) * p.index })
	token, ours := p.ours.Authenticate(user, prefix, p.index, 0)
	ctx := context.WithValue(t.Context(), etcdauth.AuthenticateParamIndex{}, p.index)
	ctx = context.WithValue(ctx, etcdauth.AuthenticateParamSimpleTokenPrefix{}, prefix)
	got, etcd := p.etcd.Authenticate(ctx, user, "")
	sameErrors(t, "the login of "+user, ours, etcd)
	if token != got.GetToken() {
		t.Fatalf("token %s, etcd's is %s", token, got.GetToken())
	}
	if token != "" {
		p.tokens = append(p.tokens, token)
	}
}

// compareTokens asks both who shows each token that was ever given.
func (p *authPair) compareTokens(t *rapid.T) {
	for _, token := range p.tokens {
		if !p.ours.Enabled() {
			return // then etcd looks at no token
		}
		ours, err := p.ours.Who(token, 0)
		ctx := metadata.NewIncomingContext(t.Context(), metadata.Pairs(rpctypes.TokenFieldNameGRPC, token))
		etcd, etcdErr := p.etcd.AuthInfoFromCtx(ctx)
		sameErrors(t, token, err, etcdErr)
		if err == nil && (etcd.Username != ours.User || etcd.Revision != ours.Revision) {
			t.Fatalf("%s is %v, says etcd; %v, say we", token, etcd, ours)
		}
	}
}

// compareRows compares revisions, lists and every byte of the three buckets.
func (p *authPair) compareRows(t *rapid.T) {
	if p.ours.Revision() != p.etcd.Revision() || p.ours.Enabled() != p.etcd.IsAuthEnabled() {
		t.Fatalf("revision %d, etcd's is %d", p.ours.Revision(), p.etcd.Revision())
	}
	tx := p.backend.ReadTx()
	tx.RLock()
	defer tx.RUnlock()
	for name, bucket := range map[auth.Bucket]backend.Bucket{
		auth.BucketAuth: schema.Auth, auth.BucketUsers: schema.AuthUsers, auth.BucketRoles: schema.AuthRoles,
	} {
		etcd := map[string]string{}
		check(t, tx.UnsafeForEach(bucket, func(k, v []byte) error {
			etcd[string(k)] = string(v)
			return nil
		}))
		if p.ours.Revision() == 1 {
			delete(etcd, "authRevision") // our row comes with the first change
		}
		if got, want := fmt.Sprintf("%q", p.rows[name]), fmt.Sprintf("%q", etcd); got != want {
			t.Fatalf("bucket %s: %s\netcd's %s", name, got, want)
		}
	}
}

// compareRights asks both whether everybody may do everything with some range of keys. A range without keys is left
// out: etcd's answer depends on the shape of its tree.
func (p *authPair) compareRights(t *rapid.T) {
	key, end := properRange(t)
	for _, user := range []string{"root", "alice", "bob"} {
		rev := p.ours.Revision() - min(p.ours.Revision(), uint64(rapid.IntRange(0, 9).Draw(t, "age")/8))
		who, etcd := auth.Info{User: user, Revision: rev}, &etcdauth.AuthInfo{Username: user, Revision: rev}
		what := fmt.Sprintf("%s at revision %d with %q to %q: ", user, rev, key, end)
		sameErrors(t, what+"read", p.ours.MayRange(who, key, end), p.etcd.IsRangePermitted(etcd, key, end))
		sameErrors(t, what+"delete", p.ours.MayDelete(who, key, end), p.etcd.IsDeleteRangePermitted(etcd, key, end))
		sameErrors(t, what+"put", p.ours.MayPut(who, key), p.etcd.IsPutPermitted(etcd, key))
		sameErrors(t, what+"administer", p.ours.MayAdminister(who), p.etcd.IsAdminPermitted(etcd))
	}
	role := authRole.Draw(t, "role")
	perms, err := p.ours.RoleGet(role)
	got, etcdErr := p.etcd.RoleGet(&pb.AuthRoleGetRequest{Role: role})
	sameErrors(t, "role "+role, err, etcdErr)
	for i, x := range got.GetPerm() {
		if len(perms) != len(got.Perm) || perms[i].Access.String() != x.PermType.String() ||
			!bytes.Equal(perms[i].Key, x.Key) || !bytes.Equal(perms[i].End, x.RangeEnd) {
			t.Fatalf("role %s may %v, etcd's %v", role, perms, got.Perm)
		}
	}
}

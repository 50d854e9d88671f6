package interop

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/server/v3/embed"

	"etcdscope/cluster"
)

// TestEtcdKnowsOurUsers lets a real etcd start on the files of a run with users: real clients log in with the passwords
// that the run was told, may do what their roles say, and nothing else. The last changes stand in the WAL only.
func TestEtcdKnowsOurUsers(t *testing.T) {
	for _, profile := range cluster.ProfileNames() {
		for _, nodes := range []int{1, 3} {
			t.Run(fmt.Sprintf("%s/nodes=%d", profile, nodes), func(t *testing.T) {
				r := withUsers(t, cluster.Config{Seed: 7, Nodes: nodes, Profile: profile})
				ours := r.View().Members[0].Auth
				e := startEtcdAt(t, exported(r, 1), nodes > 1)
				root := logIn(t, e, "root", "secret of root")
				ctx := within(t)
				status, err := root.AuthStatus(ctx)
				check(t, err)
				if !status.Enabled || status.AuthRevision != ours.Revision || ours.Revision < 10 {
					t.Errorf("etcd is at %v, ours at revision %d", status, ours.Revision)
				}
				users, err := root.UserList(ctx)
				check(t, err)
				if want := []string{"alice", "robot", "root"}; !slices.Equal(users.Users, want) {
					t.Errorf("etcd has the users %v", users.Users)
				}
				checkRights(t, e)
			})
		}
	}
}

// withUsers is a run in which users and roles were made, changed and deleted, by passwords that later changed.
func withUsers(t *testing.T, cfg cluster.Config) run {
	t.Helper()
	r := begin(t, cfg)
	r.lead()
	r.do(
		`user add root:first`, `user grant-role root root`, `user add alice:a`, `user add robot --no-password`,
		`user add gone:g`, `role add jobs`, `role add more`, `role grant-permission jobs readwrite job/ --prefix`,
		`role grant-permission more read job0 job9`, `user grant-role alice jobs`, `user grant-role alice more`,
		`user grant-role gone jobs`, `run 1s`, `auth enable`, `run 500ms`,
		`put job/1 x --user alice:a`, `put other y --user root:first`, `run 500ms`,
		`user passwd alice:b --user root`, `user delete gone --user root`, `run 500ms`,
		`role add last --user root`, `user passwd root:"secret of root" --user root`, `run 500ms`,
	)
	r.fine()
	return r
}

// checkRights logs in as everybody and tries what everybody may and may not do.
func checkRights(t *testing.T, e *embed.Etcd) {
	t.Helper()
	ctx := within(t)
	for _, who := range [][2]string{{"alice", "a"}, {"gone", "g"}, {"root", "first"}, {"nobody", "x"}} {
		_, err := clientv3.New(clientConfig(e, who[0], who[1]))
		sameClientError(t, fmt.Sprint(who), err, rpctypes.ErrAuthFailed)
	}
	if _, err := clientv3.New(clientConfig(e, "robot", "any")); err == nil {
		t.Error("a user without a password has logged in")
	}
	nobody := logIn(t, e, "", "")
	_, err := nobody.Get(ctx, "job/1")
	sameClientError(t, "nobody", err, rpctypes.ErrUserEmpty)
	alice := logIn(t, e, "alice", "b")
	_, err = alice.Put(ctx, "job/2", "z")
	check(t, err)
	got, err := alice.Get(ctx, "job/", clientv3.WithRange("job9"))
	check(t, err)
	if len(got.Kvs) != 2 {
		t.Errorf("alice finds %v", got.Kvs)
	}
	_, err = alice.Put(ctx, "other", "z")
	sameClientError(t, "alice puts", err, rpctypes.ErrPermissionDenied)
	_, err = alice.Get(ctx, "job/", clientv3.WithRange("jobs"))
	sameClientError(t, "alice gets", err, rpctypes.ErrPermissionDenied)
	_, err = alice.RoleAdd(ctx, "mine")
	sameClientError(t, "alice adds a role", err, rpctypes.ErrPermissionDenied)
}

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func clientConfig(e *embed.Etcd, user, password string) clientv3.Config {
	return clientv3.Config{
		Endpoints: []string{e.Clients[0].Addr().String()}, Username: user, Password: password,
		DialTimeout: 10 * time.Second, Logger: silent,
	}
}

// logIn is a real client over the network.
func logIn(t *testing.T, e *embed.Etcd, user, password string) *clientv3.Client {
	t.Helper()
	cl, err := clientv3.New(clientConfig(e, user, password))
	check(t, err)
	t.Cleanup(func() { _ = cl.Close() }) // before the server goes
	return cl
}

func sameClientError(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) && rpctypes.ErrorDesc(err) != rpctypes.ErrorDesc(want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// TestOursKnowsEtcdsUsers restores a snapshot of a real etcd with users: they log in with the passwords that etcd
// hashed, and may do the same.
func TestOursKnowsEtcdsUsers(t *testing.T) {
	e := startEtcdAt(t, filepath.Join(t.TempDir(), "etcd"), false)
	ctx, cl := within(t), logIn(t, e, "", "")
	for _, do := range []func() error{
		func() error { _, err := cl.UserAdd(ctx, "root", "r"); return err },
		func() error { _, err := cl.UserGrantRole(ctx, "root", "root"); return err },
		func() error { _, err := cl.UserAdd(ctx, "alice", "a"); return err },
		func() error { _, err := cl.RoleAdd(ctx, "jobs"); return err },
		func() error {
			_, err := cl.RoleGrantPermission(ctx, "jobs", "job/", "job0", clientv3.PermissionType(clientv3.PermReadWrite))
			return err
		},
		func() error { _, err := cl.UserGrantRole(ctx, "alice", "jobs"); return err },
		func() error { _, err := cl.AuthEnable(ctx); return err },
	} {
		check(t, do())
	}
	file := filepath.Join(t.TempDir(), "backup.db")
	save(t, logIn(t, e, "root", "r"), file)
	r := begin(t, cluster.Config{Seed: 7, Nodes: 3})
	r.do("snapshot restore "+strconv.Quote(file)+" --nodes 3", "run 5s")
	r.lead()
	r.do("put job/1 x --user alice:a --tag mine", "put other x --user alice --tag other", "run 2s")
	r.do("put other x --user root:wrong --tag wrong --by c2", "auth status --user root:r --tag root --by c3", "run 2s")
	r.fine()
	for tag, want := range map[string]string{
		"mine": "", "root": "", "other": rpctypes.ErrorDesc(rpctypes.ErrGRPCPermissionDenied),
		"wrong": rpctypes.ErrorDesc(rpctypes.ErrGRPCAuthFailed),
	} {
		if o := r.View().OpTagged(tag); o == nil || o.State == cluster.OpPending || o.Err != want {
			t.Errorf("%s: %+v, want %q", tag, o, want)
		}
	}
	for _, m := range r.View().Members {
		if !m.Auth.Enabled || m.Auth.Revision != 7 {
			t.Errorf("n%d has users of revision %d", m.ID, m.Auth.Revision)
		}
	}
}

// save writes a snapshot of a real etcd to a file.
func save(t *testing.T, cl *clientv3.Client, file string) {
	t.Helper()
	from, err := cl.Snapshot(within(t))
	check(t, err)
	to, err := os.Create(filepath.Clean(file))
	check(t, err)
	_, err = io.Copy(to, from)
	check(t, errors.Join(err, from.Close(), to.Close()))
}

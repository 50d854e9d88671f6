package interop

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"etcdscope/cluster"
)

// apiCase is one request in our words and with etcd's client.
type apiCase struct {
	line string
	ask  func(ctx context.Context, cl *clientv3.Client) error
}

// leaseOf is the lease with a key that only root may write, for the case at hand.
type leaseOf func() clientv3.LeaseID

// apiCases are requests of every kind.
func apiCases(endpoint string, lease leaseOf) []apiCase {
	type ctx = context.Context
	type client = *clientv3.Client
	get := func(key string, opts ...clientv3.OpOption) func(ctx, client) error {
		return func(c ctx, cl client) error { _, err := cl.Get(c, key, opts...); return err }
	}
	put := func(key string, opts ...clientv3.OpOption) func(ctx, client) error {
		return func(c ctx, cl client) error { _, err := cl.Put(c, key, "v", opts...); return err }
	}
	txn := func(then ...clientv3.Op) func(ctx, client) error {
		return func(c ctx, cl client) error { _, err := cl.Txn(c).Then(then...).Commit(); return err }
	}
	watch := func(key string) func(ctx, client) error {
		return func(c ctx, cl client) error {
			r := <-cl.Watch(c, key, clientv3.WithCreatedNotify())
			return r.Err()
		}
	}
	return []apiCase{
		{"get a", get("a")},
		{"get z", get("z")},
		{"get a c", get("a", clientv3.WithRange("c"))},
		{"get a z --serializable", get("a", clientv3.WithRange("z"), clientv3.WithSerializable())},
		{"put a v", put("a")},
		{"put z v --prev-kv", put("z", clientv3.WithPrevKV())},
		{"put a v --lease l", func(c ctx, cl client) error { return put("a", clientv3.WithLease(lease()))(c, cl) }},
		{"del a c", func(c ctx, cl client) error { _, err := cl.Delete(c, "a", clientv3.WithRange("c")); return err }},
		{"del a z", func(c ctx, cl client) error { _, err := cl.Delete(c, "a", clientv3.WithRange("z")); return err }},
		{"txn then get a; get b", txn(clientv3.OpGet("a"), clientv3.OpGet("b"))},
		{"txn then get a; get z", txn(clientv3.OpGet("a"), clientv3.OpGet("z"))},
		{"txn then get a; put z 1", txn(clientv3.OpGet("a"), clientv3.OpPut("z", "1"))},
		{"lease grant 100", func(c ctx, cl client) error { _, err := cl.Grant(c, 100); return err }},
		{"lease keep-alive l --once", func(c ctx, cl client) error { _, err := cl.KeepAliveOnce(c, lease()); return err }},
		{"lease timetolive l", func(c ctx, cl client) error { _, err := cl.TimeToLive(c, lease()); return err }},
		{"lease timetolive l --keys", func(c ctx, cl client) error {
			_, err := cl.TimeToLive(c, lease(), clientv3.WithAttachedKeys())
			return err
		}},
		{"lease list", func(c ctx, cl client) error { _, err := cl.Leases(c); return err }},
		{"watch a --tag w", watch("a")},
		{"watch z --tag w", watch("z")},
		{"compact 2", func(c ctx, cl client) error { _, err := cl.Compact(c, 2); return err }},
		{"alarm list", func(c ctx, cl client) error { _, err := cl.AlarmList(c); return err }},
		{"endpoint status n1", func(c ctx, cl client) error { _, err := cl.Status(c, endpoint); return err }},
		{"endpoint hashkv n1", func(c ctx, cl client) error { _, err := cl.HashKV(c, endpoint, 0); return err }},
		{"defrag n1", func(c ctx, cl client) error { _, err := cl.Defragment(c, endpoint); return err }},
		{"snapshot save " + strconv.Quote(filepath.Join(".", "x.db")), func(c ctx, cl client) error {
			r, err := cl.Snapshot(c)
			if err == nil {
				_, err = io.Copy(io.Discard, r)
			}
			return err
		}},
		{"member list", func(c ctx, cl client) error { _, err := cl.MemberList(c); return err }},
		{"auth status", func(c ctx, cl client) error { _, err := cl.AuthStatus(c); return err }},
		{"user list", func(c ctx, cl client) error { _, err := cl.UserList(c); return err }},
		{"user get alice", func(c ctx, cl client) error { _, err := cl.UserGet(c, "alice"); return err }},
		{"user get root", func(c ctx, cl client) error { _, err := cl.UserGet(c, "root"); return err }},
		{"user get absent", func(c ctx, cl client) error { _, err := cl.UserGet(c, "absent"); return err }},
		{"role list", func(c ctx, cl client) error { _, err := cl.RoleList(c); return err }},
		{"role get jobs", func(c ctx, cl client) error { _, err := cl.RoleGet(c, "jobs"); return err }},
		{"role get other", func(c ctx, cl client) error { _, err := cl.RoleGet(c, "other"); return err }},
		{"role get absent", func(c ctx, cl client) error { _, err := cl.RoleGet(c, "absent"); return err }},
		{"role add jobs", func(c ctx, cl client) error { _, err := cl.RoleAdd(c, "jobs"); return err }},
		{"user delete root", func(c ctx, cl client) error { _, err := cl.UserDelete(c, "root"); return err }},
		{"lease revoke l", func(c ctx, cl client) error { _, err := cl.Revoke(c, lease()); return err }},
	}
}

// TestRequestsAgainstEtcd: whoever asks for whatever, a real etcd over the network and ours answer with the same error,
// or with none. What is looked at where differs from request to request.
func TestRequestsAgainstEtcd(t *testing.T) {
	t.Chdir(t.TempDir()) // where a snapshot would be saved
	e := startEtcdAt(t, filepath.Join(t.TempDir(), "etcd"), false)
	first := logIn(t, e, "", "")
	ctx := within(t)
	granted, err := first.Grant(ctx, 1000)
	check(t, err)
	for _, do := range []func() error{
		func() error { _, err := first.Put(ctx, "z", "1", clientv3.WithLease(granted.ID)); return err },
		func() error { _, err := first.Put(ctx, "a", "1"); return err },
		func() error { _, err := first.UserAdd(ctx, "root", "r"); return err },
		func() error { _, err := first.UserGrantRole(ctx, "root", "root"); return err },
		func() error { _, err := first.UserAdd(ctx, "alice", "a"); return err },
		func() error { _, err := first.RoleAdd(ctx, "jobs"); return err },
		func() error { _, err := first.RoleAdd(ctx, "other"); return err },
		func() error {
			_, err := first.RoleGrantPermission(ctx, "jobs", "a", "c", clientv3.PermissionType(clientv3.PermReadWrite))
			return err
		},
		func() error { _, err := first.UserGrantRole(ctx, "alice", "jobs"); return err },
		func() error { _, err := first.AuthEnable(ctx); return err },
	} {
		check(t, do())
	}
	r := begin(t, cluster.Config{Seed: 1, Nodes: 1})
	r.lead()
	r.do("lease grant 1000 --tag l", "run 300ms", "put z 1 --lease l", "put a 1", "user add root:r",
		"user grant-role root root", "user add alice:a", "role add jobs", "role add other",
		"role grant-permission jobs readwrite a c", "user grant-role alice jobs", "run 500ms", "auth enable", "run 500ms")
	refused := 0
	for _, who := range [][2]string{{"", ""}, {"alice", "a"}, {"root", "r"}} {
		cl := logIn(t, e, who[0], who[1])
		for _, c := range apiCases(e.Clients[0].Addr().String(), func() clientv3.LeaseID { return granted.ID }) {
			want := c.ask(within(t), cl)
			got := r.asks(c.line, who)
			if text := clientText(want); got != text {
				t.Errorf("%q asks %s: ours %q, etcd %q", who[0], c.line, got, text)
			}
			if want != nil {
				refused++
			}
		}
	}
	r.fine()
	if refused < 40 {
		t.Errorf("only %d requests were refused", refused)
	}
}

// asks lets somebody ask, and returns the error.
func (r run) asks(line string, who [2]string) string {
	r.t.Helper()
	if who[0] != "" {
		line += fmt.Sprintf(" --user %s:%s --by c%d", who[0], who[1], len(who[0]))
	}
	r.do(line)
	id := r.View().Ops[len(r.View().Ops)-1].ID
	r.do("run 400ms")
	for _, o := range r.View().Ops {
		if o.ID != id {
			continue
		}
		if o.State == cluster.OpPending && o.Kind != cluster.ClientWatch {
			r.t.Errorf("%s: no answer", line)
		}
		if o.Kind == cluster.ClientWatch && o.State == cluster.OpPending {
			r.do("unwatch " + o.Spec.Tag)
		}
		return o.Err
	}
	r.t.Fatalf("%s: it is forgotten", line)
	return ""
}

// clientText is an error as our clients read it: what the server said, without codes.
func clientText(err error) string {
	if err == nil {
		return ""
	}
	text := rpctypes.ErrorDesc(err)
	_, text, _ = strings.Cut("desc = "+text, "desc = ")
	if _, inner, ok := strings.Cut(text, "desc = "); ok {
		text = inner
	}
	return text
}

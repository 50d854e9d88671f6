package interop

import (
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/server/v3/embed"
	"go.etcd.io/etcd/server/v3/storage/backend"
	"go.etcd.io/etcd/server/v3/storage/schema"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/cluster/session"
	"etcdscope/mvcc"
)

// TestEtcdAllowsTheSame lets several users ask at random for what they may and may not do, while roles change under
// them, and gives a real etcd the whole log with a database from before: it applies every entry itself, and must come
// to the same keys at every revision and to the same users and roles, byte for byte.
func TestEtcdAllowsTheSame(t *testing.T) {
	for seed := range uint64(4 * effort) {
		nodes := 1 + int(seed%2)*2
		t.Run(fmt.Sprintf("seed=%d/nodes=%d", seed, nodes), func(t *testing.T) {
			cfg := cluster.Config{Seed: seed, Nodes: nodes, Profile: "etcd"} // the whole log says who belongs to the cluster
			s, err := session.New(cfg, session.Options{Dir: t.TempDir()})
			check(t, err)
			t.Cleanup(func() { check(t, s.Close()) })
			r := run{s, t}
			r.lead()
			before := exported(r, 1)
			asked := askAtRandom(r, seed)
			after := exported(r, 1)
			ours := authRows(t, dbOf(after))
			data, err := os.ReadFile(filepath.Clean(dbOf(before)))
			check(t, err)
			check(t, os.WriteFile(dbOf(after), data, 0o600))
			e := startEtcdAt(t, after, nodes > 1)
			compareKeys(t, e, r.View().Members[0].Store)
			for name, bucket := range map[string]backend.Bucket{
				"auth": schema.Auth, "authUsers": schema.AuthUsers, "authRoles": schema.AuthRoles,
			} {
				sameText(t, name, fmt.Sprintf("%q", rowsOf(t, e, bucket)), fmt.Sprintf("%q", ours[name]))
			}
			if asked[cluster.OpDone] < 20 || asked[cluster.OpFailed] < 20 {
				t.Errorf("%d requests were allowed and %d refused: the run shows little", asked[1], asked[2])
			}
		})
	}
}

// askAtRandom makes users and lets them ask; it counts what became of the requests.
func askAtRandom(r run, seed uint64) (states [4]int) {
	drawn := uint64(0)
	chance := func(n int) int {
		drawn++
		return int(clock.Draw(seed, 77, 0, 0, drawn) % uint64(n))
	}
	r.do(
		"user add root:r", "user grant-role root root", "user add alice:a", "user add bob:b", "role add one",
		"role add two", "role grant-permission one readwrite b d", "role grant-permission one read a",
		"role grant-permission two write c --from-key", "user grant-role alice one", "user grant-role bob two",
		"lease grant 3600 --tag l", "run 1s", "auth enable", "run 1s",
	)
	for i := range 150 {
		r.do(request(chance, i), fmt.Sprintf("run %dms", 1+chance(40)))
	}
	r.do("run 4s")
	r.fine()
	for _, o := range r.View().Ops {
		states[o.State]++
	}
	return states
}

// request is what somebody asks for.
func request(chance func(n int) int, i int) string {
	pick := func(list ...string) string { return list[chance(len(list))] }
	key := func() string { return pick("a", "b", "bb", "c", "d", "e") }
	span := func() string { return pick(key(), key()+" "+key(), key()+" --prefix", key()+" --from-key") }
	if chance(12) == 0 {
		return pick(
			"role grant-permission one "+pick("read", "write", "readwrite")+" "+span(), "role revoke-permission one b d",
			"role grant-permission one readwrite b d", "user revoke-role alice one", "user grant-role alice one",
			"user grant-role alice two", "user revoke-role alice two", "role delete none", "user get alice",
		) + " --user root:r --by c9"
	}
	op := func() string {
		return pick(fmt.Sprintf("put %s %d", key(), i), "get "+span(), "del "+span(), fmt.Sprintf("put %s t%d", key(), i))
	}
	line := pick(
		fmt.Sprintf("put %s %d", key(), i), fmt.Sprintf("put %s %d --prev-kv", key(), i),
		fmt.Sprintf("put %s %d --lease l", key(), i), "del "+span(), "del "+span()+" --prev-kv",
		fmt.Sprintf("txn if mod(%s) > 0 then %s else %s", key(), op(), op()),
		fmt.Sprintf("txn then (txn if version(%s) > 1 then %s)", key(), op()), "get "+span(), "lease grant 3600",
	)
	return line + pick(" --user alice:a --by c2", " --user bob:b --by c3", " --user root:r --by c4", " --by c5")
}

// compareKeys reads every revision from etcd, as root.
func compareKeys(t *testing.T, e *embed.Etcd, ours *mvcc.View) {
	t.Helper()
	root := logIn(t, e, "root", "r")
	for rev := int64(2); rev <= ours.Revision; rev++ {
		got, err := root.Get(within(t), "", clientv3.WithPrefix(), clientv3.WithRev(rev))
		check(t, err)
		if got.Header.Revision != ours.Revision {
			t.Fatalf("etcd is at revision %d, ours at %d", got.Header.Revision, ours.Revision)
		}
		what := fmt.Sprint("etcd at revision ", rev)
		sameText(t, what, keyText(fromKeyValues(got.Kvs...)), keyText(keysAt(ours, rev)))
	}
}

// authRows are the rows about users and roles in a file, by bucket.
func authRows(t *testing.T, path string) map[string]map[string]string {
	t.Helper()
	out := map[string]map[string]string{}
	check(t, mvcc.ScanFile(t.TempDir(), path, func(bucket string, rows iter.Seq2[[]byte, []byte]) error {
		if strings.HasPrefix(bucket, "auth") {
			out[bucket] = map[string]string{}
			for k, v := range rows {
				out[bucket][string(k)] = string(v)
			}
		}
		return nil
	}))
	return out
}

// rowsOf are the rows of a bucket of a running etcd.
func rowsOf(t *testing.T, e *embed.Etcd, b backend.Bucket) map[string]string {
	t.Helper()
	out := map[string]string{}
	tx := e.Server.Backend().ReadTx()
	tx.RLock()
	defer tx.RUnlock()
	check(t, tx.UnsafeForEach(b, func(k, v []byte) error {
		out[string(k)] = string(v)
		return nil
	}))
	return out
}

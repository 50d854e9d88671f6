package invariant_test

import (
	"fmt"
	"slices"
	"testing"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/cluster/script"
)

// tenants is a cluster under faults whose users may not all do everything, and whose roles change. Snapshots are
// frequent, so that users come to members that way, too.
type tenants struct {
	*driver
	said map[string]int // answers, by error
}

func newTenants(t testing.TB, seed uint64) *tenants {
	t.Helper()
	flags := cluster.Flags{SnapshotCount: 8, SnapshotCatchUpEntries: 3}
	x := &tenants{
		newDriver(t, cluster.Config{Seed: seed, Nodes: 3, Flags: flags}, true), map[string]int{},
	}
	for x.c.View().Leader() == nil {
		x.happen("")
	}
	for _, line := range []string{
		"user add root:r", "user grant-role root root", "user add alice:a", "user add bob:b", "role add rw", "role add ro",
		"role grant-permission rw readwrite k --prefix", "role grant-permission ro read k --prefix",
		"user grant-role alice rw", "user grant-role bob ro", "auth enable",
	} {
		x.happen(line)
	}
	for range 1000 {
		x.happen("")
	}
	return x
}

// happen carries out a line, or lets the next event happen.
func (x *tenants) happen(line string) {
	if line == "" {
		x.do(nil)
		return
	}
	call, err := script.Parse(line, 3, 1)
	if err != nil {
		x.t.Fatal(err)
	}
	x.do(call.World)
}

func (x *tenants) do(cmd *cluster.Command) {
	var e cluster.Event
	if cmd != nil {
		_ = x.c.Do(*cmd, &e) // may make no sense while everybody is down
	}
	if e.ID == 0 && !x.c.Step(&e) {
		x.happen("restart all")
		return
	}
	for _, v := range x.checker.Check(&e, x.c.View) {
		x.t.Fatalf("seed %d, event %d, %s: %s", x.seed, e.ID, v.Name, v.Detail)
	}
	if e.Kind == cluster.ClientResponse {
		x.said[e.Note]++
		x.honest(e.Op)
	}
}

// honest fails when somebody was let write who never may.
func (x *tenants) honest(id cluster.OpID) {
	ops := x.c.View().Ops
	i := slices.IndexFunc(ops, func(o *cluster.Op) bool { return o.ID == id })
	if i < 0 || ops[i].State != cluster.OpDone || ops[i].Kind != cluster.ClientPut {
		return
	}
	if who := ops[i].Spec.User; who != "alice" {
		x.t.Fatalf("seed %d: %q was let put %s", x.seed, who, ops[i].Spec.Key)
	}
}

// step makes a fault, a request or the next event happen.
func (x *tenants) step() {
	x.steps++
	draw := clock.Draw(x.seed, 97, 0, 0, x.steps)
	key, member := draw>>8%3, draw>>16%3+1
	switch {
	case x.steps%2400 == 0:
		fault := x.fault()
		x.do(&fault)
	case x.steps%2400 == 800:
		x.recover()
	case x.steps%120 == 0:
		x.happen([]string{
			fmt.Sprintf("put k%d v --user alice:a --by c2", key), fmt.Sprintf("put k%d v --user alice:a --by c9", key),
			fmt.Sprintf("put k%d v --user alice:a --by c2 --via n%d", key, member),
			fmt.Sprintf("put k%d w --user bob:b --by c3", key),
			fmt.Sprintf("put k%d x", key), fmt.Sprintf("del k%d --user alice:a --by c4 --prev-kv", key),
			fmt.Sprintf("get k --prefix --serializable --via n%d --user bob:b --by c3", member),
			fmt.Sprintf("txn if mod(k%d) > 9 then put k1 t else get k2 --user alice:a --by c5", key),
			"role revoke-permission rw k --prefix --user root:r --by c6",
			"role grant-permission rw readwrite k --prefix --user root:r --by c6",
			"role grant-permission rw readwrite k --prefix --user root:r --by c7",
			fmt.Sprintf("user passwd alice:a --user root:r --by c7 --via n%d", member),
			fmt.Sprintf("watch k --prefix --user bob:b --by c8 --via n%d", member), "get k0 --user alice:a --by c2",
		}[draw%14])
	default:
		x.happen("")
	}
}

// recover mends the network and starts who is down.
func (x *tenants) recover() {
	x.happen("heal")
	for _, m := range x.c.View().Members {
		if !m.Up {
			x.happen(fmt.Sprintf("restart n%d", m.ID))
		}
	}
}

// TestUsersUnderFaults: members that crash, lose messages and are given snapshots agree on users and rights, and nobody
// is let write who may not.
func TestUsersUnderFaults(t *testing.T) {
	said, writes := map[string]int{}, int64(0)
	for seed := range uint64(8) {
		x := newTenants(t, seed)
		for range 20000 {
			x.step()
		}
		x.recover()
		for range 4000 {
			x.happen("")
		}
		members := x.c.View().Members
		for _, m := range members {
			if !m.Auth.Enabled || m.AuthDigest() != members[0].AuthDigest() {
				t.Errorf("seed %d: n%d and n1 have different users", seed, m.ID)
			}
		}
		writes += members[0].Store.Revision - 1
		for text, n := range x.said {
			said[text] += n
		}
	}
	if writes < 100 {
		t.Errorf("only %d writes were let through: the runs show little", writes)
	}
	for _, text := range []string{
		"", "etcdserver: permission denied", "etcdserver: user name is empty", "etcdserver: revision of auth store is old",
		"etcdserver: invalid auth token",
	} {
		if said[text] < 5 {
			t.Errorf("only %d answers %q: the runs show little", said[text], text)
		}
	}
}

// TestUsersCloned: a clone in the middle of it, with logins under way, has the same future.
func TestUsersCloned(t *testing.T) {
	x := newTenants(t, 5)
	for range 20 {
		for range 200 {
			x.step()
		}
		other := &tenants{x.clone(), map[string]int{}}
		for range 300 {
			x.step()
			other.step()
		}
		x.endsLike(other.driver)
	}
}

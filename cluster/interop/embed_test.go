package interop

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/server/v3/embed"
	"go.etcd.io/etcd/server/v3/etcdserver"
	"go.etcd.io/etcd/server/v3/etcdserver/api/v3client"

	"etcdscope/cluster"
	"etcdscope/mvcc"
)

// TestEtcdStartsOnOurFiles lets a real etcd start on the data directory of a member that took snapshots, cut segments,
// compacted, crashed and lost its power, and asks it for every key at every revision that is left.
func TestEtcdStartsOnOurFiles(t *testing.T) {
	for _, profile := range cluster.ProfileNames() {
		for _, nodes := range []int{1, 3} {
			t.Run(fmt.Sprintf("%s/nodes=%d", profile, nodes), func(t *testing.T) {
				s := eventful(t, cluster.Config{Seed: 7, Nodes: nodes, Profile: profile}, nil)
				dir := t.TempDir()
				check(t, s.Export(dir))
				compareWithEtcd(t, s.View().Members[0], startEtcd(t, filepath.Join(dir, "n1"), nodes > 1))
			})
		}
	}
}

// TestEtcdStartsAfterPowerCut lets a real etcd start on what a power cut in the middle of a write left: it comes back
// with what our member comes back with.
func TestEtcdStartsAfterPowerCut(t *testing.T) {
	for _, profile := range cluster.ProfileNames() {
		t.Run(profile, func(t *testing.T) {
			dir, compared := "", false
			eventful(t, cluster.Config{Seed: 3, Nodes: 1, Profile: profile}, func(r run, i int) {
				switch m := r.View().Members[0]; {
				case !m.Up && i >= 40:
					dir = exported(r, 1)
				case dir != "":
					r.lead()
					compareWithEtcd(t, r.View().Members[0], startEtcd(t, dir, false))
					dir, compared = "", true
				}
			})
			if !compared {
				t.Error("the power was never cut")
			}
		})
	}
}

// startEtcd starts a real etcd on a data directory. Alone says that of several members only this one is there.
func startEtcd(t *testing.T, dir string, alone bool) *etcdserver.EtcdServer {
	t.Helper()
	return startEtcdAt(t, dir, alone).Server
}

// startEtcdAt is startEtcd for who needs its address.
func startEtcdAt(t *testing.T, dir string, alone bool) *embed.Etcd {
	t.Helper()
	cfg := embed.NewConfig()
	cfg.Dir, cfg.Name, cfg.LogLevel = dir, "n1", "fatal"
	cfg.InitialCluster = cfg.InitialClusterFromName(cfg.Name) // of an empty directory
	cfg.ForceNewCluster = alone
	cfg.UnsafeNoFsync = true
	none, err := url.Parse("http://127.0.0.1:0")
	check(t, err)
	cfg.ListenClientUrls, cfg.ListenPeerUrls = []url.URL{*none}, []url.URL{*none}
	e, err := embed.StartEtcd(cfg)
	check(t, err)
	t.Cleanup(e.Close)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	select {
	case <-e.Server.ReadyNotify():
	case err := <-e.Err():
		t.Fatal(err)
	case <-ctx.Done():
		t.Fatal("etcd is not ready")
	}
	return e
}

// compareWithEtcd reads all keys at every revision from both, compares the hashes, and lets etcd go on.
func compareWithEtcd(t *testing.T, ours *cluster.MemberView, server *etcdserver.EtcdServer) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	etcd := v3client.New(server)
	first, last := ours.Store.CompactRevision, ours.Store.Revision
	if first < 2 || last < 40 {
		t.Fatalf("revisions %d to %d: the run shows nothing", first, last)
	}
	for rev := first; rev <= last; rev++ {
		got, err := etcd.Get(ctx, "", clientv3.WithPrefix(), clientv3.WithRev(rev))
		check(t, err)
		what := fmt.Sprint("etcd at revision ", rev)
		sameText(t, what, keyText(fromKeyValues(got.Kvs...)), keyText(keysAt(ours.Store, rev)))
	}
	if _, err := etcd.Get(ctx, "k1", clientv3.WithRev(first-1)); !errors.Is(err, rpctypes.ErrCompacted) {
		t.Errorf("revision %d of etcd: %v", first-1, err)
	}
	put, err := etcd.Put(ctx, "goes", "on")
	check(t, err)
	if put.Header.Revision != last+1 {
		t.Errorf("etcd goes on with revision %d behind %d", put.Header.Revision, last)
	}
}

// keysAt is every key of a view at a revision.
func keysAt(v *mvcc.View, rev int64) (out []mvcc.KeyValue) {
	for _, k := range v.Keys(1000) {
		if kv, ok := v.Get(k.Key, rev); ok {
			out = append(out, kv)
		}
	}
	return out
}

func keyText(kvs []mvcc.KeyValue) string {
	var b strings.Builder
	for _, kv := range kvs {
		fmt.Fprintln(&b, versions([]mvcc.KeyValue{kv}))
	}
	return b.String()
}

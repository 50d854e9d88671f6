package interop

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/server/v3/embed"
	"go.etcd.io/etcd/server/v3/etcdserver/api/v3client"

	"etcdscope/cluster"
	"etcdscope/cluster/session"
)

// TestEtcdStartsOnOurFiles lets a real etcd start on the data directory of a member that took snapshots, cut segments,
// compacted, crashed and lost its power, and asks it for every key at every revision that is left.
func TestEtcdStartsOnOurFiles(t *testing.T) {
	for _, profile := range cluster.ProfileNames() {
		for _, nodes := range []int{1, 3} {
			t.Run(fmt.Sprintf("%s/nodes=%d", profile, nodes), func(t *testing.T) {
				s := eventful(t, profile, nodes)
				dir := t.TempDir()
				check(t, s.Export(dir))
				client := startEtcd(t, filepath.Join(dir, "n1"), nodes > 1)
				compareWithEtcd(t, s.View().Members[0], client)
			})
		}
	}
}

// eventful is a run after which a member's files have everything in them.
func eventful(t *testing.T, profile string, nodes int) *session.Session {
	t.Helper()
	s, err := session.New(cluster.Config{
		Seed: 7, Nodes: nodes, Profile: profile,
		Flags: cluster.Flags{SnapshotCount: 10, SnapshotCatchUpEntries: 4, WALSegmentBytes: 3000},
	}, session.Options{Dir: t.TempDir()})
	check(t, err)
	t.Cleanup(func() { check(t, s.Close()) })
	do := func(line string) {
		if _, err := s.Exec(line); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	do("run until size(leaders()) == 1 max 20s")
	do("lease grant 3600 --tag l")
	for i := range 60 {
		switch {
		case i%7 == 3:
			do(fmt.Sprintf("del k%d", i%5))
		case i%9 == 4:
			do(fmt.Sprintf("txn then put k%d t%d; put z%d u", i%5, i, i%3))
		default:
			do(fmt.Sprintf("put k%d v%d", i%5, i))
		}
		do("run 100ms")
		switch i {
		case 20:
			do("crash n1")
			do("restart n1")
			do("run until size(leaders()) == 1 max 20s")
		case 30:
			do("compact 12")
		case 40:
			do("poweroff all")
			do("restart all")
			do("run until size(leaders()) == 1 max 20s")
			do("run 2s")
		}
	}
	do("run 3s")
	if n := len(s.Violations()); n > 0 {
		t.Fatalf("%d violations, the first: %+v", n, s.Violations()[0])
	}
	return s
}

// startEtcd starts a real etcd on a data directory and returns a client inside it.
func startEtcd(t *testing.T, dir string, alone bool) *clientv3.Client {
	t.Helper()
	cfg := embed.NewConfig()
	cfg.Dir, cfg.Name, cfg.LogLevel = dir, "n1", "fatal"
	cfg.ForceNewCluster = alone // of three members only this one is there
	cfg.UnsafeNoFsync = true
	none, err := url.Parse("http://127.0.0.1:0")
	check(t, err)
	cfg.ListenClientUrls, cfg.ListenPeerUrls = []url.URL{*none}, []url.URL{*none}
	e, err := embed.StartEtcd(cfg)
	check(t, err)
	t.Cleanup(e.Close)
	select {
	case <-e.Server.ReadyNotify():
	case err := <-e.Err():
		t.Fatal(err)
	case <-t.Context().Done():
		t.Fatal("etcd is not ready")
	}
	return v3client.New(e.Server)
}

// compareWithEtcd reads all keys at every revision from both.
func compareWithEtcd(t *testing.T, ours *cluster.MemberView, etcd *clientv3.Client) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if ours.Store.CompactRevision < 2 || ours.Store.Revision < 40 {
		t.Fatalf("revisions %d to %d: the run shows nothing", ours.Store.CompactRevision, ours.Store.Revision)
	}
	for rev := ours.Store.CompactRevision; rev <= ours.Store.Revision; rev++ {
		got, err := etcd.Get(ctx, "", clientv3.WithPrefix(), clientv3.WithRev(rev))
		check(t, err)
		want := map[string]string{}
		for _, k := range ours.Store.Keys(1000) {
			if kv, ok := ours.Store.Get(k.Key, rev); ok {
				want[k.Key] = fmt.Sprint(string(kv.Value), kv.CreateRevision, kv.ModRevision, kv.Version)
			}
		}
		for _, kv := range got.Kvs {
			if have := fmt.Sprint(string(kv.Value), kv.CreateRevision, kv.ModRevision, kv.Version); want[string(kv.Key)] != have {
				t.Errorf("revision %d: etcd has %s = %s, ours %s", rev, kv.Key, have, want[string(kv.Key)])
			}
			delete(want, string(kv.Key))
		}
		if len(want) > 0 {
			t.Errorf("revision %d: etcd lacks %v", rev, want)
		}
	}
}

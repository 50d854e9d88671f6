package interop

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/concurrency"
	"go.etcd.io/etcd/server/v3/etcdserver"
	"go.etcd.io/etcd/server/v3/etcdserver/api/v3rpc"
	"go.etcd.io/etcd/server/v3/proxy/grpcproxy/adapter"

	"etcdscope/cluster"
	"etcdscope/cluster/session"
	"etcdscope/mvcc"
)

// record is what one client asks for, in order. Keep-alives are left out, which etcd's client sends beside everything
// else, and so are the ends of watches.
type record struct {
	mu    sync.Mutex
	list  []string
	lease int64 // of its session
	more  chan struct{}
}

func (r *record) note(m proto.Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, wireText(m))
	select {
	case r.more <- struct{}{}:
	default: // nobody has looked since the last one
	}
}

// wireText is a message on one line; how it is spaced differs from build to build on purpose.
func wireText(m proto.Message) string {
	return fmt.Sprintf("%s %s", m.ProtoReflect().Descriptor().Name(), strings.Join(strings.Fields(fmt.Sprint(m)), " "))
}

// text lists the requests, with all clients' leases under names that both sides share.
func (r *record) text(leases ...int64) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := strings.Join(r.list, "\n")
	for i, id := range leases {
		name := fmt.Sprintf("LEASE%d", i+1)
		out = strings.ReplaceAll(strings.ReplaceAll(out, fmt.Sprintf("%x", id), name), fmt.Sprint(id), name)
	}
	return out + "\n"
}

// has waits until the client has asked for a thing so many times.
func (r *record) has(t *testing.T, times int, what string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for strings.Count(r.text(), what) < times {
		select {
		case <-r.more:
		case <-ctx.Done():
			t.Fatalf("the client never asked for %q %d times:\n%s", what, times, r.text())
		}
	}
}

type recordingKV struct {
	pb.KVClient
	*record
}

func (r recordingKV) Range(c context.Context, in *pb.RangeRequest, o ...grpc.CallOption) (*pb.RangeResponse, error) {
	r.note(in)
	return r.KVClient.Range(c, in, o...)
}

func (r recordingKV) Txn(c context.Context, in *pb.TxnRequest, o ...grpc.CallOption) (*pb.TxnResponse, error) {
	r.note(in)
	return r.KVClient.Txn(c, in, o...)
}

func (r recordingKV) DeleteRange(
	c context.Context, in *pb.DeleteRangeRequest, o ...grpc.CallOption,
) (*pb.DeleteRangeResponse, error) {
	r.note(in)
	return r.KVClient.DeleteRange(c, in, o...)
}

type recordingLease struct {
	pb.LeaseClient
	*record
}

func (r recordingLease) LeaseGrant(
	c context.Context, in *pb.LeaseGrantRequest, o ...grpc.CallOption,
) (*pb.LeaseGrantResponse, error) {
	r.note(in)
	out, err := r.LeaseClient.LeaseGrant(c, in, o...)
	if err == nil {
		r.mu.Lock()
		r.lease = out.ID
		r.mu.Unlock()
	}
	return out, err
}

func (r recordingLease) LeaseRevoke(
	c context.Context, in *pb.LeaseRevokeRequest, o ...grpc.CallOption,
) (*pb.LeaseRevokeResponse, error) {
	r.note(in)
	return r.LeaseClient.LeaseRevoke(c, in, o...)
}

type recordingWatch struct {
	pb.WatchClient
	*record
}

func (r recordingWatch) Watch(c context.Context, o ...grpc.CallOption) (pb.Watch_WatchClient, error) {
	s, err := r.WatchClient.Watch(c, o...)
	return recordingStream{s, r.record}, err
}

type recordingStream struct {
	pb.Watch_WatchClient
	*record
}

func (r recordingStream) Send(in *pb.WatchRequest) error {
	if create := in.GetCreateRequest(); create != nil {
		r.note(create)
	}
	return r.Watch_WatchClient.Send(in)
}

// plainContext hides what a context holds from those who print it.
type plainContext struct{ context.Context }

func (plainContext) String() string { return "context" }

type plainWatcher struct{ clientv3.Watcher }

func (w plainWatcher) Watch(ctx context.Context, key string, opts ...clientv3.OpOption) clientv3.WatchChan {
	return w.Watcher.Watch(plainContext{ctx}, key, opts...)
}

// recordedClient is etcd's client in the process of a server, as v3client makes it.
func recordedClient(t *testing.T, s *etcdserver.EtcdServer) (*clientv3.Client, *record) {
	r := &record{more: make(chan struct{}, 1)}
	c := clientv3.NewCtxClient(t.Context(), clientv3.WithZapLogger(silent))
	kv := recordingKV{adapter.KvServerToKvClient(v3rpc.NewQuotaKVServer(s)), r}
	c.KV = clientv3.NewKVFromKVClient(kv, c)
	lease := recordingLease{adapter.LeaseServerToLeaseClient(v3rpc.NewQuotaLeaseServer(s)), r}
	c.Lease = clientv3.NewLeaseFromLeaseClient(lease, c, time.Second)
	watch := recordingWatch{adapter.WatchServerToWatchClient(v3rpc.NewWatchServer(s)), r}
	c.Watcher = plainWatcher{clientv3.NewWatchFromWatchClient(watch, c)}
	t.Cleanup(func() { _ = c.Close() })
	return c, r
}

// contender is one client of etcd's with its session.
type contender struct {
	*clientv3.Client
	*record
	session *concurrency.Session
}

func newContender(t *testing.T, s *etcdserver.EtcdServer, ttl int) *contender {
	c, r := recordedClient(t, s)
	se, err := concurrency.NewSession(c, concurrency.WithTTL(ttl))
	check(t, err)
	return &contender{c, r, se}
}

// ourRequests is what a client of ours asked for: what became an entry as the log has it, the rest as it
// was asked.
func ourRequests(r run, client int) string {
	out := &record{}
	v := r.View()
	var leases []int64
	for _, o := range v.Claims() {
		if o.Claim.Lease != 0 {
			leases = append(leases, int64(o.Claim.Lease))
		}
	}
	for _, o := range v.Ops {
		if m := wireOf(r, v, o); m != nil && max(o.Spec.Client, 1) == client {
			out.note(m)
		}
	}
	return out.text(leases...)
}

// wireOf is one request; nil for those that are left out.
func wireOf(r run, v *cluster.View, o *cluster.Op) proto.Message {
	s := o.Spec
	switch {
	case o.Kind == cluster.ClientGet:
		return toRange(&mvcc.RangeOp{Key: s.Key, End: s.End, Options: mvcc.RangeOptions{
			Limit: s.Limit, Target: s.SortBy, Order: s.Order, MaxCreate: s.MaxCreate,
		}})
	case o.Kind == cluster.ClientWatch:
		return &pb.WatchCreateRequest{Key: s.Key, RangeEnd: toEnd(s.End), StartRevision: s.Rev}
	case o.Index == 0:
		return nil
	}
	entry, ok := v.Members[0].Raft.Entry(o.Index)
	if !ok {
		r.t.Fatalf("entry %d is not there", o.Index)
	}
	var req pb.InternalRaftRequest
	check(r.t, proto.Unmarshal(entry.Data, &req))
	switch {
	case req.LeaseGrant != nil:
		req.LeaseGrant.ID = 0 // the server draws it
		return req.LeaseGrant
	case req.LeaseRevoke != nil:
		return req.LeaseRevoke
	case req.DeleteRange != nil:
		return req.DeleteRange
	}
	return req.Txn
}

func lockRun(t *testing.T) run {
	s, err := session.New(cluster.Config{Seed: 1, Nodes: 1}, session.Options{Dir: t.TempDir()})
	check(t, err)
	t.Cleanup(func() { check(t, s.Close()) })
	r := run{s, t}
	r.lead()
	return r
}

// TestLockAsksForTheSame lets clients of etcd's and ours take a lock, wait for it, write under it and leave the queue:
// they ask for the same, word by word.
func TestLockAsksForTheSame(t *testing.T) {
	server := startEtcd(t, t.TempDir(), false)
	var clients []*contender
	var locks []*concurrency.Mutex
	cancels, done := make([]context.CancelFunc, 3), make([]chan error, 3)
	for i := range 3 {
		c := newContender(t, server, 10)
		m := concurrency.NewMutex(c.session, "l")
		clients, locks = append(clients, c), append(locks, m)
		ctx, cancel := context.WithCancel(t.Context())
		cancels[i], done[i] = cancel, make(chan error, 1)
		go func() { done[i] <- m.Lock(ctx) }()
		if i == 0 {
			check(t, <-done[0])
		} else {
			c.has(t, 1, "WatchCreateRequest")
		}
	}
	defer cancels[0]()
	defer cancels[2]()
	_, err := clients[0].Txn(t.Context()).If(locks[0].IsOwner()).Then(clientv3.OpPut("x", "1")).Commit()
	check(t, err)
	cancels[1]()
	if err := <-done[1]; err == nil {
		t.Fatal("a lock that was given up is held")
	}
	check(t, clients[1].session.Close())
	clients[2].has(t, 2, "WatchCreateRequest")
	for _, i := range []int{0, 2} {
		if i == 2 {
			check(t, <-done[2])
		}
		check(t, locks[i].Unlock(t.Context()))
		check(t, clients[i].session.Close())
	}

	r := lockRun(t)
	r.do(
		"lock l --by c1 --tag a", "run until holds(a) max 5s",
		"lock l --by c2 --tag b", "run until claim(b).waits_for == \"a\" max 5s",
		"lock l --by c3 --tag c", "run until claim(c).waits_for == \"b\" max 5s",
		"put x 1 --lock a", "run 1s", "unlock b", "run until claim(c).waits_for == \"a\" max 5s", "run 500ms",
		"unlock a", "run until holds(c) max 5s", "run 500ms", "unlock c", "run 1s",
	)
	for i, c := range clients {
		theirs := c.text(clients[0].lease, clients[1].lease, clients[2].lease)
		sameText(t, fmt.Sprintf("client %d", i+1), ourRequests(r, i+1), theirs)
	}
}

// TestElectionAsksForTheSame does so for candidates, one that proclaims, and one that only listens.
func TestElectionAsksForTheSame(t *testing.T) {
	server := startEtcd(t, t.TempDir(), false)
	ctx := t.Context()
	listener, heard := recordedClient(t, server)
	watching, stop := context.WithCancel(ctx)
	defer stop()
	quiet, err := concurrency.NewSession(listener, concurrency.WithTTL(60))
	check(t, err)
	heard.list = nil // the session of who only listens has no use
	values := concurrency.NewElection(quiet, "e").Observe(watching)
	heard.has(t, 1, "WatchCreateRequest")
	hears := func(want string) {
		t.Helper()
		if got := <-values; string(got.Kvs[0].Value) != want {
			t.Fatalf("%q leads, want %q", got.Kvs[0].Value, want)
		}
	}
	first, second := newContender(t, server, 60), newContender(t, server, 60)
	one, two := concurrency.NewElection(first.session, "e"), concurrency.NewElection(second.session, "e")
	check(t, one.Campaign(ctx, "one"))
	hears("one")
	heard.has(t, 2, "WatchCreateRequest")
	won := make(chan error, 1)
	go func() { won <- two.Campaign(ctx, "two") }()
	second.has(t, 1, "WatchCreateRequest")
	check(t, one.Proclaim(ctx, "uno"))
	hears("uno")
	check(t, one.Resign(ctx))
	check(t, first.session.Close())
	check(t, <-won)
	hears("two")
	heard.has(t, 3, "WatchCreateRequest")
	check(t, two.Resign(ctx))
	check(t, second.session.Close())
	heard.has(t, 4, "WatchCreateRequest")

	r := lockRun(t)
	r.do(
		"elect e --listen --by c3 --tag o", "run 500ms",
		"elect e one --by c1 --tag a", "run until holds(a) max 5s", "run 500ms",
		"elect e two --by c2 --tag b", "run until claim(b).waits_for == \"a\" max 5s",
		"proclaim a uno", "run 1s", "resign a", "run until holds(b) max 5s", "run 1s", "resign b", "run 1s",
	)
	for i, c := range []*record{first.record, second.record, heard} {
		sameText(t, fmt.Sprintf("client %d", i+1), ourRequests(r, i+1), c.text(first.lease, second.lease))
	}
}

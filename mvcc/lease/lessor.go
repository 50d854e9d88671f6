package lease

import (
	"cmp"
	"errors"
	"math"

	"github.com/google/btree"
)

// ID names a lease; 0 is none.
type ID int64

// Time is a moment of the caller's virtual time.
type Time int64

// Forever is the deadline of a lease on a member that does not count time.
const Forever Time = math.MaxInt64

// TTLMax is the longest time to live that etcd grants, in seconds.
const TTLMax = 9_000_000_000

// The errors of leases, with etcd's texts; ErrExpired is ours for what etcd waits out.
var (
	ErrNotFound    = errors.New("etcdserver: requested lease not found")
	ErrExists      = errors.New("etcdserver: lease already exists")
	ErrTTLTooLarge = errors.New("etcdserver: too large lease TTL")
	ErrNotPrimary  = errors.New("lease: not primary lessor")
	ErrExpired     = errors.New("lease: expired, and waits for its revoke")
)

// Config of a lessor; zero values are etcd's.
type Config struct {
	Second             Time   // units of Time in a second; 0: 1,000,000
	MinTTL             int64  // seconds; shorter leases are lengthened; see MinTTL
	CheckpointInterval int64  // seconds; 0: 300
	Member             uint64 // tells members apart where a rule is off
	Rules              Rules
}

// etcd's numbers (lease/lessor.go).
const (
	defaultSecond     = 1_000_000
	defaultCheckpoint = 300
)

// MinTTL is the shortest time to live that a cluster grants, in seconds: one and a half election timeouts, counted
// in whole ticks and rounded up.
func MinTTL(electionTicks int, tick, second Time) int64 {
	return int64((Time(3*electionTicks/2)*tick + second - 1) / second)
}

// Lessor holds the leases of one member.
type Lessor struct {
	config  Config
	primary bool

	leases      *btree.BTreeG[lease]      // by ID
	owners      *btree.BTreeG[attachment] // by key
	keys        *btree.BTreeG[attachment] // by lease, then key
	deadlines   *btree.BTreeG[moment]     // what expires when; only leases that the member counts
	checkpoints *btree.BTreeG[moment]     // what is checkpointed when

	view *View // of this very state; nil after a change
}

// lease is one lease. It is a value: a change replaces it, so that clones and views keep the one they saw.
type lease struct {
	id         ID
	ttl        int64 // granted, seconds
	remaining  int64 // of the last checkpoint, seconds; 0: none since the last renewal
	expiry     Time
	checkpoint Time // when the next one is due; 0: none is planned
	due        Time // when its revoke is to be proposed (again)
}

// left is what a leader that counts anew gives the lease, in seconds.
func (l *lease) left() int64 { return cmp.Or(l.remaining, l.ttl) }

// attachment is a key and the lease it dies with.
type attachment struct {
	key string
	id  ID
}

// moment is something that is due for a lease.
type moment struct {
	at Time
	id ID
}

// degree keeps the nodes of the trees small: each change after a clone copies the path from the root.
const degree = 8

// New returns a lessor without leases that does not count time.
func New(c Config) *Lessor {
	c.Second = cmp.Or(c.Second, defaultSecond)
	c.CheckpointInterval = cmp.Or(c.CheckpointInterval, defaultCheckpoint)
	byMoment := func(a, b moment) bool { return a.at < b.at || a.at == b.at && a.id < b.id }
	return &Lessor{
		config: c,
		leases: btree.NewG(degree, func(a, b lease) bool { return a.id < b.id }),
		owners: btree.NewG(degree, func(a, b attachment) bool { return a.key < b.key }),
		keys: btree.NewG(degree, func(a, b attachment) bool {
			return a.id < b.id || a.id == b.id && a.key < b.key
		}),
		deadlines: btree.NewG(degree, byMoment), checkpoints: btree.NewG(degree, byMoment),
	}
}

// Clone returns an independent copy; both share what neither changes.
func (r *Lessor) Clone() *Lessor {
	c := *r
	c.leases, c.owners, c.keys = r.leases.Clone(), r.owners.Clone(), r.keys.Clone()
	c.deadlines, c.checkpoints = r.deadlines.Clone(), r.checkpoints.Clone()
	return &c
}

// Grant adds a lease of ttl seconds and returns the seconds it got and its row. Errors are ErrNotFound for ID 0,
// ErrTTLTooLarge and ErrExists.
func (r *Lessor) Grant(id ID, ttl int64, now Time) (granted int64, row Row, err error) {
	switch {
	case id == 0:
		return 0, Row{}, ErrNotFound
	case ttl > TTLMax:
		return 0, Row{}, ErrTTLTooLarge
	case r.Exists(id):
		return 0, Row{}, ErrExists
	}
	l := lease{id: id, ttl: max(ttl, r.config.MinTTL), expiry: Forever}
	if r.counts() {
		r.refresh(&l, now, 0)
		r.plan(&l, now)
	}
	r.put(l)
	return l.ttl, rowOf(&l), nil
}

// Revoke removes a lease and returns its keys in the order in which every member deletes them, and its row to be
// deleted with them. The error is ErrNotFound.
func (r *Lessor) Revoke(id ID) (keys []string, row Row, err error) {
	l, ok := r.find(id)
	if !ok {
		return nil, Row{}, ErrNotFound
	}
	keys = r.Keys(id)
	for _, key := range keys {
		r.Detach(key)
	}
	r.forget(&l)
	r.leases.Delete(l)
	r.view = nil
	if r.config.Rules.UnsortedRevoke {
		shuffle(keys, r.config.Member)
	}
	return keys, Row{Key: rowKey(id)}, nil
}

// Exists says whether there is such a lease: what a put with a lease asks.
func (r *Lessor) Exists(id ID) bool {
	_, ok := r.find(id)
	return ok
}

// Len is how many leases there are.
func (r *Lessor) Len() int { return r.leases.Len() }

func (r *Lessor) find(id ID) (lease, bool) { return r.leases.Get(lease{id: id}) }

// put stores a lease, and the moments when something is due for it.
func (r *Lessor) put(l lease) {
	if old, ok := r.find(l.id); ok {
		r.forget(&old)
	}
	r.leases.ReplaceOrInsert(l)
	if l.expiry != Forever {
		r.deadlines.ReplaceOrInsert(moment{l.due, l.id})
	}
	if l.checkpoint != 0 {
		r.checkpoints.ReplaceOrInsert(moment{l.checkpoint, l.id})
	}
	r.view = nil
}

// forget takes a lease out of the queues.
func (r *Lessor) forget(l *lease) {
	r.deadlines.Delete(moment{l.due, l.id})
	r.checkpoints.Delete(moment{l.checkpoint, l.id})
}

// seconds turns seconds into time, without running over.
func (r *Lessor) seconds(n int64) Time {
	if n > int64(Forever/2/r.config.Second) {
		return Forever / 2
	}
	return Time(n) * r.config.Second
}

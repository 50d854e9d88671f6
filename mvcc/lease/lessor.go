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

	leases      *btree.BTreeG[*lease]     // by ID
	owners      *btree.BTreeG[attachment] // by key
	keys        *btree.BTreeG[attachment] // by lease, then key
	deadlines   queue                     // what expires when; only leases that the member counts
	checkpoints queue                     // what is checkpointed when

	lineage *lineage
	pivot   lease // scratch for searches, so that they do not allocate
	view    *View // of this very state; nil after a change
}

// lineage names a run of changes without a fork: what a lessor made since its last clone or view nobody else
// sees, and it changes that in place. The field keeps addresses distinct.
type lineage struct{ _ byte }

// lease is one lease. Only the lineage that made it may change it; all others keep the one they saw.
type lease struct {
	id         ID
	ttl        int64 // granted, seconds
	remaining  int64 // of the last checkpoint, seconds; 0: none since the last renewal
	expiry     Time
	checkpoint Time // when the next one is due; Forever: none is planned
	due        Time // when its revoke is to be proposed (again); Forever: its time is not counted
	lineage    *lineage
}

// left is what a leader that counts anew gives the lease, in seconds.
func (l *lease) left() int64 { return cmp.Or(l.remaining, l.ttl) }

// attachment is a key and the lease it dies with.
type attachment struct {
	key string
	id  ID
}

// degree is of the trees: more makes a search shorter, but each change after a clone copies the path from the root.
const degree = 32

// New returns a lessor without leases that does not count time.
func New(c Config) *Lessor {
	c.Second = cmp.Or(c.Second, defaultSecond)
	c.CheckpointInterval = cmp.Or(c.CheckpointInterval, defaultCheckpoint)
	return &Lessor{
		config: c, lineage: new(lineage),
		leases: btree.NewG(degree, func(a, b *lease) bool { return a.id < b.id }),
		owners: btree.NewG(degree, func(a, b attachment) bool { return a.key < b.key }),
		keys: btree.NewG(degree, func(a, b attachment) bool {
			return a.id < b.id || a.id == b.id && a.key < b.key
		}),
		deadlines: newQueue(), checkpoints: newQueue(),
	}
}

// Clone returns an independent copy; both share what neither changes.
func (r *Lessor) Clone() *Lessor {
	c := *r
	c.leases, c.owners, c.keys = r.leases.Clone(), r.owners.Clone(), r.keys.Clone()
	c.deadlines, c.checkpoints = r.deadlines.clone(), r.checkpoints.clone()
	c.lineage, r.lineage = new(lineage), new(lineage)
	return &c
}

// SetRules switches rules on or off from now on; what was done under the old ones stays.
func (r *Lessor) SetRules(rules Rules) { r.config.Rules = rules }

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
	l := r.add(lease{id: id, ttl: max(ttl, r.config.MinTTL)})
	if r.counts() {
		r.refresh(l, now, 0)
		r.plan(l, now)
	}
	return l.ttl, rowOf(l), nil
}

// Revoke removes a lease and returns its keys in the order in which every member deletes them, and its row to be
// deleted with them. The error is ErrNotFound.
func (r *Lessor) Revoke(id ID) (keys []string, row Row, err error) {
	l := r.find(id)
	if l == nil {
		return nil, Row{}, ErrNotFound
	}
	keys = r.Keys(id)
	for _, key := range keys {
		r.Detach(key)
	}
	r.leases.Delete(l)
	r.view = nil
	if r.config.Rules.UnsortedRevoke {
		shuffle(keys, r.config.Member)
	}
	return keys, Row{Key: rowKey(id)}, nil
}

// Exists says whether there is such a lease: what a put with a lease asks.
func (r *Lessor) Exists(id ID) bool { return r.find(id) != nil }

// Len is how many leases there are.
func (r *Lessor) Len() int { return r.leases.Len() }

// find returns a lease to be read, or nil.
func (r *Lessor) find(id ID) *lease {
	r.pivot.id = id
	l, _ := r.leases.Get(&r.pivot)
	return l
}

// add stores a lease that is not there yet; its time is not counted.
func (r *Lessor) add(l lease) *lease {
	l.expiry, l.due, l.checkpoint, l.lineage = Forever, Forever, Forever, r.lineage
	r.leases.ReplaceOrInsert(&l)
	r.view = nil
	return &l
}

// own returns a lease of this lessor to be changed.
func (r *Lessor) own(l *lease) *lease {
	r.view = nil
	if l.lineage == r.lineage {
		return l
	}
	c := *l
	c.lineage = r.lineage
	r.leases.ReplaceOrInsert(&c)
	return &c
}

// all lists the leases in order of ID.
func (r *Lessor) all() []*lease {
	all := make([]*lease, 0, r.leases.Len())
	r.leases.Ascend(func(l *lease) bool {
		all = append(all, l)
		return true
	})
	return all
}

// seconds turns seconds into time, without running over.
func (r *Lessor) seconds(n int64) Time {
	if n > int64(Forever/2/r.config.Second) {
		return Forever / 2
	}
	return Time(n) * r.config.Second
}

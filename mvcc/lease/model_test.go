package lease_test

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"etcdscope/mvcc/lease"
)

const (
	second   = lease.Time(10)
	minTTL   = 3
	interval = 20
	noTime   = lease.Time(-1)
)

// known is what the model knows of a lease. All times are plain numbers; there are no queues.
type known struct {
	ttl, left           int64
	expiry, retry, plan lease.Time // noTime: none
}

// model is a lessor as maps that are searched from end to end.
type model struct {
	primary bool
	leases  map[lease.ID]known
	owner   map[string]lease.ID
	file    map[string]string // rows by key
}

func (m *model) clone() *model {
	return &model{m.primary, maps.Clone(m.leases), maps.Clone(m.owner), maps.Clone(m.file)}
}

// start gives a lease its time.
func (m *model) start(l known, left int64, now, extend lease.Time) known {
	l.expiry = now + lease.Time(left)*second + extend
	l.retry = l.expiry
	return m.plan(l, left, now)
}

func (m *model) plan(l known, left int64, now lease.Time) known {
	if l.plan = noTime; m.primary && left > interval {
		l.plan = now + interval*second
	}
	return l
}

func (m *model) keys(id lease.ID) []string {
	var keys []string
	for key, owner := range m.owner {
		if owner == id {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// due lists leases by a time that lies not behind now, in order of it.
func (m *model) due(now lease.Time, at func(known) lease.Time, limit int) []lease.ID {
	var ids []lease.ID
	for id, l := range m.leases {
		if at(l) != noTime && at(l) <= now {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b lease.ID) int {
		return cmp.Or(cmp.Compare(at(m.leases[a]), at(m.leases[b])), cmp.Compare(a, b))
	})
	return ids[:min(limit, len(ids))]
}

// member is a lessor, its model and the time.
type member struct {
	lessor *lease.Lessor
	model  *model
	now    lease.Time
}

var config = lease.Config{Second: second, MinTTL: minTTL, CheckpointInterval: interval}

func (p *member) save(row lease.Row) {
	if row.Value == nil {
		delete(p.model.file, string(row.Key))
		return
	}
	p.model.file[string(row.Key)] = string(row.Value)
}

func (p *member) grant(t *rapid.T, id lease.ID) {
	ttl := rapid.SampledFrom([]int64{0, 3, 5, 19, 20, 21, 40, 60}).Draw(t, "ttl")
	granted, row, err := p.lessor.Grant(id, ttl, p.now)
	if _, exists := p.model.leases[id]; exists {
		if !errors.Is(err, lease.ErrExists) {
			t.Fatalf("lease %d was granted twice: %v", id, err)
		}
		return
	}
	l := known{ttl: max(ttl, minTTL), expiry: noTime, retry: noTime, plan: noTime}
	if err != nil || granted != l.ttl {
		t.Fatalf("granted %d s, want %d, %v", granted, l.ttl, err)
	}
	if p.model.primary {
		l = p.model.start(l, l.ttl, p.now, 0)
	}
	p.model.leases[id] = l
	p.save(row)
}

func (p *member) revoke(t *rapid.T, id lease.ID) {
	keys, row, err := p.lessor.Revoke(id)
	if _, exists := p.model.leases[id]; !exists {
		if !errors.Is(err, lease.ErrNotFound) {
			t.Fatalf("revoke of no lease: %v", err)
		}
		return
	}
	if want := p.model.keys(id); err != nil || !slices.Equal(keys, want) {
		t.Fatalf("revoke of %d deletes %q, want %q, %v", id, keys, want, err)
	}
	for _, key := range keys {
		delete(p.model.owner, key)
	}
	delete(p.model.leases, id)
	p.save(row)
}

func (p *member) renew(t *rapid.T, id lease.ID) {
	l, exists := p.model.leases[id]
	ttl, clear, err := p.lessor.Renew(id, p.now)
	var want error
	switch {
	case !p.model.primary:
		want = lease.ErrNotPrimary
	case !exists:
		want = lease.ErrNotFound
	case l.expiry <= p.now:
		want = lease.ErrExpired
	}
	if !errors.Is(err, want) {
		t.Fatalf("renew of %d: %v, want %v", id, err, want)
	}
	if want != nil {
		return
	}
	if ttl != l.ttl || clear != (l.left > 0) {
		t.Fatalf("renewed for %d s, clear %v, want %d, %v", ttl, clear, l.ttl, l.left > 0)
	}
	p.model.leases[id] = p.model.start(l, l.ttl, p.now, 0)
}

func (p *member) assign(t *rapid.T, id lease.ID) {
	key := rapid.StringMatching(`[a-d]`).Draw(t, "key")
	p.lessor.Assign(key, id)
	if _, exists := p.model.leases[id]; exists {
		p.model.owner[key] = id
	} else {
		delete(p.model.owner, key)
	}
}

func (p *member) promote(t *rapid.T) {
	extend := lease.Time(rapid.SampledFrom([]int{0, 7, 10, 250}).Draw(t, "extend"))
	p.lessor.Promote(extend, p.now)
	p.model.primary = true
	for id, l := range p.model.leases {
		left := cmp.Or(l.left, l.ttl)
		p.model.leases[id] = p.model.start(l, left, p.now, extend)
	}
}

func (p *member) demote() {
	p.lessor.Demote()
	p.model.primary = false
	for id, l := range p.model.leases {
		l.expiry, l.retry, l.plan = noTime, noTime, noTime
		p.model.leases[id] = l
	}
}

func (p *member) expire(t *rapid.T) {
	limit := rapid.IntRange(1, 4).Draw(t, "limit")
	want := p.model.due(p.now, func(l known) lease.Time { return l.retry }, limit)
	got := p.lessor.Expired(p.now, limit)
	if !slices.Equal(got, want) {
		t.Fatalf("at %d expired %v, want %v", p.now, got, want)
	}
	for _, id := range want {
		l := p.model.leases[id]
		l.retry = p.now + 3*second
		p.model.leases[id] = l
	}
}

func (p *member) checkpoint(t *rapid.T, id lease.ID) {
	if rapid.Bool().Draw(t, "from another leader") {
		p.apply(t, lease.Checkpoint{ID: id, Remaining: rapid.Int64Range(0, 50).Draw(t, "remaining")})
		return
	}
	ids := p.model.due(p.now, func(l known) lease.Time { return l.plan }, 1000)
	var want []lease.Checkpoint
	for _, id := range ids {
		l := p.model.leases[id]
		left := int64((l.expiry - p.now + second - 1) / second)
		p.model.leases[id] = p.model.plan(l, left, p.now)
		if l.expiry > p.now && left < l.ttl {
			want = append(want, lease.Checkpoint{ID: id, Remaining: left})
		}
	}
	got := p.lessor.DueCheckpoints(p.now, 0)
	if !slices.Equal(got, want) {
		t.Fatalf("at %d checkpoints %v, want %v", p.now, got, want)
	}
	for _, c := range got {
		p.apply(t, c)
	}
}

func (p *member) apply(t *rapid.T, c lease.Checkpoint) {
	row, err := p.lessor.Checkpoint(c, p.now)
	l, exists := p.model.leases[c.ID]
	if exists != (err == nil) || !exists && !errors.Is(err, lease.ErrNotFound) {
		t.Fatalf("checkpoint of lease %d: %v", c.ID, err)
	}
	if exists {
		l.left = c.Remaining
		p.model.leases[c.ID] = p.model.plan(l, cmp.Or(l.left, l.ttl), p.now)
		p.save(row)
	}
}

// restart loses all but the file and the keys.
func (p *member) restart(t *rapid.T) {
	p.lessor = lease.New(config)
	for _, key := range slices.Sorted(maps.Keys(p.model.file)) {
		if err := p.lessor.Restore(lease.Row{Key: []byte(key), Value: []byte(p.model.file[key])}); err != nil {
			t.Fatal(err)
		}
	}
	for key, id := range p.model.owner {
		if err := p.lessor.Attach(id, key); err != nil {
			t.Fatal(err)
		}
	}
	p.demote()
}

// state is all that Hash should depend on.
func (p *member) state() string { return fmt.Sprint(p.model.primary, p.model.leases, p.model.owner) }

func (p *member) check(t *rapid.T, view *lease.View, m *model, now lease.Time) {
	var want []lease.Lease
	for id, l := range m.leases {
		d := lease.Lease{ID: id, TTL: l.ttl, Checkpoint: l.left, Remaining: l.ttl, Expiry: lease.Forever, Keys: m.keys(id)}
		if l.expiry != noTime {
			d.Expiry, d.Remaining = l.expiry, max(0, int64((l.expiry-now)/second))
		}
		want = append(want, d)
	}
	slices.SortFunc(want, func(a, b lease.Lease) int {
		return cmp.Or(cmp.Compare(a.Expiry, b.Expiry), cmp.Compare(a.ID, b.ID))
	})
	got := view.Leases(now)
	if len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) || view.Primary != m.primary || view.Len != len(want) {
		t.Fatalf("leases %+v, want %+v", got, want)
	}
}

// checkQueues compares what is due next.
func (p *member) checkQueues(t *rapid.T) {
	expiry, checkpoint := noTime, noTime
	for _, l := range p.model.leases {
		if l.retry != noTime && (expiry == noTime || l.retry < expiry) {
			expiry = l.retry
		}
		if l.plan != noTime && (checkpoint == noTime || l.plan < checkpoint) {
			checkpoint = l.plan
		}
	}
	if at, ok := p.lessor.NextExpiry(); ok != (expiry != noTime) || ok && at != expiry {
		t.Fatalf("next expiry %d, %v, want %d", at, ok, expiry)
	}
	if at, ok := p.lessor.NextCheckpoint(); ok != (checkpoint != noTime) || ok && at != checkpoint {
		t.Fatalf("next checkpoint %d, %v, want %d", at, ok, checkpoint)
	}
}

func TestLessorAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &model{leases: map[lease.ID]known{}, owner: map[string]lease.ID{}, file: map[string]string{}}
		all := []*member{{lease.New(config), m, 0}}
		hashes, states := map[string]uint64{}, map[uint64]string{}
		for range rapid.IntRange(1, 80).Draw(t, "steps") {
			p := all[rapid.IntRange(0, len(all)-1).Draw(t, "member")]
			p.now += lease.Time(rapid.SampledFrom([]int{0, 1, 10, 30, 50, 100, 200}).Draw(t, "wait"))
			view, before, then := p.lessor.View(), p.model.clone(), p.now
			id := lease.ID(rapid.IntRange(1, 5).Draw(t, "lease"))
			switch rapid.IntRange(0, 11).Draw(t, "step") {
			case 0, 1:
				p.grant(t, id)
			case 2:
				p.revoke(t, id)
			case 3:
				p.renew(t, id)
			case 4, 5:
				p.assign(t, id-1)
			case 6:
				p.promote(t)
			case 7:
				p.demote()
			case 8:
				p.expire(t)
			case 9:
				p.checkpoint(t, id)
			case 10:
				p.restart(t)
			case 11:
				if len(all) < 3 {
					all = append(all, &member{p.lessor.Clone(), p.model.clone(), p.now})
				}
			}
			p.check(t, p.lessor.View(), p.model, p.now)
			p.checkQueues(t)
			p.check(t, view, before, then)
			state, hash := p.state(), p.lessor.Hash()
			if old, ok := hashes[state]; ok && old != hash {
				t.Fatalf("one state, two hashes: %s", state)
			}
			if old, ok := states[hash]; ok && old != state {
				t.Fatalf("two states, one hash: %s and %s", old, state)
			}
			hashes[state], states[hash] = hash, state
		}
	})
}

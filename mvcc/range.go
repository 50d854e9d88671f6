package mvcc

import (
	"bytes"
	"cmp"
	"errors"
	"math"
	"slices"
)

// ErrInvalidSort is returned for a sort order or target that etcd does not know.
var ErrInvalidSort = errors.New("etcdserver: invalid sort option")

// SortTarget is the field of a version that a Range is sorted by.
type SortTarget int8

// The targets of etcd's RangeRequest, with its numbers.
const (
	SortByKey SortTarget = iota
	SortByVersion
	SortByCreate
	SortByMod
	SortByValue
)

// SortOrder is the direction of a sort.
type SortOrder int8

// The orders of etcd's RangeRequest, with its numbers. SortNone ascends, for every target.
const (
	SortNone SortOrder = iota
	SortAscend
	SortDescend
)

// RangeOptions are the options of etcd's Range that the store answers.
type RangeOptions struct {
	Rev       int64 // 0: current
	Limit     int64 // 0: all
	CountOnly bool
	KeysOnly  bool // key, revisions and version, from the index alone: no value, no lease (etcd 3.7)

	Target SortTarget
	Order  SortOrder

	MinMod, MaxMod, MinCreate, MaxCreate int64 // only versions with revisions in these bounds; 0: no bound
}

// sorted is whether the answer is in another order than that of keys.
func (o *RangeOptions) sorted() bool { return o.Target != SortByKey || o.Order == SortDescend }

// filtered is whether versions may be left out.
func (o *RangeOptions) filtered() bool {
	return o.MinMod != 0 || o.MaxMod != 0 || o.MinCreate != 0 || o.MaxCreate != 0
}

// fetch is how many versions are taken in order of key before anything is sorted. A target without an order has
// the limit act first, and then one more is looked at, as in etcd: who wants the least must say so.
func (o *RangeOptions) fetch() int64 {
	switch {
	case o.Limit <= 0 || o.Limit == math.MaxInt64:
		return math.MaxInt64
	case !o.sorted():
		return o.Limit
	case o.Order == SortNone && !o.filtered():
		return o.Limit + 1
	}
	return math.MaxInt64
}

// admits is whether the filters let a version pass.
func (o *RangeOptions) admits(at version) bool {
	mod, create := at.modified.Main, at.created.Main
	return (o.MaxMod == 0 || mod <= o.MaxMod) && (o.MinMod == 0 || mod >= o.MinMod) &&
		(o.MaxCreate == 0 || create <= o.MaxCreate) && (o.MinCreate == 0 || create >= o.MinCreate)
}

// compare puts two versions in the order of the options.
func (o *RangeOptions) compare(a, b *KeyValue) int {
	var c int
	switch o.Target {
	case SortByKey:
		c = bytes.Compare(a.Key, b.Key)
	case SortByVersion:
		c = cmp.Compare(a.Version, b.Version)
	case SortByCreate:
		c = cmp.Compare(a.CreateRevision, b.CreateRevision)
	case SortByMod:
		c = cmp.Compare(a.ModRevision, b.ModRevision)
	case SortByValue:
		c = bytes.Compare(a.Value, b.Value)
	}
	if o.Order == SortDescend {
		return -c
	}
	return c
}

// RangeResult is the answer to a Range.
type RangeResult struct {
	KVs   []KeyValue
	Count int64 // keys in range at the revision, whatever limit and filters say
	More  bool  // Limit cut the answer
	Rev   int64 // revision of the store
}

// Range reads [key, end) at a revision. end nil: the single key; end empty and not nil: all keys >= key
// (etcd: RangeRequest.range_end). It returns ErrCompacted or ErrFutureRev for a revision out of reach.
func (s *Store) Range(key, end []byte, o RangeOptions) (RangeResult, error) {
	return s.rangeAt(key, end, o, s.revision)
}

// reach is the revision that a reader to whom current is the newest reads at.
func (s *Store) reach(rev, current int64) (int64, error) {
	switch {
	case rev > current:
		return 0, ErrFutureRev
	case rev <= 0:
		return current, nil
	case rev < s.compacted && !s.rules.ReadCompacted:
		return 0, ErrCompacted
	}
	return rev, nil
}

// rangeAt is Range for a reader to whom current is the newest revision.
func (s *Store) rangeAt(key, end []byte, o RangeOptions, current int64) (RangeResult, error) {
	rev, err := s.reach(o.Rev, current)
	if err != nil {
		return RangeResult{}, err
	}
	if o.Target < SortByKey || o.Target > SortByValue || o.Order < SortNone || o.Order > SortDescend {
		return RangeResult{}, ErrInvalidSort
	}
	if s.rules.ReadNewest {
		rev = current
	}
	res := RangeResult{Rev: current}
	found := s.found[:0]
	var hits int64 // versions that the filters admit
	fetch := o.fetch()
	s.index.visit(key, end, func(k *keyIndex) bool {
		at, ok := k.get(rev)
		if !ok {
			return true
		}
		if res.Count++; o.CountOnly || !o.admits(at) {
			return true
		}
		if hits++; hits > fetch {
			return true
		}
		found = append(found, hit{k.key, at})
		return true
	})
	s.found = found
	if err := s.complete(&res, found, &o); err != nil {
		return RangeResult{}, err
	}
	res.More = hits > int64(len(res.KVs))
	return res, nil
}

// hit is a version that the index found.
type hit struct {
	key []byte
	at  version
}

// complete sorts and cuts what the index found, and reads values where they are wanted: before the sort when it
// looks at them, or else only those that are left.
func (s *Store) complete(res *RangeResult, found []hit, o *RangeOptions) error {
	if len(found) == 0 {
		return nil
	}
	res.KVs = make([]KeyValue, len(found))
	revs := s.revs[:0]
	for i, f := range found {
		res.KVs[i] = headerOf(f.key, f.at)
		revs = append(revs, f.at.modified)
	}
	s.revs = revs
	values := o.Target == SortByValue
	if values {
		if err := s.loadAll(res.KVs, revs); err != nil {
			return err
		}
	}
	if o.sorted() {
		revs = sortTogether(res.KVs, revs, o)
	}
	if o.Limit > 0 && int64(len(res.KVs)) > o.Limit {
		res.KVs, revs = res.KVs[:o.Limit], revs[:o.Limit]
	}
	switch {
	case values && o.KeysOnly:
		for i := range res.KVs {
			res.KVs[i].Value = nil
		}
	case values || o.KeysOnly:
	default:
		return s.loadAll(res.KVs, revs)
	}
	return nil
}

// sortTogether sorts kvs in place, equal ones in order of key, and returns revs in the same order.
func sortTogether(kvs []KeyValue, revs []Revision, o *RangeOptions) []Revision {
	type pair struct {
		kv KeyValue
		at Revision
	}
	all := make([]pair, len(kvs))
	for i := range all {
		all[i] = pair{kvs[i], revs[i]}
	}
	slices.SortStableFunc(all, func(a, b pair) int { return o.compare(&a.kv, &b.kv) })
	for i := range all {
		kvs[i], revs[i] = all[i].kv, all[i].at
	}
	return revs
}

// inRange is whether key lies in [first, end); end as in Store.Range.
func inRange(key, first, end []byte) bool {
	if end == nil {
		return bytes.Equal(key, first)
	}
	return bytes.Compare(key, first) >= 0 && (len(end) == 0 || bytes.Compare(key, end) < 0)
}

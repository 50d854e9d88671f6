package auth

import (
	"bytes"
	"cmp"
	"slices"
	"sort"

	"go.etcd.io/etcd/api/v3/authpb"
)

// span is the keys from begin up to end; an end of nil is behind all keys.
type span struct{ begin, end []byte }

// spans are disjoint, sorted, and do not touch.
type spans []span

// rights are what the roles of one user add up to.
type rights struct {
	user        string
	read, write spans
}

// openEnded says whether the end of a range, as etcd's protocol has it, is behind all keys.
func openEnded(end []byte) bool { return len(end) == 1 && end[0] == 0 }

// spanOf is the range of keys of a permission or a request: no end is one key.
func spanOf(key, end []byte) span {
	switch {
	case len(end) == 0:
		return span{key, append(bytes.Clone(key), 0)}
	case openEnded(end):
		return span{key, nil}
	}
	return span{key, end}
}

// valid says whether a permission is for any keys at all.
func (p *Permission) valid() bool {
	return len(p.Key) > 0 && (len(p.End) == 0 || openEnded(p.End) || bytes.Compare(p.Key, p.End) < 0)
}

// compareEnds orders ends of ranges, of which nil is the last.
func compareEnds(a, b []byte) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return bytes.Compare(a, b)
}

// union joins ranges that overlap or touch.
func union(all []span) (out spans) {
	slices.SortStableFunc(all, func(a, b span) int { return bytes.Compare(a.begin, b.begin) })
	for _, x := range all {
		last := len(out) - 1
		if last < 0 || compareEnds(out[last].end, x.begin) < 0 {
			out = append(out, x)
		} else if compareEnds(x.end, out[last].end) > 0 {
			out[last].end = x.end
		}
	}
	return out
}

// cover says whether all keys of a range are among these. A range without keys is covered where its first key would
// be.
func (s spans) cover(x span) bool {
	i, found := slices.BinarySearchFunc(s, x.begin, func(a span, key []byte) int { return bytes.Compare(a.begin, key) })
	if !found {
		i--
	}
	return i >= 0 && compareEnds(x.begin, s[i].end) < 0 && compareEnds(x.end, s[i].end) <= 0
}

// renew reckons the rights of all users anew (etcd's rangePermCache).
func (s *Store) renew() {
	s.rights = make([]rights, 0, len(s.users))
	for _, u := range s.users {
		s.rights = append(s.rights, s.merge(u))
	}
}

// merge adds up what the roles of a user may do.
func (s *Store) merge(u *authpb.User) rights {
	var read, write []span
	for _, name := range u.Roles {
		for _, p := range s.roles.get(name).GetKeyPermission() {
			x := spanOf(p.Key, p.RangeEnd)
			if p.PermType == authpb.READ || p.PermType == authpb.READWRITE {
				read = append(read, x)
			}
			if p.PermType == authpb.WRITE || p.PermType == authpb.READWRITE {
				write = append(write, x)
			}
		}
	}
	return rights{string(u.Name), union(read), union(write)}
}

// covered says whether the rights of a user, as they were reckoned last, are enough for a range.
func (s *Store) covered(user string, key, end []byte, a Access) bool {
	i, ok := slices.BinarySearchFunc(s.rights, user, func(r rights, user string) int { return cmp.Compare(r.user, user) })
	if !ok {
		return false
	}
	if a == Read {
		return s.rights[i].read.cover(spanOf(key, end))
	}
	return s.rights[i].write.cover(spanOf(key, end))
}

// byKey lets permissions be sorted as etcd sorts them: by key alone, so that the order of several ranges from one key
// is that of this very algorithm. It reaches the file.
type byKey []*authpb.Permission

func (p byKey) Len() int           { return len(p) }
func (p byKey) Less(i, j int) bool { return bytes.Compare(p[i].Key, p[j].Key) < 0 }
func (p byKey) Swap(i, j int)      { p[i], p[j] = p[j], p[i] }

func sortByKey(list []*authpb.Permission) { sort.Sort(byKey(list)) }

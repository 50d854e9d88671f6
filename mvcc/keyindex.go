package mvcc

import (
	"errors"
	"fmt"
)

var errRevisionNotFound = errors.New("mvcc: revision not found")

// generation is the life of a key from its creation to its tombstone.
type generation struct {
	ver     int64 // changes since creation, tombstone included; compaction does not lower it
	created Revision
	revs    []Revision
}

func (g *generation) empty() bool { return len(g.revs) == 0 }

func (g *generation) lastRev() Revision { return g.revs[len(g.revs)-1] }

// newest returns the place of the newest revision at or below a main revision, or -1.
func (g *generation) newest(atRev int64) int {
	at := len(g.revs) - 1
	for at >= 0 && g.revs[at].Main > atRev {
		at--
	}
	return at
}

// lineage names a run of changes without a fork. A slice made in one lineage has spare room that only the
// same lineage may fill; a fork (a cloned store) copies it first. The field keeps addresses distinct.
type lineage struct{ _ byte }

// keyIndex holds all revisions of one key. Who has not made it makes a successor for a change, so that views and clones
// keep the one they saw.
type keyIndex struct {
	key      []byte
	modified Revision
	owner    *lineage     // who may change it in place: nobody else has seen it
	lineage  *lineage     // who may fill the spare room of its slices
	past     []generation // each ends with its tombstone
	last     generation   // empty after a tombstone
}

// next returns a successor that may append to its slices.
func (k *keyIndex) next(l *lineage) *keyIndex {
	n := *k
	if n.lineage != l {
		n.past = n.past[:len(n.past):len(n.past)]
		n.last.revs = n.last.revs[:len(n.last.revs):len(n.last.revs)]
		n.lineage = l
	}
	return &n
}

// put adds a revision; it must be newer than all others.
func (k *keyIndex) put(l *lineage, rev Revision) *keyIndex {
	n := k.next(l)
	n.append(rev)
	return n
}

// append is put for a key that nobody else has seen.
func (k *keyIndex) append(rev Revision) {
	if rev.Compare(k.modified) <= 0 {
		panic(fmt.Sprintf("mvcc: put of %q at revision %v, want one after %v", k.key, rev, k.modified))
	}
	k.add(rev)
}

func (k *keyIndex) add(rev Revision) {
	if k.last.empty() {
		k.last.created = rev
	}
	k.last.revs = append(k.last.revs, rev)
	k.last.ver++
	k.modified = rev
}

// tombstone ends the last generation; a key that does not live is errRevisionNotFound.
func (k *keyIndex) tombstone(l *lineage, rev Revision) (*keyIndex, error) {
	if k.isEmpty() {
		panic(fmt.Sprintf("mvcc: tombstone of %q, which has no revision", k.key))
	}
	if k.last.empty() {
		return nil, errRevisionNotFound
	}
	n := k.put(l, rev)
	n.past = append(n.past, n.last)
	n.last = generation{}
	return n, nil
}

// restoredKey is the first row of a key as a start finds it; versions before it were compacted.
func restoredKey(l *lineage, c *change) *keyIndex {
	k := &keyIndex{key: c.KV.Key, lineage: l}
	k.add(c.rev)
	if c.Delete {
		k.past, k.last = []generation{k.last}, generation{}
		return k
	}
	if c.KV.CreateRevision != c.rev.Main {
		k.last.created = Revision{Main: c.KV.CreateRevision}
	}
	k.last.ver = c.KV.Version
	return k
}

// isEmpty is whether nothing is left of the key.
func (k *keyIndex) isEmpty() bool { return len(k.past) == 0 && k.last.empty() }

func (k *keyIndex) generations() int { return len(k.past) + 1 }

func (k *keyIndex) generation(i int) *generation {
	if i == len(k.past) {
		return &k.last
	}
	return &k.past[i]
}

// findGeneration returns the generation in which the key lives at a main revision, or nil.
func (k *keyIndex) findGeneration(atRev int64) *generation {
	for i := k.generations() - 1; i >= 0; i-- {
		g := k.generation(i)
		if g.empty() {
			continue
		}
		if i < len(k.past) && g.lastRev().Main <= atRev {
			return nil
		}
		if g.revs[0].Main <= atRev {
			return g
		}
	}
	return nil
}

// version is where one version of a key stands.
type version struct {
	modified, created Revision
	ver               int64
}

// get returns the version of the key at a main revision.
func (k *keyIndex) get(atRev int64) (version, bool) {
	g := k.findGeneration(atRev)
	if g == nil {
		return version{}, false
	}
	for n := len(g.revs) - 1; n >= 0; n-- {
		if g.revs[n].Main <= atRev {
			return version{g.revs[n], g.created, g.ver - int64(len(g.revs)-n-1)}, true
		}
	}
	return version{}, false
}

// since lists the revisions from a main revision on; of several with one Main it keeps the last.
func (k *keyIndex) since(rev int64) []Revision {
	from := Revision{Main: rev}
	i := k.generations() - 1
	for ; i > 0; i-- {
		if g := k.generation(i); !g.empty() && from.Compare(g.created) > 0 {
			break
		}
	}
	var revs []Revision
	for ; i < k.generations(); i++ {
		for _, r := range k.generation(i).revs {
			switch {
			case r.Compare(from) < 0:
			case len(revs) > 0 && revs[len(revs)-1].Main == r.Main:
				revs[len(revs)-1] = r
			default:
				revs = append(revs, r)
			}
		}
	}
	return revs
}

// compactPoint finds the generation that a compaction at atRev reaches into, and in it the newest
// revision at or below atRev (-1: none). That one is what a read at atRev, or a watcher from atRev, needs.
func (k *keyIndex) compactPoint(atRev int64) (gen, at int) {
	for gen < len(k.past) && k.outlived(gen, atRev) {
		gen++
	}
	return gen, k.generation(gen).newest(atRev)
}

// outlived is whether a compaction at atRev reaches beyond a generation that ended: its tombstone is older, or
// the key came back in the same main revision.
func (k *keyIndex) outlived(gen int, atRev int64) bool {
	end, next := k.past[gen].lastRev().Main, k.generation(gen+1)
	return end < atRev || (end == atRev && !next.empty() && next.revs[0].Main == atRev)
}

// keep returns the newest revision at or below atRev as etcd's hash sees it, which must come out the same. A
// tombstone is left out: older etcd removed it. So is a key that came back in the main revision of its tombstone,
// which no request can ask for, and where etcd's compaction loses the key; ours does not.
func (k *keyIndex) keep(atRev int64) (Revision, bool) {
	gen := 0
	for gen < len(k.past) && k.past[gen].lastRev().Main < atRev {
		gen++
	}
	at := k.generation(gen).newest(atRev)
	if at < 0 || (gen < len(k.past) && at == len(k.past[gen].revs)-1) {
		return Revision{}, false
	}
	return k.generation(gen).revs[at], true
}

// compact forgets what no read at or after atRev can see, and returns the revision kept, if any. n is k when
// there was nothing to forget.
func (k *keyIndex) compact(l *lineage, atRev int64) (n *keyIndex, kept Revision, ok bool) {
	gen, at := k.compactPoint(atRev)
	if gen == 0 && at < 0 {
		return k, Revision{}, false
	}
	n = k.next(l)
	n.past = append([]generation(nil), n.past[gen:]...)
	if at < 0 {
		return n, Revision{}, false
	}
	g := n.generation(0)
	kept = g.revs[at]
	g.revs = g.revs[at:]
	return n, kept, true
}

// drop removes the revision that compact kept, where a rule that keeps it is off. Nobody else may hold k.
func (k *keyIndex) drop(r Rules) bool {
	tombstone := len(k.past) > 0 && len(k.past[0].revs) == 1
	switch {
	case tombstone && r.DropTombstone:
		k.past = k.past[1:]
	case !tombstone && r.DropNewest:
		g := k.generation(0)
		if g.revs = g.revs[1:]; len(g.revs) == 0 {
			*g = generation{}
		}
	default:
		return false
	}
	return true
}

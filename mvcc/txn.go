package mvcc

import (
	"fmt"
	"slices"
)

// Txn is one write transaction: all its changes share one main revision.
type Txn struct {
	store *Store   // nil: ended
	rev   Revision // of the next change
	last  int64    // main revision of the last change; 0: none yet
	first int      // position of its first event in the tail of the history
}

// Write begins a transaction; End it before anything else is done with the store.
func (s *Store) Write() *Txn {
	if s.txn.store != nil {
		panic("mvcc: a transaction inside a transaction")
	}
	s.history.seal()
	s.txn = Txn{store: s, rev: Revision{Main: s.revision + 1}, first: len(s.history.tail.events)}
	return &s.txn
}

// Put stores value under key and returns the version before, if any (needPrev: with its value and lease).
// The store keeps key and value: do not change them afterwards.
func (t *Txn) Put(key, value []byte, lease int64, needPrev bool) (prev *KeyValue) {
	s := t.store
	before, lived := s.index.put(key, t.rev)
	rev := t.rev.Main
	kv := KeyValue{Key: key, Value: value, CreateRevision: rev, ModRevision: rev, Version: 1, Lease: lease}
	if lived {
		kv.CreateRevision, kv.Version = before.created.Main, before.ver+1
		prev = t.before(key, before, needPrev)
	}
	t.record(change{t.rev, Event{KV: kv}})
	return prev
}

// before returns the version that a change replaces.
func (t *Txn) before(key []byte, at version, whole bool) *KeyValue {
	kv := headerOf(key, at)
	if whole {
		if err := t.store.load(&kv, at.modified); err != nil {
			t.store.fail(err)
		}
	}
	return &kv
}

// headerOf is the part of a version that the index knows: all but value and lease.
func headerOf(key []byte, at version) KeyValue {
	return KeyValue{Key: key, CreateRevision: at.created.Main, ModRevision: at.modified.Main, Version: at.ver}
}

// record adds a change to buffer, history and digest. The index has it already.
func (t *Txn) record(c change) {
	s := t.store
	s.buffer.put(c)
	s.history.append(&c)
	s.digest += digest(0).change(&c)
	t.last = t.rev.Main
	t.rev.Sub++
	if s.rules.RevisionPerChange {
		t.rev = Revision{Main: t.rev.Main + 1}
	}
}

// DeleteRange deletes the keys of [key, end) and returns how many (needPrev: the versions before).
func (t *Txn) DeleteRange(key, end []byte, needPrev bool) (deleted int64, prev []KeyValue) {
	s := t.store
	type living struct {
		key []byte
		at  version
	}
	var found []living
	s.index.visit(key, end, func(k *keyIndex) bool {
		if at, ok := k.get(t.rev.Main); ok {
			found = append(found, living{k.key, at})
		}
		return true
	})
	for _, f := range found {
		if needPrev {
			prev = append(prev, *t.before(f.key, f.at, true))
		}
		if err := s.index.tombstone(f.key, t.rev); err != nil {
			panic(fmt.Sprintf("mvcc: delete of living key %q: %v", f.key, err))
		}
		kv := KeyValue{Key: f.key, ModRevision: t.rev.Main}
		t.record(change{t.rev, Event{Delete: true, KV: kv}})
	}
	return int64(len(found)), prev
}

// Range reads inside the transaction and sees its own writes.
func (t *Txn) Range(key, end []byte, o RangeOptions) (RangeResult, error) {
	return t.store.rangeAt(key, end, o, t.revision())
}

// revision is the newest revision that the transaction sees.
func (t *Txn) revision() int64 { return max(t.store.revision, t.last) }

// End makes the changes visible, moves the revision if there were any, and returns them in order.
// The events have no Prev; the slice is shared with the history and must not be changed.
func (t *Txn) End() []Event {
	s := t.store
	t.store = nil
	if t.last == 0 {
		if s.rules.RevisionAlwaysMoves {
			s.revision, s.view = t.rev.Main, nil
		}
		return nil
	}
	s.revision = t.last
	s.view, s.shown = nil, nil
	return slices.Clip(s.history.tail.events[t.first:])
}

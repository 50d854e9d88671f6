package invariant

import (
	"bytes"

	"etcdscope/cluster"
	"etcdscope/mvcc"
)

// beginsWatch is a client learning that its watch stands: the first time this says from where on it must miss nothing.
func (c *Checker) beginsWatch() {
	op := c.operation(c.e.Op)
	if op == nil || op.Kind != cluster.ClientWatch || op.Watch == 0 {
		return
	}
	w := c.watch(op.ID)
	if w.begun {
		return
	}
	w.begun, w.rev = true, op.Rev
	if op.Spec.Rev > 0 {
		w.rev = op.Spec.Rev - 1
	}
}

// misses looks for changes behind those that a watch had delivered, up to a revision, that are not among the newest. A
// store tells which there are; where compaction has made it forget, the version of a key that was created since does.
func (c *Checker) misses(op *cluster.Op, w *watchGhost, upTo int64) {
	if !w.begun {
		return
	}
	fresh := op.Seen[len(op.Seen)-c.e.N:]
	at := 0
	for _, x := range c.changes(op, w.rev+1, upTo) {
		for at < len(fresh) && !same(&fresh[at], &x) {
			at++
		}
		if at == len(fresh) {
			c.violate(watchComplete, "the watch of op %d misses revision %d of %q", op.ID, x.KV.ModRevision, x.KV.Key)
			return
		}
	}
	for i := range fresh {
		kv := &fresh[i].KV
		if kv.Version > 1 && kv.CreateRevision > w.rev && !hasVersion(fresh[:i], kv.Key, kv.Version-1) {
			c.violate(watchComplete, "the watch of op %d misses version %d of %q", op.ID, kv.Version-1, kv.Key)
			return
		}
	}
}

// changes lists what happened in the range of a watch, as a member knows that is up and has come so far.
func (c *Checker) changes(op *cluster.Op, first, last int64) (out []mvcc.Event) {
	for _, m := range c.view().Members {
		if m.Store == nil || m.Store.Revision < last { // it is down, or behind
			continue
		}
		for _, x := range m.Store.Changes(first, last) {
			if within(x.KV.Key, op.Spec) {
				out = append(out, x)
			}
		}
		return out
	}
	return nil
}

// within says whether a key lies in the range of a request.
func within(key []byte, s *cluster.OpSpec) bool {
	if s.End == nil {
		return bytes.Equal(key, s.Key)
	}
	return bytes.Compare(key, s.Key) >= 0 && (len(s.End) == 0 || bytes.Compare(key, s.End) < 0)
}

func same(a, b *mvcc.Event) bool {
	return a.KV.ModRevision == b.KV.ModRevision && bytes.Equal(a.KV.Key, b.KV.Key)
}

func hasVersion(events []mvcc.Event, key []byte, version int64) bool {
	for i := range events {
		if events[i].KV.Version == version && bytes.Equal(events[i].KV.Key, key) {
			return true
		}
	}
	return false
}

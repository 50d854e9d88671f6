package script

import (
	"etcdscope/cluster"
	"etcdscope/mvcc"
)

// keyObject is what key answers.
type keyObject struct {
	Create  int `expr:"create"`
	Mod     int `expr:"mod"`
	Version int `expr:"version"`
}

var storeFunctions = []function{
	{
		name: "kv", params: []param{aNode, aText, aNumber}, optional: 1, result: "", example: `kv(all, x) == "1"`,
		help: "The value of a key in the member's store, or at a revision; missing when there is none.",
		call: valueOf,
	},
	{
		name: "kv_at", params: []param{aNode, aText, aNumber}, result: "", help: "The value of a key at a revision.",
		example: `kv_at(n1, x, 2) == "1"`,
		call:    valueOf,
	},
	{
		name: "has_key", params: []param{aNode, aText}, result: false,
		help:    "Whether the member's store has the key.",
		example: "not has_key(n3, x)",
		call: func(s *scene, a []any) (any, error) {
			st, err := s.store(a[0])
			if err != nil {
				return nil, err
			}
			_, ok := st.Get(a[1].(string), 0)
			return ok, nil
		},
	},
	{
		name: "key", params: []param{aNode, aText}, result: (*keyObject)(nil),
		help:    "The revisions of a key: create, mod and version.",
		example: "key(n1, x).version == 2", call: func(s *scene, a []any) (any, error) {
			st, err := s.store(a[0])
			if err != nil {
				return nil, err
			}
			kv, ok := st.Get(a[1].(string), 0)
			if !ok {
				return nil, errMissing
			}
			return &keyObject{int(kv.CreateRevision), int(kv.ModRevision), int(kv.Version)}, nil
		},
	},
	{
		name: "tombstone", params: []param{aNode, aText}, result: false,
		help: "Whether the newest version of the key is a delete.", example: "tombstone(n1, x)",
		call: func(s *scene, a []any) (any, error) {
			st, err := s.store(a[0])
			if err != nil {
				return nil, err
			}
			h, ok := st.Key(a[1].(string))
			return ok && len(h.Generations) > 0 && h.Generations[len(h.Generations)-1].Tombstone, nil
		},
	},
	{
		name: "rev", params: []param{aNode}, result: 0, help: "The revision of the member's store.",
		example: "rev(leader) == 5",
		call:    ofStore(func(v *mvcc.View) int { return int(v.Revision) }),
	},
	{
		name: "compact_rev", params: []param{aNode}, result: 0,
		help:    "The revision up to which the member's store is compacted; -1 when it is not.",
		example: "compact_rev(n1) == -1", call: ofStore(func(v *mvcc.View) int { return int(v.CompactRevision) }),
	},
	{
		name: "pending", params: []param{aNode}, result: 0,
		help:    "Operations that wait in the member's buffer for the next commit of the backend.",
		example: "pending(n1) >= 1", call: ofStore(func(v *mvcc.View) int { return v.Pending }),
	},
	{
		name: "cindex", params: []param{aNode}, result: 0, help: "The member's consistent index.",
		example: "cindex(n1) == applied(n1)",
		call:    ofStore(func(v *mvcc.View) int { return int(v.ConsistentIndex) }),
	},
}

func ofStore(get func(*mvcc.View) int) func(*scene, []any) (any, error) {
	return func(s *scene, a []any) (any, error) {
		st, err := s.store(a[0])
		if err != nil {
			return nil, err
		}
		return get(st), nil
	}
}

func valueOf(s *scene, a []any) (any, error) {
	st, err := s.store(a[0])
	if err != nil {
		return nil, err
	}
	rev := 0
	if len(a) == 3 {
		rev = a[2].(int)
	}
	kv, ok := st.Get(a[1].(string), int64(rev))
	if !ok || rev < 0 {
		return nil, errMissing
	}
	return string(kv.Value), nil
}

// respObject is what resp answers.
type respObject struct {
	OK      bool   `expr:"ok"`
	Failed  bool   `expr:"failed"`
	Pending bool   `expr:"pending"`
	Unknown bool   `expr:"unknown"`
	Value   string `expr:"value"`
	Err     string `expr:"err"`
	Error   string `expr:"error"` // the same: both words are used in lessons
	Rev     int    `expr:"rev"`
	Count   int    `expr:"count"`
	Took    int    `expr:"took"`
}

// watchObject is what watch answers.
type watchObject struct {
	State   string `expr:"state"`
	Seen    int    `expr:"seen"`
	Batches int    `expr:"batches"`
	Next    int    `expr:"next"`
	Lag     int    `expr:"lag"`
}

var watchStates = []string{"cancelled", "ended", "pending", "synced", "unsynced", "victim"}

var clientFunctions = []function{
	{
		name: "resp", params: []param{aText}, result: (*respObject)(nil),
		example: "resp(w).ok and resp(w).took >= 10",
		help: "What became of the request with this tag: ok, failed (refused), pending, unknown (no answer in time), " +
			"value, err or error (etcd's words), rev, count, took (ticks).",
		call: func(s *scene, a []any) (any, error) {
			op := s.view.OpTagged(a[0].(string))
			if op == nil {
				return nil, errMissing
			}
			return s.response(op)
		},
	},
	{
		name: "watch", params: []param{aText}, result: (*watchObject)(nil), example: "watch(w).seen == 2",
		partWords: map[string][]string{"state": watchStates},
		help: "The watch with this tag: state (pending, synced, unsynced, victim, cancelled, ended), " +
			"seen (events that reached the client), batches, " +
			"next (revision that it has not been given), lag (revisions behind its member).",
		call: func(s *scene, a []any) (any, error) {
			op := s.view.OpTagged(a[0].(string))
			if op == nil || op.Kind != cluster.ClientWatch {
				return nil, errMissing
			}
			return s.watch(op), nil
		},
	},
}

func (s *scene) response(op *cluster.Op) (any, error) {
	until := op.Returned
	if op.State == cluster.OpPending {
		until = s.view.At
	}
	took, err := s.ticks(int64(op.Called), int64(until))
	if err != nil {
		return nil, err
	}
	r := &respObject{
		OK: op.State == cluster.OpDone, Failed: op.State == cluster.OpFailed, Pending: op.State == cluster.OpPending,
		Unknown: op.State == cluster.OpUnknown, Err: op.Err, Error: op.Err, Rev: int(op.Rev),
		Count: int(op.Count), Took: took,
	}
	for _, kvs := range [][]mvcc.KeyValue{op.Prev, op.KVs} {
		if len(kvs) > 0 {
			r.Value = string(kvs[0].Value)
		}
	}
	return r, nil
}

// watch joins what the client saw with the watcher on the member that serves it.
func (s *scene) watch(op *cluster.Op) *watchObject {
	w := &watchObject{State: "ended", Seen: len(op.Seen), Batches: op.Batches}
	m := s.view.Member(uint64(op.Via))
	switch {
	case op.State == cluster.OpFailed:
		w.State = "cancelled"
	case op.State == cluster.OpPending && op.Watch == 0:
		w.State = "pending"
	}
	if m == nil || !m.Up {
		return w
	}
	for i := range m.Watchers {
		if m.Watchers[i].ID != op.Watch || op.Watch == 0 {
			continue
		}
		w.State = [...]string{"synced", "unsynced", "victim", "cancelled"}[m.Watchers[i].State]
		w.Next = int(m.Watchers[i].NextRev)
		if m.Store != nil {
			w.Lag = max(0, int(m.Store.Revision)+1-w.Next)
		}
	}
	return w
}

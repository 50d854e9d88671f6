package watch

import (
	"cmp"
	"slices"

	"etcdscope/mvcc"
)

// Hub holds the watchers of one member.
type Hub struct {
	store  *mvcc.Store
	config Config
	lastID ID

	watchers []*watcher // by ID
	keys     keyTable
	owner    *owner
	shared   bool // a clone holds the slices too

	count    [states]int
	waiting  int // watchers with responses
	nextSync ID  // where the next round starts, so that nobody starves
	touched  []ID
	err      error

	late []mvcc.Event // without the rule to notify first: what nobody has been given yet
}

// Config of a hub; zero values are etcd's (128 responses, 512 watchers a round, 1000 revisions a batch).
type Config struct {
	Buffer, MaxPerSync, MaxBatchRevs int

	Rules Rules
}

// etcd's sizes (mvcc/watchable_store.go, watcher_group.go).
const (
	defaultBuffer       = 128
	defaultMaxPerSync   = 512
	defaultMaxBatchRevs = 1000
)

// New returns a hub over s.
func New(s *mvcc.Store, c Config) *Hub {
	c.Buffer = cmp.Or(c.Buffer, defaultBuffer)
	c.MaxPerSync = cmp.Or(c.MaxPerSync, defaultMaxPerSync)
	c.MaxBatchRevs = cmp.Or(c.MaxBatchRevs, defaultMaxBatchRevs)
	return &Hub{store: s, config: c, owner: new(owner)}
}

// Clone returns an independent copy over s, a clone of this hub's store.
func (h *Hub) Clone(s *mvcc.Store) *Hub {
	h.owner, h.shared = new(owner), true
	c := *h
	c.store, c.owner, c.touched = s, new(owner), nil
	return &c
}

// SetRules switches rules on or off from now on; what was done under the old ones stays.
func (h *Hub) SetRules(r Rules) { h.config.Rules = r }

// Restore moves the hub to the store that a snapshot brought. What lies between the two stores has not been
// seen by anybody, so every synced watcher catches up from where the old store ended.
func (h *Hub) Restore(s *mvcc.Store) {
	next := h.store.Revision() + 1
	h.store = s
	for i, w := range h.watchers {
		if w.state == Synced && !h.config.Rules.RestoreAsSynced {
			w = h.edit(i)
			w.minRev = max(w.minRev, next)
			h.setState(w, Unsynced)
		}
	}
}

// Watch is Open without filters.
func (h *Hub) Watch(key, end []byte, startRev int64, prevKV bool) ID {
	return h.Open(Options{Key: key, End: end, StartRev: startRev, PrevKV: prevKV})
}

// Options say what a watcher wants to be told.
type Options struct {
	Key, End []byte // [Key, End) as in Range; the hub keeps them: do not change them
	StartRev int64  // 0: from now on; a start in the future is silent until then
	PrevKV   bool   // with the version before each change
	NoPut    bool   // without puts
	NoDelete bool   // without deletes
}

// Open adds a watcher.
func (h *Hub) Open(o Options) ID {
	current := h.store.Revision()
	h.lastID++
	w := &watcher{id: h.lastID, key: o.Key, end: o.End, prevKV: o.PrevKV, owner: h.owner}
	w.noPut, w.noDelete = o.NoPut, o.NoDelete
	w.startRev = o.StartRev
	if o.StartRev == 0 {
		w.startRev = current + 1
	}
	w.minRev = w.startRev
	if w.minRev > current && h.config.Rules.FutureFiresEarly {
		w.minRev = current + 1
	}
	if w.minRev <= current && !h.config.Rules.JoinWithoutCatchUp {
		w.state = Unsynced
	}
	h.unshare()
	h.watchers = append(h.watchers, w)
	h.keys.add(w)
	h.count[w.state]++
	return w.id
}

// Cancel removes a watcher; an unknown one is ignored.
func (h *Hub) Cancel(id ID) {
	i, ok := h.find(id)
	if !ok {
		return
	}
	h.unshare()
	w := h.watchers[i]
	h.count[w.state]--
	if len(w.queue) > 0 {
		h.waiting--
	}
	h.keys.remove(w)
	h.watchers = slices.Delete(h.watchers, i, i+1)
}

// Take removes and returns the responses waiting for id, oldest first.
func (h *Hub) Take(id ID) []Response {
	i, ok := h.find(id)
	if !ok || len(h.watchers[i].queue) == 0 {
		return nil
	}
	w := h.edit(i)
	queue := w.queue
	w.queue = nil
	h.waiting--
	if h.config.Rules.SplitRevisions {
		return split(queue)
	}
	return queue
}

// split makes a response of its own of every event.
func split(queue []Response) (parts []Response) {
	for _, r := range queue {
		for len(r.Events) > 1 {
			first := r
			first.Events = r.Events[:1:1]
			parts = append(parts, first)
			r.Events = r.Events[1:]
		}
		parts = append(parts, r)
	}
	return parts
}

// Waiting lists the watchers that have responses waiting, in order of ID.
func (h *Hub) Waiting() []ID {
	if h.waiting == 0 {
		return nil
	}
	ids := make([]ID, 0, h.waiting)
	for _, w := range h.watchers {
		if len(w.queue) > 0 {
			ids = append(ids, w.id)
		}
	}
	return ids
}

// View lists all watchers in order of ID; the slice is new and the caller's.
func (h *Hub) View() []Watcher {
	all := make([]Watcher, len(h.watchers))
	for i, w := range h.watchers {
		all[i] = w.describe(h.config.Buffer)
	}
	return all
}

// Err is the first failure of the store while events were read. Watchers are then not moved on.
func (h *Hub) Err() error { return h.err }

func (h *Hub) find(id ID) (int, bool) {
	return slices.BinarySearchFunc(h.watchers, id, func(w *watcher, id ID) int { return cmp.Compare(w.id, id) })
}

// unshare makes the slices this hub's own.
func (h *Hub) unshare() {
	if h.shared {
		h.watchers, h.keys = slices.Clone(h.watchers), h.keys.clone()
		h.shared = false
	}
}

// edit returns watcher i for a change, copied first if a clone may hold it.
func (h *Hub) edit(i int) *watcher {
	w := h.watchers[i]
	if w.owner == h.owner {
		return w
	}
	h.unshare()
	c := *w
	c.owner, c.queue = h.owner, slices.Clip(c.queue)
	h.watchers[i] = &c
	return &c
}

func (h *Hub) setState(w *watcher, s State) {
	h.count[w.state]--
	w.state = s
	h.count[s]++
}

// send queues r, or says that there is no room.
func (h *Hub) send(w *watcher, r Response) bool {
	if len(w.queue) >= h.config.Buffer {
		return false
	}
	if len(w.queue) == 0 {
		h.waiting++
	}
	w.queue = append(w.queue, r)
	return true
}

// give sends r, or makes w a victim that keeps it. A slow watcher is never skipped.
func (h *Hub) give(w *watcher, r Response) (sent bool) {
	if h.send(w, r) || h.config.Rules.DropWhenFull {
		return true
	}
	w.retained = r
	h.setState(w, Victim)
	return false
}

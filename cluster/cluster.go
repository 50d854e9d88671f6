package cluster

import (
	"errors"
	"fmt"
	"slices"

	"etcdscope/cluster/clock"
	"etcdscope/cluster/network"
	"etcdscope/raft"
)

// Cluster is a running world. Make it with New; it is not safe for concurrent use.
type Cluster struct {
	config    *Config // replaced, never changed: views share it
	dir       string
	now       clock.Time
	events    uint64 // ID of the last event
	hash      uint64 // of all events so far
	queue     clock.Queue[item]
	net       *network.Network
	members   []*member // members[i] has ID i+1
	held      []Flight  // messages that links hold back, in order of message ID
	clients   []*client // in order of ID
	ops       []*Op     // those worth showing, oldest first
	lastOp    OpID
	lastMsg   uint64
	proposals ring // which operation an entry serves

	dropped, duplicated, delivered uint64

	facts  []raft.Fact // arena of the facts of events: handed out in pieces, never reused
	sent   []*Message  // arena of the messages of events
	view   *View
	opsNew bool // ops changed since the last view
	owner  *int // whoever may append to shared slices in place; a clone gets its own
}

// item is something that will happen. Which fields count depends on kind.
type item struct {
	kind   Kind
	member raft.ID
	from   raft.ID // of PeerRequest and PeerResponse
	inc    uint32  // the member's incarnation that this belongs to; any other makes it stale
	fate   network.Fate
	msg    *Message
	op     OpID
	cause  uint64
	reply  *reply
}

// New starts a cluster at time 0 with all members up and nothing happened yet. Members' backends live in
// private files under dir, which the caller removes after Close.
func New(cfg Config, dir string) (*Cluster, error) {
	cfg, err := cfg.Complete()
	if err != nil {
		return nil, err
	}
	if err := errors.Join(cfg.checkDataDir(), cfg.checkRestore(dir)); err != nil {
		return nil, err
	}
	c := &Cluster{config: &cfg, dir: dir, owner: new(int)}
	c.net = network.New(cfg.Seed, cfg.Nodes, cfg.Timing.LinkMin, cfg.Timing.LinkMax)
	if cfg.DataDir != nil {
		if err := c.moveIn(); err != nil {
			return nil, errors.Join(err, c.Close())
		}
		return c, nil
	}
	for i := range cfg.Nodes {
		m := newMember(c, raft.ID(i+1))
		c.members = append(c.members, m)
		if cfg.restored() {
			m.beginRestore(c, 0)
			continue
		}
		if err := m.format(c); err != nil {
			return nil, fmt.Errorf("member n%d: %w", m.id, err)
		}
		m.start(c)
		if !m.up {
			return nil, fmt.Errorf("member n%d: %s", m.id, m.down)
		}
	}
	return c, nil
}

// Step makes the next event happen and describes it in *e (everything in it is fresh and the caller's to keep).
// It is false when nothing can ever happen again.
func (c *Cluster) Step(e *Event) bool {
	before := c.now
	for {
		it, ok := c.queue.Pop()
		if !ok {
			c.now = before
			return false
		}
		c.now = max(c.now, it.At) // what a paused member left undone may be older
		c.begin(e, &it.What)
		if c.happen(&it.What, e) {
			c.finish(e)
			return true
		}
	}
}

// begin fills in what every event has.
func (c *Cluster) begin(e *Event, it *item) {
	*e = Event{ID: c.events + 1, At: c.now, Kind: it.kind, Member: it.member, Inc: it.inc, Op: it.op, Msg: it.msg}
	e.Causes[0] = it.cause
}

// finish makes e part of history.
func (c *Cluster) finish(e *Event) {
	e.Salience = e.salience()
	c.events = e.ID
	c.hash = e.mix(c.hash)
}

// happen dispatches; it is false when the item is stale and nothing happened.
func (c *Cluster) happen(it *item, e *Event) bool {
	if cl := c.sleeper(it); cl != nil {
		cl.keep(c.now, it)
		return false
	}
	switch it.kind {
	case Deliver:
		return c.deliver(it, e)
	case ClientRequest:
		return c.clientRequest(it, e)
	case ClientResponse:
		return c.clientResponse(it, e)
	case ClientTimeout:
		return c.clientTimeout(it, e)
	case KeepAliveDue:
		return c.keepAliveDue(it, e)
	case RestoreStep:
		return c.member(it.member).restoreStep(c, e)
	}
	if c.stale(it) {
		return false
	}
	m := c.member(it.member)
	if m.defers(it.kind) {
		m.putAside(c, it)
		return false
	}
	switch it.kind {
	case Tick:
		return m.tick(c, e)
	case Handle:
		return m.handle(c, e)
	case WALWrite:
		return m.write(c, e)
	case FsyncStart:
		return m.fsyncStart(c, e)
	case FsyncDone:
		return m.fsyncDone(c, e)
	case Apply:
		return m.apply(c, e)
	case BatchStart:
		return m.batchStart(c, e)
	case BatchDone:
		return m.batchDone(c, e)
	case WatchSync:
		return m.watchSync(c, e)
	case WatchEvent:
		return c.watchEvent(it, e)
	case SnapshotReceived:
		return m.snapshotReceived(c, it, e)
	case SnapshotInstall:
		return m.install(c, e)
	case PeerReport:
		return m.peerReport(c, it, e)
	case MemberStop:
		return m.stop(c, e)
	case SnapshotSave:
		return m.snapshotSave(c, e)
	case FilePurge:
		return m.purge(c, e)
	case ProgressRequest:
		return m.progress(c, it, e)
	case SnapshotDone:
		return m.snapshotDone(c, e)
	}
	return m.keepUp(c, it, e)
}

// member returns the member with an ID that is known to exist.
func (c *Cluster) member(id raft.ID) *member { return c.members[id-1] }

// after schedules it after a delay.
func (c *Cluster) after(d clock.Time, it item) { c.queue.Push(c.now+d, it) }

// Now is the time of the last event.
func (c *Cluster) Now() clock.Time { return c.now }

// Next is when the next event will happen.
func (c *Cluster) Next() (clock.Time, bool) {
	for {
		it, ok := c.queue.Peek()
		switch {
		case !ok:
			return 0, false
		case c.stale(&it.What):
			c.queue.Pop()
		case c.asleep(&it.What):
			return c.nextAwake()
		default:
			return it.At, true
		}
	}
}

// nextAwake looks behind what paused members will leave undone.
func (c *Cluster) nextAwake() (at clock.Time, ok bool) {
	c.queue.Each(func(it *clock.Item[item]) {
		if (!ok || it.At < at) && !c.stale(&it.What) && !c.asleep(&it.What) {
			at, ok = it.At, true
		}
	})
	return at, ok
}

// asleep says whether an item waits for a member or a client that is paused.
func (c *Cluster) asleep(it *item) bool {
	if c.sleeper(it) != nil {
		return true
	}
	switch it.kind {
	case Deliver, ClientResponse, ClientTimeout, KeepAliveDue, RestoreStep:
		return false
	}
	m := c.member(it.member)
	return m.paused || m.defers(it.kind)
}

// stale says whether nothing will come of an item: its process is gone, or its client has been answered.
func (c *Cluster) stale(it *item) bool {
	switch it.kind {
	case Deliver, RestoreStep:
		return false
	case ClientRequest, ClientResponse, ClientTimeout, KeepAliveDue:
		o, _ := c.op(it.op)
		return o == nil || o.State != OpPending
	}
	m := c.member(it.member)
	return !m.up || m.inc != it.inc
}

// Events is the ID of the last event.
func (c *Cluster) Events() uint64 { return c.events }

// Clone returns an independent world in the same state. It shares memory until one side writes, and it costs
// little: files are only opened again when the clone is used.
func (c *Cluster) Clone() (*Cluster, error) {
	d := *c
	d.queue = c.queue.Clone()
	d.net = c.net.Clone()
	d.held = slices.Clone(c.held)
	d.ops = slices.Clone(c.ops)
	d.facts, d.sent = nil, nil
	c.owner, d.owner = new(int), new(int)
	d.clients = make([]*client, len(c.clients))
	for i, cl := range c.clients {
		d.clients[i] = cl.clone()
	}
	d.members = make([]*member, len(c.members))
	for i, m := range c.members {
		n, err := m.clone()
		if err != nil {
			return nil, fmt.Errorf("clone member n%d: %w", m.id, err)
		}
		d.members[i] = n
	}
	return &d, nil
}

// Close releases the members' files.
func (c *Cluster) Close() error {
	var first error
	for _, m := range c.members {
		if m.backend == nil {
			continue
		}
		if err := m.backend.Close(); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// Bytes is about how much memory this cluster holds that its clones do not share.
func (c *Cluster) Bytes() int64 {
	total := int64(64 << 10)
	for _, m := range c.members {
		total += m.disk.Bytes() + 8<<10
		if m.backend != nil {
			total += m.backend.ImageBytes()
		}
	}
	return total
}

// ring remembers which operation the newest proposals serve, so that events far from the client can say so.
type ring struct {
	slots [512]struct {
		term  raft.Term
		index raft.Index
		op    OpID
		event uint64
	}
}

func (r *ring) put(term raft.Term, index raft.Index, op OpID, event uint64) {
	s := &r.slots[index%raft.Index(len(r.slots))]
	s.term, s.index, s.op, s.event = term, index, op, event
}

// get returns the operation of an entry and the event that proposed it, or zeros.
func (r *ring) get(term raft.Term, index raft.Index) (OpID, uint64) {
	s := &r.slots[index%raft.Index(len(r.slots))]
	if s.term == term && s.index == index {
		return s.op, s.event
	}
	return 0, 0
}

package cluster

import (
	"slices"

	"etcdscope/cluster/clock"
	"etcdscope/raft"
)

// The answers of a server that cannot, in etcd's and gRPC's words.
const (
	errTimeout = "etcdserver: request timed out"
	errRefused = "connection refused"
	errReset   = "connection reset by peer"
)

// readRetry is how long a member waits for the answer to a ReadIndex before it asks again (etcd).
const readRetry = 500 * clock.Millisecond

// reconnectDelay is how long a watching client waits before it tries the next member.
const reconnectDelay = 100 * clock.Millisecond

// client is one user of the cluster with its connection to one member at a time.
type client struct {
	id       int
	endpoint raft.ID
	pending  int
	paused   bool
	stash    []clock.Item[item] // what would have happened while it was paused
	logins   []login            // in the order in which they were first used
}

func (cl *client) clone() *client {
	n := *cl
	n.stash = slices.Clone(cl.stash)
	n.logins = slices.Clone(cl.logins)
	return &n
}

// client returns client id, which appears when it is first named.
func (c *Cluster) client(id int) *client {
	for _, cl := range c.clients {
		if cl.id == id {
			return cl
		}
	}
	cl := &client{id: id}
	c.clients = append(c.clients, cl)
	slices.SortFunc(c.clients, func(a, b *client) int { return a.id - b.id })
	return cl
}

// choose picks the member to talk to: the one asked for, else the one before while it is up, else the leader,
// else the next one that is up.
func (c *Cluster) choose(cl *client, via raft.ID) raft.ID {
	if via != raft.None {
		return via
	}
	if cl.endpoint != raft.None && c.serves(cl.endpoint) {
		return cl.endpoint
	}
	start := cl.endpoint
	if start == raft.None {
		if lead := c.leader(); lead != raft.None {
			return lead
		}
	}
	n := raft.ID(len(c.members))
	for i := range n {
		id := (start+i)%n + 1
		if c.serves(id) {
			return id
		}
	}
	return start%n + 1
}

// leader is the member that leads the highest term, as the observer sees it.
func (c *Cluster) leader() raft.ID {
	var best raft.ID
	var term raft.Term
	for _, m := range c.members {
		if !m.up {
			continue
		}
		if v := m.node.View(); v.Role == raft.Leader && v.Term >= term {
			best, term = m.id, v.Term
		}
	}
	return best
}

// call starts an operation: the request leaves the client now.
func (c *Cluster) call(kind CommandKind, spec *OpSpec, e *Event) {
	e.Op = c.request(&Op{Kind: kind, Spec: spec}, e.ID)
}

// request sends what an operation asks for, because of the event by.
func (c *Cluster) request(op *Op, by uint64) OpID {
	cl := c.client(op.client())
	cl.endpoint = c.choose(cl, op.Spec.Via)
	c.register(op, cl)
	c.post(op.ID, op.Via, c.config.Timing.Client, by)
	switch {
	case op.streams():
		c.renewAgain(op.ID, renewRetry, by)
	case op.Kind != ClientWatch:
		c.after(c.config.Timing.Request, item{kind: ClientTimeout, op: op.ID, cause: by})
	}
	return op.ID
}

// register gives a new operation of a client its number.
func (c *Cluster) register(op *Op, cl *client) {
	cl.pending++
	c.lastOp++
	op.ID, op.Via, op.Called, op.next = c.lastOp, cl.endpoint, c.now, op.Spec.Rev
	op.lease = c.leaseNamed(op.Spec.Lease)
	c.ops = append(c.ops, op)
	c.opsNew = true
	c.trimOps()
}

// op finds an operation that is still shown, or nil.
func (c *Cluster) op(id OpID) (*Op, int) {
	i, ok := slices.BinarySearchFunc(c.ops, id, func(o *Op, id OpID) int { return int(o.ID) - int(id) })
	if !ok {
		return nil, 0
	}
	return c.ops[i], i
}

// update replaces an operation by a changed copy.
func (c *Cluster) update(i int, change func(*Op)) *Op {
	next := *c.ops[i]
	change(&next)
	c.ops[i] = &next
	c.opsNew = true
	return &next
}

// opsShown is how many finished operations without a tag are kept for the picture.
const opsShown = 64

// trimOps forgets old finished operations when there are twice as many as are shown.
func (c *Cluster) trimOps() {
	if len(c.ops) < 2*opsShown {
		return
	}
	done := 0
	for _, o := range c.ops {
		if o.forgettable() {
			done++
		}
	}
	c.ops = slices.DeleteFunc(slices.Clone(c.ops), func(o *Op) bool {
		if done > opsShown && o.forgettable() {
			done--
			return true
		}
		return false
	})
}

func (o *Op) forgettable() bool {
	return o.State != OpPending && o.Spec.Tag == "" && (o.Claim == nil || !o.Claim.Live())
}

// carried notes which entry carries an operation.
func (c *Cluster) carried(id OpID, term raft.Term, index raft.Index) {
	if o, i := c.op(id); o != nil && o.State == OpPending && o.logged() {
		c.update(i, func(o *Op) { o.Term, o.Index = term, index })
	}
}

// clientRequest is the arrival of a request at a member.
func (c *Cluster) clientRequest(it *item, e *Event) bool {
	o, _ := c.op(it.op)
	if o == nil || o.State != OpPending || o.Kind == ClientWatch && o.Via != it.member {
		return false
	}
	m := c.member(it.member)
	e.Inc = m.inc
	if !m.up {
		e.Note = errRefused
		c.refused(o, e)
		return true
	}
	if m.defers(it.kind) {
		m.putAside(c, it)
		return false
	}
	m.dirty = true
	m.serve(c, o, e)
	return true
}

// refused answers for a member that is down: a watch tries the next member, everything else fails for certain.
func (c *Cluster) refused(o *Op, e *Event) {
	switch {
	case o.Kind == ClientWatch:
		c.reconnect(o.ID, e.ID)
		return
	case o.streams():
		return // it asks again soon, and then somebody else
	}
	c.respond(o.ID, o.Via, &reply{err: errRefused}, e.ID)
}

// respond sends an answer to a client.
func (c *Cluster) respond(op OpID, from raft.ID, r *reply, by uint64) {
	c.after(c.config.Timing.Client, item{kind: ClientResponse, member: from, op: op, cause: by, reply: r})
}

// serve takes a request in: writes become proposals, linearizable reads ask for a read index.
func (m *member) serve(c *Cluster, o *Op, e *Event) {
	switch err := o.validate(&c.config.Flags); {
	case m.refuses(o):
		e.Note = errLearner
		c.respond(o.ID, m.id, &reply{err: errLearner}, e.ID)
		return
	case err != nil:
		e.Note = wireError(err)
		c.respond(o.ID, m.id, &reply{err: e.Note}, e.ID)
		return
	case m.stall(o):
		e.Note = "waits until the store is defragmented"
		return
	case o.login:
	case m.early(o):
		e.Note = "the token is not known here yet: the request waits"
		return
	case o.Kind == ClientWatch:
		m.createWatch(c, o, e)
		return
	case m.serveLocal(c, o, e):
		return
	}
	w := waiter{id: m.requestID(), op: o.ID}
	if m.node.View().Lead == raft.None {
		m.unled = append(m.unled, w)
		e.Note = "no leader: the request waits"
		return
	}
	m.ask(c, o, w, e)
	m.drain(c, e)
}

// requestID numbers requests so that no two members, and no two lives of one, share a number.
func (m *member) requestID() uint64 {
	m.requests++
	return uint64(m.id)<<48 | uint64(m.inc&0xffff)<<32 | m.requests
}

// ask hands a request to Raft.
func (m *member) ask(c *Cluster, o *Op, w waiter, e *Event) {
	switch {
	case o.login || o.reads():
		m.reads = append(m.reads, read{id: w.id, op: w.op, asked: c.now})
		_ = m.node.ReadIndex(w.id) // a dropped request is asked again by retryReads
		return
	case o.logged() && !m.room(c, o.specCost()) && c.config.On(ruleQuotaByAlarm):
		if m.full(o, w) {
			e.Note = wireError(errNoSpace)
			return
		}
	}
	who, away := m.turnedAway(c, o, e)
	switch {
	case away:
		return
	case o.Kind.changesMembers():
		m.askMember(c, o, w, e)
		return
	case o.Kind == LeaseKeepAlive || o.Kind == LeaseTimeToLive:
		m.askLeader(c, o, e)
		return
	}
	data, err := m.encode(c, o, w.id, who)
	if err == nil {
		err = m.admit(c, data)
	}
	if err == nil {
		err = m.node.Propose(data)
	}
	if err != nil {
		e.Note = wireError(err)
		c.respond(o.ID, m.id, &reply{err: e.Note}, e.ID)
		return
	}
	m.waiting = append(m.waiting, w)
}

// serveUnled hands over what waited for a leader, as soon as one is known.
func (m *member) serveUnled(c *Cluster, e *Event) {
	if len(m.unled) == 0 || m.node.View().Lead == raft.None {
		return
	}
	list := m.unled
	m.unled = nil
	for _, w := range list {
		if o, _ := c.op(w.op); o != nil && o.State == OpPending {
			before := e.Op
			e.Op = w.op
			m.ask(c, o, w, e)
			m.drain(c, e)
			if before != 0 {
				e.Op = before
			}
		}
	}
}

// retryReads asks again for reads that got no answer.
func (m *member) retryReads(c *Cluster) {
	for i := range m.reads {
		r := &m.reads[i]
		if !r.confirmed && c.now-r.asked >= readRetry {
			r.asked, r.id = c.now, m.requestID() // a fresh ID: a late answer to the old one is too old (etcd #20418)
			_ = m.node.ReadIndex(r.id)
		}
	}
}

// readConfirmed notes that a read may be served once the index is applied.
func (m *member) readConfirmed(c *Cluster, rs raft.ReadState, e *Event) {
	for i := range m.reads {
		if m.reads[i].id == rs.Context && !m.reads[i].confirmed {
			m.reads[i].confirmed, m.reads[i].index = true, rs.Index
		}
	}
	m.confirmed(c, rs, e)
	m.serveReads(c, e)
}

// serveReads answers the confirmed reads whose index is applied.
func (m *member) serveReads(c *Cluster, e *Event) {
	keep := m.reads[:0]
	var logins []*Op
	for _, r := range m.reads {
		o, _ := c.op(r.op)
		switch {
		case o == nil || o.State != OpPending:
		case r.confirmed && (m.applied >= r.index || !c.config.On(ruleReadAfterApply)) && m.defrag == nil:
			if o.login {
				logins = append(logins, o)
			} else {
				c.respond(r.op, m.id, m.readNow(c, o), e.ID)
			}
		default:
			keep = append(keep, r)
		}
	}
	m.reads = keep
	for _, o := range logins {
		m.proveWho(c, o, e)
	}
}

// answer sends the result of an applied entry to the client that waits for it here, if any does.
func (m *member) answer(c *Cluster, id uint64, r *reply, e *Event) {
	for i, w := range m.waiting {
		if w.id == id {
			m.waiting = slices.Delete(m.waiting, i, i+1)
			e.Op = w.op
			if w.err != "" {
				r = &reply{rev: r.rev, err: w.err}
			}
			if o, _ := c.op(w.op); o != nil && r.token != "" && w.checked != m.auth.Revision() {
				m.proveWho(c, o, e) // users have changed since the password was looked at
				return
			}
			c.respond(w.op, m.id, r, e.ID)
			return
		}
	}
}

// createWatch starts a watcher for a client. What it may see is looked at now, and not again.
func (m *member) createWatch(c *Cluster, o *Op, e *Event) {
	if _, away := m.turnedAway(c, o, e); away {
		return
	}
	if m.node.View().Lead == raft.None && c.wantsLeader(o) {
		e.Note = errNoLeader
		c.respond(o.ID, m.id, &reply{err: errNoLeader}, e.ID)
		return
	}
	id := m.hub.Watch(o.Spec.Key, o.Spec.End, o.next, o.Spec.PrevKV)
	m.streams = append(m.streams, stream{id: id, op: o.ID})
	c.respond(o.ID, m.id, &reply{created: id, rev: m.store.Revision()}, e.ID)
	m.pushWatches(c, e)
}

// hangUp breaks all connections of a member that dies: its clients learn that the outcome is unknown.
func (m *member) hangUp(c *Cluster, by uint64) {
	for _, w := range slices.Concat(m.waiting, m.unled) {
		c.respond(w.op, m.id, &reply{err: errReset, unknown: true}, by)
	}
	for _, r := range m.reads {
		c.respond(r.op, m.id, &reply{err: errReset}, by)
	}
	if m.defrag != nil {
		for _, op := range append(m.defrag.stalled, m.defrag.op) {
			c.respond(op, m.id, &reply{err: errReset}, by)
		}
	}
	for _, op := range m.backups {
		c.respond(op, m.id, &reply{err: errReset}, by)
	}
	for _, op := range m.earlier {
		if o, _ := c.op(op); o != nil && o.Kind == ClientWatch {
			c.reconnect(op, by)
			continue
		}
		c.respond(op, m.id, &reply{err: errReset, unknown: true}, by)
	}
	for _, s := range m.streams {
		c.reconnect(s.op, by)
	}
}

// next is the member behind one that serves clients, or just the one behind it.
func (c *Cluster) next(from raft.ID) raft.ID {
	n := raft.ID(len(c.members))
	via := from%n + 1
	for range n {
		if c.serves(via) {
			break
		}
		via = via%n + 1
	}
	return via
}

// reconnect lets a watching client try the next member, from where it stopped.
func (c *Cluster) reconnect(id OpID, by uint64) {
	o, i := c.op(id)
	if o == nil || o.State != OpPending {
		return
	}
	cl := c.client(max(o.Spec.Client, 1))
	via := c.next(o.Via)
	if o.Spec.Via == raft.None {
		cl.endpoint = via
	}
	c.update(i, func(o *Op) {
		if o.Via, o.Watch = via, 0; !c.config.On(ruleWatchResume) {
			o.next = 0
		}
	})
	c.post(id, via, reconnectDelay, by)
}

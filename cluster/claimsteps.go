package cluster

import (
	"fmt"
	"slices"

	"etcdscope/mvcc"
)

// role is what a request is for in a lock or an election.
type role uint8

const (
	_             role = iota
	grantsSession      // the session's lease
	keepsSession       // its keep-alive
	queues             // the transaction that puts the key into the queue
	looks              // for the key before it
	awaits             // the deletion of that key
	checks             // that the own key is still there
	releases           // deletes it
	revokes            // the session's lease
	proclaims          // stores another value under it
	asksLeader         // of an observation: who leads
	followsLeader      // what becomes of that key, or which key comes first
)

// claimSteps says in which state an answer counts, and what comes of it.
var claimSteps = [...]struct {
	in ClaimState
	do func(c *Cluster, i int, step *Op, e *Event)
}{
	grantsSession: {ClaimSession, (*Cluster).granted},
	queues:        {ClaimQueueing, (*Cluster).queued},
	looks:         {ClaimLooking, (*Cluster).looked},
	awaits:        {ClaimWaiting, (*Cluster).waited},
	checks:        {ClaimChecking, (*Cluster).checked},
	releases:      {ClaimReleasing, (*Cluster).deleted},
	revokes:       {ClaimReleasing, (*Cluster).revoked},
	proclaims:     {ClaimHeld, (*Cluster).proclaimed},
	asksLeader:    {ClaimObserving, (*Cluster).toldLeader},
	followsLeader: {ClaimObserving, (*Cluster).followed},
}

// What clients are told that do not get a lock or lose it, in the words of etcd's client and of etcdctl.
const (
	errSessionExpired = "mutex: session is expired"
	errNotLeader      = "election: not leader"
	errSessionOver    = "session expired"
	errCandidateOver  = "elect: session expired"
	errGivenUp        = "context canceled"
)

// beginClaim starts a lock, an election or an observation.
func (c *Cluster) beginClaim(kind CommandKind, spec *OpSpec, e *Event) {
	o := &Op{Kind: kind, Spec: spec, Claim: &Claim{State: ClaimSession, Value: string(spec.Value)}}
	cl := c.client(o.client())
	cl.endpoint = c.choose(cl, spec.Via)
	c.register(o, cl)
	e.Op = o.ID
	if kind == ClientObserve {
		c.askWhoLeads(o.ID, e)
		return
	}
	c.part(o.ID, grantsSession, LeaseGrant, OpSpec{TTL: spec.TTL}, e)
}

// part sends the request of one step.
func (c *Cluster) part(of OpID, r role, kind CommandKind, spec OpSpec, e *Event) OpID {
	o, i := c.op(of)
	spec.Client, spec.Via, spec.User, spec.Password = o.client(), o.Spec.Via, o.Spec.User, o.Spec.Password
	c.reclaim(i, func(l *Claim) { l.Asked++ })
	return c.request(&Op{Kind: kind, Spec: &spec, Part: of, role: r}, e.ID)
}

// stepped lets a lock or an election go on of which an operation is a step.
func (c *Cluster) stepped(step *Op, e *Event) {
	o, i := c.op(step.Part)
	if o == nil || !o.Claim.Live() {
		return
	}
	if step.role == keepsSession {
		c.sessionOver(i, e)
		return
	}
	if at := &claimSteps[step.role]; at.in == o.Claim.State {
		at.do(c, i, step, e)
	}
}

// granted: the session stands. Its keep-alive begins, and the key goes into the queue, unless it is there already; a
// lock asks for the owner in the same transaction.
func (c *Cluster) granted(i int, step *Op, e *Event) {
	o := c.ops[i]
	if step.State != OpDone {
		c.failClaim(i, step.Err, e)
		return
	}
	id := step.Lease.ID
	key := fmt.Sprintf("%s/%x", o.Name(), int64(id))
	renewal := c.part(o.ID, keepsSession, LeaseKeepAlive, OpSpec{Lease: leaseName(id)}, e)
	put, get := &mvcc.PutOp{Key: []byte(key), Value: o.Spec.Value}, &mvcc.RangeOp{Key: []byte(key)}
	if c.config.On(ruleKeyHasLease) {
		put.Lease = int64(id)
	}
	txn := &mvcc.TxnRequest{
		Compare: []mvcc.Compare{{Key: []byte(key), Target: mvcc.CompareCreate, Result: mvcc.Equal}},
		Success: []mvcc.Op{{Put: put}}, Failure: []mvcc.Op{{Range: get}},
	}
	if o.Kind == ClientLock {
		owner := mvcc.Op{Range: c.firstOf(o)}
		txn.Success, txn.Failure = append(txn.Success, owner), append(txn.Failure, owner)
	}
	_, i = c.op(o.ID) // requests may have moved it
	c.reclaim(i, func(l *Claim) { l.State, l.Lease, l.Key, l.renewal = ClaimQueueing, id, key, renewal })
	c.part(o.ID, queues, ClientTxn, OpSpec{Txn: txn}, e)
}

// queueOf is the range of the keys of all who want a name.
func queueOf(name string) (key, end []byte) { return []byte(name + "/"), []byte(name + "0") }

// firstOf asks for the key of the owner: the one that was created first.
func (c *Cluster) firstOf(o *Op) *mvcc.RangeOp {
	key, end := queueOf(o.Name())
	by := mvcc.SortByCreate
	if !c.config.On(ruleLockOrder) {
		by = mvcc.SortByKey
	}
	return &mvcc.RangeOp{Key: key, End: end, Options: mvcc.RangeOptions{Target: by, Order: mvcc.SortAscend, Limit: 1}}
}

// queued: the key has its place. Its create revision is the token of whoever will hold the name by it.
func (c *Cluster) queued(i int, step *Op, e *Event) {
	if step.State != OpDone {
		c.failClaim(i, step.Err, e)
		return
	}
	results, token := step.Txn.Results, step.Rev
	if !step.Txn.Succeeded {
		token = results[0].Range.KVs[0].CreateRevision
	}
	l := c.reclaim(i, func(l *Claim) { l.Token = token })
	if c.ops[i].Kind == ClientLock {
		if owner := results[1].Range.KVs; len(owner) == 0 || string(owner[0].Key) == l.Key {
			c.acquired(i, ruleLockOrder, e)
			return
		}
	}
	c.lookAhead(i, e)
}

// lookAhead asks for the key right before the own one: only its deletion can bring the turn.
func (c *Cluster) lookAhead(i int, e *Event) {
	o := c.ops[i]
	l := c.reclaim(i, func(l *Claim) { l.State = ClaimLooking })
	key, end := queueOf(o.Name())
	spec := OpSpec{
		Key: key, End: end, Limit: 1, SortBy: mvcc.SortByCreate, Order: mvcc.SortDescend, MaxCreate: l.Token - 1,
	}
	if !c.config.On(ruleLockOrder) {
		spec.End, spec.SortBy, spec.MaxCreate = []byte(l.Key), mvcc.SortByKey, 0
	}
	if !c.config.On(ruleLockPredecessor) {
		spec.Order = mvcc.SortAscend // the owner's
	}
	c.part(o.ID, looks, ClientGet, spec, e)
}

// looked: somebody is before, and his key is watched from the revision of the answer, or nobody is (any more).
func (c *Cluster) looked(i int, step *Op, e *Event) {
	o := c.ops[i]
	switch {
	case step.State != OpDone:
		c.abandon(i, step.Err, e)
	case len(step.KVs) > 0:
		behind := string(step.KVs[0].Key)
		awaited := c.part(o.ID, awaits, ClientWatch, OpSpec{Key: step.KVs[0].Key, Rev: step.Rev}, e)
		_, i = c.op(o.ID)
		c.reclaim(i, func(l *Claim) { l.State, l.Behind, l.awaited = ClaimWaiting, behind, awaited })
		c.turn(i, e, ruleLockPredecessor, "waits for %s behind %s", o.thing(), behind)
	case o.Kind == ClientLock && c.config.On(ruleReadOwnKey):
		c.reclaim(i, func(l *Claim) { l.State = ClaimChecking })
		c.part(o.ID, checks, ClientGet, OpSpec{Key: []byte(o.Claim.Key)}, e)
	default:
		c.acquired(i, ruleLockOrder, e)
	}
}

// waited: the key before is deleted; another one may be before it.
func (c *Cluster) waited(i int, step *Op, e *Event) {
	switch {
	case step.State != OpPending:
		c.abandon(i, step.Err, e)
	case slices.ContainsFunc(step.Seen, func(x mvcc.Event) bool { return x.Delete }):
		c.cancel(step.ID)
		c.reclaim(i, func(l *Claim) { l.Behind, l.awaited = "", 0 })
		c.lookAhead(i, e)
	}
}

// checked: whoever has waited long may find that the session, and the key with it, is gone.
func (c *Cluster) checked(i int, step *Op, e *Event) {
	switch {
	case step.State != OpDone:
		c.abandon(i, step.Err, e)
	case len(step.KVs) == 0:
		c.failClaim(i, errSessionExpired, e)
		e.Turn.rule = ruleReadOwnKey
	default:
		c.acquired(i, ruleReadOwnKey, e)
	}
}

// acquired: from now on the client believes that it holds the lock, or leads.
func (c *Cluster) acquired(i int, rule string, e *Event) {
	l := c.reclaim(i, func(l *Claim) { l.State, l.Behind = ClaimHeld, "" })
	o := c.update(i, func(o *Op) { o.State, o.Returned, o.Rev = OpDone, c.now, e.Rev })
	c.client(o.client()).pending--
	verb := "holds"
	if o.Kind == ClientElect {
		verb = "leads"
	}
	c.turn(i, e, rule, "%s %s with token %d", verb, o.thing(), l.Token)
	if l.Over && c.config.On(ruleSessionEnds) {
		c.loseClaim(i, o.errOver(), e)
	}
}

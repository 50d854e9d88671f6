package cluster

import (
	"fmt"

	"etcdscope/mvcc"
)

// sessionOver: a client is told that its lease is gone, or reckons so itself. What it held by it, it holds no more.
func (c *Cluster) sessionOver(i int, e *Event) {
	o := c.ops[i]
	c.reclaim(i, func(l *Claim) { l.Over = true })
	switch {
	case !o.Held():
		c.turn(i, e, ruleSessionEnds, "has no session any more behind %s", o.thing())
	case c.config.On(ruleSessionEnds):
		c.loseClaim(i, o.errOver(), e)
	default:
		c.turn(i, e, ruleSessionEnds, "goes on with %s as if nothing had happened", o.thing())
	}
}

// errOver is what etcdctl says when the session of a holder is over.
func (o *Op) errOver() string {
	if o.Kind == ClientElect {
		return errCandidateOver
	}
	return errSessionOver
}

// failClaim ends a claim that was never granted. The client leaves: nobody renews the lease, which lets its key go.
func (c *Cluster) failClaim(i int, why string, e *Event) {
	o := c.ops[i]
	l := c.reclaim(i, func(l *Claim) { l.State, l.Behind = ClaimFailed, "" })
	c.update(i, func(o *Op) { o.State, o.Returned, o.Err = OpFailed, c.now, why })
	c.client(o.client()).pending--
	c.cancel(l.renewal)
	c.cancel(l.awaited)
	if o.Kind == ClientObserve {
		c.turn(i, e, "", "hears no more of %s: %s", o.thing(), why)
		return
	}
	c.turn(i, e, "", "does not get %s: %s", o.thing(), why)
}

// abandon ends a claim that has a place in the queue: it gives the place up.
func (c *Cluster) abandon(i int, why string, e *Event) {
	o := c.ops[i]
	c.part(o.ID, releases, ClientDelete, OpSpec{Key: []byte(o.Claim.Key)}, e)
	_, i = c.op(o.ID)
	c.failClaim(i, why, e)
}

// loseClaim ends a claim that was granted: the client knows that it holds the name no more.
func (c *Cluster) loseClaim(i int, why string, e *Event) {
	o := c.ops[i]
	l := c.reclaim(i, func(l *Claim) { l.State = ClaimLost })
	c.update(i, func(o *Op) { o.Err = why })
	c.cancel(l.renewal)
	c.turn(i, e, ruleSessionEnds, "has lost %s: %s", o.thing(), why)
}

// release gives a claim up: it deletes the key, which lets the next one in, and then ends the session.
func (c *Cluster) release(cmd *Command, e *Event) {
	o, i := c.claim(cmd.Op.Tag)
	if o.State == OpPending {
		o = c.update(i, func(o *Op) { o.State, o.Returned, o.Err = OpFailed, c.now, errGivenUp })
		c.client(o.client()).pending--
	}
	c.cancel(o.Claim.awaited)
	l := c.reclaim(i, func(l *Claim) { l.State, l.Behind, l.awaited = ClaimReleasing, "", 0 })
	c.turn(i, e, "", "gives up %s", o.thing())
	key := []byte(l.Key)
	if o.Kind == ClientLock {
		e.Op = c.part(o.ID, releases, ClientDelete, OpSpec{Key: key}, e)
		return
	}
	txn := ifOwner(l, mvcc.Op{Delete: &mvcc.DeleteOp{Key: key}})
	e.Op = c.part(o.ID, releases, ClientTxn, OpSpec{Txn: txn}, e)
}

// deleted: the key is gone, and the session ends. Whatever came of the deletion, the end of the lease takes the key
// along.
func (c *Cluster) deleted(i int, _ *Op, e *Event) {
	o := c.ops[i]
	c.cancel(o.Claim.renewal)
	c.part(o.ID, revokes, LeaseRevoke, OpSpec{Lease: leaseName(o.Claim.Lease)}, e)
}

func (c *Cluster) revoked(i int, _ *Op, e *Event) {
	c.reclaim(i, func(l *Claim) { l.State = ClaimReleased })
	c.turn(i, e, "", "has given up %s", c.ops[i].thing())
}

// ifOwner does something only while the key of a claim has the create revision that its holder was given
// (Mutex.IsOwner).
func ifOwner(l *Claim, op mvcc.Op) *mvcc.TxnRequest {
	return &mvcc.TxnRequest{
		Compare: []mvcc.Compare{{
			Key: []byte(l.Key), Target: mvcc.CompareCreate, Result: mvcc.Equal, Number: l.Token,
		}},
		Success: []mvcc.Op{op},
	}
}

// proclaim stores another value under the key of a leader.
func (c *Cluster) proclaim(cmd *Command, e *Event) {
	o, _ := c.claim(cmd.Op.Tag)
	put := &mvcc.PutOp{Key: []byte(o.Claim.Key), Value: cmd.Op.Value}
	if c.config.On(ruleKeyHasLease) {
		put.Lease = int64(o.Claim.Lease)
	}
	e.Op = c.part(o.ID, proclaims, ClientTxn, OpSpec{Txn: ifOwner(o.Claim, mvcc.Op{Put: put})}, e)
}

// proclaimed: a leader whose key is gone learns that it leads no more.
func (c *Cluster) proclaimed(i int, step *Op, e *Event) {
	switch {
	case step.State != OpDone:
	case !step.Txn.Succeeded:
		c.loseClaim(i, errNotLeader, e)
	default:
		value := string(step.Spec.Txn.Success[0].Put.Value)
		c.reclaim(i, func(l *Claim) { l.Value = value })
		c.turn(i, e, "", "proclaims %q in %s", value, c.ops[i].thing())
	}
}

// checkClaim refuses what the state of a lock or an election does not allow.
func (c *Cluster) checkClaim(cmd *Command) error {
	if cmd.Op == nil {
		return fmt.Errorf("the tag is missing")
	}
	tag := cmd.Op.Tag
	o, _ := c.claim(tag)
	switch {
	case o == nil || o.Kind == ClientObserve:
		return fmt.Errorf("no lock and no election has the tag %q", tag)
	case cmd.Kind == ClientUnlock && o.Kind == ClientElect:
		return fmt.Errorf("%q is an election: resign %s", tag, tag)
	case cmd.Kind != ClientUnlock && o.Kind == ClientLock:
		return fmt.Errorf("%q is a lock: unlock %s gives it up", tag, tag)
	case cmd.Kind == ClientProclaim && !o.Held():
		return o.mustHold(tag)
	case o.Claim.State == ClaimSession:
		return fmt.Errorf("%s has no key yet that could be given up: its session has no lease", o.thing())
	case o.Claim.State == ClaimReleasing || !o.Claim.Live():
		return fmt.Errorf("%s", o.stands(tag))
	}
	return c.checkAwake(o.client())
}

// mustHold says why a client cannot act by a claim.
func (o *Op) mustHold(tag string) error {
	if o.Held() {
		return nil
	}
	return fmt.Errorf("%s", o.stands(tag))
}

// stands is how far a claim is that is not held.
func (o *Op) stands(tag string) string {
	s := fmt.Sprintf("c%d does not hold %s: %s is %v", o.client(), o.thing(), tag, o.Claim.State)
	if o.Err != "" {
		s += " (" + o.Err + ")"
	}
	return s
}

// checkHolder refuses commands about locks, elections and paused clients that make no sense.
func (c *Cluster) checkHolder(cmd *Command) error {
	switch cmd.Kind {
	case PauseClient, ResumeClient:
		return c.checkPause(cmd)
	case ClientUnlock, ClientProclaim, ClientResign:
		return c.checkClaim(cmd)
	}
	if len(cmd.Op.Key) == 0 {
		return fmt.Errorf("the name is empty")
	}
	return nil
}

// doClaim carries out a command about a lock, an election or a paused client.
func (c *Cluster) doClaim(cmd *Command, e *Event) {
	switch cmd.Kind {
	case ClientLock, ClientElect, ClientObserve:
		c.beginClaim(cmd.Kind, cmd.Op, e)
	case ClientUnlock, ClientResign:
		c.release(cmd, e)
	case ClientProclaim:
		c.proclaim(cmd, e)
	default:
		c.doPause(cmd, e)
	}
}

package cluster

import (
	"errors"
	"fmt"

	"etcdscope/mvcc"
)

// errNotOwner is the answer to a write under a lock whose key is gone.
const errNotOwner = "the lock's key is gone: whoever has it now has a newer token"

// checkFence refuses to write under a lock that the client does not believe it holds.
func (c *Cluster) checkFence(cmd *Command) error {
	tag := cmd.Op.Lock
	if tag == "" {
		return nil
	}
	o, _ := c.claim(tag)
	switch {
	case cmd.Kind != ClientPut:
		return fmt.Errorf("only put writes under a lock")
	case o == nil || o.Kind == ClientObserve:
		return fmt.Errorf("no lock and no election has the tag %q", tag)
	case cmd.Op.Client != 0 && cmd.Op.Client != o.client():
		return fmt.Errorf("%s is c%d's: c%d cannot write under it", o.thing(), o.client(), cmd.Op.Client)
	}
	return errors.Join(o.mustHold(tag), c.checkAwake(o.client()))
}

// callUnder asks for a put under a lock. The token goes with the write, so that the store can refuse it: between
// what the holder believes and what it writes, any time may pass.
func (c *Cluster) callUnder(spec *OpSpec, e *Event) {
	held, _ := c.claim(spec.Lock)
	own := *spec
	own.Client = held.Spec.Client
	if own.User == "" {
		own.User = held.Spec.User
	}
	e.Op = c.request(&Op{
		Kind: ClientPut, Spec: &own, Under: held.Claim, fenced: c.config.On(ruleLockFencing),
	}, e.ID)
}

// fenceAnswer makes the answer to a transaction an answer to a put.
func (o *Op) fenceAnswer(r *reply) *reply {
	if !o.fenced || r.Txn == nil {
		return r
	}
	out := *r
	out.Txn = nil
	switch {
	case !r.Txn.Succeeded:
		out.err = errNotOwner
	case r.Txn.Results[0].Put.Prev != nil:
		out.prev = []mvcc.KeyValue{*r.Txn.Results[0].Put.Prev}
	}
	return &out
}

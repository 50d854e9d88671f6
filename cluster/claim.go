package cluster

import (
	"fmt"
	"slices"

	"etcdscope/mvcc/lease"
)

// Claim is how far a client is with a lock (concurrency.Mutex) or an election: its session, its key in the queue, and
// the key that it waits for. It is immutable; a later view may hold a newer one of the same operation.
type Claim struct {
	State  ClaimState
	Lease  lease.ID // of its session
	Key    string   // its place in the queue: the name and the lease
	Token  int64    // the key's create revision; 0: it has no place yet
	Behind string   // the key whose deletion it waits for
	Over   bool     // the client knows that its session has ended
	Asked  int      // requests that its client has made for it
	Value  string   // of an election: what it stands for; of an observation: what the leader stands for

	awaited OpID // the watch of Behind
	renewal OpID // the keep-alive of the session
}

// ClaimState is how far a client is with a lock or an election.
type ClaimState uint8

// The states of a claim. Numbers are part of event hashes: append, never renumber.
const (
	ClaimSession   ClaimState = iota + 1 // asks for the lease of its session
	ClaimQueueing                        // puts its key into the queue
	ClaimLooking                         // asks which key is before its own
	ClaimWaiting                         // waits until that key is deleted
	ClaimChecking                        // reads its own key again
	ClaimHeld                            // believes that it holds the lock, or leads
	ClaimReleasing                       // deletes its key and ends its session
	ClaimReleased                        // has done so
	ClaimLost                            // held it and knows that it does not any more
	ClaimFailed                          // never got it
	ClaimObserving                       // follows who leads
)

// claimWords are the names of the states, and of the events that bring them.
var claimWords = [...]string{
	ClaimSession: "session", ClaimQueueing: "queueing", ClaimLooking: "looking", ClaimWaiting: "waiting",
	ClaimChecking: "checking", ClaimHeld: "held", ClaimReleasing: "releasing", ClaimReleased: "released",
	ClaimLost: "lost", ClaimFailed: "refused", ClaimObserving: "observing",
}

// String is the state in one word, such as "waiting".
func (s ClaimState) String() string {
	if int(s) < len(claimWords) {
		return claimWords[s]
	}
	return "?"
}

// ClaimStates lists the names of the states, sorted.
func ClaimStates() []string {
	out := slices.Clone(claimWords[1:])
	slices.Sort(out)
	return out
}

// Turn is what an event means for a lock or an election.
type Turn struct {
	Op    OpID // the lock or the election
	State ClaimState
	Text  string // such as "c2 holds lock l with token 6"
	rule  string
}

// Live says whether the claim is on its way or held: its client still does something for it.
func (l *Claim) Live() bool {
	switch l.State {
	case ClaimReleased, ClaimLost, ClaimFailed:
		return false
	}
	return true
}

// client is the number of the client that asks.
func (o *Op) client() int { return max(o.Spec.Client, 1) }

// Name is the lock or the election that an operation is about.
func (o *Op) Name() string { return string(o.Spec.Key) }

// thing is what a claim is about, in words: "lock l".
func (o *Op) thing() string {
	if o.Kind == ClientLock {
		return "lock " + o.Name()
	}
	return "election " + o.Name()
}

// Held says whether the client believes that it holds the lock, or leads. The cluster may know better.
func (o *Op) Held() bool { return o.Claim != nil && o.Claim.State == ClaimHeld }

// Claims lists the locks, elections and observations of this moment, oldest first.
func (v *View) Claims() (ops []*Op) {
	for _, o := range v.Ops {
		if o.Claim != nil {
			ops = append(ops, o)
		}
	}
	return ops
}

// WaitsFor is the operation whose key another one waits for, or nil.
func (v *View) WaitsFor(o *Op) *Op {
	if o.Claim == nil || o.Claim.Behind == "" {
		return nil
	}
	for _, other := range v.Ops {
		if other.Claim != nil && other.Claim.Key == o.Claim.Behind {
			return other
		}
	}
	return nil
}

// claim returns the newest lock, election or observation with a tag, or nil.
func (c *Cluster) claim(tag string) (*Op, int) {
	for i, o := range slices.Backward(c.ops) {
		if o.Claim != nil && o.Spec.Tag == tag {
			return o, i
		}
	}
	return nil, 0
}

// turn notes in the event how far a claim is now.
func (c *Cluster) turn(i int, e *Event, rule, format string, args ...any) {
	o := c.ops[i]
	text := fmt.Sprintf("c%d ", o.client()) + fmt.Sprintf(format, args...)
	e.Turn = &Turn{Op: o.ID, State: o.Claim.State, Text: text, rule: rule}
}

// reclaim replaces the claim of an operation by a changed copy.
func (c *Cluster) reclaim(i int, change func(*Claim)) *Claim {
	next := *c.ops[i].Claim
	change(&next)
	c.update(i, func(o *Op) { o.Claim = &next })
	return &next
}

// claimText says how far a claim is, with its key and its token.
func (o *Op) claimText() string {
	l := o.Claim
	text := fmt.Sprintf("%v, %s", l.State, plural(l.Asked, "request", "requests"))
	switch {
	case o.Kind == ClientObserve && l.Behind == "":
		return text + ", nobody leads"
	case o.Kind == ClientObserve:
		return fmt.Sprintf("%s %q of %s", text, l.Value, l.Behind)
	case l.Key != "":
		text += ", key " + l.Key
	}
	if l.Token != 0 {
		text += fmt.Sprintf(", token %d", l.Token)
	}
	if l.Behind != "" {
		text += ", behind " + l.Behind
	}
	return text
}

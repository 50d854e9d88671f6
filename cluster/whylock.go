package cluster

import (
	"fmt"
	"strings"

	"etcdscope/mvcc"
	"etcdscope/raft"
)

// WhyNotHeld lists what must be true for a client to hold a lock or to lead an election, as the store of the cluster's
// leader has it: a session that lives, a key in the queue, and no key before it. What the client believes comes first,
// because it proves nothing.
func (v *View) WhyNotHeld(o *Op) (list []raft.Conjunct) {
	lead := v.Leader()
	if o.Claim == nil || o.Kind == ClientObserve || lead == nil || lead.Store == nil {
		return nil
	}
	add := func(holds bool, format string, args ...any) {
		list = append(list, raft.Conjunct{Holds: holds, Text: fmt.Sprintf(format, args...)})
	}
	l := o.Claim
	add(o.Held(), "c%d believes that it holds it (%v)", o.client(), l.State)
	if l.Lease == 0 {
		add(false, "its session has a lease")
		return list
	}
	lives, left := lead.leaseLeft(v, o)
	add(lives, "its lease %s lives%s", leaseName(l.Lease), left)
	if l.Token == 0 {
		add(false, "its key %s has a place in the queue", l.Key)
		return list
	}
	add(lead.hasKey(l), "its key %s is there, with token %d", l.Key, l.Token)
	first := v.firstBefore(o, lead)
	if first == "" {
		add(true, "no key was created before it")
		return list
	}
	add(false, "no key was created before it; %s", first)
	return list
}

// hasKey says whether the key of a claim is there, and not another one under its name.
func (m *MemberView) hasKey(l *Claim) bool {
	kv, ok := m.Store.Get(l.Key, 0)
	return ok && kv.CreateRevision == l.Token
}

// leaseLeft says whether the lease of a claim lives, and what is left of it.
func (m *MemberView) leaseLeft(v *View, o *Op) (lives bool, left string) {
	for _, x := range m.LeaseList(v.At) {
		if x.ID == o.Claim.Lease {
			left = fmt.Sprintf(", %d s of %d left", x.Remaining, x.TTL)
			if v.paused(o.client()) {
				left += fmt.Sprintf(", and c%d is paused", o.client())
			}
			return true, left
		}
	}
	return false, ""
}

func (v *View) paused(client int) bool {
	for _, cl := range v.Clients {
		if cl.ID == client {
			return cl.Paused
		}
	}
	return false
}

// firstBefore describes the first key of the queue if it is before the one of a claim; empty if none is.
func (v *View) firstBefore(o *Op, lead *MemberView) string {
	var first mvcc.KeyValue
	for _, h := range lead.Store.Keys(lead.Store.Len()) {
		kv, ok := lead.Store.Get(h.Key, 0)
		before := kv.CreateRevision < o.Claim.Token && (first.Key == nil || kv.CreateRevision < first.CreateRevision)
		if ok && before && strings.HasPrefix(h.Key, o.Name()+"/") {
			first = kv
		}
	}
	if first.Key == nil {
		return ""
	}
	text := fmt.Sprintf("%s has token %d", first.Key, first.CreateRevision)
	for _, other := range v.Claims() {
		if other.Claim.Key == string(first.Key) && other.Kind != ClientObserve {
			_, left := lead.leaseLeft(v, other)
			return fmt.Sprintf("%s, c%d's%s", text, other.client(), left)
		}
	}
	return text
}

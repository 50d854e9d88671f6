package cluster

import (
	"etcdscope/cluster/clock"
	"etcdscope/raft"
)

// fingerprint folds numbers and bytes into 64 bits, the same on every machine. It is not meant to be secure.
type fingerprint uint64

func (h *fingerprint) num(x uint64) {
	v := (uint64(*h) ^ x) * 0x9e3779b97f4a7c15
	*h = fingerprint(v ^ v>>29)
}

func (h *fingerprint) flag(b bool) {
	if b {
		h.num(1)
	} else {
		h.num(2)
	}
}

func (h *fingerprint) text(s string) {
	h.num(uint64(len(s)))
	for len(s) >= 8 {
		h.num(uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56)
		s = s[8:]
	}
	for i := range len(s) {
		h.num(uint64(s[i]))
	}
}

// mix folds one event into the hash of history.
func (e *Event) mix(before uint64) uint64 {
	h := fingerprint(before)
	h.num(e.ID)
	h.num(uint64(e.At))
	h.num(uint64(e.Kind) | uint64(e.Salience)<<8 | uint64(e.Member)<<16 | uint64(e.Inc)<<32)
	h.num(e.Causes[0])
	h.num(e.Causes[1])
	h.num(uint64(e.Op) ^ uint64(e.Snapshot)<<32 ^ uint64(e.Peer)<<56)
	h.num(uint64(e.Term) ^ uint64(e.Index)<<20 ^ uint64(e.Rev)<<40 ^ uint64(e.N)<<56)
	for i := range e.Facts {
		f := &e.Facts[i]
		h.num(uint64(f.Kind) | uint64(f.Peer)<<8 | uint64(f.Term)<<16)
		h.num(uint64(f.Index) ^ f.Old<<32 ^ uint64(f.N)<<56)
	}
	for _, m := range e.Sent {
		h.message(m)
	}
	if e.Msg != nil {
		h.num(e.Msg.ID)
	}
	if e.Command != nil {
		h.num(uint64(e.Command.Kind))
		h.text(e.Command.Text)
	}
	h.text(e.Note)
	h.text(e.Answer)
	h.num(e.Hash)
	if e.Auth != 0 {
		h.num(e.Auth)
	}
	for _, id := range e.Leases {
		h.num(uint64(id))
	}
	if e.Turn != nil {
		h.num(uint64(e.Turn.Op)<<8 | uint64(e.Turn.State))
		h.text(e.Turn.Text)
	}
	return uint64(h)
}

func (h *fingerprint) message(m *Message) {
	h.num(m.ID)
	h.num(uint64(m.Type) | uint64(m.From)<<8 | uint64(m.To)<<16 | uint64(m.SenderInc)<<24)
	h.num(uint64(m.Term) ^ uint64(m.LogTerm)<<32)
	h.num(uint64(m.Index) ^ uint64(m.Commit)<<32)
	h.num(m.Context)
	h.flag(m.Reject)
	h.num(uint64(m.RejectHint))
	if m.Snapshot != nil {
		h.num(uint64(m.Snapshot.Meta.Index) ^ uint64(m.Snapshot.Meta.Term)<<32)
		h.num(uint64(m.Size))
	}
	for i := range m.Entries {
		h.entry(&m.Entries[i])
	}
}

func (h *fingerprint) entry(e *raft.Entry) {
	h.num(uint64(e.Index) ^ uint64(e.Term)<<40 ^ uint64(e.Type)<<60)
	h.text(string(e.Data))
}

// EventHash is a fingerprint of the whole history of events so far, the same on every machine.
func (c *Cluster) EventHash() uint64 { return c.hash }

// StateHash is a fingerprint of the whole present state.
func (c *Cluster) StateHash() uint64 {
	h := fingerprint(c.config.Seed)
	h.num(uint64(c.now))
	h.num(c.events)
	for _, it := range c.queue.Sorted() {
		h.item(&it)
	}
	for i := range c.held {
		h.message(c.held[i].Message)
	}
	c.net.Mix(h.num)
	for _, m := range c.members {
		h.member(m)
	}
	for _, cl := range c.clients {
		h.num(uint64(cl.id)<<32 | uint64(cl.endpoint)<<16 | uint64(cl.pending))
		if cl.paused {
			h.num(uint64(len(cl.stash)))
		}
		for _, l := range cl.logins {
			h.text(l.user + " " + l.password + " " + l.token)
		}
	}
	for _, o := range c.ops {
		h.op(o)
	}
	h.num(c.dropped ^ c.duplicated<<20 ^ c.delivered<<40)
	return uint64(h)
}

// item leaves sequence numbers out: only the order counts, and Sorted has put them in it.
func (h *fingerprint) item(it *clock.Item[item]) {
	h.num(uint64(it.At))
	w := &it.What
	h.num(uint64(w.kind) | uint64(w.member)<<8 | uint64(w.inc)<<16 | uint64(w.fate)<<48)
	h.num(uint64(w.op))
	h.num(w.cause)
	if w.msg != nil {
		h.message(w.msg)
	}
}

func (h *fingerprint) member(m *member) {
	h.flag(m.up)
	h.flag(m.paused)
	h.text(m.down)
	h.num(uint64(m.inc))
	h.num(m.disk.Hash())
	if m.restoring != nil {
		h.num(uint64(m.restoring.step))
	}
	if m.backend != nil && m.backend.Lost() {
		h.num(3)
	}
	h.num(uint64(m.clock.Rate) ^ uint64(m.clock.base)<<16 ^ uint64(m.clock.from)<<32)
	for i := range m.snapDBs {
		h.num(uint64(m.snapDBs[i].index))
	}
	if !m.up {
		return
	}
	h.raft(m.node.View())
	h.num(m.store.Hash())
	h.num(m.hub.Hash())
	for _, a := range m.inbox {
		h.num(a.msg.ID)
		h.num(a.by)
	}
	h.num(uint64(len(m.toWrite)) | uint64(len(m.unsynced))<<16 | uint64(len(m.committed))<<32)
	h.flag(m.syncing)
	h.flag(m.applying)
	h.flag(m.batch)
	h.flag(m.installing)
	h.flag(m.leaving)
	if m.checking {
		h.num(uint64(m.check.asked))
	}
	h.num(uint64(m.applied))
	h.num(m.filing)
	h.flag(m.purgeDue)
	h.num(uint64(m.saved) | uint64(m.saving.Index)<<32)
	h.members(&m.membership)
	for _, msg := range m.receiving {
		h.num(msg.ID)
	}
	for _, w := range m.waiting {
		h.num(w.id)
	}
	for _, w := range m.unled {
		h.num(w.id)
	}
	for _, r := range m.reads {
		h.num(r.id)
		h.flag(r.confirmed)
	}
	h.upkeep(m)
}

func (h *fingerprint) members(s *membership) {
	for i := range s.members {
		x := &s.members[i]
		h.num(x.ID)
		h.flag(x.IsLearner)
		h.text(x.Name)
		for _, url := range x.PeerURLs {
			h.text(url)
		}
	}
	for _, id := range s.removed {
		h.num(id)
	}
}

func (h *fingerprint) raft(v raft.View) {
	h.num(uint64(v.Role) | uint64(v.Term)<<8 | uint64(v.Vote)<<40 | uint64(v.Lead)<<48)
	h.num(uint64(v.Commit) | uint64(v.Applied)<<32)
	h.num(uint64(v.First) | uint64(v.Last)<<32)
	h.num(uint64(v.DurableIndex))
	h.num(uint64(v.Elapsed) | uint64(v.Timeout)<<20 | uint64(v.HeartbeatElapsed)<<40)
	for i := v.First; i <= v.Last; i++ {
		if e, ok := v.Entry(i); ok {
			h.entry(&e)
		}
	}
	for _, x := range v.Votes {
		h.num(uint64(x.ID))
		h.flag(x.Granted)
	}
	for _, list := range [][]raft.ID{v.Conf.Voters, v.Conf.Learners, v.Conf.VotersOutgoing} {
		h.num(uint64(len(list)))
		for _, id := range list {
			h.num(uint64(id))
		}
	}
	for _, p := range v.Progress {
		h.num(uint64(p.ID) | uint64(p.State)<<8 | uint64(p.Inflight)<<16)
		h.num(uint64(p.Match) | uint64(p.Next)<<32)
		h.flag(p.Active)
	}
}

func (h *fingerprint) op(o *Op) {
	h.num(uint64(o.ID) | uint64(o.Kind)<<32 | uint64(o.State)<<40 | uint64(o.Via)<<48)
	h.num(uint64(o.Called))
	h.num(uint64(o.Returned))
	h.num(uint64(o.Rev))
	h.num(uint64(o.Count) ^ uint64(len(o.Seen))<<32)
	h.text(o.Err)
	h.num(uint64(len(o.Members)))
	h.flag(o.Slow)
	if o.Spec.User != "" {
		h.flag(o.login)
		h.text(o.token)
	}
	for i := range o.KVs {
		h.text(string(o.KVs[i].Value))
	}
	if o.Claim != nil {
		h.claim(o.Claim)
	}
}

func (h *fingerprint) claim(l *Claim) {
	h.num(uint64(l.State))
	h.num(uint64(l.Token))
	h.text(l.Key)
	h.text(l.Behind)
	h.text(l.Value)
	h.flag(l.Over)
}

package cluster

import (
	"slices"

	"etcdscope/cluster/clock"
	"etcdscope/mvcc"
	"etcdscope/raft"
)

// hashCheck is a comparison of the members' hashes that is under way at the leader.
type hashCheck struct {
	own     mvcc.RevisionHash
	judge   bool // wait for all and let the majority decide (compact-hash check); else every answer is judged alone
	answers []peerHash
	asked   int // of the check before a start: who has not answered yet
}

// peerHash is what one member answered.
type peerHash struct {
	member raft.ID
	hash   mvcc.RevisionHash
}

// planChecks schedules the next comparisons that the flags want.
func (m *member) planChecks(c *Cluster, by uint64) {
	m.checkAt = m.plan(c, CorruptCheck, c.config.Flags.CorruptCheckTime, 0, by)
	m.judgeAt = m.plan(c, CorruptCheck, c.config.Flags.CompactHashCheckTime, 1, by)
}

// plan schedules a look by the member's own clock and returns when; 0 is never.
func (m *member) plan(c *Cluster, kind Kind, every clock.Time, which OpID, by uint64) clock.Time {
	if every == 0 {
		return 0
	}
	at, ok := m.clock.when(m.clock.At(c.now) + every)
	if !ok {
		return 0
	}
	c.queue.Push(at, item{kind: kind, member: m.id, inc: m.inc, cause: by, op: which})
	return at
}

// due says whether a look that was planned is the one that counts, and takes it.
func due(at *clock.Time, now clock.Time) bool {
	if *at == 0 || *at > now {
		return false
	}
	*at = 0
	return true
}

// corruptCheck begins a comparison, if this member leads: periodic at the newest revision, or at the newest
// compaction that was hashed.
func (m *member) corruptCheck(c *Cluster, it *item, e *Event) bool {
	judge := it.op == 1
	e.Op = 0
	at, every := &m.checkAt, c.config.Flags.CorruptCheckTime
	if judge {
		at, every = &m.judgeAt, c.config.Flags.CompactHashCheckTime
	}
	if !due(at, c.now) {
		return false
	}
	*at = m.plan(c, CorruptCheck, every, it.op, 0)
	if m.node.View().Role != raft.Leader || m.defrag != nil {
		return false
	}
	own, ok := m.ownHash(judge)
	if !ok {
		return false
	}
	m.check = &hashCheck{own: own, judge: judge}
	m.dirty = true
	e.Rev, e.Hash = own.Revision, uint64(own.Hash)
	for i := range m.membership.members {
		if to := raft.ID(m.membership.members[i].ID); to != m.id {
			c.peer(m.id, to, item{kind: PeerRequest, cause: e.ID, reply: &reply{rev: own.Revision}})
		}
	}
	return true
}

func (m *member) ownHash(judge bool) (mvcc.RevisionHash, bool) {
	if judge {
		hashes := m.store.Hashes()
		if len(hashes) == 0 {
			return mvcc.RevisionHash{}, false
		}
		return hashes[len(hashes)-1], true
	}
	own, err := m.store.HashByRev(0)
	return own, err == nil
}

// hashRequest answers another member with the hash at a revision.
func (m *member) hashRequest(c *Cluster, it *item, e *Event) {
	out := &reply{rev: m.store.Revision(), count: it.reply.rev}
	var err error
	if out.hash, err = m.store.HashByRev(it.reply.rev); err != nil {
		out.err = wireError(err)
	}
	e.Rev, e.Note = it.reply.rev, out.err
	c.peer(m.id, it.from, item{kind: PeerResponse, cause: e.ID, reply: out})
}

// hashResponse compares another member's hash. Only hashes of the same compaction and revision can differ wrongly.
func (m *member) hashResponse(c *Cluster, it *item, e *Event) bool {
	r := it.reply
	e.Rev, e.Note = r.count, r.err
	if m.check == nil || m.check.own.Revision != r.count {
		return false
	}
	if m.checking {
		m.initialAnswer(c, it.from, r, e)
		return true
	}
	if r.err != "" || r.hash.CompactRevision != m.check.own.CompactRevision {
		return true
	}
	check := *m.check
	check.answers = append(slices.Clip(check.answers), peerHash{it.from, r.hash})
	m.check = &check
	if !check.judge {
		if r.hash.Hash != check.own.Hash {
			m.corrupted(c, it.from, e)
		}
		return true
	}
	if len(check.answers) == len(m.membership.members)-1 {
		m.check = nil
		for _, id := range check.minority(m.id) {
			m.corrupted(c, id, e)
		}
	}
	return true
}

// minority lists the members whose hash is not that of a majority; without a majority nobody knows who is right, and
// the alarm names no member.
func (h *hashCheck) minority(self raft.ID) (wrong []raft.ID) {
	all := append(slices.Clip(h.answers), peerHash{self, h.own})
	votes := func(hash uint32) (n int) {
		for i := range all {
			if all[i].hash.Hash == hash {
				n++
			}
		}
		return n
	}
	decided := false
	for i := range all {
		if 2*votes(all[i].hash.Hash) > len(all) {
			decided = true
		} else {
			wrong = append(wrong, all[i].member)
		}
	}
	if !decided {
		return []raft.ID{raft.None}
	}
	slices.Sort(wrong)
	return wrong
}

// corrupted raises the alarm about a member.
func (m *member) corrupted(c *Cluster, id raft.ID, e *Event) {
	e.Note = "hashes differ: " + name(id)
	if !slices.Contains(m.alarms, Alarm{id, Corrupt}) {
		m.propose(activation(Alarm{id, Corrupt}))
		m.drain(c, e)
	}
}

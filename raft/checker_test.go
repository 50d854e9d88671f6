package raft_test

import (
	"hash/fnv"
	"testing"

	"etcdscope/raft"
)

// checker watches a cluster from outside and remembers, over all time, what must stay true.
type checker struct {
	t         *testing.T
	seed      int
	members   []*member
	leaders   map[raft.Term]raft.ID
	votes     map[raft.Term]map[raft.ID]raft.ID // promised: term, voter, candidate
	chains    map[position]uint64               // hash of the log up to an entry
	committed map[raft.Index]commitment
	last      raft.Index // highest committed index
	reads     map[uint64]raft.Index
	answered  int // reads
	seen      map[raft.ID]*raft.View
	logs      map[raft.ID][]uint64 // chain of each handed-out log
}

type position struct {
	index raft.Index
	term  raft.Term
}

type commitment struct {
	term, by raft.Term // of the entry, and of the leader that committed it
}

func newChecker(t *testing.T, seed int) *checker {
	return &checker{
		t: t, seed: seed, leaders: map[raft.Term]raft.ID{}, votes: map[raft.Term]map[raft.ID]raft.ID{},
		chains: map[position]uint64{}, committed: map[raft.Index]commitment{}, reads: map[uint64]raft.Index{},
		seen: map[raft.ID]*raft.View{}, logs: map[raft.ID][]uint64{},
	}
}

func (c *checker) fail(format string, args ...any) {
	c.t.Helper()
	c.t.Fatalf("seed %d: "+format, append([]any{c.seed}, args...)...)
}

// restarted forgets what a crash may take back, and checks that the disk has kept the rest.
func (c *checker) restarted(m *member) {
	delete(c.seen, m.cfg.ID)
	var log []uint64
	for _, e := range m.disk.Entries {
		log = append(log, chain(log, e))
	}
	c.logs[m.cfg.ID] = log
}

func chain(before []uint64, e raft.Entry) uint64 {
	h := fnv.New64a()
	var prev uint64
	if len(before) > 0 {
		prev = before[len(before)-1]
	}
	for _, v := range []uint64{prev, uint64(e.Term), uint64(e.Index)} {
		for shift := 0; shift < 64; shift += 8 {
			h.Write([]byte{byte(v >> shift)})
		}
	}
	h.Write(e.Data)
	return h.Sum64()
}

// observe compares the view after an input with the one before.
func (c *checker) observe(m *member) {
	v := m.node.View()
	before := c.seen[v.ID]
	c.seen[v.ID] = &v
	for _, f := range m.node.TakeFacts() {
		if f.Kind == raft.FactViolation {
			c.fail("n%d %s", v.ID, f.Sentence(nil))
		}
	}
	if before != nil && (v.Term < before.Term || v.Commit < before.Commit || v.Applied < before.Applied) {
		c.fail("n%d went back: term %d to %d, commit %d to %d", v.ID, before.Term, v.Term, before.Commit, v.Commit)
	}
	if v.Applied > v.Commit || v.Commit > v.Last || v.DurableIndex > v.Last {
		c.fail("n%d: applied %d, commit %d, durable %d, last %d", v.ID, v.Applied, v.Commit, v.DurableIndex, v.Last)
	}
	if v.Role != raft.Leader {
		return
	}
	if c.leaders[v.Term] == raft.None {
		c.elected(&v)
	}
	if c.leaders[v.Term] != v.ID {
		c.fail("n%d and n%d both lead term %d", v.ID, c.leaders[v.Term], v.Term)
	}
	c.whileLeading(before, &v)
	c.commits(&v)
}

// elected checks leader completeness: what was committed in earlier terms is in the log of every later leader.
func (c *checker) elected(v *raft.View) {
	c.leaders[v.Term] = v.ID
	for i, was := range c.committed {
		if e, _ := v.Entry(i); was.by < v.Term && e.Term != was.term {
			c.fail("n%d leads term %d without entry %d of term %d, committed in term %d",
				v.ID, v.Term, i, was.term, was.by)
		}
	}
	voters := 0
	for id, candidate := range c.votes[v.Term] {
		if id != v.ID && candidate == v.ID {
			voters++
		}
	}
	// The own vote counts if it is on disk; the votes of a majority of others are enough without it.
	if disk := c.members[v.ID-1].disk.HardState; disk.Term == v.Term && disk.Vote == v.ID {
		voters++
	}
	if voters <= len(v.Conf.Voters)/2 {
		c.fail("n%d leads term %d with %d durable votes of %d", v.ID, v.Term, voters, len(v.Conf.Voters))
	}
}

// whileLeading checks what holds between two moments of one leadership.
func (c *checker) whileLeading(before, v *raft.View) {
	if before == nil || before.Role != raft.Leader || before.Term != v.Term {
		return
	}
	if e, ok := v.Entry(before.Last); before.Last > 0 && (!ok || e.Term != lastTerm(before)) {
		c.fail("leader n%d changed its own log at %d", v.ID, before.Last)
	}
	if e, _ := v.Entry(v.Commit); v.Commit > before.Commit && e.Term != v.Term {
		c.fail("leader n%d of term %d commits entry %d of term %d by counting", v.ID, v.Term, v.Commit, e.Term)
	}
}

func lastTerm(v *raft.View) raft.Term {
	e, _ := v.Entry(v.Last)
	return e.Term
}

// commits checks what a leader has committed: a majority of disks holds it, and it is never another entry.
func (c *checker) commits(v *raft.View) {
	for i := c.last + 1; i <= v.Commit; i++ {
		e, _ := v.Entry(i)
		c.committed[i] = commitment{term: e.Term, by: v.Term}
		c.last = i
	}
	e, ok := v.Entry(v.Commit)
	if !ok {
		return
	}
	if e.Term != c.committed[v.Commit].term {
		c.fail("n%d commits %d of term %d, but it was committed with term %d",
			v.ID, v.Commit, e.Term, c.committed[v.Commit].term)
	}
	if e.Term != v.Term {
		return // committed before this leader's time
	}
	holders := 0
	for _, m := range c.members {
		if at := int(v.Commit) - 1; at < len(m.disk.Entries) && m.disk.Entries[at].Term == e.Term {
			holders++
		}
	}
	if holders <= len(c.members)/2 && c.members[v.ID-1].node.View().Role == raft.Leader {
		c.fail("n%d commits entry %d of term %d, which is on %d of %d disks",
			v.ID, v.Commit, e.Term, holders, len(c.members))
	}
}

// handedOut checks log matching on what is to be written, and that reads are not stale.
func (c *checker) handedOut(m *member, rd raft.Ready) {
	log := c.logs[m.cfg.ID]
	for _, e := range rd.Entries {
		if int(e.Index) > len(log)+1 {
			c.fail("n%d: entry %d handed out behind %d", m.cfg.ID, e.Index, len(log))
		}
		log = log[:e.Index-1]
		sum := chain(log, e)
		at := position{e.Index, e.Term}
		if known, ok := c.chains[at]; ok && known != sum {
			c.fail("n%d: two logs with entry %d of term %d differ before it", m.cfg.ID, e.Index, e.Term)
		}
		c.chains[at] = sum
		log = append(log, sum)
	}
	c.logs[m.cfg.ID] = log
	c.answered += len(rd.Reads)
	for _, rs := range rd.Reads {
		if rs.Index < c.reads[rs.Context] {
			c.fail("n%d: read %d at %d, but %d was committed before",
				m.cfg.ID, rs.Context, rs.Index, c.reads[rs.Context])
		}
	}
	for _, msg := range rd.Msgs {
		if msg.Type == raft.MsgVoteResp || msg.Type == raft.MsgAppResp {
			c.fail("n%d: %v may leave before it is durable", m.cfg.ID, msg)
		}
	}
}

func (c *checker) readBegins(context uint64) { c.reads[context] = c.last }

// promised checks persist-before-send: a vote or an acknowledgement that leaves is on disk, or outdated there.
func (c *checker) promised(m *member, msg raft.Message) {
	disk := m.disk.HardState
	if msg.Reject || disk.Term > msg.Term {
		return
	}
	switch {
	case msg.Type == raft.MsgVoteResp && (disk.Term != msg.Term || disk.Vote != msg.To):
		c.fail("n%d: %v leaves, but on disk are term %d and vote %d", m.cfg.ID, msg, disk.Term, disk.Vote)
	case msg.Type == raft.MsgAppResp && (disk.Term < msg.Term || int(msg.Index) > len(m.disk.Entries)):
		c.fail("n%d: %v leaves, but on disk are term %d and %d entries",
			m.cfg.ID, msg, disk.Term, len(m.disk.Entries))
	}
	if msg.Type != raft.MsgVoteResp {
		return
	}
	if c.votes[msg.Term] == nil {
		c.votes[msg.Term] = map[raft.ID]raft.ID{}
	}
	if other := c.votes[msg.Term][m.cfg.ID]; other != raft.None && other != msg.To {
		c.fail("n%d votes for n%d and n%d in term %d", m.cfg.ID, other, msg.To, msg.Term)
	}
	c.votes[msg.Term][m.cfg.ID] = msg.To
}

// applied checks that every state machine takes the same entries, in order, each once, and only from disk.
func (c *checker) applied(m *member, e raft.Entry) {
	if int(e.Index) != len(m.applied)+1 {
		c.fail("n%d applies %d after %d", m.cfg.ID, e.Index, len(m.applied))
	}
	if was, ok := c.committed[e.Index]; !ok || was.term != e.Term {
		c.fail("n%d applies %d of term %d, committed was term %d", m.cfg.ID, e.Index, e.Term, was.term)
	}
	if at := int(e.Index) - 1; at >= len(m.disk.Entries) || m.disk.Entries[at].Term != e.Term {
		c.fail("n%d applies %d, which its disk does not hold", m.cfg.ID, e.Index)
	}
}

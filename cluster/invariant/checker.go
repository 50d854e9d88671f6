package invariant

import (
	"fmt"
	"slices"

	"etcdscope/cluster"
	"etcdscope/raft"
)

// Violation is a broken invariant.
type Violation struct {
	Info
	Event  uint64
	Detail string // what happened, with its numbers
}

// Checker watches one history. Feed it every event once, in order. It is not safe for concurrent use.
type Checker struct {
	members []member // members[id-1]
	leaders []leadership
	newest  []elected // the last few leaderships with their logs
	chains  vector[column]
	commits vector[commit] // by index
	last    raft.Index     // the highest index that was ever committed
	revs    vector[uint64] // index of the entry that made a revision, by revision
	acks    []ack
	safe    raft.Index // the highest index that an acknowledged write stands at
	watches []watchGhost
	leases  []leaseGhost
	locks   []lockGhost
	guarded []guardedWrite
	met     bool       // the world as it was before anything happened
	earlier raft.Index // up to here entries were committed then, also those that only snapshots hold

	clocksDiffer bool // a clock was made to run fast or slow

	e     *cluster.Event
	view  func() *cluster.View
	found []Violation
}

// member is what the observer knows about one member.
type member struct {
	inc     uint32
	leading raft.Term  // while it leads
	last    raft.Index // of its log
	commit  raft.Index // of this incarnation
	applied raft.Index
	conf    *raft.ConfState // in force as far as the observer has seen
	votes   []vote          // granted to others, ascending by term
	disk    platter

	stranger bool // it did not run when the history began: nobody knows what its disk holds
}

// New returns a checker for a cluster of nodes members at event 0.
func New(nodes int) *Checker {
	c := &Checker{members: make([]member, nodes)}
	for i := range c.members {
		c.members[i].inc = 1
	}
	return c
}

// Clone returns an independent checker in the same state. Memory is shared until one side writes.
func (c *Checker) Clone() *Checker {
	d := *c
	d.e, d.view, d.found = nil, nil, nil
	d.members = slices.Clone(c.members)
	for i := range d.members {
		d.members[i].votes = slices.Clip(d.members[i].votes)
		d.members[i].disk = d.members[i].disk.clone()
	}
	d.leaders, d.acks = slices.Clip(c.leaders), slices.Clip(c.acks)
	d.newest, d.watches = slices.Clone(c.newest), slices.Clone(c.watches)
	d.leases, d.locks, d.guarded = slices.Clone(c.leases), slices.Clone(c.locks), slices.Clip(c.guarded)
	d.chains, d.commits, d.revs = c.chains.clone(), c.commits.clone(), c.revs.clone()
	return &d
}

// Check looks at what e changed and returns what it broke. view is the world right after e; it is only called
// when e says that something changed which has to be looked up. The result is nil while all is well.
func (c *Checker) Check(e *cluster.Event, view func() *cluster.View) []Violation {
	c.e, c.view, c.found = e, view, nil
	if !c.met {
		c.founded()
	}
	switch e.Kind {
	case cluster.UserCommand:
		c.commanded()
		c.writesUnderLock()
	case cluster.RestoreStep:
		c.appears()
	case cluster.WALWrite:
		c.member(e.Member).disk.write(e)
	case cluster.FsyncStart:
		c.member(e.Member).disk.begin()
	case cluster.FsyncDone:
		if !e.DiskFailed() {
			c.member(e.Member).disk.complete()
		}
	case cluster.Apply:
		c.applies()
		c.guards()
	case cluster.SnapshotInstall:
		c.replaces()
	case cluster.ClientResponse:
		c.answers()
		c.promised()
		c.beginsWatch()
	case cluster.WatchEvent:
		c.delivers()
	}
	if e.DiskFailed() {
		c.diskFails()
	}
	for i := range e.Facts {
		c.fact(&e.Facts[i])
	}
	for _, m := range e.Sent {
		c.sends(m)
	}
	c.e, c.view = nil, nil
	return c.found
}

// fact dispatches one thing that the acting member did.
func (c *Checker) fact(f *raft.Fact) {
	m := c.member(c.e.Member)
	switch f.Kind {
	case raft.FactElected:
		c.elect(m, f)
	case raft.FactStepDown:
		m.leading = 0
	case raft.FactTerm, raft.FactCandidate:
		m.disk.promise(c.e.ID, f.Term, self(f, c.e.Member))
		if f.Kind == raft.FactCandidate {
			c.campaigns()
		}
	case raft.FactVoteGranted:
		if c.e.Msg == nil || c.e.Msg.Type != raft.MsgPreVote {
			m.disk.promise(c.e.ID, f.Term, f.Peer)
		}
	case raft.FactProposed:
		c.proposed(m, f)
	case raft.FactTruncated:
		c.truncated(m, f)
	case raft.FactAppended:
		c.appended(m, f)
	case raft.FactCommit:
		c.committed(m, f)
	case raft.FactSnapshotInstalled:
		c.installed(m, f)
	case raft.FactConfig:
		c.configured(m)
	case raft.FactViolation:
		c.contract(f)
	}
}

// self is whom a member votes for by becoming a candidate; adopting a term votes for nobody.
func self(f *raft.Fact, id raft.ID) raft.ID {
	if f.Kind == raft.FactCandidate {
		return id
	}
	return raft.None
}

// sends looks at a message that leaves.
func (c *Checker) sends(msg *cluster.Message) {
	if msg.Reject || c.e.Member != msg.From {
		return
	}
	switch msg.Type {
	case raft.MsgVoteResp:
		c.grants(msg)
	case raft.MsgAppResp:
		c.acknowledges(msg)
	}
}

// commanded looks for members that started again: a new incarnation knows only what its disk told it.
func (c *Checker) commanded() {
	if c.e.Command != nil && c.e.Command.Kind == cluster.SetClock {
		c.clocksDiffer = true
	}
	if c.e.Command == nil || c.e.Command.Kind != cluster.Restart {
		if c.e.Command != nil && c.e.Command.Kind == cluster.Poweroff {
			for _, id := range c.e.Command.Members {
				c.member(id).disk.powerCut()
			}
		}
		return
	}
	for _, v := range c.view().Members {
		if m := c.member(v.ID); v.Inc != m.inc && v.Up {
			c.restarted(m, v)
		}
	}
}

func (c *Checker) restarted(m *member, v *cluster.MemberView) {
	if m.stranger {
		c.begins(m, v)
		return
	}
	c.recovered(m, v)
	c.recoveredState(v)
	c.attached(v)
	m.inc, m.leading = v.Inc, 0
	m.knows(&v.Raft)
	m.last, m.commit, m.applied = v.Raft.Last, v.Raft.Commit, v.Raft.Applied
	m.disk = platter{written: v.Raft.Last, durable: v.Raft.Last, term: v.Raft.Term, vote: v.Raft.Vote}
	c.chain(&v.Raft, v.Raft.First, v.Raft.Last)
}

// member returns what is known of a member; one that joins is met here for the first time.
func (c *Checker) member(id raft.ID) *member {
	for int(id) > len(c.members) {
		c.members = append(c.members, member{})
	}
	return &c.members[id-1]
}

// raft returns a member's Raft as it is after the event.
func (c *Checker) raft(id raft.ID) *raft.View { return &c.view().Members[id-1].Raft }

// violate reports what the present event broke.
func (c *Checker) violate(p property, format string, args ...any) {
	c.found = append(c.found, Violation{Info: infos[p], Event: c.e.ID, Detail: fmt.Sprintf(format, args...)})
}

// contract reports what Raft itself found impossible.
func (c *Checker) contract(f *raft.Fact) {
	c.violate(raftContract, "%s", f.Sentence(func(id raft.ID) string { return fmt.Sprintf("n%d", uint64(id)) }))
}

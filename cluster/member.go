package cluster

import (
	"fmt"
	"slices"

	"etcdscope/cluster/clock"
	"etcdscope/cluster/disk"
	"etcdscope/mvcc"
	"etcdscope/raft"
	"etcdscope/raft/wal"
	"etcdscope/watch"
)

// member is one etcd server: Raft, WAL, store and watchers, and what waits between them. What a crash takes
// away is in process; disk and backend survive.
type member struct {
	id      raft.ID
	up      bool
	paused  bool
	down    string // why it is down
	inc     uint32
	disk    *disk.Disk
	backend *mvcc.Backend
	torn    bool
	last    raft.View          // while down: the view from before
	stash   []clock.Item[item] // what would have happened while paused
	ticking bool               // the next tick is scheduled
	clock   LocalClock
	snapDBs []snapDB // databases that came from leaders and are not in use yet

	restoring *restoring // the tool that makes the data directory; nil: it does not run
	ran       bool       // the member has run on its files
	process

	view  *MemberView
	dirty bool
}

// process is what kill -9 takes away.
type process struct {
	node  *raft.Node
	wal   *wal.WAL
	store *mvcc.Store
	hub   *watch.Hub
	inbox []arrival

	toWrite  []pending // Readys whose records are not in the page cache yet
	unsynced []pending // Readys whose records are there, or that only wait for earlier ones
	syncing  bool
	mark     disk.Mark
	markSeq  uint64 // the newest Ready that the running fsync covers

	receiving  []*Message // snapshots whose database is being written
	checking   bool       // it compares its keys with the others' before it takes part
	installing bool       // a received database is about to replace the own one
	synced     uint64     // the newest Ready that an fsync has covered

	membership membership
	leaving    bool // removed: it stops soon

	publishNext clock.Time // not before then it tells its name again

	offered raft.Index // the snapshot that followers would get is at least this new
	saved   raft.Index // newest snapshot file
	saving  raft.SnapshotMeta

	backups  []OpID // databases on their way to clients
	filing   uint64 // the event that wrote the file of a leader's snapshot, while that is being synced; 0 is none
	purgeDue bool   // a round that removes files is scheduled

	committed []raft.Entry // to apply
	confAfter uint64       // the Ready that brought the newest configuration change of them
	knownBy   uint64       // the event that learnt of the newest of them
	applying  bool
	applied   raft.Index
	batch     bool // a backend commit is running
	batchDue  bool // one is scheduled
	syncDue   bool // a watch round is scheduled

	waiting  []waiter // client writes that wait for their entry
	unled    []waiter // client requests that wait for a leader
	reads    []read   // linearizable reads on their way
	streams  []stream // watches of clients
	requests uint64   // counter of request IDs

	leaderless int // ticks since a leader was known

	reset uint64 // the event that last wound up the election timer
	beats int    // heartbeats sent to each follower in this leadership

	upkeep
}

// arrival is a message in the inbox with the event that brought it.
type arrival struct {
	msg *Message
	by  uint64
}

// pending is a Ready on its way to the disk.
type pending struct {
	seq       uint64
	snapshot  *raft.Snapshot // to install once the WAL holds it
	hard      *raft.HardState
	entries   []raft.Entry
	afterSync []raft.Message
	mustSync  bool
	by        uint64 // the event that made it, then the one that wrote it
	op        OpID
}

func newMember(c *Cluster, id raft.ID) *member {
	return &member{id: id, disk: disk.New(), clock: trueClock(), down: DownNotStarted}
}

// start boots the member from its disk, as etcd does: WAL, then backend, then Raft from where the store is.
// A disk that cannot be trusted leaves the member down with the reason.
func (m *member) start(c *Cluster) {
	m.inc++
	m.up, m.paused, m.down, m.dirty = true, false, "", true
	m.process = process{}
	if !wal.Exist(m.disk) {
		if c.restores(m) {
			m.refuse(unfinished(m.id, "there is no WAL"))
			return
		}
		if c.config.On(ruleWipedStaysOut) {
			m.refuse(bootstrapped(m.id))
			return
		}
		if err := m.formatAgain(c); err != nil {
			m.refuse(err.Error())
			return
		}
	}
	log, found, err := m.openLog(c)
	if err != nil {
		m.refuse("WAL: " + err.Error())
		return
	}
	if found.Metadata != m.metadata(c) {
		m.refuse(fmt.Sprintf("WAL: it is that of member %x in cluster %x", found.Metadata.NodeID, found.Metadata.ClusterID))
		return
	}
	if err := m.recoverStore(c, found.Snapshot.Index); err != nil {
		m.refuse("backend: " + err.Error())
		return
	}
	if m.membership.gone(m.id) {
		m.refuse(errRemovedMember.Error())
		return
	}
	if found.Snapshot.Index == 0 {
		found.Snapshot.Conf = c.firstConf()
	}
	conf, err := loadConf(m.store)
	if err == nil {
		err = c.checkConf(conf)
	}
	if err != nil {
		m.refuse("backend: " + err.Error())
		return
	}
	m.applied = max(m.startsAt(c, &found), found.Snapshot.Index)
	m.saved, m.offered = found.Snapshot.Index, found.Snapshot.Index
	again := m.ran
	node, err := raft.New(m.raftConfig(c), raft.Persisted{
		HardState: found.HardState,
		Snapshot:  found.Snapshot,
		Entries:   found.Entries,
		Applied:   m.applied,
		Conf:      conf,
	})
	if err != nil {
		why := "raft: " + err.Error()
		if c.restores(m) {
			why = unfinished(m.id, why)
		}
		m.refuse(why)
		return
	}
	m.node, m.wal, m.ran = node, log, true
	m.hub = watch.New(m.store, watch.Config{Rules: c.config.ruleSet().watch})
	if again && c.config.Flags.InitialCorruptCheck {
		m.initialCheck(c)
		return
	}
	m.takePart(c, c.events)
}

// takePart lets the clock tick, and all that is done from time to time begin.
func (m *member) takePart(c *Cluster, by uint64) {
	m.scheduleTick(c)
	m.wantPurge(c, 0)
	m.beginUpkeep(c, by)
}

// recoverStore opens the database. One that is older than the snapshot in the WAL was to be replaced when the member
// died: the received one takes its place now, or entries would be missing for ever (etcd recoverSnapshotBackend).
func (m *member) recoverStore(c *Cluster, snapshot raft.Index) error {
	if err := m.openStore(c); err != nil || raft.Index(m.store.ConsistentIndex()) >= snapshot {
		return err
	}
	if !c.config.On(ruleDatabaseCovers) {
		return nil
	}
	return m.takeDB(c, snapshot)
}

// scheduleTick lets the clock tick next on a multiple of the tick: clocks that run true agree.
func (m *member) scheduleTick(c *Cluster) {
	at, ok := m.clock.nextBeat(c.now, c.config.Timing.Tick)
	if ok {
		c.queue.Push(at, item{kind: Tick, member: m.id, inc: m.inc})
	}
	m.ticking = ok
}

// putAside keeps what falls due while the member is paused.
func (m *member) putAside(c *Cluster, it *item) {
	m.stash = append(m.stash, clock.Item[item]{At: c.now, What: *it})
}

// resume lets the member go on: what fell due meanwhile happens at once, and its clock ticks again.
func (m *member) resume(c *Cluster) {
	m.paused = false
	m.wake(c)
	if !m.ticking && !m.checking {
		m.scheduleTick(c)
	}
}

// wake lets happen what was put aside.
func (m *member) wake(c *Cluster) {
	for _, it := range m.stash {
		c.queue.Push(max(c.now, it.At), it.What)
	}
	m.stash = nil
}

// refuse leaves the member down: it must not run on what it found.
func (m *member) refuse(why string) {
	m.up, m.down, m.process = false, why, process{}
}

// maxSizePerMsg is how many bytes of entries etcd puts into one append message.
const maxSizePerMsg = 1 << 20

func (m *member) raftConfig(c *Cluster) raft.Config {
	t := c.config.Timing
	seed := c.config.Seed
	return raft.Config{
		ID: m.id, ElectionTick: t.ElectionMin, HeartbeatTick: t.Heartbeat,
		Timeout: func(id raft.ID, term raft.Term) int {
			draw := clock.Draw(seed, clock.ForElection, uint64(id), uint64(term), 0)
			return int(clock.Between(draw, int64(t.ElectionMin), int64(t.ElectionMax)))
		},
		PreVote: true, CheckQuorum: true, ReadOnly: c.config.Flags.readOnly(), MaxSizePerMsg: maxSizePerMsg,
		Rules: c.config.ruleSet().raft,
	}
}

// kill takes the process away; the caller decides what happens to the disk.
func (m *member) kill(c *Cluster, why string, by uint64) {
	if !m.up {
		if m.down = why; m.restoring != nil {
			m.stopRestore(c, why)
		}
		return
	}
	m.last = m.node.View()
	m.hangUp(c, by)
	m.up, m.paused, m.down, m.dirty = false, false, why, true
	m.process, m.stash = process{}, nil
}

// tick advances the member's clock. A paused member misses its ticks.
func (m *member) tick(c *Cluster, e *Event) bool {
	if m.paused || m.clock.Rate == 0 {
		m.ticking = false
		return false
	}
	m.scheduleTick(c)
	e.Causes[1] = m.reset
	m.ticked = c.now
	m.node.Tick()
	m.retryReads(c)
	m.publish(c, e)
	m.drain(c, e)
	m.monitorLeader(c, e)
	return true
}

// handle works on the first message of the inbox.
func (m *member) handle(c *Cluster, e *Event) bool {
	if len(m.inbox) == 0 {
		return false
	}
	first := m.inbox[0]
	m.inbox = m.inbox[1:]
	e.Msg, e.Op, e.Causes[0] = first.msg, first.msg.Op, first.by
	if err := m.node.Step(first.msg.Message); err != nil {
		e.Note = err.Error()
	}
	m.drain(c, e)
	return true
}

// drain takes every effect out of the node and sends it on its way: messages that may leave leave, records go
// to the disk queue, committed entries to the apply queue.
func (m *member) drain(c *Cluster, e *Event) {
	m.dirty = true
	c.takeFacts(m, e)
	for {
		rd, ok := m.node.Ready()
		if !ok {
			break
		}
		m.accept(c, &rd, e)
		c.takeFacts(m, e)
	}
	m.serveUnled(c, e)
}

// accept takes one Ready. A leader's messages leave now, while its disk works (thesis §10.2.1); promises wait. From
// anybody else nothing leaves before what came with it is durable, as in etcd: a vote request promises the log that
// it speaks of, and a candidate that forgets its term could use its votes twice.
func (m *member) accept(c *Cluster, rd *raft.Ready, e *Event) {
	if rd.MustSync && m.node.View().Role != raft.Leader {
		now, later := promises(rd.Msgs)
		rd.Msgs, rd.AfterSync = now, append(later, rd.AfterSync...)
	}
	c.send(m, rd.Msgs, e)
	p := pending{
		seq: rd.Seq, snapshot: rd.Snapshot, hard: rd.HardState, entries: rd.Entries,
		afterSync: rd.AfterSync, mustSync: rd.MustSync,
		by: e.ID, op: e.Op,
	}
	switch {
	case rd.HardState != nil || len(rd.Entries) > 0 || rd.Snapshot != nil:
		m.toWrite = append(m.toWrite, p)
		c.after(0, item{kind: WALWrite, member: m.id, inc: m.inc, op: e.Op, cause: e.ID})
	case len(m.toWrite) > 0 || len(m.unsynced) > 0:
		m.queueAfter(p)
	default:
		m.node.Durable(rd.Seq)
		c.send(m, rd.AfterSync, e)
	}
	if len(rd.Committed) > 0 {
		m.committed = append(m.committed, rd.Committed...)
		if slices.ContainsFunc(rd.Committed, changesConf) {
			m.confAfter = rd.Seq
		}
		m.knownBy = e.ID
		m.answerEarly(c, rd.Committed, e)
		m.wantApply(c)
	}
	for _, r := range rd.Reads {
		m.readConfirmed(c, r, e)
	}
}

// promises parts what Raft lets go at once: a vote or an acknowledgement among it means that the rule to wait for the
// disk is switched off.
func promises(msgs []raft.Message) (now, later []raft.Message) {
	for i := range msgs {
		switch msgs[i].Type {
		case raft.MsgAppResp, raft.MsgVoteResp, raft.MsgPreVoteResp:
			now = append(now, msgs[i])
		default:
			later = append(later, msgs[i])
		}
	}
	return now, later
}

// queueAfter keeps a Ready without records behind the ones that have some: promises never overtake.
func (m *member) queueAfter(p pending) {
	if len(m.toWrite) > 0 {
		m.toWrite = append(m.toWrite, p)
		return
	}
	m.unsynced = append(m.unsynced, p)
}

// takeFacts copies what the node did into the event, and draws the conclusions that the observer needs.
func (c *Cluster) takeFacts(m *member, e *Event) {
	facts := m.node.TakeFacts()
	if len(facts) == 0 {
		return
	}
	e.Facts = c.keepFacts(e.Facts, facts)
	for i := range facts {
		f := &facts[i]
		switch f.Kind {
		case raft.FactTimerReset:
			m.reset = e.ID
		case raft.FactElected:
			m.beats = 0
		case raft.FactStepDown:
			m.demote(c, e)
		case raft.FactProposed:
			c.proposals.put(f.Term, f.Index, e.Op, e.ID)
			c.carried(e.Op, f.Term, f.Index)
		case raft.FactCommit:
			if e.Op == 0 || e.Causes[1] == 0 {
				op, by := c.proposals.get(f.Term, f.Index)
				e.Causes[1] = by
				if e.Op == 0 {
					e.Op = op
				}
			}
		}
	}
}

// keepFacts appends facts to an event's list, in memory that is never reused.
func (c *Cluster) keepFacts(have, more []raft.Fact) []raft.Fact {
	if len(c.facts)+len(have)+len(more) > cap(c.facts) {
		c.facts = make([]raft.Fact, 0, 1024+len(have)+len(more))
	}
	start := len(c.facts)
	c.facts = append(append(c.facts, have...), more...)
	return c.facts[start:len(c.facts):len(c.facts)]
}

// clone copies the member. Its process shares memory with the original until one of them writes.
func (m *member) clone() (*member, error) {
	n := *m
	n.disk = m.disk.Clone()
	if m.backend != nil {
		backend, err := m.backend.Clone()
		if err != nil {
			return nil, err
		}
		n.backend = backend
		n.backend.On(n.disk)
	}
	n.restoring = m.restoring.clone(n.disk)
	n.stash = slices.Clone(m.stash)
	n.view, n.dirty = nil, true
	if m.up {
		n.node = m.node.Clone()
		n.wal = m.wal.Clone(n.disk)
		n.store = m.store.Clone(n.backend)
		n.hub = m.hub.Clone(n.store)
	}
	n.inbox, n.receiving = slices.Clone(m.inbox), slices.Clone(m.receiving)
	n.toWrite, n.unsynced = slices.Clone(m.toWrite), slices.Clone(m.unsynced)
	n.committed = slices.Clone(m.committed)
	n.waiting, n.unled = slices.Clone(m.waiting), slices.Clone(m.unled)
	n.reads, n.streams = slices.Clone(m.reads), slices.Clone(m.streams)
	n.upkeep = m.upkeep.clone()
	return &n, nil
}

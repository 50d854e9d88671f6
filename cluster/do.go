package cluster

import (
	"errors"
	"fmt"
	"slices"

	"etcdscope/cluster/clock"
	"etcdscope/raft"
)

// Do carries out a command now, as one event of kind UserCommand. A command that makes no sense (an unknown
// member, a message that has arrived) changes nothing and says why.
func (c *Cluster) Do(cmd Command, e *Event) error {
	if err := c.check(&cmd); err != nil {
		return err
	}
	if err := c.waitUntil(cmd.At); err != nil {
		return err
	}
	kept := cmd
	*e = Event{ID: c.events + 1, At: c.now, Kind: UserCommand, Command: &kept}
	if len(cmd.Members) == 1 {
		e.Member, e.Inc = cmd.Members[0], c.member(cmd.Members[0]).inc
	}
	c.carryOut(&kept, e)
	c.finish(e)
	return nil
}

// waitUntil lets time pass in which nothing happens.
func (c *Cluster) waitUntil(at clock.Time) error {
	if next, ok := c.Next(); ok && at > next {
		return fmt.Errorf("a command at %v would come after the event at %v", at, next)
	}
	c.now = max(c.now, at)
	return nil
}

// maxClients is how many clients there may be.
const maxClients = 99

// asks says whether a command is a client's request, which Op describes.
func (k CommandKind) asks() bool {
	return k >= ClientPut && k <= ClientCancel || k >= ClientTxn && k <= AlarmDisarm ||
		k >= ClientMemberAdd && k <= ClientMemberList || k >= ClientSnapshot && k <= WatchProgress ||
		k >= ClientLock && k <= ClientObserve || k == ClientAuth
}

// longest is the longest duration that a command may name: a day.
const longest = 24 * 3600 * clock.Second

// check refuses what cannot be carried out.
func (c *Cluster) check(cmd *Command) error {
	if err := errors.Join(c.checkNames(cmd), c.checkAwake(cmd.asker())); err != nil {
		return err
	}
	switch cmd.Kind {
	case Crash, Poweroff, Restart, Pause, Resume, Campaign, SetTimer:
		return c.checkMembers(cmd)
	case Drop, Duplicate, Hold, Release:
		return c.checkMessages(cmd)
	case Defrag, EndpointStatus, EndpointHashKV, SetClock:
		if len(cmd.Members) == 0 {
			return fmt.Errorf("which member? Name one, such as n1, or all")
		}
		return nil
	case SetFlag:
		_, err := c.config.Flags.with(cmd.Flag, cmd.Value)
		return err
	case ClientTxn, ClientCompact, LeaseGrant, LeaseRevoke, LeaseKeepAlive, LeaseTimeToLive, LeaseList, AlarmList,
		AlarmDisarm, ClientSnapshot, ClientAuth:
		return c.checkRequest(cmd)
	case ClientPut, ClientGet, ClientDelete, ClientWatch:
		if cmd.Op == nil || len(cmd.Op.Key) == 0 {
			return fmt.Errorf("the key is empty: etcd needs one")
		}
		return c.checkRequest(cmd)
	case ClientMemberAdd, ClientMemberRemove, ClientMemberPromote, ClientMemberUpdate, ClientMemberSet:
		return c.checkChange(cmd)
	case ClientCancel, SlowWatch, FastWatch, WatchProgress:
		return c.checkWatch(cmd)
	case ClientLock, ClientElect, ClientObserve, ClientUnlock, ClientProclaim, ClientResign, PauseClient, ResumeClient:
		return c.checkHolder(cmd)
	case SetRule:
		return knownRule(cmd.Rule)
	case Disk, SlowDisk, Wipe:
		return c.checkDisk(cmd)
	case MoveLeader:
		return c.checkMove(cmd)
	case Partition:
		return c.checkGroups(cmd)
	case Loss:
		if cmd.Percent < 0 || cmd.Percent > 100 {
			return fmt.Errorf("a link cannot lose %d%% of its messages: want 0 to 100", cmd.Percent)
		}
	}
	return nil
}

// checkNames refuses members that do not exist, and durations that nothing can last: a file may hold any number.
func (c *Cluster) checkNames(cmd *Command) error {
	ids := slices.Concat(cmd.Members, slices.Concat(cmd.Groups...), []raft.ID{cmd.From, cmd.To})
	switch {
	case cmd.Op != nil && cmd.Op.Client > maxClients:
		return fmt.Errorf("there is no client c%d: want c1 to c%d", cmd.Op.Client, maxClients)
	case cmd.Op != nil:
		ids = append(ids, cmd.Op.Via)
		if err := c.checkUser(cmd.Op); err != nil {
			return err
		}
	case cmd.Kind.asks():
		return fmt.Errorf("%v does not say what it asks for", cmd.Kind)
	}
	for i, id := range ids {
		if uint64(id) > uint64(len(c.members)) || id == raft.None && i < len(cmd.Members) {
			return fmt.Errorf("there is no member n%d: this cluster has n1 to n%d", id, len(c.members))
		}
	}
	if cmd.For < 0 || cmd.For > longest {
		return fmt.Errorf("%v is no duration that a command may name: want 0 to %v", cmd.For, longest)
	}
	return nil
}

// checkMembers refuses to do to members what their state does not allow.
func (c *Cluster) checkMembers(cmd *Command) error {
	if len(cmd.Members) == 0 {
		return fmt.Errorf("which member? Name one, such as n1")
	}
	for _, id := range cmd.Members {
		m := c.member(id)
		switch {
		case m.checking && (cmd.Kind == Campaign || cmd.Kind == SetTimer):
			return fmt.Errorf("n%d compares its keys with the others' before it starts: wait until it does", id)
		case m.up && cmd.Kind == Resume && !m.paused:
			return fmt.Errorf("n%d is not paused", id)
		case m.up && cmd.Kind == Pause && m.paused:
			return fmt.Errorf("n%d is paused already: resume n%d", id, id)
		case m.up || cmd.Kind == Restart:
		case m.restoring != nil && (cmd.Kind == Crash || cmd.Kind == Poweroff):
		case m.restoring != nil:
			return fmt.Errorf("n%d is being restored: wait until it runs", id)
		case cmd.Kind == Poweroff && m.down != downPower: // the process is gone, the machine is not
		default:
			return fmt.Errorf("n%d is down (%s): restart n%d first", id, m.down, id)
		}
	}
	return nil
}

func (c *Cluster) checkMessages(cmd *Command) error {
	if cmd.Msg == 0 {
		return nil
	}
	for _, f := range c.flights() {
		if f.ID != cmd.Msg {
			continue
		}
		if cmd.Kind == Release && !f.Held {
			return fmt.Errorf("message #%d is not held: it is on its way", cmd.Msg)
		}
		if cmd.Kind == Hold && f.Held {
			return fmt.Errorf("message #%d is held already: release #%d", cmd.Msg, cmd.Msg)
		}
		return nil
	}
	return fmt.Errorf("message #%d is not on its way (any more)", cmd.Msg)
}

func (c *Cluster) checkWatch(cmd *Command) error {
	for _, o := range c.ops {
		ends := o.cancellable() && (o.Kind == ClientWatch || cmd.Kind == ClientCancel)
		if ends && o.Spec.Tag == cmd.Op.Tag {
			return nil
		}
	}
	if cmd.Kind != ClientCancel {
		return fmt.Errorf("no watch with the tag %q is running", cmd.Op.Tag)
	}
	return fmt.Errorf("no watch or keep-alive with the tag %q is running", cmd.Op.Tag)
}

// checkMove refuses what etcd's leader would refuse: there must be one, and another member to follow it.
func (c *Cluster) checkMove(cmd *Command) error {
	lead := c.leader()
	switch {
	case len(cmd.Members) != 1:
		return fmt.Errorf("leadership goes to one member: name it, such as n2")
	case lead == raft.None:
		return fmt.Errorf("there is no leader to hand over")
	case lead == cmd.Members[0]:
		return fmt.Errorf("n%d is the leader already", lead)
	}
	return nil
}

// moveLeader asks the leader to hand over; it does when the other has its whole log (thesis §3.10).
func (c *Cluster) moveLeader(to raft.ID, e *Event) {
	m := c.member(c.leader())
	if err := m.node.TransferLeader(to); err != nil {
		e.Note = err.Error()
	}
	m.drain(c, e)
}

func (c *Cluster) checkGroups(cmd *Command) error {
	seen := make([]bool, len(c.members)+1)
	for _, g := range cmd.Groups {
		for _, id := range g {
			if id == raft.None {
				return fmt.Errorf("a group names no member")
			}
			if seen[id] {
				return fmt.Errorf("n%d is in two groups", id)
			}
			seen[id] = true
		}
	}
	return nil
}

// carryOut dispatches a command that makes sense.
func (c *Cluster) carryOut(cmd *Command, e *Event) {
	switch cmd.Kind {
	case Crash, Poweroff, Restart, Pause, Resume, Campaign, SetTimer:
		for _, id := range cmd.Members {
			c.doMember(cmd, c.member(id), e)
		}
	case Cut, Heal, Partition, Isolate, Delay, Loss:
		c.doLinks(cmd)
	case Drop, Duplicate, Hold, Release:
		c.doMessages(cmd)
	case Align:
		c.align(cmd.Members)
	case Spread:
		c.spread(cmd.Members)
	case ClientPut, ClientGet, ClientDelete, ClientWatch, ClientMemberList:
		if cmd.Kind == ClientPut && cmd.Op.Lock != "" {
			c.callUnder(cmd.Op, e)
			break
		}
		c.call(cmd.Kind, cmd.Op, e)
	case ClientMemberAdd, ClientMemberRemove, ClientMemberPromote, ClientMemberUpdate, ClientMemberSet:
		c.callChange(cmd, e)
	case ClientCancel:
		c.cancelWatch(cmd.Op.Tag)
	case SlowWatch, FastWatch, WatchProgress:
		c.doWatch(cmd, e)
	case ClientLock, ClientElect, ClientObserve, ClientUnlock, ClientProclaim, ClientResign, PauseClient, ResumeClient:
		c.doClaim(cmd, e)
	case SetRule:
		c.switchRule(cmd.Rule, !cmd.Off)
	case MoveLeader:
		c.moveLeader(cmd.Members[0], e)
	case Disk, SlowDisk, Wipe:
		for _, id := range cmd.Members {
			c.doDisk(cmd, c.member(id), e)
		}
	default:
		c.doStore(cmd, e)
	}
}

// Why a member is down when somebody took it down.
const (
	downCrashed = "crashed"
	downPower   = "power off"
)

// DownNotStarted is why a member is down that never ran.
const DownNotStarted = "not started"

func (c *Cluster) doMember(cmd *Command, m *member, e *Event) {
	m.dirty = true
	switch cmd.Kind {
	case Crash:
		m.kill(c, downCrashed, e.ID)
		m.disk.Crash()
	case Poweroff:
		c.powerCut(m, e)
	case Restart:
		if m.up || m.restoring != nil {
			m.kill(c, downCrashed, e.ID)
			m.disk.Crash()
		}
		m.torn = false
		m.boot(c, e)
		e.Note = m.down
	case Pause:
		m.paused = true
	case Resume:
		m.resume(c)
		m.pushWatches(c, e) // a client may have become fast meanwhile
	case Campaign:
		m.node.Campaign()
		m.drain(c, e)
	case SetTimer:
		m.node.SetTimer(cmd.Ticks)
		m.drain(c, e)
	}
}

// boot starts a member, from an empty data directory if it has never run.
func (m *member) boot(c *Cluster, e *Event) {
	if m.backend == nil {
		if c.restores(m) {
			m.beginRestore(c, e.ID)
			return
		}
		if err := m.format(c); err != nil {
			m.refuse(err.Error())
			return
		}
	}
	m.start(c)
}

// tearOneIn is how rare a torn write is: one power cut of so many leaves some sectors of what was not synced.
const tearOneIn = 4

// tear draws which sectors of the last unsynced write survive a power cut; nil, mostly, is none.
func (c *Cluster) tear(m *member) func(n int) int {
	counter := c.events << 8
	draw := func(n int) int {
		counter++
		return int(clock.Draw(c.config.Seed, clock.ForTear, uint64(m.id), uint64(m.inc), counter) % uint64(n))
	}
	if draw(tearOneIn) != 0 {
		return nil
	}
	return draw
}

// timers returns the members that can time out, with their ticks left.
func (c *Cluster) timers(only []raft.ID) (ms []*member, least int) {
	least = c.config.Timing.ElectionMax
	for _, m := range c.members {
		if !m.up || len(only) > 0 && !slices.Contains(only, m.id) {
			continue
		}
		v := m.node.View()
		if v.Role == raft.Leader {
			continue
		}
		ms = append(ms, m)
		least = min(least, max(v.Timeout-v.Elapsed, 2))
	}
	return ms, least
}

// align lets election timers run out in the same tick, the earliest of them: a split vote is likely.
func (c *Cluster) align(only []raft.ID) {
	ms, left := c.timers(only)
	for _, m := range ms {
		m.node.SetTimer(left)
		m.dirty = true
	}
}

// spread lets election timers run out far apart: one candidate will be alone.
func (c *Cluster) spread(only []raft.ID) {
	ms, left := c.timers(only)
	t := c.config.Timing
	gap := int((2*t.LinkMax+2*t.Fsync)/t.Tick) + 2
	for i, m := range ms {
		m.node.SetTimer(left + i*gap)
		m.dirty = true
	}
}

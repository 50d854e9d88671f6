package raft_test

import (
	"fmt"
	"slices"
	"testing"

	"etcdscope/raft"
)

// chance is a small seeded generator (splitmix64), so that a schedule depends on nothing but its seed.
type chance uint64

func (c *chance) below(n int) int {
	*c += 0x9e3779b97f4a7c15
	z := uint64(*c)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return int((z ^ z>>31) % uint64(n))
}

// schedule is a cluster under a random driver: messages are lost, doubled and reordered, disks lag,
// members crash. The checker watches everything that can be seen from outside.
type schedule struct {
	t       *testing.T
	seed    int
	luck    chance
	members []*member
	flight  []raft.Message
	check   *guard
	reads   uint64
	faults  int  // percent of messages that are lost, and as many that are doubled
	wild    bool // a rule is off: go on whatever breaks
	confs   bool // configuration changes, transfers and compaction
	island  int  // members, as bits, that hear only each other
}

func newSchedule(t *testing.T, seed int, rules raft.Rules) *schedule {
	s := &schedule{luck: chance(seed)*7919 + 1}
	s.t, s.seed, s.check = t, seed, newGuard()
	s.faults = []int{0, 3, 10, 30}[s.luck.below(4)]
	s.confs = s.luck.below(2) == 0
	conf, spare := confOf(1+s.luck.below(5), 0), 0
	if s.confs {
		conf, spare = confOf(1+s.luck.below(4), s.luck.below(2)), 1+s.luck.below(2)
	}
	cfg := raft.Config{
		Rules:        rules,
		ElectionTick: 5, HeartbeatTick: 1, PreVote: s.luck.below(2) == 0, CheckQuorum: s.luck.below(2) == 0,
		OneEntry: s.luck.below(3) == 0, MaxInflight: 1 + s.luck.below(4),
		Timeout: func(id raft.ID, term raft.Term) int { return 5 + int(uint64(id)*31+uint64(term)*17)%7 },
	}
	cfg.Rules.NoNoop = cfg.Rules.NoNoop || s.luck.below(8) == 0
	for i := range len(conf.Voters) + len(conf.Learners) + spare {
		cfg.ID = raft.ID(i + 1)
		m := &member{cfg: cfg, disk: raft.Persisted{Snapshot: raft.SnapshotMeta{Conf: conf}}}
		s.members = append(s.members, m)
		s.check.members = s.members
		s.start(m)
	}
	return s
}

func (s *schedule) start(m *member) {
	// A state machine may survive a crash up to anything it had applied; the disk then held those entries.
	applied := m.disk.Snapshot.Index + raft.Index(s.luck.below(int(m.at.Index-m.disk.Snapshot.Index)+1))
	if err := m.boot(applied); err != nil && s.wild {
		m.disk.HardState, m.disk.Entries = raft.HardState{}, nil // a disk that was spoilt earlier is refused
		m.disk.Snapshot = raft.SnapshotMeta{Conf: m.disk.Snapshot.Conf}
		s.start(m)
		return
	} else if err != nil {
		s.t.Fatalf("seed %d: restart of n%d: %v", s.seed, m.cfg.ID, err)
	}
	s.check.restarted(m)
}

func (s *schedule) step() {
	m := s.members[s.luck.below(len(s.members))]
	if m.down {
		if s.luck.below(10) == 0 {
			s.start(m)
		}
		return
	}
	if s.wild && s.luck.below(50) == 0 {
		s.changeRules(m)
	}
	switch dice := s.luck.below(100); {
	case dice < 42:
		for range min(3, len(s.flight)) {
			s.moveMessage()
		}
	case dice < 65:
		m.node.Tick()
	case dice < 71:
		_ = m.node.Propose([]byte(fmt.Sprint(dice, len(s.flight))))
	case dice < 75:
		s.reads++
		s.check.readBegins(s.reads)
		_ = m.node.ReadIndex(s.reads)
	case dice < 87:
		s.durable(m, s.luck.below(len(m.queue)+1))
	case dice < 96:
		s.apply(m)
	case dice < 97 && s.confs && s.luck.below(2) == 0:
		s.manage(m)
	case dice < 97 && s.luck.below(2) == 0:
		s.replaceByClone(m)
	case dice < 97:
		m.node.SetTimer(1 + s.luck.below(10))
	case s.luck.below(60) < s.faults:
		m.down = true
	case s.faults > 0 && s.luck.below(4) == 0:
		s.island = s.luck.below(2) * s.luck.below(1<<len(s.members))
	case s.luck.below(2) == 0:
		m.node.Campaign()
	}
	s.drain(m)
}

// changeRules switches one rule of one member on or off in the middle of everything.
func (s *schedule) changeRules(m *member) {
	all := raft.SwitchableRules()
	field := all[s.luck.below(len(all))].Off(&m.cfg.Rules)
	*field = !*field
	m.node.SetRules(m.cfg.Rules)
}

// manage does what an operator does: members, leadership, snapshots.
func (s *schedule) manage(m *member) {
	other := raft.ID(1 + s.luck.below(len(s.members)))
	switch s.luck.below(8) {
	case 0, 1, 2:
		c := raft.ConfChange{Transition: raft.ConfChangeTransition(s.luck.below(3))}
		for range 1 + s.luck.below(2) {
			c.Changes = append(c.Changes, raft.ConfChangeSingle{
				Type: raft.ConfChangeType(s.luck.below(4)), Node: raft.ID(1 + s.luck.below(len(s.members))),
			})
		}
		if s.luck.below(3) == 0 {
			c = raft.ConfChange{}
		}
		if m.conf.Joint() || keepsMajority(m.conf, c) {
			_ = m.node.ProposeConfChange(c)
		}
	case 3:
		_ = m.node.TransferLeader(other)
	case 4:
		m.node.ReportUnreachable(other)
	case 5:
		m.node.ReportSnapshot(other, s.luck.below(2) == 0)
	default:
		if v := m.node.View(); m.at.Index > m.disk.Snapshot.Index && v.Snapshot == 0 && m.at.Index <= v.Applied &&
			m.at.Index <= m.lastOnDisk() {
			m.compact(m.at.Index - raft.Index(s.luck.below(int(m.at.Index-m.disk.Snapshot.Index))))
		}
	}
}

// keepsMajority leaves out changes that leave one voter: the rest of the schedule would wait for it.
func keepsMajority(conf raft.ConfState, c raft.ConfChange) bool {
	next, err := conf.Change(c)
	return err == nil && len(next.Voters) > 1
}

// moveMessage loses, doubles or delivers one message; how often in the wrong order depends on the seed.
func (s *schedule) moveMessage() {
	i := 0
	if s.luck.below(100) < 2*s.faults {
		i = s.luck.below(len(s.flight))
	}
	msg := s.flight[i]
	if s.luck.below(100) >= s.faults {
		s.flight = slices.Delete(s.flight, i, i+1)
	}
	to := s.members[msg.To-1]
	if to.down || s.cut(msg) || s.luck.below(100) < s.faults {
		return
	}
	s.deliver(to, msg)
	s.drain(to)
}

// deliver also checks that the reasons for and against a vote are the ones that the node follows.
func (s *schedule) deliver(to *member, msg raft.Message) {
	v := to.node.View()
	if err := to.node.Step(msg); err != nil || msg.Type != raft.MsgVote && msg.Type != raft.MsgPreVote || s.wild {
		return
	}
	want := !slices.ContainsFunc(raft.WhyVoteRefused(&v, msg), func(c raft.Conjunct) bool { return !c.Holds })
	facts := slices.Clone(to.node.TakeFacts())
	got := slices.ContainsFunc(facts, func(f raft.Fact) bool { return f.Kind == raft.FactVoteGranted })
	if got != want {
		s.t.Fatalf("seed %d: n%d: %v: granted %v, but %v", s.seed, v.ID, msg, got, raft.WhyVoteRefused(&v, msg))
	}
	s.check.observe(to, facts)
}

// cut says whether a partition lies between the sender and the addressee.
func (s *schedule) cut(m raft.Message) bool {
	return s.island>>(m.From-1)&1 != s.island>>(m.To-1)&1
}

// replaceByClone goes on with a clone and lets the original do things that the clone must not notice.
func (s *schedule) replaceByClone(m *member) {
	old := m.node
	m.node = old.Clone()
	_ = old.Propose([]byte("nobody sees this"))
	old.Campaign()
	old.Compact(old.View().Applied)
	_ = old.Step(raft.Message{
		Type: raft.MsgApp, From: m.cfg.ID%raft.ID(len(s.members)) + 1, To: m.cfg.ID, Term: old.View().Term + 1,
		Index: old.View().Commit, LogTerm: termAt(old, old.View().Commit),
		Entries: []raft.Entry{{Index: old.View().Commit + 1, Term: 1 << 20}},
	})
}

func termAt(n *raft.Node, i raft.Index) raft.Term {
	v := n.View()
	e, _ := v.Entry(i)
	return e.Term
}

func (s *schedule) drain(m *member) {
	if m.down {
		return
	}
	s.check.observe(m, m.node.TakeFacts())
	if len(s.check.broken) > 0 && !s.wild {
		s.t.Fatalf("seed %d: %v", s.seed, s.check.broken)
	}
	rd, ok := m.node.Ready()
	if !ok {
		return
	}
	s.check.handedOut(m, rd)
	s.flight = append(s.flight, rd.Msgs...)
	m.queue = append(m.queue, rd)
	m.pending = append(m.pending, rd.Committed...)
}

func (s *schedule) durable(m *member, count int) {
	if count == 0 {
		return
	}
	for _, rd := range m.queue[:count] {
		m.persist(rd)
		for _, msg := range rd.AfterSync {
			s.check.promised(m, msg)
			s.flight = append(s.flight, msg)
		}
	}
	m.node.Durable(m.queue[count-1].Seq)
	m.queue = slices.Delete(m.queue, 0, count)
}

func (s *schedule) apply(m *member) {
	if len(m.pending) == 0 {
		return
	}
	for range 1 + s.luck.below(len(m.pending)) {
		before := m.at.Index
		s.check.applied(m, m.apply(), before)
		s.check.observe(m, nil) // each configuration on its own
	}
	m.node.Applied(m.at.Index)
}

// heal runs the cluster without faults until everybody has applied the same log.
func (s *schedule) heal() bool {
	for range 400 {
		for _, m := range s.members {
			if m.down {
				s.start(m)
			}
			m.node.Tick()
			s.drain(m)
			s.quiesce()
		}
		if s.agrees() {
			return true
		}
		for _, m := range s.members {
			if m.node.View().Role != raft.Leader {
				continue
			}
			if m.cfg.Rules.NoNoop { // without a no-op, only a proposal commits what is there
				_ = m.node.Propose([]byte("end"))
			}
			m.compact(0) // a member that was added needs a snapshot that knows it
			for _, p := range m.node.View().Progress {
				m.node.ReportSnapshot(p.ID, false) // nobody else notices when one is lost
			}
			s.drain(m)
		}
	}
	return false
}

func (s *schedule) quiesce() {
	for busy := true; busy; {
		busy = len(s.flight) > 0
		for range len(s.flight) {
			msg := s.flight[0]
			s.flight = s.flight[1:]
			if to := s.members[msg.To-1]; !to.down {
				_ = to.node.Step(msg)
				s.drain(to)
			}
		}
		for _, m := range s.members {
			if !m.down && len(m.queue)+len(m.pending) > 0 {
				s.durable(m, len(m.queue))
				s.drain(m) // what is committed before the next configuration counts by this one
				s.apply(m)
				s.drain(m)
				busy = true
			}
		}
	}
}

// agrees says whether one member leads and everybody in its configuration holds and has applied what it holds.
func (s *schedule) agrees() bool {
	var leader raft.View
	for _, m := range s.members {
		if v := m.node.View(); v.Role == raft.Leader && v.Term > leader.Term {
			leader = v
		}
	}
	if leader.Term == 0 {
		return false
	}
	for _, m := range s.members {
		c := leader.Conf
		if v := m.node.View(); slices.Contains(slices.Concat(c.Voters, c.VotersOutgoing, c.Learners), v.ID) &&
			(v.Lead != leader.ID || v.Last != leader.Last || v.Applied != v.Last || v.Term != leader.Term) {
			return false
		}
	}
	return true
}

// TestRandomSchedules looks for a schedule that breaks a guarantee of Raft.
func TestRandomSchedules(t *testing.T) {
	steps := 3000
	first, seeds := seedsFor(200)
	elections, commits, reads := 0, 0, 0
	for seed := first; seed < first+seeds; seed++ {
		s := newSchedule(t, seed, raft.Rules{})
		for range steps {
			s.step()
		}
		if !s.heal() {
			t.Errorf("seed %d: no agreement after the faults have ended", seed)
		}
		reads += s.check.answered
		elections += len(s.check.leaders)
		commits += len(s.check.committed)
		if t.Failed() {
			return
		}
	}
	t.Logf("%d elections, %d committed entries, %d reads answered", elections, commits, reads)
	if elections < 4*seeds || commits < 20*seeds || reads < 3*seeds {
		t.Error("the schedules do too little to test anything")
	}
}

// TestNothingCrashesWithoutRules plays random schedules with rules switched off: whatever breaks,
// the node goes on.
func TestNothingCrashesWithoutRules(t *testing.T) {
	switches := raft.SwitchableRules()
	first, seeds := seedsFor(3 * len(switches))
	broken := 0
	for seed := first; seed < first+seeds; seed++ {
		var rules raft.Rules
		*switches[seed%len(switches)].Off(&rules) = true
		luck := chance(seed)
		for range luck.below(3) {
			*switches[luck.below(len(switches))].Off(&rules) = true
		}
		s := newSchedule(t, seed, rules)
		s.wild = true
		for range 1000 {
			s.step()
		}
		broken += min(1, len(s.check.broken))
	}
	if t.Logf("%d of %d schedules broke something", broken, seeds); broken == 0 {
		t.Error("nothing was broken: the switches do nothing")
	}
}

package raft_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	pb "go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"etcdscope/raft"
)

// lockstep is a cluster of ours with a shadow beside every member: messages are lost, doubled and
// reordered, disks stall, members crash and come back with what was on disk.
type lockstep struct {
	t       *testing.T
	luck    chance
	members []*lockMember
	flight  []raft.Message
	history []string
	confs   bool // configuration changes are proposed
	reads   uint64
	faults  int  // percent
	calm    int  // percent of steps that let everything settle
	unrest  int  // percent of steps with elections, partitions and lost backlogs
	hunting bool // a rule is off: a difference is what is looked for
	found   string
	island  int // members, as bits, that hear only each other
	seen    map[string]int
}

// lockMember is a member with its shadow.
type lockMember struct {
	member
	shadow *shadow
	marks  []int // of each queued Ready: how many appends etcd had emitted when it was taken
	conf   raft.ConfState
	states []raft.SnapshotMeta // the state machine after each entry since the disk's snapshot
	waits  raft.Term           // a read waits for the first commit of this term
}

func newLockstep(t *testing.T, seed int, off ...func(*raft.Rules) *bool) *lockstep {
	s := &lockstep{t: t, luck: chance(seed)*104729 + 3, seen: map[string]int{}, hunting: len(off) > 0}
	s.faults = []int{0, 2, 5, 20}[s.luck.below(4)]
	s.calm = []int{0, 2, 10, 20}[s.luck.below(4)]
	s.unrest = []int{0, 0, 3, 8}[s.luck.below(4)]
	s.confs = s.luck.below(2) == 0
	cfg := raft.Config{
		ElectionTick: 6, HeartbeatTick: 1, PreVote: s.luck.below(2) == 0, CheckQuorum: s.luck.below(2) == 0,
		MaxInflight: 1 + s.luck.below(5), SingletonReads: true, StepDownOnRemoval: s.luck.below(2) == 0,
		Timeout: func(id raft.ID, term raft.Term) int { return 6 + int(uint64(id)*31+uint64(term)*17)%6 },
	}
	if cfg.CheckQuorum && s.luck.below(4) == 0 {
		cfg.ReadOnly = raft.ReadOnlyLease
	}
	if s.luck.below(3) == 0 {
		cfg.MaxUncommittedSize = uint64(1 + s.luck.below(60))
	}
	cfg.Rules.ManyPendingChanges = s.luck.below(4) == 0
	for _, rule := range off {
		*rule(&cfg.Rules) = true
	}
	switch {
	case s.luck.below(3) == 0:
		cfg.OneEntry = true
	case !s.confs || cfg.Rules.ManyPendingChanges: // a refused change takes two bytes more in etcd
		cfg.MaxSizePerMsg = uint64(1 + s.luck.below(63))
	}
	if s.luck.below(3) == 0 && !s.confs {
		cfg.MaxCommittedSizePerReady = uint64(1 + s.luck.below(100))
	}
	if s.luck.below(2) == 0 && (cfg.OneEntry || cfg.MaxSizePerMsg > 0) {
		cfg.MaxInflightBytes = uint64(64 + s.luck.below(60))
	}
	conf := confOf(1+s.luck.below(5), s.luck.below(2))
	spare := 0
	if s.confs {
		spare = s.luck.below(3)
	}
	for i := range min(7, len(conf.Voters)+len(conf.Learners)+spare) {
		cfg.ID = raft.ID(i + 1)
		m := &lockMember{member: member{cfg: cfg, disk: raft.Persisted{Snapshot: raft.SnapshotMeta{Conf: conf}}}}
		s.members = append(s.members, m)
		s.start(m)
	}
	return s
}

// start boots both sides from the same disk, with a state machine that is as old as the disk's
// snapshot or as young as the synced commit index.
func (s *lockstep) start(m *lockMember) {
	m.disk.Applied, m.disk.Conf = m.disk.Snapshot.Index, nil
	m.conf = m.disk.Snapshot.Conf
	kept := 0
	for kept < len(m.states) && m.states[kept].Index <= m.disk.HardState.Commit {
		kept++
	}
	if m.states = m.states[:kept]; kept > 0 && s.luck.below(2) == 0 {
		last := m.states[kept-1]
		m.disk.Applied, m.disk.Conf, m.conf = last.Index, &last.Conf, last.Conf
	} else {
		m.states = nil
	}
	node, err := raft.New(m.cfg, m.disk)
	if err != nil {
		s.t.Fatal(err)
	}
	m.node, m.down, m.queue, m.pending, m.marks, m.waits = node, false, nil, nil, nil, 0
	m.shadow = newShadow(s.t, m.cfg, m.disk)
	s.drain(m)
}

func (s *lockstep) note(format string, args ...any) {
	if len(s.history) > 200 {
		s.history = slices.Clone(s.history[100:])
	}
	s.history = append(s.history, fmt.Sprintf(format, args...))
	word, _, _ := strings.Cut(s.history[len(s.history)-1], " ")
	s.seen[word]++
}

func (s *lockstep) step() {
	m := s.members[s.luck.below(len(s.members))]
	if m.down {
		if s.luck.below(8) == 0 {
			s.note("restart n%d", m.cfg.ID)
			s.start(m)
		}
		return
	}
	switch dice := s.luck.below(100); {
	case dice < s.calm:
		s.settle()
	case dice < s.calm+s.unrest:
		s.disturb(m)
	case dice < 44:
		for range min(2+3*len(s.members), len(s.flight)) {
			s.deliver()
		}
	case dice < 56:
		s.note("tick n%d", m.cfg.ID)
		m.node.Tick()
		m.shadow.node.Tick()
	case dice < 76:
		s.durable(m, len(m.queue)-s.luck.below(len(m.queue)+1)*s.luck.below(2))
	case dice < 86:
		s.apply(m)
	case dice < 95:
		data := make([]byte, s.luck.below(40))
		s.note("propose n%d %d bytes", m.cfg.ID, len(data))
		s.sameError(m, m.node.Propose(data), m.shadow.node.Propose(data))
	default:
		s.rare(m)
	}
	s.drain(m)
}

// settle gives everybody time: most seeds have hours without trouble, or nothing would ever be committed.
func (s *lockstep) settle() {
	for range 4 {
		for range len(s.flight) {
			s.deliver()
		}
		for _, m := range s.members {
			if !m.down {
				s.durable(m, len(m.queue))
				s.drain(m)
				s.apply(m)
				s.drain(m)
			}
		}
	}
}

// deliver moves one message, often the oldest, and sometimes loses or doubles it.
func (s *lockstep) deliver() {
	if len(s.flight) == 0 {
		return
	}
	i := 0
	if s.luck.below(4) == 0 {
		i = s.luck.below(len(s.flight))
	}
	msg := s.flight[i]
	if s.luck.below(100) >= s.faults {
		s.flight = slices.Delete(s.flight, i, i+1)
	}
	m := s.members[msg.To-1]
	cut := s.island>>(msg.From-1)&1 != s.island>>(msg.To-1)&1
	if m.down || cut || s.luck.below(100) < s.faults || msg.Type == raft.MsgReadIndex && !s.mayRead(m) {
		return
	}
	s.note("deliver %v", msg)
	if m.node.View().Lead == raft.None && (msg.Type == raft.MsgTransfer || msg.Type == raft.MsgReadIndex) {
		return
	}
	if msg.Type == raft.MsgTransfer && m.node.View().Role != raft.Leader {
		return // etcd panics when it passes it on a second time
	}
	_ = m.node.Step(msg)
	_ = m.shadow.node.Step(asShadowMessage(msg))
	s.drain(m)
}

// durable syncs the oldest count Readys, one by one: what one of them commits leaves before the next.
func (s *lockstep) durable(m *lockMember, count int) {
	for range count {
		rd := m.queue[0]
		s.note("durable n%d %d of %d", m.cfg.ID, rd.Seq, len(m.queue))
		if rd.Snapshot != nil {
			m.states, m.conf = nil, rd.Snapshot.Meta.Conf
			if n := len(m.shadow.pending); n > 0 { // the snapshot has overtaken them
				m.shadow.applied(m.shadow.pending[n-1].GetIndex())
			}
			m.pending = nil
		}
		persist(&m.disk, rd)
		var sent []string
		for _, msg := range rd.AfterSync {
			s.flight = append(s.flight, msg)
			sent = append(sent, sentText(asShadowMessage(msg)))
		}
		m.node.Durable(rd.Seq)
		theirs := m.shadow.durable(m.marks[0])
		m.queue, m.marks = m.queue[1:], m.marks[1:]
		if diff := sameLines(sent, theirs) + s.diskDiffers(m); diff != "" {
			s.fail(m, diff)
		}
	}
}

// diskDiffers compares what both sides have on disk: after a crash they begin with it.
func (s *lockstep) diskDiffers(m *lockMember) string {
	if len(m.marks) > 0 && m.marks[0] <= m.shadow.emitted-len(m.shadow.appends) {
		return "" // etcd has written in one piece what we write in several
	}
	hard, _, err := m.shadow.storage.MemoryStorage.InitialState()
	m.shadow.check(err)
	last, err := m.shadow.storage.LastIndex()
	m.shadow.check(err)
	ours := m.disk.HardState
	if uint64(ours.Term) != hard.GetTerm() || uint64(ours.Vote) != hard.GetVote() || uint64(m.lastOnDisk()) != last {
		return fmt.Sprintf("disk: ours %v up to %d, etcd %v up to %d", ours, m.lastOnDisk(), hard, last)
	}
	return ""
}

// apply lets both state machines take what both sides have handed out.
func (s *lockstep) apply(m *lockMember) {
	if len(m.pending) == 0 || len(m.shadow.pending) == 0 {
		return
	}
	index := min(m.pending[s.luck.below(len(m.pending))].Index,
		raft.Index(m.shadow.pending[len(m.shadow.pending)-1].GetIndex()))
	s.note("apply n%d up to %d", m.cfg.ID, index)
	for len(m.pending) > 0 && m.pending[0].Index <= index {
		e := m.pending[0]
		m.pending = m.pending[1:]
		if e.Type != raft.EntryNormal {
			s.applyConf(m, e)
		}
		m.states = append(m.states, raft.SnapshotMeta{Index: e.Index, Term: e.Term, Conf: m.conf})
	}
	m.node.Applied(index)
	m.shadow.applied(uint64(index))
}

// applyConf leaves out what etcd would panic on.
func (s *lockstep) applyConf(m *lockMember, e raft.Entry) {
	c, err := raft.DecodeConfChange(e.Type, e.Data)
	if err != nil {
		s.fail(m, err.Error())
	}
	if v := m.node.View(); v.Snapshot != 0 { // etcd would change the snapshot's configuration
		_, err = m.node.ApplyConfChange(c)
		m.shadow.check(err)
		return
	}
	want, wrong := m.conf.Change(c)
	conf, err := m.node.ApplyConfChange(c)
	if (err == nil) != (wrong == nil) {
		s.fail(m, fmt.Sprintf("ApplyConfChange says %v, Change says %v", err, wrong))
	}
	if err != nil {
		s.note("conf-impossible n%d %v: %v", m.cfg.ID, c, err)
		return
	}
	s.note("conf-applied n%d %v", m.cfg.ID, conf)
	m.conf = conf
	if !conf.Equal(want) {
		s.fail(m, fmt.Sprintf("ApplyConfChange gives %v, Change gives %v", conf, want))
	}
	var change pb.ConfChangeI
	if e.Type == raft.EntryConfChange {
		v1 := &pb.ConfChange{}
		m.shadow.check(proto.Unmarshal(e.Data, v1))
		change = v1
	} else {
		v2 := &pb.ConfChangeV2{}
		m.shadow.check(proto.Unmarshal(e.Data, v2))
		change = v2
	}
	if got := m.shadow.node.ApplyConfChange(change); !proto.Equal(sortedConf(got), asConfState(conf)) {
		s.fail(m, fmt.Sprintf("configuration: ours %v, etcd %v", conf, got))
	}
}

func sortedConf(c *pb.ConfState) *pb.ConfState {
	for _, ids := range [][]uint64{c.Voters, c.Learners, c.VotersOutgoing, c.LearnersNext} {
		slices.Sort(ids)
	}
	return c
}

// drain takes the Readys of both sides and compares everything that can be seen.
func (s *lockstep) drain(m *lockMember) {
	var sent, reads []string
	took := len(m.queue)
	for rd, ok := m.node.Ready(); ok; rd, ok = m.node.Ready() {
		m.queue = append(m.queue, rd)
		m.pending = append(m.pending, rd.Committed...)
		for _, msg := range rd.Msgs {
			s.flight = append(s.flight, msg)
			sent = append(sent, sentText(asShadowMessage(msg)))
		}
		for _, r := range rd.Reads {
			reads = append(reads, fmt.Sprintf("read %d at %d", r.Context, r.Index))
			s.seen["read-answered"]++
		}
	}
	for _, f := range m.node.TakeFacts() {
		s.seen["rule:"+f.Rule.ID]++
		if f.Kind == raft.FactViolation {
			s.fail(m, f.Sentence(nil))
		}
	}
	theirs, theirReads := m.shadow.drain()
	for range len(m.queue) - took {
		m.marks = append(m.marks, m.shadow.emitted)
	}
	diff := sameLines(sent, theirs) + sameLines(reads, theirReads)
	v := m.node.View()
	m.shadow.set("randomizedElectionTimeout", v.Timeout)
	if v.Role != raft.Leader {
		m.shadow.loseWaitingReads()
	}
	diff += strings.Join(m.shadow.differences(&v), "\n")
	// What a disk holds counts a little later in etcd after a change of term, so a limit can cut elsewhere.
	unlimited := m.cfg.MaxCommittedSizePerReady == 0
	if unlimited && len(m.queue) == 0 && len(m.pending) != len(m.shadow.pending) {
		diff += fmt.Sprintf("to apply: ours %d entries, etcd %d", len(m.pending), len(m.shadow.pending))
	}
	if diff != "" {
		s.fail(m, diff)
	}
}

func (s *lockstep) fail(m *lockMember, diff string) {
	s.t.Helper()
	if s.hunting {
		s.found = diff
		return
	}
	s.t.Fatalf("n%d differs from etcd after\n  %s\n%s", m.cfg.ID,
		strings.Join(s.history[max(0, len(s.history)-25):], "\n  "), diff)
}

// seedsFor returns how many seeds a random test plays, and from which on: for long runs RAFT_SEEDS and RAFT_FIRST
// say so.
func seedsFor(standard int) (first, seeds int) {
	number := func(name string, otherwise int) int {
		if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
			return n
		}
		return otherwise
	}
	return number("RAFT_FIRST", 0), number("RAFT_SEEDS", standard)
}

// TestLockstepWithEtcd gives go.etcd.io/raft the same inputs and expects the same state after each of
// them, the same messages, and the same effects. RAFT_SEEDS says how many seeds of 500 steps.
func TestLockstepWithEtcd(t *testing.T) {
	first, seeds := seedsFor(500)
	total, seen := 0, map[string]int{}
	for seed := first; seed < first+seeds; seed++ {
		s := newLockstep(t, seed)
		s.note("seed %d", seed)
		for range 500 {
			s.step()
		}
		for _, m := range s.members {
			total += int(m.node.View().Commit)
		}
		for word, n := range s.seen {
			seen[word] += n
		}
	}
	t.Logf("commit indexes add up to %d; %v", total, seen)
	for _, r := range raft.AllRules() {
		if seen["rule:"+r.ID] == 0 {
			t.Logf("no schedule follows the rule %s", r.ID)
		}
	}
	if total < 30*seeds {
		t.Errorf("commit indexes add up to only %d in %d runs: they compare nothing", total, seeds)
	}
}

// hunt says whether the lock-step run of one seed notices that a rule is off: by a difference, or because etcd
// panics at what our side sends.
func hunt(t *testing.T, seed int, off func(*raft.Rules) *bool) (found bool) {
	defer func() {
		if recover() != nil {
			found = true
		}
	}()
	s := newLockstep(t, seed, off)
	for range 500 {
		if s.step(); s.found != "" {
			return true
		}
	}
	return false
}

// noticed are the rules whose absence the lock-step run must notice within a few seeds. Missing are those that
// etcd's side is told about as well, that concern only the disk from which both sides start, that etcd has
// no counterpart for, and that need rarer schedules; testdata/switches has one for each of them.
const noticed = "prevote checkquorum vote-lease majority vote-once log-check-on-vote step-down " +
	"ignore-lower-term vote-after-fsync campaign-needs-applied-config noop commit-current-term-only fsync " +
	"own-ack-after-fsync persist-vote persist-term truncate-only-on-conflict truncate-conflicts commit-within-append " +
	"heartbeat-commit-within-match leader-append-only backtrack reject-hint probe-after-reject inflight-limit " +
	"forward-proposals read-index one-at-a-time conf-needs-own-term-commit config-on-apply " +
	"learners-do-not-count transfer-caught-up no-proposals-in-transfer votes-of-own-term learners-vote"

// noticedLate are rules that need rarer schedules, with a seed that is near the first one that notices.
var noticedLate = map[string]int{
	"last-term-first": 240, "prev-check": 240, "snapshot-keeps-suffix": 440, "ignore-old-snapshot": 560,
}

// TestLockstepNotices checks the check: with a rule of ours off, the comparison with etcd must fail.
func TestLockstepNotices(t *testing.T) {
	names, noticed := strings.Fields(noticed), map[string]bool{}
	for _, s := range raft.SwitchableRules() {
		first, late := noticedLate[s.Name]
		if at := slices.Index(names, s.Name); at >= 0 {
			names = slices.Delete(names, at, at+1)
		} else if !late {
			continue
		}
		seed := first
		for seed < first+60 && !hunt(t, seed, s.Off) {
			seed++
		}
		if seed == first+60 {
			t.Errorf("nothing differs without the rule %s", s.Name)
		}
		noticed[s.Name] = true
	}
	if len(names) > 0 {
		t.Errorf("no rules are called %v", names)
	}
	missed := 0
	for _, m := range mutations[:29] { // a cluster of one answers early on both sides
		if !noticed[m.script] {
			t.Logf("left to its script: %s", m.what)
			missed++
		}
	}
	if missed > 2 {
		t.Errorf("the comparison with etcd misses %d of 29 mutations", missed)
	}
}

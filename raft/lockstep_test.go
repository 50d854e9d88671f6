package raft_test

import (
	"fmt"
	"io"
	"log"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unsafe"

	etcd "go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"
	"go.etcd.io/raft/v3/tracker"

	"etcdscope/raft"
)

// shadow is etcd's own raft beside one member. It gets the same inputs; what it sends is thrown away.
type shadow struct {
	node    *etcd.RawNode
	storage shadowStorage
	cfg     etcd.Config
}

// shadowStorage adds the configuration that etcd's memory storage takes only from snapshots.
type shadowStorage struct {
	*etcd.MemoryStorage
	conf *pb.ConfState
}

func (s shadowStorage) InitialState() (*pb.HardState, *pb.ConfState, error) {
	hs, _, err := s.MemoryStorage.InitialState()
	return hs, s.conf, err
}

func newShadow(t *testing.T, c raft.Config, conf raft.ConfState) *shadow {
	s := &shadow{storage: shadowStorage{etcd.NewMemoryStorage(), &pb.ConfState{}}}
	for _, id := range conf.Voters {
		s.storage.conf.Voters = append(s.storage.conf.Voters, uint64(id))
	}
	for _, id := range conf.Learners {
		s.storage.conf.Learners = append(s.storage.conf.Learners, uint64(id))
	}
	s.cfg = etcd.Config{
		ID: uint64(c.ID), ElectionTick: c.ElectionTick, HeartbeatTick: c.HeartbeatTick, Storage: s.storage,
		MaxSizePerMsg: math.MaxUint64, MaxCommittedSizePerReady: math.MaxUint64, MaxInflightMsgs: c.MaxInflight,
		CheckQuorum: c.CheckQuorum, PreVote: c.PreVote,
		Logger: &etcd.DefaultLogger{Logger: log.New(io.Discard, "", 0)},
	}
	if c.OneEntry {
		s.cfg.MaxSizePerMsg = 0
	}
	s.restart(t)
	return s
}

func (s *shadow) restart(t *testing.T) {
	node, err := etcd.NewRawNode(&s.cfg)
	if err != nil {
		t.Fatal(err)
	}
	s.node = node
}

// set writes one of the two fields that etcd fills from its own generator or at another moment.
func (s *shadow) set(field string, ticks int) {
	v := reflect.ValueOf(s.node).Elem().FieldByName("raft").Elem().FieldByName(field)
	if v.Kind() != reflect.Int {
		panic("etcd's raft has no int field " + field)
	}
	*(*int)(unsafe.Pointer(v.UnsafeAddr())) = ticks
}

// drain persists and applies everything at once, and returns what etcd would have sent.
func (s *shadow) drain(t *testing.T) (sent []string) {
	for s.node.HasReady() {
		rd := s.node.Ready()
		if rd.HardState != nil && !etcd.IsEmptyHardState(rd.HardState) {
			if err := s.storage.SetHardState(rd.HardState); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.storage.Append(rd.Entries); err != nil {
			t.Fatal(err)
		}
		for _, m := range rd.Messages {
			sent = append(sent, sentText(m))
		}
		s.node.Advance(rd)
	}
	return sent
}

// sentText writes what matters of a message, in one line.
func sentText(m *pb.Message) string {
	var first uint64
	if len(m.Entries) > 0 {
		first = m.Entries[0].GetIndex()
	}
	return fmt.Sprintf("%d>%d %v t%d %d/%d commit %d entries %d from %d reject %v %d",
		m.GetFrom(), m.GetTo(), m.GetType(), m.GetTerm(),
		m.GetIndex(), m.GetLogTerm(), m.GetCommit(), len(m.Entries), first, m.GetReject(), m.GetRejectHint())
}

func (s *shadow) text(t *testing.T) string {
	var b strings.Builder
	st := s.node.BasicStatus()
	fmt.Fprintf(&b, "%v t%d vote %d lead %d commit %d log", st.RaftState, st.HardState.GetTerm(),
		st.HardState.GetVote(), st.Lead, st.HardState.GetCommit())
	last, err := s.storage.LastIndex()
	if err != nil {
		t.Fatal(err)
	}
	for i := uint64(1); i <= last; i++ {
		term, err := s.storage.Term(i)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, " %d", term)
	}
	if st.RaftState != etcd.StateLeader {
		return b.String()
	}
	var peers []string
	s.node.WithProgress(func(id uint64, _ etcd.ProgressType, p tracker.Progress) {
		if id != st.ID {
			peers = append(peers,
				fmt.Sprintf(" | %d match %d next %d %v %v", id, p.Match, p.Next, p.State, p.RecentActive))
		}
	})
	slices.Sort(peers)
	return b.String() + strings.Join(peers, "")
}

// asShadowText writes a view in the words of shadow.text.
func asShadowText(v *raft.View) string {
	var b strings.Builder
	roles := [...]etcd.StateType{
		etcd.StateFollower, etcd.StatePreCandidate, etcd.StateCandidate, etcd.StateLeader,
	}
	fmt.Fprintf(&b, "%v t%d vote %d lead %d commit %d log", roles[v.Role], v.Term, v.Vote, v.Lead, v.Commit)
	for i := v.First; i <= v.Last; i++ {
		e, _ := v.Entry(i)
		fmt.Fprintf(&b, " %d", e.Term)
	}
	for _, p := range v.Progress {
		if p.ID != v.ID {
			states := [...]tracker.StateType{tracker.StateProbe, tracker.StateReplicate, tracker.StateSnapshot}
			fmt.Fprintf(&b, " | %d match %d next %d %v %v", p.ID, p.Match, p.Next, states[p.State], p.Active)
		}
	}
	return b.String()
}

// asShadowMessage copies the fields; MsgHeartbeat carries no read round here.
func asShadowMessage(m raft.Message) *pb.Message {
	out := &pb.Message{
		Type: pb.MessageType(m.Type).Enum(),
		From: new(uint64(m.From)), To: new(uint64(m.To)), Term: new(uint64(m.Term)),
		LogTerm: new(uint64(m.LogTerm)), Index: new(uint64(m.Index)), Commit: new(uint64(m.Commit)),
		Reject: new(m.Reject), RejectHint: new(uint64(m.RejectHint)),
	}
	for _, e := range m.Entries {
		entry := &pb.Entry{Data: e.Data, Type: pb.EntryType(e.Type).Enum()}
		if m.Type != raft.MsgProp {
			entry.Term, entry.Index = new(uint64(e.Term)), new(uint64(e.Index))
		}
		out.Entries = append(out.Entries, entry)
	}
	return out
}

// lockstep is a cluster of ours with a shadow beside every member.
type lockstep struct {
	t       *testing.T
	luck    chance
	members []*member
	shadows []*shadow
	flight  []raft.Message
	history []string
}

func newLockstep(t *testing.T, seed int) *lockstep {
	s := &lockstep{t: t, luck: chance(seed)*104729 + 3}
	cfg := raft.Config{
		ElectionTick: 6, HeartbeatTick: 1, PreVote: s.luck.below(2) == 0, CheckQuorum: s.luck.below(2) == 0,
		OneEntry: s.luck.below(2) == 0, MaxInflight: 1 + s.luck.below(5),
		Timeout: func(id raft.ID, term raft.Term) int { return 6 + int(uint64(id)*31+uint64(term)*17)%6 },
	}
	conf := confOf(1+s.luck.below(5), s.luck.below(2))
	for _, id := range slices.Concat(conf.Voters, conf.Learners) {
		cfg.ID = id
		m := &member{cfg: cfg, disk: raft.Persisted{Snapshot: raft.SnapshotMeta{Conf: conf}}}
		s.members, s.shadows = append(s.members, m), append(s.shadows, newShadow(t, cfg, conf))
		s.start(m)
		s.compare(m)
	}
	return s
}

func (s *lockstep) start(m *member) {
	node, err := raft.New(m.cfg, m.disk)
	if err != nil {
		s.t.Fatal(err)
	}
	m.node = node
}

func (s *lockstep) shadow(m *member) *shadow { return s.shadows[m.cfg.ID-1] }

func (s *lockstep) note(format string, args ...any) {
	s.history = append(s.history, fmt.Sprintf(format, args...))
}

func (s *lockstep) step() {
	m := s.members[s.luck.below(len(s.members))]
	sh := s.shadow(m)
	switch dice := s.luck.below(100); {
	case dice < 55:
		for range min(4, len(s.flight)) {
			s.compare(s.deliver())
		}
	case dice < 80:
		s.note("tick %d", m.cfg.ID)
		m.node.Tick()
		sh.node.Tick()
	case dice < 92:
		s.note("propose %d", m.cfg.ID)
		ours, theirs := m.node.Propose([]byte("x")), sh.node.Propose([]byte("x"))
		if (ours == nil) != (theirs == nil) {
			s.fail(m, fmt.Sprint(ours), fmt.Sprint(theirs))
		}
	case dice < 97:
		s.note("campaign %d", m.cfg.ID)
		if v := m.node.View(); v.Role != raft.Leader && slices.Contains(v.Conf.Voters, v.ID) {
			sh.set("electionElapsed", 0) // etcd leaves the timer running when a pre-vote is asked for by hand
		}
		m.node.Campaign()
		_ = sh.node.Campaign()
	default:
		s.note("restart %d", m.cfg.ID)
		s.start(m)
		sh.restart(s.t)
	}
	s.compare(m)
}

// deliver moves one message, often the oldest, and sometimes loses or doubles it.
func (s *lockstep) deliver() *member {
	i := 0
	if s.luck.below(4) == 0 {
		i = s.luck.below(len(s.flight))
	}
	msg := s.flight[i]
	if s.luck.below(20) != 0 {
		s.flight = slices.Delete(s.flight, i, i+1)
	}
	m := s.members[msg.To-1]
	if s.luck.below(10) == 0 {
		return m
	}
	s.note("deliver %v", msg)
	_ = m.node.Step(msg)
	_ = s.shadow(m).node.Step(asShadowMessage(msg))
	return m
}

func (s *lockstep) compare(m *member) {
	var sent []string
	for rd, ok := m.node.Ready(); ok; rd, ok = m.node.Ready() {
		persist(&m.disk, rd)
		m.node.Durable(rd.Seq)
		for _, msg := range slices.Concat(rd.Msgs, rd.AfterSync) {
			s.flight = append(s.flight, msg)
			sent = append(sent, sentText(asShadowMessage(msg)))
		}
		if n := len(rd.Committed); n > 0 {
			m.node.Applied(rd.Committed[n-1].Index)
		}
	}
	m.node.TakeFacts()
	sh := s.shadow(m)
	theirs := sh.drain(s.t)
	slices.Sort(sent)
	slices.Sort(theirs)
	if !slices.Equal(sent, theirs) {
		s.fail(m, strings.Join(sent, "\n      "), strings.Join(theirs, "\n      "))
	}
	v := m.node.View()
	sh.set("randomizedElectionTimeout", v.Timeout)
	if ours, theirs := asShadowText(&v), sh.text(s.t); ours != theirs {
		s.fail(m, ours, theirs)
	}
}

func (s *lockstep) fail(m *member, ours, theirs string) {
	s.t.Helper()
	from := max(0, len(s.history)-12)
	s.t.Fatalf("n%d differs from etcd after\n  %s\nours  %s\netcd  %s",
		m.cfg.ID, strings.Join(s.history[from:], "\n  "), ours, theirs)
}

// TestLockstepWithEtcd gives go.etcd.io/raft the same inputs and expects the same state after each of them.
func TestLockstepWithEtcd(t *testing.T) {
	seeds, total := 150, 0
	if testing.Short() {
		seeds = 40
	}
	for seed := range seeds {
		s := newLockstep(t, seed)
		for range 400 {
			s.step()
		}
		for _, m := range s.members {
			total += int(m.node.View().Commit)
		}
	}
	if total < 30*seeds {
		t.Errorf("commit indexes add up to only %d in %d runs: they compare nothing", total, seeds)
	}
}

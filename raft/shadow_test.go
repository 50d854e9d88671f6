package raft_test

import (
	"encoding/binary"
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

// shadow is etcd's own raft beside one member. It gets the same inputs, and what it sends is compared and
// thrown away. It runs with asynchronous storage writes, whose contract is the one of package raft.
type shadow struct {
	t       *testing.T
	id      uint64
	node    *etcd.RawNode
	storage *shadowStorage
	cfg     etcd.Config
	appends []*pb.Message // MsgStorageAppend, waiting for the disk
	emitted int           // how many there ever were
	pending []*pb.Entry   // committed, to apply
	log     []*pb.Entry   // handed out so far, from first on
	first   uint64
}

// shadowStorage adds what etcd's memory storage does not keep apart: the configuration at Applied, and the
// snapshot that can be sent.
type shadowStorage struct {
	*etcd.MemoryStorage
	conf    *pb.ConfState
	offered *pb.Snapshot
}

func (s *shadowStorage) InitialState() (*pb.HardState, *pb.ConfState, error) {
	hs, _, err := s.MemoryStorage.InitialState()
	return hs, s.conf, err
}

func (s *shadowStorage) Snapshot() (*pb.Snapshot, error) {
	if s.offered == nil {
		return nil, etcd.ErrSnapshotTemporarilyUnavailable
	}
	return s.offered, nil
}

// newShadow starts etcd's raft from the same disk.
func newShadow(t *testing.T, c raft.Config, p raft.Persisted) *shadow {
	s := &shadow{t: t, id: uint64(c.ID)}
	s.cfg = etcd.Config{
		ID: uint64(c.ID), ElectionTick: c.ElectionTick, HeartbeatTick: c.HeartbeatTick,
		MaxSizePerMsg: c.MaxSizePerMsg, MaxCommittedSizePerReady: c.MaxCommittedSizePerReady, MaxInflightMsgs: c.MaxInflight,
		MaxInflightBytes: c.MaxInflightBytes, MaxUncommittedEntriesSize: c.MaxUncommittedSize,
		CheckQuorum: c.CheckQuorum, PreVote: c.PreVote, ReadOnlyOption: etcd.ReadOnlyOption(c.ReadOnly),
		DisableConfChangeValidation: c.Rules.ManyPendingChanges, StepDownOnRemoval: c.StepDownOnRemoval,
		AsyncStorageWrites: true,
		Logger:             &etcd.DefaultLogger{Logger: log.New(io.Discard, "", 0)},
	}
	if c.MaxCommittedSizePerReady == 0 {
		s.cfg.MaxCommittedSizePerReady = math.MaxUint64
	}
	switch {
	case c.OneEntry:
		s.cfg.MaxSizePerMsg = 0
	case c.MaxSizePerMsg == 0:
		s.cfg.MaxSizePerMsg = math.MaxUint64
	}
	s.start(c, p)
	return s
}

func (s *shadow) start(c raft.Config, p raft.Persisted) {
	s.storage = &shadowStorage{MemoryStorage: etcd.NewMemoryStorage(), conf: asConfState(p.Snapshot.Conf)}
	if p.Snapshot.Index > 0 {
		s.storage.offered = asSnapshot(p.Snapshot)
		s.check(s.storage.ApplySnapshot(s.storage.offered))
	}
	if p.Conf != nil {
		s.storage.conf = asConfState(*p.Conf)
	}
	s.log, s.first = nil, uint64(p.Snapshot.Index)+1
	for _, e := range p.Entries {
		s.log = append(s.log, asEntry(e))
	}
	s.check(s.storage.Append(s.log))
	hs := p.HardState
	if hs != (raft.HardState{}) {
		hs.Commit = max(hs.Commit, p.Snapshot.Index)
		s.check(s.storage.SetHardState(&pb.HardState{
			Term: new(uint64(hs.Term)), Vote: new(uint64(hs.Vote)), Commit: new(uint64(hs.Commit)),
		}))
	}
	s.cfg.Storage, s.cfg.Applied = s.storage, uint64(p.Applied)
	node, err := etcd.NewRawNode(&s.cfg)
	s.check(err)
	s.node, s.appends, s.emitted, s.pending = node, nil, 0, nil
}

func (s *shadow) check(err error) {
	if err != nil {
		s.t.Fatal(err)
	}
}

// field returns a field of etcd's raft that it fills from its own generator or at another moment, or hides.
func (s *shadow) field(name string) reflect.Value {
	v := s.pointer(name)
	if v.Kind() != reflect.Int && v.Kind() != reflect.Uint64 {
		panic("etcd's raft has no such number: " + name)
	}
	return v
}

func (s *shadow) pointer(name string) reflect.Value {
	return reflect.ValueOf(s.node).Elem().FieldByName("raft").Elem().FieldByName(name)
}

func (s *shadow) set(name string, ticks int) {
	*(*int)(unsafe.Pointer(s.field(name).UnsafeAddr())) = ticks
}

// loseWaitingReads drops the reads that wait for the first commit of a term. etcd keeps them when the leadership
// ends and answers them in the next one, if there is any; we lose them with the other reads.
func (s *shadow) loseWaitingReads() {
	*(*[]*pb.Message)(unsafe.Pointer(s.pointer("pendingReadIndexMessages").UnsafeAddr())) = nil
}

// drain takes all Readys. It returns what leaves at once, and the reads that may be served.
func (s *shadow) drain() (sent, reads []string) {
	for s.node.HasReady() {
		rd := s.node.Ready()
		if !etcd.IsEmptySnap(rd.Snapshot) {
			s.log, s.first = nil, rd.Snapshot.GetMetadata().GetIndex()+1
		}
		if len(rd.Entries) > 0 {
			s.log = append(slices.Clip(s.log[:rd.Entries[0].GetIndex()-s.first]), rd.Entries...)
		}
		for _, r := range rd.ReadStates {
			reads = append(reads, fmt.Sprintf("read %d at %d", binary.LittleEndian.Uint64(r.RequestCtx), r.Index))
		}
		for _, m := range rd.Messages {
			switch m.GetTo() {
			case etcd.LocalAppendThread:
				s.appends = append(s.appends, m)
				s.emitted++
			case etcd.LocalApplyThread:
				s.pending = append(s.pending, m.GetEntries()...)
			default:
				sent = append(sent, sentText(m))
			}
		}
	}
	return sent, reads
}

// durable lets the disk work until it has done the first upTo of all that were emitted, and returns
// the messages that leave.
func (s *shadow) durable(upTo int) (sent []string) {
	for s.emitted-len(s.appends) < upTo {
		m := s.appends[0]
		s.appends = s.appends[1:]
		hs := &pb.HardState{Term: m.Term, Vote: m.Vote, Commit: m.Commit}
		if !etcd.IsEmptyHardState(hs) {
			s.check(s.storage.SetHardState(hs))
		}
		if snap := m.GetSnapshot(); snap != nil {
			s.check(s.storage.ApplySnapshot(snap))
			s.storage.offered = snap
		}
		s.check(s.storage.Append(m.GetEntries()))
		for _, r := range m.GetResponses() {
			if r.GetTo() == s.id {
				_ = s.node.Step(r)
			} else {
				sent = append(sent, sentText(r))
			}
		}
	}
	return sent
}

// applied tells etcd that the pending entries up to index are applied.
func (s *shadow) applied(index uint64) {
	n := 0
	for n < len(s.pending) && s.pending[n].GetIndex() <= index {
		n++
	}
	_ = s.node.Step(&pb.Message{
		Type: pb.MsgStorageApplyResp.Enum(), To: &s.id, From: new(etcd.LocalApplyThread), Entries: s.pending[:n],
	})
	s.pending = s.pending[n:]
}

// compact discards up to index behind the snapshot meta.
func (s *shadow) compact(index raft.Index) {
	s.check(s.storage.Compact(uint64(index)))
	s.log = s.log[uint64(index)+1-s.first:]
	s.first = uint64(index) + 1
}

// sentText writes what matters of a message, in one line.
func sentText(m *pb.Message) string {
	var first, context uint64
	if len(m.Entries) > 0 {
		first = m.Entries[0].GetIndex()
	}
	switch {
	case m.GetType() == pb.MsgReadIndex || m.GetType() == pb.MsgReadIndexResp:
		context, first = binary.LittleEndian.Uint64(m.Entries[0].GetData()), 0
	case len(m.Context) == 8:
		context = binary.LittleEndian.Uint64(m.Context)
	case len(m.Context) > 0:
		context = 1 << 60 // a campaign for a transfer
	}
	meta := m.GetSnapshot().GetMetadata()
	return fmt.Sprintf("%d>%d %v t%d %d/%d commit %d entries %d from %d reject %v %d context %d snapshot %d/%d %v",
		m.GetFrom(), m.GetTo(), m.GetType(), m.GetTerm(), m.GetIndex(), m.GetLogTerm(), m.GetCommit(),
		len(m.Entries), first, m.GetReject(), m.GetRejectHint(), context, meta.GetIndex(), meta.GetTerm(),
		meta.GetConfState().GetVoters())
}

// differences says how the two sides differ, one line for each way.
func (s *shadow) differences(v *raft.View) (lines []string) {
	differ := func(name string, ours, theirs any) {
		if ours != theirs {
			lines = append(lines, fmt.Sprintf("%s: ours %v, etcd %v", name, ours, theirs))
		}
	}
	st := s.node.Status()
	roles := [...]etcd.StateType{etcd.StateFollower, etcd.StatePreCandidate, etcd.StateCandidate, etcd.StateLeader}
	differ("role", roles[v.Role], st.RaftState)
	differ("term", uint64(v.Term), st.HardState.GetTerm())
	differ("vote", uint64(v.Vote), st.HardState.GetVote())
	differ("lead", uint64(v.Lead), st.Lead)
	differ("commit", uint64(v.Commit), st.HardState.GetCommit())
	differ("applied", uint64(v.Applied), st.Applied)
	differ("first index", uint64(v.First), s.first)
	differ("last index", uint64(v.Last), s.first+uint64(len(s.log))-1)
	differ("elapsed", v.Elapsed, int(s.field("electionElapsed").Int()))
	if len(lines) > 0 {
		return lines
	}
	for i := v.First; i <= v.Last; i++ {
		e, _ := v.Entry(i)
		differ(fmt.Sprintf("term of entry %d", i), uint64(e.Term), s.log[i-v.First].GetTerm())
	}
	conf := v.Conf
	conf.AutoLeave = false // etcd's copy for the outside leaves it out
	differ("configuration", fmt.Sprint(conf), etcdConfText(st.Config))
	if v.Role == raft.Leader {
		differ("transferee", uint64(v.Transferee), st.LeadTransferee)
		differ("pending configuration", uint64(v.PendingConf), s.field("pendingConfIndex").Uint())
		differ("peers", len(v.Progress), len(st.Progress))
		for _, p := range v.Progress {
			if p.ID != v.ID {
				theirs := st.Progress[uint64(p.ID)]
				differ(fmt.Sprintf("progress of %d", p.ID), progressText(p), etcdProgressText(&theirs))
			}
		}
	}
	return lines
}

func progressText(p raft.Progress) string {
	return fmt.Sprintf("match %d next %d %v active %v paused %v inflight %d learner %v snapshot %d",
		p.Match, p.Next, p.State, p.Active, p.Paused, p.Inflight, p.Learner, p.Snapshot)
}

func etcdProgressText(p *tracker.Progress) string {
	states := [...]raft.ProgressState{
		tracker.StateProbe: raft.Probe, tracker.StateReplicate: raft.Replicate, tracker.StateSnapshot: raft.SnapshotSend,
	}
	if p.Inflights == nil {
		return "none"
	}
	return progressText(raft.Progress{
		Match: raft.Index(p.Match), Next: raft.Index(p.Next), State: states[p.State], Active: p.RecentActive,
		Paused: p.IsPaused(), Inflight: p.Inflights.Count(), Learner: p.IsLearner, Snapshot: raft.Index(p.PendingSnapshot),
	})
}

func etcdConfText(c tracker.Config) string {
	list := func(ids map[uint64]struct{}) (out []raft.ID) {
		for id := range ids {
			out = append(out, raft.ID(id))
		}
		slices.Sort(out)
		return out
	}
	return fmt.Sprint(raft.ConfState{
		Voters: list(c.Voters[0]), VotersOutgoing: list(c.Voters[1]), Learners: list(c.Learners),
		LearnersNext: list(c.LearnersNext),
	})
}

func asConfState(c raft.ConfState) *pb.ConfState {
	list := func(ids []raft.ID) (out []uint64) {
		for _, id := range ids {
			out = append(out, uint64(id))
		}
		return out
	}
	return &pb.ConfState{
		Voters: list(c.Voters), Learners: list(c.Learners), VotersOutgoing: list(c.VotersOutgoing),
		LearnersNext: list(c.LearnersNext), AutoLeave: new(c.AutoLeave),
	}
}

func asSnapshot(meta raft.SnapshotMeta) *pb.Snapshot {
	return &pb.Snapshot{Metadata: &pb.SnapshotMetadata{
		Index: new(uint64(meta.Index)), Term: new(uint64(meta.Term)), ConfState: asConfState(meta.Conf),
	}}
}

// asEntry leaves the type of a normal entry out, as etcd does: limits count encoded bytes.
func asEntry(e raft.Entry) *pb.Entry {
	entry := &pb.Entry{Data: e.Data, Term: new(uint64(e.Term)), Index: new(uint64(e.Index))}
	if e.Type != raft.EntryNormal {
		entry.Type = pb.EntryType(e.Type).Enum()
	}
	return entry
}

// asShadowMessage writes a message as etcd would.
func asShadowMessage(m raft.Message) *pb.Message {
	out := &pb.Message{
		Type: pb.MessageType(m.Type).Enum(),
		From: new(uint64(m.From)), To: new(uint64(m.To)), Term: new(uint64(m.Term)),
		LogTerm: new(uint64(m.LogTerm)), Index: new(uint64(m.Index)), Commit: new(uint64(m.Commit)),
		Reject: new(m.Reject), RejectHint: new(uint64(m.RejectHint)),
	}
	for _, e := range m.Entries {
		entry := asEntry(e)
		if m.Type == raft.MsgProp {
			entry.Term, entry.Index = nil, nil
		}
		out.Entries = append(out.Entries, entry)
	}
	if m.Transfer {
		out.Context = []byte("CampaignTransfer")
	}
	if m.Context != 0 {
		out.Context = binary.LittleEndian.AppendUint64(nil, m.Context)
	}
	if m.Type == raft.MsgReadIndex || m.Type == raft.MsgReadIndexResp {
		out.Entries, out.Context = []*pb.Entry{{Data: out.Context}}, nil
	}
	if m.Snapshot != nil {
		out.Snapshot = asSnapshot(m.Snapshot.Meta)
	}
	return out
}

func sameLines(ours, theirs []string) string {
	slices.Sort(ours)
	slices.Sort(theirs)
	if slices.Equal(ours, theirs) {
		return ""
	}
	return "ours  " + strings.Join(ours, "\n      ") + "\netcd  " + strings.Join(theirs, "\n      ")
}

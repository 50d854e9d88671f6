package raft_test

import (
	"fmt"
	"slices"

	etcd "go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"

	"etcdscope/raft"
)

// disturb makes what few quiet clusters see: logs that part, several campaigns in one term, answers that come
// after everything has changed.
func (s *lockstep) disturb(m *lockMember) {
	switch s.luck.below(7) {
	case 0, 1:
		s.campaign(m)
	case 4, 5:
		s.compact(m)
	case 2:
		s.island = s.luck.below(1 << len(s.members))
		s.note("partition %b", s.island)
	case 3:
		s.note("backlog: what n%d sent comes last", m.cfg.ID)
		slices.SortStableFunc(s.flight, func(a, b raft.Message) int {
			return asInt(a.From == m.cfg.ID) - asInt(b.From == m.cfg.ID)
		})
	default:
		s.note("lost: what n%d was sent", m.cfg.ID)
		s.flight = slices.DeleteFunc(s.flight, func(msg raft.Message) bool { return msg.To == m.cfg.ID })
	}
}

func asInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// rare is what happens less often.
func (s *lockstep) rare(m *lockMember) {
	other := raft.ID(1 + s.luck.below(len(s.members)))
	switch s.luck.below(16) {
	case 0:
		s.campaign(m)
	case 1, 2, 12, 13, 14:
		s.changeConf(m)
	case 3:
		s.note("transfer n%d to n%d", m.cfg.ID, other)
		_ = m.node.TransferLeader(other)
		m.shadow.node.TransferLeader(uint64(other))
	case 4:
		s.note("forget n%d", m.cfg.ID)
		m.node.ForgetLeader()
		_ = m.shadow.node.ForgetLeader()
	case 5:
		s.note("unreachable n%d n%d", m.cfg.ID, other)
		m.node.ReportUnreachable(other)
		m.shadow.node.ReportUnreachable(uint64(other))
	case 6, 7:
		arrived := s.luck.below(2) == 0
		s.note("snapshot-report n%d n%d %v", m.cfg.ID, other, arrived)
		m.node.ReportSnapshot(other, arrived)
		status := etcd.SnapshotFinish
		if !arrived {
			status = etcd.SnapshotFailure
		}
		m.shadow.node.ReportSnapshot(uint64(other), status)
	case 8, 9:
		s.compact(m)
	case 10:
		s.read(m)
	case 11:
		s.island = s.luck.below(2) * s.luck.below(1<<len(s.members))
		s.note("partition %b", s.island)
	default:
		if s.luck.below(100) < 5*s.faults {
			s.note("crash n%d", m.cfg.ID)
			m.down = true
		}
	}
}

func (s *lockstep) campaign(m *lockMember) {
	s.note("campaign n%d", m.cfg.ID)
	m.node.Campaign()
	_ = m.shadow.node.Campaign()
	if v := m.node.View(); v.Role == raft.PreCandidate && v.Elapsed == 0 {
		m.shadow.set("electionElapsed", 0) // etcd leaves the timer running when a pre-vote is asked for by hand
	}
}

// changeConf proposes changes that make sense, and some that do not.
func (s *lockstep) changeConf(m *lockMember) {
	if !s.confs {
		return
	}
	c := raft.ConfChange{Transition: raft.ConfChangeTransition(s.luck.below(3))}
	for range s.luck.below(4) {
		c.Changes = append(c.Changes, raft.ConfChangeSingle{
			Type: raft.ConfChangeType(s.luck.below(4)), Node: raft.ID(s.luck.below(len(s.members) + 1)),
		})
	}
	if len(c.Changes) < 2 && s.luck.below(2) == 0 {
		c.Transition, c.V1 = raft.TransitionAuto, len(c.Changes) == 1
	}
	s.note("conf n%d %v", m.cfg.ID, c)
	s.seen[fmt.Sprintf("conf-%d-%d", c.Transition, min(2, len(c.Changes)))]++
	kind, data := c.Encode()
	theirs := m.shadow.node.Step(&pb.Message{
		Type: pb.MsgProp.Enum(), From: &m.shadow.id, Entries: []*pb.Entry{{Type: pb.EntryType(kind).Enum(), Data: data}},
	})
	s.sameError(m, m.node.ProposeConfChange(c), theirs)
}

func (s *lockstep) sameError(m *lockMember, ours, theirs error) {
	if (ours == nil) != (theirs == nil) {
		s.fail(m, fmt.Sprintf("ours %v, etcd %v", ours, theirs))
	}
}

// compact takes a snapshot of the state machine and discards some of what it holds.
func (s *lockstep) compact(m *lockMember) {
	if len(m.states) == 0 {
		return
	}
	at := s.luck.below(len(m.states))
	meta := m.states[at]
	v := m.node.View()
	if s.luck.below(3) == 0 {
		meta, at = m.states[len(m.states)-1], len(m.states)-1
	}
	if v.Snapshot != 0 || meta.Index > v.DurableIndex {
		return
	}
	index := meta.Index
	if s.luck.below(2) == 0 {
		index = v.First + raft.Index(s.luck.below(int(meta.Index-v.First)+1))
	}
	s.note("compact n%d snapshot %d discard %d", m.cfg.ID, meta.Index, index)
	m.node.OfferSnapshot(meta)
	m.node.Compact(index)
	m.shadow.storage.offered = asSnapshot(meta)
	m.shadow.compact(index)
	m.states = m.states[at+1:]
	m.disk.Entries = m.disk.Entries[meta.Index-m.disk.Snapshot.Index:]
	m.disk.Snapshot = meta
	m.disk.HardState.Commit = max(m.disk.HardState.Commit, meta.Index)
}

// read asks for a read point. etcd numbers the reads that wait for the first commit of a term one by one, we give
// them one round: the harness lets only one wait. Where etcd does not count again after a
// change of the configuration we do, so reads are left out of small clusters that change.
func (s *lockstep) read(m *lockMember) {
	if !s.mayRead(m) || m.node.View().Lead == raft.None {
		return
	}
	s.reads++
	s.note("read n%d %d", m.cfg.ID, s.reads)
	_ = m.node.ReadIndex(s.reads)
	m.shadow.node.ReadIndex(asShadowMessage(raft.Message{Context: s.reads}).Context)
}

func (s *lockstep) mayRead(m *lockMember) bool {
	v := m.node.View()
	if s.confs && (len(v.Conf.Voters) < 3 || v.Conf.Joint()) {
		return false
	}
	commit, _ := v.Entry(v.Commit)
	if v.Role != raft.Leader || commit.Term == v.Term || len(v.Conf.Voters) == 1 {
		return true
	}
	free := m.waits != v.Term
	m.waits = v.Term
	return free
}

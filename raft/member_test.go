package raft_test

import (
	"encoding/binary"
	"slices"

	"etcdscope/raft"
)

// member is one node with the driver around it: a disk, Readys that are not durable, a state machine.
type member struct {
	node    *raft.Node
	cfg     raft.Config
	disk    raft.Persisted        // what is synced
	image   uint64                // the state machine inside the disk's snapshot
	queue   []raft.Ready          // handed out, not durable
	pending []raft.Entry          // handed out, not applied
	applied []raft.Entry          // what the state machine took, except what came by snapshot
	conf    raft.ConfState        // after applied
	at      raft.SnapshotMeta     // how far the state machine is
	state   uint64                // the state machine: a hash of all that it took
	images  map[raft.Index]uint64 // state machines inside the snapshots that can be sent
	down    bool
	held    bool // several inputs share a Ready
}

// boot starts the node from its disk, with a state machine that knows everything up to applied.
func (m *member) boot(applied raft.Index) error {
	m.disk.Applied = max(applied, m.disk.Snapshot.Index)
	m.conf, m.at, m.state = m.disk.Snapshot.Conf, m.disk.Snapshot, m.image
	m.images = map[raft.Index]uint64{m.at.Index: m.image}
	m.applied = nil
	for _, e := range m.disk.Entries {
		if e.Index <= m.disk.Applied {
			m.take(e)
		}
	}
	node, err := raft.New(m.cfg, m.disk)
	if err != nil {
		return err
	}
	m.node, m.down, m.held, m.queue, m.pending = node, false, false, nil, nil
	return nil
}

// take applies an entry to the state machine, without telling the node.
func (m *member) take(e raft.Entry) {
	if c, err := raft.DecodeConfChange(e.Type, e.Data); e.Type != raft.EntryNormal && err == nil {
		if next, err := m.conf.Change(c); err == nil {
			m.conf = next
		}
	}
	m.applied = append(m.applied, e)
	m.state = hashOf(m.state, e)
	m.at = raft.SnapshotMeta{Index: e.Index, Term: e.Term, Conf: m.conf}
}

// apply applies the oldest pending entry and puts its configuration into force.
func (m *member) apply() raft.Entry {
	e := m.pending[0]
	m.pending = m.pending[1:]
	m.take(e)
	if e.Type == raft.EntryNormal {
		return e
	}
	if c, err := raft.DecodeConfChange(e.Type, e.Data); err == nil {
		if conf, err := m.node.ApplyConfChange(c); err == nil {
			m.conf, m.at.Conf = conf, conf
		}
	}
	return e
}

// persist writes a Ready to disk, as a WAL does: snapshot, truncate, append, state. A snapshot also replaces the
// state machine.
func (m *member) persist(rd raft.Ready) {
	persist(&m.disk, rd)
	if rd.Snapshot == nil {
		return
	}
	m.at, m.conf = rd.Snapshot.Meta, rd.Snapshot.Meta.Conf
	m.image = imageIn(rd.Snapshot)
	m.state, m.images[m.at.Index] = m.image, m.image
	m.pending = slices.DeleteFunc(m.pending, func(e raft.Entry) bool { return e.Index <= m.at.Index })
}

// holdBack lets only a leader's messages leave while its disk works. A vote request speaks of the log and of the term:
// a candidate that forgets either could use the votes of the same term for another log.
func (m *member) holdBack(rd raft.Ready) raft.Ready {
	if !rd.MustSync || m.node.View().Role == raft.Leader {
		return rd
	}
	var now, later []raft.Message
	for _, msg := range rd.Msgs {
		switch msg.Type {
		case raft.MsgAppResp, raft.MsgVoteResp: // a rule is off
			now = append(now, msg)
		default:
			later = append(later, msg)
		}
	}
	rd.Msgs, rd.AfterSync = now, append(later, rd.AfterSync...)
	return rd
}

// imageIn reads the state machine inside a snapshot. A snapshot that no member has sent holds an empty one.
func imageIn(s *raft.Snapshot) uint64 {
	if len(s.Data) == 0 {
		return 0
	}
	return binary.LittleEndian.Uint64(s.Data)
}

// attach puts the state machine into a snapshot that is being sent.
func (m *member) attach(msg raft.Message) raft.Message {
	if msg.Snapshot != nil {
		image := m.images[msg.Snapshot.Meta.Index]
		msg.Snapshot = &raft.Snapshot{Meta: msg.Snapshot.Meta, Data: binary.LittleEndian.AppendUint64(nil, image)}
	}
	return msg
}

func persist(disk *raft.Persisted, rd raft.Ready) {
	if rd.Snapshot != nil {
		disk.Snapshot, disk.Entries = rd.Snapshot.Meta, nil
		disk.HardState.Commit = max(disk.HardState.Commit, rd.Snapshot.Meta.Index)
	}
	if len(rd.Entries) > 0 {
		keep := rd.Entries[0].Index - 1 - disk.Snapshot.Index
		disk.Entries = append(slices.Clip(disk.Entries[:keep]), rd.Entries...)
	}
	if rd.HardState != nil {
		disk.HardState = *rd.HardState
	}
}

// snapshot takes a snapshot of the state machine and keeps it on disk, unless there is nothing new in it, raft does
// not know yet how far the state machine is, or a snapshot from a leader is on its way to the disk.
func (m *member) snapshot() {
	v := m.node.View()
	if m.at.Index <= m.disk.Snapshot.Index || v.Snapshot != 0 || m.at.Index > min(v.Applied, m.lastOnDisk()) {
		return
	}
	m.disk.Entries = slices.Clone(m.disk.Entries[m.at.Index-m.disk.Snapshot.Index:])
	m.disk.Snapshot, m.image = m.at, m.state
	m.disk.HardState.Commit = max(m.disk.HardState.Commit, m.at.Index)
	m.images[m.at.Index] = m.state
	m.node.OfferSnapshot(m.at)
}

// replaceByClone goes on with a clone and does things to the original that the clone must not notice.
func (m *member) replaceByClone() {
	old, v := m.node, m.node.View()
	m.node = old.Clone()
	_ = old.Propose([]byte("nobody sees this"))
	old.Campaign()
	old.Compact(v.Applied)
	last, _ := v.Entry(v.Commit)
	_ = old.Step(raft.Message{
		Type: raft.MsgApp, From: m.cfg.ID%2 + 1, To: m.cfg.ID, Term: old.View().Term + 1, Index: v.Commit, LogTerm: last.Term,
		Entries: []raft.Entry{{Index: v.Commit + 1, Term: 1 << 20}},
	})
}

// holds says whether the disk holds the entry, or a snapshot of something behind it.
func (m *member) holds(i raft.Index, t raft.Term) bool {
	if i <= m.disk.Snapshot.Index {
		return true
	}
	at := i - m.disk.Snapshot.Index - 1
	return at < raft.Index(len(m.disk.Entries)) && m.disk.Entries[at].Term == t
}

// lastOnDisk is the last index that the disk holds.
func (m *member) lastOnDisk() raft.Index {
	return m.disk.Snapshot.Index + raft.Index(len(m.disk.Entries))
}

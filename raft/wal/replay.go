package wal

import (
	"etcdscope/raft"
)

// Recovered is what Open found: exactly what raft.Persisted needs.
type Recovered struct {
	Metadata  Metadata
	HardState raft.HardState
	Snapshot  raft.SnapshotMeta
	Entries   []raft.Entry
	Repaired  *Damage // a torn tail that was cut, or nil
	Records   int     // records read
}

// history is what the records of a WAL say, in order.
type history struct {
	meta     Metadata
	hasMeta  bool
	state    raft.HardState
	stateAt  frame // the record of state
	steps    []step
	infos    []RecordInfo // the last ones, for Records
	lastSeen raft.Index   // index of the last entry or of a snapshot above it: what the next segment is named after
}

// step is an entry, or a snapshot record.
type step struct {
	entry raft.Entry
	snap  *raft.SnapshotMeta
	file  string
	at    int64
}

// add takes one record into the history.
func (h *history) add(f frame) *Damage {
	info := RecordInfo{Type: f.kind, File: f.file, Offset: f.offset, Length: f.length}
	reason := h.take(f, &info)
	if reason != "" {
		return &Damage{File: f.file, Offset: f.offset, Reason: reason}
	}
	h.infos = append(h.infos, info)
	if len(h.infos) == 2*recentRecords {
		h.infos = append(h.infos[:0], h.infos[recentRecords:]...)
	}
	return nil
}

// take returns why the record cannot be taken, or "".
func (h *history) take(f frame, info *RecordInfo) string {
	switch f.kind {
	case CRCType:
		return ""
	case MetadataType:
		return h.takeMetadata(f)
	case EntryType:
		e, err := decodeEntry(f.data)
		if err != nil {
			return err.Error()
		}
		info.Term, info.Index = e.Term, e.Index
		h.steps = append(h.steps, step{entry: e, file: f.file, at: f.offset})
		h.lastSeen = e.Index
		return ""
	case StateType:
		return h.takeState(f, info)
	case SnapshotType:
		s, err := decodeSnapshot(f.data)
		if err != nil {
			return err.Error()
		}
		if s.Index > 0 && len(s.Conf.Voters) == 0 {
			return ErrMissingConf.Error()
		}
		info.Term, info.Index = s.Term, s.Index
		h.steps = append(h.steps, step{snap: &s, file: f.file, at: f.offset})
		h.lastSeen = max(h.lastSeen, s.Index)
		return ""
	}
	return "the record's type is not known"
}

func (h *history) takeMetadata(f frame) string {
	m, err := decodeMetadata(f.data)
	if err != nil {
		return err.Error()
	}
	if h.hasMeta && m != h.meta {
		return "the metadata is another member's"
	}
	h.meta, h.hasMeta = m, true
	return ""
}

// takeState replaces the hard state. Its term never goes back, and is never 0: a record whose type was
// damaged, which the checksum does not cover, gives itself away here.
func (h *history) takeState(f frame, info *RecordInfo) string {
	s, err := decodeState(f.data)
	if err != nil {
		return err.Error()
	}
	if s.Term == 0 || s.Term < h.state.Term {
		return "the term of the hard state goes back"
	}
	info.Term, info.Index, info.Vote = s.Term, s.Commit, s.Vote
	h.state, h.stateAt = s, f
	return ""
}

// start returns the newest snapshot record that the member had committed, and its place in steps. A record
// above the last commit was written by a member that died before it installed the snapshot.
func (h *history) start() (raft.SnapshotMeta, int, *Damage) {
	best := -1
	for i, s := range h.steps {
		if s.snap == nil || s.snap.Index > h.state.Commit {
			continue
		}
		if best >= 0 && s.snap.Index == h.steps[best].snap.Index && s.snap.Term != h.steps[best].snap.Term {
			return raft.SnapshotMeta{}, 0, s.damage("two snapshot records at one index have different terms")
		}
		if best < 0 || s.snap.Index >= h.steps[best].snap.Index {
			best = i
		}
	}
	if best < 0 {
		return raft.SnapshotMeta{}, 0, &Damage{Reason: "no snapshot record at or below the commit index"}
	}
	return *h.steps[best].snap, best, nil
}

func (s *step) damage(reason string) *Damage {
	return &Damage{File: s.file, Offset: s.at, Reason: reason}
}

// replay returns the log behind the newest valid snapshot. There is no record for cutting the log: an entry replaces
// the one at its index and all that follow it.
//
// An entry at or below the snapshot does so too, and a snapshot record whose entry the log does not hold begins the
// log anew, as raft does when it installs one. etcd skips both, which can bring back entries that raft had dropped;
// the results differ only then.
func (h *history) replay() (raft.SnapshotMeta, []raft.Entry, *Damage) {
	start, at, damage := h.start()
	if damage != nil {
		return start, nil, damage
	}
	var log []raft.Entry
	held := start.Index == 0 // the log holds the entry that the snapshot ends with
	for i := range h.steps {
		s := &h.steps[i]
		switch {
		case i == at && !held:
			log = nil
		case s.snap != nil:
		case s.entry.Index <= start.Index:
			log = nil
			held = s.entry.Index == start.Index && s.entry.Term == start.Term
		default:
			k := s.entry.Index - start.Index - 1
			if k > raft.Index(len(log)) {
				if i < at && !held {
					continue // the snapshot fills the gap
				}
				return start, nil, s.damage("entries are missing before this one")
			}
			log = append(log[:k], s.entry)
		}
	}
	if last := start.Index + raft.Index(len(log)); h.state.Commit > last {
		f := h.stateAt
		return start, nil, &Damage{File: f.file, Offset: f.offset, Reason: "the commit index is beyond the last entry"}
	}
	return start, log, nil
}

package wal

import (
	"errors"
	"fmt"

	"etcdscope/raft"
	"etcdscope/raft/raftpb"
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
		e, err := raftpb.DecodeEntry(f.data)
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
	return errType.Error()
}

// entriesBehind bounds how many entries a log behind index can have.
func (h *history) entriesBehind(index raft.Index) (n int) {
	for i := range h.steps {
		if h.steps[i].entry.Index > index {
			n++
		}
	}
	return n
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

// takeState replaces the hard state, whatever the one before it says: it is raft's promise that its term never goes
// back, not the log's.
func (h *history) takeState(f frame, info *RecordInfo) string {
	s, err := raftpb.DecodeHardState(f.data)
	if err != nil {
		return err.Error()
	}
	info.Term, info.Index, info.Vote = s.Term, s.Commit, s.Vote
	h.state, h.stateAt = s, f
	return ""
}

// Errors of OpenAt, in etcd's words.
var (
	ErrSnapshotNotFound = errors.New("wal: snapshot not found")
	ErrSnapshotMismatch = errors.New("wal: snapshot mismatch")
)

// newest returns the place in steps of the newest snapshot record that the member had committed.
func (h *history) newest() (int, error) {
	best := -1
	for i, s := range h.steps {
		if s.snap == nil || s.snap.Index > h.state.Commit {
			continue
		}
		if best >= 0 && s.snap.Index == h.steps[best].snap.Index && s.snap.Term != h.steps[best].snap.Term {
			return 0, s.damage("two snapshot records at one index have different terms")
		}
		if best < 0 || s.snap.Index >= h.steps[best].snap.Index {
			best = i
		}
	}
	if best < 0 {
		return 0, &Damage{Reason: "no snapshot record at or below the commit index"}
	}
	return best, nil
}

// find returns the place in steps of the last record of the snapshot.
func (h *history) find(want raft.SnapshotMeta) (int, error) {
	at := -1
	for i, s := range h.steps {
		if s.snap == nil || s.snap.Index != want.Index {
			continue
		}
		if s.snap.Term != want.Term {
			return 0, fmt.Errorf("%w: index %d has term %d, not %d", ErrSnapshotMismatch, want.Index, s.snap.Term, want.Term)
		}
		at = i
	}
	if at < 0 {
		return 0, fmt.Errorf("%w: index %d, term %d", ErrSnapshotNotFound, want.Index, want.Term)
	}
	return at, nil
}

func (s *step) damage(reason string) *Damage {
	return &Damage{File: s.file, Offset: s.at, Reason: reason}
}

// replay returns the log behind the snapshot record at a place in steps. There is no record for cutting the log: an
// entry replaces the one at its index and all that follow it.
//
// An entry at or below the snapshot does so too, and a snapshot record whose entry the log does not hold begins the
// log anew, as raft does when it installs one. etcd skips both, which can bring back entries that raft had dropped;
// the results differ only then.
func (h *history) replay(at int) ([]raft.Entry, *Damage) {
	start := h.steps[at].snap
	log := make([]raft.Entry, 0, h.entriesBehind(start.Index))
	held := start.Index == 0 // the log holds the entry that the snapshot ends with
	for i := range h.steps {
		s := &h.steps[i]
		switch {
		case i == at && !held:
			log = log[:0]
		case s.snap != nil:
		case s.entry.Index <= start.Index:
			log = log[:0]
			held = s.entry.Index == start.Index && s.entry.Term == start.Term
		default:
			k := s.entry.Index - start.Index - 1
			if k > raft.Index(len(log)) {
				if i < at && !held {
					continue // the snapshot fills the gap
				}
				return nil, s.damage("entries are missing before this one")
			}
			log = append(log[:k], s.entry)
		}
	}
	if last := start.Index + raft.Index(len(log)); h.state.Commit > last {
		f := h.stateAt
		return nil, &Damage{File: f.file, Offset: f.offset, Reason: "the commit index is beyond the last entry"}
	}
	return log, nil
}

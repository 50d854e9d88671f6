package wal

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"

	"etcdscope/raft"
	"etcdscope/raft/raftpb"
)

// SegmentSizeBytes is where etcd cuts a segment (64,000,000, not 64 MiB).
const SegmentSizeBytes = 64_000_000

// Disk is the directory that a WAL lives in. cluster/disk satisfies it; a real directory does too (Dir).
// Names are base names. Writes land in the page cache; only SyncFile and SyncDir reach the platter.
type Disk interface {
	Create(name string) error                       // an empty file; an error if it exists
	WriteAt(name string, off int64, p []byte) error // extends the file when it ends before off+len(p)
	Truncate(name string, size int64) error         // grows with zeros (preallocation) or cuts
	ReadFile(name string) ([]byte, error)           // as a reader sees it now; zeros at the end may be left out
	Size(name string) (int64, error)                // with the zeros at the end
	Rename(old, name string) error
	Remove(name string) error
	Names() []string // sorted
	SyncFile(name string) error
	SyncDir() error
}

// Metadata is the etcdserverpb.Metadata at the head of every segment.
type Metadata struct{ NodeID, ClusterID uint64 }

// Options of a WAL; the zero value is etcd's.
type Options struct {
	SegmentSize int64 // bytes; 0 means SegmentSizeBytes
	Rules       Rules // switched off for teaching
}

// WAL is an open log at its end, ready to append. After an error of the disk it must not be used again: what the
// file holds is unknown.
type WAL struct {
	d    Disk
	o    Options
	meta Metadata

	name  string // of the tail segment
	file  string // name, or the temporary name until the segment's head is durable
	seq   uint64 // number of the tail in the chain
	held  uint64 // number of the first segment that a restart may need
	size  int64  // bytes of the tail that are records
	pages pageWriter
	crc   uint32 // of all data up to size, over all segments
	last  raft.Index
	state raft.HardState

	buf     []byte // frames of the Save under way
	scratch [64]byte
	recent  [recentRecords]RecordInfo // a ring
	count   int                       // records written or read; the next goes to recent[count%recentRecords]
}

// recentRecords is how many records Records can tell of.
const recentRecords = 64

// ErrMissingConf is returned for a snapshot record without its configuration: since 3.5 etcd requires it.
var ErrMissingConf = errors.New("a snapshot record above index 0 needs a configuration with a voter")

// Create makes a new WAL (file 0-0) with metadata and the empty snapshot record, and syncs it.
// The error is fs.ErrExist when the directory holds a WAL.
func Create(d Disk, m Metadata, o Options) (*WAL, error) {
	if s := segments(d); len(s) > 0 {
		return nil, fmt.Errorf("create WAL: %s: %w", s[0].name, fs.ErrExist)
	}
	w := &WAL{d: d, o: o, meta: m}
	err := w.newSegment(0, 0, func() {
		w.appendMetadata()
		w.appendSnapshot(raft.SnapshotMeta{})
	})
	if err != nil {
		return nil, fmt.Errorf("create WAL: %w", err)
	}
	return w, nil
}

func (w *WAL) segmentBytes() int64 {
	if w.o.SegmentSize > 0 {
		return w.o.SegmentSize
	}
	return SegmentSizeBytes
}

// Save appends entries and hard state (nil or equal to the last one: unchanged) to the page cache. It says whether etcd
// would fsync now: entries, term or vote changed (raft.MustSync).
//
// A segment that is full is cut before Save returns, and then everything is durable already. Full means
// that what etcd's page writer had given to the file before that reaches the segment size.
func (w *WAL) Save(st *raft.HardState, entries []raft.Entry) (mustSync bool, err error) {
	changed := st != nil && *st != w.state && *st != (raft.HardState{})
	if !changed && len(entries) == 0 {
		return false, nil
	}
	mustSync = len(entries) > 0 && !w.o.Rules.NoEntrySync ||
		changed && (st.Term != w.state.Term || st.Vote != w.state.Vote) && !w.o.Rules.NoVoteSync
	w.buf = w.buf[:0]
	for i := range entries {
		w.appendEntry(&entries[i])
	}
	if changed {
		w.state = *st
		w.appendState(*st)
	}
	full := w.pages.written >= w.segmentBytes()
	if err := w.flush(); err != nil {
		return mustSync, err
	}
	if full {
		return mustSync, w.cut()
	}
	if mustSync {
		w.pages.flush(0)
	}
	return mustSync, nil
}

// SaveSnapshot appends a snapshot record and syncs: WriteSnapshot, then Sync.
func (w *WAL) SaveSnapshot(s raft.SnapshotMeta) error {
	if err := w.WriteSnapshot(s); err != nil {
		return err
	}
	return w.Sync()
}

// WriteSnapshot appends a snapshot record to the page cache. The file of the snapshot must be durable already: a
// restart begins with the newest record, and may find no segments before it.
func (w *WAL) WriteSnapshot(s raft.SnapshotMeta) error {
	if s.Index > 0 && len(s.Conf.Voters) == 0 {
		return fmt.Errorf("snapshot record at index %d: %w", s.Index, ErrMissingConf)
	}
	w.buf = w.buf[:0]
	w.appendSnapshot(s)
	if err := w.flush(); err != nil {
		return err
	}
	w.last = max(w.last, s.Index)
	return nil
}

// Sync makes everything saved so far durable at once (SyncFile on the tail).
func (w *WAL) Sync() error {
	w.pages.flush(0)
	return w.d.SyncFile(w.file)
}

// SetRules switches rules from now on.
func (w *WAL) SetRules(r Rules) { w.o.Rules = r }

// Tail names the file that is being appended to, and how many bytes of it are records.
func (w *WAL) Tail() (name string, size int64) { return w.name, w.size }

// Clone returns a WAL over another disk that holds the same bytes.
func (w *WAL) Clone(d Disk) *WAL {
	c := *w
	c.d, c.buf = d, nil
	return &c
}

func (w *WAL) appendEntry(e *raft.Entry) {
	w.last = e.Index
	info := RecordInfo{Type: EntryType, Term: e.Term, Index: e.Index}
	w.appendRecord(info, raftpb.AppendEntryHead(w.scratch[:0], e), e.Data)
}

func (w *WAL) appendMetadata() {
	w.appendRecord(RecordInfo{Type: MetadataType}, appendMetadata(w.scratch[:0], w.meta), nil)
}

func (w *WAL) appendState(s raft.HardState) {
	info := RecordInfo{Type: StateType, Term: s.Term, Index: s.Commit, Vote: s.Vote}
	w.appendRecord(info, raftpb.AppendHardState(w.scratch[:0], s), nil)
}

func (w *WAL) appendSnapshot(s raft.SnapshotMeta) {
	info := RecordInfo{Type: SnapshotType, Term: s.Term, Index: s.Index}
	w.appendRecord(info, appendSnapshot(w.scratch[:0], &s), nil)
}

// appendRecord appends a frame to buf and moves the chain on; data is head followed by tail.
func (w *WAL) appendRecord(info RecordInfo, head, tail []byte) {
	w.crc = crc32.Update(crc32.Update(w.crc, castagnoli, head), castagnoli, tail)
	info.File, info.Offset = w.name, w.size+int64(len(w.buf))
	w.buf = appendFrame(w.buf, info.Type, w.crc, head, tail)
	info.Length = w.size + int64(len(w.buf)) - info.Offset
	w.pages.frame(info.Length)
	w.note(info)
}

// flush writes buf at the end of the tail.
func (w *WAL) flush() error {
	if err := w.d.WriteAt(w.file, w.size, w.buf); err != nil {
		return err
	}
	w.size += int64(len(w.buf))
	return nil
}

// RecordInfo is one record as a learner sees it.
type RecordInfo struct {
	Type   RecordType
	File   string
	Offset int64 // of the frame in its file
	Length int64 // frame with padding
	Term   raft.Term
	Index  raft.Index // entry or snapshot index; commit of a state record
	Vote   raft.ID
}

func (w *WAL) note(info RecordInfo) {
	w.recent[w.count%recentRecords] = info
	w.count++
}

// Records describes the last n records for the disk view, oldest first; at most the last 64.
func (w *WAL) Records(n int) []RecordInfo {
	n = max(0, min(n, w.count, recentRecords))
	out := make([]RecordInfo, n)
	for i := range out {
		out[i] = w.recent[(w.count-n+i)%recentRecords]
	}
	return out
}

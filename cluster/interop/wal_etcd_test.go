package interop

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	etcdwal "go.etcd.io/etcd/server/v3/storage/wal"
	"go.etcd.io/etcd/server/v3/storage/wal/walpb"
	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"etcdscope/cluster/disk"
	"etcdscope/raft"
	"etcdscope/raft/wal"
)

// walMember is the metadata of every WAL that a test writes.
var walMember = wal.Metadata{NodeID: 7, ClusterID: 9}

// toEntries writes entries as etcd's raft hands them to its WAL: the type only where it is not normal, and no data
// where there is none. A configuration change always has data there, as it is a marshaled message.
func toEntries(entries []raft.Entry) []*raftpb.Entry {
	var out []*raftpb.Entry
	for _, e := range entries {
		p := &raftpb.Entry{Term: new(uint64(e.Term)), Index: new(uint64(e.Index))}
		if e.Type != raft.EntryNormal {
			p.Type, p.Data = new(raftpb.EntryType(e.Type)), []byte{}
		}
		if len(e.Data) > 0 {
			p.Data = e.Data
		}
		out = append(out, p)
	}
	return out
}

func fromEntries(entries []*raftpb.Entry) []raft.Entry {
	var out []raft.Entry
	for _, p := range entries {
		e := raft.Entry{Term: raft.Term(p.GetTerm()), Index: raft.Index(p.GetIndex()), Type: raft.EntryType(p.GetType())}
		if len(p.GetData()) > 0 {
			e.Data = p.GetData()
		}
		out = append(out, e)
	}
	return out
}

// toState is empty for nil, which is how a Ready says "unchanged".
func toState(s *raft.HardState) *raftpb.HardState {
	if s == nil {
		return &raftpb.HardState{}
	}
	return &raftpb.HardState{Term: new(uint64(s.Term)), Vote: new(uint64(s.Vote)), Commit: new(uint64(s.Commit))}
}

func fromState(s *raftpb.HardState) raft.HardState {
	return raft.HardState{Term: raft.Term(s.GetTerm()), Vote: raft.ID(s.GetVote()), Commit: raft.Index(s.GetCommit())}
}

func toSnapshot(s raft.SnapshotMeta) *walpb.Snapshot {
	c := &raftpb.ConfState{AutoLeave: new(s.Conf.AutoLeave)}
	lists := []*[]uint64{&c.Voters, &c.Learners, &c.VotersOutgoing, &c.LearnersNext}
	for i, ids := range [][]raft.ID{s.Conf.Voters, s.Conf.Learners, s.Conf.VotersOutgoing, s.Conf.LearnersNext} {
		for _, id := range ids {
			*lists[i] = append(*lists[i], uint64(id))
		}
	}
	return &walpb.Snapshot{Index: new(uint64(s.Index)), Term: new(uint64(s.Term)), ConfState: c}
}

func fromSnapshot(p *walpb.Snapshot) raft.SnapshotMeta {
	s := raft.SnapshotMeta{Index: raft.Index(p.GetIndex()), Term: raft.Term(p.GetTerm())}
	c := p.GetConfState()
	s.Conf.AutoLeave = c.GetAutoLeave()
	lists := []*[]raft.ID{&s.Conf.Voters, &s.Conf.Learners, &s.Conf.VotersOutgoing, &s.Conf.LearnersNext}
	for i, ids := range [][]uint64{c.GetVoters(), c.GetLearners(), c.GetVotersOutgoing(), c.GetLearnersNext()} {
		for _, id := range ids {
			*lists[i] = append(*lists[i], raft.ID(id))
		}
	}
	return s
}

// class is how opening a WAL ends.
type class string

const (
	whole   class = "whole"   // read to the end of the records
	torn    class = "torn"    // an unfinished write was cut off, the rest is there
	refused class = "refused" // the member does not start
)

// outcome is what a member has after it opened its WAL.
type outcome struct {
	class    class
	metadata wal.Metadata
	state    raft.HardState
	snapshot raft.SnapshotMeta
	entries  []raft.Entry
	reason   string // of class refused and torn
	offset   int64  // of the damaged record in its segment; ours only
}

func sameEntry(a, b raft.Entry) bool {
	return a.Term == b.Term && a.Index == b.Index && a.Type == b.Type && bytes.Equal(a.Data, b.Data)
}

func sameConf(a, b raft.ConfState) bool {
	return slices.Equal(a.Voters, b.Voters) && slices.Equal(a.Learners, b.Learners) &&
		slices.Equal(a.VotersOutgoing, b.VotersOutgoing) && slices.Equal(a.LearnersNext, b.LearnersNext) &&
		a.AutoLeave == b.AutoLeave
}

// sameContent leaves the class out.
func (o outcome) sameContent(p outcome) bool {
	return o.metadata == p.metadata && o.state == p.state && o.snapshot.Index == p.snapshot.Index &&
		o.snapshot.Term == p.snapshot.Term && sameConf(o.snapshot.Conf, p.snapshot.Conf) &&
		slices.EqualFunc(o.entries, p.entries, sameEntry)
}

// String is short enough for a failing test: of the entries it shows the last ones.
func (o outcome) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %q state %+v snapshot %d/t%d %d entries", o.class, o.reason, o.state,
		o.snapshot.Index, o.snapshot.Term, len(o.entries))
	for _, e := range o.entries[max(0, len(o.entries)-12):] {
		fmt.Fprintf(&b, " %d/t%d(%d)", e.Index, e.Term, len(e.Data))
	}
	return b.String()
}

// openOurs opens a WAL as our members do. The class is refused for damage only; other errors fail the test.
func openOurs(tb failer, d wal.Disk, o wal.Options) (*wal.WAL, outcome) {
	tb.Helper()
	w, r, err := wal.Open(d, o)
	if damage, ok := errors.AsType[*wal.Damage](err); ok {
		return nil, outcome{class: refused, reason: damage.Reason, offset: damage.Offset}
	}
	check(tb, err)
	out := outcome{
		class: whole, metadata: r.Metadata, state: r.HardState, snapshot: r.Snapshot, entries: r.Entries,
	}
	if r.Repaired != nil {
		out.class, out.reason, out.offset = torn, r.Repaired.Reason, r.Repaired.Offset
	}
	return w, out
}

// openEtcd opens a WAL as an etcd server does (etcdserver/bootstrap.go): at the newest valid snapshot record, with one
// repair where the end of the log is torn. Everything at which the server would exit or panic is class refused.
func openEtcd(dir string) (w *etcdwal.WAL, out outcome) {
	defer func() {
		if r := recover(); r != nil {
			w, out = nil, outcome{class: refused, reason: fmt.Sprint("panic: ", r)}
		}
	}()
	snaps, err := etcdwal.ValidSnapshotEntries(silent, dir)
	if err != nil {
		return nil, outcome{class: refused, reason: err.Error()}
	}
	if len(snaps) == 0 {
		return nil, outcome{class: refused, reason: "no snapshot record"}
	}
	snap := snaps[len(snaps)-1]
	if out, err = readEtcd(dir, snap); err != nil { // write mode forgets this error, see etcd-io/etcd ReadAll
		return nil, outcome{class: refused, reason: err.Error()}
	}
	w, out, err = appendEtcd(dir, snap)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		return w, out
	}
	reason := err.Error()
	if !etcdwal.Repair(silent, dir) {
		return nil, outcome{class: refused, reason: "repair failed: " + reason}
	}
	if w, out, err = appendEtcd(dir, snap); err == nil {
		out.class, out.reason = torn, reason
	}
	return w, out
}

// readEtcd reads a WAL without locking or changing it.
func readEtcd(dir string, snap *walpb.Snapshot) (outcome, error) {
	w, err := etcdwal.OpenForRead(silent, dir, snap)
	if err != nil {
		return outcome{}, err
	}
	defer w.Close()
	meta, state, entries, err := w.ReadAll()
	if err != nil {
		return outcome{}, err
	}
	return content(meta, state, snap, entries)
}

// appendEtcd opens a WAL for writing; the caller closes it when the class is not refused.
func appendEtcd(dir string, snap *walpb.Snapshot) (*etcdwal.WAL, outcome, error) {
	w, err := etcdwal.Open(silent, dir, snap)
	if err != nil {
		return nil, outcome{class: refused, reason: err.Error()}, err
	}
	w.SetUnsafeNoFsync()
	ready := false
	defer func() {
		if !ready {
			_ = w.Close() // what it could not read it cannot have changed
		}
	}()
	meta, state, entries, err := w.ReadAll()
	if err != nil {
		return nil, outcome{class: refused, reason: err.Error()}, err
	}
	out, err := content(meta, state, snap, entries)
	if err != nil {
		return nil, outcome{class: refused, reason: err.Error()}, err
	}
	ready = true
	return w, out, nil
}

func content(meta []byte, state *raftpb.HardState, snap *walpb.Snapshot, entries []*raftpb.Entry) (outcome, error) {
	var m etcdserverpb.Metadata
	if err := proto.Unmarshal(meta, &m); err != nil {
		return outcome{}, err
	}
	return outcome{
		class: whole, metadata: wal.Metadata{NodeID: m.GetNodeID(), ClusterID: m.GetClusterID()},
		state: fromState(state), snapshot: fromSnapshot(snap), entries: fromEntries(entries),
	}, nil
}

// createEtcd makes a WAL with etcd's package in dir, which must not exist.
func createEtcd(tb failer, dir string) *etcdwal.WAL {
	tb.Helper()
	m := &etcdserverpb.Metadata{NodeID: new(walMember.NodeID), ClusterID: new(walMember.ClusterID)}
	meta, err := proto.Marshal(m)
	check(tb, err)
	w, err := etcdwal.Create(silent, dir, meta)
	check(tb, err)
	w.SetUnsafeNoFsync()
	return w
}

// segmentSize makes etcd cut its segments at n bytes until the test ends.
func segmentSize(tb testing.TB, n int64) {
	before := etcdwal.SegmentSizeBytes
	etcdwal.SegmentSizeBytes = n
	tb.Cleanup(func() { etcdwal.SegmentSizeBytes = before })
}

// files are the segments of a WAL by name, with the preallocated zeros.
type files map[string][]byte

// filesOf reads the segments from a disk.
func filesOf(tb failer, d wal.Disk) files {
	tb.Helper()
	out := files{}
	for _, name := range d.Names() {
		if !strings.HasSuffix(name, ".wal") {
			continue
		}
		data, err := d.ReadFile(name)
		check(tb, err)
		size, err := d.Size(name)
		check(tb, err)
		out[name] = append(data, make([]byte, size-int64(len(data)))...)
	}
	return out
}

// last is the name of the segment that is written to.
func (f files) last() string {
	names := sortedNames(f)
	return names[len(names)-1]
}

// with returns the files with another content of one of them.
func (f files) with(segment string, data []byte) files {
	out := files{}
	for name, old := range f {
		out[name] = old
	}
	out[segment] = data
	return out
}

// write puts the files into a new directory.
func (f files) write(tb failer, dir string) {
	tb.Helper()
	check(tb, os.RemoveAll(dir))
	check(tb, os.Mkdir(dir, 0o700))
	for name, data := range f {
		check(tb, os.WriteFile(filepath.Join(dir, name), data, 0o600))
	}
}

// disk puts the files on a simulated disk.
func (f files) disk(tb failer) *disk.Disk {
	tb.Helper()
	d := disk.New()
	for name, data := range f {
		used := bytes.TrimRight(data, "\x00")
		check(tb, d.Create(name))
		check(tb, d.WriteAt(name, 0, used))
		check(tb, d.Truncate(name, int64(len(data))))
		check(tb, d.SyncFile(name))
	}
	check(tb, d.SyncDir())
	return d
}

// difference says where two WALs differ, or "".
func (f files) difference(g files) string {
	for name, data := range f {
		other, ok := g[name]
		if !ok {
			return name + " is missing on one side"
		}
		if i := firstDifference(data, other); i >= 0 {
			return fmt.Sprintf("%s differs at byte %d of %d and %d", name, i, len(data), len(other))
		}
	}
	if len(f) != len(g) {
		return fmt.Sprintf("%d and %d segments", len(f), len(g))
	}
	return ""
}

func firstDifference(a, b []byte) int {
	if bytes.Equal(a, b) {
		return -1
	}
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

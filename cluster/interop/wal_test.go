package interop

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	etcdwal "go.etcd.io/etcd/server/v3/storage/wal"
	"go.etcd.io/etcd/server/v3/storage/wal/walpb"
	"pgregory.net/rapid"

	"etcdscope/cluster/disk"
	"etcdscope/raft"
	"etcdscope/raft/wal"
)

// logWriter is one implementation, open for writing.
type logWriter interface {
	save(tb failer, st *raft.HardState, entries []raft.Entry)
	snapshot(tb failer, s raft.SnapshotMeta)
	sync(tb failer)
}

type oursWriter struct{ w *wal.WAL }

func (o oursWriter) save(tb failer, st *raft.HardState, entries []raft.Entry) {
	tb.Helper()
	_, err := o.w.Save(st, entries)
	check(tb, err)
}

func (o oursWriter) snapshot(tb failer, s raft.SnapshotMeta) {
	tb.Helper()
	check(tb, o.w.SaveSnapshot(s))
}

func (o oursWriter) sync(tb failer) { tb.Helper(); check(tb, o.w.Sync()) }

type etcdWriter struct{ w *etcdwal.WAL }

func (e etcdWriter) save(tb failer, st *raft.HardState, entries []raft.Entry) {
	tb.Helper()
	check(tb, e.w.Save(toState(st), toEntries(entries)))
}

func (e etcdWriter) snapshot(tb failer, s raft.SnapshotMeta) {
	tb.Helper()
	check(tb, e.w.SaveSnapshot(toSnapshot(s)))
}

func (e etcdWriter) sync(tb failer) { tb.Helper(); check(tb, e.w.Sync()) }

// memberLog is what a raft member knows while it writes; the same calls go to every writer.
type memberLog struct {
	writers []logWriter
	outcome
	straight bool // no entry is ever written twice
	replaced bool // entries were dropped, which etcd's reader does not see once a snapshot covers what dropped them
}

func (m *memberLog) last() raft.Index { return m.outcome.snapshot.Index + raft.Index(len(m.entries)) }

// step makes one random thing that a member could do.
func (m *memberLog) step(t *rapid.T) {
	switch rapid.IntRange(0, 9).Draw(t, "step") {
	case 0:
		m.takeSnapshot(t)
	case 1:
		m.receiveSnapshot(t)
	case 2:
		for _, w := range m.writers {
			w.sync(t)
		}
	case 3, 4: // a commit index that is not synced: it counts for no cut until it is
		st := m.state
		st.Commit = min(st.Commit+1, m.last())
		m.write(t, st, nil)
	default:
		m.append(t)
	}
}

// append saves entries, sometimes in place of some that were not committed, and a hard state.
func (m *memberLog) append(t *rapid.T) {
	st := m.state
	st.Term += raft.Term(rapid.IntRange(0, 2).Draw(t, "term"))
	st.Term = max(st.Term, 1)
	if st.Term != m.state.Term {
		st.Vote = raft.ID(rapid.IntRange(0, 3).Draw(t, "vote"))
	}
	from := m.last() + 1
	if !m.straight && rapid.IntRange(0, 4).Draw(t, "conflict") == 0 {
		from = raft.Index(rapid.Uint64Range(uint64(m.state.Commit)+1, uint64(from)).Draw(t, "from"))
	}
	var entries []raft.Entry
	for range rapid.IntRange(0, 3).Draw(t, "entries") {
		e := raft.Entry{Term: st.Term, Index: from + raft.Index(len(entries))}
		size := rapid.SampledFrom([]int{0, 1, 20, 300, 600}).Draw(t, "size")
		if size > 0 {
			e.Data = bytes.Repeat([]byte{0xff, 0, byte(e.Index)}, size)[:size]
		}
		e.Type = rapid.SampledFrom([]raft.EntryType{0, 0, 0, 0, 0, 0, 1, 2}).Draw(t, "type")
		entries = append(entries, e)
	}
	if len(entries) > 0 {
		kept, last := from-m.outcome.snapshot.Index-1, m.last()
		m.entries = append(m.entries[:kept:kept], entries...)
		m.replaced = m.replaced || m.last() < last
	}
	st.Commit = raft.Index(rapid.Uint64Range(uint64(st.Commit), uint64(m.last())).Draw(t, "commit"))
	m.write(t, st, entries)
}

// write saves as a Ready does: an unchanged hard state is left out.
func (m *memberLog) write(tb failer, st raft.HardState, entries []raft.Entry) {
	changed := &st
	if st == m.state {
		changed = nil
	}
	m.state = st
	for _, w := range m.writers {
		w.save(tb, changed, entries)
	}
}

// conf is some configuration, joint at odd indexes.
func conf(i raft.Index) raft.ConfState {
	c := raft.ConfState{Voters: []raft.ID{1, 2, 300}, Learners: []raft.ID{4}}
	if i%2 == 1 {
		c.VotersOutgoing, c.LearnersNext, c.AutoLeave = []raft.ID{1, 1 << 60}, []raft.ID{300}, true
	}
	return c
}

// takeSnapshot records a snapshot of what was applied; the log behind it stays.
func (m *memberLog) takeSnapshot(tb failer) {
	i := m.state.Commit
	if i <= m.outcome.snapshot.Index {
		return
	}
	at := i - m.outcome.snapshot.Index
	s := raft.SnapshotMeta{Index: i, Term: m.entries[at-1].Term, Conf: conf(i)}
	m.install(tb, s, m.entries[at:])
}

// receiveSnapshot installs what a leader sent: beyond the own log, or in its midst where it is another leader's. Raft
// then drops the whole log; etcd's reader goes on to see entries behind the snapshot.
func (m *memberLog) receiveSnapshot(t *rapid.T) {
	i := m.state.Commit + raft.Index(rapid.IntRange(1, 5).Draw(t, "ahead"))
	s := raft.SnapshotMeta{Index: i, Term: m.state.Term + 1, Conf: conf(i)}
	m.replaced = m.replaced || i < m.last()
	m.install(t, s, nil)
	m.write(t, raft.HardState{Term: s.Term, Vote: m.state.Vote, Commit: i}, nil)
}

func (m *memberLog) install(tb failer, s raft.SnapshotMeta, rest []raft.Entry) {
	for _, w := range m.writers {
		w.snapshot(tb, s)
	}
	m.outcome.snapshot, m.entries = s, rest
}

// TestWALSameBytes: the same calls give the same files, byte for byte, and both sides read both the same.
func TestWALSameBytes(t *testing.T) {
	root := t.TempDir()
	resurrected := 0
	segmentSize(t, 0)
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.SampledFrom([]int64{304, 1000, 5000, 1 << 20}).Draw(t, "segment")
		etcdwal.SegmentSizeBytes = size
		root := runDir(t, root)
		dir := filepath.Join(root, "wal")
		theirs, d := createEtcd(t, dir), disk.New()
		ours, err := wal.Create(d, walMember, wal.Options{SegmentSize: size})
		check(t, err)
		m := &memberLog{writers: []logWriter{oursWriter{ours}, etcdWriter{theirs}}}
		m.class, m.metadata = whole, walMember
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			m.step(t)
		}
		check(t, theirs.Close())
		real, err := wal.OpenDir(dir)
		check(t, err)
		defer real.Close()
		if diff := filesOf(t, d).difference(filesOf(t, real)); diff != "" {
			t.Fatal(diff)
		}
		if _, got := openOurs(t, real, wal.Options{}); got.class != whole || !got.sameContent(m.outcome) {
			t.Fatalf("ours read %v\nwritten %v", got, m.outcome)
		}
		mirror := filepath.Join(root, "ours")
		filesOf(t, d).write(t, mirror)
		w, got := openEtcd(mirror)
		if w == nil {
			t.Fatalf("etcd refuses: %v", got)
		}
		check(t, w.Close())
		if m.judge(t, got) {
			resurrected++
		}
		check(t, os.RemoveAll(root))
	})
	t.Logf("in %d runs etcd read entries again that raft had dropped under a snapshot", resurrected)
}

// judge compares what etcd read with what was written, and says whether etcd brought dropped entries back: it skips
// entries at or below the snapshot, and so does not see that they cut the log, and a snapshot record cuts nothing.
func (m *memberLog) judge(t failer, got outcome) (resurrected bool) {
	t.Helper()
	if got.class == whole && got.sameContent(m.outcome) {
		return false
	}
	if got.class != whole || !m.replaced || !extends(got, m.outcome) {
		t.Fatalf("etcd read %v\nwritten   %v", got, m.outcome)
	}
	return true
}

// TestWALHandover: one directory, written in turns by both sides, as by a member that is restarted with the other
// program. Each finds what was written before it.
func TestWALHandover(t *testing.T) {
	segmentSize(t, 0)
	root := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.SampledFrom([]int64{304, 1000, 5000}).Draw(t, "segment")
		etcdwal.SegmentSizeBytes = size
		root := runDir(t, root)
		dir := filepath.Join(root, "wal")
		theirs := createEtcd(t, dir)
		m := &memberLog{writers: []logWriter{etcdWriter{theirs}}}
		m.class, m.metadata = whole, walMember
		for range rapid.IntRange(1, 2).Draw(t, "turns") {
			m.steps(t)
			check(t, theirs.Close())
			real, err := wal.OpenDir(dir)
			check(t, err)
			ours, got := openOurs(t, real, wal.Options{SegmentSize: size})
			if got.class != whole || !got.sameContent(m.outcome) {
				t.Fatalf("ours read %v\nwritten %v", got, m.outcome)
			}
			m.writers = []logWriter{oursWriter{ours}}
			m.steps(t)
			check(t, real.Close())
			theirs, got = openEtcd(dir)
			m.judge(t, got)
			m.writers = []logWriter{etcdWriter{theirs}}
			m.goOn(t)
		}
		check(t, theirs.Close())
		check(t, os.RemoveAll(root))
	})
}

// goOn writes an entry if the log is empty behind a leader's snapshot. An etcd that starts there and cuts a segment
// before it has written an entry names it by the last entry of before, and then does not find the snapshot's record.
func (m *memberLog) goOn(t *rapid.T) {
	if s := m.outcome.snapshot; s.Index > 0 && len(m.entries) == 0 {
		m.entries = []raft.Entry{{Term: m.state.Term, Index: s.Index + 1}}
		m.write(t, m.state, m.entries)
	}
}

func (m *memberLog) steps(t *rapid.T) {
	for range rapid.IntRange(0, 8).Draw(t, "steps") {
		m.step(t)
	}
}

// TestWALFullSize: a segment of etcd's real size, filled and cut.
func TestWALFullSize(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "wal")
	theirs, d := createEtcd(t, dir), disk.New()
	ours, err := wal.Create(d, walMember, wal.Options{})
	check(t, err)
	m := &memberLog{writers: []logWriter{oursWriter{ours}, etcdWriter{theirs}}}
	for i := range raft.Index(650) {
		e := raft.Entry{Term: 1, Index: i + 1, Data: bytes.Repeat([]byte{byte(i) | 1}, 100_000)}
		m.write(t, raft.HardState{Term: 1, Vote: 2, Commit: i}, []raft.Entry{e})
	}
	check(t, theirs.Close())
	real, err := wal.OpenDir(dir)
	check(t, err)
	defer real.Close()
	if diff := filesOf(t, d).difference(filesOf(t, real)); diff != "" || len(d.Names()) != 2 {
		t.Errorf("%v: %s", d.Names(), diff)
	}
}

// extends says that a holds all of b and entries behind it.
func extends(a, b outcome) bool {
	if len(a.entries) <= len(b.entries) {
		return false
	}
	a.entries = a.entries[:len(b.entries)]
	return a.sameContent(b)
}

// TestWALLargeSaves: etcd's writer holds 128 KiB back, and what a larger Save writes beyond that counts when it decides
// where to cut; so do thousands of commit indexes that nobody syncs. Segments end at the same records all the same.
func TestWALLargeSaves(t *testing.T) {
	const size = 400_000
	segmentSize(t, size)
	dir := filepath.Join(t.TempDir(), "wal")
	theirs, d := createEtcd(t, dir), disk.New()
	ours, err := wal.Create(d, walMember, wal.Options{SegmentSize: size})
	check(t, err)
	m := &memberLog{writers: []logWriter{oursWriter{ours}, etcdWriter{theirs}}}
	save := func(commit raft.Index, sizes ...int) {
		var entries []raft.Entry
		for _, n := range sizes {
			data := bytes.Repeat([]byte{byte(n) | 1}, n)
			entries = append(entries, raft.Entry{Term: 1, Index: m.last() + raft.Index(len(entries)) + 1, Data: data})
		}
		m.entries = append(m.entries, entries...)
		m.write(t, raft.HardState{Term: 1, Vote: 2, Commit: commit}, entries)
	}
	for i := range raft.Index(12) {
		save(2*i, 100_000, 100_000, 100_000)
	}
	for i := range 60 { // around the size of the buffer, and around whole pages
		save(24, 128<<10-100+8*i, 4096, 5*i)
		save(25, 4096*(i%5)+7*i, 33, 300_000)
	}
	for i := range raft.Index(20_000) {
		save(24 + i%2)
	}
	check(t, theirs.Close())
	real, err := wal.OpenDir(dir)
	check(t, err)
	defer real.Close()
	if diff := filesOf(t, d).difference(filesOf(t, real)); diff != "" || len(d.Names()) < 20 {
		t.Errorf("%d files: %s", len(d.Names()), diff)
	}
}

// TestWALVerify: etcd's own check of a log, and ours, find nothing wrong with what the other wrote, and etcd's says
// the hard state.
func TestWALVerify(t *testing.T) {
	segmentSize(t, 700)
	dir := filepath.Join(t.TempDir(), "wal")
	theirs, d := createEtcd(t, dir), disk.New()
	ours, err := wal.Create(d, walMember, wal.Options{SegmentSize: 700})
	check(t, err)
	m := &memberLog{writers: []logWriter{oursWriter{ours}, etcdWriter{theirs}}}
	for i := range raft.Index(40) {
		m.write(t, raft.HardState{Term: 1 + raft.Term(i/10), Vote: 2, Commit: i}, []raft.Entry{
			{Term: 1 + raft.Term(i/10), Index: i + 1, Data: bytes.Repeat([]byte{byte(i)}, int(i))},
		})
	}
	check(t, theirs.Close())
	real, err := wal.OpenDir(dir)
	check(t, err)
	defer real.Close()
	n, err := wal.Verify(real)
	if err != nil || n != 1+2*40+2*len(filesOf(t, real))+len(filesOf(t, real))-1 {
		t.Errorf("ours: %d records in %d files, %v", n, len(filesOf(t, real)), err)
	}
	mirror := filepath.Join(t.TempDir(), "ours")
	filesOf(t, d).write(t, mirror)
	state, err := etcdwal.Verify(silent, mirror, &walpb.Snapshot{})
	if err != nil || fromState(state) != m.state {
		t.Errorf("etcd: %v, %v, want %+v", state, err, m.state)
	}
}

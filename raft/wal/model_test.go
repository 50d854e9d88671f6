package wal

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"etcdscope/cluster/disk"
	"etcdscope/raft"

	"pgregory.net/rapid"
)

// written is one record that a member wrote, as raft sees it: one of the three is set.
type written struct {
	entry *raft.Entry
	state *raft.HardState
	snap  *raft.SnapshotMeta
}

// expected is what must be recovered when just these records survive, computed without any cleverness.
func expected(records []written) (r Recovered) {
	for _, w := range records {
		if w.state != nil {
			r.HardState = *w.state
		}
	}
	log := map[raft.Index]raft.Entry{}
	for _, w := range records {
		switch {
		case w.entry != nil:
			for i := range log {
				if i >= w.entry.Index {
					delete(log, i)
				}
			}
			log[w.entry.Index] = *w.entry
		case w.snap != nil && w.snap.Index <= r.HardState.Commit:
			if log[w.snap.Index].Term != w.snap.Term {
				clear(log)
			}
			if w.snap.Index >= r.Snapshot.Index {
				r.Snapshot = *w.snap
			}
		}
	}
	for i := r.Snapshot.Index + 1; log[i].Term != 0; i++ {
		r.Entries = append(r.Entries, log[i])
	}
	return r
}

func same(a, b Recovered) bool {
	eq := func(x, y raft.Entry) bool {
		return x.Term == y.Term && x.Index == y.Index && x.Type == y.Type && bytes.Equal(x.Data, y.Data)
	}
	return a.HardState == b.HardState && a.Snapshot.Index == b.Snapshot.Index && a.Snapshot.Term == b.Snapshot.Term &&
		slices.Equal(a.Snapshot.Conf.Voters, b.Snapshot.Conf.Voters) && slices.EqualFunc(a.Entries, b.Entries, eq)
}

// member is a WAL on a simulated disk, and the records that were written to it.
type member struct {
	d       *disk.Disk
	w       *WAL
	records []written
	durable int // of records
	marks   []pending
}

// pending is an fsync that has begun, and how many records it covers.
type pending struct {
	mark disk.Mark
	n    int
}

var modelOptions = Options{SegmentSize: 700}

// log is what the member holds in memory.
func (m *member) log() Recovered { return expected(m.records) }

// save writes random entries and a hard state that a raft member could write.
func (m *member) save(t *rapid.T) {
	now := m.log()
	last := now.Snapshot.Index + raft.Index(len(now.Entries))
	st := now.HardState
	st.Term += raft.Term(rapid.IntRange(0, 2).Draw(t, "term"))
	st.Term = max(st.Term, 1)
	if st.Term != now.HardState.Term {
		st.Vote = raft.ID(rapid.IntRange(0, 3).Draw(t, "vote"))
	}
	from := last + 1
	if rapid.IntRange(0, 4).Draw(t, "conflict") == 0 {
		from = raft.Index(rapid.Uint64Range(uint64(now.HardState.Commit)+1, uint64(last)+1).Draw(t, "from"))
	}
	var entries []raft.Entry
	for range rapid.IntRange(0, 3).Draw(t, "entries") {
		e := raft.Entry{Term: st.Term, Index: from + raft.Index(len(entries))}
		e.Data = bytes.Repeat([]byte{0xff, 0, byte(e.Index)}, rapid.SampledFrom([]int{0, 1, 20, 300}).Draw(t, "size"))
		if rapid.IntRange(0, 7).Draw(t, "conf") == 0 {
			e.Type = raft.EntryConfChange
		}
		if len(e.Data) == 0 {
			e.Data = nil
		}
		entries = append(entries, e)
		last = e.Index
	}
	st.Commit = raft.Index(rapid.Uint64Range(uint64(st.Commit), uint64(last)).Draw(t, "commit"))
	m.write(t, &st, entries)
}

// write saves, and checks what Save says about fsync and where it cut.
func (m *member) write(t *rapid.T, st *raft.HardState, entries []raft.Entry) {
	before := m.log().HardState
	tail, _ := m.w.Tail()
	must, err := m.w.Save(st, entries)
	if err != nil {
		t.Fatal(err)
	}
	if want := len(entries) > 0 || st.Term != before.Term || st.Vote != before.Vote; must != want {
		t.Fatalf("must sync %v, want %v", must, want)
	}
	for i := range entries {
		m.records = append(m.records, written{entry: &entries[i]})
	}
	if *st != before {
		m.records = append(m.records, written{state: st})
	}
	if name, _ := m.w.Tail(); name != tail {
		m.durable = len(m.records) // a cut syncs
	}
}

// snapshot records a local snapshot, or one that a leader sent.
func (m *member) snapshot(t *rapid.T) {
	now := m.log()
	conf := raft.ConfState{Voters: []raft.ID{1, 2, 3}}
	s := raft.SnapshotMeta{Index: now.HardState.Commit, Conf: conf}
	received := rapid.Bool().Draw(t, "received")
	if received {
		last := now.Snapshot.Index + raft.Index(len(now.Entries))
		s.Index = last + raft.Index(rapid.IntRange(1, 3).Draw(t, "ahead"))
		s.Term = max(1, now.HardState.Term)
	} else if s.Index <= now.Snapshot.Index {
		return
	} else {
		s.Term = now.Entries[s.Index-now.Snapshot.Index-1].Term
	}
	m.saveSnapshot(t, s)
	if received {
		m.write(t, &raft.HardState{Term: s.Term, Vote: now.HardState.Vote, Commit: s.Index}, nil)
	}
}

func (m *member) saveSnapshot(t *rapid.T, s raft.SnapshotMeta) {
	if err := m.w.SaveSnapshot(s); err != nil {
		t.Fatal(err)
	}
	m.records = append(m.records, written{snap: &s})
	m.durable = len(m.records)
}

// resend installs a snapshot again that the member died over: what is at its index is decided, no leader can send
// another.
func (m *member) resend(t *rapid.T) {
	st := m.log().HardState
	for _, w := range slices.Clone(m.records) {
		if w.snap != nil && w.snap.Index > st.Commit {
			m.saveSnapshot(t, *w.snap)
			m.write(t, &raft.HardState{Term: max(st.Term, w.snap.Term), Vote: st.Vote, Commit: w.snap.Index}, nil)
		}
	}
}

// reopen reads the WAL as a restarted member does. The result must be what some prefix of the records says, and the
// prefix must hold every durable record.
func (m *member) reopen(t *rapid.T, least int) {
	w, r, err := Open(m.d, modelOptions)
	if err != nil {
		t.Fatalf("%v; %d of %d records were durable", err, m.durable, len(m.records))
	}
	for n := len(m.records); n >= least; n-- {
		if same(r, expected(m.records[:n])) {
			m.w, m.records, m.durable, m.marks = w, m.records[:n:n], n, nil
			m.resend(t)
			return
		}
	}
	t.Fatalf("recovered %+v\nof %d records, %d durable", r, len(m.records), m.durable)
}

// TestMember: whatever a member wrote, was killed or lost power at, it recovers all that was synced and
// nothing that was not written (reliability S1), also when the disk was torn, and on diverging clones.
func TestMember(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := disk.New()
		w, err := Create(d, Metadata{NodeID: 1, ClusterID: 2}, modelOptions)
		if err != nil {
			t.Fatal(err)
		}
		members := []*member{{d: d, w: w}}
		for range rapid.IntRange(40, 100).Draw(t, "steps") {
			m := members[rapid.IntRange(0, len(members)-1).Draw(t, "member")]
			if c := m.step(t); c != nil && len(members) < 3 {
				members = append(members, c)
			}
		}
		for _, m := range members {
			if _, err := Verify(m.d); err != nil {
				t.Fatal(err)
			}
			m.reopen(t, len(m.records))
		}
	})
}

// step does one random thing; it returns a clone if that was it.
func (m *member) step(t *rapid.T) *member {
	switch op := rapid.IntRange(0, 12).Draw(t, "op"); op {
	case 0:
		m.snapshot(t)
	case 1, 2:
		m.marks = append(m.marks, pending{m.d.Begin(), len(m.records)})
	case 3, 4:
		if len(m.marks) > 0 {
			p := rapid.SampledFrom(m.marks).Draw(t, "mark")
			if err := m.d.Complete(p.mark); err != nil {
				t.Fatal(err)
			}
			m.durable = max(m.durable, p.n)
		}
	case 5:
		m.d.Crash()
		m.reopen(t, len(m.records))
	case 6, 7:
		m.poweroff(t)
	case 8:
		return m.clone()
	default:
		m.save(t)
	}
	return nil
}

func (m *member) poweroff(t *rapid.T) {
	var draw func(int) int
	if rapid.Bool().Draw(t, "tear") {
		luck := rapid.SliceOfN(rapid.IntRange(0, 1), 1, 16).Draw(t, "luck")
		i := 0
		draw = func(n int) int { i++; return luck[i%len(luck)] % n }
	}
	m.d.Poweroff(draw)
	m.reopen(t, m.durable)
}

// String names the record for a failing test.
func (w written) String() string {
	switch {
	case w.entry != nil:
		return fmt.Sprintf("entry %d/t%d", w.entry.Index, w.entry.Term)
	case w.state != nil:
		return fmt.Sprintf("state %+v", *w.state)
	}
	return fmt.Sprintf("snapshot %d/t%d", w.snap.Index, w.snap.Term)
}

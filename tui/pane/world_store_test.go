package pane

import (
	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/cluster/disk"
	"etcdscope/cluster/session"
	"etcdscope/mvcc"
	"etcdscope/raft"
	"etcdscope/raft/wal"
	"etcdscope/watch"
)

// store gives a member a real store with the history of mock 8, and returns it for what comes later.
func (w *world) store(id int) *mvcc.Store {
	b, err := mvcc.NewBackend(w.t.TempDir())
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = b.Close() })
	s, err := mvcc.Open(b)
	if err != nil {
		w.t.Fatal(err)
	}
	txn := func(changes ...string) {
		t := s.Write()
		for _, c := range changes {
			if key, value, put := cutChange(c); put {
				t.Put([]byte(key), []byte(value), 0, false)
			} else {
				t.DeleteRange([]byte(key), nil, false)
			}
		}
		t.End()
	}
	for _, c := range []string{"a=0", "a=1", "b=1", "a=2", "c=1", "a"} {
		txn(c)
	}
	txn("a=3", "d=1")
	txn("c=2")
	s.SetConsistentIndex(5, 3)
	if err := s.Commit(); err != nil {
		w.t.Fatal(err)
	}
	for _, c := range []string{"c", "a=4", "b=2"} {
		txn(c)
	}
	s.SetConsistentIndex(7, 3)
	m := w.member(id)
	m.Store = s.View()
	m.Watchers = []watch.Watcher{
		{ID: 1, Key: []byte("a"), End: []byte("b"), StartRev: 2, NextRev: 13, State: watch.Synced, Buffer: 128},
		{ID: 2, Key: []byte("a"), StartRev: 2, NextRev: 9, State: watch.Unsynced, Queued: 3, Buffer: 128},
		{ID: 3, Key: []byte("b"), StartRev: 1, NextRev: 1, State: watch.Cancelled},
	}
	return s
}

// cutChange reads a=1 as a put and a as a delete.
func cutChange(c string) (key, value string, put bool) {
	for i := range c {
		if c[i] == '=' {
			return c[:i], c[i+1:], true
		}
	}
	return c, "", false
}

// disk gives a member the WAL of mock 9.
func (w *world) disk(id int) {
	d := &w.member(id).Disk
	d.Tail, d.Durable, d.Syncing, d.Torn = "0000000000000001-0000000000000005.wal", 5, true, true
	d.Files = []disk.File{
		{Name: "0000000000000000-0000000000000000.wal", Size: 4096, Written: 640, Synced: 640},
		{Name: d.Tail, Size: 4096, Written: 420, Synced: 300},
	}
	offset := int64(0)
	for _, r := range []wal.RecordInfo{
		{Type: wal.CRCType},
		{Type: wal.MetadataType},
		{Type: wal.StateType, Term: 2, Vote: 2},
		{Type: wal.EntryType, Term: 2, Index: 5},
		{Type: wal.StateType, Term: 3, Vote: 2},
		{Type: wal.EntryType, Term: 3, Index: 7},
		{Type: wal.EntryType, Term: 3, Index: 8},
	} {
		r.Offset, r.Length = offset, 60
		offset += 60
		d.Records = append(d.Records, r)
	}
}

// past gives the scene a recorded history: an election, a write, heartbeats, and a future beyond the present.
func (w *world) past(s *Scene) {
	var list []*cluster.Event
	rule := func(id, sentence, source string) *raft.Rule {
		return &raft.Rule{ID: id, Sentence: sentence, Source: source}
	}
	add := func(at clock.Time, e cluster.Event) {
		e.ID, e.At = uint64(len(list)+1), at
		if e.ID > 1 {
			e.Causes[0] = e.ID - 1
		}
		list = append(list, &e)
	}
	add(95_000, cluster.Event{Kind: cluster.Tick, Member: 2, Salience: cluster.Story, Facts: []raft.Fact{{
		Kind: raft.FactCandidate, Term: 3,
		Rule: rule("election-timeout", "A follower that hears from no leader stands for election.", "Raft §5.2"),
	}}})
	vote := &cluster.Message{ID: 7, Message: raft.Message{Type: raft.MsgVoteResp, From: 3, To: 2, Term: 3}}
	add(118_000, cluster.Event{Kind: cluster.Handle, Member: 2, Msg: vote, Salience: cluster.Story, Facts: []raft.Fact{{
		Kind: raft.FactElected, Term: 3, N: 3, Of: 5,
		Rule: rule("majority-elects", "A candidate with the votes of a majority leads its term.", "Raft §5.2"),
	}}})
	for i := range clock.Time(14) {
		beat := &cluster.Message{ID: uint64(10 + i)}
		beat.Message = raft.Message{Type: raft.MsgHeartbeat, From: 2, To: 1, Term: 3}
		add(120_000+i*1000, cluster.Event{Kind: cluster.Deliver, Member: 1, Msg: beat, Salience: cluster.Protocol})
	}
	add(140_000, cluster.Event{Kind: cluster.WALWrite, Member: 2, Term: 3, Index: 8, N: 1, Salience: cluster.Protocol})
	add(148_300, cluster.Event{Kind: cluster.FsyncDone, Member: 1, Index: 7, Salience: cluster.Protocol})
	apply := cluster.Event{Kind: cluster.Apply, Member: 2, Term: 3, Index: 7, Rev: 13, N: 1}
	apply.Salience = cluster.Protocol
	add(152_000, apply)
	s.End, s.Pos = uint64(len(list)), uint64(len(list)-1)
	s.Event = func(id uint64) *cluster.Event {
		if id == 0 || id > uint64(len(list)) {
			return nil
		}
		return list[id-1]
	}
	s.Chain = func(id uint64, limit int) (hops []*cluster.Event) {
		for e := s.Event(id); e != nil && e.Causes[0] > 0 && len(hops) < limit; {
			e = s.Event(e.Causes[0])
			hops = append(hops, e)
		}
		return hops
	}
}

// history gives the scene branches and marks.
func (w *world) history(s *Scene) {
	s.Branches = []session.Branch{
		{Name: "A", End: 19, EndAt: 240_000, Commands: 2},
		{Name: "B", Parent: "A", ForkAt: 2, ForkTime: 118_000, End: 19, EndAt: 210_000, Commands: 4, Current: true},
		{Name: "C", Parent: "B", ForkAt: 17, ForkTime: 140_000, End: 30, EndAt: 190_000, Commands: 5},
	}
	s.Marks = []session.Mark{
		{Name: "election", Kind: "election", Event: 2, At: 118_000},
		{Name: "crash n5", Kind: "crash", Event: 10, At: 127_000},
		{Name: "before", Kind: "user", Event: 16, At: 140_000},
		{Name: "commit", Kind: "break", Event: 19, At: 152_000},
	}
	s.Invariants = 9
}

// everything is the classroom with stores, disks, a past and branches.
func (w *world) everything() *Scene {
	w.store(2)
	w.disk(2)
	w.leases()
	w.claims()
	w.member(2).Inbox = []*cluster.Message{w.view.Flights[1].Message}
	s := w.scene()
	w.past(s)
	w.history(s)
	return s
}

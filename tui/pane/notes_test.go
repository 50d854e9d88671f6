package pane

import (
	"strings"
	"testing"

	"etcdscope/cluster"
	"etcdscope/raft"
)

// reconfiguring is a cluster in the middle of everything at once: n1 leads term 4 in a joint configuration, hands over
// to n3, sends n5, which only learns, a snapshot, and waits for two reads.
func reconfiguring(t testing.TB) *world {
	w := newWorld(t, 5)
	for id := 2; id <= 4; id++ {
		w.log(id, 1, 1, 1, 1, 4, 4, 4, 4)
	}
	l := w.log(1, 4, 1, 4, 4, 4, 4)
	w.log(5, 1)
	conf := raft.ConfState{
		Voters: []raft.ID{1, 2, 4}, VotersOutgoing: []raft.ID{1, 2, 3}, Learners: []raft.ID{5}, AutoLeave: true,
	}
	for id := 1; id <= 5; id++ {
		r := &w.member(id).Raft
		r.Term, r.Vote, r.Lead, r.Commit, r.Applied, r.Conf, r.Lease = 4, 1, 1, 6, 6, conf, 15
		w.timers(id, 12-id, 18)
	}
	l.Role, l.Window, l.WindowBytes, l.DurableIndex = raft.Leader, 3, 4096, 8
	l.PendingConf, l.Transferee, l.Elapsed = 8, 3, 4
	l.Reads = raft.ReadRounds{Round: 3, Oldest: 2, Index: 6, Asked: 2, Waiting: 1}
	l.Progress = []raft.Progress{
		{ID: 1, Match: 8, Next: 9, State: raft.Replicate, ReadAck: 3},
		{ID: 2, Match: 7, Next: 9, State: raft.Replicate, Inflight: 1, Bytes: 120, Active: true, ReadAck: 2},
		{ID: 3, Match: 5, Next: 9, State: raft.Replicate, Inflight: 3, Bytes: 4096, Active: true, Paused: true},
		{ID: 4, Match: 8, Next: 9, State: raft.Replicate, Active: true},
		{ID: 5, Learner: true, Next: 4, State: raft.SnapshotSend, Snapshot: 3, Paused: true},
	}
	w.send(raft.Message{
		Type: raft.MsgSnap, From: 1, To: 5, Term: 4, Snapshot: &raft.Snapshot{Meta: raft.SnapshotMeta{Index: 3, Term: 1}},
	}, 40)
	return w
}

// electing is a cluster that counts: n2 and n4 want to lead, n1 asks whether it could, n5 installs a snapshot.
func electing(t testing.TB) *world {
	w := newWorld(t, 5)
	for id := 1; id <= 5; id++ {
		r := w.log(id, 1, 1, 1)
		r.Term, r.Commit, r.Applied = 6, 2, 2
		w.timers(id, 10+id, 18)
	}
	one, two, four := &w.member(1).Raft, &w.member(2).Raft, &w.member(4).Raft
	one.Role, one.Term, one.Votes = raft.PreCandidate, 5, []raft.Vote{{ID: 1, Granted: true}}
	two.Role, two.Vote = raft.Candidate, 2
	two.Votes = []raft.Vote{{ID: 2, Granted: true}, {ID: 3, Granted: true}, {ID: 4}}
	four.Role, four.Vote = raft.Candidate, 4 // its own vote is not on its disk yet
	four.Conf.VotersOutgoing = []raft.ID{3, 4, 5}
	w.member(3).Raft.Conf.Voters = []raft.ID{1, 2, 4}
	w.member(5).Raft.Snapshot, w.member(5).Installing = 9, true
	got := &cluster.Message{Message: raft.Message{Type: raft.MsgSnap, Snapshot: &raft.Snapshot{}}}
	got.Snapshot.Meta.Index = 8
	w.member(4).Checking = true
	w.member(3).Receiving, w.member(3).Saving = []*cluster.Message{got}, 2
	w.member(1).Alarms = []cluster.Alarm{{Member: 3, Kind: cluster.NoSpace}, {Member: 4, Kind: cluster.Corrupt}}
	w.send(raft.Message{Type: raft.MsgVoteResp, From: 5, To: 2, Term: 6}, 60)
	w.send(raft.Message{Type: raft.MsgVoteResp, From: 3, To: 4, Term: 6, Reject: true}, 30)
	return w
}

// TestNotes draws every standing fact of Raft in the three panes that tell of them.
func TestNotes(t *testing.T) {
	for _, c := range []struct {
		name  string
		world *world
	}{{"reconfiguring", reconfiguring(t)}, {"electing", electing(t)}} {
		s := c.world.scene()
		s.Selected = 1
		for _, z := range sizes[:3] {
			golden(t, "notes-"+c.name+"-lanes-"+z.name, draw(NewLanes(), s, z.w, z.h/2))
			golden(t, "notes-"+c.name+"-logs-"+z.name, draw(NewLogs(), s, z.w, z.h*3/4))
			golden(t, "notes-"+c.name+"-inspect-"+z.name, draw(NewInspector(), s, z.w, z.h))
		}
		s.Lang = "zh"
		golden(t, "notes-"+c.name+"-zh", draw(NewLogs(), s, 110, 18))
	}
}

// TestSnapshotMoves holds that the facts follow a snapshot on its way although no event happens.
func TestSnapshotMoves(t *testing.T) {
	s := reconfiguring(t).scene()
	p := NewLogs()
	before := draw(p, s, 110, 20)
	s.Now += 2000
	if after := draw(p, s, 110, 20); after == before {
		t.Errorf("the snapshot stands still:\n%s", after)
	}
}

// TestWhyNot asks the three questions that have conditions for an answer: why an entry is not committed, in a joint
// configuration, why a member does not lead, and why it would not vote for another.
func TestWhyNot(t *testing.T) {
	p, s := NewWhy(), reconfiguring(t).scene()
	p.Entry, s.Selected = 8, 5
	golden(t, "why-entry", draw(p, s, 80, 12))
	w := electing(t)
	log := w.log(3, 1, 1, 1, 5)
	log.Term, log.Lease, log.Lead, log.Elapsed = 5, 15, 1, 4
	s = w.scene()
	ask := w.send(raft.Message{Type: raft.MsgVote, From: 4, To: 3, Term: 6, Index: 2, LogTerm: 1}, 20)
	p, s.Message, s.Selected = NewWhy(), ask.ID, 4
	golden(t, "why-vote", draw(p, s, 80, 12))
	log.Term, log.Lead, log.Vote = 6, 0, 2
	p, s.Selected = NewWhy(), 2
	golden(t, "why-voted", draw(p, s, 80, 14))
}

// TestWhyScrolls holds that every row of a long answer can be reached, with hops and without.
func TestWhyScrolls(t *testing.T) {
	s := classroom(t).everything()
	s.Selected = 4
	for _, event := range []uint64{0, 17} {
		p := NewWhy()
		p.Event = event
		all := draw(p, s, 80, 80)
		seen := draw(p, s, 80, 6)
		for range 60 {
			p.Key("j", s)
			seen += draw(p, s, 80, 6)
		}
		for row := range strings.Lines(all) {
			if row = strings.TrimSpace(strings.Trim(strings.TrimSpace(row), "┃")); !strings.Contains(seen, row) {
				t.Errorf("event %d: nobody can read %q", event, row)
			}
		}
	}
}

package invariant_test

import (
	"fmt"
	"slices"
	"testing"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/cluster/invariant"
	"etcdscope/mvcc"
	"etcdscope/raft"
)

// forger makes up a history by hand: every invariant must be able to fail.
type forger struct {
	t     *testing.T
	c     *invariant.Checker
	view  cluster.View
	id    uint64
	found []string // names of what was broken so far
}

// newForger begins a history of three members with empty logs.
func newForger(t *testing.T) *forger {
	f := &forger{t: t, c: invariant.New(3)}
	f.view.Config = &cluster.Config{}
	for i := range 3 {
		f.view.Members = append(f.view.Members, &cluster.MemberView{ID: raft.ID(i + 1), Up: true, Inc: 1})
		f.log(raft.ID(i + 1))
	}
	return f
}

// log gives a member a log of entries with these terms, by a real node that recovered it.
func (f *forger) log(id raft.ID, terms ...raft.Term) {
	p := raft.Persisted{Snapshot: raft.SnapshotMeta{Conf: raft.ConfState{Voters: []raft.ID{1, 2, 3}}}}
	for i, term := range terms {
		p.Entries = append(p.Entries, raft.Entry{Term: term, Index: raft.Index(i + 1), Data: fmt.Appendf(nil, "%d", term)})
		p.HardState.Term = term
	}
	n, err := raft.New(raft.Config{ID: id, ElectionTick: 10, HeartbeatTick: 1}, p)
	if err != nil {
		f.t.Fatal(err)
	}
	f.view.Members[id-1].Raft = n.View()
}

// happen feeds one event.
func (f *forger) happen(e cluster.Event) uint64 {
	f.id++
	e.ID = f.id
	for _, v := range f.c.Check(&e, func() *cluster.View { return &f.view }) {
		if v.Event != e.ID || v.Detail == "" || v.Sentence == "" || v.Source == "" {
			f.t.Errorf("incomplete violation %+v", v)
		}
		f.found = append(f.found, v.Name)
	}
	return f.id
}

func (f *forger) fact(id raft.ID, facts ...raft.Fact) uint64 {
	return f.happen(cluster.Event{Kind: cluster.Handle, Member: id, Facts: facts})
}

// persist writes and syncs what event by made on a member; promises leave with the sync.
func (f *forger) persist(id raft.ID, by uint64, last raft.Index, n int, leave ...*cluster.Message) {
	f.happen(cluster.Event{Kind: cluster.WALWrite, Member: id, Causes: [2]uint64{by}, Index: last, N: n})
	f.happen(cluster.Event{Kind: cluster.FsyncStart, Member: id})
	f.happen(cluster.Event{Kind: cluster.FsyncDone, Member: id, Index: last, Sent: leave})
}

func (f *forger) send(k cluster.Kind, id raft.ID, m *cluster.Message) {
	f.happen(cluster.Event{Kind: k, Member: id, Sent: []*cluster.Message{m}})
}

func message(t raft.MessageType, from, to raft.ID, term raft.Term, index raft.Index) *cluster.Message {
	return &cluster.Message{Message: raft.Message{Type: t, From: from, To: to, Term: term, Index: index}}
}

func (f *forger) vote(from, to raft.ID, term raft.Term) {
	by := f.fact(from, raft.Fact{Kind: raft.FactVoteGranted, Peer: to, Term: term})
	f.persist(from, by, 0, 0, message(raft.MsgVoteResp, from, to, term, 0))
}

// elect is an honest election: id becomes leader with the vote of another member.
func (f *forger) elect(id, voter raft.ID, term raft.Term) {
	f.vote(voter, id, term)
	f.fact(id, raft.Fact{Kind: raft.FactElected, Term: term})
}

// propose lets a leader append the entry at index of its log and sync it.
func (f *forger) propose(id raft.ID, term raft.Term, index raft.Index) {
	f.persist(id, f.fact(id, raft.Fact{Kind: raft.FactProposed, Term: term, Index: index}), index, 1)
}

// store lets a follower append and sync entries up to index of its log, and acknowledge them.
func (f *forger) store(id, leader raft.ID, term raft.Term, from, to raft.Index) {
	msg := message(raft.MsgApp, leader, id, term, from-1)
	msg.Entries = make([]raft.Entry, to-from+1)
	by := f.happen(cluster.Event{
		Kind: cluster.Handle, Member: id, Msg: msg,
		Facts: []raft.Fact{{Kind: raft.FactAppended, Term: term, Index: to, Peer: leader}},
	})
	f.persist(id, by, to, len(msg.Entries), message(raft.MsgAppResp, id, leader, term, to))
}

func (f *forger) commit(id raft.ID, term raft.Term, index raft.Index, of int) {
	f.fact(id, raft.Fact{Kind: raft.FactCommit, Term: term, Index: index, N: of, Of: of})
}

func (f *forger) apply(id raft.ID, term raft.Term, index raft.Index, rev int64, changes int) {
	f.happen(cluster.Event{Kind: cluster.Apply, Member: id, Term: term, Index: index, Rev: rev, N: changes})
}

// answer lets an operation end.
func (f *forger) answer(kind cluster.CommandKind, called, returned clock.Time, rev int64) {
	op := &cluster.Op{
		ID: cluster.OpID(len(f.view.Ops) + 1), Kind: kind, Spec: &cluster.OpSpec{}, State: cluster.OpDone,
		Called: called, Returned: returned, Rev: rev,
	}
	f.view.Ops = append(f.view.Ops, op)
	f.happen(cluster.Event{Kind: cluster.ClientResponse, At: returned, Op: op.ID, Rev: rev})
}

// watch lets a batch of revisions reach a watching client.
func (f *forger) watch(revs ...int64) {
	if len(f.view.Ops) == 0 {
		f.view.Ops = append(f.view.Ops, &cluster.Op{ID: 1, Kind: cluster.ClientWatch, Spec: &cluster.OpSpec{}})
	}
	op := *f.view.Ops[0]
	for _, rev := range revs {
		op.Seen = append(slices.Clone(op.Seen), mvcc.Event{KV: mvcc.KeyValue{Key: []byte("k"), ModRevision: rev}})
	}
	f.view.Ops[0] = &op
	f.happen(cluster.Event{Kind: cluster.WatchEvent, Op: 1, N: len(revs)})
}

// versions lets a watch from revision 2 on deliver versions of a key that was created there.
func (f *forger) versions(versions ...int64) {
	op := cluster.Op{ID: 1, Kind: cluster.ClientWatch, Spec: &cluster.OpSpec{Rev: 2}, Watch: 1}
	f.view.Ops = []*cluster.Op{&op}
	f.happen(cluster.Event{Kind: cluster.ClientResponse, Op: 1, Note: "watch created"})
	for _, v := range versions {
		kv := mvcc.KeyValue{Key: []byte("k"), ModRevision: v + 1, CreateRevision: 2, Version: v}
		op.Seen = append(op.Seen, mvcc.Event{KV: kv})
	}
	f.happen(cluster.Event{Kind: cluster.WatchEvent, Op: 1, N: len(versions)})
}

func (f *forger) restart(id raft.ID, after cluster.CommandKind) {
	command := func(k cluster.CommandKind) {
		f.happen(cluster.Event{Kind: cluster.UserCommand, Command: &cluster.Command{Kind: k, Members: []raft.ID{id}}})
	}
	command(after)
	f.view.Members[id-1].Inc++
	command(cluster.Restart)
}

// committedWrite is an honest history: n1 leads term 1; a write stands at index 1 on n1 and n2, is committed,
// applied and acknowledged.
func (f *forger) committedWrite() {
	f.elect(1, 2, 1)
	f.log(1, 1)
	f.propose(1, 1, 1)
	f.log(2, 1)
	f.store(2, 1, 1, 1, 1)
	f.commit(1, 1, 1, 3)
	f.apply(1, 1, 1, 2, 1)
	f.answer(cluster.ClientPut, 10, 20, 2)
	f.commit(2, 1, 1, 0)
	f.apply(2, 1, 1, 2, 1)
}

var forgeries = []struct {
	name  string
	want  []string // what is broken; nil: nothing, the history is honest
	forge func(f *forger)
}{
	{"an honest write", nil, func(f *forger) {}},
	{"two leaders of different terms", nil, func(f *forger) { f.elect(2, 3, 2) }},
	{"two leaders of a term", []string{"election_safety", "vote_quorum"}, func(f *forger) {
		f.log(3, 1)
		f.fact(3, raft.Fact{Kind: raft.FactElected, Term: 1})
	}},
	{"a vote for another", []string{"vote_once"}, func(f *forger) { f.vote(2, 3, 1) }},
	{"the same vote again", nil, func(f *forger) { f.vote(2, 1, 1) }},
	{"a vote after a restart", []string{"wal_recovery", "vote_once"}, func(f *forger) {
		f.restart(2, cluster.Crash)
		f.vote(2, 3, 1)
	}},
	{"a leader without votes", []string{"vote_quorum"}, func(f *forger) {
		f.fact(1, raft.Fact{Kind: raft.FactElected, Term: 2})
	}},
	{"a leader that cuts its log", []string{"leader_append_only", "commit_monotonic"}, func(f *forger) {
		f.fact(1, raft.Fact{Kind: raft.FactTruncated, Index: 0, Old: 1})
	}},
	{"a follower that cuts its tail", nil, func(f *forger) {
		f.log(2, 1, 1)
		f.store(2, 1, 1, 2, 2)
		f.fact(2, raft.Fact{Kind: raft.FactTruncated, Index: 1, Old: 2})
	}},
	{"a leader that appends over its log", []string{"leader_append_only"}, func(f *forger) { f.propose(1, 1, 1) }},
	{"logs that differ below an entry", []string{"log_matching"}, func(f *forger) {
		f.log(1, 1, 3)
		f.propose(1, 3, 2)
		f.log(3, 2, 3)
		f.store(3, 1, 3, 1, 2)
	}},
	{"a stored entry that is not there", []string{"log_matching"}, func(f *forger) { f.store(2, 1, 1, 2, 2) }},
	{"a leader without a committed entry", []string{"leader_completeness", "durability"}, func(f *forger) {
		f.log(3)
		f.elect(3, 2, 2)
	}},
	{"a late leader of a lower term without it", nil, func(f *forger) {
		f.elect(2, 3, 3)
		f.log(2, 1, 3)
		f.propose(2, 3, 2)
		f.log(3, 1, 3)
		f.store(3, 2, 3, 1, 2)
		f.commit(2, 3, 2, 3)
		f.fact(1, raft.Fact{Kind: raft.FactStepDown})
		f.vote(3, 1, 2) // superseded: the disk of n3 is ahead
		f.fact(1, raft.Fact{Kind: raft.FactElected, Term: 2})
	}},
	{"an old leader commits behind a newer one's back", []string{"leader_completeness"}, func(f *forger) {
		f.log(2, 1)
		f.elect(2, 3, 2)
		f.log(1, 1, 1)
		f.propose(1, 1, 2)
		f.log(3, 1, 1)
		f.store(3, 1, 1, 1, 2)
		f.commit(1, 1, 2, 3)
	}},
	{"another entry is applied", []string{"state_machine_safety"}, func(f *forger) {
		f.log(3, 1)
		f.store(3, 1, 1, 1, 1)
		f.commit(3, 1, 1, 0)
		f.apply(3, 2, 1, 2, 1)
	}},
	{"an entry is skipped", []string{
		"state_machine_safety", "commit_monotonic", "state_machine_safety",
	}, func(f *forger) {
		f.apply(1, 1, 3, 3, 1)
	}},
	{"the commit index goes back", []string{"commit_monotonic"}, func(f *forger) { f.commit(2, 1, 1, 0) }},
	{"the commit index passes the log", []string{"commit_monotonic"}, func(f *forger) { f.commit(2, 1, 7, 0) }},
	{"the commit index after a restart", nil, func(f *forger) { f.restartHonestly(2); f.commit(2, 1, 1, 0) }},
	{"a commit on one disk", []string{"durable_quorum"}, func(f *forger) {
		f.log(1, 1, 1)
		f.propose(1, 1, 2)
		f.commit(1, 1, 2, 3)
	}},
	{"a commit before the leader's own fsync", []string{"durable_quorum"}, func(f *forger) {
		f.log(1, 1, 1)
		f.fact(1, raft.Fact{Kind: raft.FactProposed, Term: 1, Index: 2})
		f.log(2, 1, 1)
		f.store(2, 1, 1, 2, 2)
		f.commit(1, 1, 2, 3)
	}},
	{"an acknowledgement before the fsync", []string{"persist_before_send"}, func(f *forger) {
		f.send(cluster.Handle, 2, message(raft.MsgAppResp, 2, 1, 1, 2))
	}},
	{"an acknowledgement of a term that the disk has left", nil, func(f *forger) {
		f.vote(2, 3, 5)
		f.send(cluster.Handle, 2, message(raft.MsgAppResp, 2, 1, 1, 2))
	}},
	{"a vote before the fsync", []string{"persist_before_send"}, func(f *forger) {
		f.happen(cluster.Event{
			Kind: cluster.Handle, Member: 2, Facts: []raft.Fact{{Kind: raft.FactVoteGranted, Peer: 3, Term: 4}},
			Sent: []*cluster.Message{message(raft.MsgVoteResp, 2, 3, 4, 0)},
		})
	}},
	{"an fsync that began before the vote was written", []string{"persist_before_send"}, func(f *forger) {
		f.happen(cluster.Event{Kind: cluster.FsyncStart, Member: 2})
		by := f.fact(2, raft.Fact{Kind: raft.FactVoteGranted, Peer: 3, Term: 4})
		f.happen(cluster.Event{Kind: cluster.WALWrite, Member: 2, Causes: [2]uint64{by}})
		f.send(cluster.FsyncDone, 2, message(raft.MsgVoteResp, 2, 3, 4, 0))
	}},
	{"a synced entry is gone after a power cut", []string{"wal_recovery", "wal_recovery"}, func(f *forger) {
		f.log(2)
		f.restart(2, cluster.Poweroff)
	}},
	{"an entry that was never written", []string{"wal_recovery"}, func(f *forger) {
		f.view.Members[1].Raft.Vote = 1
		f.log(2, 1, 1)
		f.view.Members[1].Raft.Vote = 1
		f.restart(2, cluster.Crash)
	}},
	{"a member that goes on after a failed fsync", []string{"stop_on_disk_error", "persist_before_send"}, func(f *forger) {
		f.log(2, 1, 1)
		by := f.happen(cluster.Event{Kind: cluster.Handle, Member: 2, Facts: []raft.Fact{
			{Kind: raft.FactAppended, Term: 1, Index: 2, Peer: 1},
		}})
		f.happen(cluster.Event{Kind: cluster.WALWrite, Member: 2, Causes: [2]uint64{by}, Index: 2, N: 1})
		f.happen(cluster.Event{Kind: cluster.FsyncStart, Member: 2})
		f.happen(cluster.Event{Kind: cluster.FsyncDone, Member: 2, Inc: 1, Failed: true, Note: "sync: input/output error"})
		f.send(cluster.FsyncDone, 2, message(raft.MsgAppResp, 2, 1, 1, 2))
	}},
	{"a member that stops after a failed write", nil, func(f *forger) {
		down := *f.view.Members[1]
		down.Up, f.view.Members[1] = false, &down
		full := "write: no space left on device"
		f.happen(cluster.Event{Kind: cluster.WALWrite, Member: 2, Inc: 1, Failed: true, Note: full})
	}},
	{"another revision on another member", []string{"revision_dense"}, func(f *forger) {
		f.log(3, 1)
		f.store(3, 1, 1, 1, 1)
		f.commit(3, 1, 1, 0)
		f.apply(3, 1, 1, 3, 1)
	}},
	{"a revision is left out", []string{"revision_dense"}, func(f *forger) {
		f.secondEntry()
		f.apply(1, 1, 2, 4, 1)
	}},
	{"a revision for nothing", []string{"revision_dense"}, func(f *forger) {
		f.secondEntry()
		f.apply(1, 1, 2, 3, 0)
	}},
	{"an acknowledged write that nobody applied", []string{"durability"}, func(f *forger) {
		f.answer(cluster.ClientPut, 30, 40, 9)
	}},
	{"a stale read", []string{"linearizable"}, func(f *forger) { f.answer(cluster.ClientGet, 30, 40, 1) }},
	{"an overlapping old read", nil, func(f *forger) { f.answer(cluster.ClientGet, 15, 40, 1) }},
	{"a put at a revision that was known", []string{"linearizable"}, func(f *forger) {
		f.answer(cluster.ClientPut, 30, 40, 2)
	}},
	{"a watch in order", nil, func(f *forger) { f.view.Ops = nil; f.watch(2, 3); f.watch(4) }},
	{"a watch that goes back", []string{"watch_ordered"}, func(f *forger) {
		f.view.Ops = nil
		f.watch(2, 3)
		f.watch(3)
	}},
	{"a watch out of order", []string{"watch_ordered"}, func(f *forger) { f.view.Ops = nil; f.watch(3, 2) }},
	{"a watch that repeats", []string{"watch_ordered"}, func(f *forger) { f.view.Ops = nil; f.watch(3, 3) }},
	{"a watch from the first version on", nil, func(f *forger) { f.versions(1, 2) }},
	{"a watch without the first version", []string{"watch_complete"}, func(f *forger) { f.versions(2) }},
	{"a snapshot of what others applied", nil, func(f *forger) {
		f.fact(3, raft.Fact{Kind: raft.FactSnapshotInstalled, Index: 1, Term: 1})
		f.happen(cluster.Event{Kind: cluster.SnapshotInstall, Member: 3, Term: 1, Index: 1, Rev: 2})
	}},
	{"a snapshot of another entry", []string{"snapshot_safety"}, func(f *forger) {
		f.fact(3, raft.Fact{Kind: raft.FactSnapshotInstalled, Index: 1, Term: 1})
		f.happen(cluster.Event{Kind: cluster.SnapshotInstall, Member: 3, Term: 2, Index: 1, Rev: 2})
	}},
	{"a snapshot at another revision", []string{"snapshot_safety"}, func(f *forger) {
		f.happen(cluster.Event{Kind: cluster.SnapshotInstall, Member: 3, Term: 1, Index: 1, Rev: 3})
	}},
	{"an old snapshot", []string{"snapshot_safety"}, func(f *forger) {
		f.fact(2, raft.Fact{Kind: raft.FactSnapshotInstalled, Index: 1, Term: 1})
	}},
	{"one voter more", nil, func(f *forger) {
		f.configure(1, raft.ConfState{Voters: []raft.ID{1, 2, 3}})
		f.configure(1, raft.ConfState{Voters: []raft.ID{1, 2, 3, 4}, Learners: []raft.ID{5}})
	}},
	{"another voter in one step", []string{"conf_safety"}, func(f *forger) {
		f.configure(1, raft.ConfState{Voters: []raft.ID{1, 2, 3}})
		f.configure(1, raft.ConfState{Voters: []raft.ID{1, 2, 4}})
	}},
	{"another voter through a joint configuration", nil, func(f *forger) {
		f.configure(1, raft.ConfState{Voters: []raft.ID{1, 2, 3}})
		f.configure(1, raft.ConfState{Voters: []raft.ID{1, 2, 4}, VotersOutgoing: []raft.ID{1, 2, 3}})
		f.configure(1, raft.ConfState{Voters: []raft.ID{1, 2, 4}})
	}},
	{"a joint configuration that forgets who voted", []string{"conf_safety"}, func(f *forger) {
		f.configure(1, raft.ConfState{Voters: []raft.ID{1, 2, 3}})
		f.configure(1, raft.ConfState{Voters: []raft.ID{1, 2, 4}, VotersOutgoing: []raft.ID{1, 2}})
	}},
	{"a joint configuration that is left for other voters", []string{"conf_safety"}, func(f *forger) {
		f.configure(1, raft.ConfState{Voters: []raft.ID{1, 2, 4}, VotersOutgoing: []raft.ID{1, 2, 3}})
		f.configure(1, raft.ConfState{Voters: []raft.ID{1, 2, 3}})
	}},
	{"a candidate that has not applied a configuration", []string{"conf_safety"}, func(f *forger) {
		f.confLog(2, 1)
		f.fact(2, raft.Fact{Kind: raft.FactCandidate, Term: 9})
	}},
	{"a configuration behind one that is not applied", []string{"conf_safety"}, func(f *forger) {
		f.confLog(1, 2)
		f.propose(1, 1, 2)
	}},
	{"what Raft finds impossible", []string{"raft_contract"}, func(f *forger) {
		f.fact(1, raft.Fact{Kind: raft.FactViolation, Rule: &raft.Rule{ID: "x", Sentence: "never"}})
	}},
}

// configure puts a configuration into force on a member.
func (f *forger) configure(id raft.ID, conf raft.ConfState) {
	v := *f.view.Members[id-1]
	v.Raft.Conf = conf
	f.view.Members[id-1] = &v
	f.fact(id, raft.Fact{Kind: raft.FactConfig})
}

// confLog gives a member a log of n changes of the configuration, committed and not applied.
func (f *forger) confLog(id raft.ID, n int) {
	p := raft.Persisted{
		HardState: raft.HardState{Term: 1, Commit: raft.Index(n)},
		Snapshot:  raft.SnapshotMeta{Conf: raft.ConfState{Voters: []raft.ID{1, 2, 3}}},
	}
	for i := range n {
		p.Entries = append(p.Entries, raft.Entry{Term: 1, Index: raft.Index(i + 1), Type: raft.EntryConfChangeV2})
	}
	node, err := raft.New(raft.Config{ID: id, ElectionTick: 10, HeartbeatTick: 1}, p)
	if err != nil {
		f.t.Fatal(err)
	}
	v := *f.view.Members[id-1]
	v.Raft = node.View()
	f.view.Members[id-1] = &v
}

// restartHonestly restarts a member that finds all it had.
func (f *forger) restartHonestly(id raft.ID) {
	f.view.Members[id-1].Raft.Vote = 1
	f.view.Members[id-1].Raft.Commit = 0
	f.restart(id, cluster.Crash)
}

// secondEntry commits another entry of n1.
func (f *forger) secondEntry() {
	f.log(1, 1, 1)
	f.propose(1, 1, 2)
	f.log(2, 1, 1)
	f.store(2, 1, 1, 2, 2)
	f.commit(1, 1, 2, 3)
}

// TestEveryInvariantCanFail runs each forgery after an honest history, and twice: on a checker and on its
// clone.
func TestEveryInvariantCanFail(t *testing.T) {
	tripped := map[string]bool{}
	for _, x := range forgeries {
		t.Run(x.name, func(t *testing.T) {
			f := newForger(t)
			f.committedWrite()
			if f.found != nil {
				t.Fatalf("the honest beginning breaks %v", f.found)
			}
			clone := *f
			clone.c = f.c.Clone()
			clone.view.Members = slices.Clone(f.view.Members)
			for i, m := range clone.view.Members {
				c := *m
				clone.view.Members[i] = &c
			}
			x.forge(f)
			if !slices.Equal(f.found, x.want) {
				t.Errorf("broken: %v, want %v", f.found, x.want)
			}
			x.forge(&clone)
			if !slices.Equal(clone.found, x.want) {
				t.Errorf("on a clone broken: %v, want %v", clone.found, x.want)
			}
			for _, name := range f.found {
				tripped[name] = true
			}
		})
	}
	for _, x := range storeForgeries {
		tripped[x.want] = true
	}
	for _, i := range invariant.Names() {
		if !tripped[i.Name] {
			t.Errorf("no forgery breaks %s", i.Name)
		}
	}
}

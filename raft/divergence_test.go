package raft_test

import (
	"os"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"etcdscope/raft"
)

// divergences are the known and wanted differences between package raft and etcd's: the beginning of each line of
// docs/DIVERGENCE.md, and the test that shows what both sides do.
var divergences = []struct {
	line string
	test func(*testing.T)
}{
	{"Election timeouts are a function of member and term", timeoutsOfTerm},
	{"Entries are applied only when they are durable", appliedWhenDurable},
	{"Several Readys may be waiting for the disk", severalReadys},
	{"A vote request waits", voteRequestWaits},
	{"What the disk holds counts at once", durableOfOldTerm},
	{"A message that no correct peer sends", impossibleMessage},
	{"At a restart Raft is told what is applied", restartKnowsApplied},
	{"Reads that wait for the first commit of a term are lost", waitingReadsLost},
	{"They share one round", waitingReadsShare},
	{"When the configuration changes, the answers to a read round", readsCountedAgain},
	{"A leader that is the only voter waits", singletonReads},
	{"A configuration change that a snapshot has overtaken", overtakenChange},
	{"A configuration change that is impossible", impossibleChange},
	{"A configuration change that has to wait", refusedChange},
	{"A pre-vote that is asked for by hand", preVoteByHand},
	{"A leadership transfer is passed on", transferPassedOn},
}

// TestDivergences compares the list of docs/DIVERGENCE.md with the tests, and runs them.
func TestDivergences(t *testing.T) {
	text, err := os.ReadFile("../docs/DIVERGENCE.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## Raft\n")
	section, _, _ = strings.Cut(section, "\n## ")
	lines := strings.Split(section, "\n* ")[1:]
	if len(lines) != len(divergences) {
		t.Errorf("%d lines in docs/DIVERGENCE.md, %d tests", len(lines), len(divergences))
	}
	for i, d := range divergences {
		if i < len(lines) && !strings.HasPrefix(strings.Join(strings.Fields(lines[i]), " "), d.line) {
			t.Errorf("line %d of docs/DIVERGENCE.md should begin with %q: %s", i+1, d.line, lines[i])
		}
		t.Run(d.line, d.test)
	}
}

func heartbeat(term raft.Term, commit raft.Index) raft.Message {
	return raft.Message{Type: raft.MsgHeartbeat, Term: term, Commit: commit}
}

func timeoutsOfTerm(t *testing.T) {
	p, same := newPair(t, raft.Persisted{}, nil), true
	drawn := func() int { return int(p.shadow.field("randomizedElectionTimeout").Int()) }
	for range 60 {
		p.node.Campaign()
		p.check(p.shadow.node.Campaign())
		before := drawn()
		p.step(heartbeat(p.node.View().Term, 0)) // somebody else has won
		same = same && before == drawn()
		if p.node.View().Timeout != 13 {
			t.Fatalf("the timeout becomes %d within a term", p.node.View().Timeout)
		}
		if now := drawn(); now < 10 || now >= 20 {
			t.Fatalf("etcd draws %d", now)
		}
	}
	if same {
		t.Error("etcd does not draw anew")
	}
}

func appendOne(index raft.Index) raft.Message {
	return raft.Message{
		Type: raft.MsgApp, Term: 1, Index: index - 1, LogTerm: raft.Term(min(1, index-1)), Commit: index,
		Entries: []raft.Entry{{Index: index, Term: 1, Data: []byte("x")}},
	}
}

func appliedWhenDurable(t *testing.T) {
	p := newPair(t, raft.Persisted{}, nil)
	p.step(appendOne(1))
	if p.ours.apply+p.theirs.apply > 0 {
		t.Errorf("before they are durable %d entries to apply, in etcd %d", p.ours.apply, p.theirs.apply)
	}
	if p.durable(true); p.ours.apply != 1 {
		t.Errorf("%d entries to apply", p.ours.apply)
	}
	server, m := synchronous(t), appendOne(2)
	m.From, m.To = 2, 1
	p.check(server.Step(asShadowMessage(m)))
	if rd := server.Ready(); len(rd.Entries) != 1 || len(rd.CommittedEntries) != 1 {
		t.Errorf("etcd hands out %v to write and %v to apply", rd.Entries, rd.CommittedEntries)
	}
}

func severalReadys(t *testing.T) {
	p := newPair(t, raft.Persisted{}, nil)
	p.step(appendOne(1))
	p.step(appendOne(2))
	if len(p.queue) != 2 {
		t.Errorf("%d Readys wait for the disk", len(p.queue))
	}
	server := synchronous(t)
	p.check(server.Campaign())
	server.Ready()
	p.check(server.Campaign())
	if !panics(func() { server.Ready() }) {
		t.Error("etcd hands out a second Ready")
	}
}

// voteRequestWaits is about the driver; testdata/schedules/vote-request-after-fsync shows what happens otherwise.
func voteRequestWaits(t *testing.T) {
	p := newPair(t, raft.Persisted{}, nil)
	p.check(p.shadow.node.Campaign())
	if p.look(); len(p.theirs.sent) != 2 || len(p.shadow.appends) != 1 {
		t.Errorf("before anything is durable etcd sends %q", p.theirs.sent)
	}
	e := newEnv()
	e.run([]string{"nodes", "3", "manual"})
	e.run([]string{"campaign", "1"})
	if len(e.flight) != 0 {
		t.Errorf("before anything is durable %v leaves", e.flight)
	}
	if e.run([]string{"durable", "1"}); len(e.flight) != 2 {
		t.Errorf("%v leaves", e.flight)
	}
}

func durableOfOldTerm(t *testing.T) {
	p := newPair(t, raft.Persisted{}, nil)
	p.step(appendOne(1))
	p.step(heartbeat(2, 0))
	p.durable(false) // the entry, but not yet the new term
	if p.ours.apply != 1 || p.theirs.apply != 0 {
		t.Errorf("%d entries to apply, etcd %d", p.ours.apply, p.theirs.apply)
	}
	if p.durable(true); p.theirs.apply != 1 {
		t.Errorf("in the end etcd has %d entries to apply", p.theirs.apply)
	}
}

func impossibleMessage(t *testing.T) {
	p := newPair(t, raft.Persisted{}, nil)
	if !panics(func() { p.step(heartbeat(1, 9)) }) {
		t.Error("etcd does not panic")
	}
	facts := p.node.TakeFacts()
	if last := facts[len(facts)-1]; last.Kind != raft.FactViolation || p.node.View().Commit != 0 {
		t.Errorf("commit %d after %s", p.node.View().Commit, last.Sentence(nil))
	}
}

func restartKnowsApplied(t *testing.T) {
	disk := diskOfTerms(confOf(3, 0), []string{"1", "1", "1"})
	disk.HardState.Commit = 3
	p := newPair(t, disk, nil)
	if p.theirs.apply != 3 {
		t.Errorf("etcd's server is given %d entries", p.theirs.apply)
	}
	disk.Applied = 2
	if p = newPair(t, disk, nil); p.ours.apply != 1 {
		t.Errorf("%d entries to apply", p.ours.apply)
	}
}

func waitingReadsLost(t *testing.T) {
	p := newPair(t, raft.Persisted{}, nil)
	p.lead()
	p.readIndex(7)
	p.step(heartbeat(2, 0))
	p.durable(true)
	p.lead()
	p.acknowledge()
	p.step(raft.Message{Type: raft.MsgHeartbeatResp, Term: 3, Context: 7})
	if len(p.ours.reads) != 0 || len(p.theirs.reads) != 1 {
		t.Errorf("%d reads are answered by the next leader, in etcd %d", len(p.ours.reads), len(p.theirs.reads))
	}
}

// heartbeats counts them.
func heartbeats(sent []string) (count int) {
	for _, line := range sent {
		count += strings.Count(line, "MsgHeartbeat")
	}
	return count
}

func waitingReadsShare(t *testing.T) {
	p := newPair(t, raft.Persisted{}, nil)
	p.lead()
	p.readIndex(1)
	p.readIndex(2)
	p.acknowledge()
	if ours, theirs := heartbeats(p.ours.sent), heartbeats(p.theirs.sent); ours != 2 || theirs != 4 {
		t.Errorf("%d heartbeats to two followers, etcd %d", ours, theirs)
	}
}

func readsCountedAgain(t *testing.T) {
	p := newPair(t, raft.Persisted{Snapshot: raft.SnapshotMeta{Conf: confOf(2, 0)}}, nil)
	p.lead()
	p.acknowledge()
	p.apply()
	p.propose(parseConf([]string{"r2"}))
	p.durable(true)
	p.acknowledge()
	p.readIndex(5)
	p.apply()
	if len(p.ours.reads) != 1 || len(p.theirs.reads) != 0 {
		t.Errorf("%d reads are answered when only n1 is left, in etcd %d", len(p.ours.reads), len(p.theirs.reads))
	}
}

func singletonReads(t *testing.T) {
	for _, asEtcd := range []bool{false, true} {
		alone := raft.Persisted{Snapshot: raft.SnapshotMeta{Conf: confOf(1, 0)}}
		p := newPair(t, alone, func(c *raft.Config) { c.SingletonReads = asEtcd })
		p.node.Campaign()
		p.check(p.shadow.node.Campaign())
		p.look()
		p.durable(false) // the vote, but not yet the empty entry
		p.readIndex(1)
		p.look()
		if len(p.ours.reads) != asInt(asEtcd) || len(p.theirs.reads) != 1 {
			t.Errorf("SingletonReads %v: %d reads are answered, in etcd %d", asEtcd, len(p.ours.reads), len(p.theirs.reads))
		}
	}
}

func overtakenChange(t *testing.T) {
	p := newPair(t, raft.Persisted{}, nil)
	p.step(raft.Message{
		Type: raft.MsgSnap, Term: 1, Snapshot: &raft.Snapshot{Meta: raft.SnapshotMeta{Index: 5, Term: 1, Conf: confOf(4, 0)}},
	})
	p.change(parseConf([]string{"r3"}))
	theirs := p.shadow.node.Status().Config.Voters[0]
	if ours := p.node.View().Conf; len(ours.Voters) != 4 || len(theirs) != 3 {
		t.Errorf("%d voters, in etcd %d", len(ours.Voters), len(theirs))
	}
}

func impossibleChange(t *testing.T) {
	p := newPair(t, raft.Persisted{Snapshot: raft.SnapshotMeta{Conf: confOf(1, 0)}}, nil)
	conf, err := p.node.ApplyConfChange(parseConf([]string{"r1"}))
	if err == nil || len(conf.Voters) != 1 || len(p.node.View().Conf.Voters) != 1 {
		t.Errorf("without voters: %v, %v", conf, err)
	}
	if !panics(func() { p.shadow.node.ApplyConfChange(asConfChange(t, parseConf([]string{"r1"}))) }) {
		t.Error("etcd does not panic")
	}
}

func refusedChange(t *testing.T) {
	p := newPair(t, raft.Persisted{}, nil)
	p.lead()
	p.propose(parseConf([]string{"v4"}))
	p.propose(parseConf([]string{"v5"})) // the one before is not applied
	v := p.node.View()
	e, _ := v.Entry(v.Last)
	theirs := p.shadow.log[len(p.shadow.log)-1]
	if e.Type != raft.EntryNormal || len(e.Data) > 0 || proto.Size(theirs) != proto.Size(asEntry(e))+2 {
		t.Errorf("%v takes %d bytes, in etcd %d", e, proto.Size(asEntry(e)), proto.Size(theirs))
	}
}

func preVoteByHand(t *testing.T) {
	p := newPair(t, raft.Persisted{}, func(c *raft.Config) { c.PreVote = true })
	for range 3 {
		p.node.Tick()
		p.shadow.node.Tick()
	}
	p.node.Campaign()
	p.check(p.shadow.node.Campaign())
	theirs := p.shadow.field("electionElapsed").Int()
	if ours := p.node.View().Elapsed; ours != 0 || theirs != 3 {
		t.Errorf("%d ticks have elapsed, in etcd %d", ours, theirs)
	}
}

func transferPassedOn(t *testing.T) {
	p := newPair(t, raft.Persisted{}, nil)
	p.step(heartbeat(1, 0))
	m := raft.Message{Type: raft.MsgTransfer, From: 3, To: 1, Term: 1}
	if !panics(func() { _ = p.shadow.node.Step(asShadowMessage(m)) }) {
		t.Error("etcd does not panic")
	}
	p.check(p.node.Step(m))
	if rd, _ := p.node.Ready(); len(rd.Msgs) != 1 || rd.Msgs[0].Type != raft.MsgTransfer || rd.Msgs[0].To != 2 {
		t.Errorf("passed on: %v", rd.Msgs)
	}
}

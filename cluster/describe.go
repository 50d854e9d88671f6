package cluster

import (
	"fmt"
	"strings"

	"etcdscope/raft"
)

// Sentence says in one sentence what happened in e, such as "n2 handles MsgApp of n1: appends entry 7".
func (e *Event) Sentence() string {
	switch e.Kind {
	case Tick:
		return e.withFacts(e.who() + " ticks")
	case Deliver:
		return e.who() + " receives " + e.Msg.Brief()
	case Handle:
		return e.withFacts(e.who() + " handles " + e.Msg.Brief())
	case Lost:
		return fmt.Sprintf("%s to %s is lost: %s", e.Msg.Brief(), e.who(), e.Note)
	case UserCommand:
		return e.withFacts(e.commandSentence())
	case ClientRequest, ClientResponse, ClientTimeout, WatchEvent:
		return e.withFacts(e.clientSentence())
	}
	return e.withFacts(e.diskSentence())
}

func (e *Event) who() string { return name(e.Member) }

func name(id raft.ID) string {
	if id == raft.None {
		return "nobody"
	}
	return fmt.Sprintf("n%d", uint64(id))
}

// withFacts adds what the member did, the most telling facts only.
func (e *Event) withFacts(start string) string {
	level := Bytes
	for i := range e.Facts {
		level = max(level, factLevel(&e.Facts[i]))
	}
	sep := ": "
	var b strings.Builder
	b.WriteString(start)
	for i := range e.Facts {
		if factLevel(&e.Facts[i]) < level || level == Bytes {
			continue
		}
		b.WriteString(sep)
		b.WriteString(e.Facts[i].Sentence(name))
		sep = ", "
	}
	if e.Note != "" && e.Kind != Lost {
		b.WriteString(" (" + e.Note + ")")
	}
	if e.Turn != nil {
		b.WriteString("; " + e.Turn.Text)
	}
	return b.String()
}

// factLevel ranks facts for the sentence: what the story is, what explains it, what is bookkeeping.
func factLevel(f *raft.Fact) Salience {
	switch {
	case f.Kind == raft.FactTimerReset, f.Kind == raft.FactDurable:
		return Bytes
	case int(f.Kind) < len(storyFacts) && storyFacts[f.Kind], f.Kind == raft.FactCommit && f.Of > 0:
		return Story
	}
	return Protocol
}

func (e *Event) diskSentence() string {
	if e.DiskFailed() {
		return e.failureSentence()
	}
	switch e.Kind {
	case WALWrite:
		if e.Snapshot > 0 {
			return fmt.Sprintf("%s writes to its WAL that the log begins behind index %d", e.who(), e.Snapshot)
		}
		if e.N == 0 {
			return fmt.Sprintf("%s writes term, vote and commit to its WAL (page cache)", e.who())
		}
		entries := plural(e.N, "entry", "entries")
		return fmt.Sprintf("%s writes %s up to index %d to its WAL (page cache)", e.who(), entries, e.Index)
	case FsyncStart:
		return e.who() + " starts an fsync of its WAL"
	case FsyncDone:
		if e.Index == 0 {
			return e.who() + " has its term and vote on the platter: promises leave"
		}
		return fmt.Sprintf("%s has entries up to index %d on the platter: promises leave", e.who(), e.Index)
	case Apply:
		return e.applySentence()
	case BatchStart:
		return fmt.Sprintf("%s starts a backend commit of %s", e.who(), plural(e.N, "operation", "operations"))
	case BatchDone:
		operations := plural(e.N, "operation", "operations")
		return fmt.Sprintf("%s has %s and its consistent index in one bbolt transaction", e.who(), operations)
	case WatchSync:
		return e.who() + " brings unsynced watchers forward"
	case SnapshotReceived, SnapshotInstall, PeerReport, MemberStop, SnapshotSave, SnapshotDone, FilePurge:
		return e.snapshotSentence()
	case RestoreStep:
		return e.restoreSentence()
	}
	return e.storeSentence()
}

// restoreSentence says which part of a data directory is there.
func (e *Event) restoreSentence() string {
	if e.N == len(restoreSteps) {
		return e.who() + " starts on what was restored"
	}
	return fmt.Sprintf(restoreSteps[e.N].sentence, e.who())
}

func (e *Event) snapshotSentence() string {
	switch e.Kind {
	case SnapshotReceived:
		return fmt.Sprintf("%s has the leader's database at index %d in a file of its own", e.who(), e.Index)
	case SnapshotInstall:
		return fmt.Sprintf("%s replaces its database by the leader's: index %d, revision %d", e.who(), e.Index, e.Rev)
	case PeerReport:
		return fmt.Sprintf("%s learns of its connection to %s", e.who(), name(e.Peer))
	case MemberStop:
		return e.who() + " stops for good"
	case FilePurge:
		return fmt.Sprintf("%s removes %s that nobody needs any more", e.who(), plural(e.N, "file", "files"))
	case SnapshotSave:
		return fmt.Sprintf("%s writes the snapshot file of index %d", e.who(), e.Index)
	}
	return fmt.Sprintf("%s has the snapshot file of index %d on the platter, and its WAL names it", e.who(), e.Index)
}

func (e *Event) applySentence() string {
	if e.N == 0 {
		return fmt.Sprintf("%s applies entry %d: %sthe store stays at revision %d", e.who(), e.Index, e.ended(), e.Rev)
	}
	changes := plural(e.N, "change", "changes")
	return fmt.Sprintf("%s applies entry %d: %srevision %d, %s", e.who(), e.Index, e.ended(), e.Rev, changes)
}

func (e *Event) clientSentence() string {
	switch e.Kind {
	case ClientRequest:
		return fmt.Sprintf("the request of op %d reaches %s", e.Op, e.who())
	case ClientTimeout:
		return fmt.Sprintf("the client of op %d stops waiting", e.Op)
	case WatchEvent:
		if e.N == 0 && e.Note == "" {
			return fmt.Sprintf("the watch of op %d learns that it has everything up to revision %d", e.Op, e.Rev)
		}
		return fmt.Sprintf("the watch of op %d gets %s, revision %d", e.Op, plural(e.N, "event", "events"), e.Rev)
	}
	if e.Note != "" {
		return fmt.Sprintf("the client of op %d gets an answer from %s", e.Op, e.who())
	}
	text := fmt.Sprintf("the client of op %d gets OK from %s at revision %d", e.Op, e.who(), e.Rev)
	if e.Answer != "" {
		text += ": " + e.Answer
	}
	return text
}

func (e *Event) commandSentence() string {
	if e.Command.Text != "" {
		return "command: " + e.Command.Text
	}
	return "command: " + e.Command.Kind.String()
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Brief names a message with the numbers that matter, such as "MsgApp of n2 (term 3, entry 7)".
func (m *Message) Brief() string {
	switch m.Type { // of requests on the way to the leader, neither term nor index says anything yet
	case raft.MsgProp, raft.MsgReadIndex, raft.MsgReadIndexResp:
		return fmt.Sprintf("%s of %s", m.Type, name(m.From))
	}
	s := fmt.Sprintf("%s of %s (term %d", m.Type, name(m.From), m.Term)
	switch n := len(m.Entries); {
	case n == 1:
		s += fmt.Sprintf(", entry %d", m.Entries[0].Index)
	case n > 1:
		s += fmt.Sprintf(", entries %d to %d", m.Entries[0].Index, m.Entries[n-1].Index)
	}
	switch m.Type {
	case raft.MsgApp, raft.MsgHeartbeat:
		s += fmt.Sprintf(", commit %d", m.Commit)
	case raft.MsgAppResp, raft.MsgVoteResp, raft.MsgPreVoteResp:
		if m.Reject {
			s += ", refused"
		} else if m.Type == raft.MsgAppResp {
			s += fmt.Sprintf(", stored up to %d", m.Index)
		} else {
			s += ", granted"
		}
	}
	return s + ")"
}

// kindRules are the rules that an event follows when no fact in it tells a better one.
var kindRules = [...]raft.Rule{
	Tick: {
		ID: "tick", Sentence: "Members measure time in ticks of their own clock.",
		Source: "etcd --heartbeat-interval",
	},
	Deliver: {
		ID:       "network",
		Sentence: "A message arrives after the latency of its link; it waits in the inbox until the member works on it.",
		Source:   "Raft §5.1",
	},
	Handle: {
		ID: "handle", Sentence: "A member works on its messages one at a time, in the order in which they came.",
		Source: "etcd raft Step",
	},
	Lost: {
		ID: "lossy-network", Sentence: "The network may lose messages; Raft stays safe and sends again.",
		Source: "Raft §2",
	},
	WALWrite: {
		ID:       "write-ahead",
		Sentence: "Term, vote and entries go to the write-ahead log before anybody is promised anything.",
		Source:   "Raft §5, figure 2; etcd WAL.Save",
	},
	FsyncStart: {
		ID:       "fsync",
		Sentence: "What is only in the page cache is lost with the power: an fsync forces it to the platter.",
		Source:   "etcd WAL.sync",
	},
	FsyncDone: {
		ID:       "persist-before-promise",
		Sentence: "Votes and acknowledgements leave only when what they promise is durable.",
		Source:   "Raft §5, figure 2; etcd raft AfterAppend",
	},
	Apply: {
		ID: "apply-in-order", Sentence: "Committed entries change the store in log order, exactly once.",
		Source: "Raft §5.3; etcd consistent_index",
	},
	BatchStart: {
		ID:       "batch-interval",
		Sentence: "The backend collects changes and commits them together every 100 ms or 10,000 operations.",
		Source:   "etcd --backend-batch-interval",
	},
	BatchDone: {
		ID: "consistent-index",
		Sentence: "Data and consistent index are committed in the same bbolt transaction, " +
			"so a restart applies nothing twice.",
		Source: "etcd backend hook",
	},
	WatchSync: {
		ID: "watch-sync", Sentence: "Watchers that are behind are brought forward from the store in rounds.",
		Source: "etcd syncWatchers",
	},
	ClientRequest: {
		ID:       "any-member",
		Sentence: "Any member takes a request; writes and linearizable reads go through the leader.",
		Source:   "Raft §8",
	},
	ClientResponse: {
		ID:       "answer-after-apply",
		Sentence: "A write is answered when it is applied where it was asked, a read when its index is.",
		Source:   "etcd applyWait",
	},
	ClientTimeout: {
		ID: "unknown-outcome", Sentence: "A request that timed out may still take effect.",
		Source: "etcd API guarantees",
	},
	WatchEvent: {
		ID:       "watch-in-order",
		Sentence: "A watch gets every change in revision order, without a gap and never twice.",
		Source:   "etcd watch guarantees",
	},
	SnapshotReceived: {
		ID:       "snapshot-file-first",
		Sentence: "A database from the leader is durable in a file of its own before Raft hears of it.",
		Source:   "etcd Snapshotter.SaveDBFrom",
	},
	SnapshotInstall: {
		ID:       "snapshot-replaces",
		Sentence: "The received file takes the place of the database in one step; all that was read is read anew.",
		Source:   "etcd applySnapshot",
	},
	PeerReport: {
		ID:       "peer-report",
		Sentence: "A leader that hears that a peer does not listen, or how a snapshot fared, sends it less at once.",
		Source:   "etcd raft ReportUnreachable, ReportSnapshot",
	},
	MemberStop: {
		ID: "removed-stays-out", Sentence: "A member that was removed stops, and its number never comes back.",
		Source: "etcd server.stopWithDelay",
	},
	SnapshotSave: {
		ID:       "snapshot-count",
		Sentence: "Every so many entries a snapshot says from where the log must be read, so that the old part may go.",
		Source:   "etcd --snapshot-count",
	},
	FilePurge: {
		ID:       "purge",
		Sentence: "Every 30 seconds the oldest released segments and snapshots go; five of each stay.",
		Source:   "etcd --max-wals, --max-snapshots",
	},
	RestoreStep: {
		ID:       "snapshot-restore",
		Sentence: "A snapshot becomes the data directory of a member of another cluster, with a log of its own.",
		Source:   "etcdutl snapshot restore",
	},
	SnapshotDone: {
		ID:       "snapshot-before-record",
		Sentence: "The snapshot file is durable before the WAL names it.",
		Source:   "etcd storage.SaveSnap",
	},
	ProgressRequest: {
		ID:       "watch-progress-synced",
		Sentence: "Progress is reported only to watchers that have been given everything.",
		Source:   "etcd RequestProgressAll; issue 15220",
	},
	UserCommand: {
		ID: "command", Sentence: "Somebody asked for it.", Source: "the prompt",
	},
	LeaseCheck: {
		ID: "lease-only-leader-expires", Sentence: "Only the leader counts the time of leases, twice a second.",
		Source: "etcd lessor.runLoop",
	},
	LeaseExpire: {
		ID:       "lease-expires-through-log",
		Sentence: "A lease that has expired is revoked through the log, so that all members delete the same keys.",
		Source:   "etcd revokeExpiredLeases",
	},
	CompactBatch: {
		ID:       "compact-in-batches",
		Sentence: "A compaction deletes its rows in batches of 1000 and writes with the last one that it is finished.",
		Source:   "etcd scheduleCompaction",
	},
	DefragStep: {
		ID:       "defrag-copy-and-rename",
		Sentence: "Defragmentation writes a copy and renames it; until then the member serves nobody from its store.",
		Source:   "etcd backend.defrag",
	},
	PeerRequest: {
		ID: "peer-http", Sentence: "Members ask each other over HTTP about leases and hashes, beside Raft.",
		Source: "etcd leasehttp, /members/hashkv",
	},
	PeerResponse: {
		ID: "peer-http", Sentence: "Members ask each other over HTTP about leases and hashes, beside Raft.",
		Source: "etcd leasehttp, /members/hashkv",
	},
	KeepAliveDue: {
		ID: "keepalive-third", Sentence: "A client renews its lease when a third of its time is over.",
		Source: "etcd clientv3 lessor.recvKeepAlive",
	},
	AutoCompact: {
		ID: "auto-compaction", Sentence: "The leader compacts by itself what is older than its flags keep.",
		Source: "etcd v3compactor",
	},
	InitialCheck: {
		ID:       "initial-corrupt-check",
		Sentence: "A member whose keys differ from the others' at the same revision and compaction does not start.",
		Source:   "etcd corruptionChecker.InitialCheck",
	},
	CorruptCheck: {
		ID: "corruption-check", Sentence: "The leader compares the hashes of all members at one revision.",
		Source: "etcd corrupt.go",
	},
}

// Reason is the rule that e followed: the one that Note speaks of, that of its most salient fact, or that of its kind.
func (e *Event) Reason() (rule, sentence, source string) {
	if r := e.refusedBy(); r != nil {
		return r.Name, r.Sentence, r.Source
	}
	if r := e.turnedBy(); r != nil {
		return r.Name, r.Sentence, r.Source
	}
	best := &kindRules[e.Kind]
	if e.DiskFailed() {
		best = &diskErrorRule
	}
	level := Bytes
	for i := range e.Facts {
		f := &e.Facts[i]
		if l := factLevel(f); f.Rule != nil && l > level {
			best, level = f.Rule, l
		}
	}
	return best.ID, best.Sentence, best.Source
}

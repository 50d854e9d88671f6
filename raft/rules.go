package raft

import (
	"cmp"
	"slices"
)

// Rule is one sentence of Raft (or etcd) that a member followed.
type Rule struct {
	ID       string // kebab-case and stable: lessons and switches name it
	Sentence string // one present-tense sentence in plain words
	Source   string // where it is written, such as "Raft §5.4.2" or "etcd CheckQuorum"
}

// registry holds every rule; it is filled while the package loads and never changes afterwards.
var registry []*Rule

func rule(id, source, sentence string) *Rule {
	r := &Rule{ID: id, Sentence: sentence, Source: source}
	registry = append(registry, r)
	return r
}

// AllRules returns every rule that a Fact can name, sorted by ID.
func AllRules() []*Rule {
	sorted := slices.Clone(registry)
	slices.SortFunc(sorted, func(a, b *Rule) int { return cmp.Compare(a.ID, b.ID) })
	return sorted
}

// Terms, timers and leadership.
var (
	ruleElectionTimeout = rule("election-timeout", "Raft §5.2",
		"A member that hears from no leader for a whole election timeout starts an election.")
	ruleCampaignAsked = rule("campaign-asked", "etcd: Campaign",
		"A member that is told to campaign does not wait for its timer.")
	ruleNotElectable = rule("not-electable", "etcd: promotable",
		"Only a voter that is not already leader can campaign.")
	ruleTimerLeader = rule("timer-leader", "Raft §5.2",
		"A message from the leader of its term restarts a follower's election timer.")
	ruleTimerVote = rule("timer-vote", "Raft §5.2",
		"A member that grants its vote restarts its election timer, which gives the candidate time to win.")
	ruleTimerCampaign = rule("timer-campaign", "Raft §5.2",
		"A member that campaigns restarts its election timer and tries again if nobody wins.")
	ruleTimerTerm = rule("timer-term", "etcd: reset",
		"A member that enters another term or becomes a follower again restarts its election timer.")
	rulePreVoteFirst = rule("pre-vote-first", "Raft thesis §9.6",
		"Before it raises its term, a member asks whether a majority would vote for it.")
	ruleCandidateTerm = rule("candidate-raises-term", "Raft §5.2",
		"A candidate raises its term by one, votes for itself and asks every other voter.")
	ruleMajorityElects = rule("majority-elects", "Raft §5.2",
		"A candidate with the votes of a majority leads its term; two majorities share a voter, so nobody else does.")
	ruleLostElection = rule("lost-election", "etcd: VoteLost",
		"A candidate that can no longer reach a majority becomes a follower again.")
	ruleHigherTerm = rule("higher-term", "Raft §5.1",
		"Whoever sees a higher term takes it over and becomes a follower.")
	ruleLowerTerm = rule("lower-term", "Raft §5.1",
		"A message of an older term has no effect.")
	ruleLowerTermAnswer = rule("lower-term-answer", "etcd: CheckQuorum, PreVote",
		"The leader of an older term gets an answer with the current term, so that it steps down.")
	ruleLeaderOfTerm = rule("leader-of-term", "Raft §5.2",
		"A candidate that hears from the leader of its own term follows it.")
	ruleLeaderKnown = rule("leader-known", "Raft §5.2",
		"Only the leader of a term sends appends and heartbeats in it, so their sender is the leader.")
	ruleCheckQuorum = rule("check-quorum", "etcd: CheckQuorum, Raft thesis §6.2",
		"A leader that heard from no majority for a whole election timeout stops leading.")
)

// Votes.
var (
	ruleVoteGranted = rule("vote-granted", "Raft §5.2, §5.4.1",
		"A member gives its one vote of a term to the first candidate whose log is not behind its own.")
	rulePreVoteGranted = rule("pre-vote-granted", "Raft thesis §9.6",
		"A pre-vote binds nobody: every candidate of a later term whose log is not behind gets it.")
	ruleVoteOnce = rule("vote-once", "Raft §5.2",
		"A member votes for at most one candidate in a term.")
	ruleVoteLeaderKnown = rule("vote-leader-known", "etcd: vote rule",
		"A member that knows the leader of a term gives no vote in that term.")
	ruleVoteLogTerm = rule("vote-log-term", "Raft §5.4.1",
		"A log whose last entry has a lower term is behind and gets no vote.")
	ruleVoteLogLength = rule("vote-log-length", "Raft §5.4.1",
		"Of two logs that end in the same term, the shorter one is behind and gets no vote.")
	ruleVoteLease = rule("vote-lease", "etcd: lease on votes, Raft §6",
		"A member that heard from a live leader within the election timeout ignores candidates.")
	ruleVoteLowerTerm = rule("vote-lower-term", "Raft §5.1",
		"A candidate of an older term gets no vote.")
	ruleVoteCounted = rule("vote-counted", "Raft §5.2",
		"A candidate counts one answer from each voter.")
	ruleVoteOwn = rule("vote-own-durable", "etcd: messages after append",
		"A candidate counts its own vote only when its disk holds that vote.")
)

// Replication.
var (
	ruleLeaderAppends = rule("leader-appends", "Raft §5.3",
		"The leader decides the order: it appends every proposal to its log and sends it to the others.")
	ruleNoop = rule("leader-noop", "Raft §8, thesis §6.4",
		"A fresh leader appends an empty entry: once that commits, everything before it is committed too.")
	ruleForward = rule("forward-to-leader", "etcd: MsgProp",
		"A follower passes proposals and reads on to its leader.")
	ruleNoLeader = rule("no-leader", "etcd: ErrProposalDropped",
		"Without a known leader nobody can take a proposal or a read.")
	ruleLogMatching = rule("log-matching", "Raft §5.3",
		"A follower appends only behind an entry that it holds with the same term, so both logs agree up to there.")
	ruleAppendBelowCommit = rule("append-below-commit", "etcd: append below commit",
		"What is committed already agrees, so an append below the commit index is answered with that index.")
	ruleAppendMissing = rule("append-entry-missing", "Raft §5.3",
		"A follower refuses an append behind an entry that it does not have.")
	ruleAppendTermDiffers = rule("append-term-differs", "Raft §5.3",
		"A follower refuses an append behind an entry that it holds with another term.")
	ruleTruncate = rule("truncate-on-conflict", "Raft §5.3",
		"An entry that conflicts with the leader's is removed with everything after it, and nothing else ever is.")
	ruleBacktrack = rule("backtrack", "Raft §5.3, etcd: reject hint",
		"After a refusal the leader goes back to the newest place where both logs can still agree.")
	ruleStaleAnswer = rule("stale-answer", "etcd: flow control",
		"A refusal that newer answers have overtaken has no effect.")
	ruleMatch = rule("match", "Raft §5.3",
		"An acknowledgement tells the leader how far a follower's log agrees with its own.")
	ruleMatchOwn = rule("match-own-durable", "etcd: messages after append, Raft thesis §10.2.1",
		"A leader counts its own copy of an entry only when its disk holds it.")
	ruleNeedsSnapshot = rule("needs-snapshot", "Raft §7",
		"Entries that the leader has discarded can only be replaced by a snapshot.")
	ruleDurable = rule("durable-first", "Raft figure 2, etcd: messages after append",
		"A vote or an acknowledgement leaves a member only when its disk holds what it promises.")
)

// Commitment.
var (
	ruleCommitMajority = rule("commit-majority", "Raft §5.3, §5.4.2",
		"An entry of the leader's term is committed when a majority stores it, and everything before it with it.")
	ruleCommitOldTerm = rule("commit-own-term-only", "Raft §5.4.2",
		"A leader commits no entry of an older term by counting copies: a later leader could still remove it.")
	ruleCommitFollows = rule("commit-follows-leader", "Raft §5.3",
		"A follower commits what its leader has committed, as far as its own log is known to agree.")
)

// Reads.
var (
	ruleReadRound = rule("read-round", "Raft §8, thesis §6.4",
		"Before it answers a read, the leader asks a majority whether it is still the leader.")
	ruleReadConfirmed = rule("read-confirmed", "Raft §8, thesis §6.4",
		"A majority still follows the leader, so the commit index from the start of the round is fresh enough.")
	ruleReadWaits = rule("read-waits", "Raft §8, thesis §6.4",
		"A leader knows the true commit index only after it has committed an entry of its own term.")
	ruleReadAnswered = rule("read-answered", "etcd: MsgReadIndexResp",
		"A follower may serve a read at the index that its leader has confirmed.")
	ruleReadLease = rule("read-lease", "Raft thesis §6.4.1, etcd: ReadOnlyLeaseBased",
		"A leader that trusts the clocks answers reads at once: by its lease nobody else can lead yet.")
	ruleReadSingle = rule("read-single", "etcd: IsSingleton",
		"The only voter has nobody to ask.")
	ruleReadLost = rule("read-lost", "Raft thesis §6.4",
		"Who no longer leads cannot confirm a read; the client has to ask again.")
)

// Messages without effect.
var (
	ruleNotAddressee = rule("not-addressee", "etcd: Step",
		"A member handles only messages that are addressed to it.")
	ruleUnknownPeer = rule("unknown-peer", "etcd: ErrStepPeerNotFound",
		"An answer from somebody outside the configuration has no effect.")
	ruleWrongRole = rule("wrong-role", "Raft §5.1",
		"An answer to a question that the member no longer asks has no effect.")
	ruleMalformed = rule("malformed-message", "etcdscope",
		"A message that no correct member sends has no effect.")
)

// Guarantees that a correct cluster never breaks. Where etcd panics, a member records one of
// these and goes on without doing the damage.
var (
	ruleTwoLeaders = rule("one-leader-per-term", "Raft §5.2",
		"A term has at most one leader.")
	ruleCommitRange = rule("commit-within-log", "etcd: commit out of range",
		"The commit index never passes the end of the log.")
	ruleCommittedStays = rule("committed-stays", "Raft §5.4",
		"A committed entry is never replaced.")
	ruleAppliedRange = rule("applied-within-handed-out", "etcd: applied out of range",
		"The applied index never moves back and never passes what was handed out.")
	ruleCommitBack = rule("commit-never-moves-back", "Raft §5.4",
		"What is committed stays committed, so the commit index never moves back.")
	ruleLeaderAppendOnly = rule("leader-append-only", "Raft §5.3",
		"A leader never removes or overwrites entries of its own log.")
	ruleDiskKeeps = rule("disk-keeps-committed", "Raft §5.3, thesis §3.8",
		"A member that comes back holds everything that it had committed or applied.")
	ruleCompactRange = rule("compact-within-applied", "etcd: Compact",
		"Only what is applied, on disk and inside a snapshot can be discarded.")
	ruleSnapshotOfApplied = rule("snapshot-of-applied", "Raft §7",
		"A snapshot holds the state after an entry that this member has applied.")
	ruleDurableRange = rule("durable-within-handed-out", "etcd: Advance",
		"Only a Ready that was handed out can become durable.")
)

// Snapshots.
var (
	ruleCompact = rule("compact", "Raft §7",
		"Entries that a snapshot replaces are discarded; the term of the last one stays known.")
	ruleSnapshotActive = rule("snapshot-only-to-active", "etcd: maybeSendSnapshot",
		"A snapshot is expensive, so a peer that does not answer gets none.")
	ruleSnapshotOld = rule("snapshot-old", "etcd: restore",
		"A snapshot that ends at or below the commit index brings nothing.")
	ruleSnapshotStranger = rule("snapshot-stranger", "etcd: restore",
		"A snapshot whose configuration lacks the receiver is older than its membership and has no effect.")
	ruleSnapshotMatches = rule("snapshot-matches", "Raft §7, etcd: restore",
		"A log that agrees with a snapshot stays; what the snapshot holds is committed.")
	ruleSnapshotInstalled = rule("snapshot-installed", "Raft §7",
		"A log that ends early or disagrees is replaced by the leader's snapshot.")
	ruleSnapshotConf = rule("snapshot-config", "Raft §7",
		"A snapshot brings the configuration of its index with it.")
	ruleSnapshotArrived = rule("snapshot-arrived", "etcd: ReportSnapshot",
		"Behind a snapshot that has arrived the leader goes on with the log.")
	ruleSnapshotFailed = rule("snapshot-failed", "etcd: ReportSnapshot",
		"After a snapshot that was lost the leader asks where the peer is.")
	ruleSnapshotCaughtUp = rule("snapshot-caught-up", "etcd: StateSnapshot",
		"A peer that reaches the leader's log needs no snapshot any more.")
	ruleUnreachable = rule("unreachable", "etcd: ReportUnreachable",
		"When a message to a peer is lost, the leader sends one append and waits for the answer.")
)

// Membership.
var (
	ruleConfOnApply = rule("config-on-apply", "etcd: ApplyConfChange",
		"A configuration is in force on a member once that member has applied its entry.")
	ruleConfOnAppend = rule("config-on-append", "Raft §6, thesis §4.1",
		"In the paper a configuration is in force on a server as soon as its log holds the entry.")
	ruleConfTaken = rule("config-truncated", "Raft §6",
		"When the entry of a configuration is removed, the configuration before it is in force again.")
	ruleConfPending = rule("config-pending", "etcd: pendingConfIndex, Raft thesis §4.1",
		"A configuration change waits until every change that may come before it is applied.")
	ruleConfOwnTerm = rule("config-needs-own-term-commit", "Ongaro 2015",
		"Where configurations count when appended, a new leader first commits an entry of its own term.")
	ruleConfLeaveFirst = rule("config-leave-first", "etcd: confchange",
		"A joint configuration must be left before anything else changes.")
	ruleConfNotJoint = rule("config-not-joint", "etcd: confchange",
		"Only a joint configuration can be left.")
	ruleConfImpossible = rule("config-impossible", "etcd: confchange",
		"A change that the configuration does not allow is refused by every member alike.")
	ruleConfUnapplied = rule("config-unapplied", "etcd: hasUnappliedConfChanges",
		"A member first applies a committed configuration, then it campaigns in it.")
	ruleAutoLeave = rule("auto-leave", "etcd: AutoLeave",
		"Once a joint configuration is in force, the leader proposes to leave it.")
	ruleRemovedLeader = rule("removed-leader", "etcd: MsgProp",
		"A leader that is no member any more takes no proposals.")
	ruleStepDownRemoved = rule("removed-steps-down", "Raft §6, etcd: StepDownOnRemoval",
		"A leader that is no voter in the configuration in force stops leading.")
	ruleUncommittedLimit = rule("uncommitted-limit", "etcd: MaxUncommittedEntriesSize",
		"A leader takes only so much data that is not applied yet.")
)

// Leadership transfer.
var (
	ruleTransfer = rule("transfer", "Raft thesis §3.10",
		"A leader that hands over first brings the other member's log up to its own.")
	ruleTimeoutNow = rule("timeout-now", "Raft thesis §3.10",
		"A member that holds the whole log is told to campaign without waiting for its timer.")
	ruleTransferVoter = rule("transfer-to-voter", "etcd: MsgTransferLeader",
		"Leadership is handed only to another voter.")
	ruleTransferRuns = rule("transfer-runs", "etcd: MsgTransferLeader",
		"Asking again for the same transfer changes nothing.")
	ruleTransferOther = rule("transfer-other", "etcd: MsgTransferLeader",
		"A request for another member ends the transfer that runs.")
	ruleTransferSlow = rule("transfer-timeout", "Raft thesis §3.10",
		"A transfer that takes an election timeout is given up, and the leader goes on.")
	ruleTransferGone = rule("transfer-gone", "etcd: switchToConfig",
		"A transfer to a member that is no voter any more is given up.")
	ruleTransferRefuses = rule("transfer-refuses", "Raft thesis §3.10",
		"While it hands over, a leader takes no proposals: the other log could never catch up.")
	ruleForgetLeader = rule("forget-leader", "etcd: ForgetLeader",
		"A follower that is told to forget its leader may vote for another member at once.")
	ruleForgetNothing = rule("forget-nothing", "etcd: ForgetLeader",
		"A leader cannot forget itself, and a lease on reads must not be forgotten.")
)

// ruleSwitchedOff is the reason for what a node does only because one of its Rules is switched off.
var ruleSwitchedOff = rule("rule-switched-off", "etcdscope",
	"A rule is switched off: what happens here does not follow Raft.")

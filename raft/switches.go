package raft

// Rules are the rules that can be switched off for teaching; the zero value follows them all.
// Each is read at the one place where it acts. A node with a rule off never crashes: where that leads to a
// state that no correct cluster can get into, it records a FactViolation.
type Rules struct {
	// Elections.
	NoPreVote            bool // no pre-vote, whatever Config.PreVote says
	NoCheckQuorum        bool // a leader never counts who listens, whatever Config.CheckQuorum says
	NoVoteLease          bool // a member that hears from a leader listens to candidates all the same
	FixedTimeout         bool // everybody waits ElectionTick ticks
	SmallQuorum          bool // half of the voters decides, rounded down
	VoteTwice            bool // the vote of a term can be given again
	VoteDespiteLeader    bool // a member votes although it knows the leader of the term
	VoteForAnyLog        bool // logs are not compared
	VoteForLongestLog    bool // logs are compared by length, not by last term
	LearnersRefuse       bool // a learner refuses to vote
	CountOldVotes        bool // votes of earlier campaigns count
	IgnoreHigherTerm     bool // a leader does not step down for a higher term
	ObeyLowerTerm        bool // a member obeys the leader of an earlier term
	ForgetVote           bool // the vote is not written to disk
	ForgetTerm           bool // neither term nor vote is written to disk
	VoteBeforeSync       bool // a vote leaves before the disk holds it
	CampaignBeforeConfig bool // a member campaigns before it has applied a committed configuration

	// Replication and commitment.
	NoNoop             bool // a new leader appends no empty entry
	CommitOldTerms     bool // entries of earlier terms commit by counting copies
	AckBeforeSync      bool // an acknowledgement leaves before the disk holds the entries
	CountBeforeSync    bool // a leader counts its own copy before its disk holds it
	ApplyBeforeSync    bool // committed entries are applied before the own disk holds them
	CountOldAcks       bool // acknowledgements of earlier terms count
	NoPrevCheck        bool // the term before an append is not compared
	TruncateAlways     bool // every append cuts the log behind it
	KeepConflicts      bool // entries that conflict with the leader's stay
	CommitBeyondAppend bool // a follower commits what its leader says, as far as its log reaches
	CommitBeyondMatch  bool // heartbeats carry the leader's commit index
	DropTail           bool // a new leader removes what is not committed
	NoBacktrack        bool // a refusal does not move the next index back
	SlowBacktrack      bool // a refusal moves the next index back by one
	StayOptimistic     bool // a refusal does not end sending ahead
	NoInflightLimit    bool // no window for append messages
	NoForwarding       bool // followers drop proposals

	// Snapshots.
	InstallOldSnapshot  bool // a snapshot replaces a log that has committed more
	SnapshotDropsSuffix bool // a snapshot replaces a log that agrees with it
	SnapshotNoConfig    bool // the configuration inside a snapshot is not used
	SnapshotToSilent    bool // a snapshot is sent to a peer that does not answer

	// Reads.
	ReadWithoutAsking   bool // a leader answers reads from its own commit index
	ReadBeforeOwnCommit bool // reads do not wait for the first commit of the term
	JoinRunningRound    bool // a read joins a round whose heartbeats have left

	// Membership and transfer.
	OneStepChanges        bool // several voters change at once, without a joint configuration
	ManyPendingChanges    bool // a configuration change is accepted while another is pending
	ChangeBeforeOwnCommit bool // a new leader changes the configuration at once
	ConfigOnAppend        bool // a configuration is in force when it is appended, as in the paper
	LearnersCount         bool // learners count in every majority
	TransferToLagging     bool // leadership is handed to a peer whose log is behind
	ProposeInTransfer     bool // proposals are taken while leadership is handed over
}

// Switch is one rule that can be switched off.
type Switch struct {
	Name     string // kebab-case, of the rule when it is on
	Sentence string // what the rule says
	Source   string
	Off      func(*Rules) *bool // the field that switches it off
}

// SwitchableRules lists every rule of package raft that can be switched off, in the order of the fields of Rules.
func SwitchableRules() []Switch {
	all := append([]Switch{}, electionSwitches[:]...)
	all = append(all, replicationSwitches[:]...)
	all = append(all, snapshotSwitches[:]...)
	all = append(all, readSwitches[:]...)
	return append(all, membershipSwitches[:]...)
}

var electionSwitches = [...]Switch{
	{
		"prevote", "Before it raises its term, a member asks whether a majority would vote for it.",
		"Raft thesis §9.6", func(r *Rules) *bool { return &r.NoPreVote },
	},
	{
		"checkquorum", "A leader that heard from no majority for a whole election timeout stops leading.",
		"etcd: CheckQuorum, Raft thesis §6.2", func(r *Rules) *bool { return &r.NoCheckQuorum },
	},
	{
		"vote-lease", "A member that heard from a live leader within the election timeout ignores candidates.",
		"Raft §6, etcd: CheckQuorum", func(r *Rules) *bool { return &r.NoVoteLease },
	},
	{
		"random-timeout", "Members wait differently long before they campaign, so that votes are rarely split.",
		"Raft §5.2", func(r *Rules) *bool { return &r.FixedTimeout },
	},
	{
		"majority", "More than half of the voters must agree, so that any two decisions share a voter.",
		"Raft §5.2, §5.3", func(r *Rules) *bool { return &r.SmallQuorum },
	},
	{
		"vote-once", "A member votes for at most one candidate in a term.",
		"Raft §5.2", func(r *Rules) *bool { return &r.VoteTwice },
	},
	{
		"vote-leader-known", "A member that knows the leader of a term gives no vote in that term.",
		"etcd: vote rule", func(r *Rules) *bool { return &r.VoteDespiteLeader },
	},
	{
		"log-check-on-vote", "A candidate whose log is behind gets no vote.",
		"Raft §5.4.1", func(r *Rules) *bool { return &r.VoteForAnyLog },
	},
	{
		"last-term-first", "Of two logs the one with the higher last term is ahead, however short it is.",
		"Raft §5.4.1", func(r *Rules) *bool { return &r.VoteForLongestLog },
	},
	{
		"learners-vote", "A learner that is asked for its vote gives it: the candidate may know of its promotion.",
		"etcd: campaign_learner_must_vote", func(r *Rules) *bool { return &r.LearnersRefuse },
	},
	{
		"votes-of-own-term", "A candidate counts only answers to the campaign that it runs.",
		"Raft §5.1", func(r *Rules) *bool { return &r.CountOldVotes },
	},
	{
		"step-down", "A leader that sees a higher term takes it over and becomes a follower.",
		"Raft §5.1", func(r *Rules) *bool { return &r.IgnoreHigherTerm },
	},
	{
		"ignore-lower-term", "A message from the leader of an earlier term has no effect.",
		"Raft §5.1", func(r *Rules) *bool { return &r.ObeyLowerTerm },
	},
	{
		"persist-vote", "A member writes its vote to disk.",
		"Raft figure 2", func(r *Rules) *bool { return &r.ForgetVote },
	},
	{
		"persist-term", "A member writes its term to disk.",
		"Raft figure 2", func(r *Rules) *bool { return &r.ForgetTerm },
	},
	{
		"vote-after-fsync", "A vote leaves a member only when its disk holds it.",
		"Raft figure 2, etcd: messages after append", func(r *Rules) *bool { return &r.VoteBeforeSync },
	},
	{
		"campaign-needs-applied-config", "A member that has not applied a committed configuration does not campaign.",
		"etcd: hasUnappliedConfChanges", func(r *Rules) *bool { return &r.CampaignBeforeConfig },
	},
}

var replicationSwitches = [...]Switch{
	{
		"noop", "A new leader appends an empty entry, so that entries of earlier terms can commit at once.",
		"Raft §8, thesis §6.4", func(r *Rules) *bool { return &r.NoNoop },
	},
	{
		"commit-current-term-only", "A leader commits by counting only entries of its own term.",
		"Raft §5.4.2", func(r *Rules) *bool { return &r.CommitOldTerms },
	},
	{
		"fsync", "An acknowledgement leaves a member only when its disk holds the entries.",
		"Raft §5.3, thesis §3.8", func(r *Rules) *bool { return &r.AckBeforeSync },
	},
	{
		"own-ack-after-fsync", "A leader counts its own copy of an entry only when its disk holds it.",
		"Raft thesis §10.2.1", func(r *Rules) *bool { return &r.CountBeforeSync },
	},
	{
		"apply-after-fsync", "A member applies an entry only when its own disk holds it.",
		"etcd: asynchronous storage writes", func(r *Rules) *bool { return &r.ApplyBeforeSync },
	},
	{
		"acks-of-own-term", "A leader counts only acknowledgements of its own term.",
		"Raft §5.1", func(r *Rules) *bool { return &r.CountOldAcks },
	},
	{
		"prev-check", "A follower appends only behind an entry that it holds with the same term.",
		"Raft §5.3", func(r *Rules) *bool { return &r.NoPrevCheck },
	},
	{
		"truncate-only-on-conflict", "Only entries that conflict with the leader's are removed.",
		"Raft §5.3", func(r *Rules) *bool { return &r.TruncateAlways },
	},
	{
		"truncate-conflicts", "An entry that conflicts with the leader's is removed with everything after it.",
		"Raft §5.3", func(r *Rules) *bool { return &r.KeepConflicts },
	},
	{
		"commit-within-append", "A follower commits only as far as its log is known to agree with the leader's.",
		"Raft §5.3, figure 2", func(r *Rules) *bool { return &r.CommitBeyondAppend },
	},
	{
		"heartbeat-commit-within-match", "A heartbeat lets a follower commit only what it is known to store.",
		"etcd: sendHeartbeat", func(r *Rules) *bool { return &r.CommitBeyondMatch },
	},
	{
		"leader-append-only", "A leader never removes or overwrites entries of its own log.",
		"Raft §5.3", func(r *Rules) *bool { return &r.DropTail },
	},
	{
		"backtrack", "After a refusal the leader tries an earlier place.",
		"Raft §5.3", func(r *Rules) *bool { return &r.NoBacktrack },
	},
	{
		"reject-hint", "A refusal tells the leader where the logs may agree, so that it skips whole terms.",
		"Raft §5.3, etcd: RejectHint", func(r *Rules) *bool { return &r.SlowBacktrack },
	},
	{
		"probe-after-reject", "After a refusal the leader sends one append at a time until one is accepted.",
		"etcd: StateProbe", func(r *Rules) *bool { return &r.StayOptimistic },
	},
	{
		"inflight-limit", "A leader sends only so many appends ahead of their acknowledgements.",
		"etcd: MaxInflightMsgs", func(r *Rules) *bool { return &r.NoInflightLimit },
	},
	{
		"forward-proposals", "A follower passes proposals on to its leader.",
		"etcd: DisableProposalForwarding", func(r *Rules) *bool { return &r.NoForwarding },
	},
}

var snapshotSwitches = [...]Switch{
	{
		"ignore-old-snapshot", "A snapshot that ends below the commit index has no effect.",
		"etcd: restore", func(r *Rules) *bool { return &r.InstallOldSnapshot },
	},
	{
		"snapshot-keeps-suffix", "A snapshot that agrees with the log does not replace it.",
		"Raft §7", func(r *Rules) *bool { return &r.SnapshotDropsSuffix },
	},
	{
		"snapshot-config", "A snapshot brings the configuration of its index with it.",
		"Raft §7", func(r *Rules) *bool { return &r.SnapshotNoConfig },
	},
	{
		"snapshot-only-to-active", "A snapshot is sent only to a peer that answers.",
		"etcd: maybeSendSnapshot", func(r *Rules) *bool { return &r.SnapshotToSilent },
	},
}

var readSwitches = [...]Switch{
	{
		"read-index", "Before it answers a read, the leader asks a majority whether it is still the leader.",
		"Raft §8, thesis §6.4", func(r *Rules) *bool { return &r.ReadWithoutAsking },
	},
	{
		"read-after-own-commit", "A leader answers reads only after it has committed an entry of its own term.",
		"Raft §8, thesis §6.4", func(r *Rules) *bool { return &r.ReadBeforeOwnCommit },
	},
	{
		"read-opens-round", "A read that arrives after the heartbeats of a round have left waits for the next round.",
		"Raft thesis §6.4, etcd: linearizableReadLoop", func(r *Rules) *bool { return &r.JoinRunningRound },
	},
}

var membershipSwitches = [...]Switch{
	{
		"one-at-a-time", "Several voters change only through a joint configuration, which needs both majorities.",
		"Raft §6, thesis §4.1", func(r *Rules) *bool { return &r.OneStepChanges },
	},
	{
		"one-pending-change", "A configuration change waits until the one before it is applied.",
		"etcd: pendingConfIndex, Raft thesis §4.1", func(r *Rules) *bool { return &r.ManyPendingChanges },
	},
	{
		"conf-needs-own-term-commit", "A new leader changes the configuration only when its whole log is committed.",
		"Ongaro 2015, etcd: pendingConfIndex", func(r *Rules) *bool { return &r.ChangeBeforeOwnCommit },
	},
	{
		"config-on-apply", "A configuration is in force when it is applied; in the paper already when it is appended.",
		"etcd: ApplyConfChange", func(r *Rules) *bool { return &r.ConfigOnAppend },
	},
	{
		"learners-do-not-count", "A learner counts in no majority.",
		"Raft thesis §4.2.1", func(r *Rules) *bool { return &r.LearnersCount },
	},
	{
		"transfer-caught-up", "Leadership is handed only to a member that holds the whole log.",
		"Raft thesis §3.10", func(r *Rules) *bool { return &r.TransferToLagging },
	},
	{
		"no-proposals-in-transfer", "A leader that hands over takes no proposals.",
		"Raft thesis §3.10", func(r *Rules) *bool { return &r.ProposeInTransfer },
	},
}

// SetRules switches rules on or off from now on. What was done under the old ones stays.
func (n *Node) SetRules(r Rules) {
	old := n.cfg.Rules
	n.cfg.Rules = r
	n.setConf(n.conf) // what counts as a majority may have changed
	for i := range n.progress {
		n.limitInflight(&n.progress[i])
	}
	if r.ConfigOnAppend != old.ConfigOnAppend {
		n.changeConfTime()
	}
}

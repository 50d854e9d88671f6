package pane

var english = words{
	role:      [...]string{"follower", "pre-candidate", "candidate", "LEADER", "learner", "paused", "down"},
	roleBrief: [...]string{"follower", "pre-cand", "candidate", "LEADER", "learner", "paused", "down"},
	watcher:   [...]string{"synced", "unsynced", "victim", "cancelled: compacted"},
	level:     [...]string{"bytes", "protocol", "story"},

	term: "term", vote: "vote", leader: "leader", commit: "commit", applied: "applied", match: "match", next: "next",
	rev: "rev", index: "index", pending: "pending", compacted: "compacted", inFile: "in file", durable: "durable",

	lanesWords: lanesWords{
		cluster: "CLUSTER", noLeader: "no leader", invariants: "invariants",
		roleHead: "role", termHead: "t", timerHead: "election timer", leftHead: "left",
		laneHead: "inbox: messages flying toward this member",
		onTheWay: " on the way", links: "links", lastCaption: "last", nextCaption: "next", arrives: "coming",
		receives: "receives", neverGets: "will not receive",
		allLinks: "all links ok", cut: "cut", cutOneWay: "cut one way", held: "held", delay: "delay", loss: "loss",
		partition: "partition", inFlight: "in flight", dropped: "dropped", duplicated: "duplicated",
	},
	logsWords: logsWords{
		logs: "LOGS", numberIsTerm: "number: term", committed: "committed", stored: "only stored",
		conflict: "conflicts, will be cut", unsynced: "not on its disk yet",
		peerState: "peer state", commitLine: "leader's commit line: ",
		whyIs: "why is ", notCommitted: " not committed?", allCommitted: "everything in the leader's log is committed",
		noLeaderCommits: "no leader: nothing can be committed",
		entry:           "entry", notThere: "is in no log", storedOn: "stored on ",
	},
	mvccWords: mvccWords{
		of: " of ", op: "op", generations: "key: generations", noStore: "the member is down: its store is closed",
		noKeys: "no key yet", noValue: "no value", nextRev: "next rev", behind: "behind", queued: "queued",
	},
	memberWords: memberWords{
		member: "MEMBER", incarnation: "incarnation", why: "why", log: "log", toApply: "to apply", inbox: "inbox",
		votes: "votes", needs: "needs ",
		store: "store", committing: "commit running", consistent: "cons. index", watchers: "watchers",
		waiting: "requests", disk: "disk", running: "running",
	},
	raftWords: raftWords{
		handOver: "hand-over", holds: " stores ", mayStand: " stores all: it may stand at once",
		noProposals: "no proposal is taken meanwhile", givesUp: "given up in ", ticks: " ticks",
		joint: "joint", incoming: "incoming", outgoing: "outgoing", leavesItself: "left by itself",
		storeEntry: "store entry ",
		change:     "change", notCommittedYet: "not committed: the old voters decide",
		notAppliedYet: "committed, in force once applied",
		snapshot:      "snapshot", installs: "installs", noAnswer: "sent, no answer yet", due: "arrives",
		reads: "reads", round: "round", readsAsked: " waiting for it",
		readsWait: " waiting for the first commit in term ",
		waits:     "waits", voters: "voters", learners: "learners", lease: "vote lease",
		leaseHolds: " more ticks deaf to candidates", leaseOver: "over: a candidate is heard",
	},
	eventWords: eventWords{
		events: "EVENTS", nothingYet: "nothing has happened yet", folded: " heartbeats and idle ticks folded",
		timeline: "TIMELINE", youAreAt: "you are at ", onBranch: " on branch ", forked: "forked from ",
		commands: "commands ", here: "you are here",
		whyNot: "WHY NOT?", whyEvent: "WHY?  event ", because: "because ", notRecorded: "this event is not recorded",
		whyLeader: "why is ", notLeader: " not the leader?",
		whyVote: "does ", votesFor: " vote for ", inTerm: " in term ", asItIsNow: "? (as it is now)",
		covered: "Covered: predict first, then this pane opens.",
	},
}

package raft

import (
	"errors"
	"slices"

	"etcdscope/raft/quorum"
)

// Role is what a member is doing in its term. A learner is a follower that is not a voter.
type Role uint8

// The roles of Raft §5.1 and the pre-candidate of thesis §9.6.
const (
	Follower Role = iota
	PreCandidate
	Candidate
	Leader
)

// String returns the role's name.
func (r Role) String() string {
	return [...]string{"follower", "pre-candidate", "candidate", "leader"}[r]
}

// Node is one member's Raft. Make it with New; it is not safe for concurrent use.
type Node struct {
	cfg         Config
	conf        ConfState // in force; its lists are never changed in place: views share them
	appended    []confAt  // with Rules.ConfigOnAppend: the configuration of the log's beginning and those appended since
	confApplied Index     // of the last configuration change that was applied
	voters      quorum.Joint[ID]
	electorate  int  // number of voters; in a joint configuration, of both halves together
	peers       []ID // voters and learners, sorted

	role Role
	term Term
	vote ID
	lead ID
	log  entryLog

	elapsed          int // ticks since the election timer was wound up; a leader's since its last quorum check
	timeout          int // the timer runs out when elapsed reaches it
	termTimeout      int // Config.Timeout of this term; SetTimer changes timeout only
	heartbeatElapsed int

	votes    []Vote     // while campaigning, sorted by ID
	progress []progress // while leading, sorted by ID, the node itself included
	held     Index      // highest index for which FactCommitHeld was recorded while leading
	reads    readRounds

	transferee  ID     // while leading: who is to lead next
	pendingConf Index  // while leading: no configuration change is proposed before this is applied
	uncommitted uint64 // while leading: bytes of data proposed and not applied; counted if they are limited

	offered  SnapshotMeta // the snapshot that the driver can send; Index 0 is none
	restored Index        // where the last snapshot from a leader ended

	handedSize  uint64 // bytes of entries that are being applied; counted if they are limited
	applyPaused bool   // until some of them are applied

	seq         uint64
	saved       HardState // as last handed out
	ownVote     ownVote   // not handed out yet
	outstanding []outstanding
	msgs        outbox // may leave at once
	afterSync   outbox // promises: leave when everything that the node knows is durable
	readStates  []ReadState

	facts []Fact
}

// New builds a node from what is on disk, or says all that is wrong with its arguments.
// It keeps the slices of p: the caller must not change them afterwards.
func New(c Config, p Persisted) (*Node, error) {
	if err := errors.Join(c.Validate(), p.validate(c.Rules)); err != nil {
		return nil, err
	}
	last := p.Snapshot.Index + Index(len(p.Entries))
	// The commit index is not synced with every change, so the state machine may know more.
	commit := max(p.HardState.Commit, p.Applied, p.Snapshot.Index)
	applied := min(max(p.Applied, p.Snapshot.Index), last)
	n := &Node{
		cfg: c, term: p.HardState.Term, vote: p.HardState.Vote,
		log: entryLog{
			prevIndex: p.Snapshot.Index, prevTerm: p.Snapshot.Term, entries: slices.Clip(p.Entries),
			handed: last, durable: last,
			committed: min(commit, last), applying: applied, applied: applied,
		},
		saved: p.HardState, offered: p.Snapshot,
	}
	if commit > last { // only with a rule off: Persisted was checked
		n.violate(Fact{Rule: ruleDiskKeeps, Term: n.term, Index: last, Old: uint64(commit)})
	}
	n.setFirstConf(&p)
	n.termTimeout = n.cfg.timeout(n.term)
	n.timeout = n.termTimeout
	return n, nil
}

// setConf puts a configuration into force. Its lists become the node's.
func (n *Node) setConf(c ConfState) {
	n.conf = c
	n.voters = quorum.Joint[ID]{Incoming: c.Voters, Outgoing: c.VotersOutgoing, Half: n.cfg.Rules.SmallQuorum}
	voters := n.voters.IDs()
	n.peers = slices.Concat(voters, c.Learners)
	slices.Sort(n.peers)
	if n.cfg.Rules.LearnersCount {
		n.voters.Incoming = slices.Concat(c.Voters, c.Learners)
		voters = n.voters.IDs()
	}
	n.electorate = len(voters)
}

// isVoter says whether id votes in either half of the configuration in force.
func (n *Node) isVoter(id ID) bool {
	return slices.Contains(n.conf.Voters, id) || slices.Contains(n.conf.VotersOutgoing, id)
}

// Clone returns an independent copy; log memory is shared until one side writes.
func (n *Node) Clone() *Node {
	c := *n
	c.log = n.log.clone()
	c.appended = slices.Clone(n.appended)
	c.votes = slices.Clone(n.votes)
	c.progress = slices.Clone(n.progress)
	for i := range c.progress {
		c.progress[i].inflight = n.progress[i].inflight.clone()
	}
	c.reads = n.reads.clone()
	c.outstanding = slices.Clone(n.outstanding)
	c.msgs, c.afterSync = n.msgs.clone(), n.afterSync.clone()
	c.readStates = slices.Clone(n.readStates)
	c.facts = slices.Clone(n.facts)
	return &c
}

// Step gives the node one message from a peer. The only error is ErrProposalDropped, for a
// MsgProp or MsgReadIndex that finds no leader; every other message without effect is a FactIgnored.
func (n *Node) Step(m Message) error { return n.step(&m) }

func (n *Node) step(m *Message) error {
	switch {
	case m.To != n.cfg.ID:
		n.ignore(m, ruleNotAddressee)
		return nil
	case m.Type.isResponse() && !slices.Contains(n.peers, m.From):
		n.ignore(m, ruleUnknownPeer)
		return nil
	case m.Type == MsgProp:
		return n.handleProposal(m)
	case m.Type == MsgReadIndex:
		return n.handleReadIndex(m)
	case m.Term == 0:
		n.ignore(m, ruleMalformed)
		return nil
	}
	if m.Term > n.term && !n.stepHigherTerm(m) {
		return nil
	}
	if m.Term < n.term {
		n.stepLowerTerm(m)
		return nil
	}
	n.stepTerm(m)
	return nil
}

// stepTerm handles a message of the node's own term, or a pre-vote of a later one.
func (n *Node) stepTerm(m *Message) {
	switch m.Type {
	case MsgVote, MsgPreVote:
		n.handleVote(m)
	case MsgVoteResp, MsgPreVoteResp:
		n.handleVoteResponse(m)
	case MsgApp, MsgHeartbeat, MsgSnap:
		n.handleFromLeader(m)
	case MsgAppResp:
		n.handleAppendResponse(m)
	case MsgHeartbeatResp:
		n.handleHeartbeatResponse(m)
	case MsgReadIndexResp:
		n.handleReadIndexResponse(m)
	case MsgTransfer:
		n.handleTransfer(m)
	case MsgTimeoutNow:
		n.handleTimeoutNow(m)
	default:
		n.ignore(m, ruleMalformed)
	}
}

// handleFromLeader handles what only the leader of the node's term sends.
func (n *Node) handleFromLeader(m *Message) {
	if n.role == Leader {
		n.violate(Fact{Rule: ruleTwoLeaders, Peer: m.From, Term: n.term})
		return
	}
	if n.role != Follower {
		n.becomeFollower(n.term, ruleLeaderOfTerm, m.From)
	}
	n.resetTimer(ruleTimerLeader, m.From)
	n.learnLeader(m.From)
	switch m.Type {
	case MsgApp:
		n.handleAppend(m)
	case MsgHeartbeat:
		n.handleHeartbeat(m)
	case MsgSnap:
		n.handleSnapshot(m)
	}
}

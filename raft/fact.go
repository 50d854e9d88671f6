package raft

import "fmt"

// FactKind says what happened inside a member while it worked on one input.
type FactKind uint8

// The facts. Peer, Term, Index, Old and N carry the numbers that the sentence quotes.
const (
	FactTimeout           FactKind = iota + 1 // the election timer ran out
	FactTimerReset                            // the election timer was wound up again; Rule says why
	FactPreCandidate                          // became pre-candidate for Term
	FactCandidate                             // became candidate of Term
	FactElected                               // became leader of Term with N votes
	FactStepDown                              // left candidacy or leadership; Rule says why
	FactTerm                                  // adopted the higher Term of Peer; Old is the term before
	FactLeaderKnown                           // learnt that Peer leads Term
	FactVoteGranted                           // granted a vote (or pre-vote) to Peer in Term
	FactVoteRefused                           // refused a vote (or pre-vote) to Peer; Rule says why
	FactVoteCounted                           // a candidate counted Peer's answer (Old 1: no); N votes, Of voters
	FactProposed                              // a leader appended a proposal at Index
	FactForwarded                             // a follower passed a proposal on to the leader Peer
	FactDropped                               // a proposal or read was refused; Rule says why
	FactAppended                              // a follower stored entries up to Index
	FactTruncated                             // a follower cut its log behind Index, it conflicted; it ended at Old
	FactAppendRefused                         // a follower refused an append at Index; Rule says why
	FactMatch                                 // the leader learnt that Peer stores up to Index
	FactBacktrack                             // the leader moved Peer's next index back to Index
	FactCommit                                // commit index moved from Old to Index; leader: N of Of voters store it
	FactIgnored                               // a message was ignored; Rule says why
	FactReadIndex                             // a read round began or was confirmed at Index; Rule says which
	FactDurable                               // own entries up to Index are durable, promises may leave
	FactQuorumLost                            // a leader with CheckQuorum heard from too few voters
	FactCommitHeld                            // N of Of voters store Index, but its entry is of the older term Old
	FactViolation                             // something that no correct cluster does; Rule is what was broken
	FactSnapshotSent                          // the leader sent Peer the snapshot at Index; its log begins at N
	FactSnapshotInstalled                     // a follower replaced its log, which ended at N, by the snapshot at Index
	FactSnapshotRefused                       // a follower did not need the snapshot at Index; Rule says why
	FactCompacted                             // the log was discarded from Old to Index
	FactProgress                              // the leader sends to Peer another way: state Old before, N after
	FactConfig                                // another configuration is in force: N voters, Of outgoing, Old learners
	FactConfRefused                           // a configuration change was not allowed; Rule says why
	FactTransfer                              // leadership is handed to Peer; Rule says how far that is
)

var factKindNames = [...]string{
	FactTimeout: "timeout", FactTimerReset: "timer_reset", FactPreCandidate: "pre_candidate",
	FactCandidate: "candidate", FactElected: "elected", FactStepDown: "stepdown", FactTerm: "term",
	FactLeaderKnown: "leader_known", FactVoteGranted: "vote_granted", FactVoteRefused: "vote_rejected",
	FactVoteCounted: "vote_counted", FactProposed: "propose", FactForwarded: "forward", FactDropped: "dropped",
	FactAppended: "append_ok", FactTruncated: "truncate", FactAppendRefused: "append_rejected",
	FactMatch: "match_updated", FactBacktrack: "backtrack", FactCommit: "commit_advanced",
	FactIgnored: "ignored", FactReadIndex: "read_index", FactDurable: "durable",
	FactQuorumLost: "quorum_lost", FactCommitHeld: "commit_held", FactViolation: "violation",
	FactSnapshotSent: "snapshot_sent", FactSnapshotInstalled: "snapshot_installed",
	FactSnapshotRefused: "snapshot_refused", FactCompacted: "compacted", FactProgress: "progress",
	FactConfig: "conf_changed", FactConfRefused: "conf_rejected", FactTransfer: "transfer",
}

// String returns the kind's stable name, such as vote_granted.
func (k FactKind) String() string {
	if k > 0 && int(k) < len(factKindNames) {
		return factKindNames[k]
	}
	return fmt.Sprintf("FactKind(%d)", uint8(k))
}

// Fact is one thing that a member did, with the rule it followed.
// Facts are plain values: recording them must not allocate beyond the slice that holds them.
//
// Beside what the kinds say above, the numbers mean: timeout, N ticks elapsed of Of; timer_reset, N
// ticks from here; stepdown, the role Old was left; vote_rejected, by Rule: Old is the member voted for
// or known as leader (heard N ticks ago, lease Of), or Old is this log's last term or index and N the
// candidate's, or Old is the current term; append_ok, N entries were missing here; append_rejected, N is the
// leader's term at Index, Old this log's, Of this log's end; ignored, N is the MessageType and Old the
// current term; read_index, round N for Peer; dropped, N reads were lost; snapshot_sent and snapshot_refused, Old is
// what Peer stores or what is committed; conf_rejected, N is applied and Old must be first; transfer, Peer stores
// up to Index of Old.
type Fact struct {
	Kind    FactKind
	PreVote bool // vote facts: it is a pre-vote
	Rule    *Rule
	Peer    ID
	Term    Term
	Index   Index
	Old     uint64
	N, Of   int
}

// TakeFacts returns what happened since the last call; the slice is valid until the next input.
// Facts pile up until they are taken.
func (n *Node) TakeFacts() []Fact {
	taken := n.facts
	n.facts = n.facts[:0]
	return taken
}

func (n *Node) record(f Fact) { n.facts = append(n.facts, f) }

func (n *Node) violate(f Fact) {
	f.Kind = FactViolation
	n.record(f)
}

func (n *Node) ignore(m *Message, why *Rule) {
	n.record(Fact{
		Kind: FactIgnored, Rule: why, Peer: m.From, Term: m.Term, Index: m.Index,
		N: int(m.Type), Old: uint64(n.term),
	})
}

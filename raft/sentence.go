package raft

import (
	"fmt"
	"strings"
)

// Sentence returns what the member did, with the numbers, as a predicate in the present tense such
// as "grants its vote to n3 in term 4". The caller puts the member's name in front; the reason is
// Rule.Sentence. name says how to write a member; nil writes n1, n2 and so on.
func (f Fact) Sentence(name func(ID) string) string {
	if name == nil {
		name = func(id ID) string { return fmt.Sprintf("n%d", id) }
	}
	peer := name(f.Peer)
	switch f.Kind {
	case FactTimeout, FactTimerReset, FactPreCandidate, FactCandidate, FactElected, FactStepDown, FactTerm,
		FactLeaderKnown, FactQuorumLost:
		return f.leadership(peer)
	case FactVoteGranted, FactVoteRefused, FactVoteCounted:
		return f.voting(peer, name)
	case FactAppended, FactTruncated, FactAppendRefused, FactMatch, FactBacktrack, FactProposed, FactDurable:
		return f.replication(peer)
	case FactCommit, FactCommitHeld:
		return f.commitment(peer)
	case FactReadIndex, FactForwarded, FactDropped:
		return f.request(peer)
	case FactSnapshotSent, FactSnapshotInstalled, FactSnapshotRefused, FactCompacted, FactProgress:
		return f.snapshot(peer)
	case FactConfig, FactConfRefused:
		return f.membership()
	case FactTransfer:
		return f.transfer(peer)
	case FactIgnored:
		return f.ignored(peer)
	case FactViolation:
		return f.violation(peer, name)
	}
	return f.Kind.String()
}

func (f Fact) leadership(peer string) string {
	because := ""
	if f.Peer != None {
		because = ", because of " + peer
	}
	switch f.Kind {
	case FactTimeout:
		switch f.Rule {
		case ruleTimeoutNow:
			return fmt.Sprintf("is told by %s to campaign in term %d", peer, f.Term)
		case ruleCampaignAsked:
			return fmt.Sprintf("is told to campaign in term %d, after %d of %d ticks", f.Term, f.N, f.Of)
		}
		return fmt.Sprintf("times out in term %d after %d ticks", f.Term, f.N)
	case FactTimerReset:
		return fmt.Sprintf("restarts its election timer at %d ticks%s", f.N, because)
	case FactPreCandidate:
		return fmt.Sprintf("asks whether it could win term %d", f.Term)
	case FactCandidate:
		return fmt.Sprintf("becomes candidate of term %d and votes for itself", f.Term)
	case FactElected:
		return fmt.Sprintf("becomes leader of term %d with %d of %d votes", f.Term, f.N, f.Of)
	case FactStepDown:
		return fmt.Sprintf("stops being %v of term %d%s", Role(f.Old), f.Term, because)
	case FactTerm:
		return fmt.Sprintf("goes from term %d to term %d%s", f.Old, f.Term, because)
	case FactLeaderKnown:
		if f.Rule == ruleForgetLeader {
			return fmt.Sprintf("forgets that %s leads term %d", peer, f.Term)
		}
		return fmt.Sprintf("learns that %s leads term %d", peer, f.Term)
	}
	return fmt.Sprintf("heard from only %d of %d voters since the last check", f.N, f.Of)
}

func (f Fact) voting(peer string, name func(ID) string) string {
	vote := "vote"
	if f.PreVote {
		vote = "pre-vote"
	}
	switch {
	case f.Kind == FactVoteGranted:
		return fmt.Sprintf("grants its %s to %s in term %d", vote, peer, f.Term)
	case f.Rule == ruleVoteOwn:
		return fmt.Sprintf("counts its own %s for term %d: %d of %d", vote, f.Term, f.N, f.Of)
	case f.Kind == FactVoteCounted && f.Old == 0:
		return fmt.Sprintf("counts the %s of %s for term %d: %d of %d", vote, peer, f.Term, f.N, f.Of)
	case f.Kind == FactVoteCounted:
		return fmt.Sprintf("counts the refusal of %s for term %d: %d of %d %ss", peer, f.Term, f.N, f.Of, vote)
	}
	return fmt.Sprintf("refuses its %s to %s in term %d, %s", vote, peer, f.Term, f.refusal(peer, name))
}

func (f Fact) refusal(peer string, name func(ID) string) string {
	switch f.Rule {
	case ruleVoteOnce:
		return "it has voted for " + name(ID(f.Old))
	case ruleVoteLeaderKnown:
		return fmt.Sprintf("it knows that %s leads", name(ID(f.Old)))
	case ruleVoteLogTerm:
		return fmt.Sprintf("its log ends in term %d, the log of %s in term %d", f.Old, peer, f.N)
	case ruleVoteLogLength:
		return fmt.Sprintf("both logs end in the same term, its own at %d, the log of %s at %d", f.Old, peer, f.N)
	case ruleSwitchedOff:
		return "it is a learner"
	case ruleVoteLease:
		return fmt.Sprintf("it heard from the leader %s %d ticks ago, less than %d", name(ID(f.Old)), f.N, f.Of)
	}
	return fmt.Sprintf("it is in term %d already", f.Old)
}

func (f Fact) replication(peer string) string {
	switch f.Kind {
	case FactProposed:
		return fmt.Sprintf("appends entry %d of term %d to its log", f.Index, f.Term)
	case FactAppended:
		switch {
		case f.Rule == ruleAppendBelowCommit:
			return fmt.Sprintf("tells %s that everything up to %d is committed here", peer, f.Index)
		case f.N == 0:
			return fmt.Sprintf("agrees with %s up to entry %d", peer, f.Index)
		}
		return fmt.Sprintf("stores %s from %s", span(f.Index-Index(f.N)+1, f.Index), peer)
	case FactTruncated:
		return fmt.Sprintf("removes %s, in conflict with %s", span(f.Index+1, Index(f.Old)), peer)
	case FactAppendRefused:
		if f.Rule == ruleAppendMissing {
			return fmt.Sprintf("refuses an append of %s behind entry %d, its log ends at %d", peer, f.Index, f.Of)
		}
		return fmt.Sprintf("refuses an append of %s behind entry %d of term %d, it holds that entry with term %d",
			peer, f.Index, f.N, f.Old)
	case FactMatch:
		if f.Rule == ruleMatchOwn {
			return fmt.Sprintf("counts its own log up to entry %d", f.Index)
		}
		return fmt.Sprintf("learns that %s stores up to entry %d", peer, f.Index)
	case FactBacktrack:
		return fmt.Sprintf("goes back from entry %d to entry %d as the next one for %s", f.Old, f.Index, peer)
	}
	return fmt.Sprintf("has its promises and its log up to entry %d on disk", f.Index)
}

func span(first, last Index) string {
	if first == last {
		return fmt.Sprintf("entry %d", first)
	}
	return fmt.Sprintf("entries %d to %d", first, last)
}

func (f Fact) commitment(peer string) string {
	switch {
	case f.Kind == FactCommitHeld:
		return fmt.Sprintf("does not commit entry %d by counting: %d of %d store it, but its term is %d, not %d",
			f.Index, f.N, f.Of, f.Old, f.Term)
	case f.Rule == ruleCommitFollows:
		return fmt.Sprintf("commits up to entry %d (from %d) after its leader %s", f.Index, f.Old, peer)
	}
	return fmt.Sprintf("commits up to entry %d (from %d): %d of %d store it", f.Index, f.Old, f.N, f.Of)
}

func (f Fact) request(peer string) string {
	switch {
	case f.Kind == FactReadIndex && f.Rule == ruleSwitchedOff:
		return fmt.Sprintf("answers a read of %s at index %d without asking anybody", peer, f.Index)
	case f.Kind == FactDropped && f.Rule != ruleNoLeader && f.Rule != ruleReadLost:
		return f.dropped()
	}
	switch f.Rule {
	case ruleReadRound:
		return fmt.Sprintf("asks in round %d whether it still leads, for a read of %s at index %d",
			f.N, peer, f.Index)
	case ruleReadConfirmed:
		return fmt.Sprintf("confirms by round %d a read of %s at index %d", f.N, peer, f.Index)
	case ruleReadWaits:
		return fmt.Sprintf("lets a read of %s wait for its first commit in term %d", peer, f.Term)
	case ruleReadSingle, ruleReadLease:
		return fmt.Sprintf("answers a read of %s at index %d at once", peer, f.Index)
	case ruleReadAnswered:
		return fmt.Sprintf("may serve a read at index %d, %s says", f.Index, peer)
	case ruleReadLost:
		return fmt.Sprintf("stops leading term %[2]d with reads unanswered: %[1]d", f.N, f.Term)
	case ruleNoLeader:
		return fmt.Sprintf("drops a request, it knows no leader in term %d", f.Term)
	}
	return fmt.Sprintf("passes a request on to the leader %s", peer)
}

func (f Fact) ignored(peer string) string {
	switch f.Rule {
	case ruleNotElectable:
		return fmt.Sprintf("does not campaign in term %d", f.Term)
	case ruleNeedsSnapshot:
		return fmt.Sprintf("cannot send %s what follows entry %d, its log begins later", peer, f.Index)
	case ruleSnapshotActive:
		return fmt.Sprintf("sends no snapshot to %s, which does not answer", peer)
	case ruleConfUnapplied:
		return fmt.Sprintf("does not campaign in term %d, it has applied %d of %d", f.Term, f.Old, f.Index)
	case ruleForgetNothing:
		return fmt.Sprintf("does not forget who leads term %d", f.Term)
	case ruleLowerTermAnswer:
		return fmt.Sprintf("answers %v of term %d from %s with its own term %d",
			MessageType(f.N), f.Term, peer, f.Old)
	}
	return fmt.Sprintf("ignores %v of term %d from %s", MessageType(f.N), f.Term, peer)
}

func (f Fact) violation(peer string, name func(ID) string) string {
	switch f.Rule {
	case ruleTwoLeaders:
		others := []string{peer}
		if f.Old != 0 {
			others = append(others, name(ID(f.Old)))
		}
		return fmt.Sprintf("sees more than one leader in term %d: %s", f.Term, strings.Join(others, " and "))
	case ruleCommitRange:
		return fmt.Sprintf("is told by %s to commit up to entry %d, but its log ends at %d", peer, f.Index, f.Old)
	case ruleCommittedStays:
		return fmt.Sprintf("is told by %s to replace entry %d, but everything up to %d is committed",
			peer, f.Index, f.Old)
	case ruleCommitBack:
		return fmt.Sprintf("goes back from commit index %d to %d", f.Old, f.Index)
	case ruleLeaderAppendOnly:
		return fmt.Sprintf("leads term %d and removes %s of its own log", f.Term, span(f.Index+1, Index(f.Old)))
	case ruleDiskKeeps:
		return fmt.Sprintf("comes back with a log up to entry %d, but %d was committed or applied", f.Index, f.Old)
	case ruleCompactRange:
		return fmt.Sprintf("is told to discard entries up to %d, but only %d may go", f.Index, f.Old)
	case ruleSnapshotOfApplied:
		return fmt.Sprintf("is told of a snapshot at %d of term %d, but was given only %d to apply", f.Index, f.N, f.Old)
	case ruleAppliedRange:
		return fmt.Sprintf("is told that %d is applied, but %d was and %d is the last one handed out",
			f.Index, f.Old, f.N)
	}
	return fmt.Sprintf("is told that Ready %d is durable, but the last one is %d", f.N, f.Of)
}

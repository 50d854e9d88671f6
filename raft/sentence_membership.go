package raft

import "fmt"

// dropped says why nobody took a proposal.
func (f Fact) dropped() string {
	switch f.Rule {
	case ruleRemovedLeader:
		return fmt.Sprintf("drops a proposal, it leads term %d without being a member", f.Term)
	case ruleTransferRefuses:
		return fmt.Sprintf("drops a proposal, it hands over in term %d", f.Term)
	case ruleUncommittedLimit:
		return fmt.Sprintf("drops a proposal, too much data waits in term %d", f.Term)
	}
	return fmt.Sprintf("drops a proposal in term %d, a rule is switched off", f.Term)
}

func (f Fact) snapshot(peer string) string {
	switch f.Kind {
	case FactSnapshotSent:
		return fmt.Sprintf("sends %s the snapshot at %d, its own log begins at %d", peer, f.Index, f.N)
	case FactSnapshotInstalled:
		return fmt.Sprintf("replaces its log up to entry %d by the snapshot at %d from %s", f.N, f.Index, peer)
	case FactCompacted:
		return "discards " + span(Index(f.Old), f.Index)
	case FactProgress:
		return fmt.Sprintf("goes on sending to %s with entry %d as %v, after %v",
			peer, f.Index, ProgressState(f.N), ProgressState(f.Old))
	}
	switch f.Rule {
	case ruleSnapshotMatches:
		return fmt.Sprintf("holds everything up to %d, where the snapshot of %s ends", f.Index, peer)
	case ruleSnapshotStranger:
		return fmt.Sprintf("is no member in the snapshot at %d from %s", f.Index, peer)
	}
	return fmt.Sprintf("does not need the snapshot at %d from %s, everything up to %d is committed",
		f.Index, peer, f.Old)
}

func (f Fact) membership() string {
	if f.Kind == FactConfRefused {
		switch f.Rule {
		case ruleConfPending:
			return fmt.Sprintf("refuses a configuration change: entry %d is not applied, %d is", f.Old, f.N)
		case ruleConfImpossible:
			return fmt.Sprintf("leaves the configuration as it is at entry %d, the change is not possible", f.Index)
		}
		return fmt.Sprintf("puts an empty entry at %d in the place of a configuration change", f.Index)
	}
	sizes := counted(f.N, "voter")
	if f.Of > 0 {
		sizes = counted(f.N, "incoming voter") + " and " + counted(f.Of, "outgoing one")
	}
	if f.Old > 0 {
		sizes += " and " + counted(int(f.Old), "learner")
	}
	return fmt.Sprintf("uses the configuration of entry %d with %s", f.Index, sizes)
}

// counted is a number with the word for what it counts, in the plural where it is not one.
func counted(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

func (f Fact) transfer(peer string) string {
	switch f.Rule {
	case ruleTransfer:
		return fmt.Sprintf("hands term %d over to %s, which stores %d of %d", f.Term, peer, f.Index, f.Old)
	case ruleTimeoutNow:
		return fmt.Sprintf("tells %s to campaign, it holds the log up to entry %d", peer, f.Index)
	}
	return fmt.Sprintf("gives up handing term %d over to %s", f.Term, peer)
}

package raft

import (
	"fmt"
	"slices"
)

// Conjunct is one of the conditions that must all hold, with its numbers.
type Conjunct struct {
	Text  string
	Holds bool
}

// WhyNotCommitted lists the conditions under which the member of v commits the entry at i.
// The first that does not hold is what the entry is waiting for.
func WhyNotCommitted(v *View, i Index) []Conjunct {
	if i <= v.Commit {
		return []Conjunct{{fmt.Sprintf("entry %d is committed: commit index %d", i, v.Commit), true}}
	}
	conditions := []Conjunct{{fmt.Sprintf("entry %d is in the log, which ends at %d", i, v.Last), i <= v.Last}}
	if i > v.Last {
		return conditions
	}
	if v.Role != Leader {
		return append(conditions,
			Conjunct{fmt.Sprintf("the %v of term %d knows a leader", v.Role, v.Term), v.Lead != None},
			Conjunct{fmt.Sprintf("the leader's commit index, as told so far, reaches %d: it is %d", i, v.Commit), false})
	}
	conditions = append(conditions, storedBy(v, "", v.Conf.Voters, i))
	if len(v.Conf.VotersOutgoing) > 0 {
		conditions = append(conditions, storedBy(v, "outgoing ", v.Conf.VotersOutgoing, i))
	}
	e, _ := v.Entry(i)
	own := Conjunct{fmt.Sprintf("entry term %d = leader term %d", e.Term, v.Term), e.Term == v.Term}
	if !own.Holds {
		own.Text += fmt.Sprintf("; otherwise it commits together with a later entry of term %d", v.Term)
	}
	conditions = append(conditions, own)
	if !slices.ContainsFunc(conditions, func(c Conjunct) bool { return !c.Holds }) {
		next := "nothing is missing: the leader commits it when it counts again, at the next acknowledgement"
		conditions = append(conditions, Conjunct{next, true})
	}
	return conditions
}

// storedBy says whether a majority of the voters is known to store the entry at i.
func storedBy(v *View, half string, voters []ID, i Index) Conjunct {
	stored := 0
	for _, p := range v.Progress {
		if slices.Contains(voters, p.ID) && p.Match >= i {
			stored++
		}
	}
	need := len(voters)/2 + 1
	text := fmt.Sprintf("known to be stored on %d of %d %svoters, need %d", stored, len(voters), half, need)
	return Conjunct{Text: text, Holds: stored >= need}
}

// WhyNotLeader lists the conditions under which the member of v becomes the leader of its next term
// (or of its own, if it is a candidate). The first that does not hold is what it is waiting for.
func WhyNotLeader(v *View) []Conjunct {
	if v.Role == Leader {
		return []Conjunct{{fmt.Sprintf("leads term %d", v.Term), true}}
	}
	voter := slices.Contains(v.Conf.Voters, v.ID) || slices.Contains(v.Conf.VotersOutgoing, v.ID)
	conditions := []Conjunct{{fmt.Sprintf("is one of %d voters", len(v.Conf.Voters)), voter}}
	if v.Role == Follower {
		return append(conditions, Conjunct{
			fmt.Sprintf("election timer has run out: %d of %d ticks", v.Elapsed, v.Timeout), v.Elapsed >= v.Timeout,
		}, Conjunct{fmt.Sprintf("stands for election in term %d: it is a follower", v.Term), false})
	}
	kind, term := "votes", v.Term
	if v.Role == PreCandidate {
		kind, term = "pre-votes", v.Term+1
	}
	conditions = append(conditions,
		Conjunct{fmt.Sprintf("stands for election in term %d as %v", term, v.Role), true},
		grantedBy(v, kind, v.Conf.Voters))
	if len(v.Conf.VotersOutgoing) > 0 {
		conditions = append(conditions, grantedBy(v, "outgoing "+kind, v.Conf.VotersOutgoing))
	}
	if v.Role == PreCandidate {
		conditions = append(conditions, Conjunct{fmt.Sprintf("has won the real vote in term %d", term), false})
	}
	return conditions
}

func grantedBy(v *View, kind string, voters []ID) Conjunct {
	granted := 0
	for _, vote := range v.Votes {
		if vote.Granted && slices.Contains(voters, vote.ID) {
			granted++
		}
	}
	need := len(voters)/2 + 1
	text := fmt.Sprintf("has %d of %d %s, needs %d", granted, len(voters), kind, need)
	return Conjunct{Text: text, Holds: granted >= need}
}

// WhyVoteRefused lists the conditions under which the member of v gives the vote (or pre-vote) that m asks
// for. The first that does not hold is why it refuses; if all hold it grants.
func WhyVoteRefused(v *View, m Message) []Conjunct {
	conditions := []Conjunct{{
		fmt.Sprintf("term %d of the request is not below the own term %d", m.Term, v.Term), m.Term >= v.Term,
	}}
	if v.Lease > 0 && m.Term > v.Term {
		conditions = append(conditions, leaseOver(v, m.Transfer))
	}
	if m.Term == v.Term && v.Vote != m.From {
		voted := Conjunct{fmt.Sprintf("has not voted in term %d", v.Term), v.Vote == None}
		if v.Vote != None {
			voted.Text += fmt.Sprintf(": it has, for n%d", v.Vote)
		}
		leads := Conjunct{fmt.Sprintf("knows no leader of term %d", v.Term), v.Lead == None}
		if v.Lead != None {
			leads.Text += fmt.Sprintf(": it is n%d", v.Lead)
		}
		conditions = append(conditions, voted, leads)
	}
	own := v.LastTerm()
	conditions = append(conditions, Conjunct{
		fmt.Sprintf("last term %d of the candidate is not below the own %d", m.LogTerm, own), m.LogTerm >= own,
	})
	if m.LogTerm == own {
		conditions = append(conditions, Conjunct{
			fmt.Sprintf("last index %d of the candidate is not below the own %d", m.Index, v.Last), m.Index >= v.Last,
		})
	}
	return conditions
}

// leaseOver says whether the member of v may listen to candidates.
func leaseOver(v *View, transfer bool) Conjunct {
	switch {
	case transfer:
		return Conjunct{"the leader itself asks for the vote", true}
	case v.Lead == None:
		return Conjunct{"hears from no leader", true}
	}
	text := fmt.Sprintf("has not heard from leader n%d for %d ticks: it did %d ago", v.Lead, v.Lease, v.Elapsed)
	return Conjunct{text, v.Elapsed >= v.Lease}
}

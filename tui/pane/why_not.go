package pane

import (
	"etcdscope/cluster"
	"etcdscope/raft"
)

// presentLeader writes why the selected member does not lead.
func (p *Why) presentLeader(s *Scene, width int) {
	m := s.selected()
	if m == nil || m.Up && m.Raft.Role == raft.Leader {
		return
	}
	p.apart()
	b := line(nil).text(s.words().whyLeader).member(m.ID).text(s.words().notLeader)
	p.add(-1, whyHead, "", string(b), width)
	if !m.Up {
		p.add(-1, whyFails, "", downText(s.words(), m), width)
		return
	}
	p.conjuncts(raft.WhyNotLeader(&m.Raft), width)
}

// downText says in one line that a member is down and why.
func downText(w *words, m *cluster.MemberView) string {
	if is := roleOf(m); is != down {
		return w.role[is]
	}
	return w.role[down] + ": " + m.Down
}

// presentEntry writes why the entry in question is not committed, or that it is.
func (p *Why) presentEntry(s *Scene, width int) {
	l, w, i := s.leader(), s.words(), p.Entry
	if l != nil && i == 0 {
		i = l.Raft.Last
	}
	switch {
	case l == nil && i > 0:
		p.apart()
		p.add(-1, whyHead, "", string(line(nil).text(w.whyIs).num(uint64(i)).text(w.notCommitted)), width)
		p.add(-1, whyFails, "", w.noLeaderCommits, width)
	case l == nil, p.Entry == 0 && i <= l.Raft.Commit:
	default:
		p.apart()
		if i > l.Raft.Commit {
			p.add(-1, whyHead, "", string(line(nil).text(w.whyIs).num(uint64(i)).text(w.notCommitted)), width)
		}
		p.conjuncts(raft.WhyNotCommitted(&l.Raft, i), width)
	}
}

// presentVote writes under which conditions a vote is given: of the chosen message that asks for one, otherwise of
// the request that the explained event answers. The conditions are about the voter as it is at present.
func (p *Why) presentVote(s *Scene, width int) {
	ask := voteAsked(s, p.Event)
	if ask == nil {
		return
	}
	voter, w := s.member(ask.To), s.words()
	if voter == nil || !voter.Up {
		return
	}
	p.apart()
	b := line(nil).text(w.whyVote).member(voter.ID).text(w.votesFor).member(ask.From)
	b = b.text(w.inTerm).num(uint64(ask.Term)).text(w.asItIsNow)
	p.add(-1, whyHead, "", string(b), width)
	p.conjuncts(raft.WhyVoteRefused(&voter.Raft, ask.Message), width)
}

// voteAsked is the request for a vote that a question is about, or nil.
func voteAsked(s *Scene, event uint64) *cluster.Message {
	if fl := flightOf(s, s.Message); fl != nil && asksVote(fl.Message) {
		return fl.Message
	}
	e := s.event(event)
	if e == nil || e.Msg == nil || !asksVote(e.Msg) {
		return nil
	}
	for i := range e.Facts {
		if k := e.Facts[i].Kind; k == raft.FactVoteRefused || k == raft.FactVoteGranted || k == raft.FactIgnored {
			return e.Msg
		}
	}
	return nil
}

func asksVote(m *cluster.Message) bool { return m.Type == raft.MsgVote || m.Type == raft.MsgPreVote }

func (p *Why) conjuncts(list []raft.Conjunct, width int) {
	for i := range list {
		kind := whyFails
		if list[i].Holds {
			kind = whyHolds
		}
		p.add(-1, kind, "", list[i].Text, width-2)
	}
}

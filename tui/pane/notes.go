package pane

import (
	"slices"

	"etcdscope/cluster"
	"etcdscope/raft"
	"etcdscope/tui/frame"
	"etcdscope/tui/theme"
)

// note is one standing fact that neither lanes nor grid have a place for: an alarm, an election that is counted, a
// hand-over, a configuration that changes, a snapshot or a read on its way.
type note struct {
	member raft.ID // whose fact it is
	label  string
	text   string
}

// notes keeps the facts of one view.
type notes struct {
	view  *cluster.View
	theme *theme.Theme
	lang  string
	moved int64 // how far all snapshots on their way are, together
	list  []note
	buf   line
}

// get returns the facts of the scene's view, alarms and elections first.
func (n *notes) get(s *Scene) []note {
	moved := snapshotsMoved(s)
	if n.view == s.View && n.theme == s.Theme && n.lang == s.Lang && n.moved == moved {
		return n.list
	}
	n.view, n.theme, n.lang, n.moved, n.list = s.View, s.Theme, s.Lang, moved, n.list[:0]
	n.alarms(s)
	for _, m := range s.View.Members {
		for i := range m.Disk.Faults {
			b := n.buf[:0].glyph(s.Theme.Glyph.Warn).text(" ").member(m.ID).text("  ")
			n.add(m, s.words().disk, b.appendFault(s.words(), &m.Disk.Faults[i]))
		}
	}
	for _, m := range s.View.Members {
		if m.Up && (m.Raft.Role == raft.Candidate || m.Raft.Role == raft.PreCandidate) {
			n.add(m, s.words().votes, n.votes(n.buf[:0], s, &m.Raft))
		}
	}
	for _, m := range s.View.Members {
		if !m.Up {
			continue
		}
		if outside(&m.Raft) {
			n.add(m, s.words().removed, n.buf[:0].member(m.ID).text(s.words().noMember))
		}
		if m.Raft.Role == raft.Leader {
			n.leading(s, m)
		}
		n.files(s, m)
	}
	return n.list
}

// outside is whether a member does not belong to the configuration that it knows.
func outside(v *raft.View) bool {
	c := &v.Conf
	return len(c.Voters) > 0 && !slices.Contains(c.Voters, v.ID) && !slices.Contains(c.VotersOutgoing, v.ID) &&
		!slices.Contains(c.Learners, v.ID)
}

// files writes what a member does with the files of snapshots: it takes one from the network, puts its database in the
// place of the own one, or writes one of its own.
func (n *notes) files(s *Scene, m *cluster.MemberView) {
	w := s.words()
	say := func(what string, i raft.Index) {
		b := n.buf[:0].member(m.ID).text(" ").text(what)
		if i > 0 {
			b = b.text(" ").num(uint64(i))
		}
		n.add(m, w.snapshot, b)
	}
	for _, msg := range m.Receiving {
		if msg.Snapshot != nil {
			say(w.receivesFile, msg.Snapshot.Meta.Index)
		}
	}
	switch {
	case m.Checking:
		say(w.comparesKeys, 0)
	case m.Installing:
		say(w.replacesDatabase, m.Raft.Snapshot)
	case m.Raft.Snapshot > 0:
		say(w.installs, m.Raft.Snapshot)
	}
	if m.Saving > 0 {
		say(w.saves, m.Saving)
	}
}

func (n *notes) add(m *cluster.MemberView, label string, b line) {
	n.buf = b
	of := note{label: label, text: string(b)}
	if m != nil {
		of.member = m.ID
	}
	n.list = append(n.list, of)
}

// alarms writes the alarms that stand, as the leader knows them, otherwise as the first member does that is up.
func (n *notes) alarms(s *Scene) {
	from := s.leader()
	for _, m := range s.View.Members {
		if from == nil && m.Up {
			from = m
		}
	}
	if from == nil {
		return
	}
	w := s.words()
	for _, a := range from.Alarms {
		what := w.noSpace
		if a.Kind == cluster.Corrupt {
			what = w.corrupt
		}
		b := n.buf[:0].glyph(s.Theme.Glyph.Warn).text(" ").text(a.Kind.String()).text(" ").member(a.Member)
		n.add(s.member(a.Member), w.alarm, b.text(what))
	}
}

// votes writes the tally of a candidate: who has granted, refused, not answered yet, and what it needs.
func (n *notes) votes(b line, s *Scene, v *raft.View) line {
	w, term := s.words(), v.Term
	if v.Role == raft.PreCandidate {
		term++
	}
	b = b.member(v.ID).text(" ").text(w.role[roleOf(s.member(v.ID))]).text(" t").num(uint64(term)).text("  ")
	b = n.tally(b, s, v, v.Conf.Voters)
	if v.Conf.Joint() {
		b = n.tally(b.text("  ").text(w.outgoing).text(" "), s, v, v.Conf.VotersOutgoing)
	}
	return b
}

func (n *notes) tally(b line, s *Scene, v *raft.View, voters []raft.ID) line {
	w, g, granted := s.words(), &s.Theme.Glyph, 0
	for _, id := range voters {
		sign := g.VoteAsked
		if answering(s, id, v.ID) {
			sign = g.VoteComing
		}
		i := slices.IndexFunc(v.Votes, func(vote raft.Vote) bool { return vote.ID == id })
		switch {
		case i >= 0 && v.Votes[i].Granted:
			sign = g.VoteGranted
			granted++
		case i >= 0:
			sign = g.VoteRefused
		}
		b = b.member(id).glyph(sign).text(" ")
	}
	return b.text(" ").count(granted, len(voters)).text(", ").text(w.needs).int(int64(len(voters)/2 + 1))
}

// answering is whether a vote is on its way from one member to another.
func answering(s *Scene, from, to raft.ID) bool {
	return slices.ContainsFunc(s.View.Flights, func(f cluster.Flight) bool {
		return f.From == from && f.To == to && (f.Type == raft.MsgVoteResp || f.Type == raft.MsgPreVoteResp)
	})
}

// drawNotes draws the facts that fit, one in a row.
func drawNotes(f *frame.Frame, r frame.Rect, t *theme.Theme, list []note) {
	for i := range min(len(list), r.H) {
		row := r.Row(i)
		f.TextIn(frame.Rect{X: row.X, Y: row.Y, W: min(noteLabel-1, row.W), H: 1}, frame.Left, t.Faint, list[i].label)
		f.TextIn(frame.Rect{X: row.X + noteLabel, Y: row.Y, W: row.W - noteLabel, H: 1}, frame.Left, t.Text, list[i].text)
	}
}

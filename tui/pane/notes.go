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
		if m.Up && len(m.Raft.Votes) > 0 && m.Raft.Role != raft.Leader {
			n.add(m, s.words().votes, n.votes(n.buf[:0], s, &m.Raft))
		}
	}
	for _, m := range s.View.Members {
		if !m.Up {
			continue
		}
		if m.Raft.Role == raft.Leader {
			n.leading(s, m)
		}
		n.files(s, m)
	}
	return n.list
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

// leading writes what a leader is in the middle of.
func (n *notes) leading(s *Scene, m *cluster.MemberView) {
	v, w := &m.Raft, s.words()
	if v.Transferee != raft.None {
		n.add(m, w.handOver, n.transfer(n.buf[:0], s, v))
	}
	if v.Conf.Joint() {
		n.add(m, w.joint, n.joint(n.buf[:0], s, v))
	}
	if v.PendingConf > v.Applied {
		n.add(m, w.change, n.pending(n.buf[:0], s, v))
	}
	for i := range v.Progress {
		if p := &v.Progress[i]; p.State == raft.SnapshotSend && p.ID != v.ID {
			n.add(m, w.snapshot, n.snapshot(n.buf[:0], s, v, p))
		}
	}
	if v.Reads.Asked > 0 {
		n.add(m, w.reads, n.reads(n.buf[:0], s, v))
	}
	if v.Reads.Waiting > 0 {
		b := n.buf[:0].int(int64(v.Reads.Waiting)).text(w.readsWait).num(uint64(v.Term))
		n.add(m, w.reads, b)
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

// transfer writes who hands over to whom, and what that waits for.
func (n *notes) transfer(b line, s *Scene, v *raft.View) line {
	w, g := s.words(), &s.Theme.Glyph
	b = b.member(v.ID).text(" ").glyph(g.ArrowRight).text(" ").member(v.Transferee).text("  ")
	match := raft.Index(0)
	for i := range v.Progress {
		if v.Progress[i].ID == v.Transferee {
			match = v.Progress[i].Match
		}
	}
	if match < v.Last {
		b = b.member(v.Transferee).text(w.holds).count(int(match), int(v.Last))
	} else {
		b = b.member(v.Transferee).text(w.mayStand)
	}
	b = b.sep(g).text(w.noProposals)
	if s.View.Config != nil {
		left := max(0, s.View.Config.Timing.ElectionMin-v.Elapsed)
		b = b.sep(g).text(w.givesUp).int(int64(left)).text(w.ticks)
	}
	return b
}

// joint writes both sets of voters, and how many of each store the leader's last entry.
func (n *notes) joint(b line, s *Scene, v *raft.View) line {
	w, g := s.words(), &s.Theme.Glyph
	b = n.half(b.text(w.incoming).text(" "), s, v, v.Conf.Voters)
	b = n.half(b.sep(g).text(w.outgoing).text(" "), s, v, v.Conf.VotersOutgoing)
	b = b.text("  ").text(w.storeEntry).num(uint64(v.Last))
	if v.Conf.AutoLeave {
		b = b.sep(g).text(w.leavesItself)
	}
	return b
}

func (n *notes) half(b line, s *Scene, v *raft.View, voters []raft.ID) line {
	g, stored := &s.Theme.Glyph, 0
	for i := range v.Progress {
		if p := &v.Progress[i]; slices.Contains(voters, p.ID) && p.Match >= v.Last {
			stored++
		}
	}
	sign := g.No
	if 2*stored > len(voters) {
		sign = g.Yes
	}
	return b.members(voters).text(" ").glyph(sign).count(stored, len(voters))
}

// pending writes the change of the configuration that is not in force yet.
func (n *notes) pending(b line, s *Scene, v *raft.View) line {
	w := s.words()
	b = b.text(w.entry).text(" ").num(uint64(v.PendingConf))
	if e, ok := v.Entry(v.PendingConf); ok && e.Type != raft.EntryNormal {
		b = b.text(" ").text(payload(&e, 0, ""))
	}
	if v.PendingConf > v.Commit {
		return b.text("  ").text(w.notCommittedYet)
	}
	return b.text("  ").text(w.notAppliedYet)
}

// snapshot writes how far a snapshot to a peer is.
func (n *notes) snapshot(b line, s *Scene, v *raft.View, p *raft.Progress) line {
	w, g := s.words(), &s.Theme.Glyph
	fl := snapshotTo(s, v.ID, p.ID)
	b = b.num(uint64(p.Snapshot))
	if fl != nil && fl.Snapshot != nil && fl.Snapshot.Meta.Index > p.Snapshot { // the database was newer by then
		b = b.text(" (").num(uint64(fl.Snapshot.Meta.Index)).text(")")
	}
	b = b.text(" ").glyph(g.ArrowRight).text(" ").member(p.ID).text("  ")
	if fl == nil {
		return b.text(w.noAnswer)
	}
	gone := progress(s, fl)
	b = b.gauge(g, gone*snapshotCells/progressUnit, snapshotCells).text(" ").int(gone * 100 / progressUnit).text(" %")
	if fl.Held {
		return b.text("  ").text(w.held)
	}
	return b.text("  ").text(w.due).text(" ").ms(fl.DeliverAt)
}

const snapshotCells = 10

// snapshotTo is the snapshot that is on its way from one member to another, or nil.
func snapshotTo(s *Scene, from, to raft.ID) *cluster.Flight {
	for i := range s.View.Flights {
		if f := &s.View.Flights[i]; f.Type == raft.MsgSnap && f.From == from && f.To == to {
			return f
		}
	}
	return nil
}

// snapshotsMoved tells two moments apart between which a snapshot on its way has moved by a percent.
func snapshotsMoved(s *Scene) (sum int64) {
	for i := range s.View.Flights {
		if f := &s.View.Flights[i]; f.Type == raft.MsgSnap {
			sum += progress(s, f) * 100 / progressUnit
		}
	}
	return sum
}

// reads writes who has answered the round of the oldest read.
func (n *notes) reads(b line, s *Scene, v *raft.View) line {
	w, g, r := s.words(), &s.Theme.Glyph, &v.Reads
	b = b.text(w.round).text(" ").num(r.Oldest).text("  ").text(w.index).text(" ").num(uint64(r.Index)).text("  ")
	answered := 0
	for i := range v.Progress {
		p := &v.Progress[i]
		if !slices.Contains(v.Conf.Voters, p.ID) {
			continue
		}
		sign := g.VoteAsked
		if p.ID == v.ID || p.ReadAck >= r.Oldest {
			sign = g.VoteGranted
			answered++
		}
		b = b.member(p.ID).glyph(sign).text(" ")
	}
	b = b.text(" ").count(answered, len(v.Conf.Voters)).text(", ").text(w.needs).int(int64(len(v.Conf.Voters)/2 + 1))
	return b.sep(g).int(int64(r.Asked)).text(w.readsAsked)
}

// drawNotes draws the facts that fit, one in a row.
func drawNotes(f *frame.Frame, r frame.Rect, t *theme.Theme, list []note) {
	for i := range min(len(list), r.H) {
		row := r.Row(i)
		f.TextIn(frame.Rect{X: row.X, Y: row.Y, W: min(noteLabel-1, row.W), H: 1}, frame.Left, t.Faint, list[i].label)
		f.TextIn(frame.Rect{X: row.X + noteLabel, Y: row.Y, W: row.W - noteLabel, H: 1}, frame.Left, t.Text, list[i].text)
	}
}

package pane

import (
	"slices"

	"etcdscope/cluster"
	"etcdscope/raft"
)

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

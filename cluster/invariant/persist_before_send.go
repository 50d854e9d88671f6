package invariant

import (
	"slices"

	"etcdscope/cluster"
	"etcdscope/raft"
)

// platter is what the observer knows to be on a member's disk, from the events of writing and syncing alone:
// what Raft believes about its disk is not asked.
type platter struct {
	written, marked, durable raft.Index // ends of the log: in the page cache, under the running fsync, on the platter
	by, markedBy             uint64     // the newest event whose effects are written, and those under the running fsync
	term                     raft.Term  // on the platter
	vote                     raft.ID
	promises                 []promise // changes of term and vote that are not on the platter
}

// promise is a change of term or vote, made at an event.
type promise struct {
	by   uint64
	term raft.Term
	vote raft.ID
}

func (p *platter) clone() platter {
	d := *p
	d.promises = slices.Clone(p.promises)
	return d
}

func (p *platter) promise(by uint64, term raft.Term, vote raft.ID) {
	p.promises = append(p.promises, promise{by, term, vote})
}

// write is a Ready reaching the page cache; the event's first cause made it. Entries replace what stood behind
// them.
func (p *platter) write(e *cluster.Event) {
	p.by = max(p.by, e.Causes[0])
	if e.Snapshot > 0 { // the WAL syncs such a record at once
		p.written, p.marked, p.durable = e.Snapshot, max(p.marked, e.Snapshot), e.Snapshot
	}
	if e.N > 0 {
		p.cut(e.Index - raft.Index(e.N))
		p.written = e.Index
	}
}

// cut says that the log behind i is no longer what the disk holds there.
func (p *platter) cut(i raft.Index) {
	p.written, p.marked, p.durable = min(p.written, i), min(p.marked, i), min(p.durable, i)
}

func (p *platter) begin() { p.marked, p.markedBy = p.written, p.by }

func (p *platter) complete() {
	p.durable = max(p.durable, p.marked)
	done := 0
	for done < len(p.promises) && p.promises[done].by <= p.markedBy {
		p.keep(p.promises[done])
		done++
	}
	p.promises = slices.Delete(p.promises, 0, done)
}

// keep makes a promise durable. Adopting a term that the member has already does not take its vote away.
func (p *platter) keep(x promise) {
	if x.term > p.term || x.vote != raft.None {
		p.term, p.vote = x.term, x.vote
	}
}

func (p *platter) powerCut() { p.written = p.durable }

// promisedVote checks that a vote is on disk when it leaves. A disk that has moved on to a later term is fine:
// the vote is superseded, the candidate of the old term can no longer lose to it.
func (c *Checker) promisedVote(m *member, msg *cluster.Message) {
	if d := &m.disk; d.term < msg.Term || d.term == msg.Term && d.vote != msg.To {
		c.violate(persistBeforeSend,
			"n%d sends its vote for n%d in term %d before it is on disk (there: term %d, vote %d)",
			msg.From, msg.To, msg.Term, d.term, d.vote)
	}
}

// acknowledges checks that an acknowledged log is on disk, or that the disk has left that term.
func (c *Checker) acknowledges(msg *cluster.Message) {
	if d := &c.member(msg.From).disk; d.durable < msg.Index && d.term <= msg.Term {
		c.violate(persistBeforeSend, "n%d acknowledges entries up to %d, but its disk holds them up to %d",
			msg.From, msg.Index, d.durable)
	}
}

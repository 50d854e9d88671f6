package raft_test

import (
	"slices"

	"etcdscope/raft"
)

// tickTime is a tick of a member whose clock is right, in units of the swarm's time.
const tickTime = 10

// timed is a swarm: a cluster in time, with links, disks and clocks of its own speed, and with the faults that its seed
// allows. Each class of faults is in or out for a whole run.
type timed struct {
	*sim
	now     int
	due     []int // when the messages in flight arrive
	parts   []part
	island  int // members, as bits, that hear only each other
	oneWay  bool
	latency int

	partitions, crashes, stalls, skew, pauses, loss, doubles, operator bool
}

// part is the clockwork of one member.
type part struct {
	tick, period    int // the next tick, and the time between two
	synced, stall   int // when the disk is done, and until when it hangs
	applies         int
	paused, comesUp int
}

func swarm(s *sim) {
	w := &timed{sim: s, parts: make([]part, len(s.members)), latency: 1 + s.luck.below(3*tickTime)>>s.luck.below(5)}
	for _, class := range []*bool{
		&w.partitions, &w.crashes, &w.stalls, &w.skew, &w.pauses, &w.loss, &w.doubles, &w.operator,
	} {
		*class = s.luck.oneIn(2)
	}
	for i := range w.parts {
		w.parts[i].period = tickTime
		if w.skew {
			w.parts[i].period += s.luck.below(8) - 3
		}
		w.parts[i].tick = s.luck.below(w.parts[i].period)
	}
	for w.now < 120*tickTime && !w.over() {
		w.step()
		w.now++
	}
}

// step is one unit of time.
func (w *timed) step() {
	for i, m := range w.members {
		p := &w.parts[i]
		if m.down && w.now >= p.comesUp {
			w.on(m, "restart", w.luck.below(int(m.at.Index)+1))
		}
		if !m.down && w.now >= p.paused {
			w.work(m, p)
		}
	}
	w.move()
	if w.luck.oneIn(4) {
		w.client()
	}
	if w.luck.oneIn(5 * tickTime) {
		w.fault()
	}
}

// work lets a member do what is due.
func (w *timed) work(m *member, p *part) {
	if w.now >= p.tick {
		w.on(m, "tick")
		p.tick = w.now + p.period
	}
	switch {
	case len(m.queue) == 0 || w.now < p.stall:
		p.synced = 0
	case p.synced == 0:
		p.synced = w.now + 1 + w.luck.below(2)
	case w.now >= p.synced:
		w.on(m, "durable", 1+w.luck.below(len(m.queue)))
		p.synced = 0
	}
	if len(m.pending) > 0 && w.now >= p.applies {
		w.on(m, "apply", 1+w.luck.below(len(m.pending)))
		p.applies = w.now + w.luck.below(3)
	}
}

// move delivers what has arrived. What was sent since the last time is given its time here.
func (w *timed) move() {
	for at := 0; at < len(w.due) || at < len(w.flight); {
		for len(w.due) < len(w.flight) {
			w.due = append(w.due, w.now+1+w.luck.below(w.latency))
			if w.luck.oneIn(20) {
				w.due[len(w.due)-1] += w.luck.below(6 * w.latency)
			}
		}
		if w.due[at] > w.now {
			at++
			continue
		}
		if w.doubles && w.luck.oneIn(20) {
			w.message("duplicate", at)
		}
		verb := "deliver"
		if msg := w.flight[at]; w.cut(msg) || w.loss && w.luck.oneIn(10) {
			verb = "drop"
		}
		w.due = slices.Delete(w.due, at, at+1)
		w.message(verb, at)
	}
}

// cut says whether a partition lies between the sender and the addressee.
func (w *timed) cut(m raft.Message) bool {
	from, to := w.island>>(m.From-1)&1, w.island>>(m.To-1)&1
	return from != to && (!w.oneWay || from == 1)
}

// client writes and reads wherever it likes; an operator moves leadership, members and logs.
func (w *timed) client() {
	m := w.any()
	switch dice := w.luck.below(60); {
	case dice < 10:
		w.propose()
	case m.down:
	case dice < 20:
		for _, other := range w.members { // there may be several who believe that they lead
			if v := w.guard.seen[other.cfg.ID]; w.luck.oneIn(2) && v != nil && v.Role == raft.Leader && !other.down {
				m = other
			}
		}
		w.read(m)
	case w.operator && dice < 24:
		w.rare(m)
	}
}

// fault begins or ends one.
func (w *timed) fault() {
	i := w.luck.below(len(w.members))
	m, p, long := w.members[i], &w.parts[i], w.luck.below(15*tickTime)
	if leader := w.leader(); leader != nil && w.luck.oneIn(2) { // they hurt most where a leader is
		i = int(leader.cfg.ID) - 1
		m, p = leader, &w.parts[i]
	}
	switch w.luck.below(5) {
	case 0, 1:
		if w.partitions {
			w.island, w.oneWay = w.luck.below(1<<len(w.members)), w.luck.oneIn(3)
			if w.luck.oneIn(2) {
				w.island = w.luck.below(2) << i // nobody, or one member alone
			}
		}
	case 2:
		if w.crashes && !m.down {
			w.on(m, "crash")
			p.comesUp = w.now + long
		}
	case 3:
		if w.stalls {
			p.stall = w.now + long
		}
	default:
		if w.pauses {
			p.paused = w.now + long
		}
	}
}

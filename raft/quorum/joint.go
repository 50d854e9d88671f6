package quorum

import "slices"

// Joint is a configuration in transition: both halves must agree. Outgoing is empty when no
// transition is under way, and then Incoming alone decides.
type Joint[ID ~uint64] struct {
	Incoming, Outgoing Majority[ID]
	Half               bool // half of the voters is enough: what goes wrong without majorities
}

// need returns how many voters of one half decide.
func (j Joint[ID]) need(m Majority[ID]) int {
	if j.Half {
		return max(1, len(m)/2)
	}
	return m.Size()
}

// Committed returns the highest index that a majority of each half has acknowledged.
func (j Joint[ID]) Committed(acked func(ID) uint64) uint64 {
	return min(j.Incoming.committed(j.need(j.Incoming), acked), j.Outgoing.committed(j.need(j.Outgoing), acked))
}

// Vote is won when both halves are won and lost when either is lost.
func (j Joint[ID]) Vote(answer func(ID) Answer) Result {
	in, out := j.Incoming.vote(j.need(j.Incoming), answer), j.Outgoing.vote(j.need(j.Outgoing), answer)
	switch {
	case in == Lost || out == Lost:
		return Lost
	case in == Won && out == Won:
		return Won
	}
	return Pending
}

// Contains says whether id votes in either half.
func (j Joint[ID]) Contains(id ID) bool {
	return slices.Contains(j.Incoming, id) || slices.Contains(j.Outgoing, id)
}

// IDs returns every voter of either half once, sorted.
func (j Joint[ID]) IDs() []ID {
	all := slices.Concat(j.Incoming, j.Outgoing)
	slices.Sort(all)
	return slices.Compact(all)
}

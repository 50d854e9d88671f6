// Package network is the links between members: which are cut, held, slow or lossy, and how long a message takes.
//
// It never holds a message itself (the cluster's queue does) and draws only keyed chance, one counter per link.
// Messages on one link stay in order, as on etcd's streams, but for databases, which have connections of their own.
// Start reading at Network.Route and Network.Stream.
package network

import (
	"slices"

	"etcdscope/cluster/clock"
	"etcdscope/raft"
)

// Link is one direction between two members.
type Link struct {
	Cut   bool
	Hold  bool               // what is sent waits until it is released
	Types []raft.MessageType // what Hold holds; empty: everything
	Delay clock.Time         // extra latency
	Loss  int                // percent of messages lost
}

// Holds says whether a message of type t has to wait.
func (l Link) Holds(t raft.MessageType) bool {
	return l.Hold && (len(l.Types) == 0 || slices.Contains(l.Types, t))
}

// Links is the state of all directed links at one moment; it is immutable.
type Links struct {
	n     int
	links []Link
}

// NewLinks returns n members' links from a list of n*n, row by row from sender to receiver.
func NewLinks(n int, links []Link) *Links { return &Links{n: n, links: links} }

// At returns the link from one member to another.
func (l *Links) At(from, to raft.ID) Link { return l.links[int(from-1)*l.n+int(to-1)] }

// Nodes is how many members the links join.
func (l *Links) Nodes() int { return l.n }

// Network is the links with their counters.
type Network struct {
	seed     uint64
	min, max clock.Time
	n        int
	links    []Link
	sent     []uint64     // messages ever sent per link: the counter of its chance
	last     []clock.Time // when the newest message of the link arrives
	view     *Links
}

// New returns n members' links, all whole, with latencies between min and max.
func New(seed uint64, n int, min, max clock.Time) *Network {
	return &Network{
		seed: seed, min: min, max: max, n: n,
		links: make([]Link, n*n), sent: make([]uint64, n*n), last: make([]clock.Time, n*n),
	}
}

// Grow makes room for members up to n; the new links are whole.
func (x *Network) Grow(n int) {
	if n <= x.n {
		return
	}
	wider := New(x.seed, n, x.min, x.max)
	for from := range x.n {
		copy(wider.links[from*n:], x.links[from*x.n:(from+1)*x.n])
		copy(wider.sent[from*n:], x.sent[from*x.n:(from+1)*x.n])
		copy(wider.last[from*n:], x.last[from*x.n:(from+1)*x.n])
	}
	*x = *wider
}

// Clone returns an independent copy.
func (x *Network) Clone() *Network {
	c := *x
	c.links, c.sent, c.last = slices.Clone(x.links), slices.Clone(x.sent), slices.Clone(x.last)
	return &c
}

// Fate is what the link does to a message.
type Fate uint8

// The fates of a message.
const (
	Arrives     Fate = iota
	LostCut          // the link is cut
	LostLuck         // the link loses some messages, and this is one
	LostAddress      // the sender has a wrong address of the receiver
	Waits            // the link holds it
)

// Route decides when a message of type t that is sent now arrives, and what becomes of it.
func (x *Network) Route(from, to raft.ID, t raft.MessageType, now clock.Time) (clock.Time, Fate) {
	i := x.index(from, to)
	at := x.latency(from, to, i, now)
	if at <= x.last[i] {
		at = x.last[i] + clock.Microsecond
	}
	x.last[i] = at
	return at, x.fate(from, to, i, t)
}

// Stream is Route for a message with a connection of its own, which takes time for what it carries: it overtakes
// nothing and holds nothing up (etcd sends snapshots so).
func (x *Network) Stream(
	from, to raft.ID, t raft.MessageType, now, takes clock.Time,
) (clock.Time, Fate) {
	i := x.index(from, to)
	return x.latency(from, to, i, now) + takes, x.fate(from, to, i, t)
}

// latency draws when what is sent now arrives.
func (x *Network) latency(from, to raft.ID, i int, now clock.Time) clock.Time {
	x.sent[i]++
	draw := clock.Draw(x.seed, clock.ForLink, uint64(from), uint64(to), x.sent[i])
	return now + x.links[i].Delay + clock.Time(clock.Between(draw, int64(x.min), int64(x.max)))
}

// fate is what the link does to a message that is sent now.
func (x *Network) fate(from, to raft.ID, i int, t raft.MessageType) Fate {
	l := x.links[i]
	switch {
	case l.Cut:
		return LostCut
	case l.Loss > 0 && x.unlucky(from, to, i, l.Loss):
		return LostLuck
	case l.Holds(t):
		return Waits
	}
	return Arrives
}

func (x *Network) unlucky(from, to raft.ID, i, percent int) bool {
	draw := clock.Draw(x.seed, clock.ForLoss, uint64(from), uint64(to), x.sent[i])
	return clock.Between(draw, 1, 100) <= int64(percent)
}

// At returns the link from one member to another.
func (x *Network) At(from, to raft.ID) Link { return x.links[x.index(from, to)] }

// Set changes the link from one member to another.
func (x *Network) Set(from, to raft.ID, l Link) {
	x.links[x.index(from, to)] = l
	x.view = nil
}

// View returns the links as an immutable value.
func (x *Network) View() *Links {
	if x.view == nil {
		x.view = &Links{n: x.n, links: slices.Clone(x.links)}
	}
	return x.view
}

// Mix folds the whole state into a fingerprint.
func (x *Network) Mix(mix func(uint64)) {
	for i, l := range x.links {
		flags := uint64(l.Delay)<<16 | uint64(l.Loss)<<2
		if l.Cut {
			flags |= 1
		}
		if l.Hold {
			flags |= 2
		}
		mix(flags)
		mix(x.sent[i])
		mix(uint64(x.last[i]))
	}
}

func (x *Network) index(from, to raft.ID) int { return int(from-1)*x.n + int(to-1) }

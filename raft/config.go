package raft

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// defaultMaxInflight is etcd's window of append messages (server: 4096 / 8).
const defaultMaxInflight = 512

// ReadOnly says how a leader makes sure that it still leads before it answers a read.
type ReadOnly uint8

// The ways to answer a read.
const (
	ReadOnlySafe  ReadOnly = iota // ask a majority (ReadIndex, thesis §6.4)
	ReadOnlyLease                 // trust the clock: CheckQuorum would have ended the leadership (etcd: LeaseBased)
)

// Config is what a node is told once. Validate reports every problem at once.
type Config struct {
	ID            ID
	ElectionTick  int // ticks; CheckQuorum and the vote lease count with it
	HeartbeatTick int // ticks between two heartbeats of a leader
	// Timeout is the only chance in raft: how many ticks member id waits in term before it campaigns.
	// It must be a pure function. Nil means ElectionTick for everybody; less than one tick counts as one.
	Timeout     func(id ID, term Term) int
	PreVote     bool
	CheckQuorum bool
	OneEntry    bool // at most one entry per append message
	MaxInflight int  // append messages on the way to one follower; 0 means 512
	// Limits in bytes; 0 means none. A single entry always fits.
	MaxSizePerMsg            uint64 // encoded entries in one append message
	MaxCommittedSizePerReady uint64 // encoded entries that are handed out to be applied and are not applied yet
	MaxInflightBytes         uint64 // data on the way to one follower
	MaxUncommittedSize       uint64 // data proposed and not applied; beyond it ErrProposalDropped

	ReadOnly ReadOnly
	// SingletonReads answers the reads of a cluster with one voter at once, as etcd does. Without it
	// they wait like all reads for the first commit of the term: the commit index on disk may lag
	// behind what was acknowledged before a restart, so etcd's answer can be stale.
	SingletonReads    bool
	StepDownOnRemoval bool // a leader that is no voter any more becomes a follower (etcd: off)
	Rules             Rules
}

// Validate returns one error that names every problem of the configuration, or nil.
func (c Config) Validate() error {
	var problems []error
	wrong := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if c.ID == None {
		wrong("ID is 0, which means no member: give every member its own number from 1")
	}
	if c.HeartbeatTick < 1 {
		wrong("HeartbeatTick is %d ticks: it must be at least 1", c.HeartbeatTick)
	}
	if c.ElectionTick <= c.HeartbeatTick {
		wrong("ElectionTick is %d ticks: it must be more than HeartbeatTick (%d)", c.ElectionTick, c.HeartbeatTick)
	}
	if c.MaxInflight < 0 {
		wrong("MaxInflight is %d messages: it must not be negative", c.MaxInflight)
	}
	if c.MaxInflightBytes > 0 && c.MaxInflightBytes < c.MaxSizePerMsg {
		wrong("MaxInflightBytes is %d: it must not be below MaxSizePerMsg (%d)", c.MaxInflightBytes, c.MaxSizePerMsg)
	}
	if c.ReadOnly == ReadOnlyLease && !c.CheckQuorum {
		wrong("ReadOnlyLease needs CheckQuorum: without it a leader that nobody hears never stops answering")
	}
	return errors.Join(problems...)
}

func (c *Config) maxInflight() int {
	switch {
	case c.Rules.NoInflightLimit:
		return math.MaxInt
	case c.MaxInflight == 0:
		return defaultMaxInflight
	}
	return c.MaxInflight
}

func (c *Config) preVote() bool { return c.PreVote && !c.Rules.NoPreVote }

func (c *Config) checkQuorum() bool { return c.CheckQuorum && !c.Rules.NoCheckQuorum }

func (c *Config) timeout(term Term) int {
	if c.Timeout == nil || c.Rules.FixedTimeout {
		return c.ElectionTick
	}
	return max(1, c.Timeout(c.ID, term))
}

// Persisted is what a restart finds on disk: exactly what the WAL recovers.
type Persisted struct {
	HardState HardState
	Snapshot  SnapshotMeta // Index 0 means none; Conf is then the first configuration
	Entries   []Entry      // Snapshot.Index+1 and on, without a gap
	Applied   Index        // how far the state machine already is; entries up to it are not handed out again
	// Conf is the configuration at Applied. Nil means the snapshot's, changed by every configuration
	// change between the two; only a driver that refuses changes while it applies has to say more.
	Conf *ConfState
}

// Validate returns one error that names everything in p that no correct disk can hold, or nil.
//
// A term in HardState below the last entry's is possible: a torn tail can lose the state record
// that was written behind the entries.
func (p Persisted) Validate() error { return p.validate(Rules{}) }

// validate knows that with a rule off terms may decrease along a log, and that the end of a log may be lost.
func (p Persisted) validate(rules Rules) error {
	problems := p.Snapshot.Conf.problems()
	if p.Conf != nil {
		problems = append(problems, p.Conf.problems()...)
	}
	wrong := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	broken := rules != Rules{}
	index, term := p.Snapshot.Index, p.Snapshot.Term
	for _, e := range p.Entries {
		if e.Index != index+1 || e.Term < term && !broken || e.Term == 0 {
			wrong("entry %d of term %d follows entry %d of term %d: indexes must grow by 1, terms must not decrease",
				e.Index, e.Term, index, term)
			break
		}
		index, term = e.Index, e.Term
	}
	last := p.Snapshot.Index + Index(len(p.Entries))
	if p.HardState.Commit > last && !broken {
		wrong("commit index %d is behind the last entry %d", p.HardState.Commit, last)
	}
	if p.Applied > last && !broken {
		wrong("applied index %d is behind the last entry %d", p.Applied, last)
	}
	return errors.Join(problems...)
}

func (c ConfState) problems() []error {
	var problems []error
	check := func(name string, ids []ID) {
		if !slices.IsSorted(ids) || len(slices.Compact(slices.Clone(ids))) != len(ids) {
			problems = append(problems, fmt.Errorf("%s %v must be sorted and without repetition", name, ids))
		}
		if slices.Contains(ids, None) {
			problems = append(problems, fmt.Errorf("%s %v holds the number 0, which means no member", name, ids))
		}
	}
	check("Voters", c.Voters)
	check("Learners", c.Learners)
	check("VotersOutgoing", c.VotersOutgoing)
	check("LearnersNext", c.LearnersNext)
	for _, id := range c.Learners {
		if slices.Contains(c.Voters, id) || slices.Contains(c.VotersOutgoing, id) {
			problems = append(problems, fmt.Errorf("member %d is in Learners and votes: it cannot be both", id))
		}
	}
	for _, id := range c.LearnersNext {
		if !slices.Contains(c.VotersOutgoing, id) {
			problems = append(problems, fmt.Errorf("member %d is in LearnersNext and not in VotersOutgoing", id))
		}
	}
	if c.AutoLeave && len(c.VotersOutgoing) == 0 {
		problems = append(problems, errors.New("AutoLeave is set without VotersOutgoing: there is nothing to leave"))
	}
	return problems
}

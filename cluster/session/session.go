package session

import (
	"errors"
	"fmt"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/cluster/invariant"
)

// Options of a session; the zero value is good.
type Options struct {
	Dir     string // parent of the private temporary directory; "": the system's, memory-backed where there is one
	Budget  int64  // bytes for checkpoints; 0 means 256 MiB
	NoCheck bool   // do not watch the invariants: faster, for runs that nobody judges

	Stop func() bool // asked before every event: true ends what is going on with ErrStopped; nil: never
}

const defaultBudget = 256 << 20

// maxEvents is how long a branch may become: the events of a recording are kept in memory.
const maxEvents = 5_000_000

// Session is a cluster with a past. It is not safe for concurrent use.
//
// live is the world right after event pos of branch cur. Events up to cur.end() are known: going there replays
// them; going further records.
type Session struct {
	config   cluster.Config
	options  Options
	home     *home
	live     *cluster.Cluster
	pos      uint64
	at       clock.Time // how far virtual time has been taken; not before event pos, not behind the one after it
	cur      *branch
	branches []*branch // in the order they were made
	stock    stock
	detail   cluster.Salience
	unsaved  bool
	patience int           // events that one line may take; 0: as many as it wants
	left     int           // of them, for the line that is carried out now; 0: no limit
	report   string        // of the last panic
	scratch  cluster.Event // what a replay produces again
	view     func() *cluster.View

	backups map[cluster.OpID]string // files that wait for a database to arrive
	keep    *DataDir                // where Close writes the members' files; nil: nowhere

	counted map[string]int // commands since BeginStep, by name
	answers map[string]string
	latest  string // the newest answer
}

// Violation is a broken promise: an invariant, or a panic of the program.
type Violation struct {
	Name     string // "election_safety", "panic", …
	Event    uint64
	Sentence string
	Source   string
}

// New starts a session at event 0.
func New(c cluster.Config, o Options) (*Session, error) {
	c, err := c.Complete()
	if err != nil {
		return nil, err
	}
	h, err := newHome(o.Dir)
	if err != nil {
		return nil, err
	}
	s := &Session{config: c, options: o, home: h, detail: cluster.Protocol}
	s.stock.budget = o.Budget
	if o.Budget <= 0 {
		s.stock.budget = defaultBudget
	}
	s.cur = &branch{name: "A"}
	s.branches = []*branch{s.cur}
	s.view = func() *cluster.View { return s.live.View() }
	s.BeginStep()
	if err := s.moveTo(0); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close releases everything, and writes the members' files if they are to be kept.
func (s *Session) Close() error {
	problems := []error{s.kept()}
	if s.live != nil {
		problems = append(problems, s.live.Close())
		s.live = nil
	}
	for _, b := range s.branches {
		problems = append(problems, s.stock.clear(b))
	}
	if s.home != nil {
		problems = append(problems, s.home.leave())
		s.home = nil
	}
	return errors.Join(problems...)
}

// Config is the completed configuration.
func (s *Session) Config() cluster.Config { return s.config }

// View is the present.
func (s *Session) View() *cluster.View { return s.live.View() }

// Pos is the ID of the last event that has happened at the present moment; End is the last one recorded on
// this branch.
func (s *Session) Pos() uint64 { return s.pos }

// End is the ID of the last recorded event of the current branch.
func (s *Session) End() uint64 { return s.cur.end() }

// Now is how far virtual time has been taken: at least the time of the last event.
func (s *Session) Now() clock.Time { return s.at }

// Event returns a recorded event of the current branch, or nil.
func (s *Session) Event(id uint64) *cluster.Event { return s.cur.event(id) }

// Detail is the level at which Forward and Back step; SetDetail changes it. The default is Protocol.
func (s *Session) Detail() cluster.Salience { return s.detail }

// SetDetail changes the level at which Forward and Back step.
func (s *Session) SetDetail(l cluster.Salience) { s.detail = l }

// Violations lists the invariants broken up to the present moment.
func (s *Session) Violations() []Violation { return s.cur.violationsUpTo(nil, s.pos) }

// Invariants is how many invariants are watched.
func (s *Session) Invariants() int {
	if s.options.NoCheck {
		return 0
	}
	return len(invariant.Names())
}

// EventHash is the cluster's fingerprint of history at the present moment.
func (s *Session) EventHash() uint64 { return s.live.EventHash() }

// StateHash is the cluster's fingerprint of the present state.
func (s *Session) StateHash() uint64 { return s.live.StateHash() }

// Unsaved says whether something would be lost by closing: commands were given or taken back since the last
// save.
func (s *Session) Unsaved() bool { return s.unsaved }

// timeOf is the time of an event of the current branch; event 0 is the start.
func (s *Session) timeOf(id uint64) clock.Time { return s.cur.timeOf(id) }

// moment prints a position for people.
func (s *Session) moment() string { return fmt.Sprintf("event %d at %v", s.pos, s.at) }

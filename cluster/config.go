package cluster

import (
	"errors"
	"fmt"
	"slices"

	"etcdscope/cluster/clock"
)

// MaxNodes is the largest cluster that is drawn and simulated.
const MaxNodes = 9

// Config is everything that a run depends on besides its commands. It is saved with every recording.
type Config struct {
	Seed    uint64   `json:"seed"`
	Nodes   int      `json:"nodes"`           // 1 to MaxNodes; 0 means 5
	Profile string   `json:"profile"`         // "paper" (default) or "etcd"
	Timing  Timing   `json:"timing,omitzero"` // zero fields take the profile's value
	Off     []string `json:"off,omitempty"`   // names of the rules that are switched off, see Rules
	Flags   Flags    `json:"flags,omitzero"`
	Restore *Restore `json:"restore,omitempty"` // nil: the cluster begins empty
	DataDir *DataDir `json:"dataDir,omitempty"` // or goes on with the files of an earlier one
}

// Timing is how long things take; ticks are multiples of Tick.
type Timing struct {
	Tick          clock.Time `json:"tick,omitempty"`
	Heartbeat     int        `json:"heartbeat,omitempty"` // ticks between heartbeats
	ElectionMin   int        `json:"electionMin,omitempty"`
	ElectionMax   int        `json:"electionMax,omitempty"` // ticks; the timeout is drawn from [min, max]
	LinkMin       clock.Time `json:"linkMin,omitempty"`
	LinkMax       clock.Time `json:"linkMax,omitempty"` // one way between members
	Client        clock.Time `json:"client,omitempty"`  // one way between client and member
	Fsync         clock.Time `json:"fsync,omitempty"`
	Handle        clock.Time `json:"handle,omitempty"`        // from the inbox to being handled
	Apply         clock.Time `json:"apply,omitempty"`         // one entry
	BatchInterval clock.Time `json:"batchInterval,omitempty"` // etcd --backend-batch-interval
	BatchLimit    int        `json:"batchLimit,omitempty"`    // etcd --backend-batch-limit, operations
	WatchSync     clock.Time `json:"watchSync,omitempty"`     // period of the round for unsynced watchers
	Request       clock.Time `json:"request,omitempty"`       // how long a client waits for an answer
	SnapshotRate  int64      `json:"snapshotRate,omitempty"`  // bytes of a database per second on a link
}

// The names of the profiles.
const (
	profilePaper = "paper"
	profileEtcd  = "etcd"
)

// Profiles are the two sets of times: the Raft paper's and etcd's defaults.
var profiles = []struct {
	name   string
	timing Timing
}{
	{profilePaper, Timing{
		Tick: 10 * clock.Millisecond, Heartbeat: 5, ElectionMin: 15, ElectionMax: 30,
		LinkMin: 10 * clock.Millisecond, LinkMax: 20 * clock.Millisecond, Client: 2 * clock.Millisecond,
		Fsync: 10 * clock.Millisecond, Handle: 200 * clock.Microsecond, Apply: 500 * clock.Microsecond,
		BatchInterval: 100 * clock.Millisecond, BatchLimit: 10_000, WatchSync: 100 * clock.Millisecond,
		Request: 2 * clock.Second, SnapshotRate: 256 << 10,
	}},
	{profileEtcd, Timing{
		Tick: 100 * clock.Millisecond, Heartbeat: 1, ElectionMin: 10, ElectionMax: 20,
		LinkMin: clock.Millisecond, LinkMax: 2 * clock.Millisecond, Client: 500 * clock.Microsecond,
		Fsync: 2 * clock.Millisecond, Handle: 50 * clock.Microsecond, Apply: 100 * clock.Microsecond,
		BatchInterval: 100 * clock.Millisecond, BatchLimit: 10_000, WatchSync: 100 * clock.Millisecond,
		Request: 7 * clock.Second, SnapshotRate: 100 << 20,
	}},
}

// ProfileNames lists the timing profiles.
func ProfileNames() []string { return []string{profiles[0].name, profiles[1].name} }

// On says whether a rule is in force.
func (c *Config) On(rule string) bool { return !slices.Contains(c.Off, rule) }

// Complete returns the config with every default filled in, or everything that is wrong with it.
func (c Config) Complete() (Config, error) {
	if c.Nodes == 0 {
		c.Nodes = 5
	}
	if c.Profile == "" {
		c.Profile = profiles[0].name
	}
	var problems []error
	base, ok := profileTiming(c.Profile)
	if !ok {
		problems = append(problems, fmt.Errorf("profile %q: want one of %v", c.Profile, ProfileNames()))
	}
	c.Timing = c.Timing.over(base)
	c.Off = slices.Compact(slices.Sorted(slices.Values(c.Off)))
	if c.Nodes < 1 || c.Nodes > MaxNodes {
		problems = append(problems, fmt.Errorf("nodes %d: want 1 to %d", c.Nodes, MaxNodes))
	}
	for _, name := range c.Off {
		if err := knownRule(name); err != nil {
			problems = append(problems, err)
		}
	}
	return c, errors.Join(append(problems, c.Timing.validate(), c.Flags.validate())...)
}

func profileTiming(name string) (Timing, bool) {
	for _, p := range profiles {
		if p.name == name {
			return p.timing, true
		}
	}
	return profiles[0].timing, false
}

// over fills the zero fields of t from base.
func (t Timing) over(base Timing) Timing {
	fill(&t.Tick, base.Tick)
	fill(&t.Heartbeat, base.Heartbeat)
	fill(&t.ElectionMin, base.ElectionMin)
	fill(&t.ElectionMax, base.ElectionMax)
	fill(&t.LinkMin, base.LinkMin)
	fill(&t.LinkMax, base.LinkMax)
	fill(&t.Client, base.Client)
	fill(&t.Fsync, base.Fsync)
	fill(&t.Handle, base.Handle)
	fill(&t.Apply, base.Apply)
	fill(&t.BatchInterval, base.BatchInterval)
	fill(&t.BatchLimit, base.BatchLimit)
	fill(&t.WatchSync, base.WatchSync)
	fill(&t.Request, base.Request)
	fill(&t.SnapshotRate, base.SnapshotRate)
	return t
}

func fill[T comparable](field *T, base T) {
	var zero T
	if *field == zero {
		*field = base
	}
}

// ticks is how long n ticks last.
func (t *Timing) ticks(n int) clock.Time { return clock.Time(n) * t.Tick }

func (t Timing) validate() error {
	var problems []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	check(t.Tick > 0, "tick %v: want more than 0", t.Tick)
	check(t.Heartbeat > 0, "heartbeat %d: want at least 1 tick", t.Heartbeat)
	check(t.ElectionMin > t.Heartbeat,
		"election timeout %d ticks: want more than the heartbeat's %d", t.ElectionMin, t.Heartbeat)
	check(t.ElectionMax >= t.ElectionMin,
		"longest election timeout %d ticks: want at least the shortest, %d", t.ElectionMax, t.ElectionMin)
	check(t.LinkMin > 0 && t.LinkMax >= t.LinkMin, "link %v to %v: want 0 < shortest <= longest", t.LinkMin, t.LinkMax)
	check(t.Client > 0 && t.Fsync > 0 && t.Handle > 0 && t.Apply > 0,
		"client, fsync, handle and apply times: want more than 0")
	check(t.SnapshotRate > 0, "snapshot rate %d bytes a second: want more than 0", t.SnapshotRate)
	check(t.BatchInterval > 0 && t.BatchLimit > 0 && t.WatchSync > 0 && t.Request > 0,
		"batch, watch and request settings: want more than 0")
	return errors.Join(problems...)
}

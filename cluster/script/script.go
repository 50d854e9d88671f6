package script

import (
	"etcdscope/cluster"
	"etcdscope/cluster/clock"
)

// Action is a wish that concerns the session rather than the world.
type Action uint8

// The actions of a session.
const (
	None         Action = iota
	Step                // N events forward at the present level of detail
	Back                // N events back
	TickOn              // N ticks forward
	TickBack            // N ticks back
	Next                // to the next story event
	Previous            // to the story event before
	RunFor              // For virtual time, or N ticks when For is 0
	RunUntil            // until Until holds, at most For of virtual time or N ticks (both 0: a default)
	Mark                // name this moment Name (empty: the next free letter)
	Goto                // to the moment in Name, see Call.Target
	Undo                // take back the last command of the world
	Fork                // branch here under Name
	Switch              // go to the branch Name
	DropBranch          // forget the branch Name
	Seed                // start again with seed N
	Reset               // start again
	Save                // write the session to the file Name
	Load                // read a session from the file Name
	Export              // write the data directory of member N (0: of all) into the directory Name
	BackupStatus        // say what the snapshot file Name holds
	RestoreFrom         // start again from the snapshot file Name, with N members (0: as many as now), as Restore says
	Share               // show the share code of this moment
	Help                // explain the command Name, or list them all
	Branches            // list the branches
)

// Call is one parsed line: either a command of the world or an action of the session.
//
// A duration in ticks cannot be turned into time here, because the length of a tick is the configuration's: it
// stands in N (RunFor, RunUntil, Goto) or in World.Ticks (cluster.Delay, SlowDisk) with For 0 until Resolve is called.
type Call struct {
	Spec   *Spec
	Text   string           // canonical: parsing it again gives the same call
	World  *cluster.Command // nil: it is an action
	Action Action
	N      int
	For    clock.Time
	Name   string
	// Restore says how a snapshot is restored; its content is read when the call is carried out.
	Restore *cluster.Restore
	Until   *Predicate
}

// Resolve turns what the line gave in ticks into virtual time, with a tick of the configuration
// (Timing.Tick). Text stays as it was typed; calling Resolve twice changes nothing more.
func (c *Call) Resolve(tick clock.Time) {
	switch {
	case c.World != nil:
		if (c.World.Kind == cluster.Delay || c.World.Kind == cluster.SlowDisk) && c.World.For == 0 {
			c.World.For, c.World.Ticks = clock.Time(c.World.Ticks)*tick, 0
		}
	case c.For == 0 && (c.Action == RunFor || c.Action == RunUntil || c.Action == Goto && isTime(c.Name)):
		c.For, c.N = clock.Time(c.N)*tick, 0
	}
}

// Target says where a Goto leads: to a mark, or after an event (mark is "", isEvent), or to a time. Resolve
// must have been called for a time that was given in ticks.
func (c *Call) Target() (mark string, event uint64, isEvent bool, at clock.Time) {
	switch {
	case c.Name != "" && c.Name[0] == '@':
		return "", uint64(c.N), true, 0
	case isTime(c.Name):
		return "", 0, false, c.For
	}
	return c.Name, 0, false, 0
}

// Spec is one command of the language: everything that help, completion and the reference page need.
type Spec struct {
	Name    string
	Aliases []string
	Group   string // time, nodes, network, timers, clients, session
	Usage   string // "put KEY VALUE [--via MEMBER] [--tag NAME]"
	Help    string // one sentence
	HelpZH  string // the same in Chinese
	Example string
	Flags   []Flag

	parse func(*lineParser) *Call
	slots []slot // what may stand at each place; the last one repeats
}

// Flag is one option of a command; Value is empty for a switch.
type Flag struct{ Name, Value, Help string }

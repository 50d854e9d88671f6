package pane

import (
	"sort"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/raft"
)

// tapeLine is one row of the events pane: an event, or several quiet ones folded into one row.
type tapeLine struct {
	id, last uint64 // first and last event of the row
	at       clock.Time
	folded   int // events in a folded row, 0 for a single event
	text     string
	rule     string
}

// tape is the recorded events as rows, built up as they are recorded. It is built anew when history is
// another one.
type tape struct {
	lines       []tapeLine
	first, last uint64 // the events looked at
	seen        cluster.Event
	detail      cluster.Salience
	branch      string
	quiet       int    // length of the run of quiet events at the end
	around      uint64 // the event that the first one looked at was chosen for
}

const (
	tapeReach  = 20_000  // events looked at in one go
	tapeDeep   = 400_000 // events looked at for the first rows, at most
	tapeLines  = 4_096   // rows kept
	tapeAhead  = 512     // rows behind the event that is looked at, at most
	tapeBefore = 64      // rows before it, where there are that many
	quietShown = 2       // events of a quiet run that are not folded
)

// sync brings the tape up to the scene: from well before to somewhat behind the event that is looked at, which is
// the one at the cursor, or the present where there is no cursor.
func (t *tape) sync(s *Scene, cursor uint64) {
	at := s.Pos
	if cursor > 0 {
		at = cursor
	}
	branch := currentBranch(s)
	if t.detail != s.Detail || t.branch != branch || t.changed(s) || t.far(at, cursor > 0) {
		*t = tape{lines: t.lines[:0], detail: s.Detail, branch: branch, first: 1, around: at}
		if at > tapeReach/2 {
			t.first = reachBack(s, at)
		}
		t.last = t.first - 1
	}
	ahead := len(t.lines) - t.find(at)
	var newest *cluster.Event
	for id := t.last + 1; id <= min(s.End, at+tapeReach/2) && ahead < tapeAhead; id++ {
		e := s.event(id)
		if e == nil {
			break
		}
		t.add(e)
		if id > at {
			ahead++
		}
		t.last, newest = id, e
	}
	if newest != nil {
		t.seen = *newest
	}
}

// reachBack is the event from which on the tape is built: so far back that there is something to be seen, for a
// cluster that has been quiet for long.
func reachBack(s *Scene, at uint64) uint64 {
	first, rows := at, 0
	for ; first > 1 && at-first < tapeDeep; first-- {
		if e := s.event(first); e == nil || at-first >= tapeReach/2 && rows >= tapeBefore {
			break
		} else if e.Salience >= s.Detail && !quiet(e) {
			rows++
		}
	}
	return first
}

// far reports whether the tape must begin elsewhere: before its first event, far behind its last one, or because
// somebody scrolls up to its first row.
func (t *tape) far(at uint64, scrolled bool) bool {
	return at+1 < t.first || at > t.last+tapeReach ||
		scrolled && t.first > 1 && t.around != at && t.find(at) < tapeBefore
}

// changed reports whether the last event looked at is not what it was, or is gone.
func (t *tape) changed(s *Scene) bool {
	if t.last < t.first || t.first == 0 {
		return t.first == 0
	}
	e := s.event(t.last)
	return e == nil || t.last > s.End || e.At != t.seen.At || e.Kind != t.seen.Kind || e.Member != t.seen.Member ||
		e.Command != t.seen.Command
}

func currentBranch(s *Scene) string {
	for i := range s.Branches {
		if s.Branches[i].Current {
			return s.Branches[i].Name
		}
	}
	return ""
}

// add appends one event, to the folded row at the end if it is quiet like the ones before it.
func (t *tape) add(e *cluster.Event) {
	if e.Salience < t.detail {
		return
	}
	if !quiet(e) {
		t.quiet = 0
		t.append(tapeLine{id: e.ID, last: e.ID, at: e.At})
		return
	}
	t.quiet++
	if n := len(t.lines); t.quiet > quietShown+1 {
		t.lines[n-1].last = e.ID
		t.lines[n-1].folded++
		return
	}
	at := tapeLine{id: e.ID, last: e.ID, at: e.At}
	if t.quiet > quietShown {
		at.folded = 1
	}
	t.append(at)
}

func (t *tape) append(at tapeLine) {
	if len(t.lines) == tapeLines {
		n := copy(t.lines, t.lines[tapeLines/2:])
		t.lines = t.lines[:n]
		t.first = t.lines[0].id
	}
	t.lines = append(t.lines, at)
}

// quiet reports whether an event is one of many like it: an idle tick, a heartbeat or its answer.
func quiet(e *cluster.Event) bool {
	if e.Salience == cluster.Story {
		return false
	}
	if e.Msg != nil {
		return e.Msg.Type == raft.MsgHeartbeat || e.Msg.Type == raft.MsgHeartbeatResp
	}
	return e.Kind == cluster.Tick
}

// find returns the row of an event: the last one that does not begin after it, -1 if there is none.
func (t *tape) find(id uint64) int {
	return sort.Search(len(t.lines), func(i int) bool { return t.lines[i].id > id }) - 1
}

// kindChars is one letter for each kind of event, for the narrow column of the tape.
var kindChars = [...]byte{
	cluster.Tick: '.', cluster.Deliver: '>', cluster.Handle: 'h', cluster.Lost: 'x', cluster.WALWrite: 'w',
	cluster.FsyncStart: 'f', cluster.FsyncDone: 's', cluster.Apply: 'r', cluster.BatchStart: 'b',
	cluster.BatchDone: 'B', cluster.WatchSync: 'y', cluster.ClientRequest: 'q', cluster.ClientResponse: 'p',
	cluster.ClientTimeout: 't', cluster.WatchEvent: 'e', cluster.UserCommand: '!', cluster.LeaseCheck: 'l',
	cluster.LeaseExpire: 'L', cluster.CompactBatch: 'k', cluster.DefragStep: 'd', cluster.PeerRequest: '(',
	cluster.PeerResponse: ')', cluster.KeepAliveDue: 'a', cluster.AutoCompact: 'K', cluster.CorruptCheck: 'C',
	cluster.SnapshotReceived: 'R', cluster.SnapshotInstall: 'I', cluster.PeerReport: 'P', cluster.MemberStop: 'M',
	cluster.SnapshotSave: 'n', cluster.SnapshotDone: 'N', cluster.FilePurge: 'g', cluster.RestoreStep: 'T',
	cluster.InitialCheck:    'c',
	cluster.ProgressRequest: 'o',
}

// kindChar is the letter of an event; what a member did counts more than what made it work.
func kindChar(e *cluster.Event) byte {
	for i := range e.Facts {
		switch f := &e.Facts[i]; f.Kind {
		case raft.FactElected:
			return '*'
		case raft.FactTimeout, raft.FactCandidate:
			return '?'
		case raft.FactStepDown, raft.FactQuorumLost:
			return 'v'
		case raft.FactTruncated:
			return 'X'
		case raft.FactCommit:
			if f.Of > 0 {
				return 'c'
			}
		}
	}
	if int(e.Kind) < len(kindChars) && kindChars[e.Kind] != 0 {
		return kindChars[e.Kind]
	}
	return ' '
}

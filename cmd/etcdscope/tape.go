package main

import (
	"bufio"
	"fmt"

	"etcdscope/cluster"
	"etcdscope/cluster/session"
	"etcdscope/raft"
	"etcdscope/tui/frame"
)

const tapeHelp = `--events story prints a sentence for every event of the story, tape one line in fixed columns for
every event of the protocol, json one object for every event, none only the sums. In the tape, nodes has one
character for each member: * leader, o follower, ? candidate, / cut off from the majority, z paused, x down.`

// printTape replays the history and prints one line for every event of level protocol, with the state after it.
func printTape(s *session.Session, out *bufio.Writer) error {
	say(out, "%9s  n  ev  role  %-9s  term  vote  commit/applied  %-11s  synced/written  %5s  note\n",
		"tick", "nodes", "first:last", "rev")
	last := s.Pos()
	if err := s.Seek(0); err != nil {
		return err
	}
	for id := uint64(1); id <= last; id++ {
		e := s.Event(id)
		if e.Salience < cluster.Protocol {
			continue
		}
		if err := s.Seek(id); err != nil {
			return err
		}
		tapeLine(out, s, e)
	}
	return s.Seek(last)
}

// tapeLine prints one event; what has no member has no numbers.
func tapeLine(out *bufio.Writer, s *session.Session, e *cluster.Event) {
	v := s.View()
	tenths := int64(e.At) * 10 / int64(s.Config().Timing.Tick)
	say(out, "%7d.%d  ", tenths/10, tenths%10)
	note := frame.Safe(e.Sentence())
	m := v.Member(uint64(e.Member))
	if m == nil {
		say(out, "-  %c   -     %-9s  %4s  %4s  %14s  %-11s  %14s  %5s  %s\n",
			tapeChar(e), nodesColumn(v), "-", "-", "-", "-", "-", "-", note)
		return
	}
	r, rev := &m.Raft, "-"
	if m.Store != nil {
		rev = fmt.Sprint(m.Store.Revision)
	}
	say(out, "%d  %c   %c     %-9s  %4d  %4s  %14s  %-11s  %14s  %5s  %s\n",
		e.Member, tapeChar(e), nodeChar(v, m), nodesColumn(v), r.Term, voteColumn(r.Vote), pair(r.Commit, '/', r.Applied),
		pair(r.First, ':', r.Last), pair(r.DurableIndex, '/', r.Last), rev, note)
}

func pair(a raft.Index, between rune, b raft.Index) string {
	return fmt.Sprintf("%d%c%d", a, between, b)
}

func voteColumn(id raft.ID) string {
	if id == raft.None {
		return "-"
	}
	return fmt.Sprint(uint64(id))
}

func nodesColumn(v *cluster.View) string {
	text := make([]byte, len(v.Members))
	for i, m := range v.Members {
		text[i] = nodeChar(v, m)
	}
	return string(text)
}

// nodeChar is one character for a member.
func nodeChar(v *cluster.View, m *cluster.MemberView) byte {
	switch {
	case !m.Up:
		return 'x'
	case m.Paused:
		return 'z'
	case m.Raft.Role == raft.Leader:
		return '*'
	case m.Raft.Role == raft.Candidate, m.Raft.Role == raft.PreCandidate:
		return '?'
	case cutOff(v, m.ID):
		return '/'
	}
	return 'o'
}

// cutOff says whether a member cannot speak with a majority of the members, itself included.
func cutOff(v *cluster.View, id raft.ID) bool {
	reached := 1
	for _, other := range v.Members {
		if other.ID != id && !v.Links.At(id, other.ID).Cut && !v.Links.At(other.ID, id).Cut {
			reached++
		}
	}
	return reached <= len(v.Members)/2
}

// tapeKinds is one character for each kind of event. They are part of the output format: never change one.
var tapeKinds = [...]byte{
	cluster.Tick: '.', cluster.Deliver: '>', cluster.Handle: 'h', cluster.Lost: 'x', cluster.WALWrite: 'w',
	cluster.FsyncStart: 'f', cluster.FsyncDone: 's', cluster.Apply: 'r', cluster.BatchStart: 'b',
	cluster.BatchDone: 'B', cluster.WatchSync: 'y', cluster.ClientRequest: 'q', cluster.ClientResponse: 'p',
	cluster.ClientTimeout: 't', cluster.WatchEvent: 'e', cluster.UserCommand: '!',
}

// tapeChar is the character of an event; what a member did counts more than what made it work.
func tapeChar(e *cluster.Event) byte {
	for i := range e.Facts {
		switch f := &e.Facts[i]; {
		case f.Kind == raft.FactElected:
			return '*'
		case f.Kind == raft.FactTimeout, f.Kind == raft.FactCandidate, f.Kind == raft.FactPreCandidate:
			return '?'
		case f.Kind == raft.FactStepDown, f.Kind == raft.FactQuorumLost:
			return 'v'
		case f.Kind == raft.FactTruncated:
			return 'X'
		case f.Kind == raft.FactCommit && f.Of > 0:
			return 'c'
		}
	}
	if int(e.Kind) < len(tapeKinds) && tapeKinds[e.Kind] != 0 {
		return tapeKinds[e.Kind]
	}
	return ' '
}

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"strings"

	"etcdscope/cluster"
	"etcdscope/cluster/session"
	"etcdscope/raft"
)

// eventJSON is one event for programs. Names are stable: fields are added, never renamed. Bytes that are not UTF-8
// become U+FFFD.
type eventJSON struct {
	Event       uint64        `json:"event"`
	TimeUS      int64         `json:"timeUs"`
	Kind        string        `json:"kind"`
	Level       string        `json:"level"`
	Member      uint64        `json:"member,omitempty"`
	Incarnation uint32        `json:"incarnation,omitempty"`
	Causes      []uint64      `json:"causes,omitempty"`
	Op          uint64        `json:"op,omitempty"`
	Term        uint64        `json:"term,omitempty"`
	Index       uint64        `json:"index,omitempty"`
	Revision    int64         `json:"revision,omitempty"`
	N           int           `json:"n,omitempty"`
	Rule        string        `json:"rule"`
	Message     *messageJSON  `json:"message,omitempty"`
	Sent        []messageJSON `json:"sent,omitempty"`
	Facts       []factJSON    `json:"facts,omitempty"`
	Command     *commandJSON  `json:"command,omitempty"`
	Note        string        `json:"note,omitempty"`
	Sentence    string        `json:"sentence"`
	Turn        *turnJSON     `json:"turn,omitempty"`
}

// turnJSON is what an event means for a lock or an election.
type turnJSON struct {
	Op    uint64 `json:"op"`
	State string `json:"state"`
	Text  string `json:"text"`
}

type messageJSON struct {
	ID                uint64      `json:"id"`
	Type              string      `json:"type"`
	From              uint64      `json:"from"`
	To                uint64      `json:"to"`
	Term              uint64      `json:"term"`
	LogTerm           uint64      `json:"logTerm,omitempty"`
	Index             uint64      `json:"index,omitempty"`
	Entries           []entryJSON `json:"entries,omitempty"`
	Commit            uint64      `json:"commit,omitempty"`
	Reject            bool        `json:"reject,omitempty"`
	RejectHint        uint64      `json:"rejectHint,omitempty"`
	Context           uint64      `json:"context,omitempty"`
	SenderIncarnation uint32      `json:"senderIncarnation"`
	SentAtUS          int64       `json:"sentAtUs"`
	SentBy            uint64      `json:"sentBy"`
	Op                uint64      `json:"op,omitempty"`
	Copy              bool        `json:"copy,omitempty"`
}

type entryJSON struct {
	Term  uint64 `json:"term"`
	Index uint64 `json:"index"`
	Type  uint8  `json:"type,omitempty"`
	Bytes int    `json:"bytes"`
}

type factJSON struct {
	Kind    string `json:"kind"`
	PreVote bool   `json:"preVote,omitempty"`
	Rule    string `json:"rule,omitempty"`
	Peer    uint64 `json:"peer,omitempty"`
	Term    uint64 `json:"term,omitempty"`
	Index   uint64 `json:"index,omitempty"`
	Old     uint64 `json:"old,omitempty"`
	N       int    `json:"n,omitempty"`
	Of      int    `json:"of,omitempty"`
}

type commandJSON struct {
	Name   string `json:"name"`
	Text   string `json:"text"`
	Client int    `json:"client,omitempty"`
	Via    uint64 `json:"via,omitempty"`
	Key    string `json:"key,omitempty"`
	End    string `json:"end,omitempty"`
	Value  string `json:"value,omitempty"`
	Tag    string `json:"tag,omitempty"`
}

var levelNames = [...]string{cluster.Bytes: "bytes", cluster.Protocol: "protocol", cluster.Story: "story"}

// sumsJSON is the last line; its hashes are strings, because many readers of JSON keep no more than 53 bits.
type sumsJSON struct {
	Events     uint64          `json:"events"`
	EventHash  string          `json:"eventHash"`
	StateHash  string          `json:"stateHash"`
	Violations []violationJSON `json:"violations,omitempty"`
}

type violationJSON struct {
	Name     string `json:"name"`
	Event    uint64 `json:"event"`
	Sentence string `json:"sentence"`
}

// printJSON prints every event of the history as one object per line, and the sums as the last one.
func printJSON(s *session.Session, out *bufio.Writer) {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	line := func(v any) {
		if err := enc.Encode(v); err != nil {
			panic(fmt.Sprintf("%T as JSON: %v", v, err)) // the structs above have nothing that JSON lacks
		}
	}
	for id := uint64(1); id <= s.Pos(); id++ {
		line(makeEvent(s.Event(id)))
	}
	sums := sumsJSON{Events: s.Pos()}
	sums.EventHash, sums.StateHash = fmt.Sprintf("0x%016x", s.EventHash()), fmt.Sprintf("0x%016x", s.StateHash())
	for _, v := range s.Violations() {
		sums.Violations = append(sums.Violations, violationJSON{v.Name, v.Event, v.Sentence})
	}
	line(sums)
}

func makeEvent(e *cluster.Event) *eventJSON {
	j := &eventJSON{
		Event: e.ID, TimeUS: int64(e.At), Kind: e.Kind.String(), Level: levelNames[e.Salience], Member: uint64(e.Member),
		Incarnation: e.Inc, Op: uint64(e.Op), Term: uint64(e.Term), Index: uint64(e.Index), Revision: e.Rev, N: e.N,
		Note: e.Note, Sentence: e.Sentence(), Command: makeCommand(e.Command),
	}
	j.Rule, _, _ = e.Reason()
	if e.Turn != nil {
		j.Turn = &turnJSON{uint64(e.Turn.Op), e.Turn.State.String(), e.Turn.Text}
	}
	for _, id := range e.Causes {
		if id != 0 {
			j.Causes = append(j.Causes, id)
		}
	}
	if e.Msg != nil {
		m := makeMessage(e.Msg)
		j.Message = &m
	}
	for _, m := range e.Sent {
		j.Sent = append(j.Sent, makeMessage(m))
	}
	for i := range e.Facts {
		j.Facts = append(j.Facts, makeFact(&e.Facts[i]))
	}
	return j
}

func makeMessage(m *cluster.Message) messageJSON {
	j := messageJSON{
		ID: m.ID, Type: m.Type.String(), From: uint64(m.From), To: uint64(m.To), Term: uint64(m.Term),
		LogTerm: uint64(m.LogTerm), Index: uint64(m.Index), Commit: uint64(m.Commit), Reject: m.Reject,
		RejectHint: uint64(m.RejectHint), Context: m.Context, SenderIncarnation: m.SenderInc,
		SentAtUS: int64(m.SentAt), SentBy: m.SentBy, Op: uint64(m.Op), Copy: m.Copy,
	}
	for i := range m.Entries {
		x := &m.Entries[i]
		j.Entries = append(j.Entries, entryJSON{uint64(x.Term), uint64(x.Index), uint8(x.Type), len(x.Data)})
	}
	return j
}

func makeFact(f *raft.Fact) factJSON {
	j := factJSON{
		Kind: f.Kind.String(), PreVote: f.PreVote, Peer: uint64(f.Peer), Term: uint64(f.Term), Index: uint64(f.Index),
		Old: f.Old, N: f.N, Of: f.Of,
	}
	if f.Rule != nil {
		j.Rule = f.Rule.ID
	}
	return j
}

func makeCommand(c *cluster.Command) *commandJSON {
	if c == nil {
		return nil
	}
	j := &commandJSON{Name: c.Kind.String(), Text: c.Text}
	if op := c.Op; op != nil {
		j.Client, j.Via, j.Tag = max(op.Client, 1), uint64(op.Via), op.Tag
		j.Key, j.End, j.Value = valid(op.Key), valid(op.End), valid(op.Value)
	}
	return j
}

func valid(b []byte) string { return strings.ToValidUTF8(string(b), "\uFFFD") }

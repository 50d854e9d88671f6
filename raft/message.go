package raft

import (
	"fmt"
	"math/bits"
	"strings"
)

// ID names a member of the cluster. It is never reused for another member.
type ID uint64

// None is the absent member: no vote, no leader.
const None ID = 0

// Term numbers elections (Raft §5.1). It never decreases on one member.
type Term uint64

// Index is a position in the log; the first entry has index 1.
type Index uint64

// EntryType says what an entry's data is; the numbers are raftpb's.
type EntryType uint8

// The entry types of raftpb.
const (
	EntryNormal       EntryType = 0
	EntryConfChange   EntryType = 1
	EntryConfChangeV2 EntryType = 2
)

// Entry is one position of the replicated log. Data is never changed after the entry is made.
type Entry struct {
	Term  Term
	Index Index
	Type  EntryType
	Data  []byte
}

// HardState is what a member must not forget (Raft §5, figure 2) plus etcd's commit hint.
type HardState struct {
	Term   Term
	Vote   ID
	Commit Index // may lag behind on disk: etcd does not sync a change of commit alone
}

// ConfState is a configuration, joint when VotersOutgoing is not empty. All lists are sorted.
type ConfState struct {
	Voters, Learners, VotersOutgoing, LearnersNext []ID
	AutoLeave                                      bool
}

// SnapshotMeta says up to which entry a snapshot reaches and which configuration held there.
type SnapshotMeta struct {
	Index Index
	Term  Term
	Conf  ConfState
}

// Snapshot is the applied state at one index. Data is opaque to raft.
type Snapshot struct {
	Meta SnapshotMeta
	Data []byte
}

// MessageType is the kind of a message; names and numbers are raftpb's.
type MessageType uint8

// The message types that travel between members (numbers of raftpb.MessageType).
const (
	MsgProp          MessageType = 2
	MsgApp           MessageType = 3
	MsgAppResp       MessageType = 4
	MsgVote          MessageType = 5
	MsgVoteResp      MessageType = 6
	MsgSnap          MessageType = 7
	MsgHeartbeat     MessageType = 8
	MsgHeartbeatResp MessageType = 9
	MsgTransfer      MessageType = 13
	MsgTimeoutNow    MessageType = 14
	MsgReadIndex     MessageType = 15
	MsgReadIndexResp MessageType = 16
	MsgPreVote       MessageType = 17
	MsgPreVoteResp   MessageType = 18
)

// Message is one message between two members; the fields are raftpb.Message's.
// A message is immutable once it has been handed out.
type Message struct {
	Type       MessageType
	Reject     bool
	Transfer   bool // Vote: campaign on the leader's behalf, voters ignore their lease
	From, To   ID
	Term       Term
	LogTerm    Term  // App: of the entry before Entries; Vote: of the last entry; AppResp reject: at RejectHint
	Index      Index // App: before Entries; Vote: last index; AppResp: last index now stored, or the rejected one
	Entries    []Entry
	Commit     Index
	RejectHint Index  // AppResp reject: where the leader may look next
	Context    uint64 // heartbeats and read-index messages: number of a read round or request; 0 is none
	Snapshot   *Snapshot
}

var messageTypeNames = [...]string{
	MsgProp: "MsgProp", MsgApp: "MsgApp", MsgAppResp: "MsgAppResp", MsgVote: "MsgVote", MsgVoteResp: "MsgVoteResp",
	MsgSnap: "MsgSnap", MsgHeartbeat: "MsgHeartbeat", MsgHeartbeatResp: "MsgHeartbeatResp",
	MsgTransfer: "MsgTransferLeader", MsgTimeoutNow: "MsgTimeoutNow", MsgReadIndex: "MsgReadIndex",
	MsgReadIndexResp: "MsgReadIndexResp", MsgPreVote: "MsgPreVote", MsgPreVoteResp: "MsgPreVoteResp",
}

// String returns etcd's name of the type.
func (t MessageType) String() string {
	if int(t) < len(messageTypeNames) && messageTypeNames[t] != "" {
		return messageTypeNames[t]
	}
	return fmt.Sprintf("MessageType(%d)", uint8(t))
}

// isResponse says whether the type answers a question, so that only a known peer can send it.
func (t MessageType) isResponse() bool {
	switch t {
	case MsgAppResp, MsgVoteResp, MsgHeartbeatResp, MsgReadIndexResp, MsgPreVoteResp:
		return true
	}
	return false
}

// fromLeader says whether only the leader of its term sends the type.
func (t MessageType) fromLeader() bool { return t == MsgApp || t == MsgHeartbeat || t == MsgSnap }

// String returns the message in one line: "1>2 MsgApp t3 prev 4/t2 entries 5-6 commit 4".
// An index and its term are written index/tTERM.
func (m Message) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d>%d %v", m.From, m.To, m.Type)
	if m.Term > 0 {
		fmt.Fprintf(&b, " t%d", m.Term)
	}
	m.writePosition(&b)
	switch n := len(m.Entries); {
	case n == 1:
		fmt.Fprintf(&b, " entry %d", m.Entries[0].Index)
	case n > 1:
		fmt.Fprintf(&b, " entries %d-%d", m.Entries[0].Index, m.Entries[n-1].Index)
	}
	if m.Commit > 0 {
		fmt.Fprintf(&b, " commit %d", m.Commit)
	}
	if m.Context > 0 {
		fmt.Fprintf(&b, " context %d", m.Context)
	}
	if m.Transfer {
		b.WriteString(" transfer")
	}
	return b.String()
}

func (m Message) writePosition(b *strings.Builder) {
	switch m.Type {
	case MsgApp:
		fmt.Fprintf(b, " prev %d/t%d", m.Index, m.LogTerm)
	case MsgVote, MsgPreVote:
		fmt.Fprintf(b, " last %d/t%d", m.Index, m.LogTerm)
	case MsgAppResp:
		if m.Reject {
			fmt.Fprintf(b, " reject %d hint %d/t%d", m.Index, m.RejectHint, m.LogTerm)
		} else {
			fmt.Fprintf(b, " stored %d", m.Index)
		}
	case MsgVoteResp, MsgPreVoteResp:
		if m.Reject {
			b.WriteString(" refuse")
		} else {
			b.WriteString(" grant")
		}
	case MsgReadIndexResp:
		fmt.Fprintf(b, " index %d", m.Index)
	case MsgSnap:
		if m.Snapshot != nil {
			fmt.Fprintf(b, " snapshot %d/t%d", m.Snapshot.Meta.Index, m.Snapshot.Meta.Term)
		}
	}
}

// size returns how many bytes the entry takes as a raftpb.Entry: what etcd counts against its limits.
func (e *Entry) size() uint64 {
	n := 2 + varint(uint64(e.Term)) + varint(uint64(e.Index))
	if e.Type != EntryNormal {
		n += 2
	}
	if e.Data != nil {
		n += 1 + varint(uint64(len(e.Data))) + len(e.Data)
	}
	return uint64(n)
}

// size returns how many bytes entries take one by one.
func size(entries []Entry) (bytes uint64) {
	for i := range entries {
		bytes += entries[i].size()
	}
	return bytes
}

// varint returns how many bytes v takes in protobuf's variable length encoding.
func varint(v uint64) int { return (bits.Len64(v|1) + 6) / 7 }

// payload returns how many bytes of data the entries carry.
func payload(entries []Entry) (bytes uint64) {
	for i := range entries {
		bytes += uint64(len(entries[i].Data))
	}
	return bytes
}

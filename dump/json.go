package dump

import (
	"bytes"
	"encoding/json"
	"io"

	"etcdscope/raft"
	"etcdscope/raft/wal"

	"google.golang.org/protobuf/encoding/protojson"
)

// recordJSON is one record for programs. Names are stable: fields are added, never renamed. IDs are hexadecimal, bytes
// base64. A line is ASCII: whatever else a string holds is escaped.
type recordJSON struct {
	File      string          `json:"file"`
	Offset    int64           `json:"offset"`
	Length    int64           `json:"length"`
	CRC       uint32          `json:"crc"`
	Type      string          `json:"type"`
	Term      *uint64         `json:"term,omitempty"`
	Index     *uint64         `json:"index,omitempty"`
	EntryType string          `json:"entryType,omitempty"`
	Vote      string          `json:"vote,omitempty"`
	Commit    *uint64         `json:"commit,omitempty"`
	Member    string          `json:"member,omitempty"`
	Cluster   string          `json:"cluster,omitempty"`
	Conf      *confJSON       `json:"conf,omitempty"`
	Request   json.RawMessage `json:"request,omitempty"`
	Text      string          `json:"text,omitempty"`
	Data      []byte          `json:"data,omitempty"`
	Replaced  bool            `json:"replaced,omitempty"` // by an entry further down
	Damage    string          `json:"damage,omitempty"`
	Torn      bool            `json:"torn,omitempty"`
}

type confJSON struct {
	Voters         []string `json:"voters"`
	Learners       []string `json:"learners,omitempty"`
	VotersOutgoing []string `json:"votersOutgoing,omitempty"`
	LearnersNext   []string `json:"learnersNext,omitempty"`
	AutoLeave      bool     `json:"autoLeave,omitempty"`
}

func newConfJSON(c raft.ConfState) *confJSON {
	list := func(in []raft.ID) []string {
		out := make([]string, len(in))
		for i, n := range in {
			out[i] = id(n)
		}
		return out
	}
	return &confJSON{list(c.Voters), list(c.Learners), list(c.VotersOutgoing), list(c.LearnersNext), c.AutoLeave}
}

func newRecordJSON(r *wal.Record, raw bool) recordJSON {
	out := recordJSON{
		File: r.File, Offset: r.Offset, Length: r.Length, CRC: r.CRC, Type: r.Type.String(),
	}
	if r.Length > 0 {
		out.Text = recordText(r)
	}
	if raw {
		out.Data = r.Data
	}
	if r.Damage != nil {
		out.Damage, out.Torn = r.Damage.Reason, r.Damage.Torn
	}
	switch {
	case r.Metadata != nil:
		out.Member, out.Cluster = id(r.Metadata.NodeID), id(r.Metadata.ClusterID)
	case r.Snapshot != nil:
		out.Term, out.Index = new(uint64(r.Term)), new(uint64(r.Index))
		out.Conf = newConfJSON(r.Snapshot.Conf)
	case r.State != nil:
		out.Term, out.Commit, out.Vote = new(uint64(r.Term)), new(uint64(r.Index)), id(r.Vote)
	case r.Entry != nil:
		out.Term, out.Index = new(uint64(r.Term)), new(uint64(r.Index))
		out.EntryType = entryTypes[r.Entry.Type]
		out.Request = requestJSON(r.Entry)
	}
	return out
}

var entryTypes = [...]string{
	raft.EntryNormal: "normal", raft.EntryConfChange: "confChange", raft.EntryConfChangeV2: "confChangeV2",
}

// requestJSON is protobuf's JSON of the request, or nil. Protobuf varies its spaces on purpose; they are taken out.
func requestJSON(e *raft.Entry) json.RawMessage {
	if e.Type != raft.EntryNormal || len(e.Data) == 0 {
		return nil
	}
	r, ok := decodeRequest(e.Data)
	if !ok {
		return nil
	}
	hidePasswords(r)
	text, err := protojson.Marshal(r)
	if err != nil {
		return nil
	}
	var out bytes.Buffer
	if json.Compact(&out, text) != nil {
		return nil
	}
	return out.Bytes()
}

// writeJSON writes a value as one line of ASCII.
func writeJSON(w io.Writer, v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(asciiJSON(line), '\n'))
	return err
}

package interop

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/server/v3/storage/wal/walpb"
	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"etcdscope/raft"
	"etcdscope/raft/snap"
	"etcdscope/raft/wal"
)

// dumpedLog is what etcd-dump-logs must print of a data directory, made of what our readers find there.
func dumpedLog(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	from := dumpedSnapshot(t, &b, dir)
	d, err := wal.OpenDir(walOf(dir))
	check(t, err)
	l := readLog(t, d, from)
	check(t, d.Close())
	fmt.Fprintf(&b, "WAL metadata:\nnodeID=%x clusterID=%x term=%d commitIndex=%d vote=%x\n",
		l.metadata.NodeID, l.metadata.ClusterID, l.state.Term, l.state.Commit, uint64(l.state.Vote))
	fmt.Fprintf(&b, "WAL entries: %d\n", len(l.entries))
	if n := len(l.entries); n > 0 {
		fmt.Fprintf(&b, "lastIndex=%d\n", l.entries[n-1].Index)
	}
	fmt.Fprintf(&b, "term\t     index\ttype\tdata\n")
	printed := 0
	for i := range l.entries {
		if line := dumpedEntry(t, &l.entries[i]); line != "" {
			printed++
			b.WriteString(line)
		}
	}
	fmt.Fprintf(&b, "\nEntry types (Normal,ConfigChange) count is : %d\n", printed)
	return b.String()
}

// dumpedSnapshot writes what is said of the newest snapshot file, and returns its index.
func dumpedSnapshot(t *testing.T, b *strings.Builder, dir string) raft.Index {
	t.Helper()
	d, err := wal.OpenDir(filepath.Join(dir, "member", "snap"))
	check(t, err)
	s, _, err := snap.Load(d)
	check(t, d.Close())
	switch {
	case errors.Is(err, snap.ErrNoSnapshot):
		b.WriteString("Snapshot:\nempty\n")
	default:
		check(t, err)
		var ids []string
		for _, id := range s.Meta.Conf.Voters {
			ids = append(ids, fmt.Sprintf("%x", uint64(id)))
		}
		fmt.Fprintf(b, "Snapshot:\nterm=%d index=%d nodes=[%s] confstate=%s\n",
			s.Meta.Term, s.Meta.Index, strings.Join(ids, " "), confJSON(t, s.Meta.Conf))
	}
	b.WriteString("Start dumping log entries from snapshot.\n")
	return s.Meta.Index
}

func confJSON(t *testing.T, c raft.ConfState) []byte {
	t.Helper()
	out, err := json.Marshal(struct {
		Voters         []raft.ID `json:"voters,omitempty"`
		Learners       []raft.ID `json:"learners,omitempty"`
		VotersOutgoing []raft.ID `json:"voters_outgoing,omitempty"`
		LearnersNext   []raft.ID `json:"learners_next,omitempty"`
		AutoLeave      bool      `json:"auto_leave"`
	}{c.Voters, c.Learners, c.VotersOutgoing, c.LearnersNext, c.AutoLeave})
	check(t, err)
	return out
}

// readLog replays the records of a log behind a snapshot, and changes nothing.
func readLog(t *testing.T, d wal.Disk, from raft.Index) (l outcome) {
	t.Helper()
	check(t, wal.Walk(d, func(r *wal.Record) error {
		switch {
		case r.Damage != nil && !r.Damage.Torn:
			return r.Damage
		case r.Damage != nil:
			l.class = torn
		case r.Metadata != nil:
			l.metadata = *r.Metadata
		case r.State != nil:
			l.state = *r.State
		case r.Entry != nil && r.Entry.Index > from:
			l.entries = append(l.entries[:r.Entry.Index-from-1], *r.Entry)
		}
		return nil
	}))
	return l
}

// dumpedEntry is the line of an entry; configuration changes of several members have none.
func dumpedEntry(t *testing.T, e *raft.Entry) string {
	t.Helper()
	switch e.Type {
	case raft.EntryNormal:
		return fmt.Sprintf("%4d\t%10d\tnorm\t%s\n", e.Term, e.Index, decoded(t, e.Data, &etcdserverpb.InternalRaftRequest{}))
	case raft.EntryConfChange:
		var c raftpb.ConfChange
		check(t, proto.Unmarshal(e.Data, &c))
		return fmt.Sprintf("%4d\t%10d\tconf\tmethod=%s id=%x\n", e.Term, e.Index, c.GetType(), c.GetNodeId())
	}
	return ""
}

// dumpedRecords is what etcd-dump-logs -raw must print.
func dumpedRecords(t *testing.T, dir string) string {
	t.Helper()
	d, err := wal.OpenDir(walOf(dir))
	check(t, err)
	var b strings.Builder
	end := "EOF: All entries were processed.\n"
	check(t, wal.Walk(d, func(r *wal.Record) error {
		switch {
		case r.Damage != nil && !r.Damage.Torn:
			return r.Damage
		case r.Damage != nil:
			end = "ErrUnexpectedEOF: The last record might be corrupted, error: unexpected EOF.\n"
		case r.Type == wal.CRCType:
			fmt.Fprintf(&b, "CRC: %d\n", r.CRC)
		case r.Metadata != nil:
			fmt.Fprintf(&b, "Metadata: %s\n", decoded(t, r.Data, &etcdserverpb.Metadata{}))
		case r.Entry != nil:
			fmt.Fprintf(&b, "Entry: %s\n", decoded(t, r.Data, &raftpb.Entry{}))
		case r.State != nil:
			fmt.Fprintf(&b, "HardState: %s\n", decoded(t, r.Data, &raftpb.HardState{}))
		case r.Snapshot != nil:
			fmt.Fprintf(&b, "Snapshot: %s\n", decoded(t, r.Data, &walpb.Snapshot{}))
		}
		return nil
	}))
	check(t, d.Close())
	return b.String() + end
}

// decoded is a message in the text form of etcd 3.6's protobufs.
func decoded(t *testing.T, data []byte, m proto.Message) string {
	t.Helper()
	check(t, proto.Unmarshal(data, m))
	return decodedText(m)
}

func decodedText(m proto.Message) string {
	var b strings.Builder
	messageText(&b, m.ProtoReflect())
	return b.String()
}

func messageText(b *strings.Builder, m protoreflect.Message) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		switch {
		case !m.Has(f), !f.IsList() && isZero(f, m.Get(f)):
		case f.IsList():
			for j := range m.Get(f).List().Len() {
				fieldText(b, f, m.Get(f).List().Get(j))
			}
		default:
			fieldText(b, f, m.Get(f))
		}
	}
}

// isZero says whether the field is left out although the file has it: etcd 3.6 has no presence there.
func isZero(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
	return f.ContainingOneof() == nil && f.Message() == nil && f.Kind() != protoreflect.BytesKind && v.Equal(f.Default())
}

func fieldText(b *strings.Builder, f protoreflect.FieldDescriptor, v protoreflect.Value) {
	b.WriteString(string(f.Name()) + ":")
	switch f.Kind() {
	case protoreflect.MessageKind:
		b.WriteString("<")
		messageText(b, v.Message())
		b.WriteString("> ")
	case protoreflect.StringKind:
		b.WriteString(quoted([]byte(v.String())) + " ")
	case protoreflect.BytesKind:
		b.WriteString(quoted(v.Bytes()) + " ")
	case protoreflect.EnumKind:
		fmt.Fprintf(b, "%s ", f.Enum().Values().ByNumber(v.Enum()).Name())
	default:
		fmt.Fprintf(b, "%v ", v.Interface())
	}
}

// quoted writes bytes as C does.
func quoted(data []byte) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range data {
		switch c {
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		case '\t':
			b.WriteString(`\t`)
		case '"', '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		default:
			if c < 0x20 || c >= 0x7f {
				fmt.Fprintf(&b, `\%03o`, c)
			} else {
				b.WriteByte(c)
			}
		}
	}
	b.WriteByte('"')
	return b.String()
}

// checkDumpLogs lets etcd-dump-logs read the log of a data directory, entry by entry and record by record, and returns
// what it says of the entries.
func checkDumpLogs(t *testing.T, dir string) string {
	t.Helper()
	entries := dumpLogs.run(t, dir)
	sameText(t, "etcd-dump-logs", entries, dumpedLog(t, dir))
	sameText(t, "etcd-dump-logs -raw", dumpLogs.run(t, "-raw", dir), dumpedRecords(t, dir))
	return entries
}

// walOf and dbOf are places in a data directory.
func walOf(dir string) string { return filepath.Join(dir, "member", "wal") }
func dbOf(dir string) string  { return filepath.Join(dir, "member", "snap", "db") }

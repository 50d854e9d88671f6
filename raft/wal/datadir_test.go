package wal

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"etcdscope/cluster/disk"
	"etcdscope/raft"
	"etcdscope/raft/raftpb"
)

// member1 is the member whose files etcd-dump-logs printed.
const member1 = raft.ID(0x1506f11b88fb91be)

// dataDirs are data directories of real members, and what is in their WAL.
var dataDirs = []struct {
	archive  string
	meta     Metadata
	state    raft.HardState
	snapshot raft.Index
	entries  int
	records  int
	tail     int64
	rewrites bool // written by 3.7, whose encoding is ours
}{
	{
		"etcd-3.7.3-datadir.tgz",
		Metadata{0x628170c800dbcee, 0xbabc9795b64f03e3},
		raft.HardState{Term: 2, Vote: 0x628170c800dbcee, Commit: 14},
		0, 14, 32, 1472, true,
	},
	{
		"single-v3.7.3.tar.gz",
		Metadata{uint64(member1), 0x9cd588691e8029d3},
		raft.HardState{Term: 2, Vote: member1, Commit: 170},
		0, 170, 343, 16576, true,
	},
	{
		"single-snapcount50-v3.7.3.tar.gz",
		Metadata{uint64(member1), 0x9cd588691e8029d3},
		raft.HardState{Term: 2, Vote: member1, Commit: 187},
		153, 34, 380, 17160, true,
	},
	{
		"single-v3.6.16.tar.gz",
		Metadata{uint64(member1), 0x9cd588691e8029d3},
		raft.HardState{Term: 2, Vote: member1, Commit: 5},
		0, 5, 14, 608, false,
	},
}

// TestDataDirs: the WAL of a real member is read, and written again byte for byte.
func TestDataDirs(t *testing.T) {
	for _, tc := range dataDirs {
		t.Run(tc.archive, func(t *testing.T) {
			d := unpack(t, tc.archive)
			n, err := Verify(d)
			check(t, err)
			w, r, err := Open(d, Options{})
			check(t, err)
			if n != tc.records || r.Records != tc.records || len(r.Entries) != tc.entries || r.Repaired != nil {
				t.Errorf("%d records, %+v, %d entries", n, r.Records, len(r.Entries))
			}
			if r.Metadata != tc.meta || r.HardState != tc.state || r.Snapshot.Index != tc.snapshot {
				t.Errorf("%+v %+v %+v", r.Metadata, r.HardState, r.Snapshot)
			}
			if last := r.Entries[len(r.Entries)-1]; last.Index != tc.snapshot+raft.Index(tc.entries) {
				t.Errorf("last entry %d", last.Index)
			}
			name, size := w.Tail()
			if size != tc.tail {
				t.Errorf("tail %s ends at %d", name, size)
			}
			if total, err := d.Size(name); err != nil || total != SegmentSizeBytes {
				t.Errorf("size %d, %v", total, err)
			}
			if tc.rewrites {
				rewrite(t, d, name)
			}
		})
	}
}

// rewrite gives our writer the same calls and compares the files.
func rewrite(t *testing.T, d Disk, name string) {
	t.Helper()
	m, err := load(d, name, true)
	check(t, err)
	out := disk.New()
	var w *WAL
	c := chain{}
	_, damage := c.decode(&m, func(f frame) *Damage {
		switch f.kind {
		case MetadataType:
			meta, err := decodeMetadata(f.data)
			check(t, err)
			w, err = Create(out, meta, Options{})
			check(t, err)
		case EntryType:
			e, err := raftpb.DecodeEntry(f.data)
			check(t, err)
			_, err = w.Save(nil, []raft.Entry{e})
			check(t, err)
		case StateType:
			s, err := raftpb.DecodeHardState(f.data)
			check(t, err)
			_, err = w.Save(&s, nil)
			check(t, err)
		case SnapshotType:
			s, err := decodeSnapshot(f.data)
			check(t, err)
			if s.Index > 0 {
				check(t, w.SaveSnapshot(s))
			}
		}
		return nil
	})
	if damage != nil {
		t.Fatal(damage)
	}
	got, err := out.ReadFile(name)
	check(t, err)
	if !bytes.Equal(bytes.TrimRight(got, "\x00"), m.data) {
		t.Errorf("%s: our writer gives other bytes", name)
	}
	size, err := out.Size(name)
	if err != nil || size != m.size {
		t.Errorf("size %d, %v", size, err)
	}
}

// TestDumpHeader: what etcd-dump-logs says of the whole log, we say too.
func TestDumpHeader(t *testing.T) {
	_, r, err := Open(unpack(t, "single-v3.7.3.tar.gz"), Options{})
	check(t, err)
	got := fmt.Sprintf("nodeID=%x clusterID=%x term=%d commitIndex=%d vote=%x\nWAL entries: %d\nlastIndex=%d\n",
		r.Metadata.NodeID, r.Metadata.ClusterID, r.HardState.Term, r.HardState.Commit, uint64(r.HardState.Vote),
		len(r.Entries), r.Entries[len(r.Entries)-1].Index)
	dump := readDump(t, "d-dump-logs.txt")
	if !strings.Contains(dump, got) {
		t.Errorf("we say\n%s", got)
	}
	line := regexp.MustCompile(`(?m)^ +(\d+)\t +(\d+)\t(norm|conf)\t`)
	lines := line.FindAllStringSubmatch(dump, -1)
	if len(lines) != len(r.Entries) {
		t.Fatalf("%d lines in the dump, %d entries", len(lines), len(r.Entries))
	}
	kinds := map[raft.EntryType]string{raft.EntryNormal: "norm", raft.EntryConfChange: "conf"}
	for i, e := range r.Entries {
		l := lines[i]
		if l[1] != fmt.Sprint(e.Term) || l[2] != fmt.Sprint(e.Index) || l[3] != kinds[e.Type] {
			t.Errorf("entry %+v, dumped as %q", e, l[0])
		}
	}
}

// TestDumpRaw: every record of a real WAL reads as etcd-dump-logs -raw prints it, data included.
func TestDumpRaw(t *testing.T) {
	d := unpack(t, "single-v3.7.3.tar.gz")
	m, err := load(d, d.Names()[0], true)
	check(t, err)
	var got []string
	c := chain{}
	_, damage := c.decode(&m, func(f frame) *Damage {
		got = append(got, rawLine(t, f))
		return nil
	})
	if damage != nil {
		t.Fatal(damage)
	}
	_, body, _ := strings.Cut(readDump(t, "d-dump-logs-raw.txt"), "[stdout]\n")
	body, _, _ = strings.Cut(body, "EOF: ")
	want := strings.Split(strings.TrimSpace(body), "\n")
	if len(got) != len(want) {
		t.Fatalf("%d records, the dump has %d", len(got), len(want))
	}
	for i := range want {
		if got[i] != strings.TrimRight(want[i], " ") {
			t.Fatalf("record %d:\n%s\nin the dump:\n%s", i, got[i], want[i])
		}
	}
}

// rawLine prints a record as etcd-dump-logs -raw does; zero fields are left out.
func rawLine(t *testing.T, f frame) string {
	t.Helper()
	switch f.kind {
	case CRCType:
		return fmt.Sprintf("CRC: %d", f.crc)
	case MetadataType:
		m, err := decodeMetadata(f.data)
		check(t, err)
		return fmt.Sprintf("Metadata: NodeID:%d ClusterID:%d", m.NodeID, m.ClusterID)
	case SnapshotType:
		return "Snapshot:"
	case StateType:
		s, err := raftpb.DecodeHardState(f.data)
		check(t, err)
		return "HardState:" + field(" term", s.Term) + field(" vote", s.Vote) + field(" commit", s.Commit)
	default:
		e, err := raftpb.DecodeEntry(f.data)
		check(t, err)
		line := "Entry:" + field(" Term", e.Term) + field(" Index", e.Index)
		if e.Type == raft.EntryConfChange {
			line += " Type:EntryConfChange"
		}
		if e.Data != nil {
			line += ` Data:"` + octal(e.Data) + `"`
		}
		return line
	}
}

func field[T ~uint64](name string, v T) string {
	if v == 0 {
		return ""
	}
	return name + ":" + strconv.FormatUint(uint64(v), 10)
}

// octal escapes bytes as protobuf's text format does.
func octal(p []byte) string {
	var b strings.Builder
	for _, c := range p {
		switch {
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func readDump(t *testing.T, name string) string {
	t.Helper()
	p, err := os.ReadFile("testdata/dump/" + name)
	check(t, err)
	return string(p)
}

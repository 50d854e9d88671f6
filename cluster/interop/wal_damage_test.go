package interop

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"etcdscope/cluster/disk"
	"etcdscope/raft"
	"etcdscope/raft/wal"
)

// metadataOffset is where the second record of every segment stands.
const metadataOffset = 16

// verdict is how the two sides end.
type verdict struct{ ours, etcd class }

// differences lists every way in which we judge damage otherwise than etcd. Ours never accepts what etcd refuses, and
// never loses an entry that etcd keeps without refusing; where etcd reads on or cuts entries off, we may refuse.
var differences = []struct {
	verdict
	reason string // of ours, a part of it
	why    string
	head   bool // only in the crc or metadata record that a segment begins with
}{
	{
		verdict: verdict{refused, whole}, reason: "length and padding",
		why: "the bits between the padding flag and the padding are etcd's to ignore, but no writer sets them",
	},
	{
		verdict: verdict{refused, torn}, reason: "length and padding",
		why: "etcd takes a length that no writer wrote, runs into zeros or out of the file, and cuts off what follows",
	},
	{
		verdict: verdict{refused, torn}, reason: "the length of the frame is damaged",
		why: "etcd cuts off a record whose length points behind the end of the file, though whole records follow it",
	},
	{
		verdict: verdict{refused, torn}, reason: "not valid protobuf",
		why: "a damaged length that reaches into the zeros behind the records looks like a sector never written",
	},
	{
		verdict: verdict{refused, torn}, reason: "field that etcd does not write",
		why: "the same, where what follows the record happens to be protobuf",
	},
	{
		verdict: verdict{refused, whole}, reason: "the length of the frame is zero",
		why: "etcd takes a lost length for the end of the log and forgets the records behind it",
	},
	{
		verdict: verdict{torn, whole}, reason: "bytes follow the end",
		why: "etcd takes the lost sector for the end of the log, too, but keeps no copy of what it zeroes",
	},
	{
		verdict: verdict{refused, whole}, reason: "record stands only, and always",
		why: "no checksum covers the type of a record, and etcd does not ask where a segment's head is",
	},
	{
		verdict: verdict{refused, whole}, reason: "configuration change without data",
		why: "a hard state whose type was damaged reads as an entry; no checksum covers the type",
	},
	{
		verdict: verdict{refused, whole}, reason: "hard state has no term",
		why: "an entry whose type was damaged reads as a hard state; no checksum covers the type",
	},
	{
		verdict: verdict{refused, whole}, reason: "field that etcd does not write",
		why: "protobuf skips unknown fields, and no checksum covers a field's tag",
	},
	{
		verdict: verdict{refused, whole}, reason: "the record's type is not known",
		why: "etcd goes through the segments before the snapshot's for snapshots only, and skips what it does not know",
	},
	{
		verdict: verdict{refused, whole}, reason: "the segment ends before its metadata", head: true,
		why: "a segment gets its name when its head is durable, so a head that is missing was not torn",
	},
	{
		verdict: verdict{refused, whole}, reason: "bytes follow the end", head: true,
		why: "a head that is zero ends the log for etcd, which forgets the records behind it; it was not torn",
	},
	{
		verdict: verdict{refused, torn}, reason: "the file ends in the middle of", head: true,
		why: "a head that is missing was not torn, also where a part of the head is left",
	},
	{
		verdict: verdict{refused, torn}, reason: "a sector of the record was never written", head: true,
		why: "the same, where the head reaches into a sector of zeros",
	},
	{
		verdict: verdict{whole, torn}, reason: "",
		why: "less than a length field of zeros behind the records: etcd cuts them off, which changes nothing",
	},
}

// judge returns an error unless both sides end alike or in a listed difference, which it names.
func judge(ours, etcd outcome) (difference string, err error) {
	v := verdict{ours.class, etcd.class}
	kept := ours.class != refused && etcd.class != refused
	if kept && !ours.sameContent(etcd) {
		return "", fmt.Errorf("both go on, with different contents:\nours %v\netcd %v", ours, etcd)
	}
	if v.ours == v.etcd {
		return "alike: " + string(v.ours), nil
	}
	for _, d := range differences {
		if d.verdict == v && strings.Contains(ours.reason, d.reason) && (!d.head || ours.offset <= metadataOffset) {
			return fmt.Sprintf("%s where etcd ends %s: %s", v.ours, v.etcd, ours.reason), nil
		}
	}
	return "", fmt.Errorf("not a listed difference:\nours %v\netcd %v", ours, etcd)
}

// damageSamples are WALs with every type of record: small records in one segment, two segments, and large records over
// many sectors.
func damageSamples(t *testing.T) map[string]files {
	out := map[string]files{}
	for name, size := range map[string][2]int64{"small": {16 << 10, 10}, "chain": {512, 30}, "large": {16 << 10, 600}} {
		d := disk.New()
		w, err := wal.Create(d, walMember, wal.Options{SegmentSize: size[0]})
		check(t, err)
		m := &memberLog{writers: []logWriter{oursWriter{w}}}
		for i := range raft.Index(6) {
			e := raft.Entry{Term: 1 + raft.Term(i/2), Index: i + 1, Data: bytes.Repeat([]byte{0xc0 | byte(i)}, int(size[1]))}
			switch i {
			case 3, 5:
				e.Data = nil
			case 4:
				e.Type = raft.EntryConfChange
			}
			m.entries = append(m.entries, e)
			m.write(t, raft.HardState{Term: e.Term, Vote: 3, Commit: i}, m.entries[len(m.entries)-1:])
			if i == 1 {
				m.takeSnapshot(t)
			}
		}
		check(t, w.Sync())
		out[name] = filesOf(t, d)
	}
	return out
}

// compare opens the same files with both sides.
func compare(t failer, dir string, f files) (difference string, err error) {
	t.Helper()
	f.write(t, dir)
	_, ours := openOurs(t, f.disk(t), wal.Options{})
	w, etcd := openEtcd(dir)
	if w != nil {
		check(t, w.Close())
	}
	return judge(ours, etcd)
}

// TestWALDamage: the segments of a log, cut at every byte, with every bit flipped, and with each sector zeroed.
func TestWALDamage(t *testing.T) {
	segmentSize(t, 16<<10)
	dir := filepath.Join(t.TempDir(), "wal")
	seen := map[string]int{}
	samples := damageSamples(t)
	for _, name := range sortedNames(samples) {
		f := samples[name]
		for _, segment := range sortedNames(f) {
			damageSegment(t, f, segment, func(what string, damaged files) {
				difference, err := compare(t, dir, damaged)
				if err != nil {
					t.Errorf("%s %s: %s: %v", name, segment, what, err)
				}
				seen[difference]++
			})
		}
	}
	report(t, seen)
}

// damageSegment calls try with the files in which one segment is damaged.
func damageSegment(t *testing.T, f files, segment string, try func(what string, damaged files)) {
	t.Helper()
	data := f[segment]
	used := len(bytes.TrimRight(data, "\x00"))
	for n := 0; n < min(used+20, len(data)); n++ {
		try(fmt.Sprintf("cut at %d of %d", n, used), f.with(segment, data[:n]))
	}
	for bit := 0; bit < 8*min(used+8, len(data)); bit++ {
		damaged := bytes.Clone(data)
		damaged[bit/8] ^= 1 << (bit % 8)
		try(fmt.Sprintf("bit %d of byte %d of %d", bit%8, bit/8, used), f.with(segment, damaged))
	}
	for from := 0; from < used; from += 512 {
		damaged := bytes.Clone(data)
		clear(damaged[from:min(from+512, len(data))])
		try(fmt.Sprintf("sector at %d of %d", from, used), f.with(segment, damaged))
	}
}

func report(t *testing.T, seen map[string]int) {
	t.Helper()
	for _, what := range sortedNames(seen) {
		t.Logf("%6d %s", seen[what], what)
	}
}

// TestWALRandomDamage: random logs with random damage: a few sectors zeroed, bytes overwritten, the end cut off.
func TestWALRandomDamage(t *testing.T) {
	segmentSize(t, 8<<10)
	dir := filepath.Join(t.TempDir(), "wal")
	seen := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		d := disk.New()
		size := rapid.SampledFrom([]int64{1000, 8 << 10}).Draw(t, "segment")
		w, err := wal.Create(d, walMember, wal.Options{SegmentSize: size})
		check(t, err)
		m := &memberLog{writers: []logWriter{oursWriter{w}}, straight: true}
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			m.append(t)
			if rapid.IntRange(0, 5).Draw(t, "snapshot") == 0 {
				m.takeSnapshot(t)
			}
		}
		f := filesOf(t, d)
		for range rapid.IntRange(1, 40).Draw(t, "damages") {
			segment := f.last()
			if rapid.IntRange(0, 9).Draw(t, "where") == 0 {
				segment = rapid.SampledFrom(sortedNames(f)).Draw(t, "which")
			}
			damaged := damage(t, f[segment])
			difference, err := compare(t, dir, f.with(segment, damaged))
			if err != nil {
				t.Fatal(err)
			}
			seen[difference]++
		}
	})
	report(t, seen)
}

// damage returns a damaged copy of a segment.
func damage(t *rapid.T, data []byte) []byte {
	out := bytes.Clone(data)
	used := len(bytes.TrimRight(data, "\x00"))
	switch rapid.SampledFrom([]string{"sectors", "bytes", "cut", "frames"}).Draw(t, "damage") {
	case "sectors":
		for range rapid.IntRange(1, 3).Draw(t, "sectors") {
			from := 512 * rapid.IntRange(0, used/512).Draw(t, "sector")
			clear(out[min(from, len(out)):min(from+512, len(out))])
		}
	case "bytes":
		from := rapid.IntRange(0, used-1).Draw(t, "from")
		copy(out[from:], rapid.SliceOfN(rapid.Byte(), 1, 20).Draw(t, "bytes"))
	case "cut":
		out = out[:rapid.IntRange(0, used).Draw(t, "cut")]
	case "frames":
		from := 8 * rapid.IntRange(0, used/8-1).Draw(t, "from")
		n := 8 * rapid.IntRange(1, 10).Draw(t, "bytes")
		clear(out[from:min(from+n, len(out))])
	}
	return out
}

func sortedNames[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

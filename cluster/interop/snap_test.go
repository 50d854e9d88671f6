package interop

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/coreos/go-semver/semver"
	"go.etcd.io/etcd/client/pkg/v3/types"
	"go.etcd.io/etcd/server/v3/etcdserver"
	"go.etcd.io/etcd/server/v3/etcdserver/api/membership"
	etcdsnap "go.etcd.io/etcd/server/v3/etcdserver/api/snap"
	"go.etcd.io/etcd/server/v3/storage/wal/walpb"
	"go.etcd.io/raft/v3/raftpb"
	"go.uber.org/zap"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"etcdscope/raft"
	"etcdscope/raft/snap"
	"etcdscope/raft/wal"
)

// TestSnapFiles: the same snapshots give the same files, byte for byte, and both sides read both the same.
func TestSnapFiles(t *testing.T) {
	root := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		root := runDir(t, root)
		theirs, d := etcdsnap.New(silent, mkdir(t, root, "etcd")), openDir(t, mkdir(t, root, "ours"))
		var records []raft.SnapshotMeta
		for range rapid.IntRange(1, 4).Draw(t, "snapshots") {
			index := raft.Index(rapid.Uint64Range(1, 1<<40).Draw(t, "index"))
			s := raft.Snapshot{
				Meta: raft.SnapshotMeta{Index: index, Term: raft.Term(rapid.Uint64Range(1, 9).Draw(t, "term")), Conf: conf(index)},
				Data: rapid.SliceOfN(rapid.Byte(), 1, 100).Draw(t, "data"),
			}
			check(t, snap.Save(d, &s))
			check(t, theirs.SaveSnap(toRaftSnapshot(&s)))
			ours, err := os.ReadFile(filepath.Join(root, "ours", snap.Name(s.Meta)))
			check(t, err)
			etcd, err := os.ReadFile(filepath.Join(root, "etcd", snap.Name(s.Meta)))
			check(t, err)
			if !bytes.Equal(ours, etcd) {
				t.Fatalf("%s: ours\n%x\netcd's\n%x", snap.Name(s.Meta), ours, etcd)
			}
			records = append(records, s.Meta)
		}
		records = records[:rapid.IntRange(0, len(records)).Draw(t, "records")]
		sameNewest(t, d, theirs, records)
		check(t, os.RemoveAll(root))
	})
}

// sameNewest wants the same snapshot from both, or none.
func sameNewest(t failer, d wal.Disk, theirs *etcdsnap.Snapshotter, records []raft.SnapshotMeta) {
	t.Helper()
	var entries []*walpb.Snapshot
	for _, r := range records {
		entries = append(entries, toSnapshot(r))
	}
	got, _, err := snap.LoadNewestAvailable(d, records)
	want, etcdErr := theirs.LoadNewestAvailable(entries)
	if (err == nil) != (etcdErr == nil) {
		t.Fatalf("ours %v, etcd's %v", err, etcdErr)
	}
	if err == nil && !proto.Equal(toRaftSnapshot(&got), want) {
		t.Fatalf("ours %+v, etcd's %v", got, want)
	}
}

func toRaftSnapshot(s *raft.Snapshot) *raftpb.Snapshot {
	m := toSnapshot(s.Meta)
	return &raftpb.Snapshot{
		Data:     s.Data,
		Metadata: &raftpb.SnapshotMetadata{Index: m.Index, Term: m.Term, ConfState: m.ConfState},
	}
}

// TestSnapDamage: a snapshot file, cut at every byte and with every bit flipped, is broken for both or for none.
func TestSnapDamage(t *testing.T) {
	dir := t.TempDir()
	data := snap.Encode(&raft.Snapshot{
		Meta: raft.SnapshotMeta{Index: 300, Term: 2, Conf: conf(3)}, Data: bytes.Repeat([]byte(`{"a":1}`), 30),
	})
	for n := range data {
		compareSnap(t, dir, fmt.Sprintf("cut at %d", n), data[:n])
	}
	for bit := range 8 * len(data) {
		damaged := bytes.Clone(data)
		damaged[bit/8] ^= 1 << (bit % 8)
		compareSnap(t, dir, fmt.Sprintf("bit %d of byte %d", bit%8, bit/8), damaged)
	}
	compareSnap(t, dir, "whole", data)
}

func compareSnap(t *testing.T, dir, what string, data []byte) {
	t.Helper()
	path := filepath.Join(dir, "0000000000000002-000000000000012c.snap")
	check(t, os.WriteFile(path, data, 0o600))
	want, etcdErr := etcdsnap.Read(silent, path)
	got, err := snap.Decode(data)
	if (err == nil) != (etcdErr == nil) {
		t.Errorf("%s: ours %v, etcd's %v", what, err, etcdErr)
	}
	if err == nil && etcdErr == nil && !proto.Equal(toRaftSnapshot(&got), want) {
		t.Errorf("%s: ours %+v, etcd's %v", what, got, want)
	}
}

// TestSnapMembership: what a snapshot of etcd says about the members is what ours says, byte for byte where etcd does
// not take them in the order of a map.
func TestSnapMembership(t *testing.T) {
	for members := 1; members <= 3; members++ {
		var ours snap.Membership
		var theirs []*membership.Member
		for i := 1; i <= members; i++ {
			m := snap.Member{ID: uint64(i) << 60, PeerURLs: []string{fmt.Sprintf("http://10.0.0.%d:2380", i)}, Learner: i == 2}
			if i != 3 {
				m.Name, m.ClientURLs = fmt.Sprint("n", i), []string{fmt.Sprintf("http://10.0.0.%d:2379", i)}
			}
			ours.Members = append(ours.Members, m)
			theirs = append(theirs, &membership.Member{
				ID:             types.ID(m.ID),
				RaftAttributes: membership.RaftAttributes{PeerURLs: m.PeerURLs, IsLearner: m.Learner},
				Attributes:     membership.Attributes{Name: m.Name, ClientURLs: m.ClientURLs},
			})
		}
		cluster := membership.NewClusterFromMembers(silent, 7, theirs)
		if members == 1 {
			ours.Version = "3.7.0"
			cluster.SetVersion(semver.Must(semver.NewVersion(ours.Version)), func(*zap.Logger, *semver.Version) {}, false)
		}
		etcd := etcdserver.GetMembershipInfoInV2Format(silent, cluster)
		got, err := snap.DecodeMembership(etcd)
		check(t, err)
		if fmt.Sprint(got) != fmt.Sprint(ours) {
			t.Errorf("etcd's says %+v, want %+v", got, ours)
		}
		data, err := ours.Encode()
		check(t, err)
		if members == 1 && !bytes.Equal(data, etcd) {
			t.Errorf("ours\n%s\netcd's\n%s", data, etcd)
		}
	}
}

func mkdir(t failer, root, name string) string {
	t.Helper()
	dir := filepath.Join(root, name)
	check(t, os.MkdirAll(dir, 0o700))
	return dir
}

func openDir(t failer, dir string) *wal.Dir {
	t.Helper()
	d, err := wal.OpenDir(dir)
	check(t, err)
	return d
}

package interop

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"go.etcd.io/etcd/client/pkg/v3/fileutil"
	etcdwal "go.etcd.io/etcd/server/v3/storage/wal"
	"go.etcd.io/etcd/server/v3/storage/wal/walpb"
	"pgregory.net/rapid"

	"etcdscope/cluster/disk"
	"etcdscope/raft"
	"etcdscope/raft/wal"
)

// TestWALRelease: after a snapshot at any index, and after a restart from any snapshot, the same segments may be purged
// as in etcd, where that is those whose lock nobody holds; and what a restart may begin with is listed alike.
func TestWALRelease(t *testing.T) {
	root := t.TempDir()
	segmentSize(t, 0)
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.SampledFrom([]int64{200, 704}).Draw(t, "segment")
		etcdwal.SegmentSizeBytes = size
		root := runDir(t, root)
		dir := filepath.Join(root, "wal")
		theirs, d := createEtcd(t, dir), disk.New()
		ours, err := wal.Create(d, walMember, wal.Options{SegmentSize: size})
		check(t, err)
		m := &memberLog{writers: []logWriter{oursWriter{ours}, etcdWriter{theirs}}, straight: true}
		for range rapid.IntRange(1, 15).Draw(t, "steps") {
			m.append(t)
			if rapid.Bool().Draw(t, "snapshot") {
				m.takeSnapshot(t)
			}
		}
		for range rapid.IntRange(0, 3).Draw(t, "releases") {
			index := rapid.Uint64Range(0, uint64(m.last())+2).Draw(t, "index")
			check(t, theirs.ReleaseLockTo(index))
			ours.Release(raft.Index(index))
			sameReleased(t, dir, d, ours)
		}
		check(t, theirs.Close())
		restartReleased(t, dir, d, size)
		check(t, os.RemoveAll(root))
	})
}

// restartReleased opens both logs at one of the snapshots that both may start from.
func restartReleased(t *rapid.T, dir string, d *disk.Disk, size int64) {
	o := wal.Options{SegmentSize: size}
	snaps, err := wal.ValidSnapshotEntries(d, o)
	check(t, err)
	theirSnaps, err := etcdwal.ValidSnapshotEntries(silent, dir)
	check(t, err)
	same := func(a raft.SnapshotMeta, b *walpb.Snapshot) bool {
		s := fromSnapshot(b)
		return a.Index == s.Index && a.Term == s.Term && sameConf(a.Conf, s.Conf)
	}
	if !slices.EqualFunc(snaps, theirSnaps, same) {
		t.Fatalf("ours may start from %+v, etcd from %v", snaps, theirSnaps)
	}
	at := rapid.IntRange(0, len(snaps)-1).Draw(t, "start")
	theirs, got, err := appendEtcd(dir, theirSnaps[at])
	check(t, err)
	ours, r, err := wal.OpenAt(d, snaps[at], o)
	check(t, err)
	if r.HardState != got.state || !slices.EqualFunc(r.Entries, got.entries, sameEntry) {
		t.Fatalf("from %d: ours %+v, etcd's %v", snaps[at].Index, r, got)
	}
	sameReleased(t, dir, d, ours)
	check(t, theirs.Close())
}

// sameReleased purges a copy of our log, and wants just the segments gone that etcd could lock.
func sameReleased(t *rapid.T, dir string, d *disk.Disk, ours *wal.WAL) {
	removed, err := ours.Clone(d.Clone()).Purge(0)
	check(t, err)
	var free []string
	for _, name := range wal.Segments(d) {
		l, err := fileutil.TryLockFile(filepath.Join(dir, name), os.O_WRONLY, fileutil.PrivateFileMode)
		if err != nil {
			break
		}
		check(t, l.Close())
		free = append(free, name)
	}
	if !slices.Equal(removed, free) {
		t.Fatalf("ours would remove %v, etcd %v", removed, free)
	}
}

package interop

import (
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"etcdscope/cluster/disk"
	"etcdscope/raft"
	"etcdscope/raft/wal"
)

// TestWALCrashImages: a power cut leaves of the sectors that were being written any it likes. Whichever it leaves of
// our files, etcd starts with what is left and so do we, with the same log.
func TestWALCrashImages(t *testing.T) {
	const images = 4 // of each of 300 logs
	segmentSize(t, 8<<10)
	dir := filepath.Join(t.TempDir(), "wal")
	seen := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		d := disk.New()
		size := rapid.SampledFrom([]int64{1000, 8 << 10}).Draw(t, "segment")
		w, err := wal.Create(d, walMember, wal.Options{SegmentSize: size})
		check(t, err)
		m := &memberLog{writers: []logWriter{oursWriter{w}}, straight: true}
		for range rapid.IntRange(0, 10).Draw(t, "synced steps") {
			m.append(t)
			if rapid.IntRange(0, 5).Draw(t, "snapshot") == 0 {
				m.takeSnapshot(t)
			}
		}
		check(t, w.Sync())
		for range rapid.IntRange(1, 6).Draw(t, "unsynced steps") {
			m.append(t)
		}
		for range images {
			c := d.Clone()
			kept := rapid.SliceOfN(rapid.IntRange(0, 1), 1, 20).Draw(t, "sectors")
			i := 0
			c.Poweroff(func(int) int { i++; return kept[i%len(kept)] })
			f := filesOf(t, c)
			difference, err := compare(t, dir, f)
			if err != nil {
				t.Fatal(err)
			}
			if _, ours := openOurs(t, f.disk(t), wal.Options{}); ours.class == refused {
				t.Fatalf("we refuse what a power cut left: %v", ours)
			}
			seen[difference]++
		}
	})
	report(t, seen)
}

// TestWALTermGoesBack: a raft that does not write its term, as in a lesson, leaves hard states whose term goes back.
// Both readers take them as they are.
func TestWALTermGoesBack(t *testing.T) {
	segmentSize(t, 8<<10)
	d := disk.New()
	w, err := wal.Create(d, walMember, wal.Options{SegmentSize: 8 << 10})
	check(t, err)
	for _, st := range []raft.HardState{{Term: 3, Vote: 2}, {Term: 1, Vote: 1}, {Commit: 1}} {
		_, err := w.Save(&st, []raft.Entry{{Term: 3, Index: 1}})
		check(t, err)
		check(t, w.Sync())
		difference, err := compare(t, filepath.Join(t.TempDir(), "wal"), filesOf(t, d))
		if err != nil || difference != "alike: whole" {
			t.Errorf("%+v: %s, %v", st, difference, err)
		}
	}
}

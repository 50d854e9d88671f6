package pane

import (
	"strings"
	"testing"

	"etcdscope/cluster/disk"
	"etcdscope/tui/frame"
)

// TestDiskOfADownMember shows what a restart will find when nobody has the WAL open.
func TestDiskOfADownMember(t *testing.T) {
	w := classroom(t)
	s := w.everything()
	d := &w.member(5).Disk
	d.Torn = true
	d.Files = []disk.File{{Name: "0000000000000000-0000000000000000.wal", Size: 64_000_000, Written: 1000, Synced: 1000}}
	s.Selected = 5
	golden(t, "disk-down", draw(NewDisk(), s, 80, 12))
}

// TestDiskPromises says what the page cache means, with the rule in force, without it, and when it is empty.
func TestDiskPromises(t *testing.T) {
	w := classroom(t)
	s := w.everything()
	for _, c := range []struct {
		off    []string
		synced int64
		want   string
	}{
		{nil, 300, english.promisesWait},
		{[]string{"fsync"}, 300, "fsync" + english.promisesLeft},
		{nil, 420, english.allSafe},
	} {
		w.view.Config.Off = c.off
		w.member(2).Disk.Files[1].Synced = c.synced
		if got := draw(NewDisk(), s, 110, 14); !strings.Contains(got, c.want) {
			t.Errorf("off %v, synced %d: want %q in\n%s", c.off, c.synced, c.want, got)
		}
	}
}

// TestDiskCursor goes back along the records until the oldest is in sight.
func TestDiskCursor(t *testing.T) {
	s := classroom(t).everything()
	p := NewDisk()
	for range 9 {
		p.Key("left", s)
	}
	golden(t, "disk-cursor", draw(p, s, 60, 9))
	if got := p.Key("end", s); !got.Handled {
		t.Error("end does not go back to the newest record")
	}
	if got := p.Key("esc", s); got.Handled {
		t.Error("esc is kept although the cursor is where it belongs")
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 1023: "1023 B", 1024: "1.0 KiB", 64_000_000: "61.0 MiB", 2 << 30: "2.0 GiB", 5 << 40: "5120.0 GiB",
	} {
		if got := string(line(nil).size(n)); got != want {
			t.Errorf("%d bytes are written %q, want %q", n, got, want)
		}
	}
}

// TestDiskFaults draws every fault, on a member that runs and on one that is down, and the lie of an fsync.
func TestDiskFaults(t *testing.T) {
	w := classroom(t)
	s := w.everything()
	faults := []disk.Fault{
		{Kind: disk.Slow, N: 200_000, File: "wal"},
		{Kind: disk.Full, N: 120},
		{Kind: disk.SyncError},
		{Kind: disk.LostSync, File: "snap"},
		{Kind: disk.Torn, N: -1},
		{Kind: disk.Misdirect, N: 4096},
	}
	w.member(2).Disk.Faults, w.member(5).Disk.Faults = faults, faults[:2]
	golden(t, "disk-faults", draw(NewDisk(), s, 80, 22))
	golden(t, "disk-faults-logs", draw(NewLogs(), s, 100, 20))
	s.Selected = 5
	golden(t, "disk-faults-down", draw(NewDisk(), s, 80, 8))
	w.member(2).Disk.Durable = 7
	if got := lie(w.member(2)); got != 7 {
		t.Errorf("entry 7 is not on the platter and counts as durable, the pane says so of %d", got)
	}
	w.member(2).Disk.Durable = 5
	if got := lie(w.member(2)); got != 0 {
		t.Errorf("nobody counts entry %d as durable", got)
	}
}

func TestShortNames(t *testing.T) {
	for name, want := range map[string]string{
		"0000000000000001-0000000000000005.wal":  "1-5.wal",
		"0000000000000000-0000000000000000.wal":  "0-0.wal",
		"000000000000000a-00000000000f4240.snap": "a-f4240.snap",
		"db":                                     "db",
		"0000000000000000.tmp":                   "..0000.tmp",
		"a-name-of-somebody-else-that-is-longer": "..s-longer",
	} {
		if got := short(name); got != want {
			t.Errorf("%s is shortened to %s, want %s", name, got, want)
		}
	}
}

// TestShare holds that the bar of a file is whole only when all of it is synced, and begins with the first byte.
func TestShare(t *testing.T) {
	s, p := classroom(t).scene(), NewDisk()
	for _, c := range []struct {
		synced, written int64
		want            string
	}{
		{0, 0, "▯▯▯▯▯▯▯▯▯▯\n"},
		{0, 9, "▒▒▒▒▒▒▒▒▒▒\n"},
		{1, 999, "■▒▒▒▒▒▒▒▒▒\n"},
		{998, 999, "■■■■■■■■■▒\n"},
		{999, 999, "■■■■■■■■■■\n"},
	} {
		f := frame.New(12, 1)
		p.drawShare(f, 0, 0, s, c.synced, c.written)
		if got := f.Trimmed(); got != c.want {
			t.Errorf("%d of %d bytes: %q, want %q", c.synced, c.written, got, c.want)
		}
	}
}

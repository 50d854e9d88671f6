package cluster

import (
	"fmt"
	"math"
	"strings"

	"etcdscope/cluster/clock"
	"etcdscope/cluster/disk"
	"etcdscope/mvcc"
	"etcdscope/raft"
)

// DiskVerb is what a command does to a disk.
type DiskVerb uint8

// What can go wrong with a disk; etcd's answer to an error is to stop.
const (
	DiskFill       DiskVerb = iota + 1 // N more bytes fit: what goes beyond is cut short with ENOSPC
	DiskFsyncError                     // the next fsync says EIO, and no later one tries the bytes again
	DiskLoseFsync                      // an fsync says that it is done and keeps nothing
	DiskTear                           // the next power cut spares N sectors (db: pages) of the last write; -1 is half
	DiskMisdirect                      // the next write lands at offset N
	DiskFlip                           // bit Bit of the byte at offset N flips
	DiskRepair                         // what was wrong is right again; what was damaged stays so
)

// DiskSpec says what happens to a file of a disk. Which fields count depends on Verb.
type DiskSpec struct {
	Verb DiskVerb
	File string // "wal", "snap", "db" or a file's name; empty is all of them
	N    int64
	Bit  uint8
	Kept bool // of DiskFsyncError: the bytes reached the platter all the same
}

// diskFaults are the faults that last or wait, by what asks for them.
var diskFaults = [...]disk.FaultKind{
	DiskFill: disk.Full, DiskFsyncError: disk.SyncError, DiskLoseFsync: disk.LostSync, DiskTear: disk.Torn,
	DiskMisdirect: disk.Misdirect, DiskFlip: 0, DiskRepair: 0,
}

// snapFiles is the word for all snapshot files.
const snapFiles = "snap"

// stopOnFsyncError is the rule that a member which cannot sync stops.
const stopOnFsyncError = "stop-on-fsync-error"

// diskRules are the rules about what a member does when its disk fails.
var diskRules = []Rule{{
	Name:     stopOnFsyncError,
	Sentence: "A member whose fsync fails stops: trying again would say that all is well and keep nothing.",
	Source:   "etcd raft loop (Fatal); Rebello et al., ATC'20",
	Safety:   true,
}}

// checkDisk refuses what a disk cannot do.
func (c *Cluster) checkDisk(cmd *Command) error {
	if len(cmd.Members) == 0 {
		return fmt.Errorf("whose disk? Name a member, such as n1")
	}
	for _, id := range cmd.Members {
		m := c.member(id)
		if err := m.checkFile(&cmd.Disk); err != nil {
			return err
		}
		if cmd.Kind == Wipe && (m.up || m.restoring != nil) {
			return fmt.Errorf("n%d runs on its files: crash n%d first", id, id)
		}
	}
	switch {
	case cmd.Kind != Disk:
	case int(cmd.Disk.Verb) >= len(diskFaults) || cmd.Disk.Verb == 0:
		return fmt.Errorf("what shall happen to the disk? Say for example disk fill n1")
	case cmd.Disk.N < 0 && (cmd.Disk.Verb != DiskTear || cmd.Disk.N < -1), cmd.Disk.Bit > 7:
		return fmt.Errorf("a disk counts bytes from 0, and the bits of a byte from 0 to 7")
	}
	return nil
}

// checkFile refuses files that the member does not have, and offsets outside of them.
func (m *member) checkFile(d *DiskSpec) error {
	name, size := m.file(d.File)
	if name == "" && d.File != snapFiles && d.File != "wal" && d.File != "" {
		return fmt.Errorf("n%d has no file %q: want wal, snap, db or one of %s",
			m.id, d.File, strings.Join(m.disk.Names(), ", "))
	}
	if d.Verb != DiskFlip {
		return nil
	}
	if name == "" {
		return fmt.Errorf("n%d has no such file: a bit flips in a file that is there, such as wal or db", m.id)
	}
	if d.N >= size {
		return fmt.Errorf("offset %d is outside the %d bytes of %s of n%d", d.N, size, name, m.id)
	}
	return nil
}

// file finds the file that a word means, the newest of its sort, and how many bytes of data it holds. The name is
// empty if there is none.
func (m *member) file(word string) (name string, size int64) {
	if word == mvcc.DeviceFile {
		if m.backend == nil {
			return "", 0
		}
		return mvcc.DeviceFile, m.backend.Size()
	}
	word = m.fullName(word)
	for _, f := range m.disk.Files() {
		if f.Name == word || word != "" && strings.HasSuffix(f.Name, "."+word) {
			name, size = f.Name, f.Written
		}
	}
	return name, size
}

// fullName is the name of the file whose short name word is, such as 0-0.wal; else it is word.
func (m *member) fullName(word string) string {
	for _, name := range m.disk.Names() {
		if disk.ShortName(name) == word {
			return name
		}
	}
	return word
}

// doDisk carries out a command about disks.
func (c *Cluster) doDisk(cmd *Command, m *member, e *Event) {
	m.dirty = true
	d := cmd.Disk
	d.File = m.fullName(d.File)
	switch cmd.Kind {
	case SlowDisk:
		if cmd.For == 0 {
			m.disk.Mend(disk.Slow, d.File)
		} else {
			m.disk.Break(disk.Fault{Kind: disk.Slow, File: d.File, N: int64(cmd.For)})
		}
	case Wipe:
		m.wipe(c, e)
	case Disk:
		m.breakDisk(&d, e)
	}
}

func (m *member) breakDisk(d *DiskSpec, e *Event) {
	var err error
	name, _ := m.file(d.File)
	switch {
	case d.Verb == DiskRepair:
		m.disk.Repair(d.File)
	case d.Verb != DiskFlip:
		m.disk.Break(disk.Fault{Kind: diskFaults[d.Verb], File: d.File, N: d.N, Kept: d.Kept})
	case name == mvcc.DeviceFile:
		err = m.backend.FlipBit(d.N, uint(d.Bit))
	default:
		err = m.disk.FlipBit(name, d.N, uint(d.Bit))
	}
	if err != nil {
		e.Note = err.Error()
	}
}

// wipe deletes the data directory of a member that is down.
func (m *member) wipe(c *Cluster, e *Event) {
	m.disk.Wipe()
	m.torn, m.snapDBs = false, nil
	if m.backend == nil {
		return
	}
	err := m.backend.Close()
	if err == nil && c.restores(m) {
		m.backend, m.down = nil, DownNotStarted
	} else if err == nil {
		m.backend, err = mvcc.NewBackend(c.dir)
	}
	if err != nil {
		e.Note = err.Error()
	}
}

// formatAgain gives a member that was wiped a data directory as on its first day.
func (m *member) formatAgain(c *Cluster) error {
	if err := m.backend.Close(); err != nil {
		return err
	}
	m.backend = nil
	return m.format(c)
}

// fsyncTime is how long an fsync of a file takes.
func (m *member) fsyncTime(c *Cluster, file string) clock.Time {
	return clock.Time(m.disk.SyncTime(file, int64(c.config.Timing.Fsync)))
}

// tail is the file that the WAL writes.
func (m *member) tail() string {
	name, _ := m.wal.Tail()
	return name
}

// fsyncFailed is what a member does when its disk says EIO: it stops. With the rule off it syncs again, which
// succeeds, because the page cache takes what it could not write for clean.
func (m *member) fsyncFailed(c *Cluster, e *Event, err error) bool {
	e.Note, e.Failed = err.Error(), true
	if c.config.On(stopOnFsyncError) {
		m.kill(c, "WAL: "+err.Error(), e.ID)
		return true
	}
	m.mark, m.dirty = m.disk.Begin(), true
	c.after(m.fsyncTime(c, m.tail()), item{kind: FsyncDone, member: m.id, inc: m.inc, cause: e.ID, op: e.Op})
	return true
}

// powerCut takes the power from a member: its process, what its disk had not synced, and the db commits that the disk
// only pretended to keep. A commit that is running leaves a part of its pages.
func (c *Cluster) powerCut(m *member, e *Event) {
	tear := c.tear(m)
	if m.up && m.batch {
		if err := m.store.CommitTorn(c.tornPages(m, tear != nil)); err != nil {
			e.Note = err.Error() // the file was damaged already: the next start finds that
		}
	}
	m.kill(c, downPower, e.ID)
	m.torn = m.disk.Poweroff(tear)
	if m.backend == nil {
		return
	}
	if err := m.backend.Poweroff(); err != nil {
		e.Note = err.Error()
	}
}

// tornPages chooses which of the n pages of a running db commit reached the platter: those that the fault says, or
// else by chance.
func (c *Cluster) tornPages(m *member, torn bool) func(i, n int) bool {
	if f, ok := m.disk.Take(disk.Torn, mvcc.DeviceFile); ok {
		return func(i, n int) bool { return int64(i) < f.N || f.N < 0 && i < n/2 }
	}
	return func(i, _ int) bool {
		draw := clock.Draw(c.config.Seed, clock.ForTear, uint64(m.id), uint64(m.inc), math.MaxUint64-c.events<<8-uint64(i))
		return torn && draw%2 == 0
	}
}

// noteBootstrapped is how that answer ends.
const noteBootstrapped = "has already been bootstrapped"

// bootstrapped is etcd's answer to a member that starts on an empty disk: the others know it already.
func bootstrapped(id raft.ID) string {
	return fmt.Sprintf("member %x %s", uint64(id), noteBootstrapped)
}

// DiskFailed says whether the disk refused what e was to do.
func (e *Event) DiskFailed() bool {
	return e.Failed
}

func (e *Event) failureSentence() string {
	switch e.Kind {
	case WALWrite:
		return e.who() + " cannot write its WAL"
	case FsyncDone:
		return "the fsync of " + e.who() + " fails"
	case SnapshotSave, SnapshotDone:
		return e.who() + " cannot save its snapshot"
	}
	return e.who() + " cannot commit to its backend"
}

// diskErrorRule is what a member follows whose disk fails.
var diskErrorRule = raft.Rule{ID: stopOnFsyncError, Sentence: diskRules[0].Sentence, Source: diskRules[0].Source}

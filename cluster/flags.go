package cluster

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"etcdscope/cluster/clock"
	"etcdscope/mvcc"
	"etcdscope/mvcc/auth"
	"etcdscope/raft"
)

// Flags are etcd's command-line flags about the store, the same for all members. Zero values are etcd's defaults.
type Flags struct {
	QuotaBackendBytes       int64      `json:"quotaBackendBytes,omitempty"` // 0: 2 GiB; below 0: no limit
	MaxRequestBytes         int        `json:"maxRequestBytes,omitempty"`
	MaxTxnOps               int        `json:"maxTxnOps,omitempty"`
	AutoCompactionMode      string     `json:"autoCompactionMode,omitempty"`      // periodic (or empty), revision
	AutoCompactionRetention int64      `json:"autoCompactionRetention,omitempty"` // microseconds, or revisions; 0: off
	CompactionBatchLimit    int        `json:"compactionBatchLimit,omitempty"`
	CorruptCheckTime        clock.Time `json:"corruptCheckTime,omitempty"`     // 0: never
	CompactHashCheckTime    clock.Time `json:"compactHashCheckTime,omitempty"` // 0: never
	InitialCorruptCheck     bool       `json:"initialCorruptCheck,omitempty"`
	SnapshotCount           int        `json:"snapshotCount,omitempty"`          // applied entries; 0: 10,000
	SnapshotCatchUpEntries  int        `json:"snapshotCatchUpEntries,omitempty"` // 0: 5,000
	WALSegmentBytes         int64      `json:"walSegmentBytes,omitempty"`        // 0: 64,000,000
	ReadOnlyOption          string     `json:"readOnlyOption,omitempty"`         // safe (or empty), lease-based
	BcryptCost              int        `json:"bcryptCost,omitempty"`             // 0: 4
}

// etcd's defaults.
const (
	defaultMaxRequest = 3 << 19 // 1.5 MiB
	modePeriodic      = "periodic"
	modeRevision      = "revision"

	defaultSnapshotCount = 10_000
	defaultCatchUp       = 5_000
	readsSafe            = "safe"
	readsLease           = "lease-based"
)

func (f *Flags) maxRequest() int { return cmp.Or(f.MaxRequestBytes, defaultMaxRequest) }

func (f *Flags) quota() int64 { return cmp.Or(f.QuotaBackendBytes, mvcc.DefaultQuota) }

// snapshotCount is after how many applied entries a snapshot file is written.
func (f *Flags) snapshotCount() int { return cmp.Or(f.SnapshotCount, defaultSnapshotCount) }

// catchUp is how many entries stay in the log in memory for those who are not far behind.
func (f *Flags) catchUp() int { return cmp.Or(f.SnapshotCatchUpEntries, defaultCatchUp) }

// readOnly says how a leader makes sure that it still leads before it answers a read.
func (f *Flags) readOnly() raft.ReadOnly {
	if f.ReadOnlyOption == readsLease {
		return raft.ReadOnlyLease
	}
	return raft.ReadOnlySafe
}

// bcryptCost is how dear the hash of a password is. The cheapest is the default, where etcd's is 10.
func (f *Flags) bcryptCost() int { return cmp.Or(f.BcryptCost, auth.MinCost) }

func (f *Flags) mode() string { return cmp.Or(f.AutoCompactionMode, modePeriodic) }

// flagTable lists the flags by name, each with what reads it.
var flagTable = [...]struct {
	name, want string
	set        func(f *Flags, value string) bool
}{
	{"auto-compaction-mode", "periodic or revision", func(f *Flags, v string) bool {
		f.AutoCompactionMode, f.AutoCompactionRetention = v, 0
		return v == modePeriodic || v == modeRevision
	}},
	{"auto-compaction-retention", "a time such as 1h, or with mode revision a number; 0 is off", setRetention},
	{"bcrypt-cost", fmt.Sprintf("a number from %d to %d", auth.MinCost, auth.MaxCost), func(f *Flags, v string) bool {
		n, err := strconv.Atoi(v)
		f.BcryptCost = n
		return err == nil && n >= auth.MinCost && n <= auth.MaxCost
	}},
	{"compaction-batch-limit", "a number of rows, 0 for 1000", func(f *Flags, v string) bool {
		n, err := strconv.Atoi(v)
		f.CompactionBatchLimit = n
		return err == nil && n >= 0
	}},
	{"compact-hash-check-time", "a time such as 1m; 0 is never", func(f *Flags, v string) bool {
		return setTime(&f.CompactHashCheckTime, v)
	}},
	{"corrupt-check-time", "a time such as 10s; 0 is never", func(f *Flags, v string) bool {
		return setTime(&f.CorruptCheckTime, v)
	}},
	{"initial-corrupt-check", "true or false, from a member's next start on", func(f *Flags, v string) bool {
		f.InitialCorruptCheck = v == "true"
		return v == "true" || v == "false"
	}},
	{"max-request-bytes", "a number of bytes", func(f *Flags, v string) bool {
		n, err := strconv.Atoi(v)
		f.MaxRequestBytes = n
		return err == nil && n >= 0
	}},
	{"max-txn-ops", "a number of operations", func(f *Flags, v string) bool {
		n, err := strconv.Atoi(v)
		f.MaxTxnOps = n
		return err == nil && n >= 0
	}},
	{"quota-backend-bytes", "a number of bytes, 0 for 2 GiB, -1 for no limit", func(f *Flags, v string) bool {
		n, err := strconv.ParseInt(v, 10, 64)
		f.QuotaBackendBytes = n
		return err == nil && n >= -1
	}},
	{"read-only-option", "safe or lease-based, from a member's next start on", func(f *Flags, v string) bool {
		f.ReadOnlyOption = v
		return v == readsSafe || v == readsLease
	}},
	{"snapshot-catchup-entries", "a number of entries", func(f *Flags, v string) bool {
		n, err := strconv.Atoi(v)
		f.SnapshotCatchUpEntries = n
		return err == nil && n >= 1
	}},
	{"snapshot-count", "a number of entries", func(f *Flags, v string) bool {
		n, err := strconv.Atoi(v)
		f.SnapshotCount = n
		return err == nil && n >= 1
	}},
	{"wal-segment-bytes", "a number of bytes, at which a segment of the WAL ends", func(f *Flags, v string) bool {
		n, err := strconv.ParseInt(v, 10, 64)
		f.WALSegmentBytes = n
		return err == nil && n >= 0
	}},
}

// setTime reads a duration as etcd's flags have it.
func setTime(at *clock.Time, v string) bool {
	d, err := time.ParseDuration(v)
	*at = clock.Time(d.Microseconds())
	return err == nil && d >= 0
}

func setRetention(f *Flags, v string) bool {
	n, err := strconv.ParseInt(v, 10, 64)
	if f.mode() == modeRevision || v == "0" {
		f.AutoCompactionRetention = n
		return err == nil && n >= 0
	}
	var at clock.Time
	ok := setTime(&at, v)
	f.AutoCompactionRetention = int64(at)
	return ok
}

// FlagNames lists the flags that a command may set, sorted.
func FlagNames() []string {
	names := make([]string, len(flagTable))
	for i := range flagTable {
		names[i] = flagTable[i].name
	}
	return names
}

// with returns the flags with one of them set.
func (f Flags) with(name, value string) (Flags, error) {
	for i := range flagTable {
		if t := &flagTable[i]; t.name == name {
			if !t.set(&f, value) {
				return f, fmt.Errorf("flag %s: %q, want %s", name, value, t.want)
			}
			return f, nil
		}
	}
	return f, fmt.Errorf("flag %q: want one of %v", name, FlagNames())
}

func (f *Flags) validate() error {
	if f.MaxRequestBytes < 0 || f.MaxTxnOps < 0 || f.AutoCompactionRetention < 0 {
		return fmt.Errorf("flags: sizes, operations and retention want 0 or more")
	}
	if c := f.bcryptCost(); c < auth.MinCost || c > auth.MaxCost {
		return fmt.Errorf("flag bcrypt-cost: %d, want %d to %d", c, auth.MinCost, auth.MaxCost)
	}
	if f.mode() != modePeriodic && f.mode() != modeRevision {
		return fmt.Errorf("flag auto-compaction-mode: %q, want periodic or revision", f.AutoCompactionMode)
	}
	return nil
}

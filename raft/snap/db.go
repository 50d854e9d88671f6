package snap

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"etcdscope/raft"
	"etcdscope/raft/wal"
)

// ErrNoDBSnapshot is returned when there is no database of the index that a snapshot has.
var ErrNoDBSnapshot = errors.New("snap: snapshot file doesn't exist")

const (
	dbSuffix   = ".snap.db"
	tempPrefix = "tmp"
)

// DBName is the name of a database that was received with the snapshot at index.
func DBName(index raft.Index) string { return fmt.Sprintf("%016x%s", uint64(index), dbSuffix) }

func tempName(index raft.Index) string { return fmt.Sprintf("%s%016x", tempPrefix, uint64(index)) }

// SaveDB stores a database that was received: WriteDB, SyncDB, RenameDB and a sync of the directory. A member may
// die between any two; the message of the snapshot is handled only after the last.
func SaveDB(d wal.Disk, index raft.Index, image []byte) error {
	for _, step := range []func() error{
		func() error { return WriteDB(d, index, image) },
		func() error { return SyncDB(d, index) },
		func() error { return RenameDB(d, index) },
		d.SyncDir,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// WriteDB puts the database into the page cache under a temporary name.
func WriteDB(d wal.Disk, index raft.Index, image []byte) error {
	return write(d, tempName(index), image)
}

// SyncDB makes the bytes durable that WriteDB wrote.
func SyncDB(d wal.Disk, index raft.Index) error { return d.SyncFile(tempName(index)) }

// RenameDB gives the database its real name. One that was received before is kept.
func RenameDB(d wal.Disk, index raft.Index) error {
	if slices.Contains(d.Names(), DBName(index)) {
		return d.Remove(tempName(index))
	}
	return d.Rename(tempName(index), DBName(index))
}

// ReadDB returns the database that was received with the snapshot at index.
func ReadDB(d wal.Disk, index raft.Index) ([]byte, error) {
	if !slices.Contains(d.Names(), DBName(index)) {
		return nil, fmt.Errorf("%s: %w", DBName(index), ErrNoDBSnapshot)
	}
	return read(d, DBName(index))
}

// ReleaseDBs removes the databases of snapshots before index, which nobody needs any more.
func ReleaseDBs(d wal.Disk, index raft.Index) (removed []string, err error) {
	for _, name := range withSuffix(d, dbSuffix) {
		n, err := strconv.ParseUint(strings.TrimSuffix(name, dbSuffix), 16, 64)
		if err != nil || raft.Index(n) >= index {
			continue
		}
		if err := d.Remove(name); err != nil {
			return removed, err
		}
		removed = append(removed, name)
	}
	return removed, nil
}

// Clean removes what a member left unfinished when it died; it is called before a start.
func Clean(d wal.Disk) (removed []string, err error) {
	for _, name := range slices.Clone(d.Names()) {
		if !strings.HasPrefix(name, tempPrefix) && !strings.HasPrefix(name, "db.tmp") {
			continue
		}
		if err := d.Remove(name); err != nil {
			return removed, err
		}
		removed = append(removed, name)
	}
	return removed, nil
}

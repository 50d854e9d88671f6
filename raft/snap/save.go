package snap

import (
	"errors"
	"slices"

	"etcdscope/raft"
	"etcdscope/raft/wal"
)

// Save writes a snapshot file and makes it durable: Write, then Sync. A file that could not be saved is removed.
func Save(d wal.Disk, s *raft.Snapshot) error {
	name, err := Write(d, s)
	if err == nil {
		err = Sync(d, name)
	}
	if err != nil && name != "" {
		err = errors.Join(err, d.Remove(name))
	}
	return err
}

// Write puts a snapshot file into the page cache. Like etcd's it has its real name from the start: a reader
// recognizes an unfinished one by its checksum. The snapshot record of the WAL must wait for Sync.
func Write(d wal.Disk, s *raft.Snapshot) (name string, err error) {
	if s.Meta.Index == 0 {
		return "", ErrEmptySnapshot
	}
	name = Name(s.Meta)
	return name, write(d, name, Encode(s))
}

// write makes a file, or replaces the content of one that a member left when it died here before.
func write(d wal.Disk, name string, data []byte) error {
	if slices.Contains(d.Names(), name) {
		if err := d.Truncate(name, 0); err != nil {
			return err
		}
	} else if err := d.Create(name); err != nil {
		return err
	}
	return d.WriteAt(name, 0, data)
}

// Sync makes a file durable and its name too. etcd leaves the name to the file system, which does so in practice.
func Sync(d wal.Disk, name string) error {
	if err := d.SyncFile(name); err != nil {
		return err
	}
	return d.SyncDir()
}

// Purge removes the oldest files of each kind until keep of them are left, and names them.
func Purge(d wal.Disk, keep int) (removed []string, err error) {
	for _, kind := range []string{suffix, dbSuffix} {
		names := withSuffix(d, kind)
		for len(names) > max(keep, 0) {
			oldest := names[len(names)-1]
			if err := d.Remove(oldest); err != nil {
				return removed, err
			}
			removed, names = append(removed, oldest), names[:len(names)-1]
		}
	}
	return removed, nil
}

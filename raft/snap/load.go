package snap

import (
	"slices"

	"etcdscope/raft"
	"etcdscope/raft/wal"
)

// Broken is a file that could not be read and is called NAME.broken now.
type Broken struct {
	Name string
	Err  error
}

// Load returns the newest snapshot. Files that cannot be read are put aside on the way, as etcd does.
// The error is ErrNoSnapshot when none is left.
func Load(d wal.Disk) (raft.Snapshot, []Broken, error) {
	return loadMatching(d, func(raft.SnapshotMeta) bool { return true })
}

// LoadNewestAvailable returns the newest snapshot that the WAL has a record of (wal.ValidSnapshotEntries). A file
// without a record was written by a member that died before it wrote the record.
func LoadNewestAvailable(d wal.Disk, records []raft.SnapshotMeta) (raft.Snapshot, []Broken, error) {
	return loadMatching(d, func(m raft.SnapshotMeta) bool {
		return slices.ContainsFunc(records, func(r raft.SnapshotMeta) bool {
			return r.Term == m.Term && r.Index == m.Index
		})
	})
}

func loadMatching(d wal.Disk, match func(raft.SnapshotMeta) bool) (raft.Snapshot, []Broken, error) {
	var broken []Broken
	for _, name := range List(d) {
		s, err := Read(d, name)
		if err != nil {
			broken = append(broken, Broken{Name: name, Err: err})
			if err := d.Rename(name, name+".broken"); err != nil {
				return raft.Snapshot{}, broken, err
			}
			continue
		}
		if match(s.Meta) {
			return s, broken, nil
		}
	}
	return raft.Snapshot{}, broken, ErrNoSnapshot
}

// Read reads one file and changes nothing.
func Read(d wal.Disk, name string) (raft.Snapshot, error) {
	data, err := read(d, name)
	if err != nil {
		return raft.Snapshot{}, err
	}
	return Decode(data)
}

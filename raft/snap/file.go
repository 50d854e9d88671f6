package snap

import (
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"

	"etcdscope/raft"
	"etcdscope/raft/raftpb"
	"etcdscope/raft/wal"

	"google.golang.org/protobuf/encoding/protowire"
)

// Errors are in etcd's words.
var (
	ErrNoSnapshot    = errors.New("snap: no available snapshot")
	ErrEmptySnapshot = errors.New("snap: empty snapshot")
	ErrCRCMismatch   = errors.New("snap: crc mismatch")
)

// MaxFiles is how many files of each kind etcd keeps (--max-snapshots).
const MaxFiles = 5

const suffix = ".snap"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Name is etcd's name of a snapshot file: term and index, not the number in a chain as a segment of the WAL has.
func Name(m raft.SnapshotMeta) string {
	return fmt.Sprintf("%016x-%016x%s", uint64(m.Term), uint64(m.Index), suffix)
}

// List names the snapshot files, newest first.
func List(d wal.Disk) []string { return withSuffix(d, suffix) }

func withSuffix(d wal.Disk, suffix string) []string {
	names := slices.DeleteFunc(slices.Clone(d.Names()), func(name string) bool { return !strings.HasSuffix(name, suffix) })
	slices.Sort(names)
	slices.Reverse(names)
	return names
}

// Encode returns the content of a file: a snappb.snapshot, which is the checksum of a raftpb.Snapshot and that itself.
func Encode(s *raft.Snapshot) []byte {
	data := raftpb.AppendSnapshot(nil, s)
	b := raftpb.AppendUint(nil, 1, uint64(crc32.Checksum(data, castagnoli)))
	b = protowire.AppendTag(b, 2, protowire.BytesType)
	return protowire.AppendBytes(b, data)
}

// Decode reads the content of a file; Data is a part of b.
func Decode(b []byte) (raft.Snapshot, error) {
	var sum uint32
	var data []byte
	err := raftpb.EachField(b, func(num protowire.Number, v uint64, p []byte) error {
		switch {
		case num == 1 && p == nil:
			sum = uint32(v) // protobuf drops the rest, too
		case num == 2 && p != nil:
			data = p
		default:
			return raftpb.ErrField
		}
		return nil
	})
	switch {
	case err != nil:
		return raft.Snapshot{}, fmt.Errorf("snap: %w", err)
	case sum == 0 || len(data) == 0:
		return raft.Snapshot{}, ErrEmptySnapshot
	case sum != crc32.Checksum(data, castagnoli):
		return raft.Snapshot{}, ErrCRCMismatch
	}
	s, err := raftpb.DecodeSnapshot(data)
	if err != nil {
		return raft.Snapshot{}, fmt.Errorf("snap: %w", err)
	}
	return s, nil
}

// read returns a file with the zeros at its end, which a disk may leave out.
func read(d wal.Disk, name string) ([]byte, error) {
	data, err := d.ReadFile(name)
	if err != nil {
		return nil, err
	}
	size, err := d.Size(name)
	if err != nil {
		return nil, err
	}
	return append(data, make([]byte, max(0, size-int64(len(data))))...), nil
}

package wal

import (
	"etcdscope/raft"
	"etcdscope/raft/raftpb"

	"google.golang.org/protobuf/encoding/protowire"
)

// Metadata and snapshot records are etcd's own; entry and state records hold messages of package raftpb.

func appendMetadata(b []byte, m Metadata) []byte {
	return raftpb.AppendUint(raftpb.AppendUint(b, 1, m.NodeID), 2, m.ClusterID)
}

// appendSnapshot appends a walpb.Snapshot; the one at index 0 has no configuration.
func appendSnapshot(b []byte, s *raft.SnapshotMeta) []byte {
	b = raftpb.AppendUint(b, 1, uint64(s.Index))
	b = raftpb.AppendUint(b, 2, uint64(s.Term))
	if s.Index == 0 {
		return b
	}
	b = protowire.AppendTag(b, 3, protowire.BytesType)
	return protowire.AppendBytes(b, raftpb.AppendConfState(nil, &s.Conf))
}

func decodeMetadata(b []byte) (m Metadata, err error) {
	err = raftpb.EachField(b, func(num protowire.Number, v uint64, p []byte) error {
		switch {
		case num == 1 && p == nil:
			m.NodeID = v
		case num == 2 && p == nil:
			m.ClusterID = v
		default:
			return raftpb.ErrField
		}
		return nil
	})
	return m, err
}

func decodeSnapshot(b []byte) (s raft.SnapshotMeta, err error) {
	once := true
	err = raftpb.EachField(b, func(num protowire.Number, v uint64, p []byte) (err error) {
		switch {
		case num == 1 && p == nil:
			s.Index = raft.Index(v)
		case num == 2 && p == nil:
			s.Term = raft.Term(v)
		case num == 3 && p != nil && once:
			once = false
			s.Conf, err = raftpb.DecodeConfState(p)
		default:
			err = raftpb.ErrField
		}
		return err
	})
	return s, err
}

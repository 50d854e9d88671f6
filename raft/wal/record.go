package wal

import (
	"encoding/binary"
	"errors"
	"hash/crc32"

	"etcdscope/raft/raftpb"

	"google.golang.org/protobuf/encoding/protowire"
)

// RecordType is walpb's record type.
type RecordType int64

// The record types of etcd's WAL.
const (
	MetadataType RecordType = 1
	EntryType    RecordType = 2
	StateType    RecordType = 3
	CRCType      RecordType = 4
	SnapshotType RecordType = 5
)

// String is the name that a learner reads.
func (t RecordType) String() string {
	switch t {
	case MetadataType:
		return "metadata"
	case EntryType:
		return "entry"
	case StateType:
		return "state"
	case CRCType:
		return "crc"
	case SnapshotType:
		return "snapshot"
	}
	return "unknown"
}

// A frame is an 8-byte little-endian length field, the record, and zeros up to a multiple of 8. The low 56 bits
// of the field are the record's length; the top byte is 0x80|padding, or 0 when there is no padding.
const (
	frameAlign   = 8
	lengthBytes  = 8
	lengthMask   = 1<<56 - 1
	paddingShift = 56
	paddingFlag  = 1 << 63
)

// castagnoli is the polynomial of the CRC-32C chain: each record stores the checksum of all record data up to and
// with its own, over all files. Only data is covered, not the type and not the framing.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// record is one walpb.Record.
type record struct {
	kind RecordType
	crc  uint32
	data []byte
}

// lengthField is the first word of the frame of a record of n bytes.
func lengthField(n int64) (field uint64, padding int64) {
	padding = (frameAlign - n%frameAlign) % frameAlign
	field = uint64(n)
	if padding != 0 {
		field |= paddingFlag | uint64(padding)<<paddingShift
	}
	return field, padding
}

// appendFrame appends a record whose data is head followed by tail. Records without data (crc) have no data field.
func appendFrame(b []byte, kind RecordType, crc uint32, head, tail []byte) []byte {
	dataBytes := len(head) + len(tail)
	n := 1 + protowire.SizeVarint(uint64(kind)) + 1 + protowire.SizeVarint(uint64(crc))
	if kind != CRCType {
		n += 1 + protowire.SizeBytes(dataBytes)
	}
	field, padding := lengthField(int64(n))
	b = binary.LittleEndian.AppendUint64(b, field)
	b = raftpb.AppendUint(b, 1, uint64(kind))
	b = raftpb.AppendUint(b, 2, uint64(crc))
	if kind != CRCType {
		b = protowire.AppendTag(b, 3, protowire.BytesType)
		b = protowire.AppendVarint(b, uint64(dataBytes))
		b = append(append(b, head...), tail...)
	}
	return append(b, padded[:padding]...)
}

var padded [frameAlign]byte

var errType = errors.New("the record's type is not known")

// decodeRecord reads a walpb.Record; data is a part of b. No field occurs twice, so that damaged bytes cost little.
func decodeRecord(b []byte) (r record, err error) {
	last := protowire.Number(0)
	err = raftpb.EachField(b, func(num protowire.Number, v uint64, p []byte) error {
		if num <= last {
			return raftpb.ErrField
		}
		last = num
		switch {
		case num == 1 && p == nil:
			r.kind = RecordType(v)
		case num == 2 && p == nil && v <= 1<<32-1:
			r.crc = uint32(v)
		case num == 3 && p != nil:
			r.data = p
		default:
			return raftpb.ErrField
		}
		return nil
	})
	return r, err
}

package mvcc

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// KeyValue is mvccpb.KeyValue: one version of one key. Slices are never changed after it is made.
type KeyValue struct {
	Key, Value                  []byte
	CreateRevision, ModRevision int64
	Version                     int64
	Lease                       int64
}

// Event is one change of one key, as a watcher sees it.
type Event struct {
	Delete bool
	KV     KeyValue // of a delete: only Key and ModRevision
	Prev   *KeyValue
}

// change is an event with its full revision: a row of the key bucket.
type change struct {
	rev Revision
	Event
}

// The field numbers of mvccpb.KeyValue.
const (
	fieldKey = 1 + iota
	fieldCreateRevision
	fieldModRevision
	fieldVersion
	fieldValue
	fieldLease
)

// AppendKeyValue appends kv as mvccpb.KeyValue: fields in order, zero ones left out, byte-equal to
// etcd's encoding.
func AppendKeyValue(dst []byte, kv *KeyValue) []byte {
	dst = appendBytes(dst, fieldKey, kv.Key)
	dst = appendInt(dst, fieldCreateRevision, kv.CreateRevision)
	dst = appendInt(dst, fieldModRevision, kv.ModRevision)
	dst = appendInt(dst, fieldVersion, kv.Version)
	dst = appendBytes(dst, fieldValue, kv.Value)
	return appendInt(dst, fieldLease, kv.Lease)
}

func appendBytes(dst []byte, field protowire.Number, b []byte) []byte {
	if len(b) == 0 {
		return dst
	}
	dst = protowire.AppendTag(dst, field, protowire.BytesType)
	return protowire.AppendBytes(dst, b)
}

func appendInt(dst []byte, field protowire.Number, n int64) []byte {
	if n == 0 {
		return dst
	}
	dst = protowire.AppendTag(dst, field, protowire.VarintType)
	return protowire.AppendVarint(dst, uint64(n))
}

// rowValue is the value stored for a change: a tombstone keeps only the key.
func (c *change) rowValue(dst []byte) []byte {
	if c.Delete {
		return appendBytes(dst, fieldKey, c.KV.Key)
	}
	return AppendKeyValue(dst, &c.KV)
}

// ParseKeyValue decodes an mvccpb.KeyValue; its slices point into b.
func ParseKeyValue(b []byte) (KeyValue, error) {
	var kv KeyValue
	for len(b) > 0 {
		field, wire, n := protowire.ConsumeTag(b)
		if n < 0 {
			return kv, fmt.Errorf("key value: %w", protowire.ParseError(n))
		}
		b = b[n:]
		if n = kv.consume(field, wire, b); n < 0 {
			return kv, fmt.Errorf("key value field %d: %w", field, protowire.ParseError(n))
		}
		b = b[n:]
	}
	return kv, nil
}

// consume reads one field and returns its length, or a protowire error code.
func (kv *KeyValue) consume(field protowire.Number, wire protowire.Type, b []byte) (n int) {
	switch protowire.EncodeTag(field, wire) {
	case fieldKey<<3 | uint64(protowire.BytesType):
		kv.Key, n = protowire.ConsumeBytes(b)
	case fieldValue<<3 | uint64(protowire.BytesType):
		kv.Value, n = protowire.ConsumeBytes(b)
	case fieldCreateRevision<<3 | uint64(protowire.VarintType):
		n = consumeInt(&kv.CreateRevision, b)
	case fieldModRevision<<3 | uint64(protowire.VarintType):
		n = consumeInt(&kv.ModRevision, b)
	case fieldVersion<<3 | uint64(protowire.VarintType):
		n = consumeInt(&kv.Version, b)
	case fieldLease<<3 | uint64(protowire.VarintType):
		n = consumeInt(&kv.Lease, b)
	default:
		n = protowire.ConsumeFieldValue(field, wire, b)
	}
	return n
}

func consumeInt(to *int64, b []byte) int {
	v, n := protowire.ConsumeVarint(b)
	*to = int64(v)
	return n
}

// parseRow turns a row of the key bucket into a change that points into k and v.
func parseRow(k, v []byte) (change, error) {
	rev, tombstone, err := parseRowKey(k)
	if err != nil {
		return change{}, err
	}
	kv, err := ParseKeyValue(v)
	if err != nil {
		return change{}, fmt.Errorf("revision %v: %w", rev, err)
	}
	if tombstone {
		kv = KeyValue{Key: kv.Key, ModRevision: rev.Main}
	}
	return change{rev, Event{Delete: tombstone, KV: kv}}, nil
}
